"""Make data/visits.csv, data/pupil_groups.csv and data/costs.csv from the known truth in data/truth.toml.

We could find no school-level record of the survey. The visits are a reconstruction: they meet every published
figure exactly and are otherwise drawn by chance. Pupils and pounds are illustrative: drawn from rates that are written
down, so that an analysis can be seen to recover them. The story is: draw the visits, draw their pupils, draw the costs.

Run `python tools/make_data.py` to write the tables into data/, or add `--out FOLDER` to write them elsewhere. Only
even draws, whole numbers and shuffles are taken from the generator, so that the files come out the same byte for byte.
"""

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

DATA = Path(__file__).resolve().parents[1] / "data"
GRADES = ["outstanding", "good", "satisfactory", "inadequate"]
AT_LEAST_GOOD = GRADES[:2]
GROUPS = {"fsm": ["fsm", "not_fsm"], "sen": ["sen", "not_sen"], "sex": ["girls", "boys"]}
TIMES = ["before", "after"]
COUNTS = ["pupils", "taking_part", "achieving", "sustained", "gcse_entered", "gcse_good_grade"]
ATTEMPTS = 1000

Truth = Mapping[str, Any]
Rng = np.random.Generator


def around_one(half_width: float, size: int | tuple[int, int], rng: Rng) -> NDArray[np.float64]:
    """Factors that spread schools out without shifting their mean, and that cannot run away as a long tail would."""
    return 1 + half_width * (2 * rng.random(size) - 1)


def columns_of(table: str) -> list[str]:
    """The columns in the order of the dictionary, which is the only place where that order is written down."""
    dictionary = pd.read_csv(DATA / "dictionary.csv", dtype=str)
    ours = (dictionary["table"] == table) & (dictionary["presence"] != "optional")
    return dictionary.loc[ours, "column"].tolist()


# ------------------------------------------------------------------------------------------------------ the visits


def draw_codes(given: Sequence[str], chances: Truth, rng: Rng) -> list[str]:
    """One code a visit, by the chances beside its given code; a theme that was not seen counts as neither."""
    drawn = []
    for code, even in zip(given, rng.random(len(given)), strict=True):
        options: dict[str, float] = chances["neither" if code == "not_seen" else code]
        edges = zip(options, accumulate(options.values()), strict=True)
        drawn.append(next((option for option, edge in edges if even < edge), list(options)[-1]))
    return drawn


def draw_dates(truth: Truth, number: int, rng: Rng) -> list[str]:
    """School days in the terms of the survey, in order: the visits are numbered by date."""
    days = [day.date().isoformat() for start, end in truth["terms"] for day in pd.bdate_range(start, end)]
    open_days = [day for day in days if day not in truth["bank_holidays"]]
    return sorted(rng.permutation(open_days)[:number].tolist())


def draw_forms(visit: Mapping[Any, str], truth: Truth, rng: Rng) -> str:
    """The forms of partnership: bought-in tuition exactly where tuition came from outside, the others by chance."""
    bought_in = [] if visit["tuition_provider"] == "own_staff_or_none" else ["bought_in_tuition"]
    others = [form for form, chance in truth["partnership_forms"].items() if rng.random() < chance[visit["phase"]]]
    return ";".join(bought_in + others) or "not_seen"


def second_opinion(first: str, truth: Truth, rng: Rng) -> str:
    """A second inspector's grade: the first one's or its neighbour on the scale."""
    step = {"same": 0, "one_better": -1, "one_worse": 1}
    chances = {"grade": {name: truth[name] for name in step}}
    place = GRADES.index(first) + step[draw_codes(["grade"], chances, rng)[0]]
    return GRADES[min(max(place, 0), len(GRADES) - 1)]


