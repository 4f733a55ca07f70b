"""The nouns: what a tally refuses, what an estimate carries, how a table of estimates is sliced, framed and shown."""

import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_analysis.errors import InputError
from survey_analysis.estimates import (
    AS_IF_RANDOM,
    Bounds,
    Estimate,
    Estimates,
    Provenance,
    Tally,
    origin,
    told,
    weakest,
    worked_out,
)
from survey_analysis.rendering import UNITS

STRONGEST_FIRST = ["observed", "published", "derived", "reconstructed", "illustrative"]
HOSTILE = "<script>alert(\"x\")</script> & 'y'"
ESCAPED = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#x27;y&#x27;"


def estimate(**changes: Any) -> Estimate:
    parts: dict[str, Any] = {
        "label": "good use",
        "value": 10 / 59,
        "low": 0.0953,
        "high": 0.2852,
        "level": 0.95,
        "method": "Wilson score",
        "base": 59,
        "provenance": Provenance.PUBLISHED,
    }
    return Estimate(**parts | changes)


def described(**changes: Any) -> Estimate:
    return estimate(**{"low": None, "high": None, "level": None} | changes)


# ---------------------------------------------------------------------------------------------- provenance


@given(st.lists(st.sampled_from(list(Provenance)), min_size=1))
def test_the_weakest_of_several_is_the_last_in_the_order_of_strength(provenances: list[Provenance]) -> None:
    assert [provenance.value for provenance in Provenance] == STRONGEST_FIRST
    places = [STRONGEST_FIRST.index(provenance.value) for provenance in provenances]
    assert weakest(iter(provenances)).value == STRONGEST_FIRST[max(places)]


@pytest.mark.parametrize(
    "make",
    [
        lambda name: Tally(label="x", count=1, base=2, provenance=name),
        lambda name: estimate(provenance=name),
    ],
)
def test_a_provenance_may_be_named_in_words_but_not_invented(make: Callable[[str], Tally | Estimate]) -> None:
    assert make("derived").provenance is Provenance.DERIVED
    with pytest.raises(InputError) as told:
        make("observd")
    assert str(told.value) == (
        "provenance must be one of 'observed', 'published', 'derived', 'reconstructed', 'illustrative', not 'observd'; "
        "did you mean 'observed'?"
    )


def test_an_origin_names_the_assumptions_where_there_are_any() -> None:
    assert origin(Provenance.PUBLISHED, ()) == "published"
    assert origin(Provenance.DERIVED, ["a"]) == "derived, assuming a"
    assert origin(Provenance.DERIVED, ("a", "b", "c")) == "derived, assuming a and b and c"


@given(st.lists(st.sampled_from(list(Provenance)), min_size=1))
def test_a_figure_that_no_source_printed_is_derived_where_all_that_went_in_was_published(
    provenances: list[Provenance],
) -> None:
    found = weakest(provenances)
    assert worked_out(iter(provenances)) is (Provenance.DERIVED if found is Provenance.PUBLISHED else found)


@pytest.mark.parametrize("provenance", Provenance)
def test_words_about_an_invented_number_begin_by_saying_so_and_no_others_do(provenance: Provenance) -> None:
    opening = "Invented data. " if provenance is Provenance.ILLUSTRATIVE else ""
    assert told("A pupil cost £5.", provenance) == f"{opening}A pupil cost £5."


# --------------------------------------------------------------------------------------------------- tallies


def test_a_tally_made_by_hand_is_illustrative_unless_it_says_what_it_is() -> None:
    tally = Tally(label="good", count=10, base=59)
    assert (tally.count, tally.base, tally.not_seen, tally.provenance) == (10, 59, 0, Provenance.ILLUSTRATIVE)
    assert str(tally) == "good: 10 of 59 (illustrative)"
    seen_less = Tally(label="good", count=10, base=56, not_seen=3, provenance=Provenance.OBSERVED)
    assert str(seen_less) == "good: 10 of 56, 3 not seen (observed)"


