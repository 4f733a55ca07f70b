"""What a design may say, what each choice changes, and the sentence that each mistake gets."""

from collections.abc import Callable
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sampled_pupils import sampled_pupils
from scipy import stats

import survey_analysis as sa
from survey_analysis.designs.design_intervals import METHODS, Precision, share_interval
from survey_analysis.designs.survey_results import SurveyEstimates

PUPILS = sampled_pupils()
DESIGN = sa.Design(strata="region", clusters="school", weights="weight", population="schools")
NUMBERS = ["value", "low", "high", "standard_error", "df", "design_effect", "effective_n"]
ESTIMATORS: dict[str, Callable[..., SurveyEstimates]] = {
    "share": lambda table, **options: sa.survey_proportion(table, "takes_part", **options),
    "codes": lambda table, **options: sa.survey_proportion(table, "grade", **options),
    "mean": lambda table, **options: sa.survey_mean(table, "hours", **options),
    "total": lambda table, **options: sa.survey_total(table, "hours", **options),
    "ratio": lambda table, **options: sa.survey_ratio(table, "cost", "hours", **options),
}


def numbers(found: sa.Estimates) -> pd.DataFrame:
    return found.to_frame()[NUMBERS].astype(float)


def assert_alike(one: pd.DataFrame, other: pd.DataFrame, *, rtol: float = 1e-9) -> None:
    np.testing.assert_allclose(one.to_numpy(), other.to_numpy(), rtol=rtol, atol=1e-12)


# -------------------------------------------------------------------------------------------------- what may not matter


@pytest.mark.parametrize("estimator", ESTIMATORS)
@settings(max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(estimator: str, seed: int) -> None:
    shuffled = PUPILS.sample(frac=1, random_state=seed)
    ask = ESTIMATORS[estimator]
    assert_alike(numbers(ask(shuffled, design=DESIGN, by="group")), numbers(ask(PUPILS, design=DESIGN, by="group")))


@pytest.mark.parametrize("estimator", ["share", "codes", "mean", "total", "ratio"])
@given(parts=st.integers(2, 4))
def test_a_row_split_into_rows_of_parts_of_its_weight_changes_no_estimate(estimator: str, parts: int) -> None:
    """Within clusters: what is compared with rows drawn one by one, and the methods that count rows, may change."""
    split = pd.concat([PUPILS.assign(weight=PUPILS["weight"] / parts)] * parts)
    ask, kept = ESTIMATORS[estimator], ["value", "standard_error", "df"]
    one, other = (numbers(ask(table, design=DESIGN, by="group"))[kept] for table in (split, PUPILS))
    assert_alike(one, other)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@settings(max_examples=20)
@given(times=st.floats(1e-3, 1e3))
def test_only_totals_scale_with_the_weights(estimator: str, times: float) -> None:
    scaled = PUPILS.assign(weight=PUPILS["weight"] * times)
    one, other = (numbers(ESTIMATORS[estimator](table, design=DESIGN, by="group")) for table in (scaled, PUPILS))
    if estimator == "total":
        moved = ["value", "low", "high", "standard_error"]
        other[moved] = other[moved] * times
    assert_alike(one, other, rtol=1e-8)


@given(values=st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=40).filter(lambda it: np.ptp(it) > 1e-3))
def test_equal_weights_and_no_design_give_the_simple_answer(values: list[float]) -> None:
    [it] = sa.survey_mean(pd.DataFrame({"y": values}), "y")
    assert it.value == pytest.approx(np.mean(values), rel=1e-9, abs=1e-9)
    assert it.details["standard_error"] == pytest.approx(stats.sem(values), rel=1e-6)
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert [it.low, it.high] == pytest.approx([low, high], rel=1e-6, abs=1e-6)


@settings(max_examples=25)
@given(answers=st.lists(st.booleans(), min_size=4, max_size=60).filter(lambda it: 0 < sum(it) < len(it)))
def test_yes_and_no_mirror_each_other(answers: list[bool]) -> None:
    for method in METHODS:
        yes = sa.survey_proportion(pd.DataFrame({"y": answers}), "y", method=method)[0]
        no = sa.survey_proportion(pd.DataFrame({"y": [not it for it in answers]}), "y", method=method)[0]
        assert yes.low is not None and no.high is not None
        assert yes.low == pytest.approx(1 - no.high, abs=1e-9)
        assert yes.low <= (yes.value or 0) <= (yes.high or 1)


