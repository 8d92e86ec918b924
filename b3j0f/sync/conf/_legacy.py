"""b3j0f.conf 0.3.22, imported by Pythons that it was not written for.

As it stands it cannot be imported: it wants names that the standard library has dropped,
``b3j0f.utils.path`` needs ``b3j0f.utils.runtime``, which rewrites byte code while it is
imported, and ``b3j0f.annotation`` has a module with a keyword for a name.

So its modules, as they are on disk, are run by a small importer whose ``import`` statement answers
with the missing names. They are lent to these modules alone: ``inspect``, ``collections``
and ``six`` are never touched, no other thread can see a difference, and a failure leaves
nothing to be taken back. Of ``b3j0f.annotation`` there is a stand-in, without weaving:
``Configurable`` takes its targets as an argument and cannot be a decorator. Of
``b3j0f.utils.path`` there is ``lookup``, and it refuses, since it evaluates what it is given.

The expression parser is not imported at all: it evaluates any Python. What stands in its
place gives back plain text and refuses the rest. And a Parameter's ``repr`` no longer shows
its value.

When nobody has imported b3j0f.conf in another way, these modules become ``b3j0f.conf`` in
``sys.modules``, so that a program and this library share its classes; ``b3j0f.conf.parser``
is there too, lest the real one be imported into it. Else they stay private.
"""

from __future__ import annotations

import builtins
import collections
import importlib
import inspect
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec, resolve_name
from types import ModuleType
from typing import Any, NamedTuple, NoReturn, cast

from b3j0f.sync.errors import ConfigError

__all__ = ["ROOT", "Importer", "importer", "parse"]

ROOT = "b3j0f.conf"

_LITERAL = "plain text"

# What b3j0f.conf's parser takes for an expression, a reference or one of their escapes.
_EVALUATED = re.compile(r"=|.*(?:@|%.*%|\\[@%\\])", re.DOTALL)


def parse(svalue: str, ptype: Any = None, **_context: Any) -> Any:
    """The text itself, or made a *ptype*; in place of b3j0f.conf's parser.

    Raises:
        ConfigError: That parser would evaluate something in the text.
    """
    if _EVALUATED.match(svalue):
        raise ConfigError("expressions of b3j0f.conf are not evaluated", expected=_LITERAL)
    return svalue if ptype is None or isinstance(svalue, ptype) else ptype(svalue)


def serialize(expr: Any) -> str | None:
    """The text for a value that a program has set: what is no text becomes a literal."""
    return expr if expr is None or isinstance(expr, str) else f"={expr!r}"


def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
    """In place of what evaluates text or imports what a text names."""
    raise ConfigError("names and expressions of Python are not evaluated", expected=_LITERAL)


class _ArgSpec(NamedTuple):
    args: list[str]
    varargs: str | None
    keywords: str | None
    defaults: tuple[Any, ...] | None


def _getargspec(function: Any) -> _ArgSpec:
    return _ArgSpec(*inspect.getfullargspec(function)[:4])


def _reraise(kind: type[Exception], value: Exception, _traceback: Any = None) -> NoReturn:
    """As in six, but a clear error stays what it is, and no message quotes a value."""
    cause = sys.exception()
    if isinstance(cause, (ConfigError, kind)):
        raise cause
    if kind.__qualname__ == "Parameter.Error":
        raise kind("the text is not a value of the parameter's type") from None
    raise value


class _Annotation:
    """What Configurable uses of b3j0f.annotation: nothing is ever annotated."""

    TARGETS = "targets"

    def __init__(self) -> None:
        """Takes no option of the real one, so that a misspelt one is told by its name."""

    def __call__(self, target: Any, _ctx: Any = None) -> Any:
        # b3j0f.conf ends its import by decorating Configurable with itself. The real
        # annotation reads a file on the way, in the current directory if it is there.
        if target is type(self):
            return target
        raise TypeError("a Configurable decorates nothing: use applyconfiguration(targets=[...])")

    @classmethod
    def get_annotations(cls, _target: Any) -> list[Any]:
        return []


