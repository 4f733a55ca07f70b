"""Every value that R's survey package gives for two invented samples, and the exceptions, each with its reason.

The values, the session that made them and the two commands that make them anew are in tests/oracle.
"""

from collections.abc import Callable
from functools import cache
from math import isclose, isnan
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from survey_analysis.designs.design_intervals import METHODS, t_quantile
from survey_analysis.designs.specification import Design, Replicates
from survey_analysis.designs.survey_contrasts import survey_contrast, survey_gap
from survey_analysis.designs.survey_estimates import survey_mean, survey_proportion, survey_ratio, survey_total
from survey_analysis.designs.survey_results import SurveyEstimates
from survey_analysis.estimates import Estimate

ORACLE = Path(__file__).parent / "oracle"
DIGITS = 1e-9
TEXT = {"outcome": str, "denominator": str, "by": str, "domain": str, "code": str, "method": str}
EXPECTED = pd.read_csv(ORACLE / "expected.csv", dtype=TEXT, keep_default_na=False, na_values={"level": ""})
GRADES = ["outstanding", "good", "satisfactory", "inadequate"]
STRATIFIED = {"strata": "region", "clusters": "school", "weights": "weight"}
IN_REGION = {**STRATIFIED, "population": "schools_in_region"}
TWO_STAGE = {
    **STRATIFIED,
    "clusters": ("school", "class"),
    "population": ("schools_in_region", "classes_in_school"),
}


def totals(case: str) -> dict[Any, dict[Any, float]]:
    """The known totals of a case, as a design takes them."""
    found: dict[Any, dict[Any, float]] = {}
    rows = pd.read_csv(ORACLE / "known_totals.csv")
    for row in rows[rows["case"] == case].to_dict("records"):
        columns, values = tuple(row["columns"].split("|")), tuple(row["values"].split("|"))
        single = len(columns) == 1
        found.setdefault(columns[0] if single else columns, {})[values[0] if single else values] = row["total"]
    return found


def replicates(kind: str, *, mse: bool) -> Design:
    """The design of a case with replicate weights."""
    scales = pd.read_csv(ORACLE / "replicate_scales.csv")
    scales = scales[scales["replicate"].str.startswith({"JK1": "jk1_", "JKn": "jkn_"}.get(kind, "boot_"))]
    made = Replicates(
        columns=tuple(scales["replicate"]),
        kind=kind,
        scale=float(scales["scale"].iloc[0]),
        factors=tuple(scales["rscale"]),
        around_estimate=mse,
        degrees_of_freedom=21 if kind == "bootstrap" else None,  # 26 schools less 5 regions, which weights do not tell
    )
    return Design(weights="weight", replicates=made)


DESIGNS: dict[str, Design] = {
    "simple": Design(),
    "weights": Design(weights="weight"),
    "strata": Design(weights="weight", strata="region"),
    "strata-population": Design(weights="weight", strata="region", population="pupils_in_region"),
    "clusters": Design(weights="weight", clusters="school"),
    "strata-clusters": Design(**STRATIFIED),
    "strata-clusters-population": Design(**IN_REGION),
    "two-stage": Design(**TWO_STAGE),
    "two-stage-rows": Design(
        strata="region",
        clusters=("school", None),
        weights="weight",
        population=("schools_in_region", "pupils_in_school"),
    ),
    **{
        case: Design(**STRATIFIED, known_totals=totals(case))
        for case in ("poststratified", "poststratified-crossed", "raked")
    },
    **{
        f"replicates-{kind.lower()}{end}": replicates(kind, mse=bool(end))
        for kind in ("JK1", "JKn", "bootstrap")
        for end in ("", "-mse")
    },
    **{
        f"{case}-{rule}": Design(**given, lone_clusters=rule)
        for case, given in (("lone", STRATIFIED), ("population-lone", IN_REGION), ("two-stage-lone", TWO_STAGE))
        for rule in ("adjust", "average", "certainty", "remove")
    },
}


@cache
def sample(name: str) -> pd.DataFrame:
    """One of the two samples, with its replicate weights."""
    found = pd.read_csv(ORACLE / f"{name}.csv")
    if name == "pupils":
        return found.merge(pd.read_csv(ORACLE / "pupils_replicates.csv"), on="pupil")
    return found


CALIBRATED = ("poststratified", "poststratified-crossed", "raked")
FUNCTIONS: dict[str, Callable[..., SurveyEstimates]] = {
    "proportion": survey_proportion,
    "mean": survey_mean,
    "total": survey_total,
    "ratio": survey_ratio,
}


