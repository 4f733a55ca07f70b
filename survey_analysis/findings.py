"""Each published claim beside what the package computes: the table that the main command prints."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import fill
from types import MappingProxyType
from typing import Any, overload

import pandas as pd

from survey_analysis import rendering
from survey_analysis.claims import FIGURES
from survey_analysis.estimates import Provenance, Tally

Figure = int | float | str

GROUPS = (
    "What follows by logic, once any assumption named is granted",
    "Figures about the 59 schools",
    "Words about the 59 schools",
    "Published, and not counted here",
)
VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "fixed": "the published statements leave one value",
        "assumed": "they leave one value, or any limit at all, only with the assumptions named",
        "bounded": "they leave a range",
        "depends on the reading": "they leave another range by another lexicon",
        "open": "they leave every value that there can be",
        "stated": "it was published, and nothing here counts to it",
        "no range": "the statements contradict one another, as is said, so none of them has a range",
    }
)
_MADE = (
    "The numbers under 'reproduced' are counted in visits that were made up to meet the published figures: that the "
    "figures come out is a check of the package, and no evidence."
)
_COMPARISONS = "Comparisons are held exactly, for each size of the groups."
_INTERVALS = "Intervals: 95% Wilson, each by itself, as if the schools had been drawn at random; the 59 were not."


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the findings.

    `published` is the figure in the unit of the claim (schools, or a whole percentage), or words where there is none;
    `reproduced` is what the tables give in the same unit, and for a comparison the difference of two shares; the
    interval is in shares from 0 to 1. `provenance` is that of the reproduced number, or of the statement where nothing
    is reproduced. `bound_low` and `bound_high` are the least and the greatest value, in the same unit, over all surveys
    that the claims allow, words being read by `lexicon`; `binding` are the claims and assumptions that prove them.

    What follows is for reading and not among the `COLUMNS`. `discrepancy` says in what the tables do not agree with the
    claim, words being held as the lexicon reads them; it is empty where they agree and None where there is nothing to
    compare. `kind` is that of the claim, 'logic' for what follows from several; `tally` is what was counted.
    """

    id: str
    statement: str
    place: str
    published: Figure | None
    reproduced: int | float | None
    interval_low: float | None
    interval_high: float | None
    bound_low: int | float | None
    bound_high: int | float | None
    verdict: str
    lexicon: str | None
    binding: tuple[str, ...]
    assumptions: tuple[str, ...]
    provenance: Provenance
    kind: str
    discrepancy: str | None = None
    tally: Tally | None = None
    note: str = ""

    @property
    def group(self) -> str:
        """Under which of the `GROUPS` it stands."""
        if self.kind == "logic":
            return GROUPS[0]
        if self.verdict == "stated":
            return GROUPS[3]
        return GROUPS[1 if self.kind in FIGURES else 2]


COLUMNS = (
    "id",
    "statement",
    "place",
    "published",
    "reproduced",
    "interval_low",
    "interval_high",
    "bound_low",
    "bound_high",
    "verdict",
    "lexicon",
    "binding",
    "assumptions",
    "provenance",
)


