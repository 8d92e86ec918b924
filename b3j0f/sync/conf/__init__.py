"""Configuration: from files in a directory to stores and synchronizers."""
