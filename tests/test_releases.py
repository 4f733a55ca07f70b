"""What may go out of new visits: nothing that is hidden is in any of it, and nothing hidden can be worked out."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from filled_workbooks import scales, surveys, workbook
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_surveys import called
from matplotlib.text import Text

import survey_analysis as sa
from survey_analysis.estimates import Estimate
from survey_analysis.grade_scales import known_scales
from survey_analysis.release_counts import ALL, Linked, pupil_counts, released, school_counts
from survey_analysis.surveys import GROUPS, TIMES

EXAMPLE = sa.read_survey(sa.example_workbook())
SHIPPED = sa.load_survey()
PARTS: dict[str, Callable[[sa.Release], Any]] = {
    "words": sa.released_in_words,
    "answer": sa.released_answer,
    "chart of the answer": sa.charts.released_answer,
    "visits": lambda release: release.visits,
    "grades": sa.released_grades,
    "kinds": sa.released_kinds,
    "judgements": sa.released_judgements,
    "chart of judgements": sa.charts.released_judgements,
    "comparison": sa.released_comparison,
    "pupils": sa.released_pupils,
    "gaps": lambda release: release.gaps,
    "chart of gaps": sa.charts.released_gaps,
    "costs": lambda release: release.costs,
    "themes": sa.released_themes,
    "chart of themes": sa.charts.released_themes,
    "theme tests": lambda release: release.theme_tests,
    "agreement": lambda release: release.agreement[0],
    "more agreement": lambda release: release.agreement[1],
    "hidden": sa.released_hidden,
    "limits": sa.limits_in_words,
}


def parts(release: sa.Release) -> dict[str, str]:
    """Everything that a report shows, as text: of a chart its description, and what is written in it."""
    shown = {}
    for name, part in PARTS.items():
        made = part(release)
        more = _written(made) if isinstance(made, sa.charts.Chart) else re.sub(r"<[^>]*>", " ", made._repr_html_())
        shown[name] = f"{made}\n{more}"
    return shown


def _written(chart: sa.charts.Chart) -> str:
    return " ".join(text.get_text() for text in chart.figure.findobj(Text))


def survey_of(tmp_path: Path, rows: dict[str, list[dict[str, Any]]], **about: str) -> sa.Survey:
    path = tmp_path / "visits.xlsx"
    path.write_bytes(workbook(rows, **about))
    return sa.read_survey(path)


def some(survey: sa.Survey, number: int) -> sa.Survey:
    """The first visits of a survey."""
    ids = survey.visits["visit_id"].head(number)
    return replace(
        survey,
        visits=survey.visits.head(number),
        pupil_groups=survey.pupil_groups[survey.pupil_groups["visit_id"].isin(ids)],
        costs=survey.costs[survey.costs["visit_id"].isin(ids)],
    )


def with_pupils(survey: sa.Survey, **counts: int) -> sa.Survey:
    """A survey whose groups all have these counts."""
    return replace(survey, pupil_groups=survey.pupil_groups.assign(**counts))


# -------------------------------------------------------------------------------------------- what is shown is right


def test_where_nothing_is_small_everything_is_shown_as_it_was_counted() -> None:
    release = sa.release(SHIPPED)
    assert release.pupils.hidden == release.schools.hidden == ()
    groups = SHIPPED.pupil_groups
    for characteristic, time in product(GROUPS, TIMES):
        rows = groups[(groups["characteristic"] == characteristic) & (groups["time"] == time)]
        for name in ("pupils", "taking_part", "achieving", "sustained"):
            assert release.pupils.shown[characteristic, time, ALL, name] == rows[name].sum()
            for group in GROUPS[characteristic]:
                count = rows.loc[rows["group"] == group, name].sum()
                assert release.pupils.shown[characteristic, time, group, name] == count


def test_the_numbers_are_those_of_the_functions_for_the_59() -> None:
    release = sa.release(SHIPPED)
    good = sa.tally(SHIPPED, ["partnership_use", "value_for_money"], at_least="good")
    answer = sa.charts.released_answer(release)
    assert f"{good.count} of the {good.base} schools" in answer.title
    judged = {it.label: it for it in sa.released_judgements(release)}
    alone = sa.proportion(sa.tally(SHIPPED, "greater_range", codes="yes"))
    ours = judged["Greater range: yes"]
    assert (ours.value, ours.low, ours.high, ours.base) == (alone.value, alone.low, alone.high, alone.base)
    assert ours.details["not_seen"] == alone.details["not_seen"] == 5
    change = sa.gap_change(SHIPPED, "fsm")[0]
    assert (release.gaps[0].value, release.gaps[0].low) == (change.value, change.low)
    cost = sa.unit_cost(SHIPPED, level=0.95)
    assert (release.costs[1].value, release.costs[1].high) == (cost.value, cost.high)
    table = sa.theme_table(SHIPPED)
    drawn = sa.charts.released_themes(release)
    title = drawn.title.removeprefix("Invented data: ")
    assert title.startswith("Over the five themes, action in ")
    assert drawn.alt == sa.charts.themes(table, title=title).alt


def test_below_ten_visits_there_are_lists_and_no_intervals() -> None:
    for number, is_small in ((1, True), (9, True), (10, False)):
        release = sa.release(some(EXAMPLE, number))
        shown = parts(release)
        assert release.is_small is is_small
        listed = [visit_id for visit_id in EXAMPLE.visits["visit_id"] if visit_id in shown["visits"]]
        assert len(listed) == (number if is_small else 0)
        for name in ("answer", "judgements", "gaps", "costs", "agreement", "comparison"):
            assert (re.search(r"95%", shown[name]) is not None) <= (not is_small), name
        assert ("no intervals" in shown["words"]) is is_small


def test_a_scale_decides_what_counts_as_good_and_whether_it_is_compared(tmp_path: Path) -> None:
    for name, scale in known_scales().items():
        columns = dict(EXAMPLE.dictionary["visits"])
        grades = dict.fromkeys(["partnership_use", "value_for_money"], scale.grades[-1])
        for column in ("partnership_use", "value_for_money", "second_partnership_use", "second_value_for_money"):
            columns[column] = replace(columns[column], codes=(*scale.grades, "not_seen"))
        columns["grade_scale"] = replace(columns["grade_scale"], codes=(name,))
        seconds = dict.fromkeys(["second_partnership_use", "second_value_for_money"], "not_seen")
        visits = EXAMPLE.visits.assign(grade_scale=name, **grades, **seconds)
        visits.loc[:2, list(grades)] = scale.counts_as_good
        survey = replace(EXAMPLE, visits=visits, dictionary=EXAMPLE.dictionary | {"visits": columns})
        shown = parts(sa.release(survey))
        assert f"at least '{scale.counts_as_good.replace('_', ' ')}': 3 of 12 visits" in shown["answer"]
        told = f"not compared with the 59 of 2012. {' '.join(scale.reason.split())}"
        assert (told in shown["comparison"].replace("&#x27;", "'")) is not scale.compared_with_2012


@pytest.mark.parametrize(
    ("coded", "provenance", "told"),
    [
        (None, "observed", "The sheet About does not say so, and the themes are described and not tested."),
        (False, "observed", "They were not, so a test would count what the coder knew; they are described."),
        (
            True,
            "illustrative",
            "Still they are described and not tested: the visits are illustrative, and a test",
        ),
        (True, "observed", "95% Newcombe hybrid score"),
    ],
)
def test_the_report_asks_whether_the_codes_came_first(coded: bool | None, provenance: str, told: str) -> None:
    survey = replace(called(EXAMPLE, provenance), themes_coded_first=coded)
    assert told in parts(sa.release(survey))["theme tests"]


@pytest.mark.parametrize(
    ("survey", "part", "told"),
    [
        (replace(EXAMPLE, costs=EXAMPLE.costs.head(0)), "costs", "No cost per pupil: the workbook has no costs."),
        (
            replace(EXAMPLE, pupil_groups=EXAMPLE.pupil_groups.head(0)),
            "costs",
            "No cost per pupil: pupils were not counted by free school meals, over which they are summed.",
        ),
        (
            replace(EXAMPLE, pupil_groups=EXAMPLE.pupil_groups.head(0)),
            "pupils",
            "No pupils were counted in these visits.",
        ),
        (
            replace(EXAMPLE, pupil_groups=EXAMPLE.pupil_groups.head(0)),
            "chart of gaps",
            "Not drawn. No gap between groups of pupils can be shown",
        ),
        (
            replace(EXAMPLE, visits=EXAMPLE.visits.assign(partnership_use="not_seen")),
            "answer",
            "in no visit were both grades seen, so there is nothing to count.",
        ),
        (
            replace(EXAMPLE, visits=EXAMPLE.visits.assign(second_partnership_use="not_seen")),
            "agreement",
            "Use of partnerships: fewer than two visits have the grades of two inspectors",
        ),
    ],
)
def test_what_is_missing_is_said(survey: sa.Survey, part: str, told: str) -> None:
    assert told in parts(sa.release(survey))[part]


# ---------------------------------------------------------------------------------------------- what is hidden stays so


def test_a_small_count_is_nowhere_in_what_goes_out() -> None:
    """Fourteen pupils take part in all groups but one, in which there are three; no number tells of the three."""
    groups = EXAMPLE.pupil_groups
    few = (groups["characteristic"] == "fsm") & (groups["group"] == "fsm") & (groups["time"] == "after")
    counts = {"pupils": 977, "taking_part": 409, "achieving": 211, "sustained": 157}
    one = groups[groups["visit_id"] == "V01"].assign(**counts)
    one.loc[few & (groups["visit_id"] == "V01"), ["taking_part", "achieving", "sustained"]] = [3, 2, 1]
    survey = replace(EXAMPLE, visits=EXAMPLE.visits.head(1), pupil_groups=one, costs=EXAMPLE.costs.head(5))
    release = sa.release(survey)
    assert release.pupils.shown["fsm", "after", "fsm", "taking_part"] is None
    assert release.audit["protected"].all()
    shown = parts(release)
    assert "[c]" in shown["pupils"] and "[c]" in shown["gaps"] and "[c] hidden" in shown["chart of gaps"]
    assert "by free school meals: pupils with free school meals, after: taking part" in shown["hidden"]
    for text in shown.values():
        assert "0.3%" not in text and "41.6 points" not in text, "3 of 977, and the gap to 409 of 977"
    assert not any(count in (2, 3) for count in release.pupils.shown.values())


def test_pounds_for_each_of_a_few_pupils_are_hidden_as_the_pupils_are() -> None:
    survey = with_pupils(some(EXAMPLE, 1), pupils=400, taking_part=1, achieving=1, sustained=0)
    release = sa.release(survey)
    assert [cost.is_hidden for cost in release.costs] == [False, True, True]
    assert f"£{survey.costs['amount_gbp'].sum() / 2:,.0f}" not in parts(release)["costs"]


def test_pupils_of_the_visits_without_costs_are_a_number_of_their_own() -> None:
    """Else the pounds and the cost per pupil, beside all pupils, would tell of the school whose costs nobody knew."""
    groups = EXAMPLE.pupil_groups
    few = groups["visit_id"].isin(set(EXAMPLE.visits["visit_id"]) - set(EXAMPLE.costs["visit_id"]))
    assert few.any()
    counts = groups.assign(**{name: groups[name].where(~few, 1) for name in ("taking_part", "achieving", "sustained")})
    release = sa.release(replace(EXAMPLE, pupil_groups=counts))
    assert release.pupils.shown["costs", "after", "without costs", "taking_part"] is None
    assert [cost.is_hidden for cost in release.costs] == [False, True, True]
    assert "visits with costs, after: taking part" in parts(release)["hidden"]
    assert release.audit["protected"].all()


def test_what_is_left_of_a_whole_is_hidden_too() -> None:
    """Forty pupils of whom 38 take part: the two who do not are as few as any."""
    survey = with_pupils(some(EXAMPLE, 1), pupils=40, taking_part=38, achieving=20, sustained=20)
    shown = sa.release(survey).pupils.shown
    for group in GROUPS["sex"]:
        assert None in (shown["sex", "after", group, "taking_part"], shown["sex", "after", group, "pupils"])


@pytest.mark.parametrize("counts", [{"taking_part": 0, "achieving": 0, "sustained": 0}, {"taking_part": 40}])
def test_nobody_and_everybody_are_hidden(counts: dict[str, int]) -> None:
    survey = with_pupils(some(EXAMPLE, 1), **{"pupils": 40, "taking_part": 20, "achieving": 9, "sustained": 9} | counts)
    release = sa.release(survey)
    assert release.pupils.shown["fsm", "after", "fsm", "taking_part"] is None
    assert "0 (0%)" not in parts(release)["pupils"] and "(100%)" not in parts(release)["pupils"]


def test_totals_of_three_characteristics_are_one_number() -> None:
    linked = pupil_counts(SHIPPED)
    totals = {linked.same.get(label, label) for label in product(GROUPS, ["after"], [ALL], ["pupils"])}
    assert len(totals) == 1
    release = sa.release(SHIPPED)
    assert len({release.pupils.shown[name, "after", ALL, "taking_part"] for name in GROUPS}) == 1


def test_pupils_who_are_counted_by_one_characteristic_alone_are_a_number_of_their_own() -> None:
    groups = SHIPPED.pupil_groups
    left = groups[~((groups["characteristic"] == "sen") & (groups["visit_id"] == "R01"))]
    linked = pupil_counts(replace(SHIPPED, pupil_groups=left))
    one = groups[(groups["visit_id"] == "R01") & (groups["characteristic"] == "fsm") & (groups["time"] == "after")]
    rest = ("fsm", "sen", "after", "taking_part")
    assert linked.counts[rest] == one["taking_part"].sum()
    [(total, parts_of_it)] = [it for it in linked.sums if rest in it[1]]
    assert total == ("fsm", "after", ALL, "taking_part")
    assert set(parts_of_it) == {rest, ("sen", "after", ALL, "taking_part")}


def test_schools_are_hidden_only_if_asked_and_then_everywhere() -> None:
    release = sa.release(EXAMPLE, school_threshold=4)
    shown = parts(release)
    assert release.schools.hidden and release.audit["protected"].all()
    assert "[c]" in shown["grades"] and "[c]" in shown["judgements"] and "[c]" in shown["chart of judgements"]
    for name in ("visits", "theme tests", "agreement", "more agreement", "chart of themes"):
        assert "hidden" in shown[name] and not re.search(r"\d of \d", shown[name]), name
    for visit_id in EXAMPLE.visits["visit_id"]:
        assert not any(visit_id in text for text in shown.values())
    assert sa.release(EXAMPLE).schools.hidden == ()


def test_pseudonyms_and_numbers_of_schools_never_go_out(tmp_path: Path) -> None:
    visits = EXAMPLE.visits.assign(urn="654321", inspector="QX77", second_inspector="QX88")
    for number in (3, 12):
        for text in parts(sa.release(some(replace(EXAMPLE, visits=visits), number))).values():
            assert not re.search("654321|QX77|QX88", text)


def test_the_name_of_a_visit_is_text_and_no_markup() -> None:
    names = ["<b>V1</b>", "$\\frac{", "**x**", "[a](javascript:b)"]
    survey = some(EXAMPLE, 4)
    survey = replace(
        survey,
        visits=survey.visits.assign(visit_id=names),
        pupil_groups=survey.pupil_groups.head(0),
        costs=survey.costs.head(0),
    )
    html = sa.release(survey).visits._repr_html_()
    assert "<b>" not in html and "&lt;b&gt;V1" in html and "$\\frac{" in html


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data(), school_threshold=st.sampled_from([None, None, 2, 3]))
def test_any_visits_have_a_report_and_every_hidden_count_is_protected(
    tmp_path: Path, data: st.DataObject, school_threshold: int | None
) -> None:
    scale = data.draw(scales())
    survey = survey_of(tmp_path, data.draw(surveys(scale=scale, most=5)), scale=scale)
    release = sa.release(survey, school_threshold=school_threshold)
    assert release.audit["protected"].all()
    small = [count for count in release.pupils.shown.values() if count is not None and 0 < count < release.threshold]
    assert small == []
    shown = parts(release)
    for estimate in release.gaps if isinstance(release.gaps, sa.Estimates) else ():
        assert isinstance(estimate, Estimate) and (estimate.value is None) >= estimate.is_hidden
    assert not any("nan" in text.lower().split() for text in shown.values())


def test_what_is_shown_of_a_tiny_survey_leaves_every_hidden_count_open() -> None:
    """Every way in which six pupils' worth of counts could be otherwise, gone through one by one."""
    counts = {
        "all": 9,
        "yes": 7,
        "no": 2,
        "girls": 5,
        "boys": 4,
        "girls yes": 4,
        "girls no": 1,
        "boys yes": 3,
        "boys no": 1,
    }
    sums = [
        ("all", ["yes", "no"]),
        ("all", ["girls", "boys"]),
        ("girls", ["girls yes", "girls no"]),
        ("boys", ["boys yes", "boys no"]),
        ("yes", ["girls yes", "boys yes"]),
        ("no", ["girls no", "boys no"]),
    ]
    out = released(Linked(counts=counts, sums=sums), threshold=3)
    free = ("girls yes", "girls no", "boys yes", "boys no")
    fits: dict[str, set[int]] = {str(label): set() for label in out.hidden}
    for tried in product(range(13), repeat=4):
        cells = dict(zip(free, tried, strict=True))
        cells |= {"girls": tried[0] + tried[1], "boys": tried[2] + tried[3], "yes": tried[0] + tried[2]}
        cells |= {"no": tried[1] + tried[3], "all": sum(tried)}
        if all(count is None or cells[str(label)] == count for label, count in out.shown.items()):
            for label in fits:
                fits[label].add(cells[label])
    assert out.hidden and out.shown["no"] is None
    for label, values in fits.items():
        assert max(values) - min(values) >= 3, label
    audit = out.audit.set_index("row")
    for label, values in fits.items():
        assert (audit.loc[label, "least"], audit.loc[label, "greatest"]) in (
            (min(values), max(values)),
            (min(values), None),
        )


