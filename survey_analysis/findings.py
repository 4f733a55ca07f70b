"""Each published claim beside what the package computes: the table that the main command prints."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from textwrap import fill
from typing import Any, overload

import pandas as pd

from survey_analysis import rendering
from survey_analysis.claims import Claim, Claims
from survey_analysis.claims_file import check_columns, read_claims
from survey_analysis.estimates import Provenance, Tally
from survey_analysis.proportions import proportion
from survey_analysis.readings import possible_counts, rounded_percent
from survey_analysis.survey_files import load_survey
from survey_analysis.surveys import Condition, Survey, count_visits, tally_each

Figure = int | float | str

_FIGURES = ("count", "percent")
_OUTSIDE_TUITION = ("tuition-music-service", "tuition-music-service-and-private", "tuition-private")
_GROUPS = (
    "What follows from the figures by logic alone",
    "Figures about the 59 schools",
    "Words about the 59 schools",
    "Published, and not counted here",
)
_VERDICTS = {
    "fixed": "the report's own figures determine it",
    "assumed": "they do so only with the assumption named",
    "stated": "published, and nothing here counts to it",
    "unquantified": "words without a number; the figure beside them is that of one reconstruction, not a finding",
}
NOTE = (
    "Figures of one reconstruction that was made to meet them: that they come out is a check of the package, and no "
    "evidence. " + "; ".join(f"{verdict}: {meaning}" for verdict, meaning in _VERDICTS.items()) + ". Intervals: 95% "
    "Wilson, each by itself, as if the schools had been drawn at random, which they were not."
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the findings.

    `published` is the figure in the unit of the claim (schools, or a whole percentage), or words where there is none;
    `reproduced` is what the tables give in the same unit, and for a comparison the difference of two shares; the
    interval is in shares from 0 to 1. `discrepancy` says in what the tables do not agree with the claim, words being
    held at their weakest reading; it is empty where they agree and None where there is nothing to compare. `unit` is
    what to write after the figures where they are shown.
    """

    id: str
    statement: str
    place: str
    published: Figure | None
    reproduced: int | float | None
    interval_low: float | None
    interval_high: float | None
    verdict: str
    assumptions: tuple[str, ...]
    provenance: Provenance
    discrepancy: str | None
    unit: str = ""


COLUMNS = tuple(field.name for field in fields(Finding) if field.name not in ("discrepancy", "unit"))