def test_squares_do_not_drown_where_values_lie_far_from_nothing() -> None:
    """As years do, and numbers of schools."""
    table = pd.DataFrame({"y": 1e9 + np.arange(100.0), "one": 1.0})
    expected = stats.sem(np.arange(100.0))
    assert sa.survey_mean(table, "y")[0].details["standard_error"] == pytest.approx(expected, rel=1e-7)
    assert sa.survey_ratio(table, "y", "one")[0].details["standard_error"] == pytest.approx(expected, rel=1e-7)


# ------------------------------------------------------------------------------------------------ what each choice does


@pytest.mark.parametrize("part", ["strata", "clusters", "weights", "population"])
def test_each_part_of_a_design_changes_the_error(part: str) -> None:
    columns = {"strata": "region", "clusters": "school", "weights": "weight", "population": "schools"}
    left_out = {part, "population"} if part in ("strata", "clusters") else {part}
    without = sa.Design(**{name: column for name, column in columns.items() if name not in left_out})
    full, less = (sa.survey_proportion(PUPILS, "takes_part", design=it)[0] for it in (DESIGN, without))
    assert full.details["standard_error"] != pytest.approx(less.details["standard_error"], rel=1e-6)


def test_the_methods_give_four_intervals_and_levels_nest() -> None:
    found = {name: sa.survey_proportion(PUPILS, "takes_part", design=DESIGN, method=name)[0] for name in METHODS}
    assert len({(it.low, it.high) for it in found.values()}) == 3  # Korn-Graubard is beta, unless it is capped
    known = Precision(value=0.3, variance=0.0001, rows=500, clusters=50, degrees=40, is_complete=False)
    [beta], [capped] = ([share_interval(known, name, 0.95)[0]] for name in ("beta", "korn-graubard"))
    assert beta is not None and capped is not None and capped[0] < beta[0] < beta[1] < capped[1]
    wide = sa.survey_proportion(PUPILS, "takes_part", design=DESIGN, level=0.99)[0]
    narrow = sa.survey_proportion(PUPILS, "takes_part", design=DESIGN, level=0.8)[0]
    assert (wide.low or 0) < (narrow.low or 0) < (narrow.high or 1) < (wide.high or 1)


def test_what_was_not_seen_is_counted_and_each_rule_does_something_else() -> None:
    table = PUPILS.assign(takes_part=PUPILS["takes_part"].where(PUPILS["hours"].notna()))
    unseen = int(table["takes_part"].isna().sum())
    found = {
        rule: sa.survey_proportion(table, "takes_part", design=DESIGN, missing=rule)[0]
        for rule in ("left_out", "as_no", "as_yes")
    }
    assert {it.details["not_seen"] for it in found.values()} == {unseen}
    assert found["left_out"].base == len(table) - unseen and found["as_no"].base == len(table)
    values = [found[rule].value or 0 for rule in ("as_no", "left_out", "as_yes")]
    assert values == sorted(set(values))
    told = " ".join(str(sa.survey_proportion(table, "takes_part", design=DESIGN, missing="as_no")).split())
    assert "Where it was not seen it counts as no." in told
    with pytest.raises(sa.InputError, match=f"not seen in {unseen} rows"):
        sa.survey_proportion(table, "takes_part", missing="error")


def test_a_code_that_nobody_has_keeps_its_row() -> None:
    found = sa.survey_proportion(PUPILS, "grade", design=DESIGN, codes=["good", "superb"], by="group")
    superb = [it for it in found if it.details["code"] == "superb"]
    assert [it.value for it in superb] == [0, 0]
    assert all(it.low == 0 and 0 < (it.high or 0) < 0.3 for it in superb)
    known = PUPILS.assign(grade=pd.Categorical(PUPILS["grade"], ["good", "fair", "poor", "superb"]))
    assert [it.details["code"] for it in sa.survey_proportion(known, "grade")] == ["good", "fair", "poor", "superb"]


def test_a_domain_keeps_the_clusters_that_have_none_of_it() -> None:
    """Dropping them is the classic error: the variance of a filtered table is another."""
    table = PUPILS.assign(rare=np.where(PUPILS["school"].isin(["s00", "s04", "s05", "s09"]), "yes", "no"))
    inside = sa.survey_total(table, "takes_part", design=DESIGN, among={"rare": "yes"})[0]
    by = sa.survey_total(table, "takes_part", design=DESIGN, by="rare")
    assert inside.details["standard_error"] == by[1].details["standard_error"]
    filtered = sa.Design(**{"strata": "region", "clusters": "school", "weights": "weight"})
    alone = sa.survey_total(table[table["rare"] == "yes"], "takes_part", design=filtered)[0]
    assert alone.details["standard_error"] != pytest.approx(inside.details["standard_error"], rel=0.05)


