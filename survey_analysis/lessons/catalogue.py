"""The lessons by number, and their data, made once for each seed."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import pandas as pd

from survey_analysis.lessons.do_actions_work import LESSON as DO_ACTIONS_WORK
from survey_analysis.lessons.do_they_agree import LESSON as DO_THEY_AGREE
from survey_analysis.lessons.how_many import LESSON as HOW_MANY
from survey_analysis.lessons.how_many_pupils import LESSON as HOW_MANY_PUPILS
from survey_analysis.lessons.questions import Lesson

LESSONS: Mapping[int, Lesson] = MappingProxyType(
    {it.number: it for it in (HOW_MANY, HOW_MANY_PUPILS, DO_ACTIONS_WORK, DO_THEY_AGREE)}
)
"""Every lesson."""


@lru_cache(maxsize=64)
def data_of(number: int, seed: int) -> pd.DataFrame:
    """The data of a lesson; to be looked at alone, for it is the same object each time."""
    return LESSONS[number].data(seed)
