"""Ten lessons in evaluation methods: data with a known truth, predictions, and answers that are checked on the spot.

Everything here is invented, but for the counts that a lesson says were published. The notebooks are in the folder
notebooks/lessons; `survey-analysis lessons copy` gives a set to each class or student, with a seed of its own.
"""

import pandas as pd

from survey_analysis.errors import InputError
from survey_analysis.lessons.answers import UnreadError, is_missing
from survey_analysis.lessons.catalogue import data_of
from survey_analysis.lessons.checking import (
    UnknownNameError,
    checked_seed,
    lesson_of,
    predicted,
    question_of,
    revealed,
    said,
    verdict,
)
from survey_analysis.lessons.did_it_widen import even_growth, gap_before_after, growth_slider
from survey_analysis.lessons.do_actions_work import feature_differences, looked_at_again
from survey_analysis.lessons.do_they_agree import grades_of, kappa_curve, skew_slider
from survey_analysis.lessons.good_value import costs_per_pupil, judged_by, value_rubric
from survey_analysis.lessons.how_many import coverage_at, four_intervals
from survey_analysis.lessons.how_many_pupils import rates_of_schools, repeated_surveys
from survey_analysis.lessons.mix_of_schools import by_kind, shares_by_kind
from survey_analysis.lessons.questions import FORMS, Answer, Lesson, told
from survey_analysis.lessons.which_denominator import adding_chosen, counted_visits, pupil_totals
from survey_analysis.lessons.which_schools import chosen_visits, favoured_slider, favoured_visits, lot_visits
from survey_analysis.lessons.worst_schools import looked_again, reliability
from survey_analysis.rendering import Sentence, Table

__all__ = [
    "adding_chosen",
    "by_kind",
    "check",
    "chosen_visits",
    "costs_per_pupil",
    "counted_visits",
    "coverage_at",
    "data",
    "even_growth",
    "favoured_slider",
    "favoured_visits",
    "feature_differences",
    "four_intervals",
    "gap_before_after",
    "grades_of",
    "growth_slider",
    "judged_by",
    "kappa_curve",
    "looked_again",
    "looked_at_again",
    "lot_visits",
    "predict",
    "pupil_totals",
    "rates_of_schools",
    "reliability",
    "repeated_surveys",
    "reveal",
    "shares_by_kind",
    "skew_slider",
    "truth",
    "value_rubric",
]

# What this session of Python was last asked for: the seed of each lesson, and the first prediction with each seed.
_SEEDS: dict[int, int] = {}
_PREDICTIONS: dict[tuple[int, int], Answer] = {}


def data(lesson: int | str, *, seed: int = 0) -> pd.DataFrame:
    """The data of a lesson: a table of its own for each seed, all made from the same truth.

    Parameters
    ----------
    lesson
        Its number, or its name, such as 'lesson 4'.
    seed
        A whole number from 0. The checks and predictions of this session follow the seed that was asked for last.

    Returns
    -------
    DataFrame
        Invented rows. What they are stands in the notebook of the lesson; where chance would hide what it is about,
        they were drawn again.

    Raises
    ------
    InputError
        A lesson that there is not; a seed that is no whole number from 0.

    Examples
    --------
    >>> len(data(1)), int(data(1)["good_use"].sum()), len(data(1, seed=7)) != 59
    (59, 10, True)
    """
    found = _lesson(lesson)
    seed = checked_seed(seed)
    _SEEDS[found.number] = seed
    return data_of(found.number, seed).copy()


def truth(lesson: int | str) -> Table:
    """What the data of a lesson were made from, whatever the seed: look only after you have predicted.

    Parameters
    ----------
    lesson
        As for `data`.

    Raises
    ------
    InputError
        A lesson that there is not.
    """
    found = _lesson(lesson)
    rows = [[name, f"{value:g}" if isinstance(value, float) else str(value)] for name, value in found.truth.items()]
    return Table(
        columns=["what", "truth"],
        rows=[[name, value] for name, value in rows],
        caption=f"Lesson {found.number}: what the data were made from (illustrative)",
    )


def predict(lesson: int | str, prediction: object = None) -> Sentence:
    """Commit to a prediction, before anything is shown; the first one with a seed stays.

    Parameters
    ----------
    lesson
        As for `data`.
    prediction
        What the notebook asks for; None where nothing was predicted yet.

    Returns
    -------
    Sentence
        What was noted, or how a prediction is written. Nothing that is given makes an error.
    """
    try:
        found = lesson_of(lesson)
        asked = found.prediction
        key = found.number, _SEEDS.get(found.number, 0)
        if is_missing(prediction):
            form = " or ".join(map(repr, asked.options)) if asked.options else FORMS[asked.unit]
            return Sentence(f"Not predicted yet: write {form}, and run this cell again before you go on.")
        given = predicted(found, prediction)
    except UnknownNameError as unknown:
        return Sentence(f"Nothing was noted: {unknown}.")
    except UnreadError as unread:
        return Sentence(f"Nothing was noted, because {unread}.")
    kept = _PREDICTIONS.setdefault(key, given)
    shown = told(kept, asked.unit)
    if kept != given:
        return Sentence(f"You had predicted {shown}, and a prediction stays: go on and see.")
    return Sentence(f"You predict {shown}. Go on and see.")


def reveal(lesson: int | str) -> Sentence:
    """What was predicted beside what the data give, and what is surprising in it; it asks for a prediction first.

    Parameters
    ----------
    lesson
        As for `data`.
    """
    try:
        found = lesson_of(lesson)
    except UnknownNameError as unknown:
        return Sentence(f"Nothing can be shown: {unknown}.")
    seed = _SEEDS.get(found.number, 0)
    return Sentence(revealed(found, _PREDICTIONS.get((found.number, seed)), seed=seed))


def check(question: str, answer: object = None, *, seed: int | None = None) -> Sentence:
    """Whether an answer is right: not answered yet, correct, or not yet, because of something that can be mended.

    Parameters
    ----------
    question
        Its name, as in 'lesson 1, question 2'.
    answer
        What is answered: a number, or one of the options. None where nothing was answered yet.
    seed
        The seed of the data that were worked with; when absent, the one that `data` was last asked for.

    Returns
    -------
    Sentence
        The verdict. Nothing that is given makes an error.

    Examples
    --------
    >>> check("lesson 1, question 2", None, seed=0)
    Lesson 1, question 2: not answered yet.
    >>> check("lesson 1, question 2", 13.9, seed=0)
    Lesson 1, question 2: not yet, because this is a percentage, and a share is wanted: divide by 100.

    Notes
    -----
    What is right is computed from the data each time, and stands in no notebook. A check is there to learn by, not to
    examine by: who reads the package can work the answers out, as can who does the lesson.
    """
    try:
        lesson, number, asked = question_of(question)
        used = _SEEDS.get(lesson.number, 0) if seed is None else checked_seed(seed)
    except UnknownNameError as unknown:
        return Sentence(f"Nothing was checked: {unknown}.")
    except InputError as wrong:
        return Sentence(f"Nothing was checked: {wrong}.")
    words, more = verdict(lesson, asked, answer, seed=used)
    return Sentence(said(f"{lesson.name}, question {number}", words, more))


def _lesson(name: int | str) -> Lesson:
    try:
        return lesson_of(name)
    except UnknownNameError as unknown:
        raise InputError(str(unknown)) from None