def test_a_tally_says_apart_what_was_not_seen_and_of_whom_the_group_was_not_seen() -> None:
    tally = Tally(label="good", count=10, base=50, group_not_seen=4, provenance=Provenance.OBSERVED)
    assert str(tally) == "good: 10 of 50, 4 of a group not seen (observed)"
    both = Tally(label="good", count=10, base=50, not_seen=5, group_not_seen=4)
    assert str(both) == "good: 10 of 50, 5 not seen, 4 of a group not seen (illustrative)"
    assert tally != Tally(label="good", count=10, base=50, provenance=Provenance.OBSERVED)


def test_a_tally_names_the_assumptions_on_which_it_rests() -> None:
    tally = Tally(label="good", count=7, base=59, provenance="derived", assumptions=("a", "b"))  # type: ignore[arg-type]
    assert str(tally) == "good: 7 of 59 (derived, assuming a and b)"
    assert Tally(label="good", count=7, base=59).assumptions == ()


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint8])
def test_whole_numbers_of_numpy_become_plain_ones(kind: Any) -> None:
    tally = Tally(label="good", count=kind(10), base=kind(59), not_seen=kind(2), group_not_seen=kind(1))
    assert tally == Tally(label="good", count=10, base=59, not_seen=2, group_not_seen=1)
    assert {type(part) for part in (tally.count, tally.base, tally.not_seen, tally.group_not_seen)} == {int}


COUNTED = ["count", "base", "not_seen", "group_not_seen"]


@pytest.mark.parametrize("name", COUNTED)
@pytest.mark.parametrize("value", [1.0, 12.5, "10", None, True, False, np.bool_(True), np.float64(1)])
def test_what_is_not_a_whole_number_is_told(name: str, value: object) -> None:
    with pytest.raises(InputError) as told:
        Tally(**{"label": "good", "count": 1, "base": 59, name: value})  # type: ignore[arg-type]
    assert str(told.value) == f"{name} must be a whole number, not {value!r}, in the tally 'good'"


@pytest.mark.parametrize("name", COUNTED)
def test_a_negative_number_is_told(name: str) -> None:
    with pytest.raises(InputError) as told:
        Tally(**{"label": "good", "count": 0, "base": 0, name: -1})  # type: ignore[arg-type]
    assert str(told.value) == f"{name} must not be negative, and is -1 in the tally 'good'"


def test_a_count_above_its_base_is_told() -> None:
    with pytest.raises(InputError) as told:
        Tally(label="good", count=60, base=59)
    assert str(told.value) == (
        "count must not be above base, and is 60 of 59 in the tally 'good'; "
        "give as base the number of those in which it was looked for and seen"
    )


@pytest.mark.parametrize("count", [0, 59])
def test_none_and_all_are_counts(count: int) -> None:
    assert Tally(label="good", count=count, base=59).count == count


# ------------------------------------------------------------------------------------------------- estimates


@pytest.mark.parametrize("part", ["low", "high", "level"])
def test_an_interval_is_whole_or_absent(part: str) -> None:
    message = "low, high and level go together, in the estimate 'good use': give all three or none"
    for make, value in ((estimate, None), (described, 0.5)):
        with pytest.raises(InputError) as told:
            make(**{part: value})
        assert str(told.value) == message


@pytest.mark.parametrize("part", ["value", "low", "high"])
@pytest.mark.parametrize("number", [nan, np.float64("nan"), "a", True, [1]])
def test_what_is_no_number_is_refused_because_undefined_is_none(part: str, number: float) -> None:
    with pytest.raises(InputError) as refused:
        estimate(**{part: number})
    assert str(refused.value) == ("value, low and high must be numbers, in the estimate 'good use'; None is undefined")
    assert estimate(value=None).value is None


def test_limits_the_wrong_way_round_are_refused_and_equal_ones_are_not() -> None:
    with pytest.raises(InputError) as refused:
        estimate(low=0.5, high=0.4)
    assert str(refused.value) == "low must not be above high, and is 0.5 of 0.4, in 'good use'"
    assert estimate(low=0.4, high=0.4).low == 0.4
    assert estimate(unit="ratio", low=0, high=inf).high == inf


@pytest.mark.parametrize("level", [0, 1, 95, -0.95, nan])
def test_a_level_that_is_no_share_between_none_and_all_is_refused(level: float) -> None:
    with pytest.raises(InputError) as refused:
        estimate(level=level)
    assert str(refused.value) == f"level must be between 0 and 1, not {level!r}, in the estimate 'good use'"


