"""The rules of a survey over its sheets: every problem, with its place, and the cells as text where there is none.

Rules about one cell stand in `cell_values`; here are those about headings, rows, and cells that do not agree. They are
applied wherever the cells are there to compare, so that one bad cell never blames a good one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from survey_analysis.cell_values import Fault, readers
from survey_analysis.errors import nearest
from survey_analysis.personal_data import personal, quoted
from survey_analysis.problems import Problem
from survey_analysis.sheets import Sheet, Value
from survey_analysis.surveys import GROUPS, NOT_APPLICABLE, NOT_SEEN, TIMES, Column

_ALL_GROUPS = frozenset(group for pair in GROUPS.values() for group in pair)
_FAR = timedelta(days=731)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The cells of a sheet as text, column by column, None where something is wrong with one.

    `numbers` are the rows' own; `places` say where each column stands.
    """

    sheet: Sheet
    columns: Mapping[str, Column]
    places: Mapping[str, int]
    numbers: Sequence[int]
    values: Mapping[str, Sequence[str | None]]

    def cells(self, *names: str) -> Iterator[tuple[int, tuple[str | None, ...]]]:
        """Each row's number, and its cells in these columns; None in one that is not there."""
        missing = [None] * len(self.numbers)
        parts = (self.values.get(name, missing) for name in names)
        return zip(self.numbers, zip(*parts, strict=True), strict=True)

    def problem(self, rule: str, number: int, name: str = "", *, found: str = "", allowed: str = "") -> Problem:
        cell = self.sheet.cell(number, self.places.get(name, 0))
        return Problem(
            sheet=self.sheet.name, cell=cell, column=self.heading(name), rule=rule, found=found, allowed=allowed
        )

    def heading(self, name: str) -> str:
        """What the sheet calls a column."""
        return str(self.sheet.header[self.places[name]]).strip() if name in self.places else ""

    def spoken(self, code: str) -> str:
        """A code as the sheet shows it."""
        return repr(code if self.sheet.is_file else code.replace("_", " "))

    @property
    def visits(self) -> frozenset[str]:
        return frozenset(it for it in self.values.get("visit_id", ()) if it)

    @property
    def named(self) -> frozenset[str]:
        """The visits, those too that stand in a line of the wrong length."""
        place = self.places["visit_id"]
        broken = (cells for _, cells in self.sheet.rows if len(self.sheet.header) != len(cells) > place)
        return self.visits | {str(cells[place]).strip() for cells in broken}


def read_rows(sheet: Sheet, columns: Mapping[str, Column]) -> tuple[Rows, list[Problem]]:
    """The cells of a sheet under the headings that are wanted, and what is wrong with headings and cells."""
    places, problems = _places(sheet, columns)
    whole = [(number, cells) for number, cells in sheet.rows if len(cells) == len(sheet.header)]
    problems += _length_problems(sheet)
    values: dict[str, list[str | None]] = {}
    for name, reader in readers({it: columns[it] for it in places}, spaced=not sheet.is_file).items():
        place, heading = places[name], str(sheet.header[places[name]]).strip()
        values[name] = column = []
        for number, cells in whole:
            found = reader(cells[place])
            column.append(None if isinstance(found, Fault) else found)
            if isinstance(found, Fault):
                problems.append(_of_fault(found, sheet, sheet.cell(number, place), heading))
    numbers = [number for number, _ in whole]
    return Rows(sheet=sheet, columns=columns, places=places, numbers=numbers, values=values), problems


def _of_fault(fault: Fault, sheet: Sheet, cell: str, heading: str) -> Problem:
    return Problem(
        sheet=sheet.name,
        cell=cell,
        column=heading,
        rule=fault.rule,
        found=fault.found,
        allowed=fault.allowed,
        suggestion=fault.suggestion,
    )


