"""Transforms: how the values of shared fields are held in the fields of a store, and back.

A transform says in which local fields it finds the values, and has a function each way. A
value that it cannot take raises ValueError or TypeError, with a sentence that goes on after
the value: the mapping makes a DataError of it, which sets that one record aside.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Decimal, Inexact
from decimal import Context as DecimalContext
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..errors import DataError
from ..fields import MISSING
from ..kinds import DecimalKind, IntKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ..fields import Field
    from ..kinds import Kind

__all__ = ["Context", "Convert", "Default", "Same", "Scale", "Transform", "Values"]

DIGITS = 60
"""Of a Decimal that a unit is converted to; what has more of them is not exact."""
_EXACT = DecimalContext(prec=DIGITS, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[Inexact])
_ROUNDED = DecimalContext(prec=28, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])


class Transform:
    """How shared fields are held in local ones; subclass it for a form of your own.

    Attributes:
        local: Names of the local fields; none: that of the name of the shared field.
        lossy: Whether a value may come back as another one. Then it is not checked, and what
            the store makes of a value is its own view of it, not an edit.
        passes_none: Whether None stands for None where the fields on both sides may be None.
    """

    local: tuple[str, ...] = ()
    lossy: bool = False
    passes_none: bool = True

    def __init__(self, field: str | None = None, *, lossy: bool = False) -> None:
        self.local = () if field is None else (field,)
        self.lossy = lossy

    def bind(self, shared: Sequence[Field], local: Sequence[Field]) -> Transform:
        """What converts between these fields: itself, or a copy that knows them.

        Raises:
            ValueError: It cannot stand between them; the message says why.
        """
        if len(shared) != 1 or len(local) != 1:
            raise ValueError(f"{type(self).__name__} stands between one field and another one")
        return self

    def to_shared(self, *values: Any) -> Any:
        """The shared value of these local *values*; a tuple where there are several fields."""
        raise NotImplementedError

    def to_local(self, *values: Any) -> Any:
        """The local value of these shared *values*; a tuple where there are several fields."""
        raise NotImplementedError

    def examples(self) -> Iterable[tuple[Any, ...]]:
        """Local values that a check should try, beside those of the fields' kinds."""
        return ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.local))})"


class Same(Transform):
    """The same value, in a field of another name."""

    def to_shared(self, *values: Any) -> Any:
        """See Transform."""
        return values[0]

    to_local = to_shared


class Values(Transform):
    """A table of local values and the shared ones that they stand for: ``{1: "open"}``.

    Args:
        table: Local value to shared value. Where several local ones stand for one shared
            value, that loses which: say ``lossy``; the first of them is written.
        field: The local field; None: that of the same name.
        default: The shared value for local ones that are not in the table; else the record
            is set aside.
        local_default: The local value for shared ones that are not in the table.
        lossy: See ``Transform``.
    """

    def __init__(
        self,
        table: Mapping[Any, Any],
        field: str | None = None,
        *,
        default: Any = MISSING,
        local_default: Any = MISSING,
        lossy: bool = False,
    ) -> None:
        super().__init__(field, lossy=lossy)
        self.table = dict(table)
        self.default, self.local_default = default, local_default
        self._back: dict[Any, Any] = {}
        for local, shared in self.table.items():
            self._back.setdefault(shared, local)
        self.passes_none = None not in self.table and None not in self._back

    def bind(self, shared: Sequence[Field], local: Sequence[Field]) -> Transform:
        """See Transform."""
        super().bind(shared, local)
        if not self.table:
            raise ValueError("the table of Values is empty")
        there, here = local[0], shared[0]
        defaults = [(there, self.local_default), (here, self.default)]
        pairs = [(there, value) for value in self.table]
        pairs += [(here, value) for value in self.table.values()]
        pairs += [(field, value) for field, value in defaults if value is not MISSING]
        for field, value in pairs:
            try:
                field.check(value)
            except DataError as exc:
                raise ValueError(f"the table does not fit: {exc}") from exc
        if len(self._back) < len(self.table) and not self.lossy:
            twice = [v for v in self._back if list(self.table.values()).count(v) > 1]
            raise ValueError(
                f"several local values stand for {twice[0]!r}: which one is lost; "
                "say lossy=True to write the first of them"
            )
        return self

    def to_shared(self, *values: Any) -> Any:
        """See Transform."""
        found = self.table.get(values[0], self.default)
        if found is MISSING:
            raise ValueError(f"is not in the table, which has {_listed(self.table)}")
        return found

    def to_local(self, *values: Any) -> Any:
        """See Transform."""
        found = self._back.get(values[0], self.local_default)
        if found is MISSING:
            raise ValueError(f"is not in the table, which has {_listed(self._back)}")
        return found

    def is_default(self, values: tuple[Any, ...], *, local: bool) -> bool:
        """Whether *values* only get a default, which is not to come back as they were."""
        return values[0] not in (self.table if local else self._back)

    def examples(self) -> Iterable[tuple[Any, ...]]:
        """See Transform."""
        return [(local,) for local in self.table]


