"""From phrases to a chance of being right: `ranker` joins `features`, `spelling`, `regression` and `calibration`."""
