"""Each published claim put beside what all claims allow and what the tables give."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from survey_analysis.claim_bounds import ClaimBounds, compute_bounds, published_bounds
from survey_analysis.claims import FIGURES, Claim, Claims
from survey_analysis.claims_file import check_columns, read_claims
from survey_analysis.derivations import DERIVATIONS
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance, Tally
from survey_analysis.findings import GROUPS, Figure, Finding, Findings
from survey_analysis.lexicons import Lexicon, find_lexicon
from survey_analysis.proportions import proportion
from survey_analysis.readings import READINGS, rounded_percent
from survey_analysis.survey_files import load_survey
from survey_analysis.surveys import Condition, Survey, count_visits, tally_each

_OTHER_VISITS = (
    "This checks whether the visits of {title!r} agree with what Ofsted published of its own {schools} schools. 'Not "
    "met' says that they differ, and not that anything is wrong with them. What these visits show by themselves, the "
    "functions of the package tell."
)


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
    Where the claims contradict one another there are no ranges, and `contradiction` names a set of them that does so,
    of which none can be spared.

    The visits were reconstructed so that the figures come out. Agreement is a round trip through the package and no
    evidence for the report, or about any school.
    """
    published = read_claims()
    claims = published if claims is None else claims
    shipped = load_survey()
    survey = shipped if survey is None else survey
    check_columns(claims, {name: column.judgements for name, column in survey.dictionary["visits"].items()})
    chosen = find_lexicon(lexicon)
    bounds = None
    as_published = claims.items == published.items and claims.assumptions == published.assumptions
    if as_published and survey.dictionary["visits"] == packaged_dictionary()["visits"]:
        bounds = published_bounds(chosen)
    why = ""
    if bounds is None:
        try:
            bounds = compute_bounds(claims, survey.dictionary["visits"], chosen)
        except InputError as error:  # the claims are shown all the same, and what is wrong with them beside
            bounds, why = {}, str(error)
    found = list(_derived(claims, bounds, chosen))
    found += [_finding(claim, claims, survey, bounds.get(claim.id), chosen) for claim in claims]
    in_order = sorted(found, key=lambda finding: GROUPS.index(finding.group))
    others = as_published and not survey.visits.equals(shipped.visits)
    return Findings(
        in_order,
        contradiction=why,
        words=chosen.in_words(claims.schools),
        about=_OTHER_VISITS.format(title=survey.title, schools=claims.schools) if others else "",
    )


def _derived(claims: Claims, bounds: Mapping[str, ClaimBounds], lexicon: Lexicon) -> Iterator[Finding]:
    """What follows from the claims by logic alone: no table is looked at."""
    for it in DERIVATIONS:
        figures = it.figures(claims)
        found = bounds.get(it.id)
        if figures is None or found is None:
            continue
        statement = it.words(figures, int(found.low), int(found.high), lexicon.title)
        if not statement:
            continue
        yield Finding(
            id=it.id,
            statement=statement,
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
    found = _Reproduced() if claim.counts is None else _reproduce(claim, claim.counts, survey, lexicon)
    is_share = claim.kind in FIGURES and claim.base is not None
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
        verdict=bounds.verdict if bounds else _without_range(claim),
        lexicon=lexicon.id if bounds else None,
        binding=bounds.binding if bounds else (),
        assumptions=bounds.assumptions if bounds else claim.assumptions,
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


def _without_range(claim: Claim) -> str:
    return "no range" if claim.scope == "the 59" and claim.counts is not None else "stated"


def _in_unit(claim: Claim, end: Fraction, claims: Claims) -> int | float:
    if claim.kind == "percent":
        return rounded_percent(int(end), claim.base or claims.schools)
    return float(end) if claim.kind == "comparison" else int(end)


def _reproduce(claim: Claim, counts: Sequence[Condition], survey: Survey, lexicon: Lexicon) -> _Reproduced:
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
    if claim.kind in FIGURES and claim.base not in (None, tally.base):
        wrong = f"{counted}, published of {claim.base}"
    elif claim.kind in FIGURES:
        shown = f"{counted} is {figure}%" if claim.kind == "percent" else f"{figure} in the tables"
        unit = "%" if claim.kind == "percent" else ""
        wrong = "" if figure == _published(claim) else f"{shown}, published {_published(claim)}{unit}"
    else:
        wrong = _contradicted(claim, tally, survey, lexicon)
    return _Reproduced(figure=figure, discrepancy=wrong, tally=tally)


def _contradicted(claim: Claim, tally: Tally, survey: Survey, lexicon: Lexicon) -> str:
    """In what a number of visits contradicts words; an action or a pitfall was met at least once."""
    if claim.kind == "ordering":
        [(column, _)] = (claim.counts or ({},))[0].items()
        top = max(tally_each(survey, column, among=claim.among), key=lambda rival: rival.count)
        return "" if tally.count == top.count else f"{tally.count} in the tables, and {top.label} has {top.count}"
    if claim.quantifier:
        read = lexicon.readings()
        reading = read.get(claim.quantifier, READINGS[claim.quantifier])
        by = f" by {lexicon.title}" if claim.quantifier in read else ""
        wrong = f"{tally.count} of {tally.base} is not {claim.quantifier!r}{by}"
        return "" if reading.allows(tally.count, tally.base) else wrong
    return "" if tally.count else f"no visit of {tally.base}, though it was published that there were some"
