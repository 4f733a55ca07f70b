"""How long the solved notebooks of all lessons take, side by side and one after another, in one run.

python benchmarks/lessons.py
"""

import os
from time import perf_counter

from survey_analysis.executions import execute, execute_all, read_notebook
from survey_analysis.lessons.student_copies import solved_notebooks


def main() -> None:
    """Run the notebooks both ways, and print seconds, the ratio, and the slowest of them."""
    paths = solved_notebooks()
    seconds = {}
    for path in paths:
        start = perf_counter()
        execute(read_notebook(path), path.name)
        seconds[path.name] = perf_counter() - start
    start = perf_counter()
    execute_all(paths)
    side_by_side = perf_counter() - start
    slowest = max(seconds, key=lambda name: seconds[name])
    print(f"{len(paths)} solved notebooks on {os.cpu_count()} cores")
    print(f"one after another {sum(seconds.values()):6.1f} s   (the slowest: {slowest}, {seconds[slowest]:.1f} s)")
    print(f"side by side      {side_by_side:6.1f} s   {side_by_side / sum(seconds.values()):.2f} of it")


if __name__ == "__main__":
    main()
