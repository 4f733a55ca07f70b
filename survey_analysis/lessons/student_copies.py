"""The notebooks of the lessons: the solved ones are the source, and those for students are made from them."""

import re
from collections.abc import Sequence
from pathlib import Path

from survey_analysis.errors import InputError
from survey_analysis.executions import Notebook, copy_of, notebook_text, read_notebook
from survey_analysis.lessons.checking import checked_seed
from survey_analysis.resources import NOTEBOOKS

LESSON_NOTEBOOKS = NOTEBOOKS / "lessons"
SOLUTIONS = LESSON_NOTEBOOKS / "solutions"
GUIDE = LESSON_NOTEBOOKS / "README.md"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
"""Between these lines stands what students are to find; nbgrader knows them too."""

_SOLUTION = re.compile(rf"^{BEGIN}\n.*?^{END}\n?", re.MULTILINE | re.DOTALL)
_SEED = re.compile(r"^seed = \d+", re.MULTILINE)


def solved_notebooks() -> Sequence[Path]:
    """The solved notebooks, in order of their lessons."""
    return sorted(SOLUTIONS.glob("*.ipynb"))


def for_students(solved: Notebook) -> Notebook:
    """A notebook without its solutions and without results."""
    made = copy_of(solved)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.source = _SOLUTION.sub("", cell.source).rstrip("\n")
            cell.outputs, cell.execution_count = [], None
    return made


def copy_lessons(folder: Path, *, seed: int = 0, solutions: bool = False) -> Sequence[Path]:
    """Write the notebooks of all lessons into a folder, for students to work in.

    Parameters
    ----------
    folder
        A folder that is not there yet, or is empty.
    seed
        Of the data in all of them: one for each class, year or student.
    solutions
        Write the solved ones, and the guide, for the teacher.

    Returns
    -------
    sequence of Path
        The notebooks.

    Raises
    ------
    InputError
        A folder with something in it, or one that cannot be written; a seed that is no whole number from 0.
    """
    seed = checked_seed(seed)
    made = {path.name: read_notebook(path) for path in solved_notebooks()}
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(f"{str(folder)!r} is there already and not empty; name a new folder")
        folder.mkdir(parents=True, exist_ok=True)
        for name, solved in made.items():
            text = notebook_text(_without_results(solved if solutions else for_students(solved), seed=seed))
            (folder / name).write_text(text, encoding="utf-8")
        if solutions:
            (folder / GUIDE.name).write_text(GUIDE.read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{str(folder)!r} cannot be written ({error.strerror}); name another folder") from None
    return [folder / name for name in made]


def _without_results(notebook: Notebook, *, seed: int) -> Notebook:
    """A notebook for another seed, without the results of its own."""
    made = copy_of(notebook)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.source = _SEED.sub(f"seed = {seed}", cell.source)
            cell.outputs, cell.execution_count = [], None
    return made
