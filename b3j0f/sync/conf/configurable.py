"""Applying a new configuration to a store or a synchronizer while a program runs.

Both give b3j0f.conf's Configurable, whose ``getconf()`` tells what the files say now, and
whose ``applyconfiguration()`` makes it so. Unlike there, options are not set as attributes:
they are read, checked and converted as when the object was loaded, and nothing is changed
unless everything is right.
"""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from ..fields import MISSING
from . import bridge
from .files import file_name
from .load import Setup
from .mistakes import Mistakes
from .synchronizers import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from ..errors import ConfigError
    from ..store import Store
    from ..synchronizer import Synchronizer
    from .files import Kind
    from .stores import StoreSpec
    from .synchronizers import SynchronizerSpec

__all__ = ["StoreConfigurable", "SynchronizerConfigurable"]


class _SectionConfigurable(bridge.Configurable):
    """The Configurable of one section of the files of one kind.

    Args:
        kind: Which files.
        name: The section.
        target: What it configures where no targets are named.
        directory: Where the files are; None is that of the environment, as it is now.
    """

    def __init__(self, kind: Kind, name: str, target: object, directory: Path | None) -> None:
        setup = Setup(directory)
        self.directory, self.kind, self.name = setup.directory, kind, name
        super().__init__(
            paths=file_name(kind),
            drivers=bridge.drivers(self.directory, evaluate=self._evaluate),
            targets=[target],
            autoconf=False,
        )

    def _evaluate(self, text: str) -> Any:
        return Setup(self.directory).files.expressions(self.kind).evaluate(text)

    def getconf(
        self,
        conf: Any = None,
        paths: str | Iterable[str] | None = None,
        drivers: Iterable[Any] | None = None,
        **_options: Any,
    ) -> bridge.Configuration:
        """What the files say about this section, over what this object and *conf* say.

        Raises:
            ConfigError: A file cannot be read or understood.
        """
        found = bridge.Category(self.name)
        for given in (self.conf, self._toconf(conf)):
            for name in ("", self.name):
                found += list(given.get(name, {}).values())
        files = self.paths if paths is None else [paths] if isinstance(paths, str) else paths
        for file in files:
            for driver in self.drivers if drivers is None else drivers:
                # One by one: b3j0f.conf would evaluate what two of them say.
                read = driver.getconf(file) or {}
                found += list(read.get(self.name, {}).values())
        return bridge.configuration(found)

    def applyconfiguration(
        self, conf: Any = None, targets: Iterable[Any] | None = None, **options: Any
    ) -> list[Any]:
        """Make *targets* (by default the object that this is of) what the files say now.

        *conf* adds to the files; with ``paths=()`` it goes before them.

        Raises:
            ConfigError: Something is wrong, or cannot be changed at run time; nothing was
                changed, and its ``errors`` are all mistakes.
        """
        return self.configure(self.getconf(conf, **options), targets)

    def configure(
        self, conf: Any = None, targets: Iterable[Any] | None = None, **_options: Any
    ) -> list[Any]:
        """Make *targets* what the files, and before them *conf*, say."""
        setup = Setup(self.directory)
        setup.files.overlay(self.kind, self.name, _texts(self._toconf(conf)))
        chosen = list(self.targets if targets is None else targets)
        mistakes, changes = Mistakes(), []
        for target in chosen:
            with mistakes.collected():
                changes.append(self._change(setup, target))
        mistakes.check()
        for change in changes:
            change()
        return chosen

    def _change(self, setup: Setup, target: Any) -> Callable[[], object]:
        """What makes *target* so; nothing can be wrong any more when it is called."""
        raise NotImplementedError


class StoreConfigurable(_SectionConfigurable):
    """Applies ``b3j0fsync-store.conf`` to a store, which connects anew when next used.

    Its observers, and the synchronizers that link it, stay with it. Its class and its types
    cannot be changed. Apply it when no verb of the store is running.
    """

    def __init__(
        self,
        store: Store,
        directory: Path | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__("store", store.name, store, directory)
        self._options = options

    def _change(self, setup: Setup, target: Store) -> Callable[[], object]:
        spec = setup.stores.spec(self.name)
        if type(target) is not spec.cls:
            raise _fixed(spec, "class", f"a {type(target).__qualname__}")
        made = spec.build()
        if set(made.types) != set(target.types):
            raise _fixed(spec, "types", ", ".join(each.__name__ for each in target.types))

        def change() -> None:
            if spec.options != self._options:
                target._configure(**spec.options)
                self._options = spec.options

        return change


class SynchronizerConfigurable(_SectionConfigurable):
    """Applies ``b3j0fsync-synchronizer.conf`` to a synchronizer: its policy and its numbers.

    Its ledger and its links cannot be changed; its stores have a configurable of their own.
    """

    def __init__(
        self,
        synchronizer: Synchronizer,
        directory: Path | None = None,
        ledger: Any = MISSING,
    ) -> None:
        super().__init__("synchronizer", synchronizer.name, synchronizer, directory)
        self._ledger = ledger

    def _change(self, setup: Setup, target: Synchronizer) -> Callable[[], object]:
        spec = setup.synchronizers.spec(self.name)
        mistakes = Mistakes()
        for error in self._fixed(spec, target):
            mistakes.add(error)
        mistakes.check()
        defaults = signature(type(target)).parameters
        numbers = {name: spec.numbers.get(name, defaults[name].default) for name in NUMBERS}

        def change() -> None:
            target.policy = spec.policy
            for name, number in numbers.items():
                setattr(target, name, number)

        return change

    def _fixed(self, spec: SynchronizerSpec, target: Synchronizer) -> Iterator[ConfigError]:
        if self._ledger not in {MISSING, spec.ledger}:
            yield _fixed(spec, "ledger", "the ledger that it was loaded with")
        links = {link.store.name: link for link in target.links}
        if links.keys() != {link.store.name for link in spec.links}:
            yield _fixed(spec, "stores", ", ".join(links))
            return
        for link in spec.links:
            name, now = link.store.name, links[link.store.name]
            if link.mode != now.mode:
                yield _fixed(spec, f"{name}.mode", now.mode)
            if set(link.types) != set(now.types):
                types = ", ".join(each.__name__ for each in now.types)
                yield _fixed(spec, f"{name}.types", f"{types}, declared as they were")
            if repr(link.where) != repr(now.where):
                yield _fixed(spec, f"{name}.where", "the filter that it was loaded with")


def _fixed(spec: StoreSpec | SynchronizerSpec, option: str, hint: str) -> ConfigError:
    return spec.reader.error("this is changed by loading it anew only", option, hint)


def _texts(conf: bridge.Configuration) -> dict[str, str]:
    """The texts of all parameters by name."""
    texts = {}
    for category in conf.values():
        for param in category.values():
            if param.svalue is not None:
                # A name that is no identifier is a pattern to b3j0f.conf.
                texts[getattr(param.name, "pattern", param.name)] = param.svalue
    return texts
