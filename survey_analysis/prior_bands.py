"""What several priors make of questions that the claims leave open, side by side."""

import numpy as np
import pandas as pd

from survey_analysis.claims import Claims
from survey_analysis.ensembles import BAND, draw_surveys
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance
from survey_analysis.lexicons import Lexicon
from survey_analysis.reconstruction import Bounds

ALL = "any of these priors"


def prior_table(
    *found: Bounds,
    claims: Claims,
    seed: int,
    n: int = 1000,
    level: float = 0.9,
    lexicon: str | Lexicon = "plain-english",
) -> pd.DataFrame:
    """Where most surveys drawn by each prior of `BAND` lie, beside the range of all that the claims allow.

    The differences between the rows of a question come from the priors alone. Nothing here is evidence about schools.

    Parameters
    ----------
    found
        What `bounds` or `claim_ranges` returns.
    claims
        The published statements.
    seed, n
        As for `draw_surveys`.
    level
        The share of the surveys that is to lie between `low` and `high`, as many being left out below as above.
    lexicon
        As for `draw_surveys`.

    Returns
    -------
    DataFrame
        For each question and prior: asked, least, greatest (by the bounds), prior, low, middle and high (by the prior:
        two quantiles and the median), above_zero (the share of the surveys in which the value is above 0), provenance.
        The last row of a question is for any of the priors: from the lowest to the highest. A prior by which no survey
        drawn has a value has no row.

    Raises
    ------
    InputError
        A level outside 0 to 1, or what `draw_surveys` raises.

    Examples
    --------
    >>> from survey_analysis import bounds, number_of, read_claims
    >>> primary = bounds(number_of({"second_partnership_use": "good"}, label="a second grade of good"))
    >>> table = prior_table(primary, claims=read_claims(), seed=1, n=200)
    >>> table[["prior", "low", "high"]].to_numpy().tolist()[0]
    ['even chances', 9.0, 20.0]
    """
    if not 0 < level < 1:
        raise InputError(f"level must lie between 0 and 1, such as 0.9, and is {level!r}")
    tails = [(1 - level) / 2, 0.5, (1 + level) / 2]
    drawn = {name: draw_surveys(claims, n, prior=prior, seed=seed, lexicon=lexicon) for name, prior in BAND.items()}
    rows: list[dict[str, object]] = []
    for it in found:
        values = {name: ensemble.values(it.quantity) for name, ensemble in drawn.items()}
        known = {name: of[~np.isnan(of)] for name, of in values.items()}
        quantiles = {name: np.quantile(of, tails, method="nearest") for name, of in known.items() if len(of)}
        about = {"asked": it.label, "least": float(it.low), "greatest": float(it.high)}
        for name, (low, middle, high) in quantiles.items():
            above = float((known[name] > 0).mean())
            rows.append(about | {"prior": name, "low": low, "middle": middle, "high": high, "above_zero": above})
        if quantiles:
            low, high = min(it[0] for it in quantiles.values()), max(it[2] for it in quantiles.values())
            rows.append(about | {"prior": ALL, "low": low, "high": high})
    return pd.DataFrame(rows).assign(provenance=Provenance.ILLUSTRATIVE.value)
