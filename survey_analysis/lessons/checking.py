"""Answers and predictions held against the data: not answered yet, correct, or not yet, with a hint of its own."""

import math
import re

from survey_analysis.errors import InputError, whole_number
from survey_analysis.lessons.answers import UnreadError, is_missing, read_answer
from survey_analysis.lessons.catalogue import LESSONS, data_of
from survey_analysis.lessons.questions import FORMS, WITHIN, Answer, Lesson, Question, told

NOT_ANSWERED, CORRECT, NOT_YET = "not answered yet", "correct", "not yet"
_NAME = re.compile(r"\s*lesson\s*(\d{1,3})\s*(?:,?\s*question\s*(\d{1,3})\s*)?", re.IGNORECASE)
_MOST_SEED = 2**32 - 1


_POSSIBLE = {
    "share": (0, 1),
    "points": (-1, 1),
    "coefficient": (-1, 1),
    "count": (0, math.inf),
    "pounds": (0, math.inf),
}
_COUNTED = {1: "one place", 2: "two places", 3: "three places", 4: "four places"}


class UnknownNameError(Exception):
    """A name of a lesson or question that there is not, with what there is."""


def lesson_of(name: object) -> Lesson:
    """The lesson that a number or a name means: 4, or 'lesson 4'."""
    if isinstance(name, str) and (found := _NAME.fullmatch(name)) and not found[2]:
        name = int(found[1])
    if not isinstance(name, int) or isinstance(name, bool) or name not in LESSONS:
        raise UnknownNameError(f"a lesson is named by its number, from 1 to {len(LESSONS)}, as in 'lesson 4'")
    return LESSONS[name]


def question_of(name: object) -> tuple[Lesson, int, Question]:
    """The question that a name means, as 'lesson 4, question 2', with its lesson and number."""
    found = _NAME.fullmatch(name) if isinstance(name, str) else None
    if not found or not found[2] or int(found[1]) not in LESSONS:
        raise UnknownNameError(
            f"a question is named as in 'lesson 4, question 2', and there are lessons from 1 to {len(LESSONS)}"
        )
    lesson, number = LESSONS[int(found[1])], int(found[2])
    if not 1 <= number <= len(lesson.questions):
        raise UnknownNameError(f"{lesson.name} has questions from 1 to {len(lesson.questions)}")
    return lesson, number, lesson.questions[number - 1]


def checked_seed(seed: object) -> int:
    """A seed: a whole number from 0.

    Raises
    ------
    InputError
        Anything else, or a number above 4,294,967,295.
    """
    found = whole_number("seed", seed, least=0)
    if found > _MOST_SEED:
        raise InputError(f"seed goes up to {_MOST_SEED:,}")
    return found


def verdict(lesson: Lesson, question: Question, given: object, *, seed: int) -> tuple[str, str]:
    """What an answer is, and what is said of it: one of the three verdicts, and the hint or the reason."""
    if is_missing(given):
        return NOT_ANSWERED, ""
    try:
        answer = read_answer(given, unit=question.unit, options=question.options)
    except UnreadError as unread:
        return NOT_YET, str(unread)
    data = data_of(lesson.number, seed)
    right = question.answer(data)
    if question.is_near(answer, right):
        return CORRECT, question.why
    for mistake in question.mistakes:
        if question.is_near(answer, mistake.answer(data)):
            return NOT_YET, mistake.hint
    return NOT_YET, _in_general(question, answer, right) or question.otherwise


def _in_general(question: Question, answer: Answer, right: Answer) -> str:
    """The hint for slips that can happen with any number."""
    if isinstance(answer, str) or isinstance(right, str):
        return ""
    if question.unit in ("share", "points") and abs(answer / 100 - right) <= WITHIN[question.unit]:
        return "this is a percentage, and a share is wanted: divide by 100"
    if question.unit == "points" and right and question.is_near(-answer, right):
        return "the sign is the wrong way round: look which is taken from which"
    if answer and any(abs(answer - round(right, fewer)) < 1e-9 for fewer in range(question.places)):
        return f"this is rounded too far: give {_COUNTED[question.places]}"
    return ""


def said(name: str, words: str, more: str) -> str:
    """The sentence for a verdict."""
    first = name[0].upper() + name[1:]
    if words == NOT_YET:
        return f"{first}: {words}, because {more}."
    return f"{first}: {words}. {more}".strip() if words == CORRECT else f"{first}: {words}."


def predicted(lesson: Lesson, given: object) -> Answer:
    """A prediction as it is kept.

    Raises
    ------
    UnreadError
        What is no prediction, or one that nothing could meet.
    """
    asked = lesson.prediction
    answer = read_answer(given, unit=asked.unit, options=asked.options)
    least, most = _POSSIBLE.get(asked.unit, (-math.inf, math.inf))
    if not isinstance(answer, str) and not least <= answer <= most:
        raise UnreadError(f"it is {FORMS[asked.unit]}, and {answer:g} cannot be one")
    return answer


def revealed(lesson: Lesson, kept: Answer | None, *, seed: int) -> str:
    """What was predicted beside what the data give, and the surprise; neither without a prediction."""
    asked = lesson.prediction
    if kept is None:
        return f"Predict first: {asked.asks} Write it where it is asked, run that cell, and then this one."
    data = data_of(lesson.number, seed)
    found = told(asked.answer(data), asked.unit)
    return f"You predicted {told(kept, asked.unit)}; it is {found}. {asked.surprise(data)}"
