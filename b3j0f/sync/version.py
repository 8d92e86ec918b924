"""The version, alone so that setup.py can read it without importing anything."""

__version__ = "1.0.0.dev0"
