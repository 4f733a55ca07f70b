"""What is wrong with data that were handed in: where, what was found, what is allowed, and what may have been meant."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from types import MappingProxyType
from typing import overload

from survey_analysis.rendering import Sentence, Table


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What data must be like: the sentence for those that are not, around what was found and what is allowed.

    An error must be mended before anything is computed; a warning is something to look at.
    """

    words: str
    severity: str = "error"


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        # a file, a sheet, a heading
        "file": Rule(words="{found}"),
        "missing-sheet": Rule(words="there is no sheet {allowed}; {found}"),
        "sheet": Rule(words="{found}; {allowed}", severity="warning"),
        "hidden-sheet": Rule(words="is hidden, and what it holds would be reported; show it, so that it can be seen"),
        "merged-cells": Rule(words="cells are merged, and only the first of them has a value; unmerge them"),
        "missing-column": Rule(words="has no column {allowed}; add it"),
        "unknown-column": Rule(words="column must be one of {allowed}, not {found}"),
        "extra-column": Rule(words="the column {found} is none of ours and is not read", severity="warning"),
        "repeated-column": Rule(words="has the column {found}; keep one of them"),
        "row-length": Rule(words="{found}; {allowed}"),
        "more": Rule(words="more than {found} are wrong, and the others are not told; mend these, and check again"),
        # a cell
        "empty": Rule(words="is empty; {allowed}"),
        "code": Rule(words="the code must be one of {allowed}, not {found}"),
        "code-beside-not-seen": Rule(words="{found} stands beside another code; give one or the other"),
        "whole-number": Rule(words="{found} is not a whole number; {allowed}"),
        "too-large": Rule(words="has {found} digits, which is more than {allowed}; correct it"),
        "date": Rule(words="{found} is not a date; {allowed}"),
        "text": Rule(words="{found}; {allowed}"),
        "spreadsheet-error": Rule(words="holds the error {found} of the spreadsheet; write the value itself"),
        "formula": Rule(words="holds a formula whose result is not saved; {allowed}"),
        "personal-data": Rule(words="holds what looks like {found}, and is not shown here; {allowed}"),
        "stray-personal-data": Rule(
            words="holds what looks like {found}, and is not shown here; take it out before the file is passed on",
            severity="warning",
        ),
        "example": Rule(words="is a row of the example; {allowed}"),
        # cells that do not agree
        "twice": Rule(words="{found} stands there a second time; keep one of the two"),
        "same-school": Rule(words="has the URN of {found} as well; {allowed}", severity="warning"),
        "same-inspector": Rule(words="names the same inspector twice; a second grade is one by somebody else"),
        "unknown-visit": Rule(words="the visit {found} is not {allowed}; add it there"),
        "part": Rule(words="{found}; correct the one that is wrong"),
        "asked": Rule(words="is {found}; {allowed}"),
        "group": Rule(words="the group of {allowed}, not {found}"),
        "missing-row": Rule(words="{found} has no row {allowed}; add it"),
        "totals": Rule(
            words="{found}; each of the two counts every pupil once, so they should be the same",
            severity="warning",
        ),
        "alike": Rule(
            words="{found} and {allowed} differ in capitals or spaces alone; are they one visit?", severity="warning"
        ),
        "second-grade": Rule(words="{found}; {allowed}", severity="warning"),
        "scale-date": Rule(words="{found}; is it the right day, and {allowed} the right scale?", severity="warning"),
        "one-source": Rule(
            words="{found} has costs from {allowed} alone; add a row for every source, with 0 where it bore nothing, "
            "for a cost per pupil counts what is there",
            severity="warning",
        ),
        "cost-years": Rule(words="{found}; {allowed}", severity="warning"),
        "far-date": Rule(
            words="is more than two years from most of the other visits; is it right?", severity="warning"
        ),
    }
)
"""Every rule by name."""

