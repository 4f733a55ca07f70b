"""Make the examples: twelve invented visits as a workbook and as CSV tables, and the report made from the workbook.

    python tools/make_examples.py [--out FOLDER]

Nothing in them was observed. The chances by which they are drawn are written below, and so is the seed.
"""

import argparse
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.surveys import BETWEEN_CODES, GROUPS, NOT_APPLICABLE, TABLES, TIMES
from survey_analysis.workbook_templates import Rows, workbook_bytes

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
SEED, VISITS = 2026, 12
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


def one(rng: Rng, codes: Sequence[str], chances: Sequence[float]) -> str:
    return str(rng.choice(codes, p=chances))


def visits(rng: Rng) -> Iterator[dict[str, object]]:
    grades = packaged_dictionary()["visits"]["partnership_use"].judgements
    for number in range(1, VISITS + 1):
        use = one(rng, grades, [0.15, 0.35, 0.35, 0.15])
        good = use in grades[:2]
        phase = one(rng, ["primary", "secondary", "special"], [0.6, 0.3, 0.1])
        likely = [0.7, 0.25, 0.05] if good else [0.3, 0.6, 0.1]
        second = use if rng.random() < 0.8 else grades[min(grades.index(use) + 1, 3)]
        twice = number % 3 == 0
        yield {
            "visit_id": f"V{number:02d}",
            "urn": "",
            "phase": phase,
            "visit_date": f"2026-{2 + number // 5:02d}-{2 + 2 * number:02d}",
            "inspector": "A" if number % 2 else "B",
            "second_inspector": ("B" if number % 2 else "A") if twice else "",
            "partnership_use": use,
            "value_for_money": use if rng.random() < 0.7 else grades[min(grades.index(use) + 1, 3)],
            **{name: one(rng, ["yes", "no", "not_seen"], likely) for name in YES_OR_NO},
            "tuition_provider": one(rng, ["music_service", "private", "own_staff_or_none"], [0.6, 0.2, 0.2]),
            "partnership_forms": BETWEEN_CODES.join(
                ["whole_class_tuition", *(["ensembles"] if good else ["workshops"])]
            ),
            "feeder_primaries_used": one(rng, ["yes", "no"], [0.5, 0.5]) if phase == "secondary" else NOT_APPLICABLE,
            **{name: one(rng, ["action", "neither", "pitfall"], likely) for name in THEMES},
            "second_partnership_use": second if twice else "not_seen",
            "second_value_for_money": second if twice else "not_seen",
        }


def pupil_groups(rng: Rng, visit: dict[str, object]) -> Iterator[dict[str, object]]:
    """Pupils drawn one by one and counted three times over, so that the totals of the three agree."""
    special, secondary = visit["phase"] == "special", visit["phase"] == "secondary"
    roll = int(rng.integers(40, 80) if special else rng.integers(150, 330) * (3 if secondary else 1))
    for time in TIMES:
        belongs = {name: rng.random(roll) < share for name, share in SHARES.items()}
        chance = np.full(roll, 0.15 if time == "before" else 0.3)
        for name, factor in BEHIND.items():
            chance *= np.where(belongs[name], factor, 1.0)
        took = rng.random(roll) < chance
        achieved, stayed = took & (rng.random(roll) < 0.6), took & (rng.random(roll) < 0.4)
        for characteristic, groups in GROUPS.items():
            behind = belongs["boys" if characteristic == "sex" else characteristic]
            for group, members in zip(groups, (~behind, behind), strict=True):
                counts = [int((members & it).sum()) for it in (np.ones(roll, dtype=bool), took, achieved, stayed)]
                yield {
                    "visit_id": visit["visit_id"],
                    "time": time,
                    "characteristic": characteristic,
                    "group": group,
                    **dict(zip(("pupils", "taking_part", "achieving", "sustained"), counts, strict=True)),
                    "gcse_entered": "",
                    "gcse_good_grade": "",
                }


def costs(rng: Rng, visit: dict[str, object]) -> Iterator[dict[str, object]]:
    shares = dict(zip(packaged_dictionary()["costs"]["source"].codes, (0.4, 0.3, 0.2, 0.1, 0.0), strict=True))
    total = float(rng.integers(4_000, 16_000))
    for source, share in shares.items():
        yield {"visit_id": visit["visit_id"], "year": "2025-26", "source": source, "amount_gbp": round(share * total)}


def example_rows() -> Rows:
    rng = np.random.default_rng(SEED)
    made = list(visits(rng))
    return {
        "visits": made,
        "pupil_groups": [row for visit in made for row in pupil_groups(rng, visit)],
        "costs": [row for visit in made for row in costs(rng, visit)],
    }


def write_tables(folder: Path, rows: Rows) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        columns = [name for name in packaged_dictionary()[table] if name != "urn"]
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            scale = {"grade_scale": "ofsted-to-august-2012"} if table == "visits" else {}
            writer.writerows({**row, **scale} for row in rows[table])


def write_examples(folder: Path) -> None:
    rows = example_rows()
    folder.mkdir(parents=True, exist_ok=True)
    about = {"title": TITLE, "provenance": "illustrative", "themes_coded_first": "yes"}
    (folder / "visits.xlsx").write_bytes(workbook_bytes(rows=rows, about=about))
    write_tables(folder / "visits", rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=EXAMPLES, metavar="FOLDER")
    options = parser.parse_args()
    write_examples(options.out)


if __name__ == "__main__":
    main()
