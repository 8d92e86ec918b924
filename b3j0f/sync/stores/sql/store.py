"""SQLStore: a database as a store."""

from __future__ import annotations

import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ...errors import ConfigError, StoreError, StoreUnavailableError, SyncError
from ...store import Store
from .. import missing_driver
from ..memory import accessor_for
from ..options import type_options
from .accessor import SQLAccessor
from .dialects import WRITES, dialect_of
from .options import TableOptions
from .resolve import Others, resolve
from .tables import create_table, find_table, near_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.engine import URL, Connection, Engine

    from ...data import Data, Schema
    from .layout import Layout
    from .statements import Statements
    from .tables import FoundTable

__all__ = ["SQLStore"]

_EXAMPLE = "a URL such as sqlite:///customers.db or postgresql://user@host/database"


class SQLStore(Store):
    """Data in the tables of a SQL database, one table a type.

    A table that is missing is made; one that is there is taken as it is, through options.
    Those that are given by keyword are for every type, those in *per_type* for one. Several
    threads may use the store, and other programs the tables. A database in memory
    (``sqlite://``) lives as long as the store, also while it is disconnected.

    Args:
        url: SQLAlchemy's URL of the database.
        types: The types of its data.
        name: See Store.
        per_type: Options by the name of the type that they are for.
        autoconnect: See Store.
        password: Of the user in *url*, when it is not in there.
        timeout: Seconds to wait for a connection, or for a lock that another program holds.
        table: This and the ones that follow: see TableOptions.

    Raises:
        ConfigError: *url* is none, or an option does not exist or has a value of a wrong type.
    """

    def __init__(
        self,
        url: str | URL,
        types: Iterable[type[Data]],
        *,
        name: str = "sql",
        per_type: Mapping[str, Mapping[str, Any]] | None = None,
        autoconnect: bool = True,
        password: str | None = None,
        timeout: float = 30.0,
        table: str | None = None,
        schema: str | None = None,
        key: str | Sequence[str] | None = None,
        columns: Mapping[str, str] | None = None,
        name_column: str | None = None,
        context_columns: str | Sequence[str] | None = None,
        created_column: str | None = None,
        updated_column: str | None = None,
        unique_names: bool | None = None,
        create: bool | None = None,
    ) -> None:
        common = {
            "table": table,
            "schema": schema,
            "key": key,
            "columns": columns,
            "name_column": name_column,
            "context_columns": context_columns,
            "created_column": created_column,
            "updated_column": updated_column,
            "unique_names": unique_names,
            "create": create,
        }
        wanted = list(types)
        self.options = type_options(TableOptions, wanted, common, per_type)
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or timeout < 0:
            raise ConfigError(f"given {timeout!r}", option="timeout", expected="seconds")
        self.timeout = timeout
        parsed = _parsed(url)
        if password is not None:
            parsed = parsed.set(password=password)
        self.dialect = dialect_of(parsed)
        self._url = self.dialect.url(parsed)
        self._engine: Engine | None = None
        self._close: Callable[[], object] = lambda: None
        super().__init__(
            name=name,
            autoconnect=autoconnect,
            accessors=[accessor_for(SQLAccessor, datatype) for datatype in wanted],
        )

    # --- connection --------------------------------------------------------------------------

    def _connect(self) -> None:
        try:
            self.dialect.check_place(self._url)
            if self._engine is None:
                self._engine = self._made_engine()
            self._settle()
        except SyncError as exc:
            self._disconnect()
            if isinstance(exc, StoreError) and exc.store is None:
                raise self._error(type(exc), str(exc)) from exc.__cause__
            raise
        except sa.exc.SQLAlchemyError as exc:
            self._disconnect()
            kind = StoreUnavailableError if self.is_unavailable(exc) else StoreError
            place = self.dialect.place(self._url)
            raise self._error(kind, f"{place}: {self.problem(exc)}") from exc

    def _disconnect(self) -> None:
        if self.dialect.is_lasting(self._url):
            self._engine = None
            self._close()

    def _made_engine(self) -> Engine:
        try:
            engine = self.dialect.engine(self._url, self.timeout)
        except ImportError as exc:
            raise missing_driver(self.name, exc) from exc
        except (sa.exc.NoSuchModuleError, sa.exc.ArgumentError) as exc:
            raise ConfigError(str(exc), option="url", expected=_EXAMPLE) from exc
        # A store that nobody disconnects takes its connections along when it goes.
        self._close = weakref.finalize(self, engine.dispose)
        return engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection in a transaction that only reads."""
        with self._open().connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction that is committed in the end."""
        with self._open().connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    def _open(self) -> Engine:
        if self._engine is None:
            self._ready()
        if self._engine is None:
            raise self._error(StoreUnavailableError, "the store has been disconnected meanwhile")
        return self._engine

    # --- tables ------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Find or make the table of each type; every mistake of an option is told."""
        mistakes: list[ConfigError] = []
        found: dict[type[Data], FoundTable] = {}
        for datatype, accessor in self._accessors.items():
            try:
                found[datatype] = self._found(accessor.schema, self.options[datatype])
            except ConfigError as exc:
                mistakes.extend(exc.errors)
        layouts: dict[type[Data], Layout] = {}
        with self.reading() as connection:
            others = Others(found, self.options, self._statements_of)
            for datatype in found:
                try:
                    layouts[datatype] = resolve(connection, datatype, others, self.dialect)
                except ConfigError as exc:
                    mistakes.extend(exc.errors)
        mistakes += self._shared_tables(layouts)
        if mistakes:
            raise ConfigError.gather(mistakes)
        for datatype, layout in layouts.items():
            self._accessors[datatype].settle(layout)  # type: ignore[attr-defined]

    def _statements_of(self, datatype: type[Data]) -> Statements:
        made: Statements = self._accessors[datatype]._sql  # type: ignore[attr-defined]
        return made

    def _found(self, schema: Schema, options: TableOptions) -> FoundTable:
        name = options.table or schema.name
        with self.reading() as connection:
            found = find_table(connection, name, options.schema, self.dialect)
            if found is None and not options.may_create:
                raise self._missing_table(connection, schema, options)
        return found or self._made_table(schema, options)

    def _made_table(self, schema: Schema, options: TableOptions) -> FoundTable:
        with self.writing() as connection:
            create_table(connection, schema, options, self.dialect)
            name = options.table or schema.name
            found = find_table(connection, name, options.schema, self.dialect)
        if found is None:
            raise self._error(StoreError, f"the table for {schema.name} was made and is not there")
        return found

    def _missing_table(
        self, connection: Connection, schema: Schema, options: TableOptions
    ) -> ConfigError:
        name = options.table or schema.name
        near = near_table(connection, name, options.schema)
        return ConfigError(
            f"{self.dialect.place(self._url)} has no table {name!r}",
            option=f"{schema.name}.table",
            expected=repr(near) if near else "an existing table, or create = true",
        )

    def _shared_tables(self, layouts: Mapping[type[Data], Layout]) -> list[ConfigError]:
        first: dict[str, str] = {}
        mistakes = []
        for layout in layouts.values():
            name = layout.schema.name
            owner = first.setdefault(layout.label.casefold(), name)
            if owner != name:
                problem = f"table {layout.label!r} has the data of {owner} already"
                mistakes.append(
                    ConfigError(problem, option=f"{name}.table", expected="a table of its own")
                )
        return mistakes

    # --- errors ------------------------------------------------------------------------------

    def is_unavailable(self, error: Exception) -> bool:
        """Whether *error* is no answer in time rather than a refusal."""
        if isinstance(error, sa.exc.DBAPIError):
            return self.dialect.is_unavailable(error)
        return isinstance(error, sa.exc.TimeoutError)

    def problem(self, error: sa.exc.SQLAlchemyError) -> str:
        """What *error* says, without SQL and parameters."""
        if isinstance(error, sa.exc.DBAPIError):
            return self.dialect.problem(error, self.dialect.place(self._url))
        if isinstance(error, sa.exc.TimeoutError):
            return f"no connection became free within {self.timeout:g} s"
        return str(getattr(error, "orig", None) or error.args[0])

    def _error(self, kind: type[StoreError], problem: str) -> StoreError:
        return kind(f"store {self.name!r}: {problem}", store=self.name, action="connect")


def _parsed(url: str | URL) -> URL:
    try:
        return sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as exc:
        # What was given may have a password in it.
        raise ConfigError(
            "what was given is no URL of a database", option="url", expected=_EXAMPLE
        ) from exc
