"""Surveys made for a test: schools with the counts that are given, and nothing else seen."""

from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.estimates import Provenance
from survey_analysis.gaps import CONTRASTS, OUTCOMES
from survey_analysis.surveys import Survey

DICTIONARY = packaged_dictionary()

Cell = tuple[int, int]
"""Pupils with the outcome, and all pupils."""


class School(NamedTuple):
    """What was counted in a school: the group ahead and the group behind, before and after."""

    ahead_before: Cell
    behind_before: Cell
    ahead_after: Cell
    behind_after: Cell
    inclusion: str = "action"


def survey(*schools: School, outcome: str = "participation", characteristic: str = "fsm") -> Survey:
    """A survey of schools V1, V2, ... with these counts for an outcome, and its base for everything else."""
    measure, contrast = OUTCOMES[outcome], CONTRASTS[characteristic]
    counted = ["pupils", "taking_part", "achieving", "sustained", "gcse_entered", "gcse_good_grade"]
    rows: list[dict[str, Any]] = []
    for number, school in enumerate(schools, start=1):
        keys = [(time, group) for time in ("before", "after") for group in (contrast.ahead, contrast.behind)]
        for (time, group), (count, base) in zip(keys, school[:4], strict=True):
            row = {"visit_id": f"V{number}", "time": time, "characteristic": characteristic, "group": group}
            rows.append(row | dict.fromkeys(counted, base) | {measure.count: count, measure.base: base})
    visits = pd.DataFrame(
        [
            {"visit_id": f"V{n}", "phase": "secondary", "inclusion": school.inclusion}
            for n, school in enumerate(schools, start=1)
        ]
    )
    visits = visits.reindex(columns=list(DICTIONARY["visits"]), fill_value="not_seen")
    groups = pd.DataFrame(rows, columns=list(DICTIONARY["pupil_groups"])).astype(dict.fromkeys(counted, "Int64"))
    costs = pd.DataFrame(columns=list(DICTIONARY["costs"]))
    return Survey(visits=visits, pupil_groups=groups, costs=costs, dictionary=DICTIONARY, title="Made for a test")


def called(survey: Survey, provenance: str) -> Survey:
    """The same tables under another provenance, which no folder of files could be given: for a test of what it does."""
    dictionary = {
        table: {name: replace(column, provenance=Provenance(provenance)) for name, column in columns.items()}
        for table, columns in survey.dictionary.items()
    }
    return replace(survey, dictionary=dictionary, published=())
