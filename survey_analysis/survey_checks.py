"""The sheets of a survey read under their headings: the cells as text, and what is wrong with headings and cells.

Rules about one cell stand in `cell_values`, those about cells that do not agree in `row_checks`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from survey_analysis.cell_values import Fault, problem_of, readers
from survey_analysis.errors import nearest
from survey_analysis.personal_data import personal_inside, quoted
from survey_analysis.problems import MOST_PROBLEMS, Problem, first_problems, more_problems
from survey_analysis.sheets import Sheet, Value, plain
from survey_analysis.surveys import Column


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

    def problem(
        self, rule: str, number: int, name: str = "", *, found: str = "", allowed: str = "", suggestion: str = ""
    ) -> Problem:
        return Problem(
            sheet=self.sheet.name,
            cell=self.sheet.cell(number, self.places.get(name, 0)),
            column=self.heading(name),
            rule=rule,
            found=found,
            allowed=allowed,
            suggestion=suggestion,
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
    problems = first_problems([*problems, *_length_problems(sheet)], sheet.name)
    whole = [(number, cells) for number, cells in sheet.rows if len(cells) == len(sheet.header)]
    faults = 0
    values: dict[str, list[str | None]] = {}
    for name, reader in readers({it: columns[it] for it in places}, spaced=not sheet.is_file).items():
        place, heading = places[name], str(sheet.header[places[name]]).strip()
        values[name] = column = []
        for number, cells in whole:
            found = reader(cells[place])
            column.append(None if isinstance(found, Fault) else found)
            if isinstance(found, Fault) and (faults := faults + 1) <= MOST_PROBLEMS:
                cell = sheet.cell(number, place)
                problems.append(problem_of(found, sheet=sheet.name, cell=cell, column=heading))
    if faults > MOST_PROBLEMS:
        problems.append(more_problems(sheet.name))
    numbers = [number for number, _ in whole]
    return Rows(sheet=sheet, columns=columns, places=places, numbers=numbers, values=values), problems


def _places(sheet: Sheet, columns: Mapping[str, Column]) -> tuple[dict[str, int], list[Problem]]:
    """Where each column stands, and what is wrong with the header."""
    names = {plain(name): name for name in columns} | {
        plain(column.label): name for name, column in columns.items() if column.label
    }
    places: dict[str, int] = {}
    problems: list[Problem] = []
    heads = Counter(plain(head) for head in sheet.header if plain(head))
    for place, head in enumerate(sheet.header):
        name = names.get(plain(head))
        cell = "" if sheet.is_file else sheet.cell(sheet.header_row, place)
        if name is None:
            problems += _no_column(sheet, place, head, columns)
        elif name not in places:
            places[name] = place
            if (times := heads[plain(head)]) > 1:
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
    elif plain(head):
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


def stray_personal_data(sheet: Sheet, rows: Rows) -> Iterator[Problem]:
    """Personal data in columns that are not ours: they are not read, but the file may be passed on."""
    ours = set(rows.places.values())
    strays = [place for place in range(len(sheet.header)) if place not in ours]
    for number, cells in sheet.rows if strays else ():
        for place in strays:
            value = cells[place] if place < len(cells) else None
            if isinstance(value, str) and (kind := personal_inside(value)):
                yield Problem(
                    sheet=sheet.name,
                    cell=sheet.cell(number, place),
                    rule="stray-personal-data",
                    found=kind,
                )
