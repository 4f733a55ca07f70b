"""Several people's answers side by side: nothing averaged, small numbers hidden, nothing unsafe on a page."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from broken_answers import REFUSED, SCRIPT, THEMES, empty, filled
from browsing import violations
from hypothesis import given, settings
from hypothesis import strategies as st

import survey_analysis as sa
from survey_analysis.errors import InputError
from survey_analysis.gaps import CONTRASTS
from survey_analysis.release_counts import Linked, Released
from survey_analysis.self_evaluation import pupils_and_costs
from survey_analysis.self_evaluation.answers import Answers, read_answers
from survey_analysis.self_evaluation.commands import run_self_evaluation
from survey_analysis.self_evaluation.hub_patterns import PATTERNS, stands
from survey_analysis.self_evaluation.statements import JUDGEMENTS, read_statements

SIDES = {"low": "nearer_pitfall", "high": "action", "": ""}


def saved(folder: Path, name: str, table: dict[str, Any]) -> Path:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(table), encoding="utf-8")
    return path


def judged(table: dict[str, Any], *codes: str) -> dict[str, Any]:
    """The same answers with these judgements, in the order of the themes."""
    for theme, code in zip(THEMES, codes, strict=False):
        table["answers"][theme]["judgement"] = code
    return table


@pytest.fixture
def example() -> sa.SchoolProfile:
    return sa.self_evaluation_profile(sa.example_answers())


# --------------------------------------------------------------------------------------------------------- side by side


def test_the_example_says_that_it_is_invented_wherever_it_is_shown(example: sa.SchoolProfile) -> None:
    assert example.provenance is sa.Provenance.ILLUSTRATIVE
    shown = [example.judgements(), example.evidence(), example.priorities(), example.hub_questions(), example.changes()]
    for table in [*shown, example.numbers.participation, example.numbers.gaps, example.numbers.cost]:
        assert "illustrative" in str(table)
    assert str(example.disagreement()).startswith("Invented data. ")
    assert sa.charts.role_judgements(example).title.startswith("Invented data: ")


def test_answers_of_a_school_are_observed(tmp_path: Path) -> None:
    profile = sa.self_evaluation_profile(saved(tmp_path, "a", filled()))
    assert profile.provenance is sa.Provenance.OBSERVED
    assert "Invented" not in str(profile.disagreement())


def test_people_are_set_side_by_side_and_the_widest_disagreement_comes_first(tmp_path: Path) -> None:
    head = saved(tmp_path, "h", judged(filled(role="head"), "action", "action", "action", "action", "action"))
    lead = saved(
        tmp_path, "l", judged(filled(role="music_lead"), "action", "pitfall", "nearer_action", "", "not_applicable")
    )
    profile = sa.self_evaluation_profile([head, lead])
    assert [profile.apart(theme) for theme in THEMES] == [0, 3, 1, 0, 0]
    assert [theme.id for theme in profile.by_disagreement][:2] == [THEMES[1], THEMES[2]]
    said = str(profile.disagreement())
    assert "farthest apart on reaching all groups of pupils" in said
    assert "Headteacher or senior leader: as the action says" in said
    assert "Music lead or music teacher: as the pitfall says" in said
    chart = sa.charts.role_judgements(profile)
    assert chart.title == "People are 3 steps apart on reaching all groups of pupils"
    assert (
        "Music lead or music teacher not judged" in chart.alt
        and "Music lead or music teacher not applicable" in chart.alt
    )


def test_nothing_is_made_of_judgements_but_where_people_stand(example: sa.SchoolProfile) -> None:
    """No total, no mean, no score: no digit stands in any table of judgements but those of days."""
    assert not re.search(r"\d", str(example.hub_questions()))
    for row in example.judgements().rows:
        assert not re.search(r"\d", " ".join(row[:-1])) and re.fullmatch(r"\d steps? apart|-", row[-1])
    text = " ".join(str(it) for it in (example.judgements(), example.disagreement(), example.changes()))
    assert not re.search(r"score|total|average|mean\b|rank|grade", text)


def test_of_several_answers_of_one_person_the_newest_counts_and_the_oldest_is_held_against_it(tmp_path: Path) -> None:
    for day, code in (("2024-06-01", "pitfall"), ("2025-06-01", "nearer_pitfall"), ("2026-06-01", "action")):
        saved(tmp_path, day, judged(filled(role="head", date=day), code))
    profile = sa.self_evaluation_profile(tmp_path)
    assert [person.answers.date.year for person in profile.people] == [2026]
    rows = {row[0]: row for row in profile.changes().rows if len(row) > 1}
    assert rows["Monitoring and evaluation"][1:] == ["as the pitfall says", "as the action says", "changed"]


def test_two_of_one_role_on_one_day_stay_two(tmp_path: Path) -> None:
    for name in ("a", "b"):
        saved(tmp_path, name, judged(filled(role="visiting_musician"), {"a": "pitfall", "b": "action"}[name]))
    profile = sa.self_evaluation_profile(tmp_path)
    assert [person.name for person in profile.people] == ["Visiting musician 1", "Visiting musician 2"]
    assert "no change can be told" in str(profile.changes())


def test_one_person_and_nobody_judged_are_told_in_words(tmp_path: Path) -> None:
    profile = sa.self_evaluation_profile(saved(tmp_path, "a", empty()))
    assert "One person answered" in str(profile.disagreement())
    assert str(sa.charts.role_judgements(profile)).startswith("Nobody has judged any theme yet")
    assert "Nobody has chosen a priority" in str(profile.priorities())
    assert "no question follows" in str(profile.hub_questions())
    assert "Nobody has written down" in str(profile.numbers.participation)
    assert "Nobody has written down" in str(profile.numbers.cost)


def test_each_theme_leads_to_what_was_published_and_how_much_is_settled(example: sa.SchoolProfile) -> None:
    table = example.survey_findings()
    found = [row[::-1] for row in table.rows if len(row) > 1]
    claims = {claim.id: claim for claim in sa.read_claims()}
    verdicts = {finding.id: finding.verdict for finding in sa.check_claims(sa.read_claims())}
    of_themes = {claim.id for claim in claims.values() if claim.theme}
    in_words = {name for name in of_themes if verdicts[name] == "stated"}
    assert {row[0] for row in found} == of_themes - in_words
    assert f"{len(in_words)} more statements on these themes were made in words alone" in table.note
    assert all(row[1] == verdicts[row[0]] for row in found)


# -------------------------------------------------------------------------------------------------------------- numbers


def test_small_numbers_are_hidden_with_all_that_would_tell_them(example: sa.SchoolProfile) -> None:
    """Three of 36 pupils: also how many did not, the others of the same total, and the gap."""
    cells = {row[0]: list(row[1:]) for row in example.numbers.participation.rows}
    assert cells["Pupils with special educational needs"] == ["36", "[c]", "[c]"]
    assert cells["Pupils without special educational needs"] == ["204", "[c]", "[c]"]
    assert cells["Pupils with free school meals"] == ["54", "9", "16.7%"]
    assert bool(example.numbers.audit["protected"].all())
    hidden = {it.label for it in example.numbers.gaps if it.is_hidden}
    assert hidden == {"special educational needs, taking part: difference"}


def on_roll_and_taking_part(least: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(least, 60).flatmap(lambda roll: st.tuples(st.just(roll), st.integers(0, min(roll, 20))))


pair = st.tuples(on_roll_and_taking_part(40), on_roll_and_taking_part(0))


@settings(max_examples=15)
@given(pairs=st.lists(pair, min_size=3, max_size=3), spare=st.integers(0, 5))
def test_no_count_below_five_is_shown_and_none_can_be_worked_out(
    pairs: list[tuple[tuple[int, int], tuple[int, int]]], spare: int
) -> None:
    rows = [row for it in pairs for row in it]
    groups = [(name, group) for name, it in CONTRASTS.items() for group in (it.ahead, it.behind)]
    participation = [
        {"characteristic": name, "group": group, "on_roll": roll, "took_part": took}
        for (name, group), (roll, took) in zip(groups, rows, strict=True)
    ]
    least = max(sum(took for _, took in it) for it in pairs)
    reached = min(least + spare, *(sum(roll for roll, _ in it) for it in pairs))
    answers = read(filled(participation=participation, pupils_reached=reached))
    numbers = sa.self_evaluation_profile(answers).numbers
    assert bool(numbers.audit["protected"].all())
    for row, (roll, took) in zip(numbers.participation.rows, rows, strict=True):
        if 0 < took < 5 or 0 < roll - took < 5:
            assert row[3] == "[c]" and "[c]" in row[1:3]
        if 0 < roll < 5:
            assert row[1] == "[c]"
    [_, each] = numbers.cost
    assert each.is_hidden or not 0 < reached < 5


def read(table: dict[str, Any]) -> Answers:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        return read_answers(saved(Path(folder), "a", table))


def row(characteristic: str, group: str, roll: int, took: int) -> dict[str, object]:
    return {"characteristic": characteristic, "group": group, "on_roll": roll, "took_part": took}


def test_a_group_that_is_not_written_down_does_not_follow_from_all_who_take_part() -> None:
    """60 of one group beside 63 in all would tell three of the other."""
    table = filled(participation=[row("fsm", "not_fsm", 200, 60)], pupils_reached=63)
    numbers = sa.self_evaluation_profile(read(table)).numbers
    assert numbers.cost[1].is_hidden or "[c]" in numbers.participation.rows[0]


def test_pupils_on_roll_do_not_follow_from_another_characteristic() -> None:
    rows = [row("sen", "not_sen", 237, 90), row("sex", "girls", 120, 50), row("sex", "boys", 120, 45)]
    numbers = sa.self_evaluation_profile(read(filled(participation=rows, pupils_reached=95))).numbers
    shown = [it[1] for it in numbers.participation.rows]
    assert shown[0] == "[c]" or "[c]" in shown[1:]


def test_numbers_of_two_files_are_never_put_together(tmp_path: Path) -> None:
    rows = [row("fsm", "not_fsm", 186, 60), row("fsm", "fsm", 54, 3)]
    head = filled(role="head", date="2026-03-01", participation=rows, cost=[], pupils_reached=None)
    lead = filled(role="music_lead", date="2026-02-01", participation=[], pupils_reached=63)
    numbers = sa.self_evaluation_profile([saved(tmp_path, "h", head), saved(tmp_path, "l", lead)]).numbers
    assert "wrote on 01 March 2026, who says nothing of what it costs" in str(numbers.cost)


def test_two_files_of_one_name_do_not_mix_their_numbers(tmp_path: Path) -> None:
    made = {"x": ("head", "2026-03-01", 186, 60), "y": ("music_lead", "2026-02-01", 100, 50)}
    paths = []
    for folder, (role, day, roll, took) in made.items():
        (tmp_path / folder).mkdir()
        table = filled(role=role, date=day, participation=[row("sex", "girls", roll, took), row("sex", "boys", 99, 40)])
        paths.append(saved(tmp_path / folder, "answers", {**table, "pupils_reached": None}))
    numbers = sa.self_evaluation_profile(paths).numbers
    assert list(numbers.participation.rows[0][1:3]) == ["186", "60"]


def test_of_two_files_of_one_day_the_first_role_counts_and_the_other_numbers_are_told(tmp_path: Path) -> None:
    for name, role, girls in (("a", "music_lead", 60), ("b", "head", 50)):
        rows = [row("sex", "girls", 120, girls), row("sex", "boys", 120, 40)]
        saved(tmp_path, name, filled(role=role, participation=rows, pupils_reached=100 + 10 * (girls == 60)))
    table = sa.self_evaluation_profile([tmp_path / "a.json", tmp_path / "b.json"]).numbers.participation
    other = sa.self_evaluation_profile([tmp_path / "b.json", tmp_path / "a.json"]).numbers.participation
    assert str(table) == str(other) and table.rows[0][2] == "50"
    assert "another file of that day has other numbers" in table.note and "in 2025-26" in table.caption


def test_where_a_hidden_number_might_be_worked_out_no_number_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """No numbers were found of which that is so: should there be some, the audit has the last word."""
    whole = pupils_and_costs.released

    def unprotected(linked: Linked, *, threshold: int) -> Released:
        found = whole(linked, threshold=threshold)
        return replace(found, audit=found.audit.assign(protected=False))

    monkeypatch.setattr(pupils_and_costs, "released", unprotected)
    rows = [row("sex", "girls", 60, 3), row("sex", "boys", 60, 30)]
    numbers = sa.self_evaluation_profile(read(filled(participation=rows, pupils_reached=33))).numbers
    told = "There are too few pupils for any number of them to be shown (observed)."
    assert str(numbers.participation) == str(numbers.gaps) == str(numbers.cost) == told
    assert numbers.audit.empty


def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", locked)
    with pytest.raises(InputError, match=r"cannot be read \(Permission denied\); give another"):
        sa.self_evaluation_profile(tmp_path)


def test_pairs_that_do_not_count_the_same_pupils_are_told() -> None:
    rows = [row("fsm", "not_fsm", 180, 60), row("fsm", "fsm", 60, 20), row("sex", "girls", 400, 60)]
    rows.append(row("sex", "boys", 400, 40))
    table = sa.self_evaluation_profile(read(filled(participation=rows, pupils_reached=None))).numbers.participation
    assert "they differ (240 by free school meals, 800 by sex): look which is right." in table.note


def test_how_many_were_reached_is_not_nobody_where_it_is_not_written_down() -> None:
    numbers = sa.self_evaluation_profile(read(filled(pupils_reached=None))).numbers
    said = " ".join(str(numbers.cost).split())
    assert len(numbers.cost) == 1 and "How many pupils were reached is not written down." in said
    assert "Not written down: parents and carers; grants" in said


def test_one_hundred_in_each_group_is_told_where_all_of_them_are_shown() -> None:
    rows = [row("sex", "girls", 100, 40), row("sex", "boys", 100, 30)]
    note = sa.self_evaluation_profile(read(filled(participation=rows, pupils_reached=None))).numbers.participation.note
    assert "if these are percentages" in note
    hidden = [row("fsm", "not_fsm", 100, 50), row("fsm", "fsm", 100, 3), row("sen", "not_sen", 100, 99)]
    hidden.append(row("sex", "boys", 100, 50))
    table = sa.self_evaluation_profile(read(filled(participation=hidden, pupils_reached=None))).numbers.participation
    assert "[c]" in [cells[1] for cells in table.rows] and "percentages" not in table.note


def test_older_numbers_are_shown_where_newer_answers_have_none(tmp_path: Path) -> None:
    saved(tmp_path, "old", filled(role="head", date="2025-03-01"))
    saved(tmp_path, "new", filled(role="head", date="2026-03-01", participation=[], cost=[], pupils_reached=None))
    assert "01 March 2025" in str(sa.self_evaluation_profile(tmp_path).numbers.participation)


def test_a_file_that_is_given_twice_is_one_person(tmp_path: Path) -> None:
    path = saved(tmp_path, "a", filled())
    assert len(sa.self_evaluation_profile([path, path]).people) == 1


def test_answers_to_other_statements_are_refused(tmp_path: Path) -> None:
    other = replace(read(filled()), statements=("Another form", 1))
    for ask in (sa.self_evaluation_profile, sa.self_evaluation_hub):
        with pytest.raises(InputError, match="answers 'Another form', version 1"):
            ask([other])


def test_the_page_says_whose_answers_it_shows_and_which_are_set_aside(tmp_path: Path) -> None:
    for year in (2023, 2024, 2025):
        saved(tmp_path, f"h{year}", filled(role="head", date=f"{year}-03-01"))
    saved(tmp_path, "lead", filled(role="music_lead"))
    whose = sa.self_evaluation_profile(tmp_path).whose()
    assert [row[1:] for row in whose.rows] == [
        ["01 March 2025", "shown"],
        ["28 February 2026", "shown"],
        ["01 March 2023", "what has changed since"],
        ["01 March 2024", "set aside: newer answers of the role count"],
    ]
    assert "All give the code S07." in whose.note


def test_without_a_code_nothing_shows_that_answers_are_of_one_school(tmp_path: Path) -> None:
    saved(tmp_path, "a", filled(school=""))
    assert "nothing but your word shows that they are of one" in sa.self_evaluation_profile(tmp_path).whose().note


def test_a_long_role_does_not_leave_the_chart(tmp_path: Path) -> None:
    statements = read_statements()
    long = replace(
        statements, roles={**statements.roles, "head": "Acting executive headteacher of the whole federation"}
    )
    for side, role in (("action", "head"), ("pitfall", "governor")):
        saved(tmp_path, role, judged(filled(role=role), *[side] * 5))
    profile = sa.self_evaluation_profile(tmp_path, statements=long)
    figure = sa.charts.role_judgements(profile).figure  # type: ignore[union-attr]
    figure.canvas.draw()
    ends = [text.get_window_extent().x1 for text in figure.axes[0].texts]
    assert max(ends) <= figure.bbox.x1 and "whole federation" in profile.whose().rows[0][0]


def test_some_people_of_a_school_may_speak_for_it_and_the_hub_is_told(tmp_path: Path) -> None:
    schools(tmp_path, ["high"] * 12)
    for number in range(6):
        saved(tmp_path, f"no{number}", filled(role="governor", school=f"S{number}", consent_to_hub=False))
    assert "in 6 not everybody does" in sa.self_evaluation_hub(tmp_path).pattern.note
    saved(tmp_path, "no5", filled(role="governor", school="S5", date="2026-12-01"))
    for number in range(2, 5):
        saved(tmp_path, f"no{number}", filled(role="governor", school=f"S{number}", date="2026-12-01"))
    assert "in how many not everybody does is hidden" in sa.self_evaluation_hub(tmp_path).pattern.note


def test_signs_stand_side_by_side_and_where_people_differ_the_row_says_so(tmp_path: Path) -> None:
    for role, found in (("head", ["seen", "seen", "not_looked"]), ("governor", ["not_seen", "seen", "not_looked"])):
        table = filled(role=role)
        table["answers"][THEMES[0]]["signs"] = found
        saved(tmp_path, role, table)
    rows = sa.self_evaluation_profile(tmp_path).signs().rows
    assert [list(cells[1:]) for cells in rows[1:4]] == [
        ["seen", "not seen", "differ"],
        ["seen", "seen", ""],
        ["not looked for", "not looked for", ""],
    ]


def test_every_next_step_is_shown_with_a_priority_or_without_one() -> None:
    profile = sa.self_evaluation_profile(read(filled()))
    steps = [cells for table in (profile.priorities(), profile.other_steps()) for cells in table.rows]
    assert len(steps) == 5 and {cells[2] for cells in steps} == {"Count who stopped, by group."}


def test_answers_that_are_not_shown_are_named_at_once(tmp_path: Path) -> None:
    for day in ("2026-06-01", "2026-06-02", "2026-06-03"):
        saved(tmp_path, day, filled(role="visiting_musician", date=day))
    told = run_self_evaluation([tmp_path], out=tmp_path / "p.html")
    assert "Visiting musician, 01 June 2026; Visiting musician, 02 June 2026. If two people have the role" in told
    assert "If two people have the role, give their files one date." in (tmp_path / "p.html").read_text()


def test_a_folder_is_read_without_what_a_system_hides_and_with_any_capitals(tmp_path: Path) -> None:
    (tmp_path / "A.JSON").write_text(json.dumps(filled()), encoding="utf-8")
    (tmp_path / "._A.JSON").write_bytes(b"\0\1")
    (tmp_path / "more.json").mkdir()
    assert len(sa.self_evaluation_profile(tmp_path).people) == 1


def test_of_two_files_of_one_name_the_wrong_one_is_told_with_its_folder(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        saved(tmp_path / folder, "head", filled(role="head") if folder == "one" else filled(role="chief"))
    with pytest.raises(InputError, match=r"two.head\.json: role must be one of"):
        sa.self_evaluation_profile([tmp_path / "one" / "head.json", tmp_path / "two" / "head.json"])


def test_where_nobody_judged_nothing_is_alike(tmp_path: Path) -> None:
    for role in ("head", "governor"):
        saved(tmp_path, role, empty(role=role))
    assert "No theme was judged by two people" in str(sa.self_evaluation_profile(tmp_path).disagreement())


def test_the_cost_of_a_pupil_is_pounds_over_pupils(example: sa.SchoolProfile) -> None:
    total, each = example.numbers.cost
    assert total.value == 7900 and each.value == pytest.approx(7900 / 70) and each.level is None


def test_gaps_come_from_the_function_of_the_package(example: sa.SchoolProfile) -> None:
    others, meals = (
        sa.Tally(label=name, count=count, base=base) for name, count, base in (("o", 61, 186), ("m", 9, 54))
    )
    assert example.numbers.gaps[0].value == sa.gap(others, meals)[0].value


# ------------------------------------------------------------------------------------------------------------------ hub


def schools(folder: Path, sides: list[str], **fields: Any) -> Path:
    """A file of a head for each school, who stands on one side in every theme."""
    for number, side in enumerate(sides):
        table = judged(filled(role="head", school=f"S{number}", **fields), *[SIDES[side]] * 5)
        saved(folder, f"s{number}", table)
    return folder


def test_fewer_than_five_schools_show_nothing(tmp_path: Path) -> None:
    pattern = sa.self_evaluation_hub(schools(tmp_path, ["low"] * 4))
    assert (
        pattern.schools is None
        and str(pattern.pattern) == "Fewer than 5 schools consent, so nothing is shown of them (as people said)."
    )
    assert "4" not in str(pattern)


def test_the_hub_says_which_theme_was_chosen_most_often_of_those_that_may_be_shown(tmp_path: Path) -> None:
    for number in range(12):
        table = filled(role="head", school=f"S{number}")
        for place, theme in enumerate(THEMES):
            table["answers"][theme]["priority"] = place == number % 2 or (place == 2 and number == 0)
        saved(tmp_path, f"s{number}", table)
    said = str(sa.self_evaluation_hub(tmp_path).finding)
    first, second = (theme.title.lower() for theme in read_statements().themes[:2])
    none = "No theme whose number may be shown was chosen by more schools than"
    assert said == f"{none} {first} and {second}: 6 of 12 (as people said)."


def test_where_too_few_schools_consent_the_page_says_so_once(tmp_path: Path) -> None:
    page = sa.write_hub_page(sa.self_evaluation_hub(schools(tmp_path, ["low"] * 4)), tmp_path / "hub.html")
    assert page.read_text(encoding="utf-8").count("Fewer than 5 schools consent") == 1


def test_schools_without_consent_are_left_out_and_counted(tmp_path: Path) -> None:
    schools(tmp_path, ["high"] * 6 + ["low"] * 5)
    saved(tmp_path, "no", filled(school="S99", consent_to_hub=False))
    pattern = sa.self_evaluation_hub(tmp_path)
    assert (pattern.schools, pattern.left_out) == (11, True)
    assert pattern.pattern.rows[0][1:] == ["6", "0", "5", "0"]


def test_a_consent_that_is_taken_back_on_the_same_day_is_none(tmp_path: Path) -> None:
    schools(tmp_path, ["high"] * 5)
    saved(tmp_path, "again", filled(school="S0", role="head", consent_to_hub=False))
    assert sa.self_evaluation_hub(tmp_path).schools is None


def test_a_consent_without_a_code_is_refused_whatever_else_has_none(tmp_path: Path) -> None:
    schools(tmp_path, ["high"] * 6)
    saved(tmp_path, "old", filled(school="", role="head", date="2026-01-01"))
    saved(tmp_path, "new", filled(school="", role="head", date="2026-05-01", consent_to_hub=False))
    with pytest.raises(InputError, match=r"old\.json consents and has no code of a school"):
        sa.self_evaluation_hub(tmp_path)


def test_an_invented_school_is_so_called_and_not_mixed_though_it_does_not_consent(tmp_path: Path) -> None:
    schools(tmp_path, ["high"] * 5)
    saved(tmp_path, "invented", filled(school="EXAMPLE-1", role="head", consent_to_hub=False))
    with pytest.raises(InputError, match=r"and have invented\.json and s\d\.json; leave out one or the other"):
        sa.self_evaluation_hub(tmp_path)
    assert str(sa.self_evaluation_hub(tmp_path / "invented.json").pattern).startswith("Invented data. ")


def test_a_hub_is_told_of_which_months_the_answers_are(tmp_path: Path) -> None:
    schools(tmp_path, ["high"] * 6)
    assert "in 6 schools that consent, in February 2026." in sa.self_evaluation_hub(tmp_path).pattern.note
    saved(tmp_path, "late", filled(school="S9", date="2026-07-01"))
    assert "from February 2026 to July 2026" in sa.self_evaluation_hub(tmp_path).pattern.note


def test_the_people_of_a_school_are_not_averaged(tmp_path: Path) -> None:
    schools(tmp_path, ["high"] * 12)
    for number in range(6):
        lead = judged(filled(role="music_lead", school=f"S{number}"), *["pitfall"] * 5)
        saved(tmp_path, f"l{number}", lead)
    pattern = sa.self_evaluation_hub(tmp_path)
    assert pattern.pattern.rows[0][1:] == ["6", "6", "0", "0"]


def test_what_all_schools_share_is_hidden_for_it_tells_of_each(tmp_path: Path) -> None:
    pattern = sa.self_evaluation_hub(schools(tmp_path, ["high"] * 6))
    assert set(pattern.pattern.rows[0][1:]) == {"[c]"}


@pytest.mark.parametrize(
    ("codes", "stand"),
    [
        (("action", "nearer_action"), "action"),
        (("pitfall", "nearer_pitfall", ""), "pitfall"),
        (("nearer_action", "nearer_pitfall"), "apart"),
        (("", "not_applicable"), "nobody"),
    ],
)
def test_how_a_school_stands(codes: tuple[str, ...], stand: str) -> None:
    answers = [read(judged(filled(), code)) for code in codes]
    assert stands(answers, THEMES[0]) == stand


@settings(max_examples=15)
@given(sides=st.lists(st.sampled_from(list(SIDES)), min_size=5, max_size=14))
def test_no_pattern_below_five_is_shown_and_none_can_be_worked_out(sides: list[str]) -> None:
    answers = [
        read(judged(filled(role="head", school=f"S{number}"), *[SIDES[side]] * 5)) for number, side in enumerate(sides)
    ]
    pattern = sa.self_evaluation_hub(answers)
    assert bool(pattern.audit["protected"].all())
    shown = dict(zip(PATTERNS, pattern.pattern.rows[0][1:], strict=True))
    found = {"action": sides.count("high"), "pitfall": sides.count("low"), "nobody": sides.count(""), "apart": 0}
    for name, count in found.items():
        assert shown[name] == "[c]" if 0 < count < 5 else shown[name] in ("[c]", str(count))


def test_how_many_schools_there_are_gives_no_hidden_number_away(tmp_path: Path) -> None:
    """With 12 printed beside 11, the one on the other side would be told; of 17 the 8 may be shown."""
    pattern = sa.self_evaluation_hub(schools(tmp_path, ["high"] * 11 + ["low"]))
    assert "in 12 schools" in pattern.pattern.note and pattern.pattern.rows[0][1:] == ["[c]"] * 4
    more = sa.self_evaluation_hub(schools(tmp_path, ["high"] * 8 + ["low"] * 7 + [""] * 2)).pattern
    assert "in 17 schools" in more.note and more.rows[0][1:] == ["8", "[c]", "[c]", "[c]"]


@given(sides=st.lists(st.sampled_from(list(SIDES)), min_size=5, max_size=16))
@settings(max_examples=15)
def test_no_row_of_the_hub_leaves_one_number_open(sides: list[str]) -> None:
    answers = [
        read(judged(filled(role="head", school=f"S{number}"), *[SIDES[side]] * 5)) for number, side in enumerate(sides)
    ]
    row = sa.self_evaluation_hub(answers).pattern.rows[0][1:]
    assert row.count("[c]") != 1


def test_one_school_in_two_spellings_is_one(tmp_path: Path) -> None:
    for number, code in enumerate(("S1", "s1", "S2", "s2", "S3")):
        saved(tmp_path, f"f{number}", filled(school=code, role="head"))
    assert sa.self_evaluation_hub(tmp_path).schools is None


def test_a_consent_that_was_withdrawn_is_none(tmp_path: Path) -> None:
    schools(tmp_path, ["high"] * 5)
    saved(tmp_path, "again", filled(school="S0", role="head", date="2026-12-01", consent_to_hub=False))
    assert sa.self_evaluation_hub(tmp_path).schools is None


def test_invented_answers_are_not_mixed_with_others(tmp_path: Path) -> None:
    schools(tmp_path, ["high"] * 5)
    saved(tmp_path, "invented", filled(school="example", role="head"))
    with pytest.raises(InputError, match="must not mix invented schools"):
        sa.self_evaluation_hub(tmp_path)


def test_the_hub_names_no_school(tmp_path: Path) -> None:
    pattern = sa.self_evaluation_hub(schools(tmp_path, ["high", "low"] * 5))
    page = sa.write_hub_page(pattern, tmp_path / "hub.html").read_text(encoding="utf-8")
    assert not re.search(r"\bS\d\b", page)
    assert re.findall(r'<th scope="row">([^<]+)', page)[:5] == [
        theme.title.replace("'", "&#x27;")
        for theme in sa.self_evaluation_profile(sa.example_answers()).statements.themes
    ]


# ---------------------------------------------------------------------------------------------------------------- pages


def test_a_page_holds_words_alone_whatever_people_wrote(tmp_path: Path) -> None:
    table = filled(role="head")
    table["answers"][THEMES[0]] |= {"evidence": SCRIPT, "next_step": SCRIPT[:400], "priority": True}
    page = sa.write_profile(sa.self_evaluation_profile(saved(tmp_path, "a", table)), tmp_path / "p.html")
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text and "onerror=" not in re.sub(r"&lt;.*?&gt;", "", text)
    assert "&lt;script&gt;" in text
    assert "http://" not in text and "https://" not in text


def test_the_page_says_what_it_is_and_shows_every_part(tmp_path: Path, example: sa.SchoolProfile) -> None:
    text = sa.write_profile(example, tmp_path / "p.html").read_text(encoding="utf-8")
    assert "This is no inspection." in text and "no total, no score and no grade" in text
    for heading in (
        "Where people differ",
        "What you chose to work on",
        "Questions to take to the hub",
        "What it costs",
    ):
        assert f">{heading}" in text
    assert text.count("<h1") == 1 and 'alt="Invented data: ' in text
    assert sa.write_profile(example, tmp_path / "q.html").read_text(encoding="utf-8") == text


def test_a_file_of_answers_is_never_replaced(tmp_path: Path, example: sa.SchoolProfile) -> None:
    path = saved(tmp_path, "a", filled())
    with pytest.raises(InputError, match=r"must end in '\.html'"):
        sa.write_profile(example, path, inputs=[path])


@pytest.mark.parametrize("width", [360, 1200])
def test_axe_finds_nothing_on_either_page(tmp_path: Path, example: sa.SchoolProfile, width: int) -> None:
    folder = tmp_path / "schools"
    folder.mkdir()
    pages = [
        sa.write_profile(example, tmp_path / "p.html"),
        sa.write_hub_page(sa.self_evaluation_hub(schools(folder, ["high", "low"] * 5)), tmp_path / "h.html"),
    ]
    for number, page in enumerate(pages):
        place = tmp_path / f"browser-{number}"
        place.mkdir()
        assert violations(page, place, width=width) == []


# -------------------------------------------------------------------------------------------------------------- refused


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


MISTAKES: dict[str, tuple[Callable[[Path], object], str]] = {
    "two schools": (
        lambda folder: sa.self_evaluation_profile([read(filled(school="A1")), read(filled(school="B2"))]),
        "answers must be of one school, and have A1 (a.json) and B2 (a.json); give those of one, or use --hub",
    ),
    "an empty folder": (sa.self_evaluation_profile, "has no file ending in .json"),
    "nothing": (lambda folder: sa.self_evaluation_profile([]), "these are none"),
    "a number": (lambda folder: sa.self_evaluation_profile(3), "answers must be files that the form saved"),  # type: ignore[arg-type]
    "no code": (
        lambda folder: sa.self_evaluation_hub([read(filled(school=""))]),
        "a.json consents and has no code of a school",
    ),
    "threshold": (
        lambda folder: sa.self_evaluation_hub([read(filled())], threshold=1),
        "threshold must be a whole number from 5",
    ),
    "no page": (lambda folder: sa.write_profile(3, folder / "p.html"), "profile must come from"),  # type: ignore[arg-type]
    "no pattern": (lambda folder: sa.write_hub_page(3, folder / "p.html"), "pattern must come from"),  # type: ignore[arg-type]
    "no threshold": (
        lambda folder: sa.self_evaluation_profile(read(filled()), threshold=None),  # type: ignore[arg-type]
        "threshold must be a whole number from 2, not None",
    ),
    "a list in a list": (
        lambda folder: sa.self_evaluation_profile([[read(filled())]]),  # type: ignore[list-item]
        "answers must be files that the form saved, or a folder of them, and one of them is list",
    ),
    "a name too long for any file": (
        lambda folder: run_self_evaluation([folder / ("a" * 4000)], out=folder / "p.html"),
        "cannot be read",
    ),
    "a name too long, and no page": (lambda folder: run_self_evaluation([folder / ("a" * 4000)]), "such as --out"),
    "an empty path": (lambda folder: sa.self_evaluation_profile(""), "answers must be files that the form saved"),
    "bytes": (lambda folder: read_answers(b"a.json"), "path must be that of a file of answers, not b'a.json'"),  # type: ignore[arg-type]
    "a folder of folders": (
        lambda folder: sa.self_evaluation_profile(saved(_new(folder / "school"), "a", filled()).parents[1]),
        "only in folders inside it; give ",
    ),
    "a form without an ending": (
        lambda folder: run_self_evaluation([folder / "form"]),
        "for a new form, one file alone that ends in .html, such as form.html",
    ),
    "a long name": (lambda folder: sa.self_evaluation_profile("a" * 5000), "cannot be read"),
    "no profile": (lambda folder: sa.charts.role_judgements(3), "profile must come from self_evaluation_profile()"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_a_sentence(mistake: str, tmp_path: Path) -> None:
    ask, sentence = MISTAKES[mistake]
    with pytest.raises(InputError, match=re.escape(sentence)):
        ask(tmp_path)


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_among_good_ones_gets_one_sentence_and_no_page(name: str, tmp_path: Path) -> None:
    content, sentence = REFUSED[name]
    saved(tmp_path, "good", filled())
    (tmp_path / "bad.json").write_bytes(content)
    with pytest.raises(InputError) as caught:
        run_self_evaluation([tmp_path], out=tmp_path / "p.html")
    assert sentence in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "p.html").exists()


def test_the_judgements_stand_in_order_from_the_pitfall_to_the_action() -> None:
    assert JUDGEMENTS == ("pitfall", "nearer_pitfall", "nearer_action", "action")
