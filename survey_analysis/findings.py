"""Each published claim beside what the package computes: the table that the main command prints."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from textwrap import fill
from types import MappingProxyType
from typing import Any, overload

import pandas as pd

from survey_analysis import rendering
from survey_analysis.claim_bounds import ClaimBounds, compute_bounds, published_bounds
from survey_analysis.claims import Claim, Claims
from survey_analysis.claims_file import check_columns, read_claims
from survey_analysis.derivations import DERIVATIONS
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance, Tally
from survey_analysis.lexicons import Lexicon, find_lexicon
from survey_analysis.proportions import proportion
from survey_analysis.readings import possible_counts, rounded_percent
from survey_analysis.resources import DATA
from survey_analysis.survey_files import load_survey, read_dictionary
from survey_analysis.surveys import Condition, Survey, count_visits, tally_each

Figure = int | float | str

_FIGURES = ("count", "percent")
_GROUPS = (
    "What follows by logic, once any assumption named is granted",
    "Figures about the 59 schools",
    "Words about the 59 schools",
    "Published, and not counted here",
)
VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "fixed": "what was published leaves one value",
        "assumed": "it does so, or says anything at all, only with the assumptions named",
        "bounded": "it leaves a range",
        "depends on the reading": "the range is another by another lexicon",
        "open": "nothing that was published narrows it",
        "stated": "published, and nothing here counts to it",
        "no range": "the claims cannot be taken together, for the reason given, so none of them has a range",
    }
)
_MADE = (
    "The numbers under 'reproduced' are counted in visits that were made up to meet the published figures: that the "
    "figures come out is a check of the package, and no evidence."
)
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
    claim, words being held at their weakest reading; it is empty where they agree and None where there is nothing to
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

    `contradiction` says why the claims cannot be taken together; it is empty where they can.
    """

    def __init__(self, items: Sequence[Finding], *, contradiction: str = "") -> None:
        self._items = tuple(items)
        self.contradiction = contradiction

    @overload
    def __getitem__(self, key: int) -> Finding: ...
    @overload
    def __getitem__(self, key: slice) -> "Findings": ...
    def __getitem__(self, key: int | slice) -> "Finding | Findings":
        return (
            Findings(self._items[key], contradiction=self.contradiction) if isinstance(key, slice) else self._items[key]
        )

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
        return Findings([it for it in self if it.kind in kinds], contradiction=self.contradiction)

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
        figures = [finding for finding in compared if finding.kind in _FIGURES]
        words = [finding for finding in compared if finding.kind not in _FIGURES]
        parts = []
        if figures:
            parts.append(f"{_number_met(figures)} of {len(figures)} published figures are met")
        if words:
            parts.append(f"{_number_met(words)} of {len(words)} statements in words are not contradicted by the tables")
        return f"{len(self)} findings" + (f"; {', and '.join(parts)}." if parts else ".")

    def _note(self) -> str:
        made = any(finding.provenance in (Provenance.RECONSTRUCTED, Provenance.ILLUSTRATIVE) for finding in self)
        verdicts = dict.fromkeys(finding.verdict for finding in self)
        meanings = "; ".join(f"{verdict}: {VERDICTS[verdict]}" for verdict in verdicts) + ("." if verdicts else "")
        intervals = _INTERVALS if any(finding.interval_low is not None for finding in self) else ""
        parts = (self.contradiction, _MADE if made else "", meanings.capitalize(), intervals)
        return " ".join(part for part in parts if part)

    def _grouped(self) -> Iterator[tuple[str, list[Finding]]]:
        return ((title, list(group)) for title, group in groupby(self, _group))

    def __str__(self) -> str:
        lines = []
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
        return rendering.Table(columns=columns, rows=rows, note=self._note())._repr_html_()


