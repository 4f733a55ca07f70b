"""A second solver, OR-tools (CP-SAT), asked about every range that is shipped.

Of the package only the constraints are used, none of its counting: every combination of codes has a whole number of its
own, and comparisons are products as they stand. The solver looks for a survey at each end and for one beyond it. It has
to run in a process of its own: it brings other parts of HiGHS, under the same names as the package's solver.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from itertools import combinations, product

from ortools.sat.python import cp_model

from survey_analysis.claim_bounds import asked, published_bounds
from survey_analysis.claims_file import read_claims
from survey_analysis.constraints import Model, compile_claims
from survey_analysis.events import Event
from survey_analysis.lexicons import read_lexicons
from survey_analysis.quantities import Quantity
from survey_analysis.resources import DATA
from survey_analysis.survey_files import read_dictionary

CLAIMS = read_claims()
COLUMNS = read_dictionary(DATA / "dictionary.csv")["visits"]
ASKED = dict(asked(CLAIMS))
Names = frozenset[str]
Sum = cp_model.LinearExpr
Table = list[tuple[dict[str, str], cp_model.IntVar]]


@cache
def model(lexicon: str) -> Model:
    return compile_claims(CLAIMS, COLUMNS, lexicon=read_lexicons()[lexicon].readings())


def cliques(scopes: Iterable[Names]) -> list[Names]:
    """Cliques of a chordal graph in which every scope lies within one; attributes of few neighbours go first."""
    left = [set(scope) for scope in scopes]
    found: list[Names] = []
    names = sorted(set().union(*left))
    while names:
        near = {name: set().union(*(scope for scope in left if name in scope)) for name in names}
        name = min(names, key=lambda it: (len(near[it]), it))
        found.append(Names(near[name]))
        left = [scope for scope in left if name not in scope] + [near[name] - {name}]
        names.remove(name)
    return [it for it in found if not any(it < other for other in found)]


class Surveys:
    """All surveys that a model allows, as whole numbers for each combination of codes in each clique."""

    def __init__(self, of: Model, ask: Iterable[Event]) -> None:
        self.schools, self.codes, self.program = of.schools, of.codes, cp_model.CpModel()
        compared = [event for it in of.comparisons for event in (it.inside, it.anywhere, it.group)]
        events = [event for it in of.constraints for _, event in it.terms] + compared + list(ask)
        self.tables = {clique: self.table(clique) for clique in cliques(event.scope for event in events)}
        for one, other in combinations(self.tables, 2):
            self.agree(one, other)
        for line in of.constraints:
            value = sum((times * self.number(event) for times, event in line.terms), start=self.constant(0))
            self.program.add(value >= (-10_000 if line.low is None else line.low))
            self.program.add(value <= (10_000 if line.high is None else line.high))
        for it in of.comparisons:
            self.program.add(
                self.times(self.number(it.inside), self.outside(it.group))
                > self.times(self.number(it.anywhere) - self.number(it.inside), self.number(it.group))
            )
            self.program.add_linear_constraint(self.number(it.group), 1, self.schools - 1)

    def constant(self, value: int) -> Sum:
        return cp_model.LinearExpr.sum([value])

    def table(self, clique: Names) -> Table:
        names = sorted(clique)
        cells = product(*(self.codes[name] for name in names))
        table = [(dict(zip(names, cell, strict=True)), self.program.new_int_var(0, self.schools, "")) for cell in cells]
        self.program.add(sum(number for _, number in table) == self.schools)
        return table

    def agree(self, one: Names, other: Names) -> None:
        shared = sorted(one & other)
        for cell in product(*(self.codes[name] for name in shared)) if shared else ():
            event = Event(conditions=({name: (code,) for name, code in zip(shared, cell, strict=True)},))
            self.program.add(self.count(self.tables[one], event) == self.count(self.tables[other], event))

    def count(self, table: Table, event: Event) -> Sum:
        return cp_model.LinearExpr.sum([number for cell, number in table if holds(event, cell)])

    def number(self, event: Event) -> Sum:
        """How many schools an event holds for."""
        return self.count(next(self.tables[it] for it in self.tables if event.scope <= it), event)

    def outside(self, event: Event) -> Sum:
        return self.schools - self.number(event)

    def times(self, one: Sum, other: Sum) -> cp_model.IntVar:
        """The product of two numbers of schools."""
        value = self.program.new_int_var(0, self.schools**2, "")
        self.program.add_multiplication_equality(value, [one, other])
        return value

    def exist(self) -> bool:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        status = solver.solve(self.program)
        assert status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE), solver.status_name()
        return status != cp_model.INFEASIBLE


def holds(event: Event, school: Mapping[str, str]) -> bool:
    return any(all(school[name] in codes for name, codes in it.items()) for it in event.conditions)


def surveys_from(of: Model, quantity: Quantity, end: Fraction, sense: int, beyond: bool) -> bool:
    """Whether there is a survey whose value is at an end or further, or is beyond it."""
    among = quantity.among or ({},)
    both, group, over = of.event(quantity.of, among), of.event(among), of.event(quantity.of)
    surveys = Surveys(of, [both, group, over])
    if quantity.kind == "number":
        value, limit = surveys.number(both), int(end)
        assert end.denominator == 1
    else:
        assert (quantity.kind, quantity.against) == ("difference", None)
        inside, elsewhere = surveys.number(both), surveys.number(over) - surveys.number(both)
        size, rest = surveys.number(group), surveys.outside(group)
        surveys.program.add_linear_constraint(size, 1, of.schools - 1)
        value = end.denominator * (surveys.times(inside, rest) - surveys.times(elsewhere, size))
        value -= end.numerator * surveys.times(size, rest)
        limit = 0
    surveys.program.add(sense * value >= sense * limit + int(beyond))
    return surveys.exist()


def agrees(question: tuple[str, str]) -> bool:
    """Whether a survey attains each end of a shipped range, and none goes beyond it."""
    name, lexicon = question
    found = (published_bounds(read_lexicons()[lexicon]) or {})[name]
    return all(
        surveys_from(model(lexicon), ASKED[name], end, sense, beyond=beyond) is not beyond
        for end, sense in ((found.low, -1), (found.high, 1))
        for beyond in (False, True)
    )