def draw_visits(truth: Truth, rng: Rng) -> pd.DataFrame:
    """One attempt at the visits: published counts by shuffling, so that they hold; the rest column by column."""
    counts = truth["published_counts"] | truth["illustrative_counts"]
    visits = pd.DataFrame(
        {column: rng.permutation(np.repeat(list(of), list(of.values()))) for column, of in counts.items()}, dtype=str
    )
    visits["visit_id"] = [f"R{number:02}" for number in range(1, len(visits) + 1)]
    visits["visit_date"] = draw_dates(truth["dates"], len(visits), rng)
    visits["grade_scale"] = truth["dates"]["grade_scale"]
    for column, chances in truth["columns"].items():
        asked = visits
        for condition, code in chances.get("only", {}).items():
            asked = asked[asked[condition] == code]
        visits[column] = "not_applicable"
        visits.loc[asked.index, column] = draw_codes(asked[chances["given"]].tolist(), chances, rng)
        if column not in truth["not_seen"]["never"]:
            unseen = rng.integers(truth["not_seen"]["fewest"], truth["not_seen"]["most"], endpoint=True)
            visits.loc[rng.permutation(asked.index.to_numpy())[:unseen], column] = "not_seen"
    visits["partnership_forms"] = [draw_forms(visit, truth, rng) for visit in visits.to_dict("records")]
    graded_twice = rng.permutation(len(visits))[: truth["second_inspector"]["visits"]]
    for column in ["partnership_use", "value_for_money"]:
        visits[f"second_{column}"] = "not_seen"
        for row in sorted(graded_twice):
            first = str(visits.loc[row, column])
            visits.loc[row, f"second_{column}"] = second_opinion(first, truth["second_inspector"], rng)
    return visits[columns_of("visits")]


def unmet(visits: pd.DataFrame, words: Truth) -> list[str]:
    """The published statements that these visits do not meet, each named by its claim; none when all is well."""
    yes, no = visits == "yes", visits == "no"
    good_use, good_value = (visits[column].isin(AT_LEAST_GOOD) for column in ["partnership_use", "value_for_money"])
    poor_value = visits["value_for_money"] == "inadequate"
    unmonitored, left_out = (visits[theme] == "pitfall" for theme in ["monitoring", "inclusion"])
    forms = visits["partnership_forms"].str.split(";").explode().loc[lambda form: form != "not_seen"].value_counts()
    poor_value_elsewhere = poor_value[~unmonitored & (visits["monitoring"] != "not_seen")].mean()
    several = words["several"]
    outcomes = ["long_term_outcomes", "all_groups_benefit"]
    bought_in = visits["partnership_forms"].str.contains("bought_in_tuition")
    statements = {
        "good-use-and-value": (good_use & good_value).sum() == words["good_use_and_value"],
        "good-use-and-value: outcomes improve for all groups": bool(yes["all_groups_benefit"][good_use].all()),
        "good-use-and-value: differs from its parts": (good_value & ~good_use).sum() >= words["value_beyond_use"],
        "greater-range": yes["greater_range"].mean() >= words["most"],
        "not-managed-well": (yes["greater_range"] & no["well_managed"]).sum() >= several,
        "improved-outcomes": bool((yes.sum() <= words["rarely"] * (yes | no).sum())[outcomes].all()),
        "tuition-most-frequent": forms["bought_in_tuition"] > forms.drop("bought_in_tuition").max(),
        "tuition-not-sufficient": (bought_in & no["long_term_outcomes"]).sum() >= several,
        "widening-gaps: participation": (left_out & yes["gap_widened_participation"]).sum() >= several,
        "widening-gaps: achievement": (left_out & yes["gap_widened_achievement"]).sum() >= several,
        "poor-value-without-monitoring": poor_value[unmonitored].mean() >= poor_value_elsewhere + words["more_likely"],
    }
    return [claim for claim, met in statements.items() if not met]


