"""YAML documents, read by what each field takes.

A plain scalar is taken by its text: in a ``str`` field ``no``, ``1.10`` and ``007`` are these
letters, in a ``bool`` field ``no`` is False, in a ``Decimal`` field ``1.10`` keeps its zero.
No tag makes an object, and no alias is expanded beyond what a field holds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from ...kinds import BytesKind, ManyKind, OptionalKind, StrKind
from .formats import Document, Format, FormatError, ValueFormatError
from .yamledit import Editor, is_blank
from .yamlscalars import emission, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ...kinds import Kind

__all__ = ["YamlFormat"]

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_CORE = "tag:yaml.org,2002:"
_MOST_ITEMS = 100_000
_BASED = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")


class YamlFormat(Format):
    """One YAML mapping per file."""

    suffixes = (".yaml", ".yml")

    def parse(self, text: str) -> YamlDocument:
        """Read one YAML mapping."""
        return YamlDocument(text)

    def emit(self, values: Mapping[str, tuple[Kind, Any]]) -> str:
        """A key a line; texts of several lines and lists below theirs."""
        return "".join(entry(key, kind, value) for key, (kind, value) in values.items())


def entry(key: str, kind: Kind, value: Any, indent: str = "", newline: str = "\n") -> str:
    """The line, or lines, of one key."""
    made = emission(kind, value)
    head = f"{indent}{quoted(key)}: {made.inline}".rstrip(" ")
    return head + newline + made.below(indent, newline)


class YamlDocument(Document):
    """One YAML mapping, with the place of each of its keys."""

    def __init__(self, text: str) -> None:
        self.text = text
        root = _composed(text)
        if root is None:
            raise FormatError("the document is empty; expected a mapping, key: value")
        if not isinstance(root, MappingNode):
            what = "a list" if isinstance(root, SequenceNode) else "a text"
            raise FormatError(f"expected a mapping, key: value, given {what}", *_place(root))
        self.root = root
        self.entries = _entries(root)
        self._budget = _MOST_ITEMS

    def __contains__(self, key: object) -> bool:
        return key in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def value(self, key: str, kind: Kind, default: Any) -> Any:
        node = self.entries[key][1]
        if is_blank(node) and not isinstance(kind, OptionalKind):
            return next(iter(kind.empty), default)
        self._budget = _MOST_ITEMS
        return self._read(node, kind)

    def edited(self, changes: Mapping[str, tuple[Kind, Any]], redundant: Collection[str]) -> str:
        text = Editor(self).edited(changes, redundant)
        self._verify(text, changes, redundant)
        return text

    def _verify(
        self, text: str, changes: Mapping[str, tuple[Kind, Any]], redundant: Collection[str]
    ) -> None:
        """Only what was to be changed may have changed."""
        try:
            after = YamlDocument(text)
        except FormatError as exc:
            problem = f"{', '.join(changes)} cannot be changed in place ({exc.problem})"
            raise FormatError(problem) from exc
        for key, (_, node) in self.entries.items():
            if key in redundant or key in changes:
                continue
            if key not in after or not _same(node, after.entries[key][1]):
                raise FormatError(f"{', '.join(changes)} cannot be changed without touching {key}")
        for key, (kind, value) in changes.items():
            if key in after and after.value(key, kind, value) != value:
                raise FormatError(f"{key} cannot be changed here", *_place(self.entries[key][0]))

    def _read(self, node: Node, kind: Kind) -> Any:
        self._budget -= 1
        if self._budget < 0:
            raise FormatError(f"more than {_MOST_ITEMS} items in one value", *_place(node))
        if isinstance(kind, OptionalKind):
            if _is_null(node):
                return None
            kind = kind._inner
        if isinstance(kind, ManyKind) and isinstance(node, SequenceNode):
            return kind._collection(self._read(item, kind._inner) for item in node.value)
        if not isinstance(node, ScalarNode) or isinstance(kind, ManyKind):
            raise ValueFormatError(kind, _described(node), *_place(node))
        try:
            return _scalar(node, kind)
        except (TypeError, ValueError, OverflowError) as exc:
            raise ValueFormatError(kind, repr(node.value), *_place(node)) from exc


def _composed(text: str) -> Node | None:
    try:
        node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        place = (mark.line + 1, mark.column + 1) if mark is not None else ()
        raise FormatError(f"broken YAML: {exc.problem or exc.context}", *place) from exc
    except ReaderError as exc:
        before = text[: exc.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        character = f"U+{ord(text[exc.position]):04X}" if exc.position < len(text) else "the end"
        raise FormatError(f"broken YAML: {character} cannot stand there", line, column) from exc
    except YAMLError as exc:
        raise FormatError(f"broken YAML: {exc}") from exc
    except RecursionError as exc:
        raise FormatError("broken YAML: nested too deeply") from exc
    return node


def _entries(root: MappingNode) -> dict[str, tuple[Node, Node]]:
    found: dict[str, tuple[Node, Node]] = {}
    for key, value in root.value:
        if not isinstance(key, ScalarNode):
            raise FormatError("expected a text as key", *_place(key))
        if key.value == "<<" and key.style is None:
            raise FormatError("merge keys are not read: write the values out", *_place(key))
        if key.value in found:
            raise FormatError(f"the key {key.value!r} is there twice", *_place(key))
        found[key.value] = key, value
    return found


def _scalar(node: ScalarNode, kind: Kind) -> Any:
    text: str = node.value
    tag = str(node.tag)
    if not tag.startswith(_CORE):
        raise ValueError(f"the tag {tag}")
    if isinstance(kind, BytesKind):
        return kind.from_plain("".join(text.split()))
    if node.style is not None:
        return kind.from_plain(text)
    if isinstance(kind, StrKind):
        return kind.check(text)
    if _BASED.fullmatch(text):
        return kind.from_plain(int(text, 0))
    return kind.from_text(text)


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.style is None and node.value in _NULLS


def _described(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return repr(node.value)
    return "a list" if isinstance(node, SequenceNode) else "a mapping"


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _same(one: Node, other: Node) -> bool:
    """Whether two nodes say the same; what aliases share is compared once."""
    seen: set[tuple[int, int]] = set()
    pending = [(one, other)]
    while pending:
        a, b = pending.pop()
        if (id(a), id(b)) in seen:
            continue
        seen.add((id(a), id(b)))
        if type(a) is not type(b) or a.tag != b.tag or a.anchor != b.anchor:
            return False
        if isinstance(a, ScalarNode):
            if a.value != b.value or a.style != getattr(b, "style", None):
                return False
        elif len(a.value) != len(b.value):
            return False
        elif isinstance(a, MappingNode):
            pending += [
                pair
                for x, y in zip(a.value, b.value, strict=True)
                for pair in zip(x, y, strict=True)
            ]
        else:
            pending += zip(a.value, b.value, strict=True)
    return True