def test_a_unit_that_there_is_not_is_told() -> None:
    with pytest.raises(InputError) as told:
        estimate(unit="percent")
    allowed = "'coefficient', 'count', 'index', 'number', 'points', 'pounds', 'ratio', 'share'"
    assert str(told.value) == f"unit must be one of {allowed}, not 'percent'"


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        ("share", 0.1695, "17.0%"),
        ("points", 0.103, "+10.3 points"),
        ("points", -0.103, "-10.3 points"),
        ("ratio", 1.636, "1.64"),
        ("pounds", 1234.5, "£1,234"),
        ("pounds", -1234.5, "-£1,234"),
        ("pounds", -0.2, "£0"),
        ("coefficient", 0.7433, "0.74"),
        ("index", 3.84, "+3.84"),
        ("count", 1234, "1,234"),
        ("ratio", inf, "infinite"),
        ("ratio", None, "undefined"),
    ],
)
def test_an_estimate_in_words(unit: str, value: float | None, shown: str) -> None:
    text = str(described(value=value, unit=unit, base=1059, method="by hand"))
    assert text == f"good use: {shown} (by hand), base 1,059, published"
    assert unit in UNITS


def test_an_interval_in_words_names_level_and_method() -> None:
    assert str(estimate(level=0.999)) == "good use: 16.9% [9.5% to 28.5%, 99.9% Wilson score], base 59, published"


def test_an_estimate_in_words_names_its_assumptions() -> None:
    text = str(described(method="by hand", provenance="derived", assumptions=("a", "b")))
    assert text == "good use: 16.9% (by hand), base 59, derived, assuming a and b"


def test_nouns_cannot_be_changed() -> None:
    for noun, name in ((estimate(), "value"), (Tally(label="x", count=1, base=2), "count")):
        with pytest.raises(FrozenInstanceError):
            setattr(noun, name, 1)


def test_nouns_take_no_argument_by_place() -> None:
    with pytest.raises(TypeError):
        Tally("good", 10, 59)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Estimate("good", 0.5)  # type: ignore[call-arg]


def test_equal_estimates_are_equal_and_can_stand_in_a_set() -> None:
    assert estimate() == estimate()
    assert estimate() != estimate(level=0.9)
    assert estimate() != estimate(assumptions=("a",))
    assert estimate(details={"a": 1}) != estimate(details={"a": 2})
    assert len({estimate(details={"a": 1}), estimate(details={"a": 1}), estimate(level=0.9)}) == 2


# ------------------------------------------------------------------------------------------ tables of estimates


def several() -> Estimates:
    items = [estimate(label=label, details={"count": place}) for place, label in enumerate("abc")]
    return Estimates(iter(items), caption="Use", show=["count"], note="A note", value="share")


def test_a_slice_is_a_table_with_the_same_caption_columns_and_note() -> None:
    table = several()
    assert (len(table), table[0].label, table[-1].label) == (3, "a", "c")
    assert [item.label for item in table[1:]] == ["b", "c"]
    assert isinstance(table[1:], Estimates)
    parts = ("Use", ("count",), "A note", "share")
    assert (table[1:].caption, table[1:].show, table[1:].note, table[1:].value) == parts
    assert [item.label for item in table[::-1]] == ["c", "b", "a"]
    assert table[0] in table
    with pytest.raises(IndexError):
        table[3]


def test_tables_are_equal_when_their_estimates_are_in_the_same_order() -> None:
    assert several() == several()
    assert several() == Estimates(several())
    assert several() != several()[:2]
    assert several() != several()[::-1]
    assert several() != list(several())


