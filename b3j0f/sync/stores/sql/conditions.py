"""What of a query the database can filter; what it cannot is left to the verb around it.

Every condition lets all rows through that match, and it may let others through: collations
and formats of columns that are not ours need not agree with what Python calls equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.types import NullType

from .parts import Part, bound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.sql import ColumnElement

    from ...query import Query
    from .dialects import Dialect
    from .layout import Layout

__all__ = ["name_conditions", "query_conditions"]


def query_conditions(layout: Layout, dialect: Dialect, query: Query) -> list[ColumnElement[bool]]:
    """The conditions of *query*, but for its names."""
    found: list[ColumnElement[bool] | None] = []
    wanted = dict(query.equal)
    if query.context is not None:
        found.append(_equals(layout, "context", query.context))
    found += [_equals(layout, name, value) for name, value in wanted.items()]
    found += [
        _since(part, start, dialect)
        for part, start in (
            (layout.created, query.created_since),
            (layout.updated, query.updated_since),
        )
        if part is not None and start is not None
    ]
    return [condition for condition in found if condition is not None]


def name_conditions(layout: Layout, names: Sequence[str]) -> list[ColumnElement[bool]]:
    """The condition that the name is one of *names*."""
    part = layout.part("name")
    if not isinstance(part, Part) or not part.codec.is_exact:
        return []
    try:
        held = [part.codec.write(name) for name in names if name != part.codec.null]
    except (TypeError, ValueError, OverflowError):
        return []
    values = sa.bindparam(None, held, expanding=True, type_=NullType(), unique=True)
    condition: ColumnElement[bool] = part.column.in_(values)
    if len(held) < len(names):
        null = part.equals(part.codec.null)
        return [] if null is None else [sa.or_(condition, null)]
    return [condition]


def _equals(layout: Layout, name: str, value: object) -> ColumnElement[bool] | None:
    if name == "id":
        return layout.key.equals(value)
    part = layout.part(name) if name in layout.schema.index else None
    return None if part is None else part.equals(value)  # type: ignore[arg-type]


def _since(part: Part, start: datetime, dialect: Dialect) -> ColumnElement[bool] | None:
    if part.codec.is_exact:
        return part.column >= bound(part.codec.write(start))
    return dialect.since(part.column, start)
