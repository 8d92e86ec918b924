"""Data: one record of one type, in the form in which stores exchange it."""

from __future__ import annotations

import keyword
import sys
import typing
import unicodedata
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

from .errors import DataError, StoreError
from .fields import MISSING, Field
from .kinds import kind_of
from .names import global_name
from .ref import Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Self

    from .store import Store

__all__ = ["Content", "Data", "Schema", "fields", "make_datatype", "schema_of"]

Content = tuple[Any, ...]
"""The synchronized values of a data, in the order of ``Schema.names``."""

_LOCAL = ("id", "created", "updated")
_SLOT = "_f_"


class Schema:
    """What is known of a data type: its name, its fields, its place among the others.

    Attributes:
        datatype: The class.
        name: Its name: that of its tables, folders and sections.
        parent: The type that its data are embedded in, or None.
        fields: Its synchronized fields by name: name, context, description, then its own in
            the order of their declaration.
        names: Their names; a Content has its values in this order.
        index: The position of each in a Content.
        local: id, created and updated: they belong to one store and are not synchronized.
        content: Gives the Content of a data.
        make: ``make(content, id, created, updated, store)`` gives a data of values that are
            known to be right: they are not checked again.
    """

    __slots__ = (
        "content",
        "datatype",
        "defaults",
        "fields",
        "index",
        "local",
        "make",
        "name",
        "names",
        "parent",
    )

    def __init__(self, datatype: type[Data], parent: type[Data] | None, every: list[Field]) -> None:
        self.datatype, self.name, self.parent = datatype, datatype.__name__, parent
        self.local = {field.name: field for field in every if field.name in _LOCAL}
        self.fields = {field.name: field for field in every if field.name not in _LOCAL}
        self.names = tuple(self.fields)
        self.index = {name: position for position, name in enumerate(self.names)}
        self.defaults = tuple(field.default for field in self.fields.values())
        self.content: Callable[[Data], Content] = attrgetter(*(_SLOT + n for n in self.names))
        self.make = _maker(self)

    @property
    def depth(self) -> int:
        """How many types embed this one; what embeds comes before what is embedded."""
        depth, parent = 0, self.parent
        while parent is not None:
            depth, parent = depth + 1, schema_of(parent).parent
        return depth

    def check(self, name: str, value: Any) -> Any:
        """*value* in the canonical form of the field *name*, one of its own or a local one."""
        field = self.fields.get(name) or self.local.get(name)
        if field is None:
            raise _no_field(self.name, name, {**self.local, **self.fields})
        return field.check(value)

    def from_plain(self, plain: Mapping[str, Any]) -> Data:
        """The data whose JSON values are *plain*; fields that are not there get their default."""
        every = self.local | self.fields
        for name in plain:
            if name not in every:
                raise _no_field(self.name, name, every)
        return self.datatype(**{n: every[n].from_plain(value) for n, value in plain.items()})

    def to_plain(self, data: Data) -> dict[str, Any]:
        """The synchronized fields of *data* as JSON values."""
        values = self.content(data)
        return {
            name: field.to_plain(value)
            for (name, field), value in zip(self.fields.items(), values, strict=True)
        }

    def __repr__(self) -> str:
        return f"<schema {self.name}({', '.join(self.names)})>"


def _first_init(self: Data, /, **values: Any) -> None:
    """Stands in until a type is first used: by then the types that it refers to are defined."""
    schema_of(type(self))
    type(self).__init__(self, **values)


