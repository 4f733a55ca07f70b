"""Gaps on four scales, before and after: by hand, exactly, in the odd cases, by brute force, and the known truth."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import inf, isclose
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_surveys import DICTIONARY, Cell, School, survey

from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimates, Provenance, Tally
from survey_analysis.gap_changes import gap_change, gap_change_in_words
from survey_analysis.gaps import CONTRASTS, OUTCOMES, SCALES, gap, pupil_tally
from survey_analysis.resources import DATA
from survey_analysis.school_gaps import gap_change_by_school, schools_with_wider_gap
from survey_analysis.survey_files import load_survey
from survey_analysis.surveys import Survey, Visits

SHIPPED = load_survey()
DIFFERENCE, RATIO, NON_PARTICIPATION, ODDS = SCALES


def of(count: int, base: int, label: str = "group") -> Tally:
    return Tally(label=label, count=count, base=base, provenance=Provenance.PUBLISHED)


def values(ahead: Cell, behind: Cell) -> list[float | None]:
    return [estimate.value for estimate in gap(of(*ahead), of(*behind))]


def directions(*schools: School) -> list[str]:
    """The direction on each scale, of the pooled gap."""
    return [change.details["direction"] for change in gap_change(survey(*schools), "fsm")]


# ----------------------------------------------------------------------------------------------- by hand


def test_the_worked_example_on_four_scales() -> None:
    """20% and 10%, then 36% and 22%: wider in points and in those left out, narrower as a ratio and in odds."""
    assert values((20, 100), (10, 100)) == pytest.approx([0.10, 2, 0.9 / 0.8, (20 / 80) / (10 / 90)])
    assert values((36, 100), (22, 100)) == pytest.approx([0.14, 36 / 22, 0.78 / 0.64, (36 / 64) / (22 / 78)])
    changes = gap_change(survey(School((20, 100), (10, 100), (36, 100), (22, 100))), "fsm")
    assert [change.value for change in changes] == pytest.approx(
        [0.04, 18 / 22, (78 / 64) / (90 / 80), (36 * 78 / 64 / 22) / 2.25]
    )
    assert [change.details["before"] for change in changes] == values((20, 100), (10, 100))
    assert [change.details["after"] for change in changes] == values((36, 100), (22, 100))
    assert [change.details["direction"] for change in changes] == ["wider", "narrower", "wider", "narrower"]
    assert [change.unit for change in changes] == ["points", "ratio", "ratio", "ratio"]
    assert [change.label for change in changes] == [scale.words for scale in SCALES.values()]


def test_each_scale_is_its_own_and_is_named() -> None:
    found = gap(of(36, 100), of(22, 100), label="taking part")
    assert [estimate.label for estimate in found] == [
        "taking part: difference",
        "taking part: ratio",
        "taking part: non-participation ratio",
        "taking part: odds ratio",
    ]
    assert [estimate.details["scale"] for estimate in found] == list(SCALES)
    assert len({estimate.value for estimate in found}) == 4
    assert {(estimate.base, estimate.level, estimate.provenance) for estimate in found} == {
        (200, None, Provenance.DERIVED)
    }
    weak = gap(of(36, 100), Tally(label="x", count=22, base=100))
    assert {estimate.provenance for estimate in weak} == {Provenance.ILLUSTRATIVE}


def test_what_either_group_presumes_is_carried_once() -> None:
    ahead, behind = (
        Tally(label="x", count=count, base=100, assumptions=assumptions)
        for count, assumptions in ((36, ("a", "b")), (22, ("b", "c")))
    )
    assert {estimate.assumptions for estimate in gap(ahead, behind)} == {("a", "b", "c")}


def test_the_third_scale_is_named_after_the_outcome() -> None:
    assert [estimate.label for estimate in gap(of(36, 100), of(22, 100), without="non-achievement")] == [
        "gap: difference",
        "gap: ratio",
        "gap: non-achievement ratio",
        "gap: odds ratio",
    ]
    third = gap(of(36, 100), of(22, 100), without="non-achievement")[2]
    assert third.method == "non-achievement ratio of two shares"
    assert third.value == gap(of(36, 100), of(22, 100))[2].value
    assert third.details["scale"] == NON_PARTICIPATION


NAMES = {
    "participation": "non-participation ratio",
    "achievement": "non-achievement ratio",
    "sustained": "non-continuation ratio",
    "achievement_of_participants": "non-achievement ratio",
    "gcse_entry": "non-entry ratio",
    "gcse_good_grade": "non-attainment ratio",
}


@pytest.mark.parametrize(("outcome", "name"), NAMES.items())
def test_every_outcome_names_the_third_scale_wherever_it_is_shown(outcome: str, name: str) -> None:
    assert list(NAMES) == list(OUTCOMES)
    labels = ["difference", "ratio", name, "odds ratio"]
    changes = gap_change(SHIPPED, "fsm", outcome=outcome)
    assert [change.label for change in changes] == labels
    assert [tally.label for tally in schools_with_wider_gap(SHIPPED, "fsm", outcome=outcome)] == labels
    assert f"the {name} (" in str(gap_change_in_words(changes))
    assert list(gap_change_by_school(SHIPPED, "fsm", outcome=outcome)["scale"].unique()) == list(SCALES)


def test_the_column_of_changes_is_headed_so() -> None:
    header = str(gap_change(SHIPPED, "fsm")).splitlines()[1]
    columns = [
        "measure",
        "before",
        "after",
        "direction",
        "as",
        "shown",
        "chance",
        "change",
        "interval",
        "base",
        "provenance",
    ]
    assert header.split() == columns
    plain = str(gap_change(SHIPPED, "fsm", level=None)).splitlines()[1]
    assert plain.split() == [name for name in columns if name not in ("chance", "interval")]


def test_both_groups_count_by_their_own_base() -> None:
    assert values((9, 30), (10, 50)) == pytest.approx([0.1, 1.5, 0.8 / 0.7, (3 / 7) / (1 / 4)])


cells = st.integers(1, 60).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))


@given(cells, cells)
def test_above_equality_exactly_where_the_group_ahead_is_ahead_and_mirrored_when_swapped(
    ahead: Cell, behind: Cell
) -> None:
    lead = Fraction(*ahead) - Fraction(*behind)
    for scale, value, swapped in zip(SCALES, values(ahead, behind), values(behind, ahead), strict=True):
        if value is None or swapped is None:
            assert lead == 0 and value is swapped
        elif scale == DIFFERENCE:
            assert value == -swapped == float(lead)
        else:
            assert (value > 1) is (lead > 0)
            assert (value < 1) is (lead < 0)
            assert isclose(value * swapped, 1) or {value, swapped} == {0, inf}


@given(cells, cells)
def test_the_scales_hang_together(ahead: Cell, behind: Cell) -> None:
    _, ratio, non_participation, odds = values(ahead, behind)
    if None not in (ratio, non_participation, odds) and inf not in (ratio, non_participation, odds):
        assert ratio is not None and non_participation is not None and odds is not None
        assert isclose(ratio * non_participation, odds, abs_tol=1e-12)


# ----------------------------------------------------------------------- intervals of two groups made by hand


def test_four_intervals_side_by_side_each_by_its_own_method() -> None:
    """Newcombe (1998) for the difference; the others against their own sources in test_score_intervals.py."""
    found = gap(of(56, 70), of(48, 80), level=0.95)
    assert (found[0].low, found[0].high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert [it.method for it in found] == [
        f"{method}, pupils as independent"
        for method in ("Newcombe hybrid score", "Koopman score", "Koopman score", "Miettinen-Nurminen score")
    ]
    others = gap(of(32, 80), of(14, 70), level=0.95)  # those who do not, the groups swapped
    assert (found[2].value, found[2].low, found[2].high) == (others[1].value, others[1].low, others[1].high)
    for it, wide in zip(found, gap(of(56, 70), of(48, 80), level=0.99), strict=True):
        assert it.low is not None and it.high is not None and wide.low is not None and wide.high is not None
        assert wide.low < it.low < (it.value or 0) < it.high < wide.high
        assert it.level == 0.95
    assert {it.level for it in gap(of(56, 70), of(48, 80))} == {None}


def test_an_interval_begins_at_0_or_never_ends_or_is_absent_with_the_reason() -> None:
    nobody_behind, nobody = gap(of(5, 10), of(0, 10), level=0.95), gap(of(0, 10), of(0, 10), level=0.95)
    assert [it.high for it in nobody_behind][1::2] == [inf, inf]
    assert [it.low for it in gap(of(0, 10), of(5, 10), level=0.95)][1::2] == [0, 0]
    assert [it.level for it in nobody] == [0.95, None, 0.95, None]
    assert nobody[1].method == "no interval: these counts leave every value possible"
    assert "infinite" in str(nobody_behind)
    with pytest.raises(InputError, match=r"^level must be between 0 and 1, not 95; write 0\.95 for 95%$"):
        gap(of(1, 2), of(1, 2), level=95)


@given(cells, cells, st.sampled_from([0.5, 0.9, 0.99]))
def test_every_interval_holds_its_value(ahead: Cell, behind: Cell, level: float) -> None:
    for it in gap(of(*ahead), of(*behind), level=level):
        if it.level is not None:
            assert it.low is not None and it.high is not None and it.value is not None
            assert it.low - 1e-12 <= it.value <= it.high + 1e-12
        else:
            assert it.value is None


# -------------------------------------------------------------------------------------------- odd cases


@pytest.mark.parametrize(
    ("ahead", "behind", "expected"),
    [
        ((5, 10), (0, 10), [0.5, inf, 2, inf]),
        ((10, 10), (5, 10), [0.5, 2, inf, inf]),
        ((10, 10), (0, 10), [1, inf, inf, inf]),
        ((0, 10), (5, 10), [-0.5, 0, 0.5, 0]),
        ((0, 10), (0, 10), [0, None, 1, None]),
        ((10, 10), (10, 10), [0, 1, None, None]),
        ((5, 10), (10, 10), [-0.5, 0.5, 0, 0]),
    ],
)
def test_none_and_all_taking_part_are_infinite_or_undefined_and_never_an_error(
    ahead: Cell, behind: Cell, expected: list[float | None]
) -> None:
    assert values(ahead, behind) == expected
    words = str(gap(of(*ahead), of(*behind)))
    assert words.count("undefined") == expected.count(None)
    assert words.count("infinite") == expected.count(inf)


@pytest.mark.parametrize(
    ("school", "expected", "change"),
    [
        # Nobody in the group behind took part before.
        (
            School((5, 10), (0, 10), (6, 10), (3, 10)),
            ["narrower", "narrower", "narrower", "narrower"],
            [-0.2, None, 0.7 / 0.4 / 2, None],
        ),
        # ... or afterwards.
        (
            School((6, 10), (3, 10), (5, 10), (0, 10)),
            ["wider", "wider", "wider", "wider"],
            [0.2, inf, 2 / (0.7 / 0.4), inf],
        ),
        # ... or ever: two infinite ratios cannot be compared.
        (
            School((5, 10), (0, 10), (6, 10), (0, 10)),
            ["wider", "undefined", "wider", "undefined"],
            [0.1, None, 2.5 / 2, None],
        ),
        # Nobody at all before.
        (
            School((0, 10), (0, 10), (5, 10), (4, 10)),
            ["wider", "undefined", "wider", "undefined"],
            [0.1, None, 1.2, None],
        ),
        # Everybody afterwards.
        (
            School((5, 10), (4, 10), (10, 10), (10, 10)),
            ["narrower", "narrower", "undefined", "undefined"],
            [-0.1, 0.8, None, None],
        ),
        # Nobody of the group ahead before, and then it is ahead.
        (
            School((0, 10), (5, 10), (5, 10), (4, 10)),
            ["reversed", "reversed", "reversed", "reversed"],
            [0.6, None, 2.4, None],
        ),
        # ... or then it is still behind: the ratio was 0, as far from equality as infinity.
        (
            School((0, 10), (5, 10), (4, 10), (5, 10)),
            ["narrower", "narrower", "narrower", "narrower"],
            [0.4, None, (5 / 6) / 0.5, None],
        ),
        # From nobody of the one group to nobody of the other, and all of it turned round.
        (
            School((5, 10), (0, 10), (0, 10), (5, 10)),
            ["reversed", "reversed", "reversed", "reversed"],
            [-1.0, None, 0.25, None],
        ),
        # From nobody of the group behind to the same share in both: no gap is left, and none is turned round.
        (
            School((5, 10), (0, 10), (5, 10), (5, 10)),
            ["narrower", "narrower", "narrower", "narrower"],
            [-0.5, None, 0.5, None],
        ),
        # From the same share in both to nobody of the one.
        (
            School((5, 10), (5, 10), (0, 10), (5, 10)),
            ["wider", "wider", "wider", "wider"],
            [-0.5, 0.0, 0.5, 0.0],
        ),
    ],
)
def test_changes_from_and_to_the_ends(school: School, expected: list[str], change: list[float | None]) -> None:
    changes = gap_change(survey(school), "fsm")
    assert [item.details["direction"] for item in changes] == expected
    for found, wanted in zip((item.value for item in changes), change, strict=True):
        assert found == (wanted if wanted is None else pytest.approx(wanted))


def test_equal_gaps_are_the_same_even_where_floats_differ() -> None:
    """3/10 - 2/10 and 2/10 - 1/10 are one tenth; as floats they are not. So with the other scales."""
    assert 0.3 - 0.2 != 0.2 - 0.1
    assert directions(School((3, 10), (2, 10), (2, 10), (1, 10)))[0] == "the same"
    assert 4.9 / 0.7 != 0.7 / 0.1
    assert directions(School((49, 100), (7, 100), (7, 10), (1, 10)))[1] == "the same"
    assert directions(School((3, 10), (1, 10), (30, 100), (10, 100))) == ["the same"] * 4


@given(cells, cells, st.integers(2, 7))
def test_more_pupils_in_the_same_shares_leave_every_gap_the_same(ahead: Cell, behind: Cell, times: int) -> None:
    more_ahead, more_behind = ((count * times, base * times) for count, base in (ahead, behind))
    ends = (0 in (ahead[0], behind[0])) or ahead[0] == ahead[1] or behind[0] == behind[1]
    found = directions(School(ahead, behind, more_ahead, more_behind))
    assert set(found) <= ({"the same", "undefined"} if ends else {"the same"})
    assert found[0] == "the same"


def test_a_gap_that_turns_round_is_reversed_however_far_it_is_from_equality_then() -> None:
    assert directions(School((20, 100), (10, 100), (10, 100), (20, 100))) == ["reversed"] * 4
    assert directions(School((20, 100), (10, 100), (10, 100), (30, 100))) == ["reversed"] * 4
    assert directions(School((20, 100), (10, 100), (19, 100), (20, 100))) == ["reversed"] * 4
    assert directions(School((20, 100), (10, 100), (20, 100), (20, 100))) == ["narrower"] * 4
    assert directions(School((20, 100), (20, 100), (10, 100), (20, 100))) == ["wider"] * 4
    assert directions(School((10, 100), (20, 100), (10, 100), (30, 100)))[:2] == ["wider"] * 2
    changes = gap_change(survey(School((20, 100), (10, 100), (10, 100), (30, 100))), "fsm")
    assert [round(change.value or 0, 3) for change in changes] == [-0.3, 0.167, 0.691, 0.115]


@given(cells, cells, cells, cells)
def test_reversed_is_told_exactly_where_another_group_is_ahead_and_by_every_scale_that_has_values(
    a: Cell, b: Cell, c: Cell, d: Cell
) -> None:
    before, after = Fraction(*a) - Fraction(*b), Fraction(*c) - Fraction(*d)
    found = directions(School(a, b, c, d))
    if before * after < 0:
        assert set(found) <= {"reversed", "undefined"}
        assert found[0] == "reversed"
    else:
        assert "reversed" not in found


@given(cells, cells, cells, cells)
def test_before_and_after_swapped_turn_wider_into_narrower(a: Cell, b: Cell, c: Cell, d: Cell) -> None:
    mirror = {"wider": "narrower", "narrower": "wider"}
    turned = [mirror.get(direction, direction) for direction in directions(School(c, d, a, b))]
    assert directions(School(a, b, c, d)) == turned


# ------------------------------------------------------------------------------------------ bases and outcomes


def test_every_outcome_has_its_own_count_and_base() -> None:
    row = {"pupils": 200, "taking_part": 100, "achieving": 60, "sustained": 50, "gcse_entered": 40}
    one = survey(School((1, 2), (1, 2), (1, 2), (1, 2)))
    for name, number in (row | {"gcse_good_grade": 30}).items():
        one.pupil_groups[name] = pd.array([number] * 4, dtype="Int64")
    found = {
        name: (tally.count, tally.base)
        for name in OUTCOMES
        for tally in [pupil_tally(one, "fsm", "fsm", time="after", outcome=name)]
    }
    assert found == {
        "participation": (100, 200),
        "achievement": (60, 200),
        "sustained": (50, 200),
        "achievement_of_participants": (60, 100),
        "gcse_entry": (40, 200),
        "gcse_good_grade": (30, 40),
    }


def test_each_outcome_changes_the_result() -> None:
    found = {name: [change.value for change in gap_change(SHIPPED, "fsm", outcome=name)] for name in OUTCOMES}
    assert len({tuple(changes) for changes in found.values()}) == len(OUTCOMES)
    counted = {name: schools_with_wider_gap(SHIPPED, "fsm", outcome=name) for name in OUTCOMES}
    assert len(set(counted.values())) == len(OUTCOMES)
    assert gap_change(SHIPPED, "fsm") == gap_change(SHIPPED, "fsm", outcome="participation")


def test_each_characteristic_changes_the_result_and_counts_the_same_pupils() -> None:
    found = {name: gap_change(SHIPPED, name) for name in CONTRASTS}
    assert len({tuple(change.value for change in changes) for changes in found.values()}) == 3
    assert len({change.base for changes in found.values() for change in changes}) == 1
    assert found["sen"].caption == (
        "Gap between pupils with special educational needs and others: taking part, of all pupils"
    )
    assert found["sex"].note == (
        "The change is after minus before for the difference, and after over before for ratios. The base is pupils "
        "after, summed over one characteristic"
    )


@pytest.mark.parametrize(("characteristic", "contrast"), CONTRASTS.items())
def test_the_difference_is_that_of_the_group_ahead_less_the_group_behind(characteristic: str, contrast: Any) -> None:
    one = survey(School((8, 10), (2, 10), (7, 10), (4, 10)), characteristic=characteristic)
    assert [round(gap_change(one, characteristic)[0].details[time], 9) for time in ("before", "after")] == [0.6, 0.3]
    ahead = pupil_tally(one, characteristic, contrast.ahead, time="before")
    behind = pupil_tally(one, characteristic, contrast.behind, time="after")
    assert ((ahead.count, ahead.base), (behind.count, behind.base)) == ((8, 10), (4, 10))


def test_time_and_group_change_the_tally() -> None:
    found = {
        (group, time): pupil_tally(SHIPPED, "fsm", group, time=time)
        for group in ("fsm", "not_fsm")
        for time in ("before", "after")
    }
    assert len({(tally.count, tally.base) for tally in found.values()}) == 4
    assert found["not_fsm", "after"].label == "not_fsm, after: taking part, of all pupils"


def test_gcse_is_counted_in_secondary_schools_alone() -> None:
    for outcome in ("gcse_entry", "gcse_good_grade"):
        changes = gap_change_by_school(SHIPPED, "fsm", outcome=outcome)
        secondary = SHIPPED.visits.loc[SHIPPED.visits["phase"] == "secondary", "visit_id"]
        assert set(changes["visit"]) == {SHIPPED.visit_label(visit) for visit in secondary}
        assert len(changes) == 4 * len(secondary)
        assert {tally.base + tally.not_seen for tally in schools_with_wider_gap(SHIPPED, "fsm", outcome=outcome)} == {
            len(secondary)
        }
    everyone = pupil_tally(SHIPPED, "fsm", "fsm", time="before", outcome="participation")
    entered = pupil_tally(SHIPPED, "fsm", "fsm", time="before", outcome="gcse_entry")
    assert entered.base < everyone.base
    assert entered == pupil_tally(
        SHIPPED, "fsm", "fsm", time="before", outcome="gcse_entry", among={"phase": "secondary"}
    )


def test_pooled_is_the_ratio_of_sums_and_not_the_mean_of_schools() -> None:
    large, small = School((90, 100), (30, 100), (90, 100), (60, 100)), School((1, 10), (1, 10), (9, 10), (1, 10))
    changes = gap_change(survey(large, small), "fsm")
    assert changes[0].details["before"] == pytest.approx(91 / 110 - 31 / 110)
    assert changes[0].details["after"] == pytest.approx(99 / 110 - 61 / 110)
    assert changes[1].details["after"] == pytest.approx(99 / 61)
    assert {change.base for change in changes} == {220}
    assert {change.method for change in changes} == {"cluster-robust over schools (bias-reduced, t), ratio of sums"}
    assert {change.details["weighting"] for change in changes} == {"ratio of sums"}
    assert directions(large, small)[0] == "narrower"
    assert gap_change_by_school(survey(large, small), "fsm")["direction"].tolist()[::4] == ["narrower", "wider"]


def test_among_chooses_schools_by_what_was_seen_in_them() -> None:
    wider, narrower = School((2, 10), (1, 10), (5, 10), (1, 10), "pitfall"), School((5, 10), (1, 10), (3, 10), (2, 10))
    both = survey(wider, narrower, wider._replace(inclusion="not_seen"))
    among: Visits = {"inclusion": "pitfall"}
    assert pupil_tally(both, "fsm", "not_fsm", time="after", among=among).count == 5
    chosen, alone = gap_change(both, "fsm", among=among), gap_change(survey(wider), "fsm")
    assert [it.details.pop("among") for it in chosen] == ["inclusion pitfall"] * 4  # type: ignore[attr-defined]
    assert [it.details.pop("among") for it in alone] == ["all visits"] * 4  # type: ignore[attr-defined]
    assert chosen == alone
    assert list(gap_change_by_school(both, "fsm", among=among)["visit"].unique()) == ["V1 (reconstructed)"]
    assert [tally.count for tally in schools_with_wider_gap(both, "fsm", among=among)] == [1] * 4
    several: Visits = [{"inclusion": "pitfall"}, {"inclusion": "action"}]
    assert [tally.base for tally in schools_with_wider_gap(both, "fsm", among=several)] == [2] * 4
    assert [tally.base for tally in schools_with_wider_gap(both, "fsm")] == [3] * 4


def test_a_figure_is_as_weak_as_the_column_that_chose_its_schools() -> None:
    def observed(**weaker: Provenance) -> Survey:
        dictionary = {
            table: {
                name: replace(column, provenance=weaker.get(name, Provenance.OBSERVED))
                for name, column in columns.items()
            }
            for table, columns in DICTIONARY.items()
        }
        return replace(survey(School((2, 10), (1, 10), (5, 10), (1, 10))), dictionary=dictionary)

    def provenances(found: Survey, among: Visits | None) -> set[str]:
        return {
            *(change.provenance.value for change in gap_change(found, "fsm", among=among)),
            *gap_change_by_school(found, "fsm", among=among)["provenance"],
            *(tally.provenance.value for tally in schools_with_wider_gap(found, "fsm", among=among)),
        }

    among: Visits = {"inclusion": "action"}
    assert provenances(observed(), among) == {"observed"}
    assert provenances(observed(inclusion=Provenance.DERIVED), among) == {"derived"}
    assert provenances(observed(inclusion=Provenance.DERIVED), None) == {"observed"}
    for name in ("taking_part", "pupils"):
        published = observed(**{name: Provenance.PUBLISHED})
        assert pupil_tally(published, "fsm", "fsm", time="after").provenance is Provenance.PUBLISHED
        assert provenances(published, None) == {"derived"}, "no source printed the gap"
    assert provenances(observed(achieving=Provenance.PUBLISHED), None) == {"observed"}


# ------------------------------------------------------------------------------------------ school by school


BRUTE = {
    "participation": ("taking_part", "pupils"),
    "achievement_of_participants": ("achieving", "taking_part"),
    "gcse_entry": ("gcse_entered", "pupils"),
    "gcse_good_grade": ("gcse_good_grade", "gcse_entered"),
}


def brute_force(outcome: str, characteristic: str) -> dict[tuple[str, str], str]:
    """The direction in each school on each scale, straight from the rows, in fractions with infinity as a word."""
    groups = {"fsm": ("not_fsm", "fsm"), "sen": ("not_sen", "sen"), "sex": ("girls", "boys")}[characteristic]
    count_name, base_name = BRUTE[outcome]
    table: dict[tuple[str, str, str], tuple[int, int]] = {}
    for row in SHIPPED.pupil_groups.to_dict("records"):
        if row["characteristic"] == characteristic and not pd.isna(row[count_name]):
            table[row["visit_id"], row["time"], row["group"]] = (int(row[count_name]), int(row[base_name]))

    def quotient(over: Fraction, under: Fraction) -> Fraction | str | None:
        return over / under if under else "infinite" if over else None

    def away(value: Fraction | str | None) -> Fraction | str | None:
        if isinstance(value, Fraction):
            return "infinite" if value == 0 else max(value, 1 / value)
        return value

    def ahead(first: tuple[int, int], second: tuple[int, int]) -> int:
        over, under = first[0] * second[1], second[0] * first[1]
        return (over > under) - (over < under)

    def width(scale: str, first: tuple[int, int], second: tuple[int, int]) -> Fraction | str | None:
        if not first[1] or not second[1]:
            return None
        a, b = Fraction(*first), Fraction(*second)
        if scale == "difference":
            return abs(a - b)
        if scale == "ratio":
            return away(quotient(a, b))
        if scale == "non_participation_ratio":
            return away(quotient(1 - b, 1 - a))
        return away(quotient(a * (1 - b), b * (1 - a)))

    found = {}
    for visit in {key[0] for key in table}:
        was, is_ = (ahead(*(table[visit, time, group] for group in groups)) for time in ("before", "after"))
        for scale in ("difference", "ratio", "non_participation_ratio", "odds_ratio"):
            before, after = (
                width(scale, *(table[visit, time, group] for group in groups)) for time in ("before", "after")
            )
            if before is None or after is None:
                direction = "undefined"
            elif was * is_ < 0:
                direction = "reversed"
            elif before == after == "infinite":
                direction = "undefined"
            elif before == after:
                direction = "the same"
            elif after == "infinite" or (before != "infinite" and after > before):  # type: ignore[operator]
                direction = "wider"
            else:
                direction = "narrower"
            found[f"{visit} (reconstructed)", scale] = direction
    return found


@pytest.mark.parametrize("characteristic", CONTRASTS)
@pytest.mark.parametrize("outcome", BRUTE)
def test_every_school_agrees_with_a_count_by_brute_force(outcome: str, characteristic: str) -> None:
    table = gap_change_by_school(SHIPPED, characteristic, outcome=outcome)
    expected = brute_force(outcome, characteristic)
    assert dict(zip(zip(table["visit"], table["scale"], strict=True), table["direction"], strict=True)) == expected
    for scale, tally in zip(SCALES, schools_with_wider_gap(SHIPPED, characteristic, outcome=outcome), strict=True):
        of_scale = [direction for (_, name), direction in expected.items() if name == scale]
        assert tally.count == of_scale.count("wider")
        assert tally.not_seen == of_scale.count("undefined")
        assert tally.base == len(of_scale) - of_scale.count("undefined")
        assert tally.label == (NAMES[outcome] if scale == NON_PARTICIPATION else SCALES[scale].words)
        assert tally.provenance is Provenance.ILLUSTRATIVE


def test_the_brute_force_meets_every_direction() -> None:
    met = {direction for outcome in BRUTE for direction in brute_force(outcome, "sex").values()}
    assert met == {"wider", "narrower", "undefined", "the same", "reversed"}


def test_a_gap_that_was_reversed_has_not_widened_and_stays_in_the_base() -> None:
    turned, wider = School((4, 10), (1, 10), (1, 10), (9, 10)), School((2, 10), (1, 10), (5, 10), (1, 10))
    found = schools_with_wider_gap(survey(turned, wider), "fsm")
    assert [(tally.count, tally.base, tally.not_seen) for tally in found] == [(1, 2, 0)] * 4
    assert gap_change_by_school(survey(turned), "fsm")["direction"].tolist() == ["reversed"] * 4


def test_a_table_of_schools_has_both_gaps_unrounded_and_names_no_bare_record() -> None:
    table = gap_change_by_school(survey(School((2, 3), (1, 3), (5, 7), (0, 7))), "fsm")
    assert list(table.columns) == ["visit", "scale", "before", "after", "direction", "provenance"]
    assert set(table["visit"]) == {"V1 (reconstructed)"}
    assert list(table["scale"]) == list(SCALES)
    assert list(table["before"]) == [1 / 3, 2, 2, 4]
    assert list(table["after"]) == [5 / 7, inf, 3.5, inf]
    assert set(table["provenance"]) == {"illustrative"}


# ------------------------------------------------------------------------------------------------- words


def test_the_sentence_says_that_the_answer_depends_on_the_scale() -> None:
    changes = gap_change(survey(School((20, 100), (10, 100), (36, 100), (22, 100))), "fsm")
    assert str(gap_change_in_words(changes)) == (
        "Invented data. Gap between pupils with free school meals and others: taking part, of all pupils. The answer "
        "depends on the scale: wider on the difference (+10.0 points to +14.0 points) and the non-participation ratio "
        "(1.12 to 1.22); narrower on the ratio (2.00 to 1.64) and the odds ratio (2.25 to 1.99) (illustrative)."
    )


@pytest.mark.parametrize(
    ("after", "agreed"),
    [
        (((34, 100), (14, 100)), "wider"),
        (((20, 100), (19, 100)), "narrower"),
        (((40, 200), (30, 300)), "the same"),
        (((10, 100), (20, 100)), "reversed"),
    ],
)
def test_the_sentence_says_that_all_agree(after: tuple[Cell, Cell], agreed: str) -> None:
    words = str(gap_change_in_words(gap_change(survey(School((20, 100), (10, 100), *after)), "fsm")))
    assert f"All four scales agree: {agreed} on the difference (" in words
    assert words.count(agreed) == 1
    assert "depends" not in words


def test_a_scale_without_an_answer_is_no_other_answer() -> None:
    words = str(gap_change_in_words(gap_change(survey(School((5, 10), (0, 10), (6, 10), (0, 10))), "fsm")))
    assert ". All scales that can be compared agree: wider on the difference (" in words
    assert "undefined on the ratio (infinite to infinite) and the odds ratio (infinite to infinite)" in words


def test_words_about_pupils_that_were_counted_are_not_called_invented() -> None:
    dictionary = {
        table: {name: replace(column, provenance=Provenance.OBSERVED) for name, column in columns.items()}
        for table, columns in DICTIONARY.items()
    }
    counted = replace(survey(School((20, 100), (10, 100), (36, 100), (22, 100))), dictionary=dictionary)
    words = str(gap_change_in_words(gap_change(counted, "fsm")))
    assert words.startswith("Gap between pupils with free school meals and others: ")
    assert words.endswith("(observed).")


def test_a_change_that_cannot_be_seen_is_said_and_stays_exact() -> None:
    changes = gap_change(survey(School((2000, 9000), (1000, 9000), (2001, 9000), (1000, 9000))), "fsm")
    assert [it.details["direction"] for it in changes] == ["wider"] * 4
    assert {it.details["direction_as_shown"] for it in changes} == {"wider, by less than is shown"}
    assert "the difference (+11.1 points to +11.1 points, by less than is shown)" in str(gap_change_in_words(changes))
    assert str(changes).count("wider, by less than is shown") == 4
    far = gap_change(survey(School((2, 9), (1, 9), (5, 9), (1, 9))), "fsm")
    assert {it.details["direction_as_shown"] for it in far} == {"wider"}


# --------------------------------------------------------------------------------------------- the known truth


def expected_directions(truth: dict[str, dict[str, float]]) -> list[str]:
    """From the rates behind the data, with a thousand pupils behind each."""
    a, b, c, d = (
        (round(truth[group][time] * 1000), 1000) for time in ("before", "after") for group in ("not_fsm", "fsm")
    )
    return directions(School(a, b, c, d))


@pytest.mark.parametrize(
    ("inclusion", "expected"),
    [
        ("action", ["narrower"] * 4),
        ("neither", ["wider", "narrower", "wider", "narrower"]),
        ("pitfall", ["wider"] * 4),
    ],
)
def test_the_truth_behind_the_pupils_is_recovered(inclusion: str, expected: list[str]) -> None:
    with (DATA / "truth.toml").open("rb") as file:
        rates = tomllib.load(file)["taking_part"]["rate"][inclusion]
    assert expected_directions(rates) == expected
    changes = gap_change(SHIPPED, "fsm", among={"inclusion": inclusion})
    assert [change.details["direction"] for change in changes] == expected
    for time in ("before", "after"):
        found = changes[0].details[time]
        assert found == pytest.approx(rates["not_fsm"][time] - rates["fsm"][time], abs=0.025)


def test_all_schools_together_widen_or_narrow_by_the_scale() -> None:
    sentence = str(gap_change_in_words(gap_change(SHIPPED, "fsm")))
    assert "The answer depends on the scale" in sentence
    assert "wider on the difference" in sentence
    assert "narrower on the ratio" in sentence
    assert sentence.startswith("Invented data. Gap between ")
    assert sentence.endswith("(illustrative).")


# -------------------------------------------------------------------------------------------- bad calls

OUTCOME_LIST = ", ".join(map(repr, OUTCOMES))
NOBODY = survey(School((0, 0), (1, 2), (1, 2), (1, 2)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: gap(of(0, 0, "girls"), of(1, 2)),
            "base is 0 in the tally 'girls': a gap needs at least one pupil in each group",
        ),
        (
            lambda: gap(of(1, 2), of(0, 0, "boys")),
            "base is 0 in the tally 'boys': a gap needs at least one pupil in each group",
        ),
        (
            lambda: gap_change(NOBODY, "fsm"),
            "base is 0 in the tally 'not_fsm, before: taking part, of all pupils': "
            "a gap needs at least one pupil in each group",
        ),
        (
            lambda: gap_change(SHIPPED, "fms"),
            "characteristic must be one of 'fsm', 'sen', 'sex', not 'fms'; did you mean 'fsm'?",
        ),
        (
            lambda: gap_change_by_school(SHIPPED, "race"),
            "characteristic must be one of 'fsm', 'sen', 'sex', not 'race'",
        ),
        (
            lambda: schools_with_wider_gap(SHIPPED, "boys"),
            "characteristic must be one of 'fsm', 'sen', 'sex', not 'boys'",
        ),
        (
            lambda: gap_change(SHIPPED, "fsm", outcome="particpation"),
            f"outcome must be one of {OUTCOME_LIST}, not 'particpation'; did you mean 'participation'?",
        ),
        (
            lambda: schools_with_wider_gap(SHIPPED, "fsm", outcome="taking_part"),
            f"outcome must be one of {OUTCOME_LIST}, not 'taking_part'",
        ),
        (
            lambda: pupil_tally(SHIPPED, "fsm", "girls", time="after"),
            "group must be one of 'not_fsm', 'fsm', not 'girls'",
        ),
        (
            lambda: pupil_tally(SHIPPED, "fsm", "fsm", time="afterwards"),
            "time must be one of 'before', 'after', not 'afterwards'; did you mean 'after'?",
        ),
        (
            lambda: gap_change(SHIPPED, "fsm", outcome="gcse_entry", among={"phase": "primary"}),
            "no school has pupils counted by fsm here; choose other visits or another outcome",
        ),
        (
            lambda: gap_change_by_school(NOBODY, "sex"),
            "no school has pupils counted by sex here; choose other visits or another outcome",
        ),
        (
            lambda: gap_change(SHIPPED, "fsm", among={"inclusion": "pitfal"}),
            "the code for inclusion must be one of 'action', 'neither', 'pitfall', not 'pitfal'; "
            "did you mean 'pitfall'?",
        ),
    ],
)
def test_a_bad_call_is_told_in_one_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert str(told.value) == message


def test_a_school_with_an_empty_group_is_undefined_and_does_not_stop_the_others() -> None:
    table = gap_change_by_school(
        survey(School((0, 0), (1, 2), (1, 2), (1, 2)), School((2, 4), (1, 4), (3, 4), (1, 4))), "fsm"
    )
    assert list(table["direction"]) == ["undefined"] * 4 + ["wider"] * 4


@pytest.mark.parametrize(
    "call",
    [
        lambda found: gap_change(found, "fsm"),
        lambda found: gap_change_by_school(found, "fsm"),
        lambda found: schools_with_wider_gap(found, "fsm"),
        lambda found: pupil_tally(found, "fsm", "fsm", time="after"),
    ],
)
def test_a_school_that_is_counted_by_halves_is_told(call: Callable[[Survey], object]) -> None:
    """Summed with the others, it would stand in one group and not in the other."""
    whole = survey(School((2, 4), (1, 4), (3, 4), (1, 4)), School((2, 4), (1, 4), (3, 4), (1, 4)))
    with pytest.raises(InputError) as told:
        call(replace(whole, pupil_groups=whole.pupil_groups.drop(index=5)))
    assert str(told.value) == (
        "pupil_groups has no taking_part of pupils for V2, before, fsm, and has others of that school; "
        "give it, or leave the school out"
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda found: gap_change(found, "fsm", outcome="gcse_good_grade"),
        lambda found: gap_change_by_school(found, "fsm", outcome="gcse_good_grade"),
        lambda found: schools_with_wider_gap(found, "fsm", outcome="gcse_good_grade"),
        lambda found: pupil_tally(found, "fsm", "fsm", time="after", outcome="gcse_good_grade"),
    ],
)
@pytest.mark.parametrize("gone", ["gcse_good_grade", "gcse_entered"])
def test_gcse_that_is_counted_by_halves_is_told(call: Callable[[Survey], object], gone: str) -> None:
    """The counts of GCSE may be missing in a survey; of one school they may not be there and missing."""
    whole = survey(School((2, 4), (1, 4), (3, 4), (1, 4)), School((2, 4), (1, 4), (3, 4), (1, 4)))
    rows = whole.pupil_groups.copy()
    rows.loc[5, gone] = pd.NA
    with pytest.raises(InputError) as told:
        call(replace(whole, pupil_groups=rows))
    assert str(told.value) == (
        "pupil_groups has no gcse_good_grade of gcse_entered for V2, before, fsm, and has others of that school; "
        "give it, or leave the school out"
    )


@pytest.mark.parametrize(
    "other",
    [
        Estimates([]),
        gap(of(2, 4), of(1, 4)),
        gap(of(2, 4), of(1, 4))[0],
        gap_change(SHIPPED, "fsm")[0],
        Estimates([*gap_change(SHIPPED, "fsm"), *gap(of(2, 4), of(1, 4))]),
        "gap",
    ],
    ids=["none", "gaps", "gap", "one change", "changes and gaps", "text"],
)
def test_words_about_what_is_no_change_of_a_gap_are_refused(other: Any) -> None:
    with pytest.raises(InputError) as told:
        gap_change_in_words(other)
    assert str(told.value) == "changes must be what gap_change() gives, not other estimates"


def test_nothing_that_is_handed_in_is_changed() -> None:
    groups, visits = SHIPPED.pupil_groups.copy(), SHIPPED.visits.copy()
    among: dict[str, list[str]] = {"inclusion": ["action", "neither"]}
    changes = gap_change(SHIPPED, "fsm", among=among)
    words = str(changes)
    gap_change_by_school(SHIPPED, "sen", outcome="gcse_entry", among=among)
    schools_with_wider_gap(SHIPPED, "sex", among=among)
    gap_change_in_words(changes)
    assert among == {"inclusion": ["action", "neither"]}
    assert str(changes) == words
    assert isinstance(changes, Estimates)
    pd.testing.assert_frame_equal(SHIPPED.pupil_groups, groups)
    pd.testing.assert_frame_equal(SHIPPED.visits, visits)
