"""Gaps within strata: published answers, an oracle and its defects, schools drawn again, odd input, and the words."""

import re
from collections.abc import Mapping
from dataclasses import replace
from math import inf, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import chi2
from statsmodels.stats.contingency_tables import StratifiedTable

from survey_analysis import charts
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimate, Estimates, Provenance
from survey_analysis.gaps import Pair, gap, pupil_tally
from survey_analysis.resampling import bootstrap, sums
from survey_analysis.strata import Strata, gap_by_stratum, strata_of_counts
from survey_analysis.stratified_gaps import (
    _by_schools,
    _difference_limits,
    _pooled,
    strata_in_words,
    stratified_gap,
)
from survey_analysis.survey_files import load_survey
from survey_analysis.surveys import Survey

DICTIONARY = packaged_dictionary()
SHIPPED = load_survey()
Cells = tuple[int, int, int, int]
"""Count and base of the group ahead, count and base of the one behind."""

# Bickel, Hammel and O'Connell (1975), Science 187; as in R's UCBAdmissions: admitted of applied, men then women.
BERKELEY: dict[str, Cells] = {
    "A": (512, 825, 89, 108),
    "B": (353, 560, 17, 25),
    "C": (120, 325, 202, 593),
    "D": (138, 417, 131, 375),
    "E": (53, 191, 94, 393),
    "F": (22, 373, 24, 341),
}
# Charig, Webb, Payne and Wickham (1986), British Medical Journal 292: success of open surgery, and through the skin.
STONES: dict[str, Cells] = {"small": (81, 87, 234, 270), "large": (192, 263, 55, 80)}
# Agresti (1990), Categorical Data Analysis, p. 233: cured by penicillin at once, and after an hour and a half.
RABBITS: dict[str, Cells] = {
    "1/8": (0, 6, 0, 5),
    "1/4": (3, 6, 0, 6),
    "1/2": (6, 6, 2, 6),
    "1": (5, 6, 6, 6),
    "4": (2, 2, 5, 5),
}
# SAS/STAT User's Guide, The FREQ Procedure, example of Cochran-Mantel-Haenszel statistics: better of treated.
MIGRAINE: dict[str, Cells] = {"female": (16, 27, 5, 25), "male": (12, 28, 7, 26)}
# Breslow and Day (1980), Statistical Methods in Cancer Research 1, table 4.1: exposed of cases, and of controls.
OESOPHAGUS: dict[str, Cells] = {
    "25-34": (1, 1, 9, 115),
    "35-44": (4, 9, 26, 190),
    "45-54": (25, 46, 29, 167),
    "55-64": (42, 76, 27, 166),
    "65-74": (19, 55, 18, 106),
    "75+": (5, 13, 0, 31),
}


def pairs(cells: Mapping[str, Cells]) -> Strata:
    return strata_of_counts(cells, groups=("men", "women"), provenance=Provenance.PUBLISHED)


def scales(found: Estimates) -> dict[str, Estimate]:
    return {it.details["scale"]: it for it in found}


def of(cells: Mapping[str, Cells], scale: str, level: float = 0.95) -> Estimate:
    return scales(stratified_gap(pairs(cells), level=level))[scale]