class Findings(Sequence[Finding]):
    """Findings in order, with what follows by logic alone first."""

    def __init__(self, items: Sequence[Finding]) -> None:
        self._items = tuple(items)

    @overload
    def __getitem__(self, key: int) -> Finding: ...
    @overload
    def __getitem__(self, key: slice) -> "Findings": ...
    def __getitem__(self, key: int | slice) -> "Finding | Findings":
        return Findings(self._items[key]) if isinstance(key, slice) else self._items[key]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._items)

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """The findings in which the tables do not agree with the claim."""
        return tuple(finding for finding in self if finding.discrepancy)

    def records(self) -> list[dict[str, Any]]:
        """Plain values by column, for programs."""
        return [{name: asdict(finding)[name] for name in COLUMNS} for finding in self]

    def to_frame(self) -> pd.DataFrame:
        """A row for each finding."""
        return pd.DataFrame(self.records(), columns=list(COLUMNS))

    def to_json(self) -> str:
        """A list of objects, ending in a line break; in ASCII, so that it is the same text in every encoding."""
        return json.dumps(self.records(), indent=2) + "\n"

    def to_csv(self) -> str:
        """Comma-separated values with a header; several assumptions are joined by a semicolon."""
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({**record, "assumptions": ";".join(record["assumptions"])} for record in self.records())
        return buffer.getvalue()

    def summary(self) -> str:
        """How many claims were compared and met, in one sentence."""
        compared = [finding for finding in self if finding.discrepancy is not None]
        met = len(compared) - len(self.unmet)
        return f"{len(self)} findings; the tables agree with {met} of the {len(compared)} that can be counted in them."

    def _grouped(self) -> Iterator[tuple[str, list[Finding]]]:
        return ((title, list(group)) for title, group in groupby(self, _group))

    def __str__(self) -> str:
        lines = []
        for title, group in self._grouped():
            lines += [title.upper()]
            for finding in group:
                lines += [fill(f"{finding.id}: {finding.statement}", 100, subsequent_indent="    ")]
                lines += [f"    {_result(finding)}"]
            lines += [""]
        return "\n".join([*lines, self.summary(), fill(NOTE, 100)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows: list[list[str]] = []
        for title, group in self._grouped():
            rows += [[title], *([finding.statement, *_cells(finding), finding.place] for finding in group)]
        columns = ["claim", "published", "reproduced", "interval", "provenance", "verdict", "where it stands"]
        return rendering.Table(columns=columns, rows=rows, note=NOTE, stacked=True)._repr_html_()


def check_claims(claims: Claims | None = None, survey: Survey | None = None) -> Findings:
    """Put each claim beside what the survey's tables give.

    Parameters
    ----------
    claims
        The published statements; those that travel with the package when absent.
    survey
        The survey; the one that travels with the package when absent.

    Returns
    -------
    Findings
        First what follows from the figures by logic alone, then figures, words, and what is only stated.

    Raises
    ------
    InputError
        A claim that counts in a column, or by a code, that the survey does not have.

    Examples
    --------
    >>> found = check_claims()
    >>> found[0].id, found[0].reproduced, found[0].verdict
    ('tuition-no-guarantee', 43, 'assumed')
    >>> len(found.unmet)
    0

    Notes
    -----
    The visits were reconstructed so that the figures come out. Agreement is a round trip through the package and no
    evidence for the report, or about any school.
    """
    claims = read_claims() if claims is None else claims
    survey = load_survey() if survey is None else survey
    check_columns(claims, {name: column.judgements for name, column in survey.dictionary["visits"].items()})
    found = [*_by_logic(claims), *(_finding(claim, claims, survey) for claim in claims)]
    return Findings(sorted(found, key=lambda finding: _GROUPS.index(_group(finding))))


def _by_logic(claims: Claims) -> list[Finding]:
    """Bought-in tuition without success, from the published counts alone: no table is looked at."""
    ids = {claim.id for claim in claims}
    if not ids.issuperset([*_OUTSIDE_TUITION, "good-use-and-value"]):
        return []
    tuition = [claims[name] for name in _OUTSIDE_TUITION]
    outside = sum(claim.count or 0 for claim in tuition)
    successful = claims["good-use-and-value"].count or 0
    without = max(0, outside - successful)
    return [
        Finding(
            id="tuition-no-guarantee",
            statement=f"{outside} schools had additional tuition from outside; at most {successful} of all the schools "
            f"succeeded; so at least {without} of those {outside} had such tuition without success.",
            place=f"derived from {', '.join([*_OUTSIDE_TUITION, 'good-use-and-value'])}",
            published=None,
            reproduced=without,
            interval_low=None,
            interval_high=None,
            verdict="assumed",
            assumptions=tuple(dict.fromkeys(name for claim in tuition for name in claim.assumptions)),
            provenance=Provenance.DERIVED,
            discrepancy=None,
        )
    ]


@dataclass(frozen=True, kw_only=True)
class _Reproduced:
    """A claim's figure from the tables, and in what it does not agree with the claim."""

    figure: int | float | None = None
    discrepancy: str | None = None
    tally: Tally | None = None


def _finding(claim: Claim, claims: Claims, survey: Survey) -> Finding:
    found = _Reproduced() if claim.counts is None else _reproduce(claim, claim.counts, survey)
    has_interval = (
        found.tally is not None and claim.kind in _FIGURES and claim.base is not None and found.tally.base > 0
    )
    estimate = proportion(found.tally) if found.tally is not None and has_interval else None
    return Finding(
        id=claim.id,
        statement=claim.statement,
        place=claim.place if claim.source == "summary" else f"{claims.sources[claim.source].title}: {claim.place}",
        published=_published(claim),
        reproduced=found.figure,
        interval_low=estimate.low if estimate else None,
        interval_high=estimate.high if estimate else None,
        verdict=_verdict(claim),
        assumptions=claim.assumptions,
        provenance=found.tally.provenance if found.tally else Provenance.PUBLISHED,
        discrepancy=found.discrepancy,
        unit={"percent": "%", "comparison": " (difference of shares)"}.get(claim.kind, ""),
    )


def _published(claim: Claim) -> Figure | None:
    for figure in (claim.percent, claim.count) if claim.kind == "percent" else (claim.count, claim.percent):
        if figure is not None:
            return figure
    return claim.quantifier or claim.value or None


def _verdict(claim: Claim) -> str:
    if claim.scope != "the 59":
        return "stated"
    if claim.kind not in _FIGURES:
        return "unquantified"
    if claim.counts is None:
        return "stated"
    return "assumed" if claim.assumptions else "fixed"


def _reproduce(claim: Claim, counts: Sequence[Condition], survey: Survey) -> _Reproduced:
    tally = count_visits(survey, counts, among=claim.among or {}, label=claim.id)
    counted = f"{tally.count} of {tally.base} in the tables"
    if tally.base == 0:
        return _Reproduced(discrepancy="the tables have no visit in which it was seen", tally=tally)
    if claim.base not in (None, tally.base) and claim.kind in _FIGURES:
        wrong = f"{counted}, published of {claim.base}"
        return _Reproduced(figure=tally.count, discrepancy=wrong, tally=tally)
    if claim.kind == "percent":
        percent = rounded_percent(tally.count, tally.base)
        wrong = "" if percent == claim.percent else f"{counted} is {percent}%, published {claim.percent}%"
        return _Reproduced(figure=percent, discrepancy=wrong, tally=tally)
    if claim.kind == "comparison":
        rest = count_visits(survey, counts, among=_others(claim, survey), label=f"{claim.id}, the others")
        if rest.base == 0:
            return _Reproduced(discrepancy="the tables have no visit to compare with", tally=tally)
        difference = tally.count / tally.base - rest.count / rest.base
        wrong = "" if difference > 0 else f"{counted}, against {rest.count} of {rest.base}"
        return _Reproduced(figure=difference, discrepancy=wrong, tally=tally)
    return _Reproduced(figure=tally.count, discrepancy=_disagrees(claim, tally, survey), tally=tally)


def _disagrees(claim: Claim, tally: Tally, survey: Survey) -> str:
    """In what a number of visits does not agree with the claim; an action or a pitfall was met at least once."""
    if claim.kind == "count":
        return "" if tally.count == claim.count else f"{tally.count} in the tables, published {claim.count}"
    if claim.kind == "ordering":
        [(column, _)] = (claim.counts or ({},))[0].items()
        top = max(tally_each(survey, column), key=lambda rival: rival.count)
        return "" if tally.count == top.count else f"{tally.count} in the tables, and {top.label} has {top.count}"
    if claim.quantifier:
        allowed = possible_counts(tally.base, quantifier=claim.quantifier)
        return "" if tally.count in allowed else f"{tally.count} of {tally.base} is not {claim.quantifier!r}"
    return "" if tally.count else f"no visit of {tally.base}, though it was published that there were some"


def _others(claim: Claim, survey: Survey) -> list[Condition]:
    """The visits that were seen not to belong to the claim's group."""
    [group] = claim.among or ({},)
    return [
        {name: [code for code in survey.column("visits", name).judgements if code not in codes]}
        for name, codes in group.items()
    ]


def _group(finding: Finding) -> str:
    if finding.provenance is Provenance.DERIVED:
        return _GROUPS[0]
    return {"unquantified": _GROUPS[2], "stated": _GROUPS[3]}.get(finding.verdict, _GROUPS[1])


def _cells(finding: Finding) -> list[str]:
    """Published, reproduced, interval, provenance and verdict, for reading."""
    verdict = finding.verdict + (f" ({', '.join(finding.assumptions)})" if finding.assumptions else "")
    return [
        _shown(finding.published, finding.unit),
        _shown(finding.reproduced, finding.unit),
        rendering.interval(finding.interval_low, finding.interval_high, "share"),
        finding.provenance.value,
        f"NOT MET ({finding.discrepancy}); {verdict}" if finding.discrepancy else verdict,
    ]


def _result(finding: Finding) -> str:
    published, reproduced, limits, provenance, verdict = _cells(finding)
    parts = [("published", published), ("reproduced", reproduced), ("interval", limits)]
    return "; ".join([*(f"{name} {text}" for name, text in parts if text), provenance, verdict])


def _shown(figure: Figure | None, unit: str) -> str:
    if figure is None or isinstance(figure, str):
        return figure or ""
    return f"{figure:+.2f}{unit}" if isinstance(figure, float) else f"{figure}{unit}"
