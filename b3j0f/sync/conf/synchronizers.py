"""Synchronizers of ``b3j0fsync-synchronizer.conf``: each section is one.

``stores`` are the stores that it links. Options of one link stand behind the store's name:
``sheet.mode = read``, ``sheet.types = customer``, ``sheet.where = state == open``, and
``sheet.where.customer`` for one type; ``sheet.map.person = customer`` and what follows are
mappings (see ``mappings``). ``types`` names the types that take part in all of them;
``policy``, ``policy.customer`` and ``policy.customer.email`` say who decides conflicts;
``max_removals`` is a share from 0 to 1, ``retries`` a number, ``keep_history`` a number of days;
``ledger`` is a file or a SQLAlchemy URL.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

from ..data import schema_of
from .ledgers import default_ledger, read_ledger
from .links import LINK_OPTIONS, link_options, read_link
from .mappings import is_map_option, map_options, read_mappings
from .mistakes import Memo, Mistakes
from .policies import read_policy

if TYPE_CHECKING:
    from collections.abc import Mapping as Dict

    from ..data import Data
    from ..link import Link
    from ..mapping import Mapping
    from ..reconcile.policy import Policy
    from ..store import Store
    from .files import Files
    from .reader import Reader
    from .stores import Stores

__all__ = ["NUMBERS", "SynchronizerSpec", "Synchronizers"]

NUMBERS: dict[str, tuple[type[int | float], float, str]] = {
    "max_removals": (float, 1, "a share from 0 to 1"),
    "retries": (int, inf, "0 or more"),
    "keep_history": (float, inf, "days, 0 or more, or =None for ever"),
}
"""Options that are numbers: what they are, the most they can be, and that in words."""
_OPTIONS = ("stores", "types", "policy", "ledger", *NUMBERS)

Policies = dict[str | None, dict[str | None, "Policy"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SynchronizerSpec:
    """What a section says, ready for the constructor.

    Attributes:
        reader: The section.
        links: With stores of their own, not connected.
        policy: By type and field, as the constructor takes it; None when none is named.
        numbers: Those of ``NUMBERS`` that are given.
        ledger: A file, a URL, or None: in memory.
    """

    reader: Reader
    links: tuple[Link, ...]
    policy: Policies | None
    numbers: Dict[str, float | None]
    ledger: str | None = field(repr=False)


@dataclass(slots=True)
class _Draft:
    """What is known of a section while it is read.

    Attributes:
        names: The stores that it names.
        stores: Those of them that could be built.
        words: For each of these, its types by the words for them; the shared ones, where it has
            them in another form.
        own: For each of these, its own types by the words for them.
        mappings: For each of these, how it has shared types.
        wanted: The types that take part; None: all.
    """

    reader: Reader
    names: list[str] = field(default_factory=list)
    stores: dict[str, Store] = field(default_factory=dict)
    words: dict[str, dict[str, type[Data]]] = field(default_factory=dict)
    own: dict[str, dict[str, type[Data]]] = field(default_factory=dict)
    mappings: dict[str, list[Mapping]] = field(default_factory=dict)
    wanted: list[type[Data]] | None = None
    links: list[Link] = field(default_factory=list)
    mistakes: Mistakes = field(default_factory=Mistakes)

    @property
    def is_whole(self) -> bool:
        """Whether all of its stores are known."""
        return bool(self.names) and len(self.stores) == len(self.names)

    @property
    def types(self) -> dict[str, type[Data]]:
        """The types of all stores by the words for them."""
        return {word: each for words in self.words.values() for word, each in words.items()}

    def options(self) -> list[str]:
        """Every option that there may be."""
        every = list(_OPTIONS)
        for name in self.names:
            every += link_options(name, self.words.get(name, ()))
            every += map_options(name, self.own.get(name, {}), self.types)
        for word, datatype in self.types.items():
            every.append(f"policy.{word}")
            every += [f"policy.{word}.{each}" for each in schema_of(datatype).fields]
        return every


class Synchronizers:
    """The synchronizers of the files, each read when it is first asked for."""

    def __init__(self, files: Files, stores: Stores) -> None:
        self._files, self._stores = files, stores
        self._specs: Memo[SynchronizerSpec] = Memo()

    @property
    def names(self) -> list[str]:
        """The names of all synchronizers; ConfigError when the file is missing or broken."""
        return list(self._files.sections("synchronizer"))

    def spec(self, name: str) -> SynchronizerSpec:
        """What the section *name* says.

        Raises:
            ConfigError: It, one of its stores or one of their types is wrong; it carries
                every mistake.
        """
        return self._specs.get(name, lambda: self._read(self._files.section("synchronizer", name)))

    def _read(self, reader: Reader) -> SynchronizerSpec:
        draft = _Draft(reader)
        collected = draft.mistakes.collected
        with collected():
            self._read_stores(draft)
        with collected():
            _read_mappings(draft)
        with collected():
            _read_types(draft)
        for name, store in draft.stores.items():
            mappings = draft.mappings.get(name, [])
            with collected():
                draft.links.append(
                    read_link(reader, store, draft.words[name], draft.wanted, mappings)
                )
        policy = None
        numbers: dict[str, float | None] = {}
        ledger: str | None = default_ledger(reader.name)
        with collected():
            policy = _read_policies(draft)
        with collected():
            numbers = _read_numbers(reader)
        with collected():
            ledger = read_ledger(reader)
        _check_options(draft)
        if draft.is_whole and not draft.mistakes:
            with collected():
                _check_flow(draft)
        draft.mistakes.check()
        return SynchronizerSpec(
            reader=reader,
            links=tuple(draft.links),
            policy=policy,
            numbers=numbers,
            ledger=ledger,
        )

    def _read_stores(self, draft: _Draft) -> None:
        reader, known = draft.reader, self._stores.names
        if "stores" not in reader:
            hint = "two or more of " + ", ".join(known)
            raise reader.error("the option is missing", "stores", hint)
        draft.names = reader.words("stores", known, "store")
        if len(draft.names) == 1:
            others = [name for name in known if name not in draft.names]
            hint = "one more" + (f" of {', '.join(others)}" if others else " in the file of stores")
            draft.mistakes.add(
                reader.error("one store alone needs no synchronizer", "stores", hint)
            )
        written: dict[type[Data], str] = {}
        for name in draft.names:
            with draft.mistakes.collected():
                spec = self._stores.spec(name)
                draft.stores[name] = spec.build()
                for datatype in draft.stores[name].types:
                    if datatype.__name__ in spec.type_names:
                        written[datatype] = spec.type_names[datatype.__name__]
        for name, store in draft.stores.items():
            draft.words[name] = {written.get(each, each.__name__): each for each in store.types}
            draft.own[name] = dict(draft.words[name])


def _read_mappings(draft: _Draft) -> None:
    """Put shared types in the place of those that stores have in another form."""
    shared = draft.types
    for name, own in draft.own.items():
        with draft.mistakes.collected():
            found = read_mappings(draft.reader, name, own, shared)
            draft.mappings[name] = [mapping for _, mapping in found.values()]
            draft.words[name] = {
                found[word][0] if word in found else word: (
                    found[word][1].shared if word in found else datatype
                )
                for word, datatype in own.items()
            }


def _read_types(draft: _Draft) -> None:
    if "types" in draft.reader and draft.is_whole:
        words = draft.reader.words("types", draft.types, "data type")
        draft.wanted = [draft.types[word] for word in words]
        for word in words:
            owners = [name for name, known in draft.words.items() if word in known]
            if len(owners) < 2:  # noqa: PLR2004 - to keep it in step takes two
                problem = f"of its stores, {owners[0]} alone has data of type {word}"
                draft.mistakes.add(draft.reader.error(problem, "types", "a type that two have"))


def _read_policies(draft: _Draft) -> Policies | None:
    reader, policies = draft.reader, Policies()
    for option in reader:
        place = _policy_place(draft, option)
        if place is not None and draft.names:
            word, name = place
            datatype = None if word is None else draft.types[word].__name__
            with draft.mistakes.collected():
                made = read_policy(reader, option, draft.names)
                policies.setdefault(datatype, {})[name] = made
    return policies or None


def _policy_place(draft: _Draft, option: str) -> tuple[str | None, str | None] | None:
    """The word of the type and the field that *option* is about; None when it is no policy."""
    if option == "policy":
        return None, None
    for word, datatype in draft.types.items():
        if option == f"policy.{word}":
            return word, None
        for name in schema_of(datatype).fields:
            if option == f"policy.{word}.{name}":
                return word, name
    return None


def _read_numbers(reader: Reader) -> dict[str, float | None]:
    """The numbers that are given; None where the option says so and may."""
    found: dict[str, float | None] = {}
    for option, (kind, most, hint) in NUMBERS.items():
        if option not in reader:
            continue
        if option == "keep_history" and reader.value(option) is None:
            found[option] = None
            continue
        value: float = reader.converted(option, kind)
        if not 0 <= value <= most:
            raise reader.error("the value does not fit", option, hint)
        found[option] = value
    return found


def _check_options(draft: _Draft) -> None:
    """Note options that there are not; where a store is not known, those that may be its own."""
    known = set(draft.options())
    for option in draft.reader:
        if option in known or any(is_map_option(option, *own) for own in draft.own.items()):
            continue
        store, _, rest = option.partition(".")
        may_be_right = not draft.is_whole and (
            store == "policy"
            or (rest.partition(".")[0] in LINK_OPTIONS and store not in draft.stores)
        )
        if not may_be_right:
            draft.mistakes.add(draft.reader.unknown(option, option, draft.options(), "option"))


def _check_flow(draft: _Draft) -> None:
    """Raise when nothing, or nothing of some type, could get from one store to another."""
    flowing: set[type[Data]] = set()
    for source in draft.links:
        for target in draft.links:
            if source is not target and source.reads and target.writes:
                flowing |= set(source.types) & set(target.types)
    if flowing:
        return
    shared = [
        word for word in draft.types if sum(word in known for known in draft.words.values()) > 1
    ]
    if shared:
        problem = f"nothing flows: {', '.join(shared)} cannot get from one store to another"
        hint = "a link that reads a type and another one that writes it"
    else:
        problem = "no type is in two of its stores"
        hint = "at least two stores that have a type in common"
    raise draft.reader.error(problem, "stores", hint)