@dataclass_transform(kw_only_default=True, eq_default=True)
class DataType(type):
    """Makes a slotted class of annotations with defaults; its schema is made when first used.

    Annotations may name types that are defined later in the same module.
    """

    _resolved: Schema | None
    _declared: dict[str, Any]  # its own fields, with their defaults
    _parent: type[Data] | None
    _hints: dict[str, Any] | None  # the annotations of these, evaluated when first needed
    _locals: Mapping[str, Any]

    def __new__(
        mcs,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        parent: type[Data] | None = None,
    ) -> DataType:
        inherited = next((base for base in bases if isinstance(base, DataType)), None)
        if inherited is not None and sum(isinstance(base, DataType) for base in bases) > 1:
            raise _type_error(name, f"{name} has several data types as bases; it can have one")
        declared = {
            field: namespace.pop(field, MISSING)
            for field, annotation in namespace.get("__annotations__", {}).items()
            if inherited is not None and not _is_class_variable(annotation)
        }
        for field in declared:
            _check_field_name(name, field, inherited)
        if inherited is not None:
            _check_members(name, namespace, inherited)
        slots = tuple(_SLOT + field for field in declared if not hasattr(inherited, _SLOT + field))
        namespace.setdefault("__slots__", slots)
        namespace.setdefault("__init__", _first_init)
        for field in declared:
            namespace[field] = _field_property(field)
        cls = super().__new__(mcs, name, bases, namespace)
        cls._declared, cls._resolved, cls._hints = declared, None, None
        cls._parent = parent if parent is not None else getattr(inherited, "_parent", None)
        cls._locals = _caller_locals() if "<locals>" in cls.__qualname__ else {}
        return cls

    def __init__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        parent: type[Data] | None = None,
    ) -> None:
        super().__init__(name, bases, namespace)
        if parent is not None and not isinstance(parent, DataType):
            raise _type_error(name, f"the parent of {name} is a data type, not {parent!r}")

    @property
    def __schema__(cls) -> Schema:
        if cls._resolved is None:
            cls._resolved = _resolve(cls)
        return cls._resolved


class _Slots:
    """The slots that every data has, apart from Data: there, mypy would take them for fields."""

    __slots__ = (
        "__weakref__",
        "_f_context",
        "_f_created",
        "_f_description",
        "_f_id",
        "_f_name",
        "_f_updated",
        "_old",
        "_store",
    )
    _f_id: str | int | None
    _f_created: datetime | None
    _f_updated: datetime | None
    _old: dict[str, Any] | None
    _store: Store | None


