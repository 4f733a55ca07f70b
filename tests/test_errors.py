"""The one error for bad input: a sentence that names what was handed in, what is allowed, and the nearest to it."""

from math import inf
from typing import Any

import numpy as np
import pytest

from survey_analysis.errors import InputError, as_whole, choice, of_kind, unknown, whole_number


def test_the_nearest_is_suggested_whatever_its_case_and_the_spaces_round_it() -> None:
    assert str(unknown("grade", " GOOD ", ["outstanding", "good"])) == (
        "grade must be one of 'outstanding', 'good', not ' GOOD '; did you mean 'good'?"
    )


@pytest.mark.parametrize("value", ["2", "", None, 2])
def test_nothing_is_suggested_where_nothing_is_near(value: object) -> None:
    assert str(unknown("grade", value, ["outstanding", "good"])) == (
        f"grade must be one of 'outstanding', 'good', not {value!r}"
    )


def test_the_place_comes_first_where_there_is_one() -> None:
    assert str(unknown("column", "x", ["a"], where="visits.csv: ")) == "visits.csv: column must be one of 'a', not 'x'"


@pytest.mark.parametrize(("names", "tail"), [(30, "'n29', not 'x'"), (31, "'n29' and 1 more, not 'x'")])
def test_a_long_list_of_names_is_cut_at_the_length_of_the_longest_table(names: int, tail: str) -> None:
    message = str(unknown("name", "x", [f"n{number}" for number in range(names)]))
    assert message.endswith(tail)
    assert message.count("'n") == 30


def test_what_is_cut_from_the_list_can_still_be_suggested() -> None:
    names = [f"n{number}" for number in range(24)]
    assert str(unknown("name", "monitring", [*names, "monitoring"])).endswith("did you mean 'monitoring'?")


def test_a_choice_is_what_stands_under_the_name() -> None:
    table = {"before": 0, "after": 1}
    assert (choice("time", "before", table), choice("time", "after", table)) == (0, 1)


@pytest.mark.parametrize("value", ["during", None, 1, ["before"], {"before": 1}])
def test_a_choice_that_there_is_not_is_told_whatever_was_handed_in(value: str) -> None:
    with pytest.raises(InputError) as told:
        choice("time", value, {"before": 0, "after": 1})
    assert str(told.value).startswith(f"time must be one of 'before', 'after', not {value!r}")


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_a_whole_number_of_any_kind_becomes_a_plain_one(value: object) -> None:
    for found in (as_whole(value), whole_number("base", value, least=3)):
        assert found == 3 and type(found) is int


@pytest.mark.parametrize("value", [3.0, "3", None, True, np.bool_(True), np.float64(3), [3], inf])
def test_what_is_not_whole_is_told_with_the_least_that_it_may_be(value: object) -> None:
    assert as_whole(value) is None
    with pytest.raises(InputError) as told:
        whole_number("base", value, least=1_000)
    assert str(told.value) == f"base must be a whole number from 1,000, not {value!r}"


@pytest.mark.parametrize(("value", "least"), [(0, 1), (-1, 0), (4, 5)])
def test_a_whole_number_below_the_least_is_told(value: int, least: int) -> None:
    with pytest.raises(InputError) as told:
        whole_number("seed", value, least=least)
    assert str(told.value) == f"seed must be a whole number from {least}, not {value}"


def test_a_noun_is_handed_back_and_what_is_another_is_told_with_what_makes_one() -> None:
    noun = {"a": 1}
    assert of_kind("table", noun, dict, "read_table()") is noun
    with pytest.raises(InputError, match=r"^table must come from read_table\(\), and is NoneType instead$"):
        of_kind("table", None, dict, "read_table()")


def test_it_is_a_value_error_so_that_callers_need_not_know_of_it() -> None:
    with pytest.raises(ValueError, match=r"^told$"):
        raise InputError("told")


def test_a_notebook_shows_the_message_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    quiet = Config()
    quiet.HistoryManager.enabled = False
    shell: Any = InteractiveShell(config=quiet)  # type: ignore[no-untyped-call]
    shell.run_cell("import survey_analysis as sa\nsa.proportion(sa.Tally(label='x', count=1, base=2), level=95)")
    assert capsys.readouterr() == ("level must be between 0 and 1, not 95; write 0.95 for 95%\n", "")
    assert InputError("one\ntwo")._render_traceback_() == ["one\ntwo"]
