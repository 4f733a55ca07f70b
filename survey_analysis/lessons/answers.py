"""An answer of a student, whatever it is: read as a number or an option, or met with a sentence."""

import math
from collections.abc import Sequence
from numbers import Real

from survey_analysis.errors import nearest
from survey_analysis.lessons.questions import FORMS, Answer
from survey_analysis.rendering import printable

_LONGEST = 40
_HUGE = 1e15


class UnreadError(Exception):
    """Why an answer cannot be read, to follow 'not yet, because '."""


def is_missing(given: object) -> bool:
    """Whether nothing was answered: the None or the ... that stood there, or an empty text."""
    return given is None or given is ... or (type(given) is str and not given.strip())


def read_answer(given: object, *, unit: str, options: Sequence[str] = ()) -> Answer:
    """A number, or one of the options.

    Raises
    ------
    UnreadError
        Anything else.
    """
    try:
        return _option(given, options) if unit == "option" else _number(given, unit)
    except UnreadError:
        raise
    except Exception:  # whatever an object's own methods do
        raise UnreadError(f"the answer is {FORMS[unit]}, and this is something else: write one value") from None


def _option(given: object, options: Sequence[str]) -> str:
    listed = " or ".join(map(repr, options))
    if not isinstance(given, str):
        raise UnreadError(f"the answer is one of {listed}, as text between quotation marks, and this is {_kind(given)}")
    known = {option.casefold(): option for option in options}
    plain = " ".join(given.split()).casefold()
    if plain not in known:
        near = nearest(plain, known)
        hint = f"; did you mean {known[near]!r}?" if near else ""
        raise UnreadError(f"the answer is one of {listed}, and this is {_shown(given)}{hint}")
    return known[plain]


def _number(given: object, unit: str) -> float:
    wanted = f"the answer is {FORMS[unit]}"
    if isinstance(given, str):
        per_cent = given.strip().endswith("%")
        raise UnreadError(
            f"{wanted}, and this is a text{' with a per cent sign' if per_cent else ''}: write the number itself, "
            "without quotation marks"
        )
    found = _as_number(given)
    if found is None:
        raise UnreadError(f"{wanted}, and this is {_kind(given)}")
    if not math.isfinite(found) or abs(found) > _HUGE:
        kind = "no number at all" if math.isnan(found) else "beyond all numbers that can be"
        raise UnreadError(f"{wanted}, and this is {kind}: look for a division by zero")
    return found


def _as_number(given: object) -> float | None:
    """A number of Python, numpy or pandas; nothing that holds several, and no yes or no."""
    item = getattr(given, "item", None)
    if callable(item) and getattr(given, "size", 1) == 1:
        given = item()
    if isinstance(given, bool) or not isinstance(given, Real):
        return None
    try:
        return float(given)
    except OverflowError:
        return math.inf


def _kind(given: object) -> str:
    if isinstance(given, bool):
        return f"{given}"
    if isinstance(given, Real):
        return "a number"
    if callable(given):
        return "a function: call it, with brackets"
    name = type(given).__name__
    several = hasattr(given, "__len__")
    return f"{'several values' if several else 'something else'} ({printable(name)[:_LONGEST]}): write one value"


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")