class Data(_Slots, metaclass=DataType):
    """One record of one type; subclass it and annotate its fields.

    Everything is given by keyword and checked. Equal when of the same type with equal
    synchronized fields: all but ``id``, ``created`` and ``updated``, which belong to one
    store. The hash is that of type, name and context: do not rename what is in a set.

    Attributes:
        id: The store's own identifier; None before it is stored.
        name: Its name, the same in every store.
        context: The names of the data that embed it, outermost first.
        description: A text about it.
        created: When its store says it was added, in UTC; None when it doesn't say.
        updated: When its store says it was last changed, in UTC; None when it doesn't say.
    """

    if TYPE_CHECKING:
        id: str | int | None = None
        name: str
        context: tuple[str, ...] = ()
        description: str = ""
        created: datetime | None = None
        updated: datetime | None = None

    @property
    def global_name(self) -> str:
        """Name and context as one string, the same in every store."""
        return global_name(self.name, self.context)

    @property
    def dirty(self) -> frozenset[str]:
        """Names of the fields whose values differ from what was loaded or saved."""
        return frozenset(self._old or ())

    @property
    def is_dirty(self) -> bool:
        """Whether any field differs from what was loaded or saved."""
        return bool(self._old)

    @property
    def store(self) -> Store | None:
        """The store that it was loaded from or created for, or None."""
        return self._store

    @property
    def is_stored(self) -> bool:
        """Whether its store has it, by id or else by name and context; asks the store."""
        return self._store is not None and self in self._store

    def rollback(self) -> None:
        """Take back the changes made since it was loaded or saved."""
        for name, value in (self._old or {}).items():
            setattr(self, _SLOT + name, value)
        self._old = None

    def save(self, *, notify: bool = True) -> None:
        """Add it to its store, or update it there; afterwards it is as the store answered.

        Raises:
            StoreError: It has no store, or the store's error; the data is as it was.
        """
        store = self._bound()
        if self.id is not None and self.is_stored:
            self._adopt(store.update(self, self._before(), notify=notify))
        else:  # one of its name may be there: without an id it is another one
            self._adopt(store.add(self, notify=notify))

    def delete(self, *, notify: bool = True) -> None:
        """Remove it from its store; afterwards it has no id and can be saved anew.

        Raises:
            StoreError: It has no store, or the store's error (NotFoundError when it is gone).
        """
        self._bound().remove(self, notify=notify)
        self._f_id = None

    def replace(self, **changes: Any) -> Self:
        """A copy with *changes*, bound to the same store; this one stays as it is."""
        schema = schema_of(type(self))
        copy: Self = schema.make(
            schema.content(self), self.id, self.created, self.updated, self._store
        )
        copy._old = dict(self._old) if self._old else None
        for name, value in changes.items():
            setattr(copy, name, schema.check(name, value))
        return copy

    def _before(self) -> Self:
        """A copy as it was loaded or last saved."""
        copy = self.replace()
        copy.rollback()
        return copy

    def _adopt(self, stored: Data) -> None:
        """Become what a store answered."""
        for name in (*_LOCAL, *schema_of(type(self)).names):
            setattr(self, _SLOT + name, getattr(stored, _SLOT + name))
        self._store, self._old = stored._store, None

    def _bound(self) -> Store:
        if self._store is None:
            raise StoreError(
                f"{type(self).__name__} {self.global_name!r} belongs to no store: "
                "use store.add(data), or make it by store.create(...)",
                datatype=type(self).__name__,
            )
        return self._store

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        content = schema_of(type(self)).content
        return content(self) == content(other)

    def __hash__(self) -> int:
        return hash((type(self), self.name, self.context))

    def __repr__(self) -> str:
        schema = schema_of(type(self))
        shown = {"id": self.id} if self.id is not None else {}
        shown |= {
            name: value
            for name, value, default in zip(
                schema.names, schema.content(self), schema.defaults, strict=True
            )
            if default is MISSING or value != default
        }
        return f"{schema.name}({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    def __reduce__(self) -> tuple[Any, ...]:
        schema = schema_of(type(self))
        values = dict(zip(schema.names, schema.content(self), strict=True))
        local = {name: getattr(self, name) for name in _LOCAL}
        return _rebuild, (type(self), {**local, **values})


_BASE_FIELDS: dict[str, tuple[Any, Any]] = {
    "id": (Any, None),
    "created": (datetime | None, None),
    "updated": (datetime | None, None),
    "name": (str, MISSING),
    "context": (tuple[str, ...], ()),
    "description": (str, ""),
}
_RESERVED = frozenset(
    name for name in dir(Data) if not name.startswith("_") and name not in _BASE_FIELDS
)


class _IdKind:
    expected = "str, int or None"
    exact = None
    empty = ()

    @staticmethod
    def check(value: Any) -> str | int | None:
        if value is not None and (not isinstance(value, str | int) or isinstance(value, bool)):
            raise TypeError
        return value

    from_plain = check

    @staticmethod
    def to_plain(value: Any) -> Any:
        return value

    to_text = staticmethod(str)
    from_text = staticmethod(str)


def schema_of(datatype: type[Data]) -> Schema:
    """The schema of a data type.

    Raises:
        DataError: An annotation cannot be a field's; the message names it.
    """
    return datatype.__schema__


def fields(datatype: type[Data]) -> Mapping[str, Field]:
    """The synchronized fields of a data type, by name, in their order."""
    return dict(schema_of(datatype).fields)


def make_datatype(
    name: str,
    fields: Mapping[str, Any | tuple[Any, Any]],
    *,
    parent: type[Data] | None = None,
    base: type[Data] = Data,
    module: str | None = None,
) -> type[Data]:
    """A data type made at run time: the same kind of class as one that is written down.

    *fields* gives each field's type, or its type and its default. A field without a default
    gets the empty value of its type where it has one ("" for str, None for what may be None),
    so that records of an outer source need not be complete.
    """
    namespace: dict[str, Any] = {"__annotations__": {}, "__module__": module or __name__}
    for field, declared in fields.items():
        annotation, default = declared if isinstance(declared, tuple) else (declared, MISSING)
        namespace["__annotations__"][field] = annotation
        if default is MISSING:
            default = next(iter(Field(name, field, annotation).kind.empty), MISSING)
        if default is not MISSING:
            namespace[field] = default
    made: Any = DataType(name, (base,), namespace, parent=parent)
    return typing.cast("type[Data]", made)