def test_a_frame_has_every_number_unrounded_and_every_detail() -> None:
    value = 0.1 + 0.2
    items = [
        estimate(value=value, details={"count": 10}),
        described(value=None, unit="ratio", details={"p": 1 / 3}, assumptions=("a", "b")),
    ]
    frame = Estimates(items).to_frame()
    assert list(frame.columns) == (
        ["label", "value", "low", "high", "level", "method", "base", "provenance", "assumptions", "unit", "count", "p"]
    )
    assert list(frame["assumptions"]) == ["", "a;b"]
    assert frame.loc[0, "value"] == value
    assert list(frame[["low", "high", "level", "base", "count"]].iloc[0]) == [0.0953, 0.2852, 0.95, 59, 10]
    assert frame.iloc[1:][["value", "low", "high", "level", "count"]].isna().to_numpy().all()
    assert frame.loc[1, "p"] == 1 / 3
    assert set(frame["provenance"]) == {"published"}
    assert estimate().to_frame().equals(Estimates([estimate()]).to_frame())


def test_a_table_of_one_method_says_it_once_and_of_two_in_a_column() -> None:
    one = str(Estimates([estimate(), estimate(label="other")]))
    assert "method" not in one.splitlines()[0]
    assert "Method: 95% Wilson score." in one
    two = str(Estimates([estimate(), estimate(level=0.9)]))
    assert "method" in two.splitlines()[0]
    assert "90% Wilson score" in two
    assert "Method:" not in two


def test_assumptions_have_a_column_where_a_number_rests_on_some_and_only_there() -> None:
    assert "assuming" not in str(Estimates([described(), described(label="other")]))
    table = Estimates([described(label="a", assumptions=("one", "two")), described(label="b")])
    header, _, first, second, _ = str(table).splitlines()
    assert header.split()[-2:] == ["provenance", "assuming"]
    assert first.split()[-3:] == ["published", "one,", "two"]
    assert second.endswith("published")
    assert '<td data-label="assuming">one, two</td>' in table._repr_html_()


def test_the_column_of_values_is_headed_as_it_is_told_to_be() -> None:
    assert str(Estimates([described()])).splitlines()[0].split() == ["measure", "value", "base", "provenance"]
    changes = Estimates([described(unit="points")], value="change")
    assert str(changes).splitlines()[0].split() == ["measure", "change", "base", "provenance"]
    assert '<td data-label="change">+16.9 points</td>' in changes._repr_html_()
    assert "value" in changes.to_frame().columns


FELL_OUT = ("not_seen", "group_not_seen", "left_out", "without_pupils")


def headings(provenance: str, **details: int) -> list[str]:
    items = [
        described(provenance=provenance, details=dict.fromkeys(FELL_OUT, 0)),
        described(provenance=provenance, details=dict.fromkeys(FELL_OUT, 0) | details),
    ]
    header = re.split(" {2,}", str(Estimates(items, show=FELL_OUT)).splitlines()[0])
    return [name for name in FELL_OUT if name.replace("_", " ") in header]


@pytest.mark.parametrize("provenance", STRONGEST_FIRST)
def test_what_fell_out_has_a_column_where_some_did_or_where_there_were_visits_to_see(provenance: str) -> None:
    """Of a count that was published nobody can tell what was not seen, so a column of noughts would say too much."""
    looked = ["not_seen"] if provenance not in ("published", "derived") else []
    assert headings(provenance) == looked
    assert headings(provenance, not_seen=3) == ["not_seen"]
    for name in FELL_OUT[1:]:
        assert headings(provenance, **{name: 1}) == [*looked, name]


def test_a_detail_of_noughts_that_is_no_such_count_keeps_its_column() -> None:
    table = Estimates([described(details={"count": 0})], show=["count"])
    assert str(table).splitlines()[0].split()[1] == "count"


def test_a_frame_has_the_details_that_a_table_hides() -> None:
    table = Estimates([described(details={"left_out": 0})], show=["left_out"])
    assert "left out" not in str(table)
    assert list(table.to_frame()["left_out"]) == [0]


def test_the_warning_stands_where_an_interval_stands_and_only_there() -> None:
    def one_line(table: Estimates) -> str:
        return " ".join(str(table).split())

    said = AS_IF_RANDOM.format(drawn="schools", whole="very many")
    assert said in one_line(Estimates([described(), estimate()]))
    assert "interval" not in one_line(Estimates([described()])).lower()
    assert said in estimate()._repr_html_()