def check_claims(
    claims: Claims | None = None, survey: Survey | None = None, *, lexicon: str | Lexicon = "plain-english"
) -> Findings:
    """Put each claim beside what all the claims allow and what the survey's tables give.

    Parameters
    ----------
    claims
        The published statements; those that travel with the package when absent.
    survey
        The survey; the one that travels with the package when absent.
    lexicon
        By which vague words are read, as for `bounds`.

    Returns
    -------
    Findings
        First what follows from the figures by logic alone, then figures, words, and what is only stated.

    Raises
    ------
    InputError
        A claim that counts in a column, or by a code, that the survey does not have; an unknown lexicon.

    Examples
    --------
    >>> found = check_claims()
    >>> found[0].id, found[0].bound_low, found[0].assumptions
    ('tuition-no-guarantee', 43, ('tes-base-59',))
    >>> len(found.unmet)
    0

    Notes
    -----
    Where the claims contradict one another there are no ranges, and `contradiction` names a set of them that does so, of
    which none can be spared.

    The visits were reconstructed so that the figures come out. Agreement is a round trip through the package and no
    evidence for the report, or about any school.
    """
    as_published = claims is None
    claims = read_claims() if claims is None else claims
    survey = load_survey() if survey is None else survey
    check_columns(claims, {name: column.judgements for name, column in survey.dictionary["visits"].items()})
    chosen = find_lexicon(lexicon)
    bounds = None
    if as_published and survey.dictionary["visits"] == read_dictionary(DATA / "dictionary.csv")["visits"]:
        bounds = published_bounds(chosen)
    why = ""
    if bounds is None:
        try:
            bounds = compute_bounds(claims, survey.dictionary["visits"], chosen)
        except InputError as error:  # the claims are shown all the same, and what is wrong with them beside
            bounds, why = {}, str(error)
    found = list(_derived(claims, bounds, chosen))
    found += [_finding(claim, claims, survey, bounds.get(claim.id), chosen) for claim in claims]
    return Findings(sorted(found, key=lambda finding: _GROUPS.index(_group(finding))), contradiction=why)


def _derived(claims: Claims, bounds: Mapping[str, ClaimBounds], lexicon: Lexicon) -> Iterator[Finding]:
    """What follows from the claims by logic alone: no table is looked at."""
    for it in DERIVATIONS:
        figures = it.figures(claims)
        found = bounds.get(it.id)
        if figures is None or found is None:
            continue
        yield Finding(
            id=it.id,
            statement=it.words(figures, int(found.low), int(found.high), lexicon.title),
            place=f"derived from {', '.join(it.claims)}",
            published=None,
            reproduced=None,
            interval_low=None,
            interval_high=None,
            bound_low=int(found.low),
            bound_high=int(found.high),
            verdict=found.verdict,
            lexicon=lexicon.id,
            binding=found.binding,
            assumptions=found.assumptions,
            provenance=Provenance.DERIVED,
            kind="logic",
        )


@dataclass(frozen=True, kw_only=True)
class _Reproduced:
    """A claim's figure from the tables, and in what it does not agree with the claim."""

    figure: int | float | None = None
    discrepancy: str | None = None
    tally: Tally | None = None


def _finding(claim: Claim, claims: Claims, survey: Survey, bounds: ClaimBounds | None, lexicon: Lexicon) -> Finding:
    found = _Reproduced() if claim.counts is None else _reproduce(claim, claim.counts, survey)
    is_share = claim.kind in _FIGURES and claim.base is not None
    estimate = proportion(found.tally) if is_share and found.tally and found.tally.base else None
    place = claim.place if claim.source == "summary" else f"{claims.sources[claim.source].title}: {claim.place}"
    return Finding(
        id=claim.id,
        statement=claim.statement,
        place=f"{place} (second-hand)" if claim.second_hand else place,
        published=_published(claim),
        reproduced=found.figure,
        interval_low=estimate.low if estimate else None,
        interval_high=estimate.high if estimate else None,
        bound_low=_in_unit(claim, bounds.low, claims) if bounds else None,
        bound_high=_in_unit(claim, bounds.high, claims) if bounds else None,
        verdict=_verdict(claim, bounds),
        lexicon=lexicon.id if bounds else None,
        binding=bounds.binding if bounds else (),
        assumptions=tuple(dict.fromkeys((*claim.assumptions, *(bounds.assumptions if bounds else ())))),
        provenance=found.tally.provenance if found.tally else Provenance.PUBLISHED,
        kind=claim.kind,
        discrepancy=found.discrepancy,
        tally=found.tally,
        note=claim.note,
    )


