"""Every kind of field, with a strategy for its values."""

import enum
import uuid
from datetime import MAXYEAR, MINYEAR, date, datetime, time
from decimal import Decimal
from typing import Literal

import hypothesis.strategies as st

from b3j0f.sync import Data, Ref


class Account(Data):
    email: str = ""


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue, or so"
    NONE = ""


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2**70


class Mixed(enum.Enum):
    WORD = "word"
    NUMBER = 7


class Thing(enum.Enum):
    """Neither text nor numbers: written by name."""

    A = (1, 2)
    B = 2.5


class Right(enum.Flag):
    READ = 1
    WRITE = 2
    RUN = 4


texts = st.text(st.characters(exclude_categories=["Cs"]))
utc = st.datetimes(timezones=st.timezones()).filter(lambda moment: MINYEAR < moment.year < MAXYEAR)
rights = st.integers(0, 7).map(Right)
decimals = st.decimals(allow_nan=False, allow_infinity=False)
long_decimals = st.builds(
    lambda digits, exponent: Decimal((0, digits, exponent)),
    st.lists(st.integers(0, 9), min_size=1, max_size=80).map(tuple),
    st.integers(-500, 500),
)

SCALARS = [
    (str, texts),
    (bool, st.booleans()),
    (int, st.integers() | st.sampled_from([2**63, -(2**63) - 1, 2**64, 10**40])),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (Decimal, decimals | long_decimals),
    (bytes, st.binary()),
    (datetime, utc),
    (date, st.dates()),
    (time, st.times()),
    (uuid.UUID, st.uuids()),
    (Colour, st.sampled_from(Colour)),
    (Level, st.sampled_from(Level)),
    (Mixed, st.sampled_from(Mixed)),
    (Thing, st.sampled_from(Thing)),
    (Right, rights),
    (Literal["a", "b c", "", 1], st.sampled_from(["a", "b c", "", 1])),
    (Ref[Account], texts.map(Ref)),
]
"""Annotations and strategies for their values; all can be in an optional or a collection."""

COLLECTIONS = [
    (collection, values)
    for annotation, inner in SCALARS
    for collection, values in (
        (tuple[annotation, ...], st.lists(inner, max_size=4).map(tuple)),
        (frozenset[annotation], st.frozensets(inner, max_size=4)),
    )
] + [
    (tuple[int | None, ...], st.lists(st.none() | st.integers(), max_size=4).map(tuple)),
    (frozenset[str | None], st.frozensets(st.none() | texts, max_size=4)),
    (
        frozenset[tuple[int | None, ...]],
        st.frozensets(st.lists(st.none() | st.integers(), max_size=3).map(tuple), max_size=4),
    ),
]

EVERY = [*SCALARS, *COLLECTIONS, *((a | None, st.none() | values) for a, values in SCALARS)]
