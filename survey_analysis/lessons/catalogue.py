"""The lessons by number, and their data, made once for each seed."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import pandas as pd

from survey_analysis.lessons.did_it_widen import LESSON as DID_IT_WIDEN
from survey_analysis.lessons.good_value import LESSON as GOOD_VALUE
from survey_analysis.lessons.how_many import LESSON as HOW_MANY
from survey_analysis.lessons.mix_of_schools import LESSON as MIX_OF_SCHOOLS
from survey_analysis.lessons.questions import Lesson

LESSONS: Mapping[int, Lesson] = MappingProxyType(
    {it.number: it for it in (HOW_MANY, DID_IT_WIDEN, MIX_OF_SCHOOLS, GOOD_VALUE)}
)
"""Every lesson."""


@lru_cache(maxsize=64)
def data_of(number: int, seed: int) -> pd.DataFrame:
    """The data of a lesson; to be looked at alone, for it is the same object each time."""
    return LESSONS[number].data(seed)