def _rebuild(datatype: type[Data], values: dict[str, Any]) -> Data:
    return datatype(**values)


def _resolve(cls: DataType) -> Schema:
    """The schema of *cls*; installs the ``__init__`` that fits it."""
    every: dict[str, Field] = {}
    for base in reversed(cls.__mro__):
        if isinstance(base, DataType):
            every |= {field.name: field for field in _own_fields(cls.__name__, base)}
    # name, context and description lead, whatever a subclass declares again
    schema = Schema(typing.cast("type[Data]", cls), cls._parent, list(every.values()))
    if vars(cls)["__init__"] is _first_init:
        type.__setattr__(cls, "__init__", _make_init(schema))
    return schema


def _own_fields(owner: str, cls: DataType) -> Iterator[Field]:
    if "Data" not in globals() or cls is Data:
        for name, (annotation, default) in _BASE_FIELDS.items():
            if name == "id":
                field = Field(owner, name, str | None, default)
                field.kind = typing.cast("Any", _IdKind)
                yield field
            else:
                yield Field(owner, name, annotation, default)
        return
    if cls._hints is None:
        # Kept, for a subclass asks again; the names of the function around are let go.
        cls._hints, cls._locals = _hints(cls), {}
    for name, default in cls._declared.items():
        field = Field(owner, name, cls._hints[name], default)
        base = _BASE_FIELDS.get(name)
        if base is not None and field.kind.expected != kind_of(base[0]).expected:
            raise DataError(
                f"{owner}.{name} is a field of every data: it can have another default, "
                f"but no other type than {base[0]!r}",
                datatype=owner,
                field=name,
                expected=str(base[0]),
                given=field.annotation,
            )
        yield field


def _hints(cls: DataType) -> dict[str, Any]:
    own = vars(cls).get("__annotations__", {})
    module = vars(sys.modules.get(cls.__module__, typing))
    scope = {**cls._locals, cls.__name__: cls}
    holder = type(cls.__name__, (), {"__annotations__": own})
    try:
        return typing.get_type_hints(holder, {"Ref": Ref, **module}, scope, include_extras=True)
    except NameError as exc:
        raise _type_error(
            cls.__name__,
            f"an annotation of {cls.__name__} names {exc.name!r}, which is not defined",
        ) from exc


def _make_init(schema: Schema) -> Callable[..., None]:
    """An ``__init__`` with one inlined type test a field: most values pass it as they are."""
    every = [*schema.local.values(), *schema.fields.values()]
    scope: dict[str, Any] = {"_MISSING": MISSING, "_absent": _absent_fields, "_schema": schema}
    head, body = [], []
    for number, field in enumerate(every):
        name, default, check = field.name, f"_d{number}", f"_c{number}"
        scope[default], scope[check] = field.default, field.check
        head.append(f"{name}={default}")
        exact = field.kind.exact
        if field.default is None:
            test = f"{name} is not None"
        elif exact is not None:
            scope[f"_t{number}"] = exact
            test = f"type({name}) is not _t{number}"
        elif field.annotation is str:
            test = f"type({name}) is not str or not {name}.isascii()"
        else:
            test = f"{name} is not {default}"
        if field.default is MISSING:
            body.append(f" if {name} is _MISSING: raise _absent(_schema, locals())")
        body.append(f" if {test}: {name} = {check}({name})")
        body.append(f" _self.{_SLOT}{name} = {name}")
    # No field starts with _, so that none is in the way of these.
    source = f"def __init__(_self, *, {', '.join(head)}, **_others):\n"
    source += " if _others: raise _unknown(_schema, _others)\n"
    source += "\n".join(body) + "\n _self._store = _self._old = None\n"
    scope["_unknown"] = _unknown_fields
    exec(compile(source, f"<{schema.name}.__init__>", "exec"), scope)  # noqa: S102 - our own text, field names are identifiers
    made: Callable[..., None] = scope["__init__"]
    made.__qualname__ = f"{schema.name}.__init__"
    return made


