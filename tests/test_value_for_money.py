"""Unit costs: each weighting by hand, who is counted and who is not, costs beside a judgement, bad calls as prose."""

from collections.abc import Callable
from dataclasses import replace
from statistics import mean, median
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimates, Provenance, Tally
from survey_analysis.pooling import WEIGHTINGS
from survey_analysis.prices import Costing, Deflator
from survey_analysis.proportions import shares
from survey_analysis.survey_files import load_survey
from survey_analysis.surveys import Survey, Visits
from survey_analysis.value_for_money import PER, unit_cost, unit_costs, unit_costs_in_words

DICTIONARY = packaged_dictionary()
SHIPPED = load_survey()
COUNTED = ("pupils", "taking_part", "achieving", "sustained", "gcse_entered", "gcse_good_grade")


class School(NamedTuple):
    """Pounds by source; pupils with free school meals and others, taking part and going on; how it was judged."""

    pounds: dict[str, int]
    fsm: tuple[int, int]
    not_fsm: tuple[int, int]
    value_for_money: str = "good"


def survey(*schools: School, **provenances: Provenance) -> Survey:
    """A survey of schools V1, V2, ...; before, and summed over the other characteristics, pupils are quite others."""
    visits, groups, costs = [], [], []
    for number, school in enumerate(schools, start=1):
        name = f"V{number}"
        visits.append({"visit_id": name, "phase": "primary", "value_for_money": school.value_for_money})
        costs += [
            {"visit_id": name, "year": "2011-12", "source": source, "amount_gbp": amount}
            for source, amount in school.pounds.items()
        ]
        for time in ("before", "after"):
            counted = {"fsm": school.fsm, "not_fsm": school.not_fsm, "girls": (7, 3), "boys": (9, 2)}
            for group, (part, sustained) in counted.items():
                row: dict[str, Any] = dict.fromkeys(COUNTED, 1000) | {"taking_part": part, "sustained": sustained}
                row |= {} if time == "after" else {"taking_part": 500, "sustained": 400}
                characteristic = "fsm" if "fsm" in group else "sex"
                groups.append({"visit_id": name, "time": time, "characteristic": characteristic, "group": group} | row)
    dictionary = {
        table: {
            name: replace(column, provenance=provenances.get(name, column.provenance))
            for name, column in columns.items()
        }
        for table, columns in DICTIONARY.items()
    }
    return Survey(
        visits=pd.DataFrame(visits).reindex(columns=list(DICTIONARY["visits"]), fill_value="not_seen"),
        pupil_groups=pd.DataFrame(groups, columns=list(DICTIONARY["pupil_groups"])).astype(
            dict.fromkeys(COUNTED, "Int64")
        ),
        costs=pd.DataFrame(costs, columns=list(DICTIONARY["costs"])).astype({"amount_gbp": "Int64"}),
        dictionary=dictionary,
        title="Made for a test",
    )


# 1,000, 300 and 800 pounds for 10, 20 and 100 pupils: 2, 10 and 20 with free school meals; 5, 6 and 10 go on.
SEEN: Visits = {"value_for_money": ["good", "inadequate"]}
THREE = survey(
    School({"school": 600, "parents": 300, "in_kind": 100}, (2, 1), (8, 4)),
    School({"school": 300, "hub": 0}, (10, 2), (10, 4), "inadequate"),
    School({"grant": 800}, (20, 4), (80, 6), "not_seen"),
)


# --------------------------------------------------------------------------------------------------- by hand


@pytest.mark.parametrize(
    ("per", "weighting", "pounds"),
    [
        ("pupil_reached", "ratio_of_sums", 2100 / 130),
        ("pupil_reached", "mean_of_schools", (100 + 15 + 8) / 3),
        ("pupil_reached", "median_of_schools", 15),
        ("disadvantaged_pupil_reached", "ratio_of_sums", 2100 / 32),
        ("disadvantaged_pupil_reached", "mean_of_schools", (500 + 30 + 40) / 3),
        ("disadvantaged_pupil_reached", "median_of_schools", 40),
        ("pupil_sustained", "ratio_of_sums", 2100 / 21),
        ("pupil_sustained", "mean_of_schools", (200 + 50 + 80) / 3),
        ("pupil_sustained", "median_of_schools", 80),
    ],
)
def test_each_unit_and_weighting_by_hand(per: str, weighting: str, pounds: float) -> None:
    found = unit_cost(THREE, per=per, weighting=weighting)
    assert found.value == pytest.approx(pounds, rel=1e-12)
    assert found.method == WEIGHTINGS[weighting]
    assert found.details == {
        "per": PER[per].words,
        "weighting": weighting.replace("_", " "),
        "costing": "costs of all sources, at prices of 2011-12",
        "without_pupils": 0,
        "left_out": 0,
        "group_not_seen": 0,
    }
    assert found.label == f"cost per {PER[per].words}"
    assert (found.unit, found.base, found.low, found.level) == ("pounds", 3, None, None)


