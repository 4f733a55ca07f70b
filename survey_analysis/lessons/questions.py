"""What a lesson asks: a prediction, and questions with their right answers and their likely mistakes, from its data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey_analysis.rendering import number

Answer = float | str
"""A number, or one of the options of a question."""
FromData = Callable[[pd.DataFrame], Answer]

FORMS: Mapping[str, str] = MappingProxyType(
    {
        "share": "a share, such as 0.25 for 25%",
        "points": "a difference of two shares, such as 0.05 for 5 percentage points",
        "ratio": "a number, such as 1.5",
        "pounds": "pounds, such as 120",
        "count": "a whole number, such as 12",
        "coefficient": "a number of at most 1, such as 0.35",
        "option": "one of the options, as text",
    }
)
"""How an answer is written in each unit."""

WITHIN: Mapping[str, float] = MappingProxyType(
    {"share": 0.0006, "points": 0.0006, "ratio": 0.006, "pounds": 0.6, "count": 0.01, "coefficient": 0.006}
)
"""How far from right an answer may be: rounded to as many places as `PLACES` has, it is right."""

PLACES: Mapping[str, int] = MappingProxyType(
    {"share": 3, "points": 3, "ratio": 2, "pounds": 0, "count": 0, "coefficient": 2}
)
"""To how many places an answer is given; a question with a tolerance of its own may ask for more."""


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """An answer that is wrong in a way that is known, and the hint that it deserves.

    `hint` follows 'not yet, because ...': it names what went wrong and does not give the answer.
    """

    answer: FromData
    hint: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question with one right answer, which is computed from the data of the lesson.

    `asks` is the question in one sentence; `unit` one of `FORMS`; `options` the texts to choose from, where that is
    asked; `why` is what a right answer is met with; `otherwise` the hint for a wrong answer that no mistake explains.
    """

    asks: str
    unit: str
    answer: FromData
    why: str
    otherwise: str
    mistakes: tuple[Mistake, ...] = ()
    options: tuple[str, ...] = ()
    within: float | None = None

    @property
    def tolerance(self) -> float:
        return WITHIN[self.unit] if self.within is None else self.within

    @property
    def places(self) -> int:
        """To how many places a number is asked for: as many as its tolerance lets it be rounded to."""
        places = PLACES.get(self.unit, 0)
        return places + 1 if self.tolerance < 10**-places / 2 else places

    def is_near(self, given: Answer, wanted: Answer) -> bool:
        """Whether an answer is another, as far as rounding goes."""
        if isinstance(given, str) or isinstance(wanted, str):
            return given == wanted
        return abs(given - wanted) <= self.tolerance

    def tells_apart(self, data: pd.DataFrame) -> bool:
        """Whether the right answer and every mistake are different answers in these data, however they are rounded."""
        found = [self.answer(data), *(mistake.answer(data) for mistake in self.mistakes)]
        if any(isinstance(answer, str) for answer in found):
            return len(set(found)) == len(found)
        inside = sorted(float(answer) for answer in found)
        return all(after - before > 2 * self.tolerance for before, after in pairwise(inside))


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a student commits to before anything is shown.

    `answer` is what the data give; `surprise` is the lesson in one sentence, with its numbers computed.
    """

    asks: str
    unit: str
    answer: FromData
    surprise: Callable[[pd.DataFrame], str]
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A lesson: its data by seed, the truth that they were made from, a prediction and questions.

    `data` gives the table that students work on; with another seed it is another table of the same truth. `truth` is
    that truth: what each of its numbers is called, and the number.
    """

    number: int
    title: str
    data: Callable[[int], pd.DataFrame]
    truth: Mapping[str, Any]
    prediction: Prediction
    questions: tuple[Question, ...]

    @property
    def name(self) -> str:
        return f"lesson {self.number}"


def told(answer: Answer, unit: str) -> str:
    """An answer as a sentence shows it."""
    return repr(answer) if isinstance(answer, str) else number(answer, unit)
