"""Priors side by side: what each makes of a question, and that none goes beyond what the claims allow."""

from typing import Any

import pandas as pd
import pytest

import survey_analysis as sa
from survey_analysis.prior_bands import ALL

CLAIMS = sa.read_claims()
ASKED = (
    sa.bounds(sa.number_of({"greater_range": "yes"}, label="a greater range")),
    sa.bounds(
        sa.share_difference(
            {"monitoring": "action"},
            among=CLAIMS.groups["successful"],
            against=CLAIMS.groups["limited-effect"],
            label="the contrast in monitoring",
        )
    ),
)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return sa.prior_table(*ASKED, claims=CLAIMS, seed=3, n=400)


def test_there_is_a_row_for_each_prior_and_one_for_all(table: pd.DataFrame) -> None:
    assert list(table["asked"]) == [it.label for it in ASKED for _ in range(len(sa.BAND) + 1)]
    assert list(table["prior"]) == [*sa.BAND, ALL] * 2
    assert set(table["provenance"]) == {"illustrative"}


def test_each_row_is_what_the_surveys_drawn_by_its_prior_give(table: pd.DataFrame) -> None:
    prior = "unknown chances by use"
    values = sa.draw_surveys(CLAIMS, 400, prior=sa.BAND[prior], seed=3).values(ASKED[1].quantity)
    [row] = table[(table["asked"] == ASKED[1].label) & (table["prior"] == prior)].to_dict("records")
    assert (row["ahead"], row["surveys"], row["level"]) == ((values > 0).mean(), 400, 0.9)
    assert (values < row["low"]).sum() <= 20 and (values > row["high"]).sum() <= 20  # a twentieth at either side
    assert (values < row["middle"]).sum() <= 200 <= (values <= row["middle"]).sum()


def test_the_row_for_all_reaches_from_lowest_to_highest_and_keeps_within_the_bounds(
    table: pd.DataFrame,
) -> None:
    for it in ASKED:
        of = table[table["asked"] == it.label]
        [whole], single = of[of["prior"] == ALL].to_dict("records"), of[of["prior"] != ALL]
        assert (whole["low"], whole["high"]) == (single["low"].min(), single["high"].max())
        assert float(it.low) <= whole["low"] <= whole["high"] <= float(it.high)
        assert pd.isna(whole["middle"]) and pd.isna(whole["ahead"])


def test_priors_disagree_about_what_the_claims_leave_open(table: pd.DataFrame) -> None:
    """One is in two minds about the sign, another all but sure: the claims do not settle it."""
    ahead = table[table["asked"] == ASKED[1].label].set_index("prior")["ahead"]
    assert 0.4 < ahead["even chances"] < 0.6 and ahead["unknown chances by use"] > 0.65
    assert table[table["asked"] == ASKED[0].label]["ahead"].isna().all()


@pytest.mark.parametrize(
    ("found", "more", "message"),
    [
        ((), {}, "prior_table takes what bounds"),
        ((ASKED[0].quantity,), {}, "prior_table takes what bounds"),
        ((ASKED[0], ASKED[0]), {}, "two questions have the same label"),
        (
            ASKED,
            {"lexicon": "education-scotland"},
            "by Plain English without nothing, and surveys would be",
        ),
        (ASKED, {"without": "tes-base-59"}, "would be drawn by Plain English without tes-base-59; ask for both alike"),
        (ASKED, {"n": 10}, "a greater range: only 10 of 10 surveys drawn by even chances have a value; draw more"),
    ],
)
def test_what_cannot_be_put_side_by_side_is_refused(found: Any, more: dict[str, Any], message: str) -> None:
    options: dict[str, Any] = {"claims": CLAIMS, "seed": 1}
    with pytest.raises(sa.InputError, match=message):
        sa.prior_table(*found, **(options | more))


@pytest.mark.parametrize("level", [0, 1, 90, float("nan"), "0.9"])
def test_a_level_is_a_share(level: Any) -> None:
    with pytest.raises(sa.InputError, match=r"^level must lie between 0 and 1, such as 0\.9, and is "):
        sa.prior_table(*ASKED, claims=CLAIMS, seed=1, level=level)
