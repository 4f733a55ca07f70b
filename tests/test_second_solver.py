"""A second solver agrees on every range that is shipped; how it is asked stands in `second_solver`."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from survey_analysis.resources import DATA

with (DATA / "bounds.csv").open(encoding="utf-8", newline="") as file:
    SHIPPED = [f"{row['lexicon']} {row['id']}" for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def answers() -> list[str]:
    program = Path(__file__).with_name("second_solver.py")
    done = subprocess.run([sys.executable, program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_it_is_asked_about_every_range(answers: list[str]) -> None:
    assert [answer.rpartition(" ")[0] for answer in answers] == SHIPPED


@pytest.mark.parametrize("shipped", SHIPPED)
def test_it_finds_the_same_ends(answers: list[str], shipped: str) -> None:
    assert f"{shipped} True" in answers