def is_exception(row: dict[str, Any]) -> str:
    """Why R's value is not ours; empty where it must be."""
    if row["method"] == "wilson":
        return "the oracle's own Wilson caps the effective sample size; 'wilson-uncapped' is ours"
    if row["method"] == "beta" and row["by"] and row["case"] in CALIBRATED:
        return "R counts the rows outside a domain, at weight 0, where the sample is calibrated"
    in_domain = row["by"] and row["case"].startswith("replicates")
    if in_domain and (row["quantity"] == "df" or row["method"]):
        return "R counts degrees of freedom by the rank of the domain's weights; ours are those of all replicates"
    if row["statistic"] == "contrast" and row["case"].endswith("lone-average"):
        return "R raises the variance by the strata of the whole design in a contrast, and of the domain elsewhere"
    return ""


@cache
def estimated(data: str, case: str, statistic: str, outcome: str, by: str, level: float, method: str) -> Any:
    """What the package gives for one question: (domain, code) -> estimate, and all of them."""
    options: dict[str, Any] = {"design": DESIGNS[case], "by": by or None, "level": level}
    if statistic == "proportion":
        options |= {"codes": GRADES if outcome == "grade" else None, "method": method}
    columns = ("cost", "hours") if statistic == "ratio" else (outcome,)
    found = FUNCTIONS[statistic](sample(data), *columns, **options)
    return {(it.details["domain"], it.details["code"]): it for it in found}, found


def given(row: dict[str, Any]) -> float | None:
    """What the package gives where R gives a value."""
    contrast = row["statistic"] == "contrast"
    statistic = ("proportion" if row["outcome"] == "takes_part" else "mean") if contrast else row["statistic"]
    method = {"wilson-uncapped": "wilson"}.get(row["method"], row["method"])
    method = method if method in METHODS else "logit"
    level = 0.95 if isnan(row["level"]) else float(row["level"])
    by_domain, found = estimated(row["data"], row["case"], statistic, row["outcome"], row["by"], level, method)
    it = contrasted(row, found) if contrast else by_domain[row["domain"], row["code"]]
    if row["quantity"] == "value":
        return it.value
    if row["method"] == "t" and statistic == "proportion":
        half = t_quantile(level, it.details["df"]) * it.details["standard_error"]
        return it.value - half if row["quantity"] == "low" else it.value + half
    if row["quantity"] in ("low", "high", "n"):
        return {"low": it.low, "high": it.high, "n": it.base}[row["quantity"]]
    names = {"se": "standard_error", "se_log": "standard_error", "deff": "design_effect"}
    return it.details[names.get(row["quantity"], row["quantity"])]


def contrasted(row: dict[str, Any], found: SurveyEstimates) -> Estimate:
    """The difference, the ratio or the odds ratio of two domains."""
    first, second = row["domain"].split(" - ")
    if not row["code"]:
        return survey_contrast(found, {first: 1, second: -1})
    gaps = {it.details["scale"]: it for it in survey_gap(found, first, second)}
    return gaps["ratio" if row["code"] == "ratio" else "odds_ratio"]


@pytest.mark.parametrize("case", DESIGNS)
def test_every_value_of_r_comes_out(case: str) -> None:
    rows = EXPECTED[EXPECTED["case"] == case].to_dict("records")
    assert len(rows) > 100
    for row in rows:
        if not is_exception(row):
            mine = given(row)
            assert mine is not None, row
            assert isclose(mine, row["value"], rel_tol=DIGITS, abs_tol=1e-12), (row, mine)


def test_the_exceptions_are_few_and_each_does_differ() -> None:
    apart: dict[str, int] = {}
    for row in EXPECTED.to_dict("records"):
        if reason := is_exception(row):
            mine = given(row)
            apart[reason] = apart.get(reason, 0) + (mine is None or not isclose(mine, row["value"], rel_tol=DIGITS))
    assert len(apart) == 4 and all(apart.values())
    assert sum(bool(is_exception(row)) for row in EXPECTED.to_dict("records")) < len(EXPECTED) / 10


@pytest.mark.parametrize("outcome", ["takes_none", "takes_all"])
@pytest.mark.parametrize("method", METHODS)
def test_at_none_and_at_all_there_is_an_interval_where_r_has_none(outcome: str, method: str) -> None:
    gave = pd.read_csv(ORACLE / "exceptions.csv", keep_default_na=False)
    [gives] = gave.loc[(gave["outcome"] == outcome) & (gave["method"] == "svyciprop beta"), "gives"]
    low, high = gives.partition(";")[0].split(" to ")
    assert low == high  # not a number, or no width
    [it] = survey_proportion(sample("pupils"), outcome, design=DESIGNS["strata-clusters"], method=method)
    assert it.low is not None and it.high is not None
    share = float(outcome == "takes_all")
    assert it.value == share
    assert {it.low, it.high} > {share} and 0.05 < it.high - it.low < 0.2
    assert "each cluster as one" in it.method