class Convert(Transform):
    """A function each way; what they raise sets the one record aside.

    Args:
        to_shared: Called with the value of each local field.
        to_local: Called with the shared value; gives a tuple where there are several fields.
        field: The local field, or several of them; None: that of the same name.
        lossy: See ``Transform``.
    """

    def __init__(
        self,
        to_shared: Callable[..., Any],
        to_local: Callable[..., Any],
        field: str | Sequence[str] | None = None,
        *,
        lossy: bool = False,
    ) -> None:
        super().__init__(lossy=lossy)
        names = [] if field is None else [field] if isinstance(field, str) else field
        self.local = tuple(names)
        self._to_shared, self._to_local = to_shared, to_local

    def bind(self, shared: Sequence[Field], local: Sequence[Field]) -> Transform:
        """See Transform."""
        return self

    def to_shared(self, *values: Any) -> Any:
        """See Transform."""
        return self._to_shared(*values)

    def to_local(self, *values: Any) -> Any:
        """See Transform."""
        return self._to_local(*values)


class Scale(Transform):
    """A unit: the local number is the shared one times *factor*, exactly.

    Both are int or Decimal. A number that is none after the conversion (half a cent) sets its
    record aside; with ``lossy`` it is rounded, a half to the even neighbour.
    """

    def __init__(
        self,
        factor: int | str | Decimal | Fraction,
        field: str | None = None,
        *,
        lossy: bool = False,
    ) -> None:
        super().__init__(field, lossy=lossy)
        self.factor = Fraction(factor)
        self._kinds: tuple[Kind, Kind] | None = None

    def bind(self, shared: Sequence[Field], local: Sequence[Field]) -> Transform:
        """See Transform."""
        super().bind(shared, local)
        if not self.factor:
            raise ValueError("Scale has a factor other than 0")
        kinds = shared[0].kind.present, local[0].kind.present
        if not all(isinstance(kind, IntKind | DecimalKind) for kind in kinds):
            problem = "Scale is between int and Decimal, which are exact; for a float use Convert"
            raise ValueError(problem)
        bound = Scale(self.factor, *self.local, lossy=self.lossy)
        bound._kinds = kinds
        return bound

    def to_shared(self, *values: Any) -> Any:
        """See Transform."""
        assert self._kinds is not None  # noqa: S101 - it is bound
        return self._number(Fraction(values[0]) / self.factor, self._kinds[0])

    def to_local(self, *values: Any) -> Any:
        """See Transform."""
        assert self._kinds is not None  # noqa: S101 - it is bound
        return self._number(Fraction(values[0]) * self.factor, self._kinds[1])

    def _number(self, exact: Fraction, kind: Kind) -> Any:
        if isinstance(kind, IntKind):
            if exact.denominator != 1 and not self.lossy:
                raise ValueError(f"is no whole number after the conversion by {self.factor}")
            return round(exact)
        context = _ROUNDED if self.lossy else _EXACT
        try:
            return context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
        except Inexact as exc:
            problem = f"has no exact form after the conversion by {self.factor}"
            raise ValueError(problem) from exc


class Default(Transform):
    """A shared field that the store has nothing for: this value when a data is new from there.

    It gives way to what another store has, is never written to the store, and what others
    make of the field later is never taken back.
    """

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value

    def bind(self, shared: Sequence[Field], local: Sequence[Field]) -> Transform:
        """See Transform."""
        if len(shared) != 1:
            raise ValueError("Default is the value of one field")
        try:
            self.value = shared[0].check(self.value)
        except DataError as exc:
            raise ValueError(str(exc)) from exc
        return self

    def __repr__(self) -> str:
        return f"Default({self.value!r})"


class Context(Transform):
    """The context of a data in local fields, one for each name in it, outermost first.

    For a table that has no data that embed others, but a column with their names:
    ``context=Context("project")``.
    """

    passes_none = False

    def __init__(self, *fields: str) -> None:
        super().__init__()
        self.local = fields

    def bind(self, shared: Sequence[Field], local: Sequence[Field]) -> Transform:
        """See Transform."""
        if [field.name for field in shared] != ["context"] or not self.local:
            raise ValueError("Context is for the field context, and names local fields")
        return self

    def to_shared(self, *values: Any) -> Any:
        """See Transform."""
        return values

    def to_local(self, *values: Any) -> Any:
        """See Transform."""
        if len(values[0]) != len(self.local):
            raise ValueError(f"has not one name for each of {', '.join(self.local)}")
        return values[0] if len(self.local) > 1 else values[0][0]


def _listed(table: Iterable[Any], most: int = 12) -> str:
    words = list(map(repr, table))
    return ", ".join(words[:most]) + (", ..." if len(words) > most else "")
