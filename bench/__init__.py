"""What `make bench` measures: how well and how fast briefs are found, beside other ways to find them."""
