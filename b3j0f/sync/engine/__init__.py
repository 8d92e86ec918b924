"""Around the decision: reading the stores, carrying out what was decided, noting it."""