def test_the_defaults_are_the_pupils_reached_and_the_ratio_of_sums() -> None:
    assert unit_cost(THREE) == unit_cost(THREE, per="pupil_reached", weighting="ratio_of_sums")
    assert unit_cost(THREE, label="ours").label == "ours"


def test_pupils_are_those_after_and_are_summed_over_one_characteristic_only() -> None:
    """Straight from the shipped rows: over all three characteristics every pupil would count three times."""
    rows = SHIPPED.pupil_groups
    after = rows[(rows["time"] == "after") & (rows["characteristic"] == "fsm")]
    pounds = SHIPPED.costs["amount_gbp"].sum()
    assert unit_cost(SHIPPED).value == pytest.approx(pounds / after["taking_part"].sum(), rel=1e-12)
    everything = rows[rows["time"] == "after"]["taking_part"].sum()
    assert everything == 3 * after["taking_part"].sum()


def test_a_school_without_such_pupils_stays_in_the_sums_and_has_no_cost_of_its_own() -> None:
    empty = survey(School({"school": 600}, (0, 0), (10, 5)), School({"school": 300}, (3, 1), (7, 4)))
    per = "disadvantaged_pupil_reached"
    found = {weighting: unit_cost(empty, per=per, weighting=weighting) for weighting in WEIGHTINGS}
    assert {weighting: cost.value for weighting, cost in found.items()} == {
        "ratio_of_sums": 300,
        "mean_of_schools": 100,
        "median_of_schools": 100,
    }
    assert {weighting: cost.base for weighting, cost in found.items()} == {
        "ratio_of_sums": 2,
        "mean_of_schools": 1,
        "median_of_schools": 1,
    }
    assert {cost.details["without_pupils"] for cost in found.values()} == {1}
    assert unit_cost(empty).details["without_pupils"] == 0


def test_a_school_without_costs_is_in_no_base() -> None:
    found = survey(School({"school": 600}, (1, 1), (9, 5)), School({}, (3, 1), (7, 4)))
    cost = unit_cost(found)
    assert (cost.value, cost.base, cost.details["left_out"], cost.details["without_pupils"]) == (60, 1, 1, 0)


def test_a_school_with_costs_and_without_pupil_counts_is_in_no_base_either() -> None:
    found = survey(School({"school": 600}, (1, 1), (9, 5)), School({"school": 300}, (3, 1), (7, 4)))
    groups = found.pupil_groups
    found = replace(found, pupil_groups=groups[groups["visit_id"] == "V1"])
    for weighting in WEIGHTINGS:
        cost = unit_cost(found, weighting=weighting)
        assert (cost.value, cost.base, cost.details["left_out"]) == (60, 1, 1)


def test_of_how_many_schools_the_group_was_not_seen_is_told_beside_a_cost() -> None:
    among: Visits = {"value_for_money": "good"}
    assert unit_cost(THREE, among=among).details["group_not_seen"] == 1
    assert unit_cost(THREE).details["group_not_seen"] == 0
    unseen = int((SHIPPED.visits["monitoring"] == "not_seen").sum())
    assert unit_cost(SHIPPED, among={"monitoring": "action"}).details["group_not_seen"] == unseen > 0


def test_a_school_that_cost_nothing_is_in_the_base() -> None:
    found = survey(School({"school": 600}, (1, 1), (9, 5)), School({"school": 0}, (3, 1), (7, 4)))
    assert (unit_cost(found).value, unit_cost(found).base) == (30, 2)
    assert unit_cost(found, weighting="mean_of_schools").value == 30


