"""Texts that look like a person's data: told that they are there, never repeated.

What is looked for is the shape of a text alone. A first name by itself, or a name in small letters, is not seen.
"""

import re

A_DATE = "a date, perhaps of birth"
NAME = "the name of a person or a school"
_MONTH = "(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
CONTACTS = (
    ("an email address", re.compile(r"[^ \t\r\n@]+@[^ \t\r\n@]+\.[^ \t\r\n@]+")),
    ("a unique pupil number", re.compile(r"\b[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]\b", re.IGNORECASE | re.ASCII)),
    (
        "a telephone number",
        re.compile(r"(?<![\w.-])(?:\+44[ .-]?(?:\(0\))?|\(?0(?!\.))(?:[ .()-]{0,2}\d){9,10}(?![\w-])", re.ASCII),
    ),
)
"""What leads to one person without a name. Browsers read the patterns too: letters and digits are those of ASCII."""

_SHAPES = (
    *CONTACTS,
    (
        A_DATE,
        re.compile(
            r"\b(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}[/.-]\d{1,2}[/.-]\d{1,2}"
            r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
            rf"|{_DAY} +{_MONTH},? +\d{{2,4}}|{_MONTH} +{_DAY},? +\d{{4}})\b",
            re.IGNORECASE,
        ),
    ),
)
_IN_NAMES = frozenset("'\u2019.-")
_OF_NO_NAME = frozenset(
    {
        *("a", "an", "and", "area", "autumn", "case", "city", "class", "county", "district", "east", "first", "group"),
        *("hub", "infant", "junior", "lead", "lesson", "music", "north", "of", "phase", "pilot", "primary", "school"),
        *("second", "secondary", "site", "south", "special", "spring", "summer", "term", "the", "third", "town"),
        *("urban", "visit", "west", "year"),
    }
)
_IN_CAPITALS = re.compile(r"\b[A-Z][\w'\u2019-]+(?: [A-Z][\w'\u2019-]*){1,4}")
_LOOKED_AT = 300  # of a text: shapes are looked for in no time, whatever a cell holds
_LONGEST = 40  # of what is repeated; a cell can hold 32,767 characters


def personal(text: str) -> str:
    """What a text looks like that should not be there, in words; nothing where it looks like nobody's.

    >>> personal("ada@example.org"), personal("A123456789012"), personal("3 May 2014"), personal("Byron, Ada")
    ('an email address', 'a unique pupil number', 'a date, perhaps of birth', 'the name of a person or a school')
    >>> personal("V01"), personal("good"), personal("School A")
    ('', '', '')
    """
    text = text[:_LOOKED_AT].strip()
    return next((kind for kind, shape in _SHAPES if shape.search(text)), NAME if _is_name(text) else "")


def personal_inside(text: str) -> str:
    """The same, of a longer text: names in the midst of it are looked for as well.

    >>> personal_inside("Spoke to Ada Byron about the clarinet"), personal_inside("Spoke to the head")
    ('the name of a person or a school', '')
    """
    inside = any(_is_name(found[0]) for found in _IN_CAPITALS.finditer(text[:_LOOKED_AT]))
    return personal(text) or (NAME if inside else "")


def contact_inside(text: str) -> str:
    """What a text holds that leads to one person without a name; dates and names may stand in it.

    >>> contact_inside("Seen by the governors on 3 May 2014; write to ada@example.org")
    'an email address'
    """
    return next((kind for kind, shape in CONTACTS if shape.search(text)), "")


def _is_name(text: str) -> bool:
    """Two to five words that all begin with a capital, one of them at least a word that only names have."""
    words = text.replace(",", " ").split()
    return (
        2 <= len(words) <= 5
        and all(word[0].isupper() and all(it.isalpha() or it in _IN_NAMES for it in word) for word in words)
        and any(len(word.strip(".")) > 1 and word.casefold() not in _OF_NO_NAME for word in words)
    )


def shared_name(file: str) -> str:
    """The name of a file as a report repeats it: 'visits', with its ending, where it has a person's data in it.

    >>> shared_name("autumn-2025.xlsx"), shared_name("Ada Byron.xlsx")
    ('autumn-2025.xlsx', 'visits.xlsx')
    """
    stem, point, ending = file.rpartition(".")
    words = (stem or ending).replace("_", " ")
    return file if personal(words) in ("", A_DATE) else f"visits{point and point + ending}"


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
