"""FileStore: data in files that people can read and edit."""

from .store import FileStore

__all__ = ["FileStore"]
