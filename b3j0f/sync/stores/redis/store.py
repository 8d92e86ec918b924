"""RedisStore: a Redis server as a store."""

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING, Any

from ...errors import ConfigError, StoreError, StoreUnavailableError
from ...store import Store
from .. import missing_driver
from ..memory import accessor_for
from ..options import type_options
from .options import KeyOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import redis

    from ...data import Data

__all__ = ["RedisStore"]

_EXAMPLE = "a URL such as redis://host:6379/0, rediss://user@host or unix:///run/redis.sock"


class RedisStore(Store):
    """Data in the keys of a Redis server: a hash or a JSON text for each one.

    Keys that other programs write are taken as they are, through options; what is in them and
    is no field stays. Those that are given by keyword are for every type, those in *per_type*
    for one. Several threads may use the store, and other programs the keys.

    Args:
        url: Of the server, with the number of the database.
        types: The types of its data.
        name: See Store.
        per_type: Options by the name of the type that they are for.
        autoconnect: See Store.
        password: Of the user in *url*, when it is not in there.
        timeout: Seconds to wait for a connection, and for each answer.
        keys: This and the ones that follow: see KeyOptions.

    Raises:
        ConfigError: *url* is none, or an option does not exist or has a value of a wrong type.
    """

    def __init__(
        self,
        url: str,
        types: Iterable[type[Data]],
        *,
        name: str = "redis",
        per_type: Mapping[str, Mapping[str, Any]] | None = None,
        autoconnect: bool = True,
        password: str | None = None,
        timeout: float = 30.0,
        keys: str | None = None,
        format: str | None = None,
        fields: Mapping[str, str] | None = None,
        created_field: str | None = None,
        updated_field: str | None = None,
        ttl: float | None = None,
        expiry: str | None = None,
    ) -> None:
        common = {
            "keys": keys,
            "format": format,
            "fields": fields,
            "created_field": created_field,
            "updated_field": updated_field,
            "ttl": ttl,
            "expiry": expiry,
        }
        wanted = list(types)
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or timeout <= 0:
            raise ConfigError(f"given {timeout!r}", option="timeout", expected="seconds")
        self.timeout, self._url, self._password = timeout, _checked(url), password
        self.options = type_options(KeyOptions, wanted, common, per_type)
        self._client: redis.Redis | None = None
        self._digests: dict[str, str] = {}
        try:
            from .accessor import RedisAccessor
        except ImportError as exc:
            raise missing_driver(name, exc) from exc
        super().__init__(
            name=name,
            autoconnect=autoconnect,
            accessors=[accessor_for(RedisAccessor, datatype) for datatype in wanted],
        )

    def _connect(self) -> None:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        options: dict[str, Any] = {} if self._password is None else {"password": self._password}
        try:
            client = redis.Redis.from_url(
                self._url,
                socket_timeout=self.timeout,
                socket_connect_timeout=self.timeout,
                health_check_interval=30,
                # A connection that is found dropped is made anew. A write whose answer is lost is
                # not made twice: who knows what became of the first one.
                retry=Retry(NoBackoff(), 0),
                **options,
            )
        except (ValueError, TypeError):
            problem = "what was given is no URL of a Redis server"
            raise ConfigError(problem, option="url", expected=_EXAMPLE) from None
        try:
            client.ping()
        except redis.RedisError as exc:
            client.close()
            is_answer = isinstance(exc, redis.ResponseError | redis.AuthenticationError)
            kind = StoreError if is_answer else StoreUnavailableError
            raise kind(
                f"store {self.name!r}: {self.problem(exc)}", store=self.name, action="connect"
            ) from exc
        self._client = client

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    @property
    def client(self) -> redis.Redis:
        """The connections to the server; made where there are none."""
        if self._client is None:
            self._ready()
        if self._client is None:
            raise StoreUnavailableError(
                f"store {self.name!r}: it has been disconnected meanwhile",
                store=self.name,
                action="connect",
            )
        return self._client

    def digest(self, script: str) -> str:
        """By which the server knows a script."""
        if script not in self._digests:
            self._digests[script] = sha1(script.encode(), usedforsecurity=False).hexdigest()
        return self._digests[script]

    def problem(self, error: Exception) -> str:
        """What the server, or the way to it, says."""
        return str(error).strip() or type(error).__name__


def _checked(url: str) -> str:
    schemes = ("redis://", "rediss://", "unix://")
    if not isinstance(url, str) or not url.startswith(schemes):
        # What was given may have a password in it.
        raise ConfigError(
            "what was given is no URL of a Redis server", option="url", expected=_EXAMPLE
        )
    return url