MOST_PROBLEMS = 2_000
"""Of a sheet that are told, of cells and of what does not agree; more are best mended all together."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong, and where.

    `sheet` is a sheet of a workbook or a CSV file, `cell` as in 'C7' ('line 7' of a CSV file), empty where the whole
    sheet is meant; `column` is its heading. `rule` is one of `RULES`; `found` and `allowed` fill its sentence;
    `suggestion` is the nearest allowed value, if one is near. What looks like a person's data is never in `found`.
    """

    sheet: str
    cell: str = ""
    column: str = ""
    rule: str
    found: str = ""
    allowed: str = ""
    suggestion: str = ""

    @property
    def severity(self) -> str:
        return RULES[self.rule].severity

    @property
    def place(self) -> str:
        """'Visits!C7 (Phase)', or 'visits.csv, line 7, phase'."""
        if self.cell.startswith("line ") or self.sheet.endswith(".csv"):
            return ", ".join(part for part in (self.sheet, self.cell, self.column) if part)
        named = f" ({self.column})" if self.column and self.cell else ""
        return f"{self.sheet}!{self.cell}{named}" if self.cell else self.sheet

    @property
    def message(self) -> str:
        """What is wrong and how to mend it, without the place."""
        told = RULES[self.rule].words.format(found=self.found, allowed=self.allowed)
        return f"{told}; did you mean {self.suggestion!r}?" if self.suggestion else told

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def first_problems(problems: Iterable[Problem], sheet: str) -> list[Problem]:
    """As many of the problems of a sheet as are told, and that there are more."""
    told = list(islice(problems, MOST_PROBLEMS + 1))
    if len(told) > MOST_PROBLEMS:
        told[-1] = more_problems(sheet)
    return told


def more_problems(sheet: str) -> Problem:
    """That a sheet has more problems than are told."""
    return Problem(sheet=sheet, rule="more", found=f"{MOST_PROBLEMS:,} cells")


class Problems(Sequence[Problem]):
    """Everything that is wrong with a survey, in the order of its sheets; shown as one list.

    Examples
    --------
    >>> print(Problems([Problem(sheet="Visits", cell="C7", column="Phase", rule="empty", allowed="give it a value")]))
    1 error, to be mended before anything is computed.
    error    Visits!C7 (Phase): is empty; give it a value
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._problems = tuple(problems)

    @overload
    def __getitem__(self, place: int) -> Problem: ...
    @overload
    def __getitem__(self, place: slice) -> "Problems": ...
    def __getitem__(self, place: int | slice) -> "Problem | Problems":
        found = self._problems[place]
        return found if isinstance(found, Problem) else Problems(found)

    def __len__(self) -> int:
        return len(self._problems)

    @property
    def errors(self) -> "Problems":
        return Problems(it for it in self if it.severity == "error")

    @property
    def warnings(self) -> "Problems":
        return Problems(it for it in self if it.severity == "warning")

    def summary(self) -> str:
        """How many there are, in a sentence."""
        counts = [
            f"{len(found):,} {word if len(found) == 1 else word + 's'}, {repair}"
            for found, word, repair in (
                (self.errors, "error", "to be mended before anything is computed"),
                (self.warnings, "warning", "to be looked at"),
            )
            if found
        ]
        return f"{'; '.join(counts)}." if counts else "Nothing wrong was found."

    def __str__(self) -> str:
        return "\n".join([self.summary(), *(f"{it.severity:<8} {it}" for it in self)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        table = Table(
            columns=["where", "what", "severity"],
            rows=[[it.place, it.message, it.severity] for it in self],
            caption="What is wrong",
            note=self.summary(),
        )
        return table._repr_html_() if self else Sentence(self.summary())._repr_html_()

    def to_json(self) -> str:
        """A list of objects, one for each problem, for programs."""
        rows = [
            {
                **{part.name: getattr(it, part.name) for part in fields(it)},
                "severity": it.severity,
                "place": it.place,
                "message": it.message,
            }
            for it in self
        ]
        return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
