"""Make the examples: twelve invented visits as a workbook and as CSV tables.

    python tools/make_examples.py [--out FOLDER]

Nothing in them was observed. The chances by which they are drawn are written below, and so is the seed. Only even draws
and whole numbers are taken from the generator, so that the files come out the same.
"""

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np

from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.grade_scales import OF_THE_59
from survey_analysis.surveys import BETWEEN_CODES, GROUPS, NOT_APPLICABLE, NOT_SEEN, TABLES, TIMES
from survey_analysis.workbook_templates import Rows, workbook_bytes

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
SEED = 2012
DAYS = (  # school days on which the scale of the 59 visits was in force
    *("2012-01-17", "2012-01-31", "2012-02-08", "2012-02-23", "2012-03-06", "2012-03-14"),
    *("2012-03-22", "2012-04-24", "2012-05-03", "2012-05-16", "2012-06-14", "2012-06-27"),
)
YEAR = "2011-12"
TITLE = "Example: twelve invented visits"
Rng = np.random.Generator

THEMES = ("monitoring", "inclusion", "alignment", "shared_practice", "leadership")
YES_OR_NO = (
    *("all_groups_benefit", "greater_range", "well_managed", "long_term_outcomes", "gap_widened_participation"),
    *("gap_widened_achievement", "funding_sustained", "acted_on_monitoring"),
)
SHARES = {"fsm": 0.22, "sen": 0.08, "boys": 0.5}
BEHIND = {"fsm": 0.6, "sen": 0.2, "boys": 0.6}
"""How likely pupils of the group behind are to take part, beside the others."""
GCSE, GOOD_GRADE = 0.04, 0.6
"""How likely pupils of a secondary school are to be entered for GCSE music, and then to get a good grade."""
UNSEEN_VALUE = 8  # in this visit value for money could not be judged
WITH_SEN = (4, 8, 12)  # in these visits pupils with special needs were counted: so few that their numbers are hidden
WITHOUT_COSTS = 7  # for this visit nobody could say what it cost


def one(rng: Rng, codes: Sequence[str], chances: Sequence[float]) -> str:
    """One of the codes, by their chances."""
    even = rng.random()
    return next((code for code, edge in zip(codes, accumulate(chances), strict=True) if even < edge), codes[-1])


def visits(rng: Rng) -> Iterator[dict[str, object]]:
    grades = packaged_dictionary()["visits"]["partnership_use"].judgements
    for number, day in enumerate(DAYS, start=1):
        use = one(rng, grades, [0.15, 0.35, 0.35, 0.15])
        good = use in grades[:2]
        phase = one(rng, ["primary", "secondary", "special"], [0.6, 0.3, 0.1])
        likely = [0.7, 0.25, 0.05] if good else [0.3, 0.6, 0.1]
        value = use if rng.random() < 0.7 else grades[min(grades.index(use) + 1, 3)]
        second = use if rng.random() < 0.8 else grades[min(grades.index(use) + 1, 3)]
        twice = number % 3 == 0
        yield {
            "visit_id": f"V{number:02d}",
            "urn": "",
            "phase": phase,
            "visit_date": day,
            "inspector": "A" if number % 2 else "B",
            "second_inspector": ("B" if number % 2 else "A") if twice else "",
            "partnership_use": use,
            "value_for_money": NOT_SEEN if number == UNSEEN_VALUE else value,
            **{name: one(rng, ["yes", "no", NOT_SEEN], likely) for name in YES_OR_NO},
            "tuition_provider": one(rng, ["music_service", "private", "own_staff_or_none"], [0.6, 0.2, 0.2]),
            "partnership_forms": BETWEEN_CODES.join(
                ["whole_class_tuition", *(["ensembles"] if good else ["workshops"])]
            ),
            "feeder_primaries_used": one(rng, ["yes", "no"], [0.5, 0.5]) if phase == "secondary" else NOT_APPLICABLE,
            **{name: one(rng, ["action", "neither", "pitfall"], likely) for name in THEMES},
            "second_partnership_use": second if twice else NOT_SEEN,
            "second_value_for_money": second if twice else NOT_SEEN,
        }


def pupil_groups(rng: Rng, number: int, visit: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Pupils drawn one by one and counted by each characteristic, so that the totals of all of them agree."""
    special, secondary = visit["phase"] == "special", visit["phase"] == "secondary"
    roll = int(rng.integers(40, 80) if special else rng.integers(150, 330) * (3 if secondary else 1))
    for time in TIMES:
        belongs = {name: rng.random(roll) < share for name, share in SHARES.items()}
        chance = np.full(roll, 0.15 if time == "before" else 0.3)
        for name, factor in BEHIND.items():
            chance *= np.where(belongs[name], factor, 1.0)
        took = rng.random(roll) < chance
        entered = rng.random(roll) < np.where(belongs["fsm"], GCSE / 2, GCSE)
        counted = {
            "pupils": np.ones(roll, dtype=bool),
            "taking_part": took,
            "achieving": took & (rng.random(roll) < 0.6),
            "sustained": took & (rng.random(roll) < 0.4),
            **(
                {"gcse_entered": entered, "gcse_good_grade": entered & (rng.random(roll) < GOOD_GRADE)}
                if secondary
                else {}
            ),
        }
        for characteristic, groups in GROUPS.items():
            if characteristic == "sen" and number not in WITH_SEN:
                continue
            behind = belongs["boys" if characteristic == "sex" else characteristic]
            for group, members in zip(groups, (~behind, behind), strict=True):
                key = {"visit_id": visit["visit_id"], "time": time, "characteristic": characteristic, "group": group}
                yield {**key, **{name: int((members & those).sum()) for name, those in counted.items()}}


def costs(rng: Rng, visit: Mapping[str, object]) -> Iterator[dict[str, object]]:
    shares = dict(zip(packaged_dictionary()["costs"]["source"].codes, (0.4, 0.3, 0.2, 0.1, 0.0), strict=True))
    total = int(rng.integers(4_000, 16_000))
    for source, share in shares.items():
        yield {"visit_id": visit["visit_id"], "year": YEAR, "source": source, "amount_gbp": round(share * total)}


def example_rows() -> Rows:
    rng = np.random.default_rng(SEED)
    made = dict(enumerate(visits(rng), start=1))
    with_costs = [visit for number, visit in made.items() if number != WITHOUT_COSTS]
    return {
        "visits": list(made.values()),
        "pupil_groups": [row for number, visit in made.items() for row in pupil_groups(rng, number, visit)],
        "costs": [row for visit in with_costs for row in costs(rng, visit)],
    }


def write_tables(folder: Path, rows: Rows) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        columns = [name for name in packaged_dictionary()[table] if name != "urn"]
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            scale = {"grade_scale": OF_THE_59} if table == "visits" else {}
            writer.writerows({**row, **scale} for row in rows[table])


def write_examples(folder: Path) -> None:
    rows = example_rows()
    folder.mkdir(parents=True, exist_ok=True)
    about = {"title": TITLE, "provenance": "illustrative", "themes_coded_first": "yes"}
    (folder / "visits.xlsx").write_bytes(workbook_bytes(rows=rows, about=about))
    write_tables(folder / "visits", rows)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=EXAMPLES, metavar="FOLDER")
    options = parser.parse_args(arguments)
    write_examples(options.out)


if __name__ == "__main__":
    main()
