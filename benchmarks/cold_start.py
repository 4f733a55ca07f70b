"""How long `survey-analysis findings` takes from a cold start, beside a bare `import pandas`, in one run.

python benchmarks/cold_start.py [REPEATS]
"""

import subprocess
import sys
from statistics import median
from time import perf_counter

COMMANDS = {
    "import pandas": ["-c", "import pandas"],
    "findings": ["-m", "survey_analysis", "findings"],
    "findings --json": ["-m", "survey_analysis", "findings", "--json"],
    "python alone": ["-c", ""],
}


def seconds(arguments: list[str]) -> float:
    """One process, from start to end."""
    start = perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - start


def main() -> None:
    """Take turns, so that what else the machine does falls on all alike; print medians and ratios."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(repeats + 1):
        for name, arguments in COMMANDS.items():
            times[name].append(seconds(arguments))
    medians = {name: median(taken[1:]) for name, taken in times.items()}  # the first round fills the caches
    for name, taken in medians.items():
        print(f"{name:16} {taken:6.3f} s   {taken / medians['import pandas']:5.2f} x import pandas")


if __name__ == "__main__":
    main()
