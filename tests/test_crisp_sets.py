"""Cases in sets or out of them: from tables, from Lipset, and from visits that were made."""

from typing import Any

import pandas as pd
import pytest
from made_surveys import called

from survey_analysis.claims import THEMES
from survey_analysis.crisp_sets import CrispSets, load_lipset, theme_sets
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance
from survey_analysis.survey_files import load_survey

CASES = pd.DataFrame({"A": [1, 0, 1], "B": [True, False, None], "Y": [1, 0, 1]}, index=["a", "b", "c"])


def sets(table: pd.DataFrame = CASES, **options: Any) -> CrispSets:
    return CrispSets(**({"table": table, "outcome": "Y", "conditions": ["A", "B"], "title": "Three cases"} | options))


def test_a_case_with_an_empty_cell_is_left_out_and_counted() -> None:
    found = sets()
    assert found.left_out == 1 and list(found.complete.index) == ["a", "b"]
    assert found.having.tolist() == [1, 0] and found.rows.tolist() == [3, 0]
    assert str(found) == "Three cases: Y in 1 of 2 cases, 1 left out, 2 conditions (illustrative)"
    assert sets(conditions=["A"]).left_out == 0


def test_the_absence_of_the_outcome_is_an_outcome() -> None:
    found = sets().negated()
    assert found.outcome == "~Y" and found.having.tolist() == [0, 1] and found.left_out == 1
    assert found.rows.tolist() == sets().rows.tolist()


def test_lipset_s_countries_are_as_published() -> None:
    """Rihoux and De Meur (2009), as in the data set LC of the R package QCA 3: countries by combination."""
    lipset = load_lipset()
    assert lipset.provenance is Provenance.PUBLISHED
    assert (len(lipset.complete), int(lipset.having.sum()), lipset.left_out) == (18, 8, 0)
    assert lipset.conditions == ("DEV", "URB", "LIT", "IND", "STB") and lipset.outcome == "SURV"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outcome": "Z"}, r"^a column of the cases must be one of 'A', 'B', 'Y', not 'Z'"),
        ({"conditions": ["A", "C"]}, r"^a column of the cases must be one of 'A', 'B', 'Y', not 'C'"),
        ({"conditions": ["A", "A"]}, r"^outcome and conditions must be different columns, and 'A' is named twice$"),
        ({"conditions": ["A", "Y"]}, r"and 'Y' is named twice$"),
        ({"conditions": []}, r"^conditions must be a list of one to 8 columns, not \[\]$"),
        ({"conditions": "AB"}, r"^conditions must be a list of one to 8 columns, not 'AB'$"),
        ({"conditions": list("ABCDEFGHI")}, r"^conditions must be a list of one to 8 columns"),
        ({"table": CASES.assign(A=[1, 0.5, 0])}, r"^A must be 1, 0 or empty for every case, and is 0\.5 for some$"),
        ({"table": CASES.assign(A=["yes", "no", "no"])}, r"^A must be 1, 0 or empty for every case, and is 'yes'"),
        ({"table": CASES.set_axis(["a", "b", "a"])}, r"^the case 'a' stands there a second time; keep one of the two$"),
        ({"table": CASES.assign(B=None)}, r"^Three cases has no case in which outcome and conditions were all seen"),
        ({"conditions": 5}, r"^conditions must be a list of one to 8 columns, not 5$"),
        ({"conditions": [["A"]]}, r"^a column of the cases must be one of 'A', 'B', 'Y', not \['A'\]"),
        ({"conditions": ["n"]}, r"^a condition cannot be called 'n', as a column of the results is; rename it$"),
        ({"table": None}, r"^table must come from a data frame with a row for each case, and is NoneType instead$"),
        (
            {"table": CASES.assign(A=[[1], [0], [1]])},
            r"^A must be 1, 0 or empty for every case, and is \[1\]",
        ),
        (
            {"table": CASES.set_axis(["A", "A", "Y"], axis=1), "conditions": ["A"]},
            r"^two columns of the cases are called",
        ),
        ({"provenance": "seen"}, r"^provenance must be one of 'observed'"),
    ],
)
def test_bad_input_is_told(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sets(**options)


def test_visits_become_cases_by_action_and_success_and_what_was_not_seen_stays_empty() -> None:
    """By brute force over the rows, on visits that are called observed for the test."""
    survey = called(load_survey(), "observed")
    found = theme_sets(survey, coded_before_outcome=True)
    complete = 0
    for visit in survey.visits.to_dict("records"):
        row = found.table.loc[visit["visit_id"]]
        for theme in THEMES:
            expected = {"action": 1, "not_seen": None}.get(visit[theme], 0)
            assert (None if pd.isna(row[theme]) else row[theme]) == expected
        good = all(visit[name] in ("good", "outstanding") for name in ("partnership_use", "value_for_money"))
        assert row["successful"] == good
        complete += all(visit[theme] != "not_seen" for theme in THEMES)
    assert len(found.complete) == complete and found.left_out == 59 - complete > 0
    assert found.assumptions == ("coded-before-outcome",) and found.provenance is Provenance.OBSERVED
    outstanding = theme_sets(survey, coded_before_outcome=True, successful={"partnership_use": "outstanding"})
    assert int(outstanding.table["successful"].sum()) == 3


def test_visits_that_were_not_made_are_refused_in_the_words_of_the_tests() -> None:
    with pytest.raises(InputError, match=r"can be described and not tested, for they are illustrative: the actions"):
        theme_sets(load_survey(), coded_before_outcome=True)
    with pytest.raises(InputError, match=r"^coded_before_outcome must be True, not False"):
        theme_sets(called(load_survey(), "observed"), coded_before_outcome=False)
