"""The ledger's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    VARBINARY,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    insert,
    text,
    update,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCHEMA_VERSION = 2

# SQLite counts up by itself only for a column of exactly this type.
Number = BigInteger().with_variant(Integer, "sqlite")

MYSQL = ("mysql", "mariadb")


class _Bytes(TypeDecorator[str]):
    """Text kept as bytes: MySQL and MariaDB would take "a", "A" and "a " for the same."""

    impl = VARBINARY
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Any) -> bytes | None:
        return None if value is None else value.encode()

    def process_result_value(self, value: Any, _dialect: Any) -> str | None:
        return None if value is None else bytes(value).decode()


def _exact(length: int) -> Any:
    return String(length).with_variant(_Bytes(4 * length), *MYSQL)


# There, a length chooses one that takes more than 64 kB.
Blob = LargeBinary().with_variant(LargeBinary(2**32 - 1), *MYSQL)
LongText = Text().with_variant(Text(2**24), *MYSQL)

metadata = MetaData()

meta = Table(
    "b3j0fsync_meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

collections = Table(
    "b3j0fsync_collections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("store", _exact(200), nullable=False),
    Column("datatype", _exact(200), nullable=False),
    UniqueConstraint("store", "datatype"),
)
"""The data of one type in one store: one number for both; the store '' stands for the ledger."""

records = Table(
    "b3j0fsync_records",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("collection", Integer, ForeignKey(collections.c.id), nullable=False),
    Column("name_hash", BigInteger, nullable=False),
    Column("content", Blob, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("settled", Boolean, nullable=False),
    Index("b3j0fsync_records_by_name", "collection", "name_hash"),
    Index("b3j0fsync_records_by_settled", "collection", "settled"),
    # A number that was given once is never given again.
    sqlite_autoincrement=True,
)

links = Table(
    "b3j0fsync_links",
    metadata,
    Column("record", Number, ForeignKey(records.c.id), primary_key=True, autoincrement=False),
    Column("collection", Integer, ForeignKey(collections.c.id), primary_key=True),
    Column("local_id", _exact(700)),
    Column("mark", LargeBinary(16)),
    Column("view", Blob),
    Column("pending", Text),
    Index("b3j0fsync_links_by_id", "collection", "local_id"),
)

conflicts = Table(
    "b3j0fsync_conflicts",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("record", Number, index=True),
    Column("datatype", _exact(200), nullable=False),
    Column("global_name", LongText, nullable=False),
    Column("field", _exact(200), nullable=False),
    Column("content", Blob, nullable=False),
    Column("since", Double, nullable=False),
)

runs = Table(
    "b3j0fsync_runs",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("started", Double, nullable=False),
    Column("ended", Double),
    Column("counts", Text),
    Column("kind", String(20)),
    # An undone run's number must not come to mean another one.
    sqlite_autoincrement=True,
)

lock = Table(
    "b3j0fsync_lock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("token", String(64), nullable=False),
    Column("holder", Text, nullable=False),
    Column("until", Double, nullable=False),
)
"""One row: who decides and writes, and until when that holds."""

journal = Table(
    "b3j0fsync_journal",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("datatype", _exact(200), nullable=False),
    Column("content", Blob, nullable=False),
)

history = Table(
    "b3j0fsync_history",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("run", Number, nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("collection", Integer, ForeignKey(collections.c.id), nullable=False),
    Column("record", Number, nullable=False, index=True),
    Column("name_hash", BigInteger, nullable=False),
    Column("content", Blob, nullable=False),
    Index("b3j0fsync_history_by_name", "collection", "name_hash"),
)

failures = Table(
    "b3j0fsync_failures",
    metadata,
    Column("collection", Integer, ForeignKey(collections.c.id), primary_key=True),
    # 0 stands for the store as a whole.
    Column("record", Number, primary_key=True, autoincrement=False),
    Column("global_name", LongText, nullable=False),
    Column("error", LongText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first", Double, nullable=False),
    Column("last", Double, nullable=False),
    Column("due", Double),
)


def upgrade(connection: Connection, version: int) -> None:
    """Bring the tables of an older *version* to this one; new tables have been made already."""
    if version < 2:  # noqa: PLR2004 - the version that added these
        connection.execute(text(f"ALTER TABLE {runs.name} ADD COLUMN kind VARCHAR(20)"))
        connection.execute(update(runs).values(kind="run"))
        connection.execute(insert(lock), {"id": 1, "token": "", "holder": "", "until": 0.0})
        connection.execute(
            update(meta).where(meta.c.key == "version").values(value=str(SCHEMA_VERSION))
        )
