"""What the demo starts with: an issue tracker's projects and issues, and its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..data import Data
    from ..store import Store

__all__ = ["EDITS", "FILES", "ISSUES", "PROJECTS"]

FILES = {
    "b3j0fsync-data.conf": """\
; What is kept in step: projects, and the issues in them.

[project]
lead = str?

[issue]
parent = project
state = one of: open, closed = open
priority = one of: low, normal, high = normal
assignee = str?
labels = set of str
""",
    "b3j0fsync-store.conf": """\
; Where they live: in a database, and in a folder of files that people can edit.

[tracker]
class = sql
types = project, issue
url = sqlite:///tracker.db

[folder]
class = files
types = project, issue
path = folder
format = yaml
""",
    "b3j0fsync-synchronizer.conf": """\
; What is done about it: both are kept in step, and you decide where two people disagree.

[issues]
stores = tracker, folder
policy = manual
ledger = ledger.db
""",
}

PROJECTS: list[dict[str, Any]] = [
    {"name": "editor", "description": "The text editor", "lead": "ann"},
    {"name": "website", "description": "The public site", "lead": "chen"},
    {"name": "billing", "description": "Invoices and payments", "lead": "dora"},
]

_TABLE = """
editor  | crash when a file is empty       | open   | high   | ann  | bug, crash
editor  | slow scrolling in long files     | open   | normal | bob  | bug, speed
editor  | dark theme                       | open   | low    |      | wish
editor  | spell checker for French         | open   | normal | chen | wish
editor  | tabs are lost on restart         | closed | high   | ann  | bug
editor  | search ignores accents           | open   | normal | bob  | bug, search
editor  | undo after saving                | closed | normal | ann  | wish
editor  | print preview shows a blank page | open   | low    |      | bug, printing
editor  | file names with a slash          | open   | normal | dora | bug
website | broken link on the start page    | closed | high   | chen | bug
website | opening hours are outdated       | open   | high   | chen | content
website | contact form sends mail twice    | open   | high   | bob  | bug, mail
website | photos are too large             | open   | normal | dora | speed
website | imprint in English               | open   | low    |      | content
website | search finds deleted pages       | open   | normal | bob  | bug, search
website | newsletter archive               | closed | low    | chen | wish
website | cookie banner hides the menu     | open   | high   | dora | bug
billing | invoice has the wrong date       | open   | high   | dora | bug, invoice
billing | round to full cents              | closed | high   | dora | bug
billing | reminder after 30 days           | open   | normal | ann  | wish, mail
billing | export for the tax office        | open   | high   | dora | export
billing | second address for deliveries    | open   | normal |      | wish
billing | payment by instalments           | open   | low    | bob  | wish
billing | VAT number is not checked        | open   | normal | ann  | bug, invoice
billing | credit notes have no number      | closed | normal | dora | bug, invoice
"""


def _issues() -> list[dict[str, Any]]:
    rows = [[part.strip() for part in line.split("|")] for line in _TABLE.strip().splitlines()]
    return [
        {
            "name": name,
            "context": (project,),
            "state": state,
            "priority": priority,
            "assignee": assignee or None,
            "labels": frozenset(label.strip() for label in labels.split(",")),
        }
        for project, name, state, priority, assignee, labels in rows
    ]


ISSUES = _issues()


class Edit(NamedTuple):
    """What somebody does to one issue in one store, in words and as it is done.

    No *fields* remove it; where there is no such issue, they add it.
    """

    store: str
    text: str
    project: str
    name: str
    fields: dict[str, Any]

    def make(self, store: Store) -> None:
        """Do it."""
        datatype = next(each for each in store.types if each.__name__ == "issue")
        found: Data | None = store.get_by_name(datatype, self.name, [self.project])
        if found is None:
            store.add(
                store.create(datatype, name=self.name, context=(self.project,), **self.fields)
            )
        elif self.fields:
            store.update(found.replace(**self.fields), found)
        else:
            store.remove(found)


EDITS = [
    Edit(
        "tracker",
        "bob closes 'slow scrolling in long files'",
        "editor",
        "slow scrolling in long files",
        {"state": "closed"},
    ),
    Edit(
        "tracker",
        "ann reports 'crash when an image is pasted'",
        "editor",
        "crash when an image is pasted",
        {"priority": "high", "assignee": "ann", "labels": frozenset({"bug", "crash"})},
    ),
    Edit(
        "tracker",
        "chen renames 'imprint in English' to 'imprint in English and French'",
        "website",
        "imprint in English",
        {"name": "imprint in English and French"},
    ),
    Edit("tracker", "chen removes 'newsletter archive'", "website", "newsletter archive", {}),
    Edit(
        "tracker",
        "bob gives 'contact form sends mail twice' a normal priority",
        "website",
        "contact form sends mail twice",
        {"priority": "normal"},
    ),
    Edit(
        "folder",
        "dora takes 'dark theme', and labels it as design",
        "editor",
        "dark theme",
        {"assignee": "dora", "labels": frozenset({"wish", "design"})},
    ),
    Edit(
        "folder",
        "dora reports 'discount codes'",
        "billing",
        "discount codes",
        {"assignee": "dora", "labels": frozenset({"wish"})},
    ),
    Edit(
        "folder",
        "ann removes 'second address for deliveries'",
        "billing",
        "second address for deliveries",
        {},
    ),
    Edit(
        "folder",
        "chen gives 'contact form sends mail twice' a low priority",
        "website",
        "contact form sends mail twice",
        {"priority": "low"},
    ),
]
