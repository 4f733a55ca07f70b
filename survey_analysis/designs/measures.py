"""What is asked of each row: which numbers are summed, and what happens to a row in which the outcome was not seen."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import inf
from numbers import Real
from types import MappingProxyType
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from survey_analysis.designs.sources import Frame, collected, column
from survey_analysis.errors import InputError, choice

MOST_CODES = 50  # of one outcome: a question has a handful of answers, and an address has thousands
_COUNTED_AS: Mapping[str, float | None] = MappingProxyType(
    {"left_out": None, "error": None, "as_no": 0.0, "as_yes": 1.0}
)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """Values summed over rows, each with what it is divided by.

    Parameters
    ----------
    outcome, denominator
        The columns; the denominator of a ratio only.
    codes
        The codes of the outcome of which shares are asked; none of a number.
    missing
        What happens to a row in which the outcome was not seen.
    is_truth
        Whether the outcome is 0 or 1, or true or not.
    is_total
        Whether the sum itself is asked for, rather than its quotient by the denominator.
    centre
        What is taken from each value, times its denominator, so that squares do not drown in rounding.
    """

    outcome: str
    denominator: str | None = None
    codes: tuple[object, ...] = ()
    missing: str = "left_out"
    is_truth: bool = False
    is_total: bool = False
    centre: float = 0.0

    @property
    def counted_as(self) -> float | None:
        """What a row counts as in which the outcome was not seen; None where it is left out."""
        single = self.is_truth or len(self.codes) == 1
        rules = dict(_COUNTED_AS) if single else {"left_out": None, "error": None}
        return choice("missing", self.missing, rules)

    @property
    def indicates(self) -> bool:
        """Whether each value is 0 or 1, and so its own square."""
        return self.is_truth or bool(self.codes)

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self.codes) or 1

    def columns(self) -> dict[str, str]:
        """What each column is for -> its name."""
        return {"outcome": self.outcome} | ({"denominator": self.denominator} if self.denominator else {})

    def selected(self, frame: Frame) -> list[nw.Expr]:
        """The columns under plain names, as numbers where numbers are asked for."""
        outcome = text_or_code(frame, self.outcome) if self.codes else number(frame, "outcome", self.outcome)
        if self.denominator is None:
            return [outcome.alias("y")]
        return [outcome.alias("y"), number(frame, "denominator", self.denominator).alias("x")]

    def seen(self, frame: Frame) -> nw.Expr:
        """Whether all that the measure needs was seen in a row."""
        parts = {"y": self.outcome} | ({"x": self.denominator} if self.denominator else {})
        return nw.all_horizontal(*(is_there(frame, name, key) for key, name in parts.items()), ignore_nulls=False)

    def values(self) -> list[nw.Expr]:
        """The values of a row, where it is counted; then what they are divided by."""
        seen, size = nw.col("seen"), nw.col("x") if self.denominator else nw.lit(1.0)
        rule = self.counted_as
        if self.codes:
            found = [(nw.col("y") == code).cast(nw.Float64) for code in self.codes]
        else:
            found = [nw.col("y") - self.centre * size if self.centre else nw.col("y")]
        if rule is None:
            return [nw.when(seen).then(value) for value in [*found, size]]
        return [*(nw.when(seen).then(value).otherwise(rule) for value in found), size]


def number(frame: Frame, role: str, name: str) -> nw.Expr:
    """A column as floating-point numbers, or the error where it holds something else."""
    kind = _kind(frame, name)
    if not (kind.is_numeric() or kind == nw.Boolean or _holds_numbers(frame, name)):
        shares = ", or for a share of its codes use survey_proportion" if role == "outcome" else ""
        raise InputError(f"{role} must be a column of numbers, and {name!r} holds {_words(kind)}; convert it{shares}")
    return column(frame, name).cast(nw.Float64)


def _holds_numbers(frame: Frame, name: str) -> bool:
    """Whether a column of objects in pandas holds truths or numbers, and nothing else but gaps."""
    native = frame.to_native()
    if not isinstance(native, pd.DataFrame) or native[name].dtype != object:
        return False
    return pd.api.types.infer_dtype(native[name], skipna=True) in ("boolean", "integer", "floating")


def text_or_code(frame: Frame, name: str) -> nw.Expr:
    """A column of codes as it can be compared: categories as texts, all else as it is."""
    kind = _kind(frame, name)
    found = column(frame, name)
    return found.cast(nw.String) if kind in (nw.Categorical, nw.Enum) else found


def codes_of(frame: Frame, outcome: str, codes: object) -> tuple[object, ...]:
    """The codes of which shares are asked: those named, or all that the table knows of, seen or not.

    A column of numbers that are 0 or 1, or of truths, has one: that it is so.
    """
    kind = _kind(frame, outcome)
    is_text = kind in (nw.String, nw.Categorical, nw.Enum)
    if codes is None and not is_text:
        return ()
    if codes is None:
        return _all_codes(frame, outcome)
    named = _plain(codes)
    if not named or len(set(named)) < len(named):
        raise InputError(f"codes must be one code of {outcome!r} or several, each once, not {codes!r:.80}")
    for code in named:
        if not _is_of(code, kind):
            raise InputError(
                f"codes must be of the kind that {outcome!r} holds, {_words(kind)}, and {code!r:.40} is not"
            )
    return named


def is_in(frame: Frame, name: str, codes: object) -> nw.Expr:
    """Whether a column has one of some codes."""
    kind = _kind(frame, name)
    named = _plain(codes)
    if not named or not all(_is_of(code, kind) for code in named):
        raise InputError(
            f"among must give {name!r} a code or several of the kind that it holds, {_words(kind)}, not {codes!r:.60}"
        )
    if kind == nw.Boolean:
        named = tuple(bool(code) for code in named)
    elif kind.is_numeric():
        named = tuple(float(code) if kind.is_float() else int(code) for code in named)
    return text_or_code(frame, name).is_in(list(named))


def categories_of(frame: Frame, name: str) -> list[str]:
    """The categories of a column in their order, where the table knows them; none otherwise."""
    kind = _kind(frame, name)
    if isinstance(kind, nw.Enum):
        return [str(it) for it in kind.categories]
    native = frame.to_native() if kind == nw.Categorical else None
    if isinstance(native, pd.DataFrame):
        return [str(it) for it in native[name].cat.categories]
    return []


def _plain(codes: object) -> tuple[Any, ...]:
    """Codes as plain values: one, or those of a list, a set or an array."""
    if isinstance(codes, (str, bytes)) or not isinstance(codes, Iterable):
        several: list[Any] = [codes]
    else:
        several = list(codes)
    plain = tuple(it.item() if isinstance(it, np.generic) else it for it in several)
    return plain if all(isinstance(it, Hashable) for it in plain) else ()


def _is_of(code: object, kind: Any) -> bool:
    """Whether a code can be one of a column of a kind."""
    if kind in (nw.String, nw.Categorical, nw.Enum):
        return isinstance(code, str)
    if kind.is_numeric() or kind == nw.Boolean:
        whole = isinstance(code, Real) and (kind.is_float() or float(code).is_integer())
        return whole and (kind != nw.Boolean or code in (0, 1))
    return isinstance(code, date) if kind.is_temporal() else code is not None


def _all_codes(frame: Frame, outcome: str) -> tuple[object, ...]:
    known = categories_of(frame, outcome)
    asked = frame.select(text_or_code(frame, outcome).alias("y")).unique().head(MOST_CODES + 2)
    found = sorted(str(code) for code in collected(asked)["y"].to_list() if isinstance(code, str))
    if len(found) > MOST_CODES:
        raise InputError(
            f"outcome {outcome!r} has more than {MOST_CODES} codes, too many for shares: name some in codes"
        )
    codes = [*known, *(code for code in found if code not in known)]
    if not codes:
        raise InputError(f"outcome {outcome!r} was not seen in any row, so there is no share of it")
    return tuple(codes)


def _kind(frame: Frame, name: str) -> Any:
    return frame.collect_schema()[name]


def is_there(frame: Frame, name: str, key: str) -> nw.Expr:
    """Whether a column, which was selected under a key, holds something: neither nothing nor what is no number.

    What is no number is told by what is finite or infinite: DuckDB may fold "is not a number" away.
    """
    there = ~nw.col(key).is_null()
    kind = _kind(frame, name)
    if not (kind.is_float() or kind == nw.Object):
        return there
    return there & (nw.col(key).is_finite() | (nw.col(key) == inf) | (nw.col(key) == -inf))


def _words(kind: Any) -> str:
    if kind in (nw.String, nw.Categorical, nw.Enum):
        return "text"
    return "numbers" if kind.is_numeric() else f"{kind}".lower()