@pytest.mark.parametrize(
    ("among", "pounds"),
    [({"value_for_money": "good"}, 100), ({"value_for_money": ["good", "inadequate"]}, 1300 / 30), ({}, 2100 / 130)],
)
def test_among_chooses_schools(among: Visits, pounds: float) -> None:
    assert unit_cost(THREE, among=among).value == pytest.approx(pounds)


def test_every_option_changes_the_shipped_result() -> None:
    found = {
        (per, weighting): unit_cost(SHIPPED, per=per, weighting=weighting) for per in PER for weighting in WEIGHTINGS
    }
    assert len({cost.value for cost in found.values()}) == 3 * len(PER) == 18
    rows, pounds = SHIPPED.pupil_groups, SHIPPED.costs.groupby("visit_id")["amount_gbp"].sum()
    going_on = (
        rows[(rows["time"] == "after") & (rows["characteristic"] == "sen")].groupby("visit_id")["sustained"].sum()
    )
    each = [pounds[visit] / going_on[visit] for visit in pounds.index if going_on[visit]]
    assert found["pupil_sustained", "mean_of_schools"].value == pytest.approx(mean(each))
    assert found["pupil_sustained", "median_of_schools"].value == pytest.approx(median(each))


def test_a_cost_is_as_weak_as_the_weakest_of_its_columns() -> None:
    school = School({"school": 600}, (1, 1), (9, 5))
    names = ("amount_gbp", "taking_part", "sustained", "value_for_money")
    observed = dict.fromkeys(names, Provenance.OBSERVED)

    def provenance(among: Visits | None = None, **weaker: Provenance) -> str:
        return unit_cost(survey(school, **observed | weaker), among=among).provenance.value

    assert provenance() == "observed"
    assert provenance(amount_gbp=Provenance.PUBLISHED) == "derived", "no source printed the quotient"
    published = dict.fromkeys(names, Provenance.PUBLISHED)
    assert unit_cost(survey(school, **published)).provenance.value == "derived"
    assert provenance(taking_part=Provenance.DERIVED, amount_gbp=Provenance.PUBLISHED) == "derived"
    assert provenance(sustained=Provenance.ILLUSTRATIVE) == "observed"
    assert provenance({"value_for_money": "good"}, value_for_money=Provenance.RECONSTRUCTED) == "reconstructed"
    assert provenance(value_for_money=Provenance.RECONSTRUCTED) == "observed"


# ----------------------------------------------------------------------------------------- beside a judgement


def test_costs_stand_beside_a_judgement_best_first_without_those_in_which_it_was_not_seen() -> None:
    found = unit_costs(THREE, by="value_for_money")
    assert [(cost.label, cost.value, cost.base) for cost in found] == [("good", 100, 1), ("inadequate", 15, 1)]
    assert found.caption == "Pounds a year per pupil taking part, by value for money"
    assert found.show == ("weighting", "without_pupils", "left_out", "group_not_seen")
    assert found.note == "The base is schools; costs of all sources, at prices of 2011-12"
    assert {cost.details["group_not_seen"] for cost in found} == {1}
    heading = str(found).splitlines()[1]
    assert "group not seen" in heading
    assert "left out" not in heading
    assert "without pupils" not in heading


def test_a_school_with_several_codes_is_in_several_rows_and_the_note_says_so() -> None:
    forms = ["ensembles;workshops", "workshops", "not_seen"]
    found = unit_costs(replace(THREE, visits=THREE.visits.assign(partnership_forms=forms)), by="partnership_forms")
    assert [(cost.label, cost.value, cost.base) for cost in found] == [
        ("ensembles", 100, 1),
        ("workshops", 1300 / 30, 2),
    ]
    assert found.note.startswith("The base is schools; one with several codes is in several rows; costs of all")
    assert "one with several codes is in several rows;" in " ".join(str(found).split())


def test_the_codes_share_out_the_schools_in_which_they_were_seen() -> None:
    found = unit_costs(SHIPPED, by="monitoring", per="pupil_sustained")
    assert [cost.label for cost in found] == ["action", "neither", "pitfall"]
    assert sum(cost.base for cost in found) == (SHIPPED.visits["monitoring"] != "not_seen").sum() < 59
    providers = unit_costs(SHIPPED, by="tuition_provider")
    assert "music service and private" in [cost.label for cost in providers]


