"""``check``: every mistake in the configuration, or what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from . import options
from .options import Exit
from .output import Output
from .text import command, count, escaped, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..conf.load import Setup
    from ..errors import ConfigError

__all__ = ["check"]


@click.command(short_help="Tell every mistake in the configuration files.")
@click.option("--connect", is_flag=True, help="Also connect to each store once.")
@options.as_json
@options.verbose
def check(connect: bool, as_json: bool) -> Exit:
    """Tell every mistake in the configuration files; without any, what they say.

    Nothing is written. With --connect, stores may make tables that are missing.
    """
    from ..conf import check as find_mistakes
    from ..conf.load import Setup

    mistakes = find_mistakes(connect=connect)
    output = Output(as_json=as_json)
    if mistakes:
        output.report(
            document=lambda: {"ok": False, "mistakes": [*map(_document, mistakes)]},
            lines=lambda: _mistake_lines(mistakes),
        )
        return Exit.ERROR
    found = _found(Setup())
    output.report(
        document=lambda: {"ok": True, "mistakes": [], **found},
        lines=lambda: _lines(found, connected=connect),
    )
    return Exit.OK


def _document(mistake: ConfigError) -> dict[str, Any]:
    return {
        "file": mistake.file,
        "section": mistake.section,
        "option": mistake.option,
        "problem": without_secrets(mistake.problem),
        "expected": mistake.expected,
    }


def _mistake_lines(mistakes: Sequence[ConfigError]) -> Iterator[str]:
    yield from (escaped(without_secrets(mistake)) for mistake in mistakes)
    yield count(len(mistakes), "mistake")


def _found(setup: Setup) -> dict[str, Any]:
    """What the files say, as plain values; they are known to be right."""
    from ..data import schema_of

    types = {name: schema_of(setup.types.get(name)) for name in setup.types.names}
    stores = {name: setup.stores.spec(name) for name in setup.stores.names}
    synchronizers = {name: setup.synchronizers.spec(name) for name in setup.synchronizers.names}
    return {
        "directory": str(setup.directory),
        "types": {
            name: {
                "parent": schema.parent and schema.parent.__name__,
                "fields": [field for field in schema.names if field not in _COMMON],
            }
            for name, schema in types.items()
        },
        "stores": {
            name: {"class": spec.cls.__name__, "types": list(spec.type_names.values())}
            for name, spec in stores.items()
        },
        "synchronizers": {
            name: {
                "stores": {link.store.name: link.mode for link in spec.links},
                "ledger": spec.ledger and without_secrets(spec.ledger),
            }
            for name, spec in synchronizers.items()
        },
    }


_COMMON = ("name", "context", "description")


def _lines(found: dict[str, Any], *, connected: bool) -> Iterator[str]:
    yield f"directory {escaped(found['directory'])}"
    for name, told in found["types"].items():
        embedded = f" in {escaped(told['parent'])}" if told["parent"] else ""
        yield f"type {escaped(name)}{embedded}: {escaped(', '.join(told['fields']))}"
    for name, told in found["stores"].items():
        types = f" of {', '.join(told['types'])}" if told["types"] else ""
        yield f"store {escaped(name)}: {told['class']}{escaped(types)}"
    for name, told in found["synchronizers"].items():
        links = ", ".join(s if m == "both" else f"{s} ({m})" for s, m in told["stores"].items())
        ledger = told["ledger"] or "in memory"
        yield f"synchronizer {escaped(name)}: {escaped(links)}; ledger {escaped(ledger)}"
    all_well = "every store could be connected" if connected else "no mistake found"
    yield f"ok: {all_well}. Next: {command('plan')}"