class Findings(Sequence[Finding]):
    """Findings in order, with what follows by logic alone first.

    `contradiction` says why the claims cannot be taken together; it is empty where they can. `words` says by what vague
    words were read. `about` says what is compared where the visits are not those of the survey itself.
    """

    def __init__(self, items: Sequence[Finding], *, contradiction: str = "", words: str = "", about: str = "") -> None:
        self._items = tuple(items)
        self.contradiction, self.words, self.about = contradiction, words, about

    def _with(self, items: Sequence[Finding]) -> "Findings":
        """Some of them, with all that is said of the whole."""
        return Findings(items, contradiction=self.contradiction, words=self.words, about=self.about)

    @overload
    def __getitem__(self, key: int) -> Finding: ...
    @overload
    def __getitem__(self, key: slice) -> "Findings": ...
    def __getitem__(self, key: int | slice) -> "Finding | Findings":
        if isinstance(key, slice):
            return self._with(self._items[key])
        return self._items[key]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._items)

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """The findings in which the tables do not agree with the claim."""
        return tuple(finding for finding in self if finding.discrepancy)

    def of_kind(self, *kinds: str) -> "Findings":
        """Those whose claims are of some kinds, such as 'action' and 'pitfall'."""
        return self._with([it for it in self if it.kind in kinds])

    def records(self) -> list[dict[str, Any]]:
        """Plain values by column, for programs."""
        return [{name: getattr(finding, name) for name in COLUMNS} for finding in self]

    def to_frame(self) -> pd.DataFrame:
        """A row for each finding."""
        return pd.DataFrame(self.records(), columns=list(COLUMNS))

    def to_json(self) -> str:
        """A list of objects, ending in a line break; in ASCII, so that it is the same text in every encoding."""
        return json.dumps(self.records(), indent=2) + "\n"

    def to_csv(self) -> str:
        """Comma-separated values with a header; several names in one field are joined by a semicolon."""
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
        writer.writeheader()
        lists = ("binding", "assumptions")
        writer.writerows(record | {name: ";".join(record[name]) for name in lists} for record in self.records())
        return buffer.getvalue()

    def summary(self) -> str:
        """How many published figures are met, and how many words are not contradicted, in a sentence."""
        compared = [finding for finding in self if finding.discrepancy is not None]
        figures = [finding for finding in compared if finding.kind in FIGURES]
        words = [finding for finding in compared if finding.kind not in FIGURES]
        parts = []
        if figures:
            parts.append(f"{_number_met(figures)} of {len(figures)} published figures are met")
        if words:
            parts.append(f"{_number_met(words)} of {len(words)} statements in words are not contradicted by the tables")
        number = f"{len(self)} finding" + ("" if len(self) == 1 else "s")
        return number + (f"; {', and '.join(parts)}." if parts else ".")

    def _note(self) -> str:
        made = any(finding.provenance in (Provenance.RECONSTRUCTED, Provenance.ILLUSTRATIVE) for finding in self)
        found = {finding.verdict for finding in self}
        meanings = " ".join(
            f"{verdict.capitalize()}: {told}." for verdict, told in VERDICTS.items() if verdict in found
        )
        intervals = _INTERVALS if any(finding.interval_low is not None for finding in self) else ""
        words = self.words if any(map(_reads_words, self)) else ""
        compared = any(finding.kind == "comparison" and finding.bound_low is not None for finding in self)
        comparisons = _COMPARISONS if compared else ""
        parts = (self.contradiction, _MADE if made else "", meanings, words, comparisons, intervals)
        return " ".join(part for part in parts if part)

    def _grouped(self) -> Iterator[tuple[str, list[Finding]]]:
        return ((title, list(group)) for title, group in groupby(self, lambda finding: finding.group))

    def __str__(self) -> str:
        lines = [fill(self.about, 100), ""] if self.about else []
        for title, group in self._grouped():
            lines += [title.upper()]
            for finding in group:
                lines += [fill(f"{finding.id}: {_statement(finding)}", 100, subsequent_indent="    ")]
                lines += [f"    {_result(finding)}"]
            lines += [""]
        return "\n".join([*lines, fill(self.summary(), 100), fill(self._note(), 100)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows: list[list[str]] = []
        for title, group in self._grouped():
            rows += [[title], *([_statement(finding), *_cells(finding), finding.place] for finding in group)]
        columns = [
            "claim",
            "published",
            "claims allow",
            "reproduced",
            "interval",
            "provenance",
            "verdict",
            "where it stands",
        ]
        table = rendering.Table(columns=columns, rows=rows, note=self._note()).without_empty_columns()
        about = rendering.Sentence(self.about)._repr_html_() if self.about else ""
        return about + table._repr_html_()


def _reads_words(finding: Finding) -> bool:
    """Whether a range rests on what a word is taken to mean."""
    worded = finding.kind in ("quantifier", "action", "pitfall") or finding.verdict == "depends on the reading"
    return worded and finding.bound_low is not None


def _number_met(findings: Sequence[Finding]) -> int:
    return sum(finding.discrepancy == "" for finding in findings)


def _statement(finding: Finding) -> str:
    return f"{finding.statement} [{' '.join(finding.note.split())}]" if finding.note else finding.statement


def _cells(finding: Finding) -> list[str]:
    """Published, allowed, reproduced, interval, provenance and verdict, for reading."""
    verdict = finding.verdict + (f" ({', '.join(finding.assumptions)})" if finding.assumptions else "")
    return [
        _shown(finding.published, finding),
        _range(finding),
        _shown(finding.reproduced, finding) + _of(finding),
        rendering.interval(finding.interval_low, finding.interval_high, "share"),
        finding.provenance.value,
        f"NOT MET ({finding.discrepancy}); {verdict}" if finding.discrepancy else verdict,
    ]


def _result(finding: Finding) -> str:
    published, allowed, reproduced, limits, provenance, verdict = _cells(finding)
    parts = [("published", published), ("claims allow", allowed), ("reproduced", reproduced), ("interval", limits)]
    return "; ".join([*(f"{name} {text}" for name, text in parts if text), provenance, verdict])


def _shown(figure: Figure | None, finding: Finding) -> str:
    if figure is None or isinstance(figure, str):
        return figure or ""
    if isinstance(figure, float):
        return f"{figure:+.2f} (difference of shares)"
    return f"{figure}%" if finding.kind == "percent" else str(figure)


def _range(finding: Finding) -> str:
    """The least and the greatest value that the claims allow, the unit said once."""
    if finding.bound_low is None or finding.bound_high is None:
        return ""
    if isinstance(finding.bound_low, float):
        return f"{finding.bound_low:+.3f} to {finding.bound_high:+.3f} (difference of shares)"
    return " to ".join(dict.fromkeys(_shown(end, finding) for end in (finding.bound_low, finding.bound_high)))


def _of(finding: Finding) -> str:
    """Of how many visits a number was counted, and in how many it could not be."""
    tally = finding.tally
    if tally is None or finding.reproduced is None or finding.kind in ("percent", "comparison"):
        return ""
    unseen = tally.not_seen + tally.group_not_seen
    of = f" of {tally.base}" if tally.base != tally.count or unseen else ""
    return of + (f", {unseen} not seen" if unseen else "")