def test_unit_and_weighting_are_passed_on() -> None:
    found = unit_costs(THREE, by="value_for_money", per="pupil_sustained", weighting="median_of_schools")
    assert [cost.value for cost in found] == [200, 50]
    assert {cost.details["weighting"] for cost in found} == {"median of schools"}
    assert found.caption == "Pounds a year per pupil going on for a year or more, by value for money"


def test_monitoring_goes_with_a_lower_cost_of_a_pupil_who_goes_on_and_hardly_of_a_place() -> None:
    """The truth written down in truth.toml: a place costs about the same, but fewer stay where nobody monitored."""
    place, going_on = (
        [cost.value or 0 for cost in unit_costs(SHIPPED, by="monitoring", per=per)]
        for per in ("pupil_reached", "pupil_sustained")
    )
    assert max(place) / min(place) < 1.3
    assert going_on[2] / going_on[0] > 1.3


def test_costs_in_words_name_weighting_and_provenance() -> None:
    found = unit_costs(THREE, by="value_for_money", weighting="mean_of_schools")
    assert "(2 schools)" in str(unit_costs_in_words(Estimates([unit_cost(THREE, among=SEEN)])))
    assert str(unit_costs_in_words(found)) == (
        "Invented data. Pounds a year per pupil taking part, by value for money: £100 for good (1 school); £15 for "
        "inadequate (1 school); not seen in 1 more school (mean of schools; illustrative)."
    )


def test_words_about_costs_that_were_counted_are_not_called_invented() -> None:
    observed = {column: Provenance.OBSERVED for columns in DICTIONARY.values() for column in columns}
    words = str(unit_costs_in_words(unit_costs(survey(School({"hub": 9}, (1, 1), (2, 1)), **observed), by="phase")))
    assert (
        words == "Pounds a year per pupil taking part, by phase: £3 for primary (1 school) (ratio of sums; observed)."
    )


@pytest.mark.parametrize(
    "other",
    [
        Estimates([]),
        shares([Tally(label="x", count=1, base=2)]),
        unit_cost(THREE),
        Estimates([unit_cost(THREE), *shares([Tally(label="x", count=1, base=2)])]),
        "costs",
    ],
    ids=["none", "shares", "one cost", "costs and shares", "text"],
)
def test_words_about_what_are_no_costs_are_refused(other: Any) -> None:
    with pytest.raises(InputError) as told:
        unit_costs_in_words(other)
    assert str(told.value) == "costs must be what unit_costs() gives, not other estimates"


# -------------------------------------------------------------------------------------------------- bad calls

PER_NAMES = (
    "'pupil_on_roll', 'disadvantaged_pupil_on_roll', 'pupil_reached', 'disadvantaged_pupil_reached', "
    "'pupil_making_good_progress', 'pupil_sustained'"
)
NO_SCHOOL = "no school here has both a cost and a pupil taking part; choose other visits"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: unit_cost(THREE, per="pupil"),
            f"per must be one of {PER_NAMES}, not 'pupil'",
        ),
        (
            lambda: unit_costs(THREE, by="value_for_money", per="pupils_reached"),
            f"per must be one of {PER_NAMES}, not 'pupils_reached'; did you mean 'pupil_reached'?",
        ),
        (
            lambda: unit_cost(THREE, weighting="mean"),
            "weighting must be one of 'ratio_of_sums', 'mean_of_schools', 'median_of_schools', not 'mean'",
        ),
        (
            lambda: unit_costs(THREE, by="value_for_money", weighting="median_of_school"),
            "weighting must be one of 'ratio_of_sums', 'mean_of_schools', 'median_of_schools', not 'median_of_school'; "
            "did you mean 'median_of_schools'?",
        ),
        (lambda: unit_cost(survey(School({}, (1, 1), (1, 1)))), NO_SCHOOL),
        (lambda: unit_cost(survey(School({"school": 5}, (0, 0), (0, 0)))), NO_SCHOOL),
        (lambda: unit_cost(THREE, among={"value_for_money": "outstanding"}), NO_SCHOOL),
        (
            lambda: unit_costs(THREE, by="visit_date"),
            "by must be a column that holds codes, not 'visit_date', which holds date",
        ),
        (
            lambda: unit_costs(THREE, by="leadership"),
            "by must be a column that was seen in some visit, and 'leadership' was seen in none; choose another",
        ),
        (
            lambda: unit_cost(THREE, among={"value_for_money": "best"}),
            "the code for value_for_money must be one of 'outstanding', 'good', 'satisfactory', 'inadequate', "
            "not 'best'",
        ),
    ],
)
def test_a_bad_call_is_told_in_one_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert str(told.value) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"taking_part": 1_001}, "pupil_groups has more taking_part than pupils for V1, after, fsm: 1001 of 1000;"),
        ({"sustained": 9}, "pupil_groups has more sustained than taking_part for V1, after, fsm: 9 of 2; correct"),
    ],
)
def test_pupils_that_cannot_be_are_told_with_their_visit(changes: dict[str, int], message: str) -> None:
    groups = THREE.pupil_groups.copy()
    first = (groups["visit_id"] == "V1") & (groups["time"] == "after") & (groups["group"] == "fsm")
    for name, value in changes.items():
        groups.loc[first, name] = value
    with pytest.raises(InputError) as told:
        unit_cost(
            replace(THREE, pupil_groups=groups), per="pupil_sustained" if "sustained" in changes else "pupil_reached"
        )
    assert str(told.value).startswith(message)


