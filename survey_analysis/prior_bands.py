"""What several priors make of questions that the claims leave open, side by side."""

from collections.abc import Sequence
from numbers import Real

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_analysis.claims import Claims
from survey_analysis.constraints import names_of
from survey_analysis.ensembles import BAND, draw_surveys
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance
from survey_analysis.lexicons import Lexicon, find_lexicon
from survey_analysis.quantities import Quantity
from survey_analysis.reconstruction import AllowedBounds

ALL = "any of these priors"
FEWEST = 20
"""The fewest surveys of which quantiles are taken."""


def prior_table(
    *found: AllowedBounds,
    claims: Claims,
    seed: int,
    n: int = 1000,
    level: float = 0.9,
    lexicon: str | Lexicon = "plain-english",
    without: str | Sequence[str] = (),
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
    lexicon, without
        As for `bounds`, and the same as the bounds were asked with.

    Returns
    -------
    DataFrame
        For each question and prior: asked, least, greatest (by the bounds), prior, surveys (how many of those drawn
        have a value), low, middle and high (two quantiles of these, and the median), ahead (of a difference or a ratio:
        the share of the surveys in which it is greater among the first group), level, provenance. The last row of a
        question is for any of the priors: from the lowest to the highest.

    Raises
    ------
    InputError
        No bounds, or bounds by another lexicon or other assumptions; a level outside 0 to 1; fewer than 20 surveys
        drawn by a prior that have a value; what `draw_surveys` raises.

    Examples
    --------
    >>> from survey_analysis import bounds, number_of, read_claims
    >>> primary = bounds(number_of({"second_partnership_use": "good"}, label="a second grade of good"))
    >>> table = prior_table(primary, claims=read_claims(), seed=1, n=200)
    >>> table[["prior", "low", "high"]].to_numpy().tolist()[0]
    ['even chances', 9.0, 21.0]
    """
    if not isinstance(level, Real) or not 0 < level < 1:
        raise InputError(f"level must lie between 0 and 1, such as 0.9, and is {level!r}")
    _check(found, find_lexicon(lexicon), names_of(without))
    tails = [(1 - level) / 2, 0.5, (1 + level) / 2]
    drawn = {
        name: draw_surveys(claims, n, prior=prior, seed=seed, lexicon=lexicon, without=without)
        for name, prior in BAND.items()
    }
    rows: list[dict[str, object]] = []
    for it in found:
        about = {"asked": it.label, "least": float(it.low), "greatest": float(it.high)}
        of_priors = []
        for name, ensemble in drawn.items():
            values = ensemble.values(it.quantity)
            known = values[~np.isnan(values)]
            if len(known) < FEWEST:
                raise InputError(
                    f"{it.label}: only {len(known)} of {n} surveys drawn by {name} have a value; draw more, or ask "
                    "about a larger group"
                )
            low, middle, high = np.quantile(known, tails, method="nearest")
            of_priors.append((low, high, len(known)))
            counts = {"surveys": len(known), "low": low, "middle": middle, "high": high}
            rows.append(about | {"prior": name} | counts | {"ahead": _ahead(it.quantity, known)})
        lows, highs, sizes = zip(*of_priors, strict=True)
        rows.append(about | {"prior": ALL, "surveys": sum(sizes), "low": min(lows), "high": max(highs)})
    return pd.DataFrame(rows).assign(level=level, provenance=Provenance.ILLUSTRATIVE.value)


def _check(found: Sequence[AllowedBounds], lexicon: Lexicon, without: tuple[str, ...]) -> None:
    if not found or not all(isinstance(it, AllowedBounds) for it in found):
        raise InputError(f"prior_table takes what bounds() or claim_ranges() return, one or more, not {found!r}")
    for it in found:
        if it.lexicon != lexicon.title or set(it.without) != set(without):
            raise InputError(
                f"{it.label}: its bounds are by {it.lexicon} without {', '.join(it.without) or 'nothing'}, and surveys "
                f"would be drawn by {lexicon.title} without {', '.join(without) or 'nothing'}; ask for both alike"
            )
    if len({it.label for it in found}) < len(found):
        raise InputError("two questions have the same label; give each a label of its own")


def _ahead(quantity: Quantity, values: NDArray[np.float64]) -> float | None:
    """The share of surveys in which the first of two groups is ahead."""
    even = {"difference": 0, "ratio": 1}.get(quantity.kind)
    return None if even is None else float((values > even).mean())