def draw_visits_that_meet_every_claim(truth: Truth, rng: Rng) -> pd.DataFrame:
    """Draw until nothing is unmet: plain, and it cannot bend the visits towards anything but the claims."""
    for _ in range(ATTEMPTS):
        visits = draw_visits(truth, rng)
        failed = unmet(visits, truth["word_claims"])
        if not failed:
            return visits
    raise RuntimeError(f"no visits met every claim in {ATTEMPTS} attempts; the last did not meet: {', '.join(failed)}")


# ------------------------------------------------------------------------------------------------------ the pupils


def chance_of(rates: Truth, *codes: "pd.Series[str]") -> NDArray[np.float64]:
    """Every row's rate, looked up by its codes; not_seen counts as neither unless it has a rate of its own."""
    flat = pd.json_normalize(dict(rates), sep="/").iloc[0].to_dict()
    keys = codes[0] if "not_seen" in rates else codes[0].replace("not_seen", "neither")
    for code in codes[1:]:
        keys = keys + "/" + code
    return keys.map(flat).to_numpy(dtype=float)


def happens(chance: NDArray[np.float64], rng: Rng) -> NDArray[np.bool_]:
    """For each pupil, whether it happens. Chances are never cut off at 1, which would move the truth unseen."""
    if not ((chance >= 0) & (chance <= 1)).all():
        raise ValueError(
            "data/truth.toml gives a pupil a chance outside 0 to 1; lower a rate, a weight or a half_width"
        )
    return rng.random(len(chance)) < chance


def draw_rolls(visits: pd.DataFrame, truth: Truth, rng: Rng) -> pd.DataFrame:
    """The school at each of the two times: how many pupils, how many in each group, and how musical a place it is."""
    schools = visits[["visit_id", "phase", "inclusion", "long_term_outcomes"]].copy()
    limits = [truth["roll"][phase] for phase in schools["phase"]]
    schools["roll"] = [int(rng.integers(low, high, endpoint=True)) for low, high in limits]
    schools["school_factor"] = around_one(truth["taking_part"]["school_half_width"], len(schools), rng)
    for trait, share in truth["share"].items():
        schools[trait] = schools["phase"].map(share) * around_one(share["half_width"], len(schools), rng)
    rolls = schools.merge(pd.DataFrame({"time": TIMES}), how="cross")
    growth = np.where(rolls["time"] == "after", around_one(truth["roll"]["change_half_width"], len(rolls), rng), 1)
    rolls["roll"] = (rolls["roll"] * growth).round().astype(int)
    for trait in truth["share"]:
        rolls[trait] = (rolls["roll"] * rolls[trait]).round().clip(1, rolls["roll"] - 1)
    return rolls


def draw_pupils(visits: pd.DataFrame, truth: Truth, rng: Rng) -> pd.DataFrame:
    """One row a pupil and time. The pupils before and after are two intakes, not one intake followed up."""
    rolls = draw_rolls(visits, truth, rng)
    pupils = rolls.loc[rolls.index.repeat(rolls["roll"])].reset_index(names="school_and_time")
    for trait, characteristic in [("fsm", "fsm"), ("sen", "sen"), ("girls", "sex")]:
        place = pd.Series(rng.random(len(pupils))).groupby(pupils["school_and_time"]).rank(method="first")
        inside, outside = GROUPS[characteristic]
        pupils[characteristic] = np.where(place <= pupils[trait], inside, outside)
    weight = chance_of(truth["weight"]["sex"], pupils["sex"]) * chance_of(
        truth["weight"]["sen"], pupils["phase"], pupils["sen"]
    )
    mean_weight = pd.Series(weight).groupby([pupils["school_and_time"], pupils["fsm"]]).transform("mean")
    factor = weight / mean_weight.to_numpy() * pupils["school_factor"].to_numpy()

    by_theme = (pupils["inclusion"], pupils["fsm"], pupils["time"])
    by_outcome = (pupils["long_term_outcomes"], pupils["time"])
    secondary = (pupils["phase"] == "secondary").to_numpy()
    part = happens(chance_of(truth["taking_part"]["rate"], *by_theme) * factor, rng)
    entered = secondary & happens(chance_of(truth["gcse_entered"]["rate"], *by_theme) * factor, rng)
    pupils["pupils"] = 1
    pupils["taking_part"] = part
    pupils["achieving"] = part & happens(chance_of(truth["achieving"]["rate"], *by_theme), rng)
    pupils["sustained"] = part & happens(chance_of(truth["sustained"]["rate"], *by_outcome), rng)
    pupils["gcse_entered"] = entered
    pupils["gcse_good_grade"] = entered & happens(chance_of(truth["gcse_good_grade"]["rate"], pupils["fsm"]), rng)
    return pupils


