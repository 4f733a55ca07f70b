"""Texts that look like a person's data: told that they are there, never repeated.

What is looked for is the shape of a text alone. A first name by itself, or a name in small letters, is not seen.
"""

import re

A_DATE = "a date, perhaps of birth"
NAME = "the name of a person or a school"
_SHAPES = (
    ("an email address", re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")),
    ("a unique pupil number", re.compile(r"\b[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]\b", re.IGNORECASE)),
    (
        A_DATE,
        re.compile(r"\b(\d{1,2}[/.-]\d{1,2}[/.-](\d{4}|\d{2})|\d{4}[/.-]\d{1,2}[/.-]\d{1,2})\b"),
    ),
    (NAME, re.compile(r"(?:[A-Z][a-z'\u2019.-]+|[A-Z]\.?)(?: +[A-Z][A-Za-z'\u2019.-]*){1,4}")),
)
_LOOKED_AT = 300  # of a text: shapes are looked for in no time, whatever a cell holds
_LONGEST = 40  # of what is repeated; a cell can hold 32,767 characters


def personal(text: str) -> str:
    """What a text looks like that should not be there, in words; nothing where it looks like nobody's.

    >>> personal("ada@example.org"), personal("A123456789012"), personal("3/5/2014"), personal("Ada Byron")
    ('an email address', 'a unique pupil number', 'a date, perhaps of birth', 'the name of a person or a school')
    >>> personal("V01"), personal("good")
    ('', '')
    """
    text = text[:_LOOKED_AT]
    for kind, shape in _SHAPES:
        if shape.fullmatch(text.strip()) if kind == NAME else shape.search(text):
            return kind
    return ""


def quoted(value: object) -> str:
    """A value as a message repeats it: short, its unseen characters written out, and nobody's data in it.

    >>> quoted("goood"), quoted(12.5), quoted("Ada Byron")
    ("'goood'", '12.5', 'a text that looks like the name of a person or a school')
    """
    if not isinstance(value, str):
        return repr(value)
    if kind := personal(value):
        return f"a text that looks like {kind}"
    return repr(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}...")