def test_all_that_could_be_drawn_leaves_no_sampling_error() -> None:
    table = PUPILS.assign(schools=6)
    for ask in ESTIMATORS.values():
        for it in ask(table, design=DESIGN):
            assert it.level is None and "all that could be drawn" in it.method
            assert it.details["standard_error"] == pytest.approx(0, abs=1e-9)


def test_a_domain_within_one_cluster_has_no_interval_and_says_why() -> None:
    one = sa.survey_mean(PUPILS, "cost", design=DESIGN, among={"school": "s00"})[0]
    assert one.level is None and "one cluster" in one.method and one.details["df"] == 0


def test_the_error_of_a_contrast_knows_what_domains_share() -> None:
    found = sa.survey_proportion(PUPILS, "takes_part", design=DESIGN, by="group")
    gap = sa.survey_contrast(found, {"not_fsm": 1, "fsm": -1})
    errors = [it.details["standard_error"] for it in found]
    apart = float(np.hypot(*errors))
    shared = -2 * found.covariance[0, 1]
    assert gap.details["standard_error"] ** 2 == pytest.approx(apart**2 + shared)
    assert abs(shared) > 0.02 * apart**2
    assert gap.unit == "points" and gap.label == "not_fsm less fsm"
    assert sa.survey_gap(found, "not_fsm", "fsm")[0].low == gap.low


def test_a_gap_with_an_empty_group_has_a_value_and_no_made_up_interval() -> None:
    table = PUPILS.assign(takes_part=PUPILS["takes_part"].where(PUPILS["group"] == "not_fsm", 0.0))
    found = sa.survey_proportion(table, "takes_part", design=DESIGN, by="group")
    gaps = {it.details["scale"]: it for it in sa.survey_gap(found, "not_fsm", "fsm")}
    assert gaps["ratio"].value == inf and gaps["ratio"].level is None
    assert gaps["difference"].level is None and "0% or 100%" in gaps["difference"].method


def test_a_gap_between_two_groups_of_which_nobody_takes_part_has_no_interval() -> None:
    found = sa.survey_proportion(PUPILS.assign(takes_part=0), "takes_part", design=DESIGN, by="group")
    gaps = sa.survey_gap(found, "not_fsm", "fsm")
    assert [it.value for it in gaps] == [0, None, 1, None]
    assert all(it.level is None and it.method.startswith("no interval") for it in gaps)


def test_post_stratified_weights_meet_the_known_totals() -> None:
    totals = {"group": {"fsm": 300.0, "not_fsm": 900.0}, "grade": {"good": 700, "fair": 400, "poor": 100}}
    design = sa.Design(strata="region", clusters="school", weights="weight", known_totals=totals)
    table = PUPILS.assign(one=1)
    for column, known in totals.items():
        found = sa.survey_total(table, "one", design=design, by=column)
        assert {it.details["domain"]: it.value for it in found} == pytest.approx(known)
        assert [it.details["standard_error"] for it in found] == pytest.approx([0] * len(known), abs=1e-8)


def test_rows_that_were_drawn_can_be_calibrated_too() -> None:
    """As rows of their own, and as clusters of one row each: two ways to the same variance."""
    totals = {"group": {"fsm": 300.0, "not_fsm": 900.0}}
    table = PUPILS.assign(row=range(len(PUPILS)))
    rows = sa.Design(strata="region", weights="weight", known_totals=totals)
    clusters = sa.Design(strata="region", weights="weight", known_totals=totals, clusters="row")
    for ask in ESTIMATORS.values():
        assert_alike(*(numbers(ask(table, design=it, by="grade")) for it in (rows, clusters)), rtol=1e-8)


def test_rows_of_the_second_stage_are_as_units_of_one_row_each() -> None:
    table = PUPILS.assign(row=range(len(PUPILS)), pupils=30)
    shared = {"strata": "region", "weights": "weight", "population": ("schools", "pupils")}
    rows, units = (sa.Design(clusters=("school", last), **shared) for last in (None, "row"))
    for ask in ESTIMATORS.values():
        assert_alike(*(numbers(ask(table, design=it, by="group")) for it in (rows, units)), rtol=1e-8)


def test_clusters_numbered_anew_in_each_stratum_are_told_apart() -> None:
    anew = PUPILS.assign(school=PUPILS.groupby("region")["school"].rank("dense"))
    design = sa.Design(strata="region", clusters="school", weights="weight", population="schools", nested=True)
    assert_alike(
        *(numbers(sa.survey_mean(table, "cost", design=it)) for table, it in ((anew, design), (PUPILS, DESIGN)))
    )


