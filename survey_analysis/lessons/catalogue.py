"""The lessons by number, and their data, made once for each seed."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import pandas as pd

from survey_analysis.lessons.did_it_widen import LESSON as DID_IT_WIDEN
from survey_analysis.lessons.do_actions_work import LESSON as DO_ACTIONS_WORK
from survey_analysis.lessons.do_they_agree import LESSON as DO_THEY_AGREE
from survey_analysis.lessons.good_value import LESSON as GOOD_VALUE
from survey_analysis.lessons.how_many import LESSON as HOW_MANY
from survey_analysis.lessons.how_many_pupils import LESSON as HOW_MANY_PUPILS
from survey_analysis.lessons.mix_of_schools import LESSON as MIX_OF_SCHOOLS
from survey_analysis.lessons.questions import Lesson
from survey_analysis.lessons.which_denominator import LESSON as WHICH_DENOMINATOR
from survey_analysis.lessons.which_schools import LESSON as WHICH_SCHOOLS
from survey_analysis.lessons.worst_schools import LESSON as WORST_SCHOOLS

_ALL = (
    HOW_MANY,
    WHICH_SCHOOLS,
    WHICH_DENOMINATOR,
    DID_IT_WIDEN,
    MIX_OF_SCHOOLS,
    WORST_SCHOOLS,
    HOW_MANY_PUPILS,
    DO_ACTIONS_WORK,
    GOOD_VALUE,
    DO_THEY_AGREE,
)

LESSONS: Mapping[int, Lesson] = MappingProxyType({it.number: it for it in _ALL})
"""Every lesson."""


@lru_cache(maxsize=64)
def data_of(number: int, seed: int) -> pd.DataFrame:
    """The data of a lesson; to be looked at alone, for it is the same object each time."""
    return LESSONS[number].data(seed)
