"""The notebooks of the lessons: one source, solved; those for students follow from it and give nothing away.

That the solved ones still show what the package gives, and that the unanswered run, is seen by nbval.
"""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from survey_analysis.errors import InputError
from survey_analysis.executions import execute
from survey_analysis.lessons.catalogue import LESSONS, data_of
from survey_analysis.lessons.guides import questions_in_words, with_questions
from survey_analysis.lessons.student_copies import (
    BEGIN,
    END,
    GUIDE,
    LESSON_NOTEBOOKS,
    SOLUTIONS,
    copy_lessons,
    for_students,
    solved_notebooks,
)

SOLVED = {path.name: nbformat.read(path, as_version=4) for path in solved_notebooks()}
FOR_STUDENTS = {path.name: nbformat.read(path, as_version=4) for path in sorted(LESSON_NOTEBOOKS.glob("*.ipynb"))}
NAMES = list(SOLVED)
SEED = "seed = 0  # the one that your teacher gave you"
LOGIC = (ast.For, ast.While, ast.If, ast.FunctionDef, ast.Lambda, ast.comprehension, ast.Try, ast.With, ast.IfExp)
FOR_ALL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def number_of(name: str) -> int:
    return int(name[:2])


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def source(notebook: NotebookNode) -> str:
    return "\n".join(cell.source for cell in notebook.cells)


