"""A file of answers is read whole or refused in one sentence that says where."""

import json
import os
from datetime import date
from pathlib import Path

import pytest
from broken_answers import ACCEPTED, REFUSED, SCRIPT, THEMES, empty, filled
from hypothesis import given
from hypothesis import strategies as st

from survey_analysis.errors import InputError
from survey_analysis.self_evaluation import CostOfSource, Participation, read_answers
from survey_analysis.self_evaluation.answer_files import LARGEST
from survey_analysis.self_evaluation.answers import LIMITS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a governor's answers.json"


def write(file: Path, table: object) -> Path:
    file.write_text(json.dumps(table), encoding="utf-8")
    return file


def test_all_that_was_answered_is_there(file: Path) -> None:
    answers = read_answers(write(file, filled()))
    assert (answers.file, answers.school, answers.role, answers.year) == (file.name, "S07", "governor", "2025-26")
    assert answers.date == date(2026, 2, 28) and answers.consent_to_hub is True
    assert answers.statements == ("Looking at our music partnership", 1)
    assert list(answers.answers) == THEMES
    judged = [it.judgement for it in answers.answers.values()]
    assert judged == ["pitfall", "nearer_action", "action", "", "not_applicable"]
    one = answers.answers["inclusion"]
    assert (one.confidence, one.owner, one.by, one.priority) == ("medium", "Music lead", date(2026, 7, 31), False)
    assert one.signs == ("seen", "not_seen", "not_looked") and one.evidence.endswith("A second line.")
    assert [name for name, it in answers.answers.items() if it.priority] == ["monitoring", "alignment"]
    assert answers.participation[1] == Participation(characteristic="fsm", group="fsm", on_roll=101, took_part=21)
    assert answers.cost == (CostOfSource(source="school", pounds=4200), CostOfSource(source="hub", pounds=0))
    assert answers.pupils_reached == 45


def test_what_nobody_answered_is_no_answer(file: Path) -> None:
    answers = read_answers(write(file, empty()))
    assert {it.judgement for it in answers.answers.values()} == {""}
    assert {it.by for it in answers.answers.values()} == {None}
    assert (answers.participation, answers.cost, answers.pupils_reached) == ((), (), None)


def test_a_byte_order_mark_and_another_order_of_fields_are_fine(file: Path) -> None:
    turned = dict(reversed(filled().items())) | {"answers": dict(reversed(filled()["answers"].items()))}
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(turned).encode())
    assert read_answers(file) == read_answers(write(file, filled()))


def test_texts_are_kept_as_texts(file: Path) -> None:
    table = filled()
    table["answers"]["inclusion"]["evidence"] = SCRIPT
    assert read_answers(write(file, table)).answers["inclusion"].evidence == SCRIPT


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_one_sentence_with_its_place(file: Path, name: str) -> None:
    content, told = REFUSED[name]
    file.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_answers(file)
    said = str(error.value)
    assert said.startswith(f"{file.name}{told}")
    assert "\n" not in said and len(said) < 500
    said.encode("utf-8")


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_right_is_read(file: Path, name: str) -> None:
    file.write_bytes(ACCEPTED[name])
    assert read_answers(file).school == "S07"


def test_names_of_files_are_told_in_one_line(tmp_path: Path) -> None:
    file = write(tmp_path / "x\n\x1b[31my.json", filled(role="nobody"))
    with pytest.raises(InputError) as error:
        read_answers(file)
    assert "\n" not in str(error.value) and "\x1b" not in str(error.value)


def test_personal_data_are_not_repeated(file: Path) -> None:
    for table in (filled(role="Ada Byron"), filled(date="ada@example.org"), filled() | {"ada@example.org": 1}):
        with pytest.raises(InputError) as error:
            read_answers(write(file, table))
        assert "Byron" not in str(error.value) and "ada@" not in str(error.value)


def test_where_json_breaks_is_told(file: Path) -> None:
    file.write_text('{\n  "format": \n', encoding="utf-8")
    told = r"is not a whole file of answers \(line 3, column 1\); give one that the form saved, and save it again"
    with pytest.raises(InputError, match=told):
        read_answers(file)


def test_a_near_code_is_suggested(file: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'governor'\\?"):
        read_answers(write(file, filled(role="govenor")))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read .*; give one that the form saved"):
        read_answers(tmp_path / "none.json")
    with pytest.raises(InputError, match="is no file of answers"):
        read_answers(tmp_path)
    with pytest.raises(InputError, match="cannot be the name of a file"):
        read_answers("a\0b.json")
    with pytest.raises(InputError, match="path must be that of a file of answers, not 12"):
        read_answers(12)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="statements must come from read_statements"):
        read_answers(tmp_path, statements={})  # type: ignore[arg-type]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_nobody_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(InputError, match="is no file of answers"):
        read_answers(tmp_path / "pipe.json")


def test_a_form_that_is_filled_to_the_brim_is_far_from_too_large(file: Path) -> None:
    table = filled()
    for answer in table["answers"].values():
        answer |= {name: "\u00e9" * LIMITS[name] for name in ("evidence", "next_step", "owner")}
    assert write(file, table).stat().st_size < LARGEST / 5
    assert read_answers(file).answers["leadership"].owner == "\u00e9" * LIMITS["owner"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda it: st.lists(it) | st.dictionaries(st.text(), it),
)
FIELDS = sorted(filled())
OF_A_THEME = sorted(filled()["answers"]["inclusion"])


@given(field=st.sampled_from(FIELDS), theme_field=st.sampled_from(OF_A_THEME), inside=st.booleans(), value=ANYTHING)
def test_whatever_stands_in_a_field_is_read_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, field: str, theme_field: str, inside: bool, value: object
) -> None:
    file = tmp_path_factory.mktemp("any") / "answers.json"
    table = filled()
    (table["answers"]["inclusion"] if inside else table)[theme_field if inside else field] = value
    write(file, table)
    try:
        said = str(read_answers(file).file)
    except InputError as error:
        said = str(error)
    assert said.startswith("answers.json") and len(said) < 500


@given(content=st.binary(max_size=200) | st.text(alphabet='{}[]",:\\ntrue019e.-', max_size=60).map(str.encode))
def test_whatever_bytes_are_refused_in_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("any") / "answers.json"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"^answers\.json "):
        read_answers(file)
