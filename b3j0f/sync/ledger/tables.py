"""The ledger's tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION = 1

# SQLite counts up by itself only for a column of exactly this type.
Number = BigInteger().with_variant(Integer, "sqlite")

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
    Column("store", String(200), nullable=False),
    Column("datatype", String(200), nullable=False),
    UniqueConstraint("store", "datatype"),
)
"""The data of one type in one store: one number for both; the store '' stands for the ledger."""

records = Table(
    "b3j0fsync_records",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("collection", Integer, ForeignKey(collections.c.id), nullable=False),
    Column("name_hash", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
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
    Column("local_id", String(700)),
    Column("mark", LargeBinary(16)),
    Column("view", LargeBinary),
    Column("pending", Text),
    Index("b3j0fsync_links_by_id", "collection", "local_id"),
)

conflicts = Table(
    "b3j0fsync_conflicts",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("record", Number, index=True),
    Column("datatype", String(200), nullable=False),
    Column("global_name", Text, nullable=False),
    Column("field", String(200), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("since", Float, nullable=False),
)

runs = Table(
    "b3j0fsync_runs",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Column("counts", Text),
)