def test_a_row_that_lacks_or_stands_twice_is_told_and_only_where_it_is_looked_at() -> None:
    groups = THREE.pupil_groups
    first = (groups["visit_id"] == "V1") & (groups["time"] == "after") & (groups["group"] == "not_fsm")
    lacking, twice = groups[~first], pd.concat([groups, groups[first]], ignore_index=True)
    with pytest.raises(InputError, match=r"^pupil_groups has no taking_part of pupils for V1, after, not_fsm, and has"):
        unit_cost(replace(THREE, pupil_groups=lacking))
    with pytest.raises(InputError, match=r"^pupil_groups has V1, after, not_fsm a second time; keep one of the two$"):
        unit_cost(replace(THREE, pupil_groups=twice))
    assert unit_cost(replace(THREE, pupil_groups=lacking), among={"value_for_money": "inadequate"}).value == 15


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: unit_cost("x"), "survey must come from load_survey() or read_survey(), and is str instead"),  # type: ignore[arg-type]
        (lambda: unit_costs(5, by="phase"), "survey must come from load_survey() or read_survey(), and is int instead"),  # type: ignore[arg-type]
        (lambda: unit_cost(THREE, costing=None), "costing must come from Costing(), which counts all costs as record"),  # type: ignore[arg-type]
        (lambda: unit_cost(THREE, resamples=1e3), "resamples must be a whole number from 1, not 1000.0"),  # type: ignore[arg-type]
        (lambda: unit_cost(THREE, resamples="many"), "resamples must be a whole number from 1, not 'many'"),  # type: ignore[arg-type]
        (lambda: unit_cost(THREE, seed=-1), "seed must be a whole number from 0, not -1"),
        (lambda: unit_cost(SHIPPED, level=0.9, seed="x"), "seed must be a whole number from 0, not 'x'"),  # type: ignore[arg-type]
        (
            lambda: unit_cost(SHIPPED, level=0.95, resamples=9),
            "resamples must be 40 or more for a level of 0.95, not 9",
        ),
    ],
)
def test_what_is_no_survey_costing_or_number_is_told(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert str(told.value).startswith(message)


def test_an_unknown_column_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"not 'monitorin'; did you mean 'monitoring'\?$"):
        unit_costs(THREE, by="monitorin")


def test_costs_of_two_years_are_not_added_up_to_pounds_a_year() -> None:
    costs = pd.concat([THREE.costs, THREE.costs.assign(year="2010-11")], ignore_index=True)
    with pytest.raises(InputError) as told:
        unit_cost(replace(THREE, costs=costs))
    assert str(told.value) == (
        "year must be the same for all costs of a school, and 3 have costs of several of 2010-11, 2011-12; a unit cost "
        "is that of one year, so keep one"
    )


# ---------------------------------------------------------------------------------- which pounds, at which prices


