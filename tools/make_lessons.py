"""Run the solved notebooks of the lessons, and make those for students from them: for maintainers, after any change.

    python tools/make_lessons.py [NUMBER ...]

Without numbers all lessons are made. Solved notebooks are committed with their results; those for students without, for
nobody predicts what is seen already.
"""

import sys
from pathlib import Path

import nbformat

from survey_analysis.executions import execute_all
from survey_analysis.lessons.catalogue import LESSONS
from survey_analysis.lessons.guides import with_questions
from survey_analysis.lessons.student_copies import GUIDE, LESSON_NOTEBOOKS, for_students, solved_notebooks

_WIDGET = "application/vnd.jupyter.widget-view+json"


def main(numbers: list[str]) -> None:
    """Write the notebooks only when all of them ran."""
    solved = [path for path in solved_notebooks() if not numbers or path.name[:2].lstrip("0") in numbers]
    for path, notebook in execute_all(solved, progress=True).items():
        _write(notebook, path)
        _write(for_students(notebook), LESSON_NOTEBOOKS / path.name)
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
