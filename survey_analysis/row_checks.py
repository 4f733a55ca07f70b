"""Rules about cells that do not agree: with each other, with other rows, or with the visits that there are.

They are applied wherever the cells are there to compare, so that one bad cell never blames a good one.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

from survey_analysis.grade_scales import GradeScale
from survey_analysis.personal_data import quoted
from survey_analysis.problems import Problem
from survey_analysis.sheets import plain
from survey_analysis.survey_checks import Rows
from survey_analysis.surveys import GROUPS, NOT_APPLICABLE, NOT_SEEN, TIMES

_ALL_GROUPS = frozenset(group for pair in GROUPS.values() for group in pair)
_FAR, _FEWEST_DAYS = timedelta(days=731), 3  # of two days nobody can tell which is the odd one
_SECOND = "second_"


def row_problems(
    rows: Rows, *, visits: frozenset[str] | None, where: str, scale: GradeScale | None
) -> Iterator[Problem]:
    """What is wrong between the cells of one sheet, or between it and the visits that there are.

    `visits` is None where they cannot be told, and for the sheet that lists them; `where` is what that sheet is called;
    `scale` is the one that the grades are on, if it is known.
    """
    yield from _repeated(rows)
    yield from _alike(rows) if visits is None else _unknown(rows, visits, where)
    yield from _parts(rows)
    yield from _asked(rows)
    yield from _groups(rows, visits)
    yield from _totals(rows)
    yield from _people(rows)
    yield from _second_grades(rows)
    yield from _days(rows, scale)
    yield from _costs(rows, visits)


def missing_rows(rows: Rows, other: Rows) -> Iterator[Problem]:
    """Visits that have no row on another sheet, which has one for each."""
    there = other.visits
    for number, (visit_id,) in rows.cells("visit_id"):
        if visit_id and visit_id not in there:
            allowed = f"on the sheet {other.sheet.name}"
            yield rows.problem("missing-row", number, "visit_id", found=visit_id, allowed=allowed)


def _repeated(rows: Rows) -> Iterator[Problem]:
    key = [name for name, column in rows.columns.items() if column.presence == "key"]
    seen: set[tuple[str | None, ...]] = set()
    for number, names in rows.cells(*key):
        if all(names):
            if names in seen:
                yield rows.problem("twice", number, key[0], found=" ".join(filter(None, names)))
            seen.add(names)


def _unknown(rows: Rows, visits: frozenset[str], where: str) -> Iterator[Problem]:
    """Visits that are not there, with the one that is, but for capitals and spaces."""
    meant = {plain(visit): visit for visit in visits}
    for number, (visit_id,) in rows.cells("visit_id"):
        if visit_id and visit_id not in visits:
            near = meant.get(plain(visit_id), "")
            found = quoted(visit_id)
            yield rows.problem("unknown-visit", number, "visit_id", found=found, allowed=where, suggestion=near)


def _alike(rows: Rows) -> Iterator[Problem]:
    """Two names of visits that only capitals or spaces tell apart."""
    first: dict[str, str] = {}
    for number, (visit_id,) in rows.cells("visit_id"):
        if visit_id and (before := first.setdefault(plain(visit_id), visit_id)) != visit_id:
            yield rows.problem("alike", number, "visit_id", found=quoted(before), allowed=quoted(visit_id))


def _parts(rows: Rows) -> Iterator[Problem]:
    """Counts that are more than what they are a part of."""
    for name, column in rows.columns.items():
        if column.at_most:
            for number, (few, many) in rows.cells(name, column.at_most):
                if few and many and int(few) > int(many):
                    found = f"{rows.heading(name)} is {few}, more than {rows.heading(column.at_most)}, {many}"
                    yield rows.problem("part", number, name, found=found)


def _asked(rows: Rows) -> Iterator[Problem]:
    """Answers where nothing is asked, and questions that are put aside where they are asked."""
    for column in rows.columns.values():
        for name, codes in column.asked_of.items():
            others = {code for code in rows.columns[name].judgements if code not in codes}
            answers = {*column.judgements, NOT_SEEN}
            for number, (value, of) in rows.cells(column.name, name):
                if not value or not of:
                    continue
                found = f"{rows.spoken(value)} though {rows.heading(name)} is {rows.spoken(of)}"
                if of in codes and value == NOT_APPLICABLE:
                    allowed = f"give it a code, or {rows.spoken(NOT_SEEN)}"
                    yield rows.problem("asked", number, column.name, found=found, allowed=allowed)
                elif of in others and value in answers:
                    allowed = f"write {rows.spoken(NOT_APPLICABLE)}"
                    yield rows.problem("asked", number, column.name, found=found, allowed=allowed)


def _groups(rows: Rows, visits: frozenset[str] | None) -> Iterator[Problem]:
    """Groups of another characteristic, and schools in which not every group is counted before and after."""
    if "characteristic" not in rows.columns:
        return
    counted: dict[tuple[str, str], set[tuple[str | None, str | None]]] = {}
    first: dict[tuple[str, str], int] = {}
    for number, (visit_id, time, characteristic, group) in rows.cells("visit_id", "time", "characteristic", "group"):
        if not visit_id or not characteristic or characteristic not in GROUPS:
            continue
        counted.setdefault((visit_id, characteristic), set()).add((time, group))
        first.setdefault((visit_id, characteristic), number)
        if group in _ALL_GROUPS and group not in GROUPS[characteristic]:
            allowed = f"{characteristic} must be one of {', '.join(map(rows.spoken, GROUPS[characteristic]))}"
            yield rows.problem("group", number, "group", found=rows.spoken(group), allowed=allowed)
    for (visit_id, characteristic), found in counted.items():
        if visits is not None and visit_id not in visits:
            continue
        needed = list(product(TIMES, GROUPS[characteristic]))
        # As many as are needed, one of them under a name that is not known: that name is the problem, told above.
        for time, group in needed if len(found) < len(needed) else ():
            if (time, group) not in found:
                allowed = f"for {time}, {characteristic}, {rows.spoken(group)[1:-1]}"
                yield rows.problem(
                    "missing-row", first[visit_id, characteristic], "visit_id", found=visit_id, allowed=allowed
                )


def _totals(rows: Rows) -> Iterator[Problem]:
    """Pupils of a visit who add up to one number by one characteristic and to another by the next."""
    counts = [name for name, column in rows.columns.items() if column.kind == "count" and not column.may_be_empty]
    if "characteristic" not in rows.columns:
        return
    sums: dict[tuple[str, str, str], dict[str, int | None]] = {}
    lines: dict[tuple[str, str, str], int] = {}
    for number, (visit_id, time, characteristic, *cells) in rows.cells("visit_id", "time", "characteristic", *counts):
        if visit_id and time and characteristic:
            lines.setdefault((visit_id, time, characteristic), number)
            for name, cell in zip(counts, cells, strict=True):
                known = sums.setdefault((visit_id, time, name), {})
                before = known.get(characteristic, 0)
                known[characteristic] = None if cell is None or before is None else before + int(cell)
    for (visit, when, name), known in sums.items():
        (first, one), *others = known.items()
        for another, other in others:
            if one is not None and other is not None and one != other:
                found = f"{rows.heading(name)}, {when}, is {one:,} by {first} and {other:,} by {another}"
                yield rows.problem("totals", lines[visit, when, another], name, found=found)


def _people(rows: Rows) -> Iterator[Problem]:
    """One inspector as two, and one school as two."""
    for number, (one, two) in rows.cells("inspector", "second_inspector"):
        if one and two and one.casefold() == two.casefold():
            yield rows.problem("same-inspector", number, "second_inspector")
    first: dict[str, int] = {}
    for number, (urn,) in rows.cells("urn"):
        if urn and first.setdefault(urn, number) != number:
            found = rows.problem("same-school", first[urn], "urn").place
            allowed = "if it is one school visited twice, it counts twice in every number"
            yield rows.problem("same-school", number, "urn", found=found, allowed=allowed)


def _second_grades(rows: Rows) -> Iterator[Problem]:
    """A second grade by nobody."""
    grades = [name for name in rows.places if name.startswith(_SECOND) and rows.columns[name].kind == "grade"]
    if not grades or "second_inspector" not in rows.places:
        return
    for number, (second, *given) in rows.cells("second_inspector", *grades):
        graded = [name for name, grade in zip(grades, given, strict=True) if grade and grade != NOT_SEEN]
        if second == "" and graded:
            found, allowed = f"{rows.heading(graded[0])} is given", "say by a letter whose grade it is, or take it out"
            yield rows.problem("second-grade", number, "second_inspector", found=found, allowed=allowed)


def _days(rows: Rows, scale: GradeScale | None) -> Iterator[Problem]:
    """Visits long before or after most of the others, and on days when the scale of the grades was not in use."""
    days = [(number, date.fromisoformat(day)) for number, (day,) in rows.cells("visit_date") if day]
    if not days:
        return
    enough = len(days) >= _FEWEST_DAYS
    middle = sorted(day for _, day in days)[len(days) // 2]
    for number, day in days:
        if enough and abs(day - middle) > _FAR:
            yield rows.problem("far-date", number, "visit_date")
        if scale and (first := scale.first_day) and day < date.fromisoformat(first):
            found = f"is before {first}, when the scale began"
            yield rows.problem("scale-date", number, "visit_date", found=found, allowed=repr(scale.title))
        if scale and (last := scale.last_day) and day > date.fromisoformat(last):
            found = f"is after {last}, when the scale ended"
            yield rows.problem("scale-date", number, "visit_date", found=found, allowed=repr(scale.title))


def _costs(rows: Rows, visits: frozenset[str] | None) -> Iterator[Problem]:
    """Visits with the costs of one source alone, and costs at the prices of several years.

    Where a visit is under a wrong name, the costs of another may stand there.
    """
    if "source" not in rows.places:
        return
    sources: dict[str | None, set[str | None]] = {}
    lines: dict[str | None, int] = {}
    years: dict[str, int] = {}
    for number, (visit_id, year, source) in rows.cells("visit_id", "year", "source"):
        sources.setdefault(visit_id, set()).add(source)
        lines.setdefault(visit_id, number)
        if year:
            years.setdefault(year, number)
    for visit_id, borne in sources.items() if sources.keys() <= (visits or frozenset()) else ():
        if visit_id and len(borne) == 1 and (only := next(iter(borne))):
            allowed = rows.spoken(only)
            yield rows.problem("one-source", lines[visit_id], "source", found=visit_id, allowed=allowed)
    if len(years) > 1:
        found = f"the costs are of {len(years)} years, {', '.join(sorted(years))}"
        allowed = "a report gives a cost per pupil at the prices of one year only"
        yield rows.problem("cost-years", years[max(years)], "year", found=found, allowed=allowed)
