"""How numbers, tables and sentences are shown: one renderer for every noun of the package. It computes nothing."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from textwrap import fill
from typing import TYPE_CHECKING

from survey_analysis.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

HIDDEN = "[c]"
"""What stands in place of a number that is hidden, so that nobody can be made out."""

_UNITS: dict[str, Callable[[float], str]] = {
    "share": lambda value: f"{100 * value:.1f}%",
    "points": lambda value: f"{100 * value:+.1f} points",
    "ratio": lambda value: f"{value:.2f}",
    "pounds": lambda value: f"{'-' if round(value) < 0 else ''}£{abs(value):,.0f}",
    "count": lambda value: f"{value:,.0f}",
    "number": lambda value: f"{value:,.2f}",
    "coefficient": lambda value: f"{value:.2f}",
    "index": lambda value: f"{value:+.2f}",
}
UNITS = frozenset(_UNITS)
"""What a value can be measured in: a share from 0 to 1, percentage points (kept as a difference of shares), a ratio,
pounds, a count, a plain number, a coefficient that is 1 where it is perfect, or an index that is 0 where nothing is
ahead."""

# What cannot be seen and changes what is seen: control characters, and those that turn the direction of writing.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

_IN_UNIT = ("value", "low", "high")

DETAILS: dict[str, Callable[[float], str]] = {
    "p_value": lambda value: f"{value:.3f}" if value >= 0.001 else "below 0.001",
    "homogeneity_p_value": lambda value: f"{value:.3f}" if value >= 0.001 else "below 0.001",
    "adjusted_p_value": lambda value: f"{value:.3f}" if value >= 0.001 else "below 0.001",
    "df": lambda value: f"{value:.0f}" if value == round(value) else f"{value:.1f}",
    "design_effect": lambda value: f"{value:.2f}",
    "effective_n": lambda value: f"{value:,.0f}",
    "odds_ratio": lambda value: f"{value:,.2f}",
    "times": lambda value: _as_one_in(value) or f"{value:.3g}",
}
"""How the details are shown that are not in the unit of their estimate."""


def _as_one_in(value: float) -> str:
    """One in so many, where that is what it is: a third is 1/3."""
    whole = round(1 / value) if 0.001 < value < 1 else 0
    return f"1/{whole}" if whole and abs(value * whole - 1) < 1e-9 else ""


@dataclass(frozen=True)
class Sentence:
    """Words computed from results, shown as words by Python and as a paragraph by a notebook."""

    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f'<p class="finding">{escape(self.text)}</p>'


def printable(text: str) -> str:
    """A text with a visible sign in place of every character that is not seen and changes how the rest is read.

    >>> printable("visit \\u202e1\\x07")
    'visit �1�'
    """
    return _UNSEEN.sub("\ufffd", text)


def number(value: float | None, unit: str) -> str:
    """A value for reading, rounded; the value itself is never rounded.

    >>> number(10 / 59, "share"), number(0.103, "points"), number(None, "ratio"), number(float("inf"), "ratio")
    ('16.9%', '+10.3 points', 'undefined', 'infinite')
    """
    if value is None:
        return "undefined"
    if math.isinf(value):
        return "infinite"
    return _UNITS[unit](value)


def interval(low: float | None, high: float | None, unit: str) -> str:
    """Two limits for reading, or nothing where there is no interval.

    >>> interval(0.0953, 0.2852, "share")
    '9.5% to 28.5%'
    """
    return "" if low is None or high is None else f"{number(low, unit)} to {number(high, unit)}"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Cells that are ready to read: plain characters in a terminal, an accessible table on a page.

    A row with one cell, in a table of several columns, is a heading of those below it.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    note: str = ""

    def __str__(self) -> str:
        full = [row for row in self.rows if not self._is_heading(row)]
        widths = [max(map(len, column)) for column in zip(self.columns, *full, strict=True)]
        lines = [self.columns, ["-" * width for width in widths], *self.rows]
        cells = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        caption, note = ([self.caption] if self.caption else []), ([fill(self.note, 100)] if self.note else [])
        return "\n".join([*caption, *cells, *note])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.columns)
        body = "\n".join(map(self._html_row, self.rows))
        caption = f"<caption>{escape(self.caption)}</caption>\n" if self.caption else ""
        note = f'<p class="note">{escape(self.note)}</p>' if self.note else ""
        return (
            # Focusable, so that a wide table can be scrolled with the keyboard.
            f'<div class="survey-table" role="region" tabindex="0" aria-label="{escape(self.caption or "Table")}">'
            f"<table>\n{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>{note}"
        )

    def without_empty_columns(self) -> "Table":
        """The same table without the columns in which no row has anything."""
        full = [row for row in self.rows if not self._is_heading(row)]
        kept = [place for place in range(len(self.columns)) if not full or any(row[place] for row in full)]
        rows = [row if self._is_heading(row) else [row[place] for place in kept] for row in self.rows]
        return replace(self, columns=[self.columns[place] for place in kept], rows=rows)

    def _is_heading(self, row: Sequence[str]) -> bool:
        return len(row) == 1 < len(self.columns)

    def _html_row(self, row: Sequence[str]) -> str:
        first, *rest = row
        if self._is_heading(row):
            return f'<tr class="group"><th scope="colgroup" colspan="{len(self.columns)}">{escape(first)}</th></tr>'
        cells = (
            f'<td data-label="{escape(name)}">{escape(cell)}</td>'
            for name, cell in zip(self.columns[1:], rest, strict=True)
        )
        return f'<tr><th scope="row">{escape(first)}</th>{"".join(cells)}</tr>'


def table(frame: "pd.DataFrame", *, caption: str = "", note: str = "") -> Table:
    """A data frame as a table for reading, without its index, fractions to three digits or to the whole number.

    Where the frame has a column `unit`, its value, low and high are shown in the unit of their row.

    Examples
    --------
    >>> import pandas as pd
    >>> table(pd.DataFrame({"school_type": ["primary"], "share": [1 / 3]}))
    school type  share
    -----------  -----
    primary      0.333
    """
    if not hasattr(frame, "itertuples"):
        raise InputError(f"frame must be a data frame, not {type(frame).__name__}")
    blank = frame.isna()
    units = frame["unit"] if list(frame.columns).count("unit") == 1 else [""] * len(frame)
    return Table(
        columns=[str(name).replace("_", " ") for name in frame.columns],
        rows=[
            [
                "" if missing else _cell(cell, unit if name in _IN_UNIT else "")
                for name, cell, missing in zip(frame.columns, row, gaps, strict=True)
            ]
            for row, gaps, unit in zip(frame.itertuples(index=False), blank.to_numpy(), units, strict=True)
        ],
        caption=caption,
        note=note,
    )


def _cell(value: object, unit: object) -> str:
    if not isinstance(value, float):
        return str(value)
    if isinstance(unit, str) and unit in UNITS:
        return number(value, unit)
    return "infinite" if math.isinf(value) else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
