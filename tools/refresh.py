"""Run every notebook again, in place, and draw the picture of the README: for maintainers, after a change of results.

    python tools/refresh.py

The outputs are committed, so that a reader on the web sees them and the tests compare them. The lessons have a tool of
their own, make_lessons.py.
"""

from pathlib import Path

import nbformat

from survey_analysis.claims_file import read_claims
from survey_analysis.executions import execute_all
from survey_analysis.report import main_chart

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write notebooks and picture only when all of them ran."""
    executed = execute_all(sorted((ROOT / "notebooks").glob("*.ipynb")), progress=True)
    for path, notebook in executed.items():
        for number, cell in enumerate(notebook.cells, start=1):
            cell["id"] = f"cell-{number:02}"  # ids of our own, so that a new run changes nothing but results
        nbformat.write(notebook, path)
    main_chart(read_claims()).save(ROOT / "docs" / "main-finding.png")


if __name__ == "__main__":
    main()