def limits(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None and estimate.high is not None
    return estimate.low, estimate.high


def tables(cells: Mapping[str, Cells]) -> StratifiedTable:
    return StratifiedTable([[[a, n - a], [c, m - c]] for a, n, c, m in cells.values()])


# --------------------------------------------------------------------------------------------- published answers


def test_the_admissions_of_berkeley() -> None:
    """R, `mantelhaen.test(UCBAdmissions)`: 0.9046968 (0.7719074 to 1.0603298); the crude odds ratio is 1.841."""
    odds = of(BERKELEY, "odds_ratio")
    assert (odds.value, *limits(odds)) == pytest.approx((0.9046968, 0.7719074, 1.0603298), abs=5e-8)
    assert odds.details["crude"] == pytest.approx(1.841, abs=5e-4)
    assert (odds.details["direction"], odds.details["strata"]) == ("reversed", 6)
    assert (odds.details["ahead_in"], odds.details["behind_in"]) == (2, 4)
    assert odds.base == 4526 and odds.provenance is Provenance.DERIVED


def test_rabbits_with_strata_in_which_all_were_cured_or_none() -> None:
    """R, `mantelhaen.test(Rabbits)`: 7 (1.026713 to 47.725133)."""
    odds = of(RABBITS, "odds_ratio")
    assert (odds.value, *limits(odds)) == pytest.approx((7, 1.026713, 47.725133), abs=5e-7)
    informative = {name: RABBITS[name] for name in ("1/4", "1/2", "1")}
    assert odds.details["homogeneity_p_value"] == of(informative, "odds_ratio").details["homogeneity_p_value"]
    assert odds.details["p_value"] == pytest.approx(of(informative, "odds_ratio").details["p_value"])


def test_a_trial_of_migraine() -> None:
    """SAS: odds ratio 3.3132 (1.4456 to 7.5934), relative risks 2.1636 (1.2336 to 3.7948) and 0.6420 (0.4705 to
    0.8761); CMH 8.3052, p .0040."""
    odds, ratio, other = (of(MIGRAINE, scale) for scale in ("odds_ratio", "ratio", "non_participation_ratio"))
    assert (odds.value, *limits(odds)) == pytest.approx((3.3132, 1.4456, 7.5934), abs=5e-5)
    assert (ratio.value, *limits(ratio)) == pytest.approx((2.1636, 1.2336, 3.7948), abs=5e-5)
    turned = [1 / (other.value or 0), *sorted(1 / limit for limit in limits(other))]
    assert turned == pytest.approx((0.6420, 0.4705, 0.8761), abs=5e-5)
    assert odds.details["p_value"] == pytest.approx(chi2.sf(8.3052, 1), abs=1e-6)


def test_oesophageal_cancer_and_alcohol_by_age() -> None:
    """Breslow and Day (1980), section 4.4: odds ratio 5.158, and 9.32 for homogeneity on 5 degrees of freedom, which
    Tarone's correction lowers a little."""
    odds = of(OESOPHAGUS, "odds_ratio")
    assert odds.value == pytest.approx(5.158, abs=5e-4)
    assert chi2.isf(odds.details["homogeneity_p_value"], 5) == pytest.approx(9.32, abs=0.03)


def test_kidney_stones_are_the_paradox_itself() -> None:
    """Open surgery succeeds more often with small and with large stones, and less often over all."""
    found = scales(stratified_gap(pairs(STONES)))
    assert {it.details["direction"] for it in found.values()} == {"reversed"}
    assert found["difference"].details["ahead_in"] == 2
    assert found["difference"].details["crude"] == pytest.approx(273 / 350 - 289 / 350)
    over = 81 * 36 / 357 + 192 * 25 / 343
    assert found["odds_ratio"].value == pytest.approx(over / (6 * 234 / 357 + 71 * 55 / 343))
    weights = [87 * 270 / 357, 263 * 80 / 343]
    leads = [81 / 87 - 234 / 270, 192 / 263 - 55 / 80]
    assert found["difference"].value == pytest.approx(np.average(leads, weights=weights))


# --------------------------------------------------------------------------------------------- an oracle, and beyond

cells_of_a_stratum = st.tuples(st.integers(1, 60), st.integers(1, 60)).flatmap(
    lambda bases: st.tuples(st.integers(0, bases[0]), st.just(bases[0]), st.integers(0, bases[1]), st.just(bases[1]))
)
some_strata = st.lists(cells_of_a_stratum, min_size=1, max_size=5).map(
    lambda cells: {str(place): it for place, it in enumerate(cells)}
)


@given(some_strata, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_statsmodels_agrees_where_it_has_a_value(cells: dict[str, Cells], level: float) -> None:
    theirs = tables(cells)
    assume((theirs._ad / theirs._n).sum() > 0 and (theirs._bc / theirs._n).sum() > 0)
    odds = of(cells, "odds_ratio", level)
    assert odds.value == pytest.approx(theirs.oddsratio_pooled)
    assert limits(odds) == pytest.approx(theirs.oddsratio_pooled_confint(alpha=1 - level))
    assert of(cells, "ratio").value == pytest.approx(theirs.riskratio_pooled)
    assert odds.details["p_value"] == pytest.approx(theirs.test_null_odds().pvalue, abs=1e-12)
    informative = [it for it in cells.values() if 0 < it[0] + it[2] < it[1] + it[3]]
    if len(informative) == len(cells) > 1 and abs(log(odds.value or 0)) > 1e-4:
        expected = theirs.test_equal_odds(adjust=True).pvalue
        assert odds.details["homogeneity_p_value"] == pytest.approx(expected, abs=1e-6)


def test_statsmodels_has_no_homogeneity_at_an_odds_ratio_of_one() -> None:
    """The fitted cells are a root of a quadratic that is linear at 1: 0 over 0 there. Ours: by hand, twice 100/3."""
    cells: dict[str, Cells] = {"one": (20, 30, 10, 30), "other": (10, 30, 20, 30)}
    with np.errstate(invalid="ignore"):
        assert np.isnan(tables(cells).test_equal_odds(adjust=True).pvalue)
    p_value = of(cells, "odds_ratio").details["homogeneity_p_value"]
    assert p_value == pytest.approx(chi2.sf(2 * 25 / (30 / 8), 1))


def test_statsmodels_has_no_homogeneity_with_an_empty_margin_and_counts_the_stratum() -> None:
    theirs = tables(RABBITS)
    with np.errstate(divide="ignore", invalid="ignore"):
        assert np.isnan(theirs.test_equal_odds(adjust=True).pvalue)
    without = tables({name: RABBITS[name] for name in ("1/4", "1/2", "1")})
    p_value = of(RABBITS, "odds_ratio").details["homogeneity_p_value"]
    assert p_value == pytest.approx(without.test_equal_odds(adjust=True).pvalue)


def test_statsmodels_rounds_small_p_values_to_nothing() -> None:
    cells: dict[str, Cells] = {"one": (190, 200, 10, 200), "other": (90, 100, 10, 100)}
    assert tables(cells).test_null_odds().pvalue == 0
    assert 0 < of(cells, "odds_ratio").details["p_value"] < 1e-80


def test_adding_a_half_to_empty_cells_would_pull_the_ratio() -> None:
    """Why statsmodels' `shift_zeros` is not used: in strata of two, one of each, it drags 9 towards 1."""
    cells: dict[str, Cells] = {f"up {n}": (1, 1, 0, 1) for n in range(9)} | {"down": (0, 1, 1, 1)}
    assert of(cells, "odds_ratio").value == pytest.approx(9)
    shifted = StratifiedTable([[[a, n - a], [c, m - c]] for a, n, c, m in cells.values()], shift_zeros=True)
    assert shifted.oddsratio_pooled < 5


@given(some_strata, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_the_difference_is_z_standard_errors_from_its_limits(cells: dict[str, Cells], level: float) -> None:
    """Klingenberg (2014): the limits solve (estimate - delta)^2 = z^2 (delta P + Q) / R^2, written out anew here."""
    found = of(cells, "difference", level)
    if found.low is None:
        return
    value, z2 = found.value or 0.0, chi2.isf(1 - level, 1)
    p = sum((n * n * c - m * m * a + n * m * (m - n) / 2) / (n + m) ** 2 for a, n, c, m in cells.values())
    q = sum((a * (m - c) + c * (n - a)) / (2 * (n + m)) for a, n, c, m in cells.values())
    r = sum(n * m / (n + m) for _, n, _, m in cells.values())

    def away(delta: float) -> float:
        return (value - delta) ** 2 - z2 * (delta * p + q) / r**2

    low, high = limits(found)
    assert -1 <= low <= value <= high <= 1
    for end, far in ((low, -1.0), (high, 1.0)):
        if abs(end) < 1 and abs(end - value) > 1e-6:
            assert end == pytest.approx(brentq(away, value, far), abs=1e-7)


def test_a_difference_of_one_has_an_interval_that_ends_there() -> None:
    found = of({"a": (20, 20, 0, 20), "b": (30, 30, 0, 10)}, "difference")
    weight = 20 * 20 / 40 + 30 * 10 / 40
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(1 - chi2.isf(0.05, 1) / (2 * weight))


@given(some_strata)
def test_swapping_the_groups_turns_everything_round(cells: dict[str, Cells]) -> None:
    one, other = (scales(stratified_gap(pairs(it))) for it in (cells, {k: (*v[2:], *v[:2]) for k, v in cells.items()}))
    for scale, first in one.items():
        second = other[scale]
        if scale == "difference":
            assert second.value == pytest.approx(-(first.value or 0))
        elif first.value and first.value < inf:
            assert second.value == pytest.approx(1 / first.value)
            if first.low is not None and first.high is not None:
                assert limits(second) == pytest.approx((1 / first.high, 1 / first.low))
        assert second.details["p_value"] == pytest.approx(first.details["p_value"])
        assert second.details["direction"] == first.details["direction"]
    p_values = [it["odds_ratio"].details["homogeneity_p_value"] for it in (one, other)]
    assert p_values[0] == pytest.approx(p_values[1])


@given(cells_of_a_stratum)
def test_one_stratum_is_the_crude_gap(cells: Cells) -> None:
    found = stratified_gap(pairs({"only": cells}))
    assert [it.value for it in found] == pytest.approx([it.value for it in gap(*pairs({"only": cells})["only"])])
    assert all(it.value == pytest.approx(it.details["crude"]) for it in found)
    assert found[3].details["homogeneity_p_value"] is None
    assert found[0].details["direction"] in ("the same", "no gap")


def test_a_higher_level_is_wider_on_every_scale() -> None:
    for narrow, wide in zip(
        stratified_gap(pairs(BERKELEY), level=0.8), stratified_gap(pairs(BERKELEY), level=0.99), strict=True
    ):
        assert limits(wide)[0] < limits(narrow)[0] < limits(narrow)[1] < limits(wide)[1]


@pytest.mark.parametrize(
    ("cells", "direction"),
    [
        ({"a": (5, 10, 2, 10), "b": (6, 10, 3, 10)}, "the same"),
        ({"a": (9, 10, 89, 100), "b": (11, 100, 1, 10)}, "reversed"),
        ({"a": (9, 10, 90, 100), "b": (10, 100, 1, 10)}, "only over all"),
        ({"a": (2, 10, 0, 5), "b": (1, 5, 3, 15), "c": (0, 5, 0, 0)}, "only within strata"),
        ({"a": (5, 10, 5, 10), "b": (5, 10, 5, 10)}, "no gap"),
        ({"a": (8, 10, 7, 10), "b": (0, 10, 1, 10)}, "no gap"),
        ({"a": (7, 10, 2, 3), "b": (0, 10, 0, 3), "c": (0, 0, 9, 9)}, "reversed"),
    ],
)
def test_the_direction_is_decided_in_whole_numbers(cells: dict[str, Cells], direction: str) -> None:
    found = of(cells, "difference")
    crude, within = round(found.details["crude"], 12), round(found.value or 0, 12)
    expected = ("the same" if crude * within > 0 else "reversed") if crude and within else "only over all"
    if not crude:
        expected = "only within strata" if within else "no gap"
    assert found.details["direction"] == direction == expected


# ------------------------------------------------------------------------------------------------- odd and bad input


def test_a_stratum_without_one_of_the_groups_is_left_out_and_counted() -> None:
    with_empty = {**BERKELEY, "G": (0, 0, 3, 7), "H": (2, 9, 0, 0), "I": (0, 0, 0, 0)}
    found, plain = stratified_gap(pairs(with_empty)), stratified_gap(pairs(BERKELEY))
    assert [(it.value, it.low, it.high) for it in found] == [(it.value, it.low, it.high) for it in plain]
    assert found[0].details["left_out"] == 3 and found[0].details["strata"] == 6
    assert "Nobody to compare with in G, H, I: left out within strata" in found.note
    assert "left out" not in plain.note
    assert found[0].details["crude"] == pytest.approx(1200 / 2700 - 560 / 1842), "over all means over all"


@pytest.mark.parametrize(("first", "direction"), [((0, 9, 0, 7), "no gap"), ((9, 9, 7, 7), "only over all")])
def test_all_or_none_in_every_stratum_has_a_value_and_no_interval(first: Cells, direction: str) -> None:
    found = stratified_gap(pairs({"a": first, "b": (0, 5, 0, 4)}))
    assert found[0].value == 0 and found[0].details["direction"] == direction
    assert all((it.low, it.level) == (None, None) for it in found)
    assert {it.details["p_value"] for it in found} == {None}
    assert found[3].value is None and found[3].details["homogeneity_p_value"] is None
    reason = "Mantel-Haenszel; no interval: in every stratum everybody has the outcome, or nobody"
    assert {it.method for it in found} == {reason}
    assert not re.search(r"\bnan\b", str(found)) and "undefined" in str(found)


def test_a_ratio_without_end_has_no_interval_and_says_so() -> None:
    found = scales(stratified_gap(pairs({"a": (3, 9, 0, 7), "b": (2, 5, 0, 4)})))
    assert found["odds_ratio"].value == found["ratio"].value == inf
    assert found["odds_ratio"].method == "Mantel-Haenszel; no interval: the ratio is infinite"
    assert found["odds_ratio"].details["homogeneity_p_value"] is None
    assert found["difference"].low is not None and found["non_participation_ratio"].low is not None
    none = scales(stratified_gap(pairs({"a": (0, 9, 3, 7), "b": (0, 5, 1, 4)})))
    assert none["ratio"].method == "Mantel-Haenszel; no interval: the ratio is 0.00"


@pytest.mark.parametrize(
    ("strata", "said"),
    [
        ({}, r"strata must have a stratum or more, each with two tallies: \{'primary': \(ahead, behind\)\}"),
        (None, "strata must have a stratum or more"),
        ([1], "strata must have a stratum or more"),
        ({"a": 3}, r"the stratum 'a' must be two tallies, \(ahead, behind\), not 3"),
        ({"a": (1, 2)}, r"the stratum 'a' must be two tallies"),
        (pairs({"a": (0, 0, 3, 7), "b": (1, 2, 0, 0)}), "must have one with somebody in both groups"),
    ],
)
def test_what_is_no_strata_gets_one_sentence(strata: dict[str, Pair], said: str) -> None:
    with pytest.raises(InputError, match=said):
        stratified_gap(strata)


def test_counts_that_are_no_stratum_get_one_sentence() -> None:
    with pytest.raises(
        InputError, match=r"the stratum 'a' must have count and base of one group, then of the other, not"
    ):
        strata_of_counts({"a": (1, 2, 3)}, groups=("men", "women"))  # type: ignore[dict-item]
    with pytest.raises(
        InputError, match="the stratum 'a' has 3 of 2 women: add yes and no for the base, or write printed='yes_and_no'"
    ):
        strata_of_counts({"a": (1, 2, 3, 2)}, groups=("men", "women"))
    with pytest.raises(InputError, match="provenance must be one of"):
        strata_of_counts({"a": (1, 2, 1, 2)}, groups=("men", "women"), provenance="seen")
    assert strata_of_counts({"a": (1, 2, 1, 2)}, groups=("x", "y"))["a"][0].provenance is Provenance.ILLUSTRATIVE


@pytest.mark.parametrize(
    ("counts", "options", "said"),
    [
        ([1], {}, r"counts must have four counts for each stratum, such as \{'A': \(512, .*\)\}, not \[1\]"),
        ({"a": (1, 2, 1, 2)}, {"groups": ("men",)}, r"groups must be two different names, .* not \('men',\)"),
        ({"a": (1, 2, 1, 2)}, {"groups": ("a", "b", "c")}, "groups must be two different names"),
        ({"a": (1, 2, 1, 2)}, {"groups": ("men", "men")}, "groups must be two different names"),
        ({"a": (1, 2, 1, 2.5)}, {}, "each count of the stratum 'a' must be a whole number from 0, not 2.5"),
        ({"a": (1, 2, 1, 2)}, {"printed": "yes"}, "printed must be one of 'count_and_base', 'yes_and_no', not 'yes'"),
        ({"a": (1, 2)}, {"printed": "yes_and_no"}, "the stratum 'a' must have yes and no of one group, then of the"),
    ],
)
def test_a_table_that_cannot_be_read_gets_one_sentence(counts: object, options: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        strata_of_counts(counts, **{"groups": ("men", "women"), **options})  # type: ignore[arg-type]


def test_a_table_of_yes_and_no_has_their_sum_for_a_base() -> None:
    printed = {name: (a, n - a, c, m - c) for name, (a, n, c, m) in BERKELEY.items()}
    made = strata_of_counts(printed, groups=("men", "women"), printed="yes_and_no", provenance=Provenance.PUBLISHED)
    assert dict(made) == dict(pairs(BERKELEY))
    assert str(made).splitlines()[1].split() == ["stratum", "men", "women"] and "512 of 825" in str(made)
    assert "<table>" in made._repr_html_() and made.schools is None


def test_people_who_are_no_pupils_are_not_called_so() -> None:
    shown = str(stratified_gap(pairs(BERKELEY)))
    assert "pupils" not in shown and "schools" not in shown.replace("\n", " ").replace("schools that were not", "")
    assert "if the people counted had been drawn" in shown.replace("\n", " ")
    survey = gap_by_stratum(SHIPPED, "fsm")
    assert (stratified_gap(survey).drawn, stratified_gap(survey, independent="pupils").drawn) == ("schools", "pupils")


@pytest.mark.parametrize("count", [0, 9])
def test_a_group_of_which_nobody_or_everybody_has_the_outcome_has_no_interval_over_schools(count: int) -> None:
    schools = [("primary", (a, 9, count, 9)) for a in (3, 5, 4, 2, 6, 3, 1, 4)]
    for it in stratified_gap(gap_by_stratum(made(*schools), "fsm")):
        assert (it.low is None and "design_effect" not in it.details) or it.details["design_effect"] is None
    assert stratified_gap(gap_by_stratum(made(*schools), "fsm"))[0].method == (
        "Mantel-Haenszel, no interval: nobody or everybody of a group has the outcome"
    )


def test_a_design_effect_is_not_made_of_some_of_the_resamples() -> None:
    """Where a resample has a ratio of 0 the spread of the logarithm is without end; that of the difference is not."""
    schools = [("primary", (0 if n else 4, 30, n + 1, 30)) for n in range(9)]
    found = scales(stratified_gap(gap_by_stratum(made(*schools), "fsm"), level=0.5))
    assert found["ratio"].level == 0.5 and found["ratio"].details["design_effect"] is None
    assert found["difference"].details["design_effect"] > 0


def test_options_that_do_not_exist_are_named() -> None:
    with pytest.raises(InputError, match="independent must be one of 'schools', 'pupils', not 'school'; did you mean"):
        stratified_gap(pairs(BERKELEY), independent="school")
    with pytest.raises(InputError, match=r"independent cannot be 'schools' for strata made by hand; make them with"):
        stratified_gap(pairs(BERKELEY), independent="schools")
    with pytest.raises(InputError, match=r"level must be between 0 and 1, not 95; write 0\.95 for 95%"):
        stratified_gap(pairs(BERKELEY), level=95)


def test_what_not_to_have_the_outcome_is_called() -> None:
    assert [it.label for it in stratified_gap(pairs(BERKELEY), without="rejection")] == [
        "difference",
        "ratio",
        "rejection ratio",
        "odds ratio",
    ]
    assert stratified_gap(pairs(BERKELEY))[2].label == "non-participation ratio"
    assert stratified_gap(gap_by_stratum(SHIPPED, "fsm", outcome="achievement"))[2].label == "non-achievement ratio"


def test_what_the_tallies_presume_and_the_weakest_provenance_are_carried() -> None:
    strata = pairs(STONES)
    first, second = strata["small"]
    weak = replace(first, provenance=Provenance.ILLUSTRATIVE, assumptions=("a",))
    found = stratified_gap({**strata, "small": (weak, replace(second, assumptions=("b", "a")))})
    assert {(it.provenance, it.assumptions) for it in found} == {(Provenance.ILLUSTRATIVE, ("a", "b"))}


# --------------------------------------------------------------------------------------------------------- of a survey


def made(*schools: tuple[str, Cells]) -> Survey:
    """A survey of schools, each with its phase and the pupils of two groups who take part."""
    rows = []
    for place, (_, (a, ahead, c, behind)) in enumerate(schools):
        for time in ("before", "after"):
            for group, count, base in (("not_fsm", a, ahead), ("fsm", c, behind)):
                row = {"visit_id": f"V{place}", "time": time, "characteristic": "fsm", "group": group}
                rows.append(row | {"pupils": base, "taking_part": count, "achieving": 0, "sustained": 0})
    visits = pd.DataFrame([{"visit_id": f"V{place}", "phase": phase} for place, (phase, _) in enumerate(schools)])
    visits = visits.reindex(columns=list(DICTIONARY["visits"]), fill_value="not_seen")
    groups = pd.DataFrame(rows, columns=list(DICTIONARY["pupil_groups"]))
    costs = pd.DataFrame(columns=list(DICTIONARY["costs"]))
    return Survey(visits=visits, pupil_groups=groups, costs=costs, dictionary=DICTIONARY, title="Made for a test")


def test_pupils_are_counted_in_their_stratum() -> None:
    survey = made(("primary", (3, 9, 1, 8)), ("secondary", (5, 20, 4, 10)), ("primary", (2, 5, 0, 0)))
    strata = gap_by_stratum(survey, "fsm")
    counted = {name: [(it.count, it.base) for it in pair] for name, pair in strata.items()}
    assert counted == {"primary": [(5, 14), (1, 8)], "secondary": [(5, 20), (4, 10)]}
    assert (len(strata), strata.by, strata.unseen) == (2, "phase", 0)
    assert strata.schools.tolist() == [
        [[3, 9, 1, 8], [0, 0, 0, 0]],
        [[0, 0, 0, 0], [5, 20, 4, 10]],
        [[2, 5, 0, 0], [0, 0, 0, 0]],
    ]
    assert [it.label for it in strata["primary"]] == [
        "pupils without free school meals",
        "pupils with free school meals",
    ]
    assert "5 of 14" in str(strata) and "primary" in strata._repr_html_()


@pytest.mark.parametrize("by", ["phase", "partnership_use", "visit_id"])
@pytest.mark.parametrize("outcome", ["participation", "achievement_of_participants", "gcse_entry"])
@pytest.mark.parametrize("time", ["before", "after"])
def test_strata_add_up_to_the_pupils_of_the_survey(by: str, outcome: str, time: str) -> None:
    strata = gap_by_stratum(SHIPPED, "sen", by=by, outcome=outcome, time=time)
    for place, group in enumerate(("not_sen", "sen")):
        whole = pupil_tally(SHIPPED, "sen", group, time=time, outcome=outcome)
        assert sum(pair[place].count for pair in strata.values()) == whole.count
        assert sum(pair[place].base for pair in strata.values()) == whole.base
    assert strata.schools.sum(axis=(0, 1))[[1, 3]].tolist() == [
        sum(pair[place].base for pair in strata.values()) for place in (0, 1)
    ]


def test_each_choice_changes_what_is_counted() -> None:
    plain = gap_by_stratum(SHIPPED, "fsm")
    others = [
        gap_by_stratum(SHIPPED, "sex"),
        gap_by_stratum(SHIPPED, "fsm", time="before"),
        gap_by_stratum(SHIPPED, "fsm", outcome="sustained"),
        gap_by_stratum(SHIPPED, "fsm", among={"inclusion": "pitfall"}),
        gap_by_stratum(SHIPPED, "fsm", among=[{"inclusion": "pitfall"}, {"inclusion": "action"}]),
        gap_by_stratum(SHIPPED, "fsm", by="inclusion"),
    ]
    seen = [str({name: [(it.count, it.base) for it in pair] for name, pair in it.items()}) for it in [plain, *others]]
    assert len(set(seen)) == len(seen)
    assert {it.provenance for pair in plain.values() for it in pair} == {Provenance.ILLUSTRATIVE}


def test_schools_whose_stratum_was_not_seen_are_counted_and_said() -> None:
    """Two of the 59 in the shipped survey have no code for inclusion."""
    strata = gap_by_stratum(SHIPPED, "fsm", by="inclusion")
    unseen = int((SHIPPED.visits["inclusion"] == "not_seen").sum())
    assert strata.unseen == unseen > 0 and len(strata.schools) == 59 - unseen
    found = stratified_gap(strata)
    assert found[0].details["group_not_seen"] == unseen
    assert f"{unseen} schools in no stratum, for the inclusion was not seen" in found.note
    assert f"It was not seen of {unseen} schools more" in str(strata)
    assert "not seen" not in stratified_gap(gap_by_stratum(SHIPPED, "fsm")).note


def test_a_column_that_applies_to_some_visits_has_strata_of_those() -> None:
    strata = gap_by_stratum(SHIPPED, "fsm", by="feeder_primaries_used")
    assert set(strata) <= {"yes", "no"}
    assert len(strata.schools) + strata.unseen == int((SHIPPED.visits["phase"] == "secondary").sum())


@pytest.mark.parametrize(
    ("by", "said"),
    [
        (
            "visit_date",
            "by must be a column of the visits with one code a visit, or 'visit_id', not 'visit_date'",
        ),
        ("partnership_forms", "not 'partnership_forms', which holds codes"),
        ("phases", "a column of visits must be one of .* did you mean 'phase'"),
    ],
)
def test_a_column_that_makes_no_strata_is_refused(by: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        gap_by_stratum(SHIPPED, "fsm", by=by)


def test_bad_questions_of_a_survey_are_sentences() -> None:
    survey = made(("primary", (3, 9, 1, 8)), ("secondary", (5, 20, 4, 10)))
    with pytest.raises(InputError, match="'inclusion' was seen in none of them"):
        gap_by_stratum(survey, "fsm", by="inclusion")
    with pytest.raises(InputError, match="no school has pupils counted by sex here"):
        gap_by_stratum(survey, "sex")
    with pytest.raises(InputError, match="time must be one of 'before', 'after'"):
        gap_by_stratum(survey, "fsm", time="during")
    with pytest.raises(InputError, match="outcome must be one of"):
        gap_by_stratum(survey, "fsm", outcome="taking_part")
    mixed = SHIPPED.visits.assign(grade_scale=["one"] + ["other"] * 58)
    with pytest.raises(InputError, match="grade_scale must be the same"):
        gap_by_stratum(replace(SHIPPED, visits=mixed), "fsm", by="partnership_use")


# ------------------------------------------------------------------------------------------- schools drawn again


def clustered(spread: float, *, schools: int = 59, seed: int = 0) -> Survey:
    """Schools in two phases with gaps of their own; the larger the spread, the more the gaps differ."""
    random = np.random.default_rng(seed)
    rows: list[tuple[str, Cells]] = []
    for place in range(schools):
        phase, rate = ("primary", 0.6) if place % 2 else ("secondary", 0.3)
        shift = float(np.clip(random.normal(0, spread), -0.25, 0.25))
        a, c = random.binomial(120, rate + shift), random.binomial(60, rate - 0.05 - shift)
        rows.append((phase, (int(a), 120, int(c), 60)))
    return made(*rows)


def test_the_interval_is_that_of_schools_drawn_again() -> None:
    strata = gap_by_stratum(clustered(0.1), "fsm")
    found = stratified_gap(strata)
    for it in found:
        scale = it.details["scale"]
        by_hand = bootstrap(
            strata.schools.reshape(59, -1),
            sums(lambda totals, scale=scale: _pooled(scale, totals.reshape(*totals.shape[:-1], 2, 4))),  # type: ignore[misc]
            level=0.95,
        )
        assert (it.value, it.low, it.high) == pytest.approx((by_hand.value, by_hand.low, by_hand.high))
        assert it.method == "Mantel-Haenszel, bootstrap over schools (BCa)"
        assert "p_value" not in it.details, "the tests take pupils as independent"
    again, other = stratified_gap(strata), stratified_gap(strata, seed=1)
    assert found == again and found != other


def test_alike_pupils_widen_the_interval_and_independent_ones_do_not() -> None:
    alike, apart = (gap_by_stratum(clustered(spread, schools=200), "fsm") for spread in (0.12, 0.0))
    effects = [it.details["design_effect"] for it in stratified_gap(alike)]
    assert min(effects) > 4
    assert [it.details["design_effect"] for it in stratified_gap(apart)] == pytest.approx([1] * 4, abs=0.25)
    wide, narrow = (stratified_gap(alike, independent=of)[0] for of in ("schools", "pupils"))
    assert np.diff(limits(wide)) > 2 * np.diff(limits(narrow))
    assert "Pupils of one school are alike" in stratified_gap(alike, independent="pupils").note
    assert "Pupils of one school are alike" not in stratified_gap(alike).note


def test_every_school_a_stratum_of_its_own() -> None:
    """Sums over schools of what each adds: a school drawn twice adds it twice."""
    strata = gap_by_stratum(clustered(0.1), "fsm", by="visit_id")
    found = scales(stratified_gap(strata))["difference"]
    counts = strata.schools.sum(axis=1)
    a, ahead, c, behind = counts.T
    adds = np.stack([(a * behind - c * ahead) / (ahead + behind), ahead * behind / (ahead + behind)], axis=1)
    by_hand = bootstrap(adds, lambda rows: rows.sum(axis=-2)[..., 0] / rows.sum(axis=-2)[..., 1], level=0.95)
    assert (found.value, found.low, found.high) == pytest.approx((by_hand.value, by_hand.low, by_hand.high), abs=0.004)
    assert len(strata) == 59 and next(iter(strata)) == "V0 (reconstructed)"


def test_one_school_has_no_interval_and_says_so() -> None:
    found = stratified_gap(gap_by_stratum(made(("primary", (3, 9, 1, 8))), "fsm"))
    assert found[0].low is None and found[0].value == pytest.approx(3 / 9 - 1 / 8)
    assert found[0].method == "Mantel-Haenszel, no interval: there is one school"


def test_schools_without_the_outcome_leave_too_many_resamples_undefined() -> None:
    survey = made(("primary", (3, 9, 1, 8)), *[("primary", (0, 9, 0, 8))] * 6)
    found = scales(stratified_gap(gap_by_stratum(survey, "fsm")))
    assert found["ratio"].low is None and found["ratio"].method.endswith(
        "undefined in too many of the schools drawn again"
    )
    assert found["difference"].low is not None


@pytest.mark.slow
def test_intervals_of_schools_hold_their_level_and_those_of_pupils_do_not() -> None:
    """Gaps that differ between 59 schools around 5 points: 200 surveys drawn, 95% intervals of the difference."""
    hit = {"schools": 0, "pupils": 0}
    surveys = 200
    for seed in range(surveys):
        random = np.random.default_rng(seed)
        rates = np.where(np.arange(59) % 2, 0.6, 0.3)
        shift = random.uniform(-0.12, 0.12, 59)
        cells = np.stack(
            [
                random.binomial(120, rates + shift),
                np.full(59, 120),
                random.binomial(60, rates - 0.05 - shift),
                np.full(59, 60),
            ],
            axis=1,
        )
        schools = cells[:, None, :] * (np.arange(59)[:, None] % 2 == np.arange(2))[:, :, None]
        counts = schools.sum(axis=0).astype(float)
        alone = _difference_limits(counts, float(_pooled("difference", counts)), 1.959964)
        drawn, _, _ = _by_schools(schools.astype(float), counts, "difference", 0.95, seed)
        assert drawn is not None
        hit["schools"] += drawn[0] <= 0.05 <= drawn[1]
        hit["pupils"] += alone[0] <= 0.05 <= alone[1]
    assert 0.91 <= hit["schools"] / surveys <= 0.98
    assert hit["pupils"] / surveys < 0.75


@pytest.mark.slow
def test_intervals_of_independent_pupils_hold_their_level() -> None:
    """Three strata of small groups with one odds ratio, one ratio, or one difference: 1,000 draws of each."""
    random, draws = np.random.default_rng(2), 1_000
    bases, low = np.array([[18, 30], [40, 12], [25, 25]]), np.array([0.15, 0.3, 0.45])
    odds = 2 * low / (1 - low)
    truth = {
        "difference": (low + 0.2, 0.2),
        "ratio": (1.6 * low, 1.6),
        "odds_ratio": (odds / (1 + odds), 2.0),
    }
    for scale, (high, value) in truth.items():
        hit = 0
        for a, c in zip(
            random.binomial(bases[:, 0], high, (draws, 3)), random.binomial(bases[:, 1], low, (draws, 3)), strict=True
        ):
            rows = np.stack([a, bases[:, 0], c, bases[:, 1]], axis=1).tolist()
            found = of({str(place): (r[0], r[1], r[2], r[3]) for place, r in enumerate(rows)}, scale)
            hit += limits(found)[0] <= value <= limits(found)[1]
        assert 0.93 <= hit / draws <= 0.975, scale


# --------------------------------------------------------------------------------------------------------- in words


def test_a_reversal_is_said_in_plain_words() -> None:
    assert str(strata_in_words(stratified_gap(pairs(BERKELEY)))) == (
        "Gap over all, and within strata. The gap over all: 14.2 points in favour of men; within strata (6 compared): "
        "1.8 points in favour of women, 95% interval from 4.7 points in favour of women to 1.1 points in favour of "
        "men, which includes no gap (derived). "
        "Within strata the direction is the other one (Simpson's paradox), by no more than chance alone could make; it "
        "favours men in 2 and women in 4 of them."
    )


def test_a_reversal_that_chance_could_not_make_is_said_without_reserve() -> None:
    many = {name: (10 * a, 10 * n, 10 * c, 10 * m) for name, (a, n, c, m) in BERKELEY.items()}
    sentence = str(strata_in_words(stratified_gap(pairs(many))))
    assert "the other one (Simpson's paradox); it favours men in 2" in sentence and "includes" not in sentence


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            {"a": (50, 100, 20, 100), "b": (60, 100, 30, 100)},
            "The direction is the same; it favours men in 2 and",
        ),
        (
            {"a": (9, 10, 90, 100), "b": (10, 100, 1, 10)},
            "which includes no gap (derived). The gap is one of",
        ),
        ({"a": (5, 10, 5, 10)}, "The gap over all: none; within strata (1 compared): none"),
        (
            {"a": (0, 10, 0, 10)},
            "within strata (1 compared): none (derived). There is no gap",
        ),
        ({"a": (2, 10, 0, 5), "b": (1, 5, 3, 10)}, "The gap over all: none; within"),
    ],
)
def test_each_finding_has_its_sentence(cells: dict[str, Cells], said: str) -> None:
    sentence = str(strata_in_words(stratified_gap(pairs(cells))))
    assert said in sentence and "nan" not in sentence


def test_a_hidden_gap_is_said_and_invented_data_too() -> None:
    hidden = {"a": (2, 10, 0, 5), "b": (1, 5, 3, 15), "c": (0, 5, 0, 0)}
    sentence = str(strata_in_words(stratified_gap(pairs(hidden))))
    assert "The gap over all: none" in sentence and "The mix of strata hides the gap" in sentence
    survey = str(strata_in_words(stratified_gap(gap_by_stratum(SHIPPED, "fsm"))))
    assert survey.startswith("Invented data. Gap between pupils with free school meals and others: taking part")
    assert "; within each phase (3 compared): " in survey and "which includes no gap" not in survey


def test_groups_of_many_names_are_named_by_their_place() -> None:
    strata = {**pairs(BERKELEY), **strata_of_counts({"G": (1, 2, 1, 3)}, groups=("boys", "girls"))}
    assert "in favour of those of the first group" in str(strata_in_words(stratified_gap(strata)))


def test_words_need_what_stratified_gap_gives() -> None:
    for other in (gap(*pairs(STONES)["small"]), Estimates([])):
        with pytest.raises(InputError, match=r"estimates must be what stratified_gap\(\) gives"):
            strata_in_words(other)


# ------------------------------------------------------------------------------------------------------------- drawn


@pytest.mark.parametrize(
    ("cells", "title"),
    [
        (BERKELEY, "Over all the gap in it is 14.2 points in favour of men; within 4 of 6 strata it favours women"),
        (STONES, "Over all the gap in it is 4.6 points in favour of women; within 2 of 2 strata it favours men"),
        (MIGRAINE, "Over all the gap in it is 27.4 points in favour of men; within all 2 strata too"),
        (
            {**MIGRAINE, "other": (1, 2, 1, 2)},
            "Over all the gap in it is 26.3 points in favour of men; within 2 of 3 strata too",
        ),
        (
            {"a": (2, 10, 0, 5), "b": (1, 5, 3, 15), "c": (0, 5, 0, 0)},
            "Over all there is no gap in it; within 2 strata it favours men in 1 and women in 0",
        ),
    ],
)
def test_the_title_of_the_chart_is_the_finding(cells: dict[str, Cells], title: str) -> None:
    chart = charts.strata(pairs(cells), of="it")
    assert chart.title == title and chart.alt.startswith(f"{title}. Pairs of dots, men and women: ")


def test_the_chart_draws_both_shares_of_every_stratum_and_of_all() -> None:
    chart = charts.strata(pairs({**STONES, "nobody": (0, 0, 3, 6)}), of="success")
    [axes] = chart.figure.axes
    dots = [collection.get_offsets() for collection in axes.collections if len(collection.get_offsets())]
    drawn = sorted((round(row), round(share, 6)) for group in dots for share, row in np.asarray(group).tolist())
    ends = {0: (81 / 87, 234 / 270), 1: (192 / 263, 55 / 80), 2: (3 / 6,), 3: (273 / 350, 292 / 356)}
    assert drawn == sorted((row, round(share, 6)) for row, shares in ends.items() for share in shares)
    texts = [it.get_text() for it in axes.texts]
    assert texts == ["+6.4 points", "+4.3 points", "no comparison", "-4.0 points"]
    assert "nobody nobody and 50.0% of 6" in chart.alt and chart.png()


def test_strata_named_like_the_sum_of_all_are_kept_apart() -> None:
    chart = charts.strata(pairs({"all together": STONES["small"], "$x$": STONES["large"]}), of="$x$")
    assert len(chart.figure.axes[0].texts) == 3 and chart.png()


def test_nothing_to_compare_is_not_drawn() -> None:
    with pytest.raises(InputError, match="must have one with somebody in both groups"):
        charts.strata(pairs({"a": (0, 0, 1, 2)}), of="it")
