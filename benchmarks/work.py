"""The work: records in a source and in a target, 10% changed, 5% missing, 5% extra.

The same rows for every contender: (name, a, b, c, d, e).
"""

from collections.abc import Iterator

Row = tuple[str, str, str, str, int, int]
FIELDS = ("name", "a", "b", "c", "d", "e")


def source(count: int) -> Iterator[Row]:
    for i in range(count):
        yield f"n{i}", f"a{i}", "bbb", f"c{i % 97}", i, i % 7


def target(count: int) -> Iterator[Row]:
    for i in range(count + count // 20):
        if i >= count or i % 20:
            a = f"a{i}" if i % 10 else "changed"
            yield f"n{i}", a, "bbb", f"c{i % 97}", i, i % 7


def changes(count: int) -> tuple[int, int, int]:
    """How many rows are missing, changed and extra in the target."""
    missing = (count + 19) // 20
    changed = (count + 9) // 10 - missing
    return missing, changed, count // 20
