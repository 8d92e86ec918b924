"""``resolve``: decide a conflict, or many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from . import options
from .output import Output, hint
from .text import command

if TYPE_CHECKING:
    from ..synchronizer import Synchronizer
    from .answers import Answer
    from .options import Exit
    from .values import Values

__all__ = ["resolve"]

WAYS = "--store, --value, --edit, --policy, --same and --apart"


@click.command(short_help="Decide a conflict.")
@click.argument("words", nargs=-1, metavar="[NAME] NUMBER")
@click.option("--store", metavar="STORE", help="Take the value that this store has.")
@click.option("--value", metavar="VALUE", help="Take this value.")
@click.option("--edit", is_flag=True, help="Take what you make of the values in your editor.")
@click.option(
    "--policy",
    metavar="POLICY",
    help="Take what this decides: newest, prefer:STORE, merge:lines, ...",
)
@click.option(
    "--same",
    multiple=True,
    metavar="STORE=ID,...",
    help="These data are the same one; all that are not named are different.",
)
@click.option("--apart", is_flag=True, help="All data are different.")
@click.option("--all", "every", is_flag=True, help="Decide all of them, with --store or --policy.")
@options.types
@options.fields
@options.as_json
@options.verbose
def resolve(
    *,
    words: tuple[str, ...],
    store: str | None,
    value: str | None,
    edit: bool,
    policy: str | None,
    same: tuple[str, ...],
    apart: bool,
    every: bool,
    types: tuple[str, ...],
    fields: tuple[str, ...],
    as_json: bool,
) -> Exit:
    """Decide a conflict for the value of a store, or for another one; it is written everywhere.

    NUMBER is that of the list which conflicts gave last, or the key that stands beside it.
    --all, --type and --field stand for all of them, or all of a kind; those that the store has
    no value in, or that the policy does not decide, stay open.

    --edit opens VISUAL or EDITOR with all the values. Where the question is which data are the
    same: --same warehouse=12,sheet=7 for each of them that several stores have, or --apart.

    Exit codes: 0 no conflict is left, 1 something failed, 3 others wait for a decision.
    """
    ways = [store is not None, value is not None, edit, policy is not None, bool(same), apart]
    if sum(ways) != 1:
        raise click.UsageError(f"one of {WAYS} says what to take")
    many = every or bool(types or fields)
    if many and store is None and policy is None:
        raise click.UsageError("with --all, --type or --field, --store or --policy says what")
    if len(words) > 1 if many else not words:
        raise click.UsageError("expected [NAME] NUMBER, or [NAME] --all")
    name, number = _named(words, many=many)
    output = Output(as_json=as_json)
    with options.opened(name) as synchronizer:
        from .resolving import Resolving
        from .values import Values

        values = Values(synchronizer.types)
        answer = _answer(
            synchronizer, values, store=store, value=value, policy=policy, same=same, edit=edit
        )
        wanted = options.chosen_conflicts(synchronizer, types, fields)
        work = Resolving(synchronizer, values, answer)
        if number is None:
            work.resolve_all(wanted, store)
        else:
            work.resolve(number)
        output.report(document=work.document, lines=work.lines)
        if work.left:
            hint(f"to see what is left: {command('conflicts', synchronizer.name)}")
        return work.code


def _named(words: tuple[str, ...], *, many: bool) -> tuple[str | None, str | None]:
    """The name of the synchronizer, and which conflict."""
    if many:
        return (words[0] if words else None), None
    name, (number,) = options.named(words, "NUMBER")
    return name, number


def _answer(
    synchronizer: Synchronizer,
    values: Values,
    *,
    store: str | None,
    value: str | None,
    policy: str | None,
    same: tuple[str, ...],
    edit: bool,
) -> Answer:
    from . import answers

    if store is not None:
        if store not in synchronizer.stores:
            known = ", ".join(synchronizer.stores)
            raise click.UsageError(f"there is no store {store!r}; expected one of {known}")
        return answers.value_of(store)
    if value is not None:
        return answers.take(value, values)
    if policy is not None:
        return answers.by_policy(policy, list(synchronizer.stores), values)
    return answers.edit(values) if edit else answers.same(same)
