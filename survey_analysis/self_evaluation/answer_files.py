"""The door for a file of answers: what is refused before any field of it is looked at."""

import json
import re
from math import inf
from pathlib import Path
from typing import NoReturn

from survey_analysis.errors import InputError
from survey_analysis.rendering import printable

LARGEST = 1_000_000
"""Bytes of a file of answers; one that is filled to the brim has some 30,000."""

DEEPEST = 10
"""Objects and lists inside one another; the format needs four."""

SAVED = "give one that the form saved"
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)
_DIGITS = 15  # a longer number is no count, and takes long to read


def read_json(path: Path, file: str) -> object:
    """What a file of answers holds, as plain values, if it is JSON that can mean one thing only.

    `file` is what messages call it.

    Raises
    ------
    InputError
        What `text_of` refuses; no whole JSON, nested too deeply, a field of an object that is named twice.
    """
    return _parsed(text_of(path, file, "file of answers", SAVED), file)


def shown_name(file: str) -> str:
    """The name of a file as a message may hold it: in one line, without what is not seen, and short."""
    return " ".join(printable(file).split())[:120]


def text_of(path: Path, name: str, kind: str, repair: str) -> str:
    """The text of a file of a kind that is small, or the error that ends with what is to be done instead.

    Raises
    ------
    InputError
        A file that cannot be read or is no plain file, is too large, or not in UTF-8 (a byte order mark is left out).
    """
    place = shown_name(str(path))
    try:
        is_other = path.exists() and not path.is_file()  # a folder, or a pipe that would be waited for
        content = b"" if is_other else _start_of(path)
    except OSError as error:
        raise InputError(f"{place!r} cannot be read ({error.strerror}); {repair}") from None
    except ValueError:  # of a name with a character that no name can have
        raise InputError(f"{place!r} cannot be the name of a file; {repair}") from None
    if is_other:
        raise InputError(f"{place!r} is no {kind}; {repair}")
    if len(content) > LARGEST:
        raise InputError(f"{name} is larger than 1 MB, which no {kind} is; {repair}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{name} is not text in UTF-8; {repair}") from None


def _start_of(path: Path) -> bytes:
    """As much of a file as may be in it, and one byte more if there is one."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _parsed(text: str, name: str) -> object:
    depth = deepest = 0
    for found in _BRACKETS.finditer(text):
        depth += bool(found[1]) - bool(found[2])
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise InputError(f"{name} is nested deeper than any file of answers; {SAVED}")

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        table: dict[str, object] = {}
        for field, value in pairs:
            if field in table:
                raise InputError(f"{name} has the field {field[:40]!r} twice in one object; keep one of them")
            table[field] = value
        return table

    def no_number(word: str) -> NoReturn:
        raise InputError(f"{name} is not a whole file of answers: it holds {word}, which is no number; {SAVED}")

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=no_number, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{name} is not a whole file of answers (line {error.lineno}, column {error.colno}); {SAVED}, and save it "
            "again if it was cut short"
        ) from None


def _whole(digits: str) -> int | float:
    """A whole number, or infinity where it is longer than any that is asked for."""
    return int(digits) if len(digits) <= _DIGITS else inf