def test_no_interval_rests_on_few_schools_however_many_visits_there_are() -> None:
    """The interval of a sum over two schools, whose rolls a reader may know, tells what each of them added to it."""
    ids = EXAMPLE.visits["visit_id"].head(2)
    groups = EXAMPLE.pupil_groups[EXAMPLE.pupil_groups["visit_id"].isin(ids)]
    release = sa.release(
        replace(EXAMPLE, pupil_groups=groups, costs=EXAMPLE.costs[EXAMPLE.costs["visit_id"].isin(ids)])
    )
    for estimate in [*release.gaps, *release.costs]:
        assert estimate.level is None and not {"df", "design_effect", "p_value", "schools"} & set(estimate.details)
    assert sa.release(SHIPPED).gaps[0].level == 0.95


def test_where_schools_are_hidden_no_base_and_no_detail_counts_them() -> None:
    release = sa.release(SHIPPED, school_threshold=5)
    for estimate in [*release.gaps, *release.costs]:
        assert estimate.level is None and "left_out" not in estimate.details
        assert estimate.base > 1_000, "pupils"


def test_few_visits_are_not_tested_for_themes() -> None:
    few = replace(called(some(EXAMPLE, 9), "observed"), themes_coded_first=True)
    assert parts(sa.release(few))["theme tests"].startswith("The themes are described and not tested: there are fewer")


