"""A second solver, OR-tools (CP-SAT), asked about every range that is shipped.

Of the package only the constraints are used, none of its counting: every combination of codes has a whole number of its
own, and comparisons are products as they stand. The solver looks for a survey at each end and for one beyond it. It has
to run in a process of its own: it brings other parts of HiGHS, under the same names as the package's solver.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations, product

from ortools.sat.python import cp_model

from survey_analysis.claim_bounds import asked, published_bounds
from survey_analysis.claims_file import read_claims
from survey_analysis.constraints import Model, compile_claims
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.events import Event
from survey_analysis.lexicons import read_lexicons
from survey_analysis.quantities import Quantity

CLAIMS = read_claims()
COLUMNS = packaged_dictionary()["visits"]
Names = frozenset[str]
Sum = cp_model.LinearExpr
Table = list[tuple[dict[str, str], cp_model.IntVar]]


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
            self.program.add(value >= (-(10**6) if line.low is None else line.low))
            self.program.add(value <= (10**6 if line.high is None else line.high))
        for it in of.comparisons:
            inside, anywhere = self.number(it.inside), self.number(it.anywhere)
            for size, is_so in self.sizes(it.group).items():
                self.program.add(self.schools * inside > size * anywhere).only_enforce_if(is_so)

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

    def sizes(self, event: Event) -> dict[int, cp_model.IntVar]:
        """For each size that a group can have if it is neither empty nor everybody, whether it has it."""
        are = {size: self.program.new_bool_var("") for size in range(1, self.schools)}
        self.program.add_exactly_one(are.values())
        self.program.add(self.number(event) == cp_model.LinearExpr.weighted_sum(list(are.values()), list(are)))
        return are

    def greatest(self, of: Sum, *, presolve: bool = False) -> int | None:
        """The greatest value of a sum, or None where there is no survey."""
        self.program.maximize(of)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.cp_model_presolve = presolve  # for plain sums it takes longer than the search
        status = solver.solve(self.program)
        assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE), solver.status_name()
        return round(solver.objective_value) if status == cp_model.OPTIMAL else None


def holds(event: Event, school: Mapping[str, str]) -> bool:
    return any(all(school[name] in codes for name, codes in it.items()) for it in event.conditions)


def are_the_ends(of: Model, quantity: Quantity, low: Fraction, high: Fraction) -> bool:
    """Whether each end is attained and nothing is beyond it."""
    among = quantity.among or ({},)
    both, group, over = of.event(quantity.of, among), of.event(among), of.event(quantity.of)
    surveys = Surveys(of, [both, group, over])
    inside, anywhere = surveys.number(both), surveys.number(over)
    if quantity.kind == "number":
        return surveys.greatest(inside) == high and surveys.greatest(-inside) == -low
    assert (quantity.kind, quantity.against) == ("difference", None)
    sizes = surveys.sizes(group)
    for end, sense in ((low, -1), (high, 1)):
        beyond = surveys.program.new_int_var(-(10**9), 10**9, "")  # how far, times the size of both groups
        for size, is_so in sizes.items():
            rest = of.schools - size
            above = end.denominator * (rest * inside - size * (anywhere - inside)) - end.numerator * size * rest
            surveys.program.add(beyond == sense * above).only_enforce_if(is_so)
        if surveys.greatest(beyond, presolve=True) != 0:
            return False
    return True


def main() -> None:
    """Print a line for each shipped range: its lexicon, its id, and whether this solver agrees."""
    for lexicon in read_lexicons().values():
        model = compile_claims(CLAIMS, COLUMNS, lexicon=lexicon.readings())
        found = published_bounds(lexicon) or {}
        for name, quantity in asked(CLAIMS):
            print(lexicon.id, name, are_the_ends(model, quantity, found[name].low, found[name].high))


if __name__ == "__main__":
    main()
