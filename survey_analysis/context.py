"""What stands beside the survey: sister surveys that graded something else, and figures for the whole country."""

import pandas as pd

from survey_analysis.claims import THEMES, Claim, Claims
from survey_analysis.claims_file import read_claims
from survey_analysis.errors import InputError, unknown
from survey_analysis.estimates import Provenance, Tally
from survey_analysis.resources import DATA


def published_tally(claim: Claim, *, label: str = "") -> Tally:
    """A published count with its base, as a tally that every statistic can start from.

    Parameters
    ----------
    claim
        A claim with a count and a base.
    label
        What is counted; what the claim is about, or its id, when empty.

    Returns
    -------
    Tally
        Published; derived where the count was worked out from a printed percentage.

    Raises
    ------
    InputError
        A claim without a count or without a base.

    Examples
    --------
    >>> from survey_analysis.claims_file import read_claims
    >>> claims = read_claims()
    >>> print(published_tally(claims["good-use-and-value"]))
    good-use-and-value: 10 of 59 (published)
    >>> print(published_tally(claims["grade-good"]))
    grade-good: 7 of 59 (derived, assuming tes-base-59 and tes-grade-is-use)
    """
    if claim.count is None or claim.base is None:
        raise InputError(f"claim {claim.id!r} has no count of a base, so it has no tally; choose one that has both")
    worked_out = claim.base_inferred or claim.kind == "percent"
    return Tally(
        label=label or claim.about or claim.id,
        count=claim.count,
        base=claim.base,
        provenance=Provenance.DERIVED if worked_out else Provenance.PUBLISHED,
        assumptions=claim.assumptions,
    )


def assumption_table(claims: Claims | None = None) -> pd.DataFrame:
    """The assumptions of ours on which figures rest, with the reasons for them: assumption, statement, why.

    Examples
    --------
    >>> assumption_table()["assumption"].tolist()[:2]
    ['tes-base-59', 'tes-grade-is-use']
    """
    claims = read_claims() if claims is None else claims
    return pd.DataFrame(
        [{"assumption": it.id, "statement": it.statement, "why": it.why} for it in claims.assumptions.values()]
    )


def mirrored_claims(claims: Claims | None = None) -> pd.DataFrame:
    """The five actions that were published, each beside the pitfall that mirrors it.

    Returns
    -------
    DataFrame
        A row for each theme: theme, action, pitfall (both in our own words), provenance.

    Notes
    -----
    What the successful schools did was found in those schools; nothing was published of how many others did it.
    """
    claims = read_claims() if claims is None else claims
    return pd.DataFrame(
        [
            {
                "theme": title,
                "action": claims[f"action-{theme.replace('_', '-')}"].statement,
                "pitfall": claims[f"pitfall-{theme.replace('_', '-')}"].statement,
                "provenance": Provenance.PUBLISHED.value,
            }
            for theme, title in THEMES.items()
        ]
    )


def sister_surveys(claims: Claims | None = None) -> pd.DataFrame:
    """The published statements of Ofsted's other surveys of music in these years.

    Returns
    -------
    DataFrame
        A row for each statement: survey, about (what was graded or counted there), statement, provenance.

    Notes
    -----
    Each survey graded something else, in other schools and other years. None of them is a trend of another.
    """
    claims = read_claims() if claims is None else claims
    return pd.DataFrame(
        [
            {
                "survey": claims.sources[claim.source].title,
                "about": claim.about,
                "statement": claim.statement,
                "provenance": Provenance.PUBLISHED.value + (", second-hand" if claim.second_hand else ""),
            }
            for claim in claims
            if claim.scope == "sister survey"
        ]
    )


def national_context(*series: str) -> pd.DataFrame:
    """National figures of the time, each with its scope and source.

    Parameters
    ----------
    series
        Which series; all when none is named.

    Returns
    -------
    DataFrame
        A row for each figure: series, year, value (as it was printed), unit, scope, source, provenance and note.

    Raises
    ------
    InputError
        A series that there is not.

    Examples
    --------
    >>> national_context("schools")[["year", "value"]].to_numpy().tolist()
    [['January 2012', '24372']]

    Notes
    -----
    Series with different scopes are never divided by one another; the notes say which.
    """
    # As text: the figures are quoted as they were printed, and nothing is computed from them.
    table = pd.read_csv(DATA / "national_context.csv", dtype=str, keep_default_na=False)
    known = list(table["series"].unique())
    for name in series:
        if name not in known:
            raise unknown("series", name, known)
    return table[table["series"].isin(series)] if series else table