def test_costs_of_several_years_are_not_added_up() -> None:
    costs = EXAMPLE.costs.copy()
    costs.loc[costs.index[0], "year"] = "2010-11"
    told = parts(sa.release(replace(EXAMPLE, costs=costs)))["costs"]
    assert "the costs are of several years; bring them to the prices of one." in told


# ------------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threshold": 1}, "threshold must be a whole number from 2, not 1"),
        ({"threshold": "5"}, "threshold must be a whole number from 2, not '5'"),
        ({"school_threshold": 0}, "school_threshold must be a whole number from 2, not 0"),
    ],
)
def test_a_threshold_that_hides_nothing_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(sa.InputError) as told:
        sa.release(EXAMPLE, **arguments)
    assert str(told.value) == message


def test_another_scale_of_grades_is_refused() -> None:
    columns = dict(EXAMPLE.dictionary["visits"])
    columns["grade_scale"] = replace(columns["grade_scale"], codes=("ours",))
    survey = replace(
        EXAMPLE,
        visits=EXAMPLE.visits.assign(grade_scale="ours"),
        dictionary=EXAMPLE.dictionary | {"visits": columns},
    )
    with pytest.raises(
        sa.InputError, match=r"^the grades are on 'ours', and a report needs one of ofsted-to-august-2012,"
    ):
        sa.release(survey)
    with pytest.raises(sa.InputError, match=r"^survey must come from read_survey\(\), and is DataFrame instead$"):
        sa.release(pd.DataFrame())  # type: ignore[arg-type]