def count_groups(pupils: pd.DataFrame) -> pd.DataFrame:
    """The same pupils counted three times over, once by each characteristic, so that the totals agree."""
    keys = ["visit_id", "time", "characteristic", "group"]
    counted = pd.concat(
        pupils.assign(characteristic=characteristic, group=pupils[characteristic])
        .groupby([*keys, "phase"])[COUNTS]
        .sum()
        for characteristic in GROUPS
    )
    counted = counted.astype("Int64").reset_index("phase")
    counted.loc[counted["phase"] != "secondary", ["gcse_entered", "gcse_good_grade"]] = pd.NA
    kinds = [(characteristic, group) for characteristic, groups in GROUPS.items() for group in groups]
    rows = [(visit, time, *kind) for visit in pupils["visit_id"].unique() for time in TIMES for kind in kinds]
    return counted.loc[rows].reset_index()[columns_of("pupil_groups")]


# ------------------------------------------------------------------------------------------------------- the costs


def draw_costs(visits: pd.DataFrame, pupil_groups: pd.DataFrame, truth: Truth, rng: Rng) -> pd.DataFrame:
    """Pounds: a price for each pupil taking part afterwards, shared out; every source has its row, 0 if nothing."""
    after = pupil_groups[(pupil_groups["time"] == "after") & (pupil_groups["characteristic"] == "fsm")]
    places = visits["visit_id"].map(after.groupby("visit_id")["taking_part"].sum()).to_numpy(dtype=float)
    price = chance_of(truth["per_pupil_taking_part"], visits["monitoring"])
    total = places * price * around_one(truth["school_half_width"], len(visits), rng)
    usual = pd.DataFrame([truth["source"]["share"][provider] for provider in visits["tuition_provider"]])
    shares = usual * around_one(truth["source"]["share_half_width"], usual.shape, rng)
    amounts = shares.div(shares.sum(axis=1), axis=0).mul(total, axis=0).round().astype(int)
    amounts = amounts.assign(visit_id=visits["visit_id"], year=truth["year"])
    costs = amounts.melt(["visit_id", "year"], var_name="source", value_name="amount_gbp")
    return costs.sort_values("visit_id", kind="stable")[columns_of("costs")]


def make_tables(truth: Truth, seed: int) -> dict[str, pd.DataFrame]:
    """The three tables by name, from one truth and one seed."""
    rng = np.random.default_rng(seed)
    visits = draw_visits_that_meet_every_claim(truth, rng)
    pupil_groups = count_groups(draw_pupils(visits, truth, rng))
    costs = draw_costs(visits, pupil_groups, truth["pounds"], rng)
    return {"visits": visits, "pupil_groups": pupil_groups, "costs": costs}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the three tables as UTF-8 with line feeds, whatever the system."""
    parser = argparse.ArgumentParser(description="Make the three tables from data/truth.toml.")
    parser.add_argument("--out", type=Path, default=DATA, help="the folder to write into (default: data/)")
    out: Path = parser.parse_args(arguments).out
    truth = tomllib.loads((DATA / "truth.toml").read_text(encoding="utf-8"))
    out.mkdir(parents=True, exist_ok=True)
    for name, table in make_tables(truth, truth["seed"]).items():
        table.to_csv(out / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n")


if __name__ == "__main__":
    main()