@pytest.mark.parametrize(
    ("populations", "whole"),
    [
        ([None], "very many"),
        ([20], "a population of 20"),
        ([20, 20], "a population of 20"),
        ([24_372, None], "a population of 24,372 or very many"),
        ([20, 30], "a population of 20 or a population of 30"),
    ],
)
def test_the_warning_names_what_was_drawn_and_from_how_many(populations: list[int | None], whole: str) -> None:
    items = [estimate(details={} if it is None else {"population": it}) for it in populations]
    elsewhere = described(details={"population": 7})  # without an interval it supposes nothing
    for table in (Estimates([*items, elsewhere], drawn="pupils"), Estimates([*items, elsewhere], drawn="pupils")[:9]):
        assert f" if the pupils had been drawn at random from {whole}. Where they were chosen," in " ".join(
            str(table).split()
        )


def test_a_table_aligns_its_columns() -> None:
    table = Estimates([described(label="a"), described(label="longer", value=None, unit="ratio", base=1059)])
    assert str(table).splitlines() == [
        "measure  value      base   provenance",
        "-------  ---------  -----  ----------",
        "a        16.9%      59     published",
        "longer   undefined  1,059  published",
        "Method: Wilson score.",
    ]
    assert repr(table) == str(table)


def test_details_are_shown_in_the_unit_of_their_estimate_and_undefined_ones_in_words() -> None:
    details = [
        {"before": 0.1, "not_seen": 3},
        {"before": None, "not_seen": 0},
        {"before": inf, "not_seen": 1},
        {"not_seen": 2},
    ]
    items = [described(unit="points", details=detail) for detail in details]
    header, _, *rows, _ = str(Estimates(items, show=("before", "not_seen"))).splitlines()
    assert header.split()[:4] == ["measure", "before", "not", "seen"]
    assert [row.removeprefix("good use").split()[0] for row in rows] == ["+10.0", "undefined", "infinite", "2"]


def test_nothing_at_all_is_a_table_too() -> None:
    empty = Estimates([], caption="None")
    assert (len(empty), empty.to_frame().empty, empty == Estimates([])) == (0, True, True)
    assert str(empty).splitlines()[:2] == ["None", "measure  value  base  provenance"]
    assert "<caption>None</caption>" in empty._repr_html_()


def test_whatever_is_handed_in_is_escaped_on_a_page() -> None:
    item = estimate(label=HOSTILE, method=HOSTILE, details={HOSTILE: HOSTILE})
    table = Estimates([item, estimate()], caption=HOSTILE, show=[HOSTILE], note=HOSTILE)
    for page in (table._repr_html_(), item._repr_html_()):
        assert "<script" not in page
        assert '"x"' not in page
        assert ESCAPED in page
    assert table._repr_html_().count(ESCAPED) == 9  # label, method, detail and its heading twice, caption twice, note


def test_details_of_a_test_have_forms_of_their_own() -> None:
    details = {"p_value": 0.00004, "df": 57.3, "design_effect": 5.9, "effective_n": 1302.6}
    table = Estimates([described(value=0.1, unit="points", details=details)], show=list(details))
    row = str(table).splitlines()[2]
    assert "below 0.001  57.3  5.90" in row and "1,303" in row
    none = Estimates([described(value=0.1, unit="points", details={"p_value": None})], show=["p_value"])
    assert "undefined" not in str(none)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"low": 0.9}, "low must not be above high, and is 0.9 of 0.5, in 'x'"),
        ({"high": float("nan")}, "low and high must be numbers, not 0.1 and nan, in 'x'"),
        ({"low": None}, "low and high must be numbers, not None and 0.5, in 'x'"),
        ({"low": "a"}, "low and high must be numbers, not 'a' and 0.5, in 'x'"),
        ({"base": "b"}, "base must be a whole number from 0, not 'b'"),
        ({"base": -1}, "base must be a whole number from 0, not -1"),
        ({"unit": "percent"}, "unit must be one of"),
        ({"provenance": "seen"}, "provenance must be one of"),
    ],
)
def test_bounds_that_are_none_are_refused(change: dict[str, Any], said: str) -> None:
    given = {"label": "x", "low": 0.1, "high": 0.5, "method": "worst case", "base": 500, "provenance": "derived"}
    assert str(Bounds(**given)) == "x: 10.0% to 50.0% (worst case), of 500, derived"
    with pytest.raises(InputError, match=said):
        Bounds(**given | change)
