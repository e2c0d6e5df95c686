"""From phrases and texts to a chance of being right: `ranker` joins the other modules."""
