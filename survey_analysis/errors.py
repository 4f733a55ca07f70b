"""The one error that bad input raises: a sentence that names what, where and the repair."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from numbers import Real
from operator import index
from os import fspath
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
_LISTED = 30  # names in one message: a whole table's columns, not a hundred claims


class InputError(ValueError):
    """Something that was handed in cannot be used.

    The message is one sentence (or a few, one per problem) for the person who handed it in. The command line prints
    the message alone, and so do notebooks: a traceback through this package helps nobody who mistyped a column name.
    """

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [str(self)]


def unknown(argument: str, value: object, allowed: Iterable[object], *, where: str = "") -> InputError:
    """The error for a value that is not among those allowed, with the nearest one suggested.

    >>> print(unknown("method", "wilsen", ["wilson", "exact"]))
    method must be one of 'wilson', 'exact', not 'wilsen'; did you mean 'wilson'?
    """
    names = [str(name) for name in allowed]
    if not names:
        return InputError(f"{where}{argument} cannot be {value!r}, for there is nothing to choose from")
    near = nearest(str(value), names)
    hint = f"; did you mean {near!r}?" if near else ""
    listed = ", ".join(map(repr, names[:_LISTED])) + (f" and {len(names) - _LISTED} more" * (len(names) > _LISTED))
    return InputError(f"{where}{argument} must be one of {listed}, not {value!r}{hint}")


def nearest(text: str, names: Iterable[str]) -> str:
    """The name that a text is most likely meant to be, or nothing where none is near.

    >>> nearest("Wilsen ", ["wilson", "exact"]), nearest("x", ["wilson"])
    ('wilson', '')
    """
    known = {name.lower(): name for name in names}
    near = get_close_matches(text.strip().lower(), known, n=1, cutoff=0.6)
    return known[near[0]] if near else ""


def choice(argument: str, value: str, allowed: Mapping[str, T]) -> T:
    """What stands in a table under a name that was handed in, or the error of `unknown`.

    >>> choice("time", "after", {"before": 0, "after": 1})
    1
    """
    if not isinstance(value, str) or value not in allowed:
        raise unknown(argument, value, allowed)
    return allowed[value]


def confidence_level(level: float) -> float:
    """A level between 0 and 1, or the error that says how to write it.

    >>> confidence_level(0.95)
    0.95
    """
    if isinstance(level, bool) or not isinstance(level, Real) or not 0 < level < 1:
        percent = isinstance(level, Real) and not isinstance(level, bool) and 1 < level < 100
        hint = f"write {level / 100:g} for {level:g}%" if percent else "write 0.95 for 95%"
        raise InputError(f"level must be between 0 and 1, not {level!r}; {hint}")
    return float(level)


def as_whole(value: object) -> int | None:
    """A whole number of any kind as a plain one; None for what is not whole, as 12.0, '12' and True are not.

    >>> as_whole(12), as_whole(12.0)
    (12, None)
    """
    try:
        return None if isinstance(value, bool) else index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def whole_number(argument: str, value: object, *, least: int = 1) -> int:
    """A whole number that is not below the least, or the error that names the argument.

    >>> whole_number("resamples", 999)
    999
    """
    whole = as_whole(value)
    if whole is None or whole < least:
        raise InputError(f"{argument} must be a whole number from {least:,}, not {value!r}")
    return whole


def as_path(argument: str, value: object, wanted: str) -> Path:
    """A path from a text, or from what stands for one, or the error that says what is wanted.

    >>> as_path("path", "visits.csv", "that of a CSV file").name
    'visits.csv'
    """
    try:
        text = fspath(value)  # type: ignore[call-overload]
    except TypeError:
        text = None
    if not isinstance(text, str) or not text:
        raise InputError(f"{argument} must be {wanted}, not {value!r:.60}")
    return Path(text)


def of_kind(argument: str, value: object, kind: type[T], makers: str) -> T:
    """A noun that an analysis starts from, or the error that says what makes one.

    >>> of_kind("title", "Visits", str, "a text")
    'Visits'
    """
    if not isinstance(value, kind):
        raise InputError(f"{argument} must come from {makers}, and is {type(value).__name__} instead")
    return value


def table_of(value: object, fields: Iterable[str], *, where: str = "") -> Mapping[str, Any]:
    """A table of a TOML file that has exactly some fields, or the error that names the first that is wrong.

    >>> table_of({"title": "ours"}, ["title"])["title"]
    'ours'
    """
    fields = tuple(fields)
    if not isinstance(value, dict):
        raise InputError(f"{where}must be a table with {', '.join(fields)}, not {value!r:.60}")
    for name in value:
        if name not in fields:
            raise unknown("field", name, fields, where=where)
    for name in fields:
        if name not in value:
            raise InputError(f"{where}field {name!r} is missing; give it")
    return value