def _places(sheet: Sheet, columns: Mapping[str, Column]) -> tuple[dict[str, int], list[Problem]]:
    """Where each column stands, and what is wrong with the header."""
    names = {_plain(name): name for name in columns} | {
        _plain(column.label): name for name, column in columns.items() if column.label
    }
    places: dict[str, int] = {}
    problems: list[Problem] = []
    heads = Counter(_plain(head) for head in sheet.header if _plain(head))
    for place, head in enumerate(sheet.header):
        name = names.get(_plain(head))
        cell = "" if sheet.is_file else sheet.cell(sheet.header_row, place)
        if name is None:
            problems += _no_column(sheet, place, head, columns)
        elif name not in places:
            places[name] = place
            if (times := heads[_plain(head)]) > 1:
                found = f"{_called(head)} {times} times"
                problems.append(Problem(sheet=sheet.name, cell=cell, rule="repeated-column", found=found))
    for name, column in columns.items():
        if name not in places and not column.may_be_absent:
            wanted = repr(column.label if column.label and not sheet.is_file else name)
            problems.append(Problem(sheet=sheet.name, rule="missing-column", allowed=wanted))
    return places, problems


def _no_column(sheet: Sheet, place: int, head: Value, columns: Mapping[str, Column]) -> Iterator[Problem]:
    """A heading that is none of ours: an error in a file, where it is most likely a slip; in a workbook a remark."""
    if sheet.is_file:
        yield Problem(
            sheet=sheet.name,
            rule="unknown-column",
            found=_called(head),
            allowed=", ".join(map(repr, columns)),
            suggestion=nearest(str(head), columns),
        )
    elif _plain(head):
        labels = [column.label for column in columns.values()]
        yield Problem(
            sheet=sheet.name,
            cell=sheet.cell(sheet.header_row, place),
            rule="extra-column",
            found=_called(head),
            suggestion=nearest(str(head), labels),
        )
    else:
        below = next((number for number, cells in sheet.rows if cells[place] not in (None, "")), 0)
        if below:
            yield Problem(
                sheet=sheet.name, cell=sheet.cell(below, place), rule="extra-column", found="without a heading"
            )


def _called(head: Value) -> str:
    return quoted(head if isinstance(head, str) else str(head))


def _plain(head: Value) -> str:
    return " ".join(str("" if head is None else head).replace("_", " ").split()).casefold()


def _length_problems(sheet: Sheet) -> Iterator[Problem]:
    for number, cells in sheet.rows:
        if len(cells) != len(sheet.header):
            yield Problem(
                sheet=sheet.name,
                cell=sheet.cell(number, 0),
                rule="row-length",
                found=f"{len(cells)} cells below a header of {len(sheet.header)}",
                allowed="give every column one, and put a cell with a comma in it between quotation marks, as in "
                '"a, b"',
            )


# ------------------------------------------------------------------------------------------- cells that do not agree


def agreement_problems(rows: Rows, *, visits: frozenset[str] | None, where: str) -> Iterator[Problem]:
    """What is wrong between the cells of one sheet, or between it and the visits that there are.

    `visits` is None where they cannot be told, and for the sheet that lists them; `where` is what that sheet is called.
    """
    yield from _repeated(rows)
    if visits is not None:
        for number, (visit_id,) in rows.cells("visit_id"):
            if visit_id and visit_id not in visits:
                yield rows.problem("unknown-visit", number, "visit_id", found=quoted(visit_id), allowed=where)
    yield from _parts(rows)
    yield from _asked(rows)
    yield from _groups(rows, visits)
    yield from _totals(rows)
    yield from _people(rows)
    yield from _days(rows)


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


def _days(rows: Rows) -> Iterator[Problem]:
    """Visits long before or after most of the others."""
    days = [(number, date.fromisoformat(day)) for number, (day,) in rows.cells("visit_date") if day]
    if not days:
        return
    middle = sorted(day for _, day in days)[len(days) // 2]
    for number, day in days:
        if abs(day - middle) > _FAR:
            yield rows.problem("far-date", number, "visit_date")


def stray_personal_data(sheet: Sheet, rows: Rows) -> Iterator[Problem]:
    """Personal data in columns that are not ours: they are not read, but the file may be passed on."""
    ours = set(rows.places.values())
    strays = [place for place in range(len(sheet.header)) if place not in ours]
    for number, cells in sheet.rows if strays else ():
        for place in strays:
            value = cells[place] if place < len(cells) else None
            if isinstance(value, str) and (kind := personal(value)):
                yield Problem(
                    sheet=sheet.name,
                    cell=sheet.cell(number, place),
                    rule="stray-personal-data",
                    found=kind,
                )