def test_the_table_says_what_its_intervals_suppose() -> None:
    text = " ".join(str(sa.survey_proportion(PUPILS, "takes_part", design=DESIGN)).split())
    assert "clusters by school, in strata by region, weighted by weight, of populations in schools" in text
    assert "drawn at random from very many" not in text


# ------------------------------------------------------------------------------------------------------------ intervals


@given(
    share=st.floats(0.001, 0.999),
    error=st.floats(0.001, 0.2),
    clusters=st.integers(3, 500),
    method=st.sampled_from(list(METHODS)),
)
def test_an_interval_holds_its_share_and_stays_between_nothing_and_all(
    share: float, error: float, clusters: int, method: str
) -> None:
    known = Precision(
        value=share, variance=error**2, rows=clusters * 20, clusters=clusters, degrees=clusters - 2, is_complete=False
    )
    limits, name = share_interval(known, method, 0.95)
    assert limits is not None and name
    assert 0 <= limits[0] <= share <= limits[1] <= 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("clusters", [1, 2, 59, 5000])
def test_at_none_each_cluster_counts_as_one(method: str, clusters: int) -> None:
    """None of 59: the exact limit is 1 - .025 ** (1 / 59) = .0606; Wilson's z2 / (n + z2) = .0611."""
    known = Precision(
        value=0.0, variance=0.0, rows=clusters * 7, clusters=clusters, degrees=clusters - 1, is_complete=False
    )
    limits, name = share_interval(known, method, 0.95)
    z2 = stats.norm.ppf(0.975) ** 2
    exact = z2 / (clusters + z2) if method == "wilson" else 1 - 0.025 ** (1 / clusters)
    assert limits == (0.0, pytest.approx(exact)) and "each cluster as one" in name
    assert ("Korn-Graubard in place of logit" in name) is (method == "logit")


# ------------------------------------------------------------------------------------------------------------ bad input


def spoilt(column: str, value: object) -> pd.DataFrame:
    """The pupils with one cell that is not right."""
    table = PUPILS.astype({column: float if isinstance(value, (int, float)) else object})
    table.loc[0, column] = value
    return table


def share(table: Any = PUPILS, **options: Any) -> SurveyEstimates:
    return sa.survey_proportion(table, options.pop("outcome", "takes_part"), **{"design": DESIGN, **options})