def test_there_is_a_solved_and_an_unanswered_notebook_for_each_lesson() -> None:
    assert list(FOR_STUDENTS) == NAMES and [number_of(name) for name in NAMES] == list(LESSONS)
    assert all(re.fullmatch(r"\d\d-[a-z0-9-]+\.ipynb", name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_students_version_is_the_solved_one_without_its_solutions(name: str) -> None:
    assert [(it.cell_type, it.source) for it in FOR_STUDENTS[name].cells] == [
        (it.cell_type, it.source) for it in for_students(SOLVED[name]).cells
    ]
    assert BEGIN not in source(FOR_STUDENTS[name]) and END not in source(FOR_STUDENTS[name])
    assert source(SOLVED[name]).count(BEGIN) == source(SOLVED[name]).count(END) == 4


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_valid_and_of_no_machine(name: str) -> None:
    for notebook in (SOLVED[name], FOR_STUDENTS[name]):
        nbformat.validate(notebook)
        assert notebook.metadata == {"kernelspec": FOR_ALL, "language_info": {"name": "python"}}
        assert [cell.id for cell in notebook.cells] == [
            f"cell-{place:02}" for place in range(1, len(notebook.cells) + 1)
        ]
        assert not re.search(r"/(tmp|home|work|root|Users)/", nbformat.writes(notebook))


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_goes_from_a_question_to_what_to_read(name: str) -> None:
    lesson = LESSONS[number_of(name)]
    words = [cell.source for cell in SOLVED[name].cells if cell.cell_type == "markdown"]
    assert words[0].startswith(f"# Lesson {lesson.number}. {lesson.title}\n")
    assert re.search(r"About 1[0-5] minutes", words[0]) and "invented" in words[0].casefold()
    headings = re.findall(r"^## (.*)", "\n".join(words), re.MULTILINE)
    wanted = ("Before you go on", "What happens", "Your turn", "Where this comes from, and what to read next")
    assert [heading for heading in headings if heading in wanted] == list(wanted)
    asked = "\n".join(words)
    assert [int(it) for it in re.findall(r"\*\*Question (\d)\.\*\*", asked)] == [1, 2, 3]
    assert re.search(r"\b(19|20)\d\d\b", words[-1]) and "notebook" in words[-1]


@pytest.mark.parametrize("name", NAMES)
def test_answers_stand_where_the_marks_look_for_them_and_the_seed_can_be_changed(name: str) -> None:
    text, lesson = source(FOR_STUDENTS[name]), number_of(name)
    assert text.count(SEED) == 1 and f"lessons.data({lesson}, seed=seed)" in text
    assert text.count("prediction = None") == text.count(f'lessons.predict("lesson {lesson}", prediction)') == 1
    assert text.count(f'lessons.reveal("lesson {lesson}")') == 1
    for place in (1, 2, 3):
        assert text.count(f"answer_{place} = None") == 1
        assert text.count(f'lessons.check("lesson {lesson}, question {place}", answer_{place})') == 1


@pytest.mark.parametrize("name", NAMES)
def test_code_is_short_shows_something_and_leaves_logic_to_the_package(name: str) -> None:
    for cell in code(FOR_STUDENTS[name]):
        tree = ast.parse(cell.source)
        assert len([line for line in cell.source.splitlines() if line.strip()]) <= 8
        assert isinstance(tree.body[-1], ast.Expr)
        assert not any(isinstance(node, LOGIC) for node in ast.walk(tree)), cell.source
        modules = {it.name for node in ast.walk(tree) if isinstance(node, ast.Import) for it in node.names}
        assert modules <= {"survey_analysis", "pandas"}


@pytest.mark.parametrize("name", NAMES)
def test_no_right_answer_stands_in_the_students_version(name: str) -> None:
    lesson = LESSONS[number_of(name)]
    for asked in lesson.questions:
        right = asked.answer(data_of(lesson.number, 0))
        if not isinstance(right, str) and abs(right - round(right, 2)) > 1e-6:
            assert not re.search(rf"{right:.4f}|{100 * right:.2f}%", source(FOR_STUDENTS[name]))


@pytest.mark.parametrize("name", NAMES)
def test_the_unanswered_version_was_run_and_nothing_in_it_is_answered_or_given_away(name: str) -> None:
    shown = texts(FOR_STUDENTS[name])
    lesson = LESSONS[number_of(name)]
    assert [text for text in shown if re.match(r"Lesson \d+, question", text)] == [
        f"Lesson {lesson.number}, question {place}: not answered yet." for place in (1, 2, 3)
    ]
    assert sum(text.startswith("Not predicted yet: ") for text in shown) == 1
    assert sum(text.startswith("Predict first: ") for text in shown) == 1
    assert lesson.prediction.surprise(data_of(lesson.number, 0)) not in "\n".join(shown)


def texts(notebook: NotebookNode) -> list[str]:
    """What the cells show, one text for each, of a notebook that was run from top to bottom."""
    cells = code(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert [len(cell.outputs) for cell in cells] == [1] * len(cells)
    return ["".join(output.data["text/plain"]) for cell in cells for output in cell.outputs]


@pytest.mark.parametrize("name", NAMES)
def test_the_solved_version_was_run_and_every_solution_is_right(name: str) -> None:
    shown = texts(SOLVED[name])
    checks = [text for text in shown if re.match(r"Lesson \d+, question \d", text)]
    assert len(checks) == 3 and all(": correct. " in text for text in checks)
    assert not any(text.startswith(("Nothing was", "Not predicted")) for text in shown)
    assert LESSONS[number_of(name)].prediction.surprise(data_of(number_of(name), 0)) in "\n".join(shown)


@pytest.mark.parametrize("name", NAMES)
def test_numbers_and_charts_say_that_they_are_illustrative(name: str) -> None:
    for cell in code(SOLVED[name]):
        for output in cell.outputs:
            text = "".join(output.data["text/plain"])
            if "image/png" in output.data:
                assert output.metadata["image/png"]["alt"] == text
                made = output.metadata["image/png"]["provenance"]
                assert text.startswith("Invented data: ") or made in ("derived", "published")
            elif "<table" in "".join(output.data.get("text/html", "")):
                assert re.search("illustrative|published", text), text[:200]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES[:1])
def test_an_unanswered_notebook_says_so_and_another_seed_is_right_as_well(name: str, tmp_path: Path) -> None:
    copy_lessons(tmp_path / "class", seed=5)
    copy_lessons(tmp_path / "teacher", seed=5, solutions=True)
    for folder, verdict in (("class", ": not answered yet."), ("teacher", ": correct. ")):
        notebook = nbformat.read(tmp_path / folder / name, as_version=4)
        assert "seed = 5  # the one that your teacher gave you" in source(notebook)
        shown = ["".join(it.data["text/plain"]) for cell in code(execute(notebook, name)) for it in cell.outputs]
        assert sum(verdict in text for text in shown) == 3


def test_copies_are_written_into_a_new_folder_alone(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    copies = copy_lessons(folder)
    assert [path.name for path in copies] == NAMES
    for path in copies:
        assert all(it.outputs == [] and it.execution_count is None for it in code(nbformat.read(path, as_version=4)))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(InputError, match=r"is there already and not empty; name a new folder$"):
        copy_lessons(folder, seed=2)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is there already and not empty"):
        copy_lessons(tmp_path / "file")
    with pytest.raises(InputError, match="cannot be written"):
        copy_lessons(tmp_path / "file" / "in it")
    with pytest.raises(InputError, match=r"^seed must be a whole number from 0"):
        copy_lessons(tmp_path / "new", seed=-1)
    assert not (tmp_path / "new").exists()


def test_the_guide_says_of_every_lesson_what_the_lesson_itself_does() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    for name, lesson in zip(NAMES, LESSONS.values(), strict=True):
        assert with_questions(guide, lesson) == guide and questions_in_words(lesson) in guide, (
            "run tools/make_lessons.py"
        )
        assert f"\n## Lesson {lesson.number}. {lesson.title}\n" in guide
        assert f"| [{lesson.number}. {lesson.title}]({name}) |" in guide
    assert "lessons 1, 4 and 8" in guide


def test_the_folder_of_solutions_holds_nothing_else() -> None:
    assert {path.suffix for path in SOLUTIONS.iterdir() if path.is_file()} == {".ipynb"}
    assert {path.name for path in LESSON_NOTEBOOKS.iterdir() if path.is_file()} == {*NAMES, "README.md"}
