"""Sample values of every kind: what stores get wrong, and ordinary ones."""
