"""The one schema of a survey's tables: what stands in each column, what is allowed there, and where a workbook has it.

The file data/dictionary.csv is read here; cells are checked by it, workbooks are made by it, and so are the data of the
tests.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from survey_analysis.errors import InputError, choice, unknown
from survey_analysis.estimates import Provenance
from survey_analysis.grade_scales import GradeScale
from survey_analysis.resources import DATA
from survey_analysis.sheets import Sheet, read_csv_sheet
from survey_analysis.surveys import (
    BETWEEN_CODES,
    NOT_APPLICABLE,
    NOT_SEEN,
    PRESENCES,
    TABLES,
    Column,
    Dictionary,
)

PROVENANCES: Mapping[str, Provenance] = MappingProxyType({it.value: it for it in Provenance})
KINDS = ("text", "pseudonym", "urn", "school_year", "date", "grade", "code", "codes", "count", "money")
"""What a column can hold."""

_HEADINGS = (
    *("table", "column", "type", "codes", "asked_of", "at_most", "presence", "unit", "sheet", "label"),
    *("provenance", "constrained_by", "meaning", "prompt"),
)
_IN_EVERY_SURVEY = ("key", "always", "may_be_empty")


@cache
def packaged_dictionary() -> Dictionary:
    """The dictionary that travels with the package."""
    return _read(DATA / "dictionary.csv")


def read_dictionary(path: Path) -> Dictionary:
    """The dictionary of the three tables from a CSV file.

    Raises
    ------
    InputError
        One line for every problem: a wrong heading, a word that there is not, a column asked of visits that cannot be
        told, a column that every survey has and this dictionary has not.
    """
    tables = _read(path)
    problems = [
        f"{path.name} lacks the column {name!r} of {table}, which every survey has; add its line"
        for table, columns in packaged_dictionary().items()
        for name, column in columns.items()
        if column.presence in _IN_EVERY_SURVEY and name not in tables[table]
    ]
    problems += [
        f"{path.name}, presence of {name}: it must be {column.presence!r}, as in every survey, not {found.presence!r}"
        for table, columns in packaged_dictionary().items()
        for name, column in columns.items()
        if column.presence in _IN_EVERY_SURVEY
        and (found := tables[table].get(name, column)).presence != column.presence
    ]
    if problems:
        raise InputError("\n".join(problems))
    return tables


def with_scale(dictionary: Dictionary, scale: GradeScale) -> Dictionary:
    """The dictionary with the grades of a scale."""

    def graded(column: Column) -> Column:
        if column.name == "grade_scale":
            return replace(column, codes=(scale.name,))
        return replace(column, codes=(*scale.grades, NOT_SEEN)) if column.kind == "grade" else column

    visits = {name: graded(column) for name, column in dictionary["visits"].items()}
    return {**dictionary, "visits": visits}


def with_provenance(dictionary: Dictionary, provenance: Provenance) -> Dictionary:
    """The dictionary with one provenance for all columns."""
    return {
        table: {name: replace(column, provenance=provenance) for name, column in columns.items()}
        for table, columns in dictionary.items()
    }


def _read(path: Path) -> Dictionary:
    sheet = read_csv_sheet(path)
    problems = list(_shape_problems(sheet))
    tables: dict[str, dict[str, Column]] = {table: {} for table in TABLES}
    for line, cells in [] if problems else sheet.rows:
        row = dict(zip(sheet.header, map(str, cells), strict=True))
        try:
            choice("table", row["table"], tables)[row["column"]] = _column(row)
        except InputError as error:
            problems.append(f"{sheet.name}, line {line}: {error}")
    problems += [] if problems else [*_asked_problems(sheet.name, tables), *_part_problems(sheet.name, tables)]
    if problems:
        raise InputError("\n".join(problems))
    return tables


def _shape_problems(sheet: Sheet) -> Iterator[str]:
    for name in sheet.header:
        if name not in _HEADINGS:
            yield str(unknown("column", name, _HEADINGS, where=f"{sheet.name}: "))
    for name in _HEADINGS:
        if (times := list(sheet.header).count(name)) != 1:
            wrong = f"has the column {name!r} {times} times; keep one of them"
            yield f"{sheet.name} {wrong if times else f'lacks the column {name!r}; add it'}"
    for line, cells in sheet.rows:
        if len(cells) != len(sheet.header):
            yield (
                f"{sheet.name}, line {line}: {len(cells)} cells below a header of {len(sheet.header)}; give every "
                'column one, and put a cell with a comma in it between quotation marks, as in "a, b"'
            )


def _column(row: Mapping[str, str]) -> Column:
    return Column(
        name=row["column"],
        kind=choice("type", row["type"], dict(zip(KINDS, KINDS, strict=True))),
        codes=_parts(row["codes"]),
        unit=row["unit"],
        provenance=choice("provenance", row["provenance"], PROVENANCES),
        constrained_by=_parts(row["constrained_by"]),
        meaning=row["meaning"],
        asked_of=_asked_of(row["asked_of"]),
        at_most=row["at_most"],
        presence=choice("presence", row["presence"], dict(zip(PRESENCES, PRESENCES, strict=True))),
        sheet=row["sheet"],
        label=row["label"],
        prompt=row["prompt"],
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(BETWEEN_CODES)))


def _asked_of(text: str) -> Mapping[str, tuple[str, ...]]:
    """Of which visits a column is asked, as in 'phase=secondary'."""
    name, is_there, codes = text.partition("=")
    if text and not (name and is_there and codes):
        raise InputError(f"asked_of is {text!r}; write a column and its codes, as in phase=secondary;special")
    return {name: tuple(codes.split(BETWEEN_CODES))} if text else {}


def _asked_problems(file: str, tables: Dictionary) -> Iterator[str]:
    """Columns that are asked of visits that cannot be told."""
    for columns in tables.values():
        for column in columns.values():
            where = f"{file}, asked_of of {column.name}: "
            if column.asked_of and NOT_APPLICABLE not in column.codes:
                yield f"{where}the other visits need the code {NOT_APPLICABLE!r}; add it to the codes of the column"
            for name, codes in column.asked_of.items():
                known = columns[name].judgements if name in columns else ()
                if name not in columns:
                    yield str(unknown("column", name, columns, where=where))
                yield from (
                    str(unknown("the code", code, known, where=where)) for code in codes if known and code not in known
                )


def _part_problems(file: str, tables: Dictionary) -> Iterator[str]:
    for columns in tables.values():
        for column in columns.values():
            if column.at_most and column.at_most not in columns:
                yield str(unknown("column", column.at_most, columns, where=f"{file}, at_most of {column.name}: "))
