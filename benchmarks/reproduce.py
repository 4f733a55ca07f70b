"""How long it takes to run all notebooks side by side, beside running them one after another, in one run.

python benchmarks/reproduce.py
"""

import os
from time import perf_counter

import nbformat

from survey_analysis.executions import execute, execute_all
from survey_analysis.resources import NOTEBOOKS


def main() -> None:
    """Run the notebooks both ways and print seconds and the ratio."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    start = perf_counter()
    for path in paths:
        execute(nbformat.read(path, as_version=4), path.name)
    one_by_one = perf_counter() - start
    start = perf_counter()
    execute_all(paths)
    side_by_side = perf_counter() - start
    print(f"{len(paths)} notebooks on {os.cpu_count()} cores")
    print(f"one after another {one_by_one:6.1f} s")
    print(f"side by side      {side_by_side:6.1f} s   {side_by_side / one_by_one:.2f} of it")


if __name__ == "__main__":
    main()