@pytest.mark.parametrize(
    ("costing", "pounds", "words"),
    [
        (Costing(), 2100, "costs of all sources, at prices of 2011-12"),
        (Costing(in_kind=0), 2000, "costs of all sources, without those in kind, at prices of 2011-12"),
        (Costing(in_kind=2.5), 2250, "costs of all sources, those in kind 2.5 times, at prices of 2011-12"),
        (Costing(sources=("school",)), 900, "costs borne by school, at prices of 2011-12"),
        (Costing(sources=("school", "in_kind"), in_kind=0), 900, "costs borne by school and in kind, without those in"),
        (Costing(sources="grant"), 800, "costs borne by grant, at prices of 2011-12"),  # type: ignore[arg-type]
        (Costing(price_year="2011-12"), 2100, "costs of all sources, at prices of 2011-12"),
    ],
)
def test_which_pounds_count_by_hand(costing: Costing, pounds: float, words: str) -> None:
    found = unit_cost(THREE, costing=costing)
    assert found.value == pytest.approx(pounds / 130)
    assert found.details["costing"].startswith(words)
    assert found.base == 3, "a school that a source gave nothing has a cost of 0 from it, and stays"


def test_prices_are_those_of_the_year_that_is_asked_for() -> None:
    """At 80 in 2011-12 and 100 in 2024-25 a pound of 2011-12 is £1.25."""
    index = Deflator(index={"2011-12": 80, "2024-25": 100}, source="an office")
    found = unit_cost(THREE, costing=Costing(price_year="2024-25", deflator=index))
    assert found.value == pytest.approx(1.25 * 2100 / 130)
    assert found.details["costing"] == "costs of all sources, at prices of 2024-25 by an office"
    assert unit_costs(THREE, by="phase", costing=Costing(in_kind=0))[0].value == pytest.approx(2000 / 130)


def test_schools_with_costs_of_different_years_come_together_at_the_prices_of_one() -> None:
    early = THREE.costs["visit_id"] == "V1"
    mixed = replace(THREE, costs=THREE.costs.assign(year=early.map({True: "2010-11", False: "2011-12"})))
    with pytest.raises(InputError) as told:
        unit_cost(mixed)
    assert str(told.value) == (
        "year must be the same for all costs, not 2010-11, 2011-12; keep one, or give price_year and deflator to bring "
        "them to the prices of one year"
    )
    index = Deflator(index={"2010-11": 50, "2011-12": 100}, source="an office")
    assert unit_cost(mixed, costing=Costing(price_year="2011-12", deflator=index)).value == (2000 + 1100) / 130
    short = Costing(price_year="2010-11", deflator=Deflator(index={"2010-11": 50}, source="an office"))
    with pytest.raises(InputError, match="has no index for 2011-12, only for 2010-11; add that year"):
        unit_cost(mixed, costing=short)


def test_a_cost_at_other_prices_is_as_weak_as_its_deflator() -> None:
    school = survey(School({"school": 600}, (1, 1), (9, 5)), amount_gbp=Provenance.OBSERVED, taking_part="observed")
    for provenance, expected in (("published", "derived"), ("illustrative", "illustrative")):
        index = Deflator(index={"2011-12": 1, "2024-25": 2}, source="s", provenance=provenance)
        found = unit_cost(school, costing=Costing(price_year="2024-25", deflator=index))
        assert found.provenance.value == expected


def test_a_price_year_without_a_deflator_is_refused() -> None:
    with pytest.raises(InputError) as told:
        unit_cost(THREE, costing=Costing(price_year="2024-25"))
    assert str(told.value) == (
        "price_year is 2024-25, and the costs are at prices of 2011-12; give a deflator that has both years"
    )


def test_an_unknown_source_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"^sources must be one of .*, not 'parent'; did you mean 'parents'\?$"):
        unit_cost(THREE, costing=Costing(sources=("parent",)))


# ------------------------------------------------------------------------------------------------------ intervals


def test_an_interval_is_the_bootstrap_over_schools_of_the_same_figure() -> None:
    """For the mean of schools scipy draws the same figure again; the two agree but for the noise of 9,999 draws."""
    from scipy.stats import bootstrap as by_scipy

    pounds = SHIPPED.costs.groupby("visit_id")["amount_gbp"].sum().astype(float)
    after = SHIPPED.pupil_groups.query("time == 'after' and characteristic == 'fsm'")
    each = (pounds / after.groupby("visit_id")["taking_part"].sum()).to_numpy(dtype=float)
    theirs = by_scipy((each,), mean_of, n_resamples=9_999, method="BCa", rng=1).confidence_interval
    ours = unit_cost(SHIPPED, weighting="mean_of_schools", level=0.95)
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs), rel=0.005)
    assert ours.method == f"bootstrap over schools (BCa); {WEIGHTINGS['mean_of_schools']}"
    assert (ours.level, ours.base) == (0.95, 59)


