"""RedisStore: the keys of a Redis server as a store."""

from .store import RedisStore

__all__ = ["RedisStore"]
