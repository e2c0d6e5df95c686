"""Which brief a query means, and how sure that is. Pure: a matcher is made of a base, and answers without changing."""
