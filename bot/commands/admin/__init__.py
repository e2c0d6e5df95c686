"""Administration on Discord: the gate that all of it passes, and a desk for each part of the work."""
