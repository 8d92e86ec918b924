"""Changing values within the text of a YAML document, and nothing around them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ...kinds import Kind, ManyKind, OptionalKind
from .formats import FormatError
from .yamlscalars import STEP, Emission, emission, inline, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .yamltext import YamlDocument

__all__ = ["Editor", "is_blank"]

_ALIAS = re.compile(r"\s*:\s*(\*[^\s,\[\]{}]+)")
_HEADER = re.compile(r"[|>][-+0-9]*([ \t]+#[^\r\n]*)?")


_FEW = 3  # a document of name and context alone keeps them: an empty one is none


class Editor:
    """Makes a changed text of one document."""

    def __init__(self, document: YamlDocument) -> None:
        self.text = document.text
        self.root = document.root
        self.entries = document.entries
        self.newline = "\r\n" if "\r\n" in self.text else "\n"
        self.splices: list[tuple[int, int, str]] = []

    def edited(self, changes: Mapping[str, tuple[Kind, Any]], redundant: Collection[str]) -> str:
        """The changed text; FormatError where that cannot be done in place."""
        added = {k: v for k, v in changes.items() if k not in self.entries and k not in redundant}
        for key, (kind, value) in changes.items():
            if key in self.entries and not (key in redundant and self._drop(key)):
                self._change(key, kind, value)
        if added:
            self._append(added)
        text = self.text
        # From the end, so that the places before stay; of two at one place the later one first.
        ordered = sorted(enumerate(self.splices), key=lambda s: (*s[1][:2], s[0]), reverse=True)
        for _, (start, end, replacement) in ordered:
            text = text[:start] + replacement + text[end:]
        return text

    # --- one value ---------------------------------------------------------------------------

    def _change(self, key: str, kind: Kind, value: Any) -> None:
        key_node, node = self.entries[key]
        if node.start_mark.index < key_node.end_mark.index:
            self._change_alias(key_node, kind, value)
        elif node.anchor:
            raise FormatError(f"{key} is an anchor for other values: change it by hand", *_at(node))
        elif self.root.flow_style and not is_blank(node):
            self._splice(node.start_mark.index, node.end_mark.index, inline(kind, value, flow=True))
        elif isinstance(node, ScalarNode) and node.style in {"|", ">"}:
            self._change_block(node, emission(kind, value))
        elif isinstance(node, SequenceNode | MappingNode) and not node.flow_style:
            self._change_list(key_node, node, kind, value)
        elif isinstance(node, SequenceNode) and value:
            self._splice(node.start_mark.index, node.end_mark.index, inline(kind, value))
        else:
            start = self._colon(key_node) if is_blank(node) else node.start_mark.index
            end = self._value_end(key_node, node)
            self._put(start, end, emission(kind, value, getattr(node, "style", None)))

    def _change_alias(self, key_node: Node, kind: Kind, value: Any) -> None:
        match = _ALIAS.match(self.text, key_node.end_mark.index)
        if match is None:
            raise FormatError("an alias that cannot be changed here", *_at(key_node))
        made = Emission(inline(kind, value, flow=bool(self.root.flow_style)))
        self._put(match.start(1), match.end(1), made)

    def _change_block(self, node: ScalarNode, made: Emission) -> None:
        start = node.start_mark.index
        header = _HEADER.match(self.text, start)
        if header is None:
            raise FormatError("a block that cannot be changed here", *_at(node))
        end = max(self._end(node), header.end())
        comment = header[1] or ""
        below = made.below(self._indent(), self.newline)
        if end < len(self.text):  # a line break stands there already
            below = below.removesuffix(self.newline)
        tail = self.newline + below if below else ""
        self._splice(start, end, made.inline + comment + tail)

    def _put(self, start: int, end: int, made: Emission) -> None:
        """Put a value in the place of one that ends on its line; a comment behind it stays."""
        space = "" if self.text[start - 1 : start].isspace() or not made.inline else " "
        self._splice(start, end, space + made.inline)
        if made.lines:
            self._insert_below(end, made.below(self._indent(), self.newline))

    # --- lists -------------------------------------------------------------------------------

    def _change_list(self, key_node: Node, node: Node, kind: Kind, value: Any) -> None:
        many = kind._inner if isinstance(kind, OptionalKind) else kind
        first = self._line_start(node.start_mark.index)
        if node.start_mark.line == key_node.start_mark.line:
            raise FormatError("a list that cannot be changed here", *_at(node))
        last = self._line_end(self._end(node))
        if not value or not isinstance(many, ManyKind) or not isinstance(node, SequenceNode):
            made = emission(kind, value)
            colon = self._colon(key_node)
            self._splice(colon, colon, f" {made.inline}" if made.inline else "")
            self._splice(first, last, made.below(self._indent(), self.newline))
            return
        regions = self._items(node, last)
        indent = " " * node.start_mark.column
        lines = []
        for item in emission(many, value).lines:
            text = item.removeprefix(f"{STEP}- ")
            kept = regions.get(text)
            lines.append(kept.pop(0) if kept else f"{indent}- {text}{self.newline}")
        self._splice(first, last, "".join(lines))

    def _items(self, node: SequenceNode, last: int) -> dict[str, list[str]]:
        """The lines of each item, by how it would be written anew."""
        starts = [self._line_start(item.start_mark.index) for item in node.value]
        found: dict[str, list[str]] = {}
        for item, start, end in zip(node.value, starts, [*starts[1:], last], strict=True):
            line = self.text[start:end]
            # Only items of one line are recognised; the others are written anew.
            if isinstance(item, ScalarNode) and line.lstrip().startswith("- ") and start < end:
                complete = line if line.endswith("\n") else line + self.newline
                found.setdefault(quoted(item.value), []).append(complete)
                found.setdefault(item.value, found[quoted(item.value)])
        return found

    # --- whole entries -----------------------------------------------------------------------

    def _drop(self, key: str) -> bool:
        """Take an entry out, where it has lines of its own and is not the last one left."""
        key_node, node = self.entries[key]
        if self.root.flow_style or node.anchor or len(self.entries) < _FEW:
            return False
        if node.start_mark.index < key_node.end_mark.index:
            return False
        start = self._line_start(key_node.start_mark.index)
        if self.text[start : key_node.start_mark.index].strip():
            return False
        self._splice(start, self._line_end(self._value_end(key_node, node)), "")
        return True

    def _append(self, added: Mapping[str, tuple[Kind, Any]]) -> None:
        if self.root.flow_style:
            self._append_flow(added)
            return
        from .yamltext import entry

        end = self._end(self.root)
        lines = [entry(k, *v, self._indent(), self.newline) for k, v in added.items()]
        self._insert_below(end, "".join(lines))

    def _append_flow(self, added: Mapping[str, tuple[Kind, Any]]) -> None:
        entries = [f"{quoted(k, flow=True)}: {inline(*v, flow=True)}" for k, v in added.items()]
        at = self._last_end(self.root) if self.root.value else self.root.end_mark.index - 1
        self._splice(at, at, (", " if self.root.value else "") + ", ".join(entries))

    # --- places ------------------------------------------------------------------------------

    def _splice(self, start: int, end: int, replacement: str) -> None:
        self.splices.append((start, end, replacement))

    def _insert_below(self, at: int, lines: str) -> None:
        """Insert whole *lines* below the line in which *at* is."""
        end = self._line_end(at)
        if end == len(self.text) and not self.text.endswith("\n"):
            lines = self.newline + lines
        self._splice(end, end, lines)

    def _indent(self) -> str:
        column = self.root.value[0][0].start_mark.column if self.root.value else 0
        return " " * column

    def _colon(self, key_node: Node) -> int:
        return self.text.index(":", key_node.end_mark.index) + 1

    def _line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        """Behind the line break of the line in which *at* is."""
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found + 1

    def _end(self, node: Node) -> int:
        """Where a value ends: the marks of blocks stand behind the comments below them."""
        if isinstance(node, ScalarNode):
            if node.style in {"|", ">"}:
                return self._block_end(node)
            return int(node.end_mark.index)
        if getattr(node, "flow_style", None) or not node.value:
            return int(node.end_mark.index)
        return self._last_end(node)

    def _block_end(self, node: ScalarNode) -> int:
        """Where the last line of a block ends: empty ones below stay, spaces are its own."""
        end = node.end_mark.index
        start = self._line_start(end)
        if end < len(self.text) and not self.text[start:end].strip(" "):
            end = start
        return len(self.text[:end].rstrip("\r\n"))

    def _last_end(self, node: Node) -> int:
        last = node.value[-1]
        if isinstance(last, tuple):
            return self._value_end(*last)
        end = self._end(last)
        if end < node.start_mark.index:
            raise FormatError("an alias that cannot be passed", *_at(node))
        return end

    def _value_end(self, key_node: Node, node: Node) -> int:
        if node.start_mark.index < key_node.end_mark.index:  # its node stands where its anchor is
            match = _ALIAS.match(self.text, key_node.end_mark.index)
            if match is None:
                raise FormatError("an alias that cannot be passed", *_at(key_node))
            return match.end()
        return self._colon(key_node) if is_blank(node) else self._end(node)


def is_blank(node: Node) -> bool:
    """Whether nothing stands there; the marks of nothing are those of what comes next."""
    return isinstance(node, ScalarNode) and node.style is None and node.value == ""


def _at(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