def test_school_counts_add_up() -> None:
    linked = school_counts(SHIPPED, known_scales()[SHIPPED.grade_scale], crossed=True)
    for total, parts_of_it in linked.sums:
        assert linked.counts[total] == sum(linked.counts[part] for part in parts_of_it)


def test_what_is_asked_of_secondary_schools_alone_gives_their_number_away_to_nobody() -> None:
    hidden = sa.release(EXAMPLE, school_threshold=3)
    shown = hidden.schools.shown
    assert shown["phase", "secondary"] is None and shown["feeder_primaries_used", "not_applicable"] is None
    linked = school_counts(EXAMPLE, known_scales()[EXAMPLE.grade_scale], crossed=False)
    answers = [("feeder_primaries_used", code) for code in ("yes", "no", "not_seen")]
    assert (("phase", "secondary"), answers) in [(total, list(parts)) for total, parts in linked.sums]


def test_what_is_not_asked_is_listed_among_what_is_hidden_and_what_is_left_of_a_whole_is_not() -> None:
    listed = str(sa.released_hidden(sa.release(EXAMPLE, school_threshold=3)))
    assert "feeder primaries used, not applicable" in listed
    assert "not workshops" not in listed and "not taking part" not in listed


def test_a_form_of_partnership_is_linked_with_the_visits_that_lack_it() -> None:
    linked = school_counts(EXAMPLE, known_scales()[EXAMPLE.grade_scale], crossed=False)
    for code in EXAMPLE.column("visits", "partnership_forms").codes:
        names = [("partnership_forms", code), ("partnership_forms", f"not_{code}")]
        assert (("visits",), names) in [(total, list(parts)) for total, parts in linked.sums]
        with_it = EXAMPLE.visits["partnership_forms"].str.split(";").map(lambda codes, code=code: code in codes)
        assert linked.counts[names[0]] == with_it.sum()


def test_a_judgement_bears_the_provenance_of_its_column() -> None:
    column = replace(EXAMPLE.column("visits", "well_managed"), provenance=sa.Provenance.RECONSTRUCTED)
    others = {name: replace(it, provenance=sa.Provenance.OBSERVED) for name, it in EXAMPLE.dictionary["visits"].items()}
    dictionary = {**EXAMPLE.dictionary, "visits": {**others, "well_managed": column}}
    found = sa.released_judgements(sa.release(replace(EXAMPLE, dictionary=dictionary)))
    made = {it.label.partition(":")[0]: it.provenance for it in found}
    assert made["Well managed"] is sa.Provenance.RECONSTRUCTED
    assert made["Greater range"] is sa.Provenance.OBSERVED
