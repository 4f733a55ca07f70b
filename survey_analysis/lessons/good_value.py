"""Lesson 9, was it good value: one table of costs read in several ways, and two rubrics that rank differently."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import inf
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey_analysis.errors import choice
from survey_analysis.lessons.questions import Lesson, Mistake, Prediction, Question
from survey_analysis.rendering import number
from survey_analysis.rubrics import Criterion, Rubric, Standard

NAMES = ("Dale", "East", "Hill", "North", "South", "West")
BASIC, MORE = "Hill", "Dale"
"""Two with as many pupils on roll: the first teaches whole classes, the second does so and goes on with some."""
_STANDARDS = ("adequate", "good", "excellent")


@dataclass(frozen=True, kw_only=True)
class Design:
    """What a partnership was made from: its cost and its pupils, and the shares from which chance draws the rest."""

    cost_gbp: int
    pupils: int
    disadvantaged: float
    reached: float
    disadvantaged_of_reached: float
    sustained_of_reached: float
    disadvantaged_of_sustained: float


def _design(cost: int, pupils: int, *shares: float) -> Design:
    disadvantaged, reached, of_reached, sustained, of_sustained = shares
    return Design(
        cost_gbp=cost,
        pupils=pupils,
        disadvantaged=disadvantaged,
        reached=reached,
        disadvantaged_of_reached=of_reached,
        sustained_of_reached=sustained,
        disadvantaged_of_sustained=of_sustained,
    )


DESIGNS: Mapping[str, Design] = MappingProxyType(
    {
        "whole classes": _design(38_000, 1600, 0.30, 0.59, 0.21, 0.16, 0.08),
        "whole classes, and going on": _design(68_000, 1600, 0.30, 0.70, 0.27, 0.20, 0.18),
        "small groups": _design(56_000, 1500, 0.20, 0.36, 0.13, 0.60, 0.09),
        "places kept for the disadvantaged": _design(57_000, 1200, 0.40, 0.34, 0.45, 0.36, 0.48),
        "one to one for the disadvantaged": _design(72_000, 900, 0.40, 0.24, 0.68, 0.34, 0.67),
        "choirs": _design(44_000, 1400, 0.40, 0.44, 0.42, 0.36, 0.29),
    }
)
"""What each of the six does, and what it was made from."""


def _criterion(name: str, measure: str, unit: str, good: float, excellent: float) -> Criterion:
    """Three standards that part at two thresholds: from the first on it is good, and from the second on excellent."""
    ends = [-inf, good, excellent, inf] if good < excellent else [inf, good, excellent, -inf]
    standards = [
        Standard(name=standard, at_least=min(pair), below=max(pair), words="")
        for standard, pair in zip(_STANDARDS, pairwise(ends), strict=True)
    ]
    return Criterion(name=name, measure=measure, unit=unit, standards=tuple(standards))


def _rubric(title: str, *criteria: Criterion) -> Rubric:
    return Rubric(
        title=title,
        status="example",
        agreed_by="nobody: an example",
        agreed_on=date(2026, 11, 26),
        standards=_STANDARDS,
        criteria=criteria,
    )


RUBRICS: Mapping[str, Rubric] = MappingProxyType(
    {
        "A": _rubric(
            "Rubric A: as many as can be",
            _criterion("cost of reach", "pounds per pupil reached", "pounds", 150, 65),
            _criterion("reach", "share of pupils reached", "share", 0.40, 0.65),
        ),
        "B": _rubric(
            "Rubric B: those who go without",
            _criterion("cost of lasting", "pounds per disadvantaged pupil sustained", "pounds", 2000, 1000),
            _criterion("fairness", "disadvantaged among the sustained, less on roll", "points", -0.15, 0.0),
        ),
    }
)
"""Two rubrics with two criteria each. What a partnership comes to is the lower of its two standards."""


def partnerships_drawn(seed: int) -> pd.DataFrame:
    """A row for each of six partnerships: its cost, and its pupils on roll, reached and sustained for a year or more.

    What chance seldom does is drawn again: the data are to show what is usual.
    """
    random = np.random.default_rng([9, seed])
    made = _drawn(random)
    while not _is_usual(made):
        made = _drawn(random)
    return made.sort_values("partnership", ignore_index=True)


def costs_per_pupil(partnerships: pd.DataFrame) -> pd.DataFrame:
    """What each partnership costs per pupil reached, per pupil sustained, and per disadvantaged pupil sustained.

    Parameters
    ----------
    partnerships
        What `data` gives for lesson 9.

    Returns
    -------
    DataFrame
        A row for each partnership, in pounds. The whole cost is divided each time: three readings of one budget.
    """
    columns = {
        "per_pupil_reached": "reached",
        "per_pupil_sustained": "sustained",
        "per_disadvantaged_pupil_sustained": "disadvantaged_sustained",
    }
    made = {name: partnerships["cost_gbp"] / partnerships[column] for name, column in columns.items()}
    return pd.DataFrame({"partnership": partnerships["partnership"], **made})


def value_rubric(name: str) -> Rubric:
    """One of the two rubrics of lesson 9.

    Parameters
    ----------
    name
        'A' or 'B'.

    Returns
    -------
    Rubric
        As `read_rubric` gives it. An example, with thresholds that nobody agreed.

    Raises
    ------
    InputError
        Another name.
    """
    return choice("name", name, RUBRICS)


def judged_by(partnerships: pd.DataFrame, rubric: str) -> pd.DataFrame:
    """What each partnership reaches by a rubric, the best first.

    Parameters
    ----------
    partnerships
        As for `costs_per_pupil`.
    rubric
        'A' or 'B'.

    Returns
    -------
    DataFrame
        A row for each partnership, with the value and the standard of each criterion, and `overall`, the lower of the
        two standards.

    Raises
    ------
    InputError
        Another rubric.
    """
    criteria = value_rubric(rubric).criteria
    places = _places(partnerships, rubric)
    rows = [
        {"partnership": row["partnership"]}
        | {it.name: f"{number(row[it.measure], it.unit)}: {it.reached(row[it.measure]).name}" for it in criteria}
        | {"overall": _STANDARDS[places[row["partnership"]]]}
        for row in sorted(_measured(partnerships), key=lambda row: -places[row["partnership"]])
    ]
    return pd.DataFrame(rows)


def _drawn(random: np.random.Generator) -> pd.DataFrame:
    rows = []
    others = random.permutation([name for name in NAMES if name not in (BASIC, MORE)]).tolist()
    scales = random.uniform(0.95, 1.05, size=len(DESIGNS))
    scales[1] = scales[0]  # these two have as many pupils
    for name, it, scale in zip([BASIC, MORE, *others], DESIGNS.values(), scales, strict=True):
        pupils = round(it.pupils * scale)
        reached = int(random.binomial(pupils, it.reached))
        sustained = int(random.binomial(reached, it.sustained_of_reached))
        rows.append(
            {
                "partnership": name,
                "cost_gbp": int(round(it.cost_gbp * random.uniform(0.96, 1.04), -2)),
                "pupils": pupils,
                "disadvantaged": int(random.binomial(pupils, it.disadvantaged)),
                "reached": reached,
                "disadvantaged_reached": int(random.binomial(reached, it.disadvantaged_of_reached)),
                "sustained": sustained,
                "disadvantaged_sustained": int(random.binomial(sustained, it.disadvantaged_of_sustained)),
            }
        )
    return pd.DataFrame(rows)


def _is_usual(made: pd.DataFrame) -> bool:
    """Whether each design, in order, is the best at what it is for, and no slip comes to what is right."""
    if not made["disadvantaged_sustained"].between(5, made["disadvantaged_reached"]).all():
        return False
    best = [_cheapest(made, "reached"), _first(made, "A"), _cheapest(made, "sustained"), _first(made, "B")]
    best += [_fairest(made), _cheapest(made, "disadvantaged_sustained")]
    least, more = (_per(made, name, "sustained") for name in (BASIC, MORE))
    return (
        best == made["partnership"].tolist()
        and _by_cost(made, "disadvantaged_sustained")[-1] == BASIC
        and [_places(made, rubric)[BASIC] for rubric in RUBRICS] == [1, 0]
        and _places(made, "A")[best[3]] == 0
        and _more(made, "cost_gbp") / _more(made, "sustained") > 1.1 * more > 1.1 * least
        and all(question.tells_apart(made) for question in LESSON.questions)
    )


def _measured(partnerships: pd.DataFrame) -> list[dict[str, Any]]:
    """The measures of both rubrics, by their names, for each partnership."""
    return [
        {
            "partnership": it["partnership"],
            "pounds per pupil reached": it["cost_gbp"] / it["reached"],
            "share of pupils reached": it["reached"] / it["pupils"],
            "pounds per disadvantaged pupil sustained": it["cost_gbp"] / it["disadvantaged_sustained"],
            "disadvantaged among the sustained, less on roll": it["disadvantaged_sustained"] / it["sustained"]
            - it["disadvantaged"] / it["pupils"],
        }
        for it in partnerships.to_dict("records")
    ]


def _places(partnerships: pd.DataFrame, rubric: str) -> dict[str, int]:
    """The place of the lower of its standards, for each partnership."""
    criteria = RUBRICS[rubric].criteria
    return {
        row["partnership"]: min(_STANDARDS.index(it.reached(row[it.measure]).name) for it in criteria)
        for row in _measured(partnerships)
    }


def _first(partnerships: pd.DataFrame, rubric: str) -> str:
    """The one that a rubric puts first; nothing where several share the place."""
    places = _places(partnerships, rubric)
    best = [name for name, place in places.items() if place == max(places.values())]
    return best[0] if len(best) == 1 else ""


def _by_cost(partnerships: pd.DataFrame, column: str) -> list[str]:
    order = np.argsort((partnerships["cost_gbp"] / partnerships[column]).to_numpy(), kind="stable")
    return [str(partnerships["partnership"].iloc[place]) for place in order]


def _cheapest(partnerships: pd.DataFrame, column: str) -> str:
    return _by_cost(partnerships, column)[0]


def _fairest(partnerships: pd.DataFrame) -> str:
    """Of whose sustained pupils the most are disadvantaged."""
    share = partnerships["disadvantaged_sustained"] / partnerships["sustained"]
    return str(partnerships["partnership"].iloc[int(share.to_numpy().argmax())])


def _of(partnerships: pd.DataFrame, name: str, column: str) -> float:
    return float(partnerships[column].to_numpy()[partnerships["partnership"].tolist().index(name)])


def _per(partnerships: pd.DataFrame, name: str, column: str) -> float:
    return _of(partnerships, name, "cost_gbp") / _of(partnerships, name, column)


def _more(partnerships: pd.DataFrame, column: str) -> float:
    """What the one has more of than the other."""
    return _of(partnerships, MORE, column) - _of(partnerships, BASIC, column)


def _surprise(partnerships: pd.DataFrame) -> str:
    name = _cheapest(partnerships, "reached")
    one, other = (_per(partnerships, name, column) for column in ("reached", "disadvantaged_sustained"))
    by = [_STANDARDS[_places(partnerships, rubric)[name]] for rubric in RUBRICS]
    return (
        f"{name} is the cheapest per pupil reached, at {number(one, 'pounds')}, and the dearest per "
        f"disadvantaged pupil who goes on, at {number(other, 'pounds')}; by rubric A it is {by[0]} and by rubric B "
        f"{by[1]}, and each of the two puts another partnership first."
    )


LESSON = Lesson(
    number=9,
    title="Was it good value?",
    data=partnerships_drawn,
    truth=MappingProxyType(
        {f"{name}: share of pupils reached": it.reached for name, it in DESIGNS.items()}
        | {f"{name}: share of the reached who go on": it.sustained_of_reached for name, it in DESIGNS.items()}
        | {
            f"{name}: share of these who are disadvantaged": it.disadvantaged_of_sustained
            for name, it in DESIGNS.items()
        }
    ),
    prediction=Prediction(
        asks="Which of the six costs least for each disadvantaged pupil who goes on for a year or more?",
        unit="option",
        answer=lambda partnerships: _cheapest(partnerships, "disadvantaged_sustained"),
        surprise=_surprise,
        options=NAMES,
    ),
    questions=(
        Question(
            asks="What does the partnership North cost for each disadvantaged pupil reached?",
            unit="pounds",
            answer=lambda partnerships: _per(partnerships, "North", "disadvantaged_reached"),
            why="The whole cost is divided each time: it is one of several readings of one budget.",
            otherwise="divide the cost of North by its disadvantaged pupils who were reached",
            mistakes=(
                Mistake(
                    answer=lambda partnerships: _per(partnerships, "North", "reached"),
                    hint="this is for each pupil reached, whoever that is",
                ),
                Mistake(
                    answer=lambda partnerships: _per(partnerships, "North", "disadvantaged"),
                    hint="this is for each disadvantaged pupil on roll, reached or not",
                ),
                Mistake(
                    answer=lambda partnerships: _per(partnerships, "North", "disadvantaged_sustained"),
                    hint="this is for each disadvantaged pupil who went on, and those reached are more",
                ),
                Mistake(
                    answer=lambda partnerships: 1 / _per(partnerships, "North", "disadvantaged_reached"),
                    hint="this is upside down: pupils for each pound",
                ),
            ),
        ),
        Question(
            asks="What does one more pupil sustained cost in Dale, against Hill?",
            unit="pounds",
            answer=lambda partnerships: _more(partnerships, "cost_gbp") / _more(partnerships, "sustained"),
            why="It is more than either average. Strike out first whatever costs more and sustains fewer than another.",
            otherwise="divide what Dale costs more than Hill by how many more pupils it sustains",
            mistakes=(
                Mistake(
                    answer=lambda partnerships: _per(partnerships, MORE, "sustained"),
                    hint="this is the average of Dale: it compares with nothing, and one *more* pupil is asked",
                ),
                Mistake(
                    answer=lambda partnerships: _per(partnerships, BASIC, "sustained"),
                    hint="this is the average of Hill: it compares with nothing, and one *more* pupil is asked",
                ),
                Mistake(
                    answer=lambda partnerships: (
                        _per(partnerships, MORE, "sustained") - _per(partnerships, BASIC, "sustained")
                    ),
                    hint="this is the difference of the two averages; divide the two differences instead",
                ),
                Mistake(
                    answer=lambda partnerships: _more(partnerships, "cost_gbp") / _more(partnerships, "reached"),
                    hint="this divides by pupils reached, and those sustained are asked",
                ),
                Mistake(
                    answer=lambda partnerships: (
                        _more(partnerships, "cost_gbp") / _more(partnerships, "disadvantaged_sustained")
                    ),
                    hint="this counts disadvantaged pupils only, and every pupil sustained is asked",
                ),
                Mistake(
                    answer=lambda partnerships: _more(partnerships, "sustained") / _more(partnerships, "cost_gbp"),
                    hint="this is upside down: pupils for each pound",
                ),
            ),
        ),
        Question(
            asks="Which partnership does rubric B put first?",
            unit="option",
            answer=lambda partnerships: _first(partnerships, "B"),
            why="It is the only one that is excellent on both criteria; rubric A has it among the last.",
            otherwise="judge each by both criteria of rubric B, and take the lower of the two standards",
            mistakes=(
                Mistake(
                    answer=lambda partnerships: _cheapest(partnerships, "reached"),
                    hint="this one is the cheapest per pupil reached, which rubric B does not ask",
                ),
                Mistake(
                    answer=lambda partnerships: _first(partnerships, "A"),
                    hint="this one is the first by rubric A",
                ),
                Mistake(
                    answer=lambda partnerships: _cheapest(partnerships, "sustained"),
                    hint="this one is the cheapest per pupil sustained, and rubric B asks which pupils",
                ),
                Mistake(
                    answer=lambda partnerships: _cheapest(partnerships, "disadvantaged_sustained"),
                    hint="this one is the cheapest per disadvantaged pupil sustained, but there is a second criterion",
                ),
                Mistake(
                    answer=_fairest,
                    hint="those whom this one sustains are the most often disadvantaged, but look at what it costs",
                ),
            ),
            options=NAMES,
        ),
    ),
)