def _published(claim: Claim) -> Figure | None:
    for figure in (claim.percent, claim.count) if claim.kind == "percent" else (claim.count, claim.percent):
        if figure is not None:
            return figure
    return claim.quantifier or claim.value or None


def _verdict(claim: Claim, bounds: ClaimBounds | None) -> str:
    """That of the range; but a number is no more than assumed if it is what the claim counts by assumption only."""
    if bounds is None:
        return "no range" if claim.scope == "the 59" and claim.counts is not None else "stated"
    return "assumed" if bounds.verdict == "fixed" and claim.assumptions else bounds.verdict


def _in_unit(claim: Claim, end: Fraction, claims: Claims) -> int | float:
    if claim.kind == "percent":
        return rounded_percent(int(end), claim.base or claims["schools-visited"].count or 0)
    return float(end) if claim.kind == "comparison" else int(end)


def _reproduce(claim: Claim, counts: Sequence[Condition], survey: Survey) -> _Reproduced:
    tally = count_visits(survey, counts, among=claim.among, label=claim.id)
    counted = f"{tally.count} of {tally.base} in the tables"
    if tally.base == 0:
        return _Reproduced(discrepancy="the tables have no visit in which it was seen", tally=tally)
    if claim.kind == "comparison":
        rest = count_visits(survey, counts, among=claim.among, outside=True, label=f"{claim.id}, the others")
        if rest.base == 0:
            return _Reproduced(discrepancy="the tables have no visit to compare with", tally=tally)
        difference = tally.count / tally.base - rest.count / rest.base
        wrong = "" if difference > 0 else f"{counted}, against {rest.count} of {rest.base}"
        return _Reproduced(figure=difference, discrepancy=wrong, tally=tally)
    figure = rounded_percent(tally.count, tally.base) if claim.kind == "percent" else tally.count
    if claim.kind in _FIGURES and claim.base not in (None, tally.base):
        wrong = f"{counted}, published of {claim.base}"
    elif claim.kind in _FIGURES:
        shown = f"{counted} is {figure}%" if claim.kind == "percent" else f"{figure} in the tables"
        unit = "%" if claim.kind == "percent" else ""
        wrong = "" if figure == _published(claim) else f"{shown}, published {_published(claim)}{unit}"
    else:
        wrong = _contradicted(claim, tally, survey)
    return _Reproduced(figure=figure, discrepancy=wrong, tally=tally)


def _contradicted(claim: Claim, tally: Tally, survey: Survey) -> str:
    """In what a number of visits contradicts words; an action or a pitfall was met at least once."""
    if claim.kind == "ordering":
        [(column, _)] = (claim.counts or ({},))[0].items()
        top = max(tally_each(survey, column, among=claim.among), key=lambda rival: rival.count)
        return "" if tally.count == top.count else f"{tally.count} in the tables, and {top.label} has {top.count}"
    if claim.quantifier:
        allowed = possible_counts(tally.base, quantifier=claim.quantifier)
        return "" if tally.count in allowed else f"{tally.count} of {tally.base} is not {claim.quantifier!r}"
    return "" if tally.count else f"no visit of {tally.base}, though it was published that there were some"


def _number_met(findings: Sequence[Finding]) -> int:
    return sum(finding.discrepancy == "" for finding in findings)


def _statement(finding: Finding) -> str:
    return f"{finding.statement} [{' '.join(finding.note.split())}]" if finding.note else finding.statement


def _group(finding: Finding) -> str:
    if finding.kind == "logic":
        return _GROUPS[0]
    if finding.verdict == "stated":
        return _GROUPS[3]
    return _GROUPS[1 if finding.kind in _FIGURES else 2]


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
