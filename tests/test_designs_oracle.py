"""Every value that R's survey package gives for two invented samples, and the exceptions, each with its reason.

The values, the session that made them and the two commands that make them anew are in tests/oracle.
"""

from collections.abc import Callable
from functools import cache
from math import isclose, log
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from survey_analysis.designs.specification import Design, Replicates
from survey_analysis.designs.survey_contrasts import survey_contrast, survey_gap
from survey_analysis.designs.survey_estimates import survey_mean, survey_proportion, survey_ratio, survey_total
from survey_analysis.designs.survey_results import SurveyEstimates

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
    **{case: Design(**STRATIFIED, known_totals=totals(case)) for case in ("poststratified", "poststratified-crossed", "raked")},
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


@cache
def estimated(data: str, case: str, statistic: str, outcome: str, denominator: str, by: str, **_: Any) -> SurveyEstimates:
    """What the package gives for one question."""
    table, design = sample(data), DESIGNS[case]
    among = by or None
    if statistic == "ratio":
        return survey_ratio(table, outcome, denominator, design=design, by=among)
    if statistic == "proportion":
        codes = GRADES if outcome == "grade" else None
        return survey_proportion(table, outcome, design=design, by=among, codes=codes)
    function: Callable[..., SurveyEstimates] = {"mean": survey_mean, "total": survey_total}[statistic]
    return function(table, outcome, design=design, by=among)


def given(row: dict[str, Any]) -> float | None:
    """What the package gives where R gives a value."""
    if row["statistic"] == "contrast":
        return contrasted(row)
    found = estimated(*(row[name] for name in ("data", "case", "statistic", "outcome", "denominator", "by")))
    [place] = [
        place
        for place, it in enumerate(found)
        if it.details["domain"] == row["domain"] and it.details["code"] == row["code"]
    ]
    it = found[place]
    if row["quantity"] in ("low", "high"):
        return interval(row, it.details["domain"])[row["quantity"] == "high"]
    names = {"se": "standard_error", "deff": "design_effect"}
    if row["quantity"] == "value":
        return it.value
    return it.base if row["quantity"] == "n" else it.details[names.get(row["quantity"], row["quantity"])]


def interval(row: dict[str, Any], domain: str) -> tuple[float | None, float | None]:
    """The limits by the method and at the level that R was asked for."""
    table, design, level = sample(row["data"]), DESIGNS[row["case"]], float(row["level"])
    options: dict[str, Any] = {"design": design, "by": row["by"] or None, "level": level}
    if row["statistic"] == "proportion":
        method = {"wilson-uncapped": "wilson"}.get(row["method"], row["method"])
        found = survey_proportion(table, row["outcome"], method=method, **options)
    elif row["statistic"] == "ratio":
        found = survey_ratio(table, row["outcome"], row["denominator"], **options)
    else:
        function: Callable[..., SurveyEstimates] = {"mean": survey_mean, "total": survey_total}[row["statistic"]]
        found = function(table, row["outcome"], **options)
    [it] = [it for it in found if it.details["domain"] == domain]
    return it.low, it.high


def contrasted(row: dict[str, Any]) -> float | None:
    statistic = "proportion" if row["outcome"] == "takes_part" else "mean"
    found = estimated(row["data"], row["case"], statistic, row["outcome"], "", row["by"])
    first, second = row["domain"].split(" - ")
    if row["code"]:
        gaps = {it.details["scale"]: it for it in survey_gap(found, first, second)}
        it = gaps["ratio" if row["code"] == "ratio" else "odds_ratio"]
    else:
        it = survey_contrast(found, {first: 1, second: -1})
    names = {"se": "standard_error", "se_log": "standard_error"}
    return it.value if row["quantity"] == "value" else it.details[names.get(row["quantity"], row["quantity"])]


if __name__ == "__main__":
    import collections, traceback
    bad = collections.Counter(); ok = collections.Counter(); shown = collections.Counter()
    for row in EXPECTED.to_dict("records"):
        key = row["case"], row["statistic"], row["quantity"], row["method"], row["by"]
        try:
            mine = given(row)
        except Exception as e:
            mine = repr(e)[:200]
        fine = isinstance(mine, (int, float)) and isclose(mine, row["value"], rel_tol=1e-9, abs_tol=1e-12)
        (ok if fine else bad)[key] += 1
        if not fine and shown[key] < 1:
            shown[key] += 1
            print(key, row["outcome"], row["domain"], row["code"], "R", row["value"], "mine", mine)
    print(sum(ok.values()), sum(bad.values()))
