"""Run the solved notebooks of the lessons, and make those for students from them: for maintainers, after any change.

    python tools/make_lessons.py [NUMBER ...]

Without numbers all lessons are made. Both are committed with their results, which the tests compare; what students are
given by `lessons copy` has none, for nobody predicts what is seen already.
"""

import sys
from pathlib import Path

import nbformat

from survey_analysis.executions import execute_all, read_notebook
from survey_analysis.lessons.catalogue import LESSONS
from survey_analysis.lessons.guides import with_questions
from survey_analysis.lessons.student_copies import GUIDE, LESSON_NOTEBOOKS, for_students, solved_notebooks

_WIDGET = "application/vnd.jupyter.widget-view+json"


def main(numbers: list[str]) -> None:
    """Write the notebooks only when all of them ran."""
    wanted = {int(number) for number in numbers} or set(LESSONS)
    if unknown := wanted - set(LESSONS):
        sys.exit(f"There is no lesson {', '.join(map(str, sorted(unknown)))}.")
    solved = [path for path in solved_notebooks() if int(path.name[:2]) in wanted]
    unanswered = [LESSON_NOTEBOOKS / path.name for path in solved]
    for path, copy in zip(solved, unanswered, strict=True):
        _write(for_students(read_notebook(path)), copy)
    for path, notebook in execute_all([*solved, *unanswered], progress=True).items():
        _write(notebook, path)
    text = GUIDE.read_text(encoding="utf-8")
    for lesson in LESSONS.values():
        text = with_questions(text, lesson)
    GUIDE.write_text(text, encoding="utf-8")


def _write(notebook: nbformat.NotebookNode, path: Path) -> None:
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number:02}"  # ids of our own, so that a new run changes nothing but results
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(_WIDGET, None)  # means nothing outside the session that made it
    nbformat.write(notebook, path)


if __name__ == "__main__":
    main(sys.argv[1:])
