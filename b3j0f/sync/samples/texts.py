"""Texts, names and contexts that stores get wrong."""

from __future__ import annotations

__all__ = ["LONG_TEXT", "ODD_CONTEXTS", "ODD_IDS", "ODD_NAMES", "ODD_TEXTS"]

LONG_TEXT = "All work and no play.\n" * 4_546  # a little more than 100,000 characters

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"

ODD_TEXTS: tuple[str, ...] = (
    *("", " ", "  leading", "trailing  ", "\t", "\ttab\there\t"),
    *("\n", "one\ntwo", "one\r\ntwo", "one\rtwo", "last\n", "last\r\n", "\n\nfirst", "a\n\n\nb "),
    *("\x0b\x0c", "a\x85b", "a\u2028b\u2029c", "a\u00a0b", "\u200b", "\ufeffbom"),
    *("'", '"', "'''", '"""', "`", "\\", "\\n", "a\\", "a,b;c\td|e", '"a","b"'),
    # What formats, shells and query languages could take for something else.
    *("null", "None", "true", "yes", "123", "007", "1e5", "0x1F", "1.0", "NaN", "2024-02-29"),
    *(
        "~",
        "#no comment",
        "key: value",
        "- item",
        "---",
        "...",
        "[x]",
        "{x}",
        "&a *b !c",
        "@x",
        "=",
    ),
    *("%s %(x)s %%", "{0}", "$x ${x}", "=1+1", "=env:HOME", "; drop table note", "<a>&amp;</a>"),
    *("\x01\x1b\x1f\x7f", "nul\0inside", "\0"),
    *(
        COMPOSED,
        DECOMPOSED,
        "ß SS \u017f",
        "I\u0307 \u0131",
        "שלום",
        "日本語",
        "👩‍👩‍👧 🏳️‍🌈",
        "\U0010ffff\uffff\ud7ff",
    ),
    LONG_TEXT,
)

ODD_NAMES: tuple[str, ...] = (
    *("", " ", " leading", "trailing ", "two words", "\t", "a\nb", "a\r\nb", "a\rb"),
    *("/", "//", "a/b", "a/", "/a", ".", "..", "...", "../x", "../../x", "./x", ".hidden", "dot."),
    *("\\", "a\\b", "c:", "CON", "nul", "a:b", "*", "?", "<>|", '"', "'", "-", "--help", "~", "$x"),
    *("%", "%2F", "%252F", "a%2Fb", "%00", "%s", "a?b=c&d#e", "a;b", "a,b", "=1", "[a]", "{a}"),
    *("null", "true", "1", "01", "1.0", "x.yaml", "x.json", "x.tmp", "_", "__init__", "index"),
    *(
        "case",
        "Case",
        "CASE",
        COMPOSED,
        DECOMPOSED,
        "straße",
        "STRASSE",
        "\u0131",
        "i",
        "I",
        "\u0130",
    ),
    *("\x01", "\x1f\x7f", "a\x85b", "a\u2028b", "\ufeff", "a\0b", "日本語", "👩‍👩‍👧", "\U0010ffff"),
    *("x" * 300, "x" * 299 + "y", "é" * 300, "/" * 300, "👍" * 300),
)
"""Each one differs from each other, some by case or by form of the same letters only."""

ODD_CONTEXTS: tuple[tuple[str, ...], ...] = (
    *((), ("a",), ("a", "b"), ("a", "b", "c"), ("b", "a"), ("a", "a"), ("A",)),
    *(("",), ("", ""), ("", "", ""), ("a", ""), ("", "a"), ("a", "", "b")),
    *(("a/b",), ("a/b", "c"), ("a", "b/c"), ("/",), ("/", "/"), ("//",), ("a%2Fb",)),
    *((".",), ("..",), ("..", ".."), ("...",), ("../x", "y"), ("a", "..", "b")),
    *((COMPOSED,), (DECOMPOSED,), ("a\nb", " "), ("\x01", "\x7f"), ("日本語", "👩‍👩‍👧")),
    *(("x" * 300,), ("x" * 299 + "y", "é" * 300, "👍" * 300), ("a,b", "c"), ("a", "b,c")),
    *(
        ("null",),
        ("1", "2"),
        ("[a]", "{b}"),
        ("a b",),
        ("a", "b "),
        ("x.yaml", "y.yaml"),
        ("a\0b",),
    ),
)
"""Each one differs from each other, some only by where a separator stands."""

ODD_IDS: tuple[str | int, ...] = (
    *("", " ", "nope", "0", "-1", "1.5", "../x", "..", ".", "/", "/etc/passwd", "a/b", "a\\b"),
    *("%2F", "a\0b", "\n", "é", "👍", "' or 1=1 --", "*", "?", "null", "x" * 5_000),
    *(-1, 2**31, 2**63, -(2**63) - 1, 10**30),
)
"""Ids that no store gives; a store has to say that there is no such data."""