SENTENCES: dict[str, tuple[Callable[[], object], str]] = {
    "negative": (lambda: share(spoilt("weight", -1.0)), "weights 'weight' must not be below 0, and is -1"),
    "no weight": (lambda: share(spoilt("weight", nan)), "weights 'weight' is empty or no number in 1 row"),
    "all 0": (lambda: share(PUPILS.assign(weight=0.0)), "weights 'weight' are 0 in every row"),
    "infinite": (lambda: share(spoilt("weight", inf)), "weights 'weight' is empty or no number in a row"),
    "infinite outcome": (lambda: sa.survey_mean(spoilt("hours", inf), "hours"), "infinite in a row"),
    "text weights": (
        lambda: share(design=sa.Design(weights="group")),
        "weights must be a column of numbers, and 'group' holds text; convert it",
    ),
    "small": (
        lambda: share(PUPILS.assign(schools=3)),
        "population 'schools' must be no smaller than the sample, and is 3 where 6 were drawn, in 'east'",
    ),
    "rate": (lambda: share(PUPILS.assign(schools=0.2)), "it is a size and not a rate"),
    "two sizes": (lambda: share(spoilt("schools", 41)), "population 'schools' must be the same in all rows"),
    "no size": (lambda: share(spoilt("schools", nan)), "population 'schools' is empty in some rows"),
    "two strata": (
        lambda: share(spoilt("school", "s01")),
        "'school' 's01' is met in two of 'region', 'north' and 'south': correct it, or say nested=True",
    ),
    "no stratum": (lambda: share(spoilt("region", None)), "'region' is empty in 1 row, and the design needs it"),
    "no cluster": (lambda: share(spoilt("school", None)), "'school' is empty in 1 row"),
    "alone": (
        lambda: share(PUPILS[(PUPILS["region"] != "north") | (PUPILS["school"] == "s00")]),
        "only one of 'school' was drawn in 'north' (1 such in all): its variance cannot be seen, so choose",
    ),
    "unknown column": (
        lambda: share(design=sa.Design(strata="regoin")),
        "strata names the column 'regoin', which the table does not have; did you mean 'region'?",
    ),
    "unknown outcome": (lambda: share(outcome="takespart"), "did you mean 'takes_part'?"),
    "nobody": (lambda: share(among={"region": "wales"}), "no row of the table has 'region' 'wales'"),
    "another kind": (
        lambda: share(among={"region": 3}),
        "among must give 'region' a code or several of the kind that it holds, text",
    ),
    "no mapping": (lambda: share(among="north"), "among must map a column to a code"),
    "by twice": (lambda: share(by=["group", "group"]), "by must name a column, or several, each once"),
    "too many domains": (
        lambda: share(pd.concat([PUPILS] * 12).assign(row=range(12 * len(PUPILS))), by="row"),
        "by makes 2,304 domains of 'row', more than 2,000",
    ),
    "no domain": (
        lambda: share(PUPILS.assign(none=pd.Series([None] * len(PUPILS), dtype=object)), by="none"),
        "'none' is empty in every row",
    ),
    "no rows": (lambda: share(PUPILS.iloc[:0]), "the table has no rows"),
    "not 0 or 1": (
        lambda: share(spoilt("takes_part", 2.0)),
        "outcome 'takes_part' must be 0 or 1, and is another number in 1 row",
    ),
    "addresses": (
        lambda: share(
            pd.concat([PUPILS] * 3).assign(a=[f"{it} High Street" for it in range(3 * len(PUPILS))]), outcome="a"
        ),
        "more than 50 codes",
    ),
    "codes of another kind": (
        lambda: share(outcome="grade", codes=[1]),
        "codes must be of the kind that 'grade' holds, text, and 1 is not",
    ),
    "codes twice": (lambda: share(outcome="grade", codes=["good", "good"]), "each once"),
    "not numbers": (
        lambda: sa.survey_mean(PUPILS, "grade"),
        "outcome must be a column of numbers, and 'grade' holds text",
    ),
    "method": (lambda: share(method="wilsn"), "did you mean 'wilson'?"),
    "level": (lambda: share(level=95), "write 0.95 for 95%"),
    "rule": (lambda: share(missing="drop"), "missing must be one of 'left_out'"),
    "rule for several": (
        lambda: share(outcome="grade", missing="as_no"),
        "missing must be one of 'left_out', 'error', not 'as_no'",
    ),
    "provenance": (lambda: share(provenance="made up"), "provenance must be one of 'observed'"),
    "design": (lambda: share(design="region"), "design must come from Design(...)"),
    "no table": (lambda: share([1, 0, 1]), "table must be a data frame of pandas, Polars, PyArrow, DuckDB or Spark"),
    "one column": (lambda: share(PUPILS["takes_part"]), "table must be a data frame"),
    "no file": (lambda: share("no/such.parquet"), "there is no file 'no/such.parquet'"),
    "remote": (
        lambda: share("s3://bucket/pupils.parquet"),
        "'s3://bucket/pupils.parquet' is not a file on this machine: fetch it first",
    ),
    "another file": (
        lambda: share("pupils.xlsx"),
        "'pupils.xlsx' is neither Parquet nor CSV by its ending: save it as one of these",
    ),
    "strata": (lambda: sa.Design(strata=["region"]), "strata must be the name of a column"),  # type: ignore[arg-type]
    "three stages": (lambda: sa.Design(clusters=("a", "b", "c")), "clusters must be a column, or a pair"),
    "rows first": (lambda: sa.Design(clusters=(None, "b")), "clusters must be a column, or a pair"),
    "populations": (
        lambda: sa.Design(clusters=("a", "b"), population="n"),
        "population must name a column for each stage of clusters: 2, not 1",
    ),
    "lone": (lambda: sa.Design(lone_clusters="centre"), "lone_clusters must be one of"),
    "totals": (lambda: sa.Design(known_totals={"a": {"x": -1}}), "known_totals of 'a' must be above 0, and 'x' has -1"),
    "crossed": (
        lambda: sa.Design(known_totals={("a", "b"): {"x": 1}}),
        "must have a tuple of 2 codes for each total, not 'x'",
    ),
    "beside": (
        lambda: sa.Design(weights="w", strata="s", replicates=sa.Replicates(columns=("a", "b"), kind="JK1")),
        "replicates carry the variance by themselves: leave out strata",
    ),
    "no full weight": (
        lambda: sa.Design(replicates=sa.Replicates(columns=("a", "b"), kind="JK1")),
        "weights must name the full weight",
    ),
    "one replicate": (
        lambda: sa.Replicates(columns=("a",), kind="JK1"),
        "columns must name two replicate weights or more",
    ),
    "kind": (lambda: sa.Replicates(columns=("a", "b"), kind="BRR"), "kind must be one of 'JK1', 'JKn', 'bootstrap'"),
    "factors": (lambda: sa.Replicates(columns=("a", "b"), kind="JKn"), "factors must be given for JKn"),
    "missing code": (
        lambda: share(design=sa.Design(known_totals={"group": {"fsm": 1}})),
        "known_totals of 'group' has no total for 'not_fsm', which rows have, but for 'fsm'",
    ),
    "empty code": (
        lambda: share(design=sa.Design(known_totals={"group": {"fsm": 1, "not_fsm": 2, "fms": 1}})),
        "known_totals of 'group' has one without rows",
    ),
    "shares as totals": (
        lambda: share(design=sa.Design(known_totals={"group": {"fsm": 30, "not_fsm": 70}})),
        "known_totals must be numbers of the population, and add up to 100: give totals, not shares",
    ),
    "contradiction": (
        lambda: share(
            design=sa.Design(
                known_totals={"group": {"fsm": 1, "not_fsm": 2}, "grade": {"good": 1, "fair": 1, "poor": 2}}
            )
        ),
        "known_totals must count the same population",
    ),
    "gap of means": (
        lambda: sa.survey_gap(sa.survey_mean(PUPILS, "cost", by="group"), "fsm", "not_fsm"),
        "needs shares",
    ),
    "no such domain": (
        lambda: sa.survey_gap(share(by="group"), "fsm", "notfsm"),
        "domain must be one of 'fsm', 'not_fsm', not 'notfsm'; did you mean 'not_fsm'?",
    ),
    "no weights": (lambda: sa.survey_contrast(share(by="group"), {}), "weights must map a domain to its weight"),
    "weight": (lambda: sa.survey_contrast(share(by="group"), {"fsm": nan}), "weights must be numbers"),
    "outcome": (lambda: share(outcome=3), "outcome must be the name of a column, a text, not 3"),
    "by a number": (lambda: share(by=3), "by must name a column, or several, each once, not 3"),
    "among a number": (lambda: share(among={3: 1}), "among must be the name of a column, a text, not 3"),
    "a column of lists": (lambda: share(PUPILS.assign(a=[[1]] * len(PUPILS)), by="a"), "could not answer"),
    "dates as outcome": (
        lambda: sa.survey_mean(PUPILS.assign(d=pd.Timestamp("2012-01-01")), "d"),
        "must be a column of numbers",
    ),
    "the same twice": (
        lambda: sa.survey_gap(share(by="group"), "fsm", "fsm"),
        "a gap needs two domains, and 'fsm' and 'fsm' are one",
    ),
    "named twice": (
        lambda: sa.survey_contrast(share(by="group"), {"fsm": 1, "fsm: takes part": -1}),
        "names 'fsm: takes part' again",
    ),
    "only 0": (lambda: sa.survey_contrast(share(by="group"), {"fsm": 0}), "weights must have one that is not 0"),
    "codes in codes": (
        lambda: share(outcome="grade", codes=[["good"]]),
        "codes must be one code of 'grade' or several",
    ),
    "factors by number": (
        lambda: sa.Replicates(columns=("a", "b"), kind="JKn", factors=3),
        "factors must be a number above 0 for each",
    ),  # type: ignore[arg-type]
    "too many at once": (
        lambda: share(
            pd.concat([PUPILS] * 5).assign(r=lambda it: np.arange(len(it)) % 700), outcome="grade", by="r", design=None
        ),
        "estimates at once",
    ),
    "no replicates": (
        lambda: sa.Design(weights="w", nested=True, replicates=sa.Replicates(columns=("a", "b"), kind="JK1")),
        "leave out nested",
    ),
    "plain estimates": (
        lambda: sa.survey_contrast(sa.Estimates([]), {"fsm": 1}),
        "estimates must come from survey_proportion()",
    ),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("mistake", SENTENCES)
def test_a_mistake_gets_one_sentence(mistake: str) -> None:
    ask, sentence = SENTENCES[mistake]
    with pytest.raises(sa.InputError) as caught:
        ask()
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["broken.parquet", "broken.csv"])
def test_a_file_that_cannot_be_read_gets_a_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\x00\x01PAR1 not a table" * 3)
    with pytest.raises(sa.InputError, match=r"cannot be read|does not have"):
        share(tmp_path / name)


