"""Histories in which a law was once broken, cut down to what it takes; they stay for ever."""

import pytest

from b3j0f.sync.testing.soak import play

FOUND = {
    "added unheard, edited there, moved elsewhere": (
        "memory",
        (1, 2600, 1, 6),
        [
            ("fault", 1, 0, 0, 0, 0),
            ("add_note", 1, 0, 0, 0, 0),
            ("fault", 2, 4, 1, 0, 0),
            ("edit_note", 1, 0, 0, 0, 0),
            ("edit_note", 2, 0, 0, 0, 1),
            ("move_note", 0, 0, 1, 1, 0),
        ],
    ),
    "two swap names, and a third wants one of them": (
        "memory",
        (1, 1560, 2, 5),
        [
            ("add_note", 0, 0, 0, 0, 0),
            ("add_note", 0, 1, 0, 0, 0),
            ("fault", 0, 0, 0, 0, 0),
            ("fault", 0, 2, 6, 0, 0),
            ("add_note", 0, 0, 0, 0, 0),
            ("swap", 2, 0, 1, 1, 0),
        ],
    ),
    "added unheard, moved, and another one added in its place": (
        "memory",
        (3, 2506, 3, 1),
        [
            ("fault", 0, 4, 3, 0, 0),
            ("add_note", 1, 0, 1, 0, 0),
            ("move_note", 1, 0, 0, 0, 0),
            ("add_note", 1, 0, 1, 0, 0),
            ("retry", 0, 0, 0, 0, 0),
        ],
    ),
    "moved out of what is removed, with a conflict": (
        "memory",
        (3, 2728, 0, 4),
        [
            ("add_note", 0, 0, 0, 0, 0),
            ("add_folder", 0, 1, 0, 0, 0),
            ("move_note", 0, 0, 2, 0, 0),
            ("edit_note", 0, 0, 1, 0, 1),
            ("edit_note", 1, 0, 1, 0, 0),
            ("move_note", 0, 0, 0, 1, 0),
            ("remove", 0, 0, 1, 0, 0),
            ("fault", 0, 2, 6, 0, 0),
        ],
    ),
    "added unheard in two places, and edited in one": (
        "memory",
        (2, 390, 6, 3),
        [
            ("fault", 2, 4, 7, 0, 0),
            ("add_note", 0, 0, 0, 1, 0),
            ("edit_note", 0, 0, 0, 0, 0),
            ("edit_note", 1, 0, 0, 0, 0),
        ],
    ),
    "written out of a filter, with a conflict": (
        "memory",
        (2, 1989, 5, 4),
        [
            ("add_note", 0, 0, 0, 0, 0),
            ("add_folder", 0, 0, 0, 0, 0),
            ("edit_note", 0, 0, 0, 0, 1),
            ("edit_note", 1, 0, 0, 0, 0),
            ("edit_note", 0, 0, 2, 0, 1),
            ("fault", 0, 2, 6, 0, 0),
        ],
    ),
    "two of one name, one of them removed, and a third": (
        "memory",
        (1, 2905, 5, 4),
        [
            ("add_note", 0, 1, 1, 0, 0),
            ("add_note", 0, 1, 1, 1, 0),
            ("fault", 0, 0, 0, 0, 0),
            ("fault", 0, 2, 6, 0, 0),
            ("remove", 1, 0, 0, 0, 0),
            ("add_note", 1, 1, 1, 1, 0),
        ],
    ),
    "a removal, a move, an addition and a renaming, each waiting for the next": (
        "memory",
        (2, 235, 7, 2),
        [
            ("add_folder", 0, 1, 0, 0, 0),
            ("add_folder", 0, 0, 0, 0, 0),
            ("add_note", 0, 0, 1, 0, 0),
            ("add_note", 0, 0, 0, 0, 0),
            ("add_note", 0, 1, 0, 0, 0),
            ("remove", 0, 0, 1, 1, 0),
            ("rename_folder", 0, 0, 0, 0, 0),
            ("move_note", 1, 2, 2, 1, 0),
            ("add_folder", 0, 1, 0, 0, 0),
        ],
    ),
    "added unheard, moved elsewhere, and another one added there in its new place": (
        "memory",
        (2, 2539, 3, 4),
        [
            ("fault", 1, 4, 3, 0, 0),
            ("add_note", 0, 1, 1, 0, 0),
            ("move_note", 0, 0, 0, 0, 0),
            ("add_note", 1, 1, 0, 0, 0),
        ],
    ),
    "added unheard, and its name swapped with another one there": (
        "memory",
        (2, 2833, 3, 6),
        [
            ("add_note", 0, 1, 0, 0, 0),
            ("move_note", 0, 0, 2, 0, 0),
            ("add_note", 0, 0, 1, 1, 0),
            ("fault", 0, 4, 1, 0, 0),
            ("fault", 0, 2, 2, 0, 0),
            ("move_note", 1, 0, 1, 1, 0),
            ("remove", 0, 1, 0, 0, 0),
            ("swap", 0, 1, 0, 1, 0),
        ],
    ),
    "added unheard, and gone from the filter": (
        "memory",
        (3, 9, 2, 4),
        [
            ("add_note", 0, 0, 0, 0, 0),
            ("fault", 2, 4, 1, 0, 0),
            ("add_note", 0, 0, 0, 0, 0),
            ("edit_note", 2, 1, 2, 0, 0),
            ("move_note", 0, 1, 1, 0, 0),
        ],
    ),
    "added unheard, edited while it could not be told from another one, and moved": (
        "memory",
        (1, 1564, 7, 7),
        [
            ("fault", 0, 4, 3, 0, 0),
            ("add_note", 1, 0, 1, 0, 0),
            ("add_note", 1, 0, 1, 0, 0),
            ("edit_note", 0, 0, 0, 0, 0),
            ("move_note", 0, 0, 0, 0, 0),
        ],
    ),
    "killed while a store removed what was embedded along, and told of it again": (
        "memory",
        (2, 3100, 3, 0),
        [
            ("add_folder", 0, 0, 0, 0, 0),
            ("fault", 2, 3, 6, 0, 0),
            ("add_note", 0, 0, 1, 0, 0),
            ("remove", 0, 0, 1, 0, 0),
            ("rename_folder", 2, 0, 0, 0, 0),
        ],
    ),
    "added unheard, and another one of its name renamed": (
        "memory",
        (1, 3007, 2, 7),
        [
            ("fault", 0, 4, 1, 0, 0),
            ("add_note", 1, 0, 1, 0, 0),
            ("add_note", 0, 0, 1, 1, 0),
            ("swap", 0, 1, 0, 0, 0),
        ],
    ),
    "two swap names, one of which a third one is said to have": (
        "memory",
        (2, 553, 3, 0),
        [
            ("add_note", 0, 0, 1, 0, 0),
            ("add_note", 0, 1, 1, 0, 0),
            ("add_note", 0, 0, 2, 0, 0),
            ("move_note", 0, 0, 2, 0, 0),
            ("add_note", 0, 1, 2, 0, 0),
            ("add_note", 0, 0, 0, 0, 0),
            ("swap", 0, 3, 4, 1, 0),
            ("add_note", 0, 2, 1, 0, 0),
            ("swap", 1, 1, 5, 0, 0),
        ],
    ),
    "killed while a store removed what was embedded along, and then catching up": (
        "memory",
        (1, 1563, 6, 4),
        [
            ("add_folder", 0, 1, 0, 0, 0),
            ("add_note", 0, 0, 0, 0, 0),
            ("add_note", 0, 0, 2, 0, 0),
            ("move_note", 1, 0, 0, 3, 0),
            ("fault", 2, 3, 6, 0, 0),
            ("remove", 1, 0, 1, 0, 0),
            ("fault", 1, 0, 2, 0, 0),
            ("edit_note", 0, 0, 0, 0, 0),
            ("deliver", 0, 0, 0, 0, 0),
        ],
    ),
}


@pytest.mark.parametrize("history", FOUND.values(), ids=list(FOUND))
def test_it_holds_now(history):
    play(*history)
