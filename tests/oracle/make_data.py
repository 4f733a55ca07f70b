"""Make the two small samples of invented pupils that the R oracle is run on.

Run in this folder: ``python make_data.py``. It writes ``pupils.csv`` and
``lone.csv``; nothing in them describes a real pupil, school or region.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent

# region: (schools sampled, schools in the population)
PUPILS_REGIONS = {
    "north": (8, 21),
    "south": (6, 15),
    "east": (5, 9),
    "west": (4, 11),
    "centre": (3, 7),
}
LONE_REGIONS = {
    "north": (4, 12),
    "south": (3, 8),
    "east": (2, 5),
    "west": (1, 4),
    "centre": (3, 9),
}
PUPILS_RARE = {"north-2", "north-5", "south-3", "centre-1"}
LONE_RARE = {"north-1", "north-3", "south-2", "west-1"}
SECONDARY = {1, 3, 4, 7}  # numbers of the secondary schools, but none in the east


def school_rows(rng, region, number, school, classes, per_class, count_classes):
    """The rows of one school, class by class."""
    phase = "secondary" if number in SECONDARY and region != "east" else "primary"
    school_effect = rng.normal(0, 3)
    rows = []
    for letter in "abcd"[:classes]:
        class_effect = rng.normal(0, 2)
        for _ in range(int(rng.integers(per_class[0], per_class[1] + 1))):
            fsm = rng.random() < 0.3
            lift = school_effect + class_effect - (4 if fsm else 0) + (2 if phase == "secondary" else 0)
            score = round(50 + lift + rng.normal(0, 9), 2)
            taking = 1 / (1 + np.exp(-(0.3 + 0.08 * lift)))
            hours = round(float(rng.gamma(4, 1.5)) + 0.5, 2)
            rows.append(
                {
                    "region": region,
                    "school": school,
                    "class": f"{school}-{letter}",
                    "classes_in_school": count_classes,
                    "takes_part": int(rng.random() < taking),
                    "takes_none": 0,
                    "takes_all": 1,
                    "grade": rng.choice(["outstanding", "good", "satisfactory"], p=[0.25, 0.5, 0.25]),
                    "score": score,
                    "hours": hours,
                    "cost": round(12 * hours * float(np.exp(rng.normal(0, 0.25))) + 20, 2),
                    "group": "fsm" if fsm else "not_fsm",
                    "phase": phase,
                    "sex": "girl" if rng.random() < 0.5 else "boy",
                }
            )
    return rows


def sample(seed, regions, rare, classes_of, per_class, all_classes):
    """One sample, with its population counts and its uneven weights.

    `classes_of` gives the number of sampled classes of a school where it is not
    left to chance; `all_classes` is the school all of whose classes are sampled.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for region, (sampled, _) in regions.items():
        for number in range(1, sampled + 1):
            school = f"{region}-{number}"
            classes = classes_of.get(school, int(rng.integers(2, 5)))
            count = classes if school == all_classes else classes + int(rng.integers(1, 4))
            rows += school_rows(rng, region, number, school, classes, per_class, count)
    data = pd.DataFrame(rows)

    data.insert(0, "pupil", [f"p{i:03d}" for i in range(1, len(data) + 1)])
    data["schools_in_region"] = data["region"].map({r: n for r, (_, n) in regions.items()})
    in_school = data.groupby("school")["pupil"].transform("size")
    extra = {s: int(rng.integers(6, 40)) for s in data["school"].unique()}
    data["pupils_in_school"] = in_school + data["school"].map(extra)
    in_region = data.groupby("region")["pupil"].transform("size")
    wider = {r: int(rng.integers(60, 200)) for r in regions}
    data["pupils_in_region"] = 2 * in_region + data["region"].map(wider)

    schools = data.groupby("region")["school"].transform("nunique")
    base = data["schools_in_region"] / schools * data["pupils_in_school"] / in_school
    weight = (base * rng.uniform(0.7, 1.4, len(data))).round(3)
    data["weight"] = weight.where(weight % 1 != 0, weight + 0.125)

    in_rare = data["school"].isin(rare) & (rng.random(len(data)) < 0.6)
    data["rare"] = np.where(in_rare, "yes", "no")
    data["score_gaps"] = data["score"].where(rng.random(len(data)) >= 0.08)
    order = [
        "pupil",
        "region",
        "school",
        "class",
        "weight",
        "schools_in_region",
        "classes_in_school",
        "pupils_in_school",
        "pupils_in_region",
        "takes_part",
        "takes_none",
        "takes_all",
        "grade",
        "score",
        "hours",
        "cost",
        "group",
        "phase",
        "rare",
        "sex",
        "score_gaps",
    ]
    return data[order]


def check(data, rare):
    """Stop where the sample lacks a property that the oracle relies on."""
    for _, part in data.groupby("region"):
        assert part["schools_in_region"].nunique() == 1
        assert part["pupils_in_region"].iloc[0] > len(part)
        assert part["schools_in_region"].iloc[0] > part["school"].nunique()
    for _, part in data.groupby("school"):
        assert part["classes_in_school"].iloc[0] >= part["class"].nunique()
        assert part["pupils_in_school"].iloc[0] > len(part)
    assert set(data.loc[data["rare"] == "yes", "school"]) == rare
    for by in ("group", "phase", "rare"):
        for _, part in data.groupby(by):
            assert 0 < part["takes_part"].mean() < 1
            assert part["grade"].nunique() == 3
    assert (data["weight"] % 1 != 0).all() and (data["weight"] > 0).all()


def main():
    """Write both samples."""
    pupils = sample(20240611, PUPILS_REGIONS, PUPILS_RARE, {"south-2": 3}, (4, 7), all_classes="south-2")
    check(pupils, PUPILS_RARE)
    pupils.to_csv(HERE / "pupils.csv", index=False, lineterminator="\n")
    # The region "west" has one school; the school "centre-2" has one sampled class of several.
    lone = sample(20240615, LONE_REGIONS, LONE_RARE, {"centre-2": 1, "west-1": 3}, (2, 3), all_classes="")
    check(lone, LONE_RARE)
    lone.to_csv(HERE / "lone.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