def _maker(schema: Schema) -> Callable[..., Any]:
    """Written out slot by slot, since a loop over the slots takes twice the time."""
    slots = ", ".join(f"self.{_SLOT}{name}" for name in schema.names)
    source = (
        "def make(content, id=None, created=None, updated=None, store=None):\n"
        " self = new(datatype)\n"
        f" {slots} = content\n"
        f" self.{_SLOT}id, self.{_SLOT}created, self.{_SLOT}updated = id, created, updated\n"
        " self._store, self._old = store, None\n"
        " return self\n"
    )
    scope: dict[str, Any] = {"new": object.__new__, "datatype": schema.datatype}
    exec(compile(source, f"<{schema.name}.make>", "exec"), scope)  # noqa: S102 - as above
    made: Callable[..., Any] = scope["make"]
    return made


def _absent_fields(schema: Schema, given: dict[str, Any]) -> DataError:
    absent = [name for name in schema.fields if given.get(name) is MISSING]
    return DataError(
        f"{schema.name} needs {', '.join(absent)}",
        datatype=schema.name,
        field=absent[0],
        expected=schema.fields[absent[0]].kind.expected,
    )


def _unknown_fields(schema: Schema, unknown: dict[str, Any]) -> DataError:
    return _no_field(schema.name, next(iter(unknown)), {**schema.local, **schema.fields})


def _no_field(datatype: str, name: str, known: Mapping[str, Any]) -> DataError:
    return DataError(
        f"{datatype} has no field {name!r}; it has {', '.join(known)}",
        datatype=datatype,
        field=name,
        expected=", ".join(known),
    )


def _field_property(name: str) -> property:
    """Reads a slot at the speed of C; a change is checked and remembered."""
    slot = _SLOT + name

    def change(self: Data, value: Any) -> None:
        value = schema_of(type(self)).check(name, value)
        current = getattr(self, slot)
        if name not in _LOCAL and value != current:
            old = {} if self._old is None else self._old
            if name in old and old[name] == value:
                del old[name]
            else:
                old.setdefault(name, current)
            self._old = old or None
        setattr(self, slot, value)

    return property(attrgetter(slot), change)


for _name in _BASE_FIELDS:
    setattr(Data, _name, _field_property(_name))


def _is_class_variable(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.replace("typing.", "").startswith("ClassVar")
    return annotation is ClassVar or typing.get_origin(annotation) is ClassVar


def _check_field_name(datatype: str, name: str, inherited: Any) -> None:
    is_identifier = name.isidentifier() and unicodedata.normalize("NFKC", name) == name
    if name.startswith("_") or not is_identifier or keyword.iskeyword(name):
        problem = "names of fields are identifiers that do not start with _"
    elif name in _LOCAL or name in _RESERVED or (callable(getattr(inherited, name, None))):
        problem = "every data has something else of this name"
    else:
        return
    raise DataError(
        f"{datatype} cannot have a field {name!r}: {problem}", datatype=datatype, field=name
    )


def _check_members(datatype: str, namespace: Mapping[str, Any], inherited: Any) -> None:
    """Refuse what would silently stand in the way of the fields."""
    for name in namespace:
        if hasattr(inherited, _SLOT + name):
            raise DataError(
                f"{datatype}.{name} hides the field {name}: annotate it, to give the field "
                "another default",
                datatype=datatype,
                field=name,
            )
    if "__init__" in namespace:
        raise _type_error(
            datatype,
            f"{datatype} cannot have an __init__: data are made of their fields alone; "
            "write a function or a classmethod that makes one",
        )


def _type_error(datatype: str, message: str) -> DataError:
    return DataError(message, datatype=datatype)


def _caller_locals() -> Mapping[str, Any]:
    """Names of the function that the class statement stands in: annotations may use them."""
    frame: Any = sys._getframe(2)
    return dict(frame.f_locals)
