"""How long exact bounds take: every shipped range, and one range beside an integer programme over all combinations.

python benchmarks/bounds.py [ATTRIBUTES]

The synthetic claims are those of a report on 59 schools: ten succeeded, all of them did each of the things asked about,
most schools did each, and each thing was more than once missing elsewhere. Asked is in how many schools the first two
things were both missing. The plain programme has a number for each combination of codes, 2 to the power of ATTRIBUTES
(16 when absent); both start from the same constraints.
"""

import sys
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from survey_analysis.claim_bounds import asked, compute_bounds
from survey_analysis.claims_file import read_claims
from survey_analysis.constraints import compile_claims
from survey_analysis.count_tables import CountTables
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.events import Event, Linear
from survey_analysis.identification import AllowedSurveys
from survey_analysis.lexicons import find_lexicon

SCHOOLS = 59
YES, NO = ("yes",), ("no",)
Found = TypeVar("Found")


def seconds(call: Callable[[], Found]) -> tuple[float, Found]:
    """How long a call takes, and what it finds."""
    start = perf_counter()
    result = call()
    return perf_counter() - start, result


def star(attributes: int) -> tuple[dict[str, tuple[str, str]], list[Linear], Event]:
    """Claims about so many attributes, the first of which is success; and what is asked."""
    names = ["success", *(f"thing_{number}" for number in range(1, attributes))]
    ten = Linear(terms=((1, Event(conditions=({"success": YES},))),), low=10, high=10)
    claims = [ten]
    for name in names[1:]:
        claims += [
            Linear(terms=((1, Event(conditions=({"success": YES, name: NO},))),), high=0),
            Linear(terms=((1, Event(conditions=({name: YES},))),), low=30),
            Linear(terms=((1, Event(conditions=({name: NO, "success": NO},))),), low=2),
        ]
    return dict.fromkeys(names, ("yes", "no")), claims, Event(conditions=({"thing_1": NO, "thing_2": NO},))


def by_tables(attributes: int) -> tuple[int, int]:
    codes, claims, event = star(attributes)
    tables = CountTables(codes, claims, SCHOOLS, ask=[event])
    least, greatest = tables.least(((1, event),)), tables.greatest(((1, event),))
    if least is None or greatest is None:
        raise RuntimeError("the claims have no survey")
    return least.value, greatest.value


def by_combinations(attributes: int) -> tuple[int, int]:
    """The same with a whole number for each combination of codes."""
    codes, claims, event = star(attributes)
    cells = np.arange(2**attributes)
    has = {name: (cells >> place) & 1 == 1 for place, name in enumerate(codes)}

    def holds(it: Event) -> np.ndarray:
        [condition] = it.conditions
        return np.logical_and.reduce([has[name] == (wanted == YES) for name, wanted in condition.items()])

    rows = csr_array(
        np.array([np.ones(len(cells), dtype=bool)] + [holds(it.terms[0][1]) for it in claims]), dtype=float
    )
    low = [SCHOOLS] + [0 if it.low is None else it.low for it in claims]
    high = [SCHOOLS] + [SCHOOLS if it.high is None else it.high for it in claims]
    objective = holds(event).astype(float)
    limits, of = Bounds(0, SCHOOLS), LinearConstraint(rows, low, high)
    ends = [milp(sense * objective, integrality=1, bounds=limits, constraints=of) for sense in (1, -1)]
    return round(ends[0].fun), round(-ends[1].fun)


def shipped() -> None:
    claims, columns = read_claims(), packaged_dictionary()["visits"]
    lexicon = find_lexicon("plain-english")
    allowed = AllowedSurveys(compile_claims(claims, columns, lexicon=lexicon.readings()), exactly=True)
    numbers = [quantity for _, quantity in asked(claims) if quantity.kind == "number"]
    compared = [quantity for _, quantity in asked(claims) if quantity.kind != "number"]
    for title, questions in (("numbers of schools", numbers), ("differences of shares", compared)):
        ends = lambda them=questions: [allowed.ask(it).ends() for it in them]  # noqa: E731
        first, again = (seconds(ends)[0] for _ in range(2))
        print(f"{len(questions):3} {title:22} both ends {again:7.3f} s ({first:.3f} s the first time)")
    whole, found = seconds(lambda: compute_bounds(claims, columns, lexicon))
    print(f"{len(found):3} ranges with proof and verdict, from nothing {whole:7.3f} s")


def main() -> None:
    shipped()
    attributes = int(sys.argv[1]) if len(sys.argv) > 1 else 16
    by_tables(4)  # loads the solver
    for number in (attributes, 80):
        ours, found = seconds(lambda number=number: by_tables(number))
        print(f"{number} attributes, tables from nothing {1000 * ours:8.1f} ms   {found}")
        if number == attributes:
            plain, same = seconds(lambda: by_combinations(attributes))
            if same != found:
                raise RuntimeError(f"the plain programme finds {same}, the tables {found}")
            print(
                f"{number} attributes, all combinations    {1000 * plain:8.1f} ms   {plain / ours:,.0f} times as long"
            )


if __name__ == "__main__":
    main()