def test_rows_of_weight_0_are_drawn_and_count_as_nothing() -> None:
    """Of 50 clusters 45 have weight 0: with five that count, nobody of them, the limit is that of 0 of 5."""
    table = pd.DataFrame({"c": range(50), "w": [1.0] * 5 + [0.0] * 45, "y": 0})
    [it] = sa.survey_proportion(table, "y", design=sa.Design(clusters="c", weights="w"), method="korn-graubard")
    assert it.details["clusters"] == 5 and it.base == 5 and it.details["df"] == 4
    assert it.high == pytest.approx(1 - 0.025 ** (1 / 5))


def test_a_domain_of_which_all_was_drawn_has_no_sampling_error_beside_others_that_have() -> None:
    table = PUPILS.assign(schools=np.where(PUPILS["region"] == "north", 6, 40))
    found = {it.details["domain"]: it for it in sa.survey_proportion(table, "takes_part", design=DESIGN, by="region")}
    assert found["north"].level is None and "all that could be drawn" in found["north"].method
    assert found["south"].level == 0.95


def test_where_clusters_agree_there_is_no_effective_number_but_the_clusters() -> None:
    table = PUPILS.assign(takes_part=np.tile([0, 1], len(PUPILS) // 2), weight=1.0)
    [it] = sa.survey_proportion(table, "takes_part", design=DESIGN)
    assert it.details["effective_n"] == 24 and it.details["design_effect"] is None
    assert it.low is not None and "each cluster as one" in it.method


def test_a_contrast_of_domains_that_do_not_differ_between_clusters_has_no_interval() -> None:
    rows = [(c, g, w, y) for c in range(7) for g, w, y in (("a", 0.7, 1), ("a", 0.3, 0), ("b", 0.9, 1), ("b", 0.1, 0))]
    table = pd.DataFrame(rows, columns=["c", "g", "w", "y"])
    found = sa.survey_proportion(table, "y", design=sa.Design(clusters="c", weights="w"), by="g")
    assert sa.survey_contrast(found, {"a": 1, "b": -1}).level is None
    assert all(it.level is None for it in sa.survey_gap(found, "a", "b"))


def test_a_share_that_is_fixed_by_known_totals_has_no_interval() -> None:
    design = sa.Design(clusters="school", weights="weight", known_totals={"group": {"fsm": 300, "not_fsm": 700}})
    found = sa.survey_proportion(PUPILS, "group", design=design)
    assert [it.value for it in found] == pytest.approx([0.3, 0.7])
    assert all("known totals fix it" in it.method and it.level is None for it in found)


def test_calibration_and_two_stages_go_together() -> None:
    """As clusters of one row, and as rows: two ways to the same variance."""
    table = PUPILS.assign(row=range(len(PUPILS)), pupils=30)
    given_ = {"strata": "region", "weights": "weight", "population": ("schools", "pupils")}
    totals = {"group": {"fsm": 300.0, "not_fsm": 900.0}}
    one, other = (sa.Design(clusters=("school", it), known_totals=totals, **given_) for it in (None, "row"))
    assert_alike(*(numbers(sa.survey_mean(table, "cost", design=it, by="grade")) for it in (one, other)), rtol=1e-8)


def test_categories_keep_their_order_and_whole_numbers_are_no_codes_twice() -> None:
    order = ["poor", "fair", "good"]
    table = PUPILS.assign(grade=pd.Categorical(PUPILS["grade"], order, ordered=True))
    assert [it.details["domain"] for it in sa.survey_mean(table, "cost", by="grade")] == order
    numbered = PUPILS.assign(grade=pd.Categorical([0, 1, 2] * (len(PUPILS) // 3), [0, 1, 2, 3]))
    assert [it.details["code"] for it in sa.survey_proportion(numbered, "grade")] == ["0", "1", "2", "3"]


def test_days_can_be_looked_at_and_domains_are_told_apart() -> None:
    days = pd.to_datetime(["2012-01-01", "2012-01-02"] * (len(PUPILS) // 2))
    found = sa.survey_mean(PUPILS.assign(day=days), "cost", by="day")
    assert [it.details["domain"] for it in found] == ["2012-01-01", "2012-01-02"]
    pairs = [("x, y", "z"), ("x", "y, z")] * (len(PUPILS) // 2)
    table = PUPILS.assign(a=[a for a, _ in pairs], b=[b for _, b in pairs])
    assert len({it.label for it in sa.survey_mean(table, "cost", by=["a", "b"])}) == 2


def test_part_of_the_estimates_can_be_compared_still() -> None:
    found = sa.survey_proportion(PUPILS, "takes_part", design=DESIGN, by="region")
    part = found[0:2]
    assert sa.survey_contrast(part, {"east": 1, "north": -1}) == sa.survey_contrast(found, {"east": 1, "north": -1})


def test_a_design_can_be_copied_and_sent() -> None:
    import pickle
    from copy import deepcopy

    design = sa.Design(weights="w", known_totals={"g": {"a": 1.0}})
    assert pickle.loads(pickle.dumps(design)) == design == deepcopy(design)


def test_a_replicate_that_empties_a_domain_leaves_it_without_an_interval() -> None:
    table = PUPILS.assign(r1=PUPILS["weight"], r2=PUPILS["weight"] * (PUPILS["group"] == "fsm"), r3=PUPILS["weight"])
    design = sa.Design(weights="weight", replicates=sa.Replicates(columns=("r1", "r2", "r3"), kind="JK1"))
    by = {it.details["domain"]: it for it in sa.survey_proportion(table, "takes_part", design=design, by="group")}
    assert by["not_fsm"].level is None and "a replicate weight leaves nothing of it" in by["not_fsm"].method


def test_an_engine_that_is_not_there_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "pupils.csv"
    PUPILS.to_csv(path)
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(sa.InputError, match="duckdb, which is not installed: install survey-analysis"):
        share(path)


# ------------------------------------------------------------------------------------------------------------- planning


def test_halving_the_width_on_ten_of_59_takes_240_schools() -> None:
    now = sa.proportion(sa.Tally(label="good use", count=10, base=59))
    assert now.high is not None and now.low is not None
    half = (now.high - now.low) / 2
    assert [it.value for it in sa.schools_needed(10 / 59, width=half)] == [240]
    assert sa.schools_needed(10 / 59, width=now.high - now.low)[0].value == 59


@given(share=st.floats(0, 1), width=st.floats(0.02, 0.9), pupils=st.integers(1, 40), icc=st.floats(0, 1))
def test_one_school_fewer_would_not_do(share: float, width: float, pupils: int, icc: float) -> None:
    [it] = sa.schools_needed(share, width=width, pupils_per_school=pupils, icc=icc)
    assert it.value is not None

    def found(schools: float) -> float:
        size, z2 = schools * pupils / (1 + (pupils - 1) * icc), stats.norm.ppf(0.975) ** 2
        return float(2 * np.sqrt(z2 * (share * (1 - share) + z2 / (4 * size)) / size) / (1 + z2 / size))

    assert found(it.value) <= width * (1 + 1e-9)
    assert it.value == 1 or found(it.value - 1) > width * (1 - 1e-9)


def test_few_schools_do_not_make_pupils_sure() -> None:
    """All 20 schools with ten pupils each: pq (1 - ICC) / (n m) is left, some 11 points, and never 0.1."""
    with pytest.raises(sa.InputError, match="cannot be had with 20 schools"):
        sa.schools_needed(0.3, width=0.1, pupils_per_school=10, icc=0.2, population=20)
    assert sa.schools_needed(0.3, width=0.12, pupils_per_school=10, icc=0.2, population=20)[0].value == 20


def test_what_is_not_in_the_table_is_said_below_it() -> None:
    text = " ".join(str(sa.survey_proportion(PUPILS, "grade", codes=["good", "Good"])).split())
    assert "No row has 'Good'." in text
    assert "so a total is too low" in " ".join(str(sa.survey_total(PUPILS, "hours")).split())
    unknown = PUPILS.assign(group=PUPILS["group"].where(PUPILS["hours"].notna()))
    lost = int(unknown["group"].isna().sum())
    told = " ".join(str(sa.survey_mean(unknown, "cost", by="group")).split())
    assert f"In {lost} more rows it is not known which domain they are of." in told


def test_a_plan_has_a_row_for_each_combination_and_few_schools_are_corrected_for() -> None:
    plan = sa.schools_needed(0.3, width=[0.1, 0.2], pupils_per_school=[1, 30], icc=[0, 0.2])
    assert len(plan) == 8 and plan[7].details["design_effect"] == pytest.approx(6.8)
    assert (sa.schools_needed(0.3, width=0.1, population=100)[0].value or 0) < 100 < (plan[0].value or 0)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"width": 0}, "width must be between 0 and 1"),
        ({"width": 1e-9}, "cannot be had with 1,000,000,000 schools"),
        ({"width": 0.1, "icc": 2}, "icc must be between 0 and 1"),
        ({"width": 0.1, "pupils_per_school": 0}, "pupils_per_school must be a whole number"),
        ({"width": 0.1, "level": 95}, "write 0.95 for 95%"),
    ],
)
def test_a_plan_that_is_none_gets_a_sentence(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(sa.InputError, match=sentence.replace("(", r"\(")):
        sa.schools_needed(0.3, **options)