def _module(name: str, *names: Mapping[str, Any], **more: Any) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, loader=None)
    for mapping in (*names, more):
        module.__dict__.update({key: mapping[key] for key in mapping if key[:2] != "__"})
    return module


def _refusing_parser() -> list[ModuleType]:
    """The modules of b3j0f.conf.parser that the others import; none has a submodule to find."""
    defaults: dict[str, bool | None] = {"DEFAULT_BESTEFFORT": True, "DEFAULT_SAFE": True}
    defaults |= {"DEFAULT_TOSTR": False, "DEFAULT_SCOPE": None}
    ours = {"parse": parse, "serialize": serialize}
    return [
        _module(f"{ROOT}.parser", ours, resolve=refuse),
        _module(f"{ROOT}.parser.core", ours),
        _module(f"{ROOT}.parser.resolver", resolve=refuse),
        _module(f"{ROOT}.parser.resolver.core", defaults),
    ]


def _lent() -> list[ModuleType]:
    """What these modules are answered instead of what they ask for."""
    six = importlib.import_module("six")
    return [
        _module("collections", vars(collections), Iterable=Iterable),
        _module("inspect", vars(inspect), getargspec=_getargspec),
        _module("parser", ParserError=type("ParserError", (Exception,), {})),
        _module("six", vars(six), reraise=_reraise),
        _module("b3j0f.utils.path", lookup=refuse),
        _module("b3j0f.annotation", Annotation=_Annotation, PrivateInterceptor=_Annotation),
    ]


class Importer:
    """Imports modules of b3j0f.conf into a registry of its own.

    Attributes:
        modules: What was imported so far, by full name.
    """

    def __init__(self) -> None:
        self._lent = {module.__name__: module for module in _lent()}
        self.modules = {module.__name__: module for module in _refusing_parser()}
        # Even if some text found its way, there would be nothing to evaluate it with.
        unwanted = {"compile", "eval", "exec"}
        names = {name: obj for name, obj in vars(builtins).items() if name not in unwanted}
        self._builtins = names | {"__import__": self._import}

    def load(self, name: str) -> ModuleType:
        """The module *name* of b3j0f.conf, run once, its parents before it."""
        parent = None if name == ROOT else self.load(name.rpartition(".")[0])
        if name not in self.modules:
            module = module_from_spec(self._find(name, parent))
            self.modules[name] = module
            vars(module)["__builtins__"] = self._builtins
            code = cast("Any", module.__spec__).loader.get_code(name)
            exec(code, vars(module))  # noqa: S102 - this is what importing is
        if parent is not None:
            setattr(parent, name.rpartition(".")[2], self.modules[name])
        return self.modules[name]

    def _find(self, name: str, parent: ModuleType | None) -> ModuleSpec:
        path = (parent or importlib.import_module("b3j0f")).__dict__.get("__path__")
        finders = () if path is None else sys.meta_path
        for finder in finders:
            spec = finder.find_spec(name, path)
            if spec is not None:
                return spec
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """The ``import`` statement of these modules, all of which say ``from ... import``."""
        if level and globals is not None:
            name = resolve_name("." * level + name, globals["__package__"])
        if name in self._lent:
            return self._lent[name]
        if name == ROOT or name.startswith(f"{ROOT}."):
            return self.load(name)
        return builtins.__import__(name, globals, locals, fromlist or ())

    def publish(self) -> None:
        """Make the modules ``b3j0f.conf``, unless somebody else's are."""
        if ROOT not in sys.modules:
            for name in [name for name in sys.modules if name.startswith(f"{ROOT}.")]:
                del sys.modules[name]  # left over from an import that failed
            sys.modules.update(self.modules)
            importlib.import_module("b3j0f").__dict__["conf"] = self.modules[ROOT]


def _repr(param: Any) -> str:
    """Without the value: it may be a secret, and asking for it may be refused."""
    return f"Parameter[name={param.name}]"


importer = Importer()
importer.load(ROOT).Parameter.__repr__ = _repr
importer.publish()
