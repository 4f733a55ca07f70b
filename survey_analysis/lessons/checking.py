"""Answers and predictions held against the data: not answered yet, correct, or not yet, with a hint of its own."""

import re

from survey_analysis.lessons.answers import UnreadError, is_missing, read_answer
from survey_analysis.lessons.catalogue import LESSONS
from survey_analysis.lessons.questions import Answer, Lesson, Question, told

NOT_ANSWERED, CORRECT, NOT_YET = "not answered yet", "correct", "not yet"
_NAME = re.compile(r"\s*lesson\s*(\d+)\s*(?:,?\s*question\s*(\d+)\s*)?", re.IGNORECASE)
_RATIO_TO_PER_CENT = 100


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


def verdict(lesson: Lesson, question: Question, given: object, *, seed: int) -> tuple[str, str]:
    """What an answer is, and what is said of it: one of the three verdicts, and the hint or the reason."""
    if is_missing(given):
        return NOT_ANSWERED, ""
    try:
        answer = read_answer(given, unit=question.unit, options=question.options)
    except UnreadError as unread:
        return NOT_YET, str(unread)
    data = lesson.data(seed)
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
    if question.unit in ("share", "points") and question.is_near(answer / _RATIO_TO_PER_CENT, right):
        return "this is a percentage, and a share is wanted: divide by 100"
    if right and question.is_near(-answer, right):
        return "the sign is the wrong way round: look which is taken from which"
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
        What is no prediction.
    """
    return read_answer(given, unit=lesson.prediction.unit, options=lesson.prediction.options)


def revealed(lesson: Lesson, kept: Answer | None, *, seed: int) -> str:
    """What was predicted beside what the data give, and the surprise."""
    data = lesson.data(seed)
    found = lesson.prediction.answer(data)
    unit = lesson.prediction.unit
    surprise = lesson.prediction.surprise(data)
    if kept is None:
        return f"You committed to no prediction; it is {told(found, unit)}. {surprise}"
    return f"You predicted {told(kept, unit)}; it is {told(found, unit)}. {surprise}"