def mean_of(values: Any, axis: int) -> Any:
    return values.mean(axis=axis)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_a_level_widens_a_seed_moves_and_the_value_stays(weighting: str) -> None:
    plain = unit_cost(SHIPPED, weighting=weighting)
    narrow, wide = (unit_cost(SHIPPED, weighting=weighting, level=level) for level in (0.5, 0.99))
    assert plain.value == narrow.value == wide.value and plain.level is None
    ends = [wide.low, narrow.low, plain.value, narrow.high, wide.high]
    assert ends == sorted(ends) and len(set(ends)) == 5  # type: ignore[type-var]
    again = unit_cost(SHIPPED, weighting=weighting, level=0.99)
    assert again == wide
    assert unit_cost(SHIPPED, weighting=weighting, level=0.99, seed=1, resamples=200) != wide


def test_one_school_has_no_interval_and_it_is_said() -> None:
    one = unit_cost(THREE, among={"value_for_money": "good"}, level=0.95)
    assert (one.value, one.low, one.high, one.level) == (100, None, None, None)
    assert one.method.startswith("no interval: there is one school; ratio of sums")


def test_where_too_many_resamples_have_no_such_pupil_there_is_no_interval_and_it_is_said() -> None:
    few = survey(*[School({"school": 10}, (0, 0), (5, 5))] * 6, School({"school": 10}, (2, 0), (5, 5)))
    found = unit_cost(few, per="disadvantaged_pupil_reached", level=0.95)
    assert (found.value, found.level) == (35, None)
    assert found.method.startswith("no interval: undefined in too many of the schools drawn again; ratio of sums")


def test_fewer_than_six_schools_have_no_interval_and_it_is_said() -> None:
    found = unit_cost(THREE, level=0.95)
    assert (found.base, found.level) == (3, None)
    assert found.method.startswith("no interval: 3 schools are too few to draw again; ratio of sums")


@pytest.mark.parametrize("level", [0, 1, 95, True])
def test_a_level_out_of_range_is_told(level: Any) -> None:
    with pytest.raises(InputError, match=r"^level must be between 0 and 1, not"):
        unit_cost(SHIPPED, level=level)


def test_words_with_intervals_say_what_they_presume() -> None:
    words = str(unit_costs_in_words(unit_costs(SHIPPED, by="monitoring", level=0.9)))
    assert words.endswith(" The 90% intervals are as if the schools had been drawn at random.")
    assert " (17 schools, £" in words


@pytest.mark.slow
@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_intervals_cover_the_truth_about_as_often_as_they_say(weighting: str) -> None:
    """1,000 samples of 40 schools from a skewed truth, at 90%: measured 85.8%, 87.0% and 89.7% by weighting."""
    from survey_analysis.pooling import pooled

    random = np.random.default_rng(7)
    pupils, price = random.gamma(4, 30, 200_000), random.lognormal(5, 0.5, 200_000)
    pupils = pupils.round() + 1
    world = pd.DataFrame({"pounds": pupils * price, "pupils": pupils})

    def ratio(of: Any) -> Any:
        return of[..., 0] / of[..., 1]

    truth = pooled(world, ratio, weighting=weighting).value
    assert truth is not None
    inside = 0
    for start in range(0, 40_000, 40):
        found = pooled(world[start : start + 40], ratio, weighting=weighting, level=0.9, resamples=999, seed=start)
        assert found.low is not None and found.high is not None
        inside += found.low <= truth <= found.high
    assert 0.84 < inside / 1000 < 0.93


def test_nothing_that_is_handed_in_is_changed() -> None:
    before = [frame.copy() for frame in (THREE.visits, THREE.pupil_groups, THREE.costs)]
    among = {"value_for_money": ["good", "inadequate"]}
    for weighting in WEIGHTINGS:
        unit_cost(THREE, weighting=weighting, among=among)
        unit_costs_in_words(unit_costs(THREE, by="value_for_money", weighting=weighting))
    assert among == {"value_for_money": ["good", "inadequate"]}
    for frame, old in zip((THREE.visits, THREE.pupil_groups, THREE.costs), before, strict=True):
        pd.testing.assert_frame_equal(frame, old)
