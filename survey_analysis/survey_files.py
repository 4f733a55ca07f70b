"""Reading a survey from its three tables: every cell checked, all problems at once."""

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path

import pandas as pd

from survey_analysis.claims import FIGURES, Claims
from survey_analysis.claims_file import read_claims
from survey_analysis.dictionaries import PROVENANCES, packaged_dictionary, read_dictionary, with_provenance
from survey_analysis.errors import InputError, choice, unknown
from survey_analysis.estimates import Provenance
from survey_analysis.resources import DATA
from survey_analysis.survey_origins import check_not_packaged, check_not_raised
from survey_analysis.surveys import (
    BETWEEN_CODES,
    GROUPS,
    NOT_APPLICABLE,
    NOT_SEEN,
    TABLES,
    TIMES,
    Column,
    PublishedEvent,
    Survey,
)

_KEYS: Mapping[str, tuple[str, ...]] = {
    "visits": ("visit_id",),
    "pupil_groups": ("visit_id", "time", "characteristic", "group"),
    "costs": ("visit_id", "year", "source"),
}
_ALL_GROUPS = frozenset(group for pair in GROUPS.values() for group in pair)
_DIGITS = 12  # of a count or an amount: no survey needs more, and a cell with more is a slip


def load_survey() -> Survey:
    """The survey that travels with the package: a reconstruction of the 59 visits with illustrative pupils and costs.

    The visits are one draw, by the seed and the prior in data/truth.toml, given the published statements.

    Examples
    --------
    >>> survey = load_survey()
    >>> len(survey.visits), survey.visit_label("R01")
    (59, 'R01 (reconstructed)')
    """
    return read_survey(DATA, title="Music partnerships in 59 schools (reconstructed)")


def read_survey(folder: str | Path, *, title: str = "", provenance: Provenance | str | None = None) -> Survey:
    """A survey from a folder with visits.csv, pupil_groups.csv and costs.csv.

    Parameters
    ----------
    folder
        Where the three tables lie. A dictionary.csv beside them is used; without one, that of the package is. So is a
        claims.toml, to tell which counts of reconstructed visits are published ones.
    title
        What the survey is called; the folder's name when empty.
    provenance
        Where all the columns come from, 'observed' for visits that were made. It must be said unless the folder has a
        dictionary of its own that says it, and cannot be stronger than what that says.

    Raises
    ------
    InputError
        One line for every problem in all three tables: a missing file or column, an unknown column, a line with too few
        or too many cells, a code that the dictionary does not have, a count that is not a whole number, more pupils
        taking part than there are, a visit twice or unknown, a group that is not counted both before and after. Also a
        provenance above that of the folder's own dictionary; and rows that travel with the package, called anything
        but made up.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"folder must be one with visits.csv, pupil_groups.csv and costs.csv, not {str(folder)!r}")
    own = folder / "dictionary.csv"
    dictionary = read_dictionary(own) if own.is_file() else packaged_dictionary()
    if provenance is None and not own.is_file():
        raise InputError(
            f"provenance must be said for the visits in {str(folder)!r}, which has no dictionary.csv of its own; write "
            "'observed' if the visits were made, 'illustrative' if they were made up"
        )
    if provenance is not None:
        given = choice("provenance", provenance, PROVENANCES)
        if own.is_file():
            check_not_raised(dictionary, given, folder)
        dictionary = with_provenance(dictionary, given)
    files: dict[str, _File] = {}
    problems: list[str] = []
    for table in TABLES:
        try:
            files[table] = _read(folder / f"{table}.csv")
        except InputError as error:
            problems.append(str(error))
    visits = _visits(files.get("visits"))
    for table, file in files.items():
        columns = dictionary[table]
        problems += _shape_problems(file, columns)
        problems += _cell_problems(file, columns)
        problems += _relation_problems(file, _KEYS[table], columns, visits)
        problems += _applicable_problems(file, columns)
    if "pupil_groups" in files:
        problems += _group_problems(files["pupil_groups"])
    if problems:
        raise InputError("\n".join(problems))
    texts = {table: file.frame(dictionary[table]) for table, file in files.items()}
    check_not_packaged(texts, dictionary, folder)
    tables = {table: _typed(frame, dictionary[table]) for table, frame in texts.items()}
    claims = folder / "claims.toml"
    published = _published(read_claims(claims)) if provenance is None and claims.is_file() else ()
    return Survey(
        visits=tables["visits"],
        pupil_groups=tables["pupil_groups"],
        costs=tables["costs"],
        dictionary=dictionary,
        title=title or folder.resolve().name,
        published=published,
    )


def _published(claims: Claims) -> tuple[PublishedEvent, ...]:
    """What the figures among the claims count, all visits being looked at; of alternatives only the sum is."""
    return tuple(
        PublishedEvent(condition=claim.counts[0], assumptions=claim.assumptions)
        for claim in claims
        if claim.kind in FIGURES and claim.among is None and claim.counts and len(claim.counts) == 1
    )


@dataclass(frozen=True, kw_only=True)
class _File:
    """A CSV file as it stands: its header, and the cells of each line with the number of the line."""

    name: str
    header: Sequence[str]
    lines: Sequence[tuple[int, Sequence[str]]]

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """The lines whose cells stand under the header, by column."""
        for line, cells in self.lines:
            if len(cells) == len(self.header):
                yield line, dict(zip(self.header, cells, strict=True))

    def frame(self, columns: Collection[str]) -> pd.DataFrame:
        """The rows as they are written, in the order of the columns."""
        return pd.DataFrame([row for _, row in self.rows()], columns=[it for it in columns if it in self.header])


def _read(path: Path) -> _File:
    """The lines of a file; those without anything in them are no lines."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except FileNotFoundError:
        raise InputError(f"{path.name} is missing in the folder {str(path.parent)!r}; put it there") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text; save it as 'CSV UTF-8'") from None
    except csv.Error as error:
        raise InputError(
            f"{path.name} is not CSV ({error}); look for a quotation mark without a partner, and save as 'CSV UTF-8'"
        ) from None
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read ({error.strerror}); close it elsewhere, or copy it anew"
        ) from None
    if len(lines) < 2:
        raise InputError(f"{path.name} has no rows; there must be at least one below the header")
    return _File(name=path.name, header=lines[0][1], lines=lines[1:])


def _at(file: _File, line: int, column: str = "") -> str:
    return f"{file.name}, line {line}, {column}: " if column else f"{file.name}, line {line}: "


def _visits(file: _File | None) -> frozenset[str] | None:
    """The visits that there are, those on lines of the wrong length too; None where they cannot be told."""
    if file is None or "visit_id" not in file.header:
        return None
    place = file.header.index("visit_id")
    return frozenset(cells[place] for _, cells in file.lines if len(cells) > place)


def _shape_problems(file: _File, columns: Mapping[str, Column]) -> Iterator[str]:
    """What is wrong with the header, and with the number of cells below it."""
    for name, times in Counter(file.header).items():
        if name not in columns:
            yield str(unknown("column", name, columns, where=f"{file.name}: "))
        if times > 1:
            yield f"{file.name} has the column {name!r} {times} times; keep one of them"
    for name, column in columns.items():
        if name not in file.header and not column.may_be_absent:
            yield f"{file.name} lacks the column {name!r}; add it"
    for line, cells in file.lines:
        if len(cells) != len(file.header):
            yield (
                f"{_at(file, line)}{len(cells)} cells below a header of {len(file.header)}; give every column one, "
                'and put a cell with a comma in it between quotation marks, as in "a, b"'
            )


def _cell_problems(file: _File, columns: Mapping[str, Column]) -> Iterator[str]:
    for line, row in file.rows():
        for name, column in columns.items():
            if name in row and (problem := _problem(row[name], column)):
                yield f"{_at(file, line, name)}{problem}"


def _problem(value: str, column: Column) -> str:
    """What is wrong with one cell, or nothing."""
    match column.kind:
        case "grade" | "code" | "codes":
            codes = value.split(BETWEEN_CODES) if column.kind == "codes" else [value]
            for code in codes:
                if code not in column.codes:
                    return str(unknown("the code", code, column.codes))
            if NOT_SEEN in codes and len(codes) > 1:
                return f"{NOT_SEEN!r} stands beside another code; give one or the other"
        case "count" | "money" if value or not column.may_be_empty:
            if not value:
                return "is empty; give it a whole number, 0 where there is nothing"
            if _whole(value) is None:
                return f"{value!r} is not a whole number; write digits alone, without £, comma or point"
            if len(value) > _DIGITS:
                return f"has {len(value)} digits, which is more than {_DIGITS}; correct it"
        case "date" if not _is_date(value):
            return f"{value!r} is not a date; write it as year-month-day, such as 2012-03-05"
        case "text":
            if not value.strip():
                return "is empty; give it a value"
            if value != value.strip() or not value.isprintable():
                return f"{value!r} has a space at its end or a character that cannot be seen; take it out"
    return ""


def _whole(value: str) -> str | None:
    return value if value.isascii() and value.isdigit() else None


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _relation_problems(
    file: _File, key: Sequence[str], columns: Mapping[str, Column], visits: Collection[str] | None
) -> Iterator[str]:
    """What is wrong between the cells of a table, or between tables, wherever the cells are there to compare."""
    keys: dict[tuple[str, ...], int] = {}
    for line, row in file.rows():
        names = tuple(row.get(name, "") for name in key)
        if all(names) and keys.setdefault(names, line) != line:
            yield f"{_at(file, line)}{' '.join(names)} stands there a second time; keep one of the two"
        visit_id = row.get("visit_id", "")
        if visits is not None and visit_id and visit_id not in visits:
            yield f"{_at(file, line)}the visit {visit_id!r} is not in visits.csv; add it there"
        for part, whole in ((column.name, column.at_most) for column in columns.values() if column.at_most):
            few, many = (_whole(row.get(name, "")) for name in (part, whole))
            if few and many and max(len(few), len(many)) <= _DIGITS and int(few) > int(many):
                yield f"{_at(file, line)}{part} is {few}, more than {whole}, {many}; correct the one that is wrong"


def _applicable_problems(file: _File, columns: Mapping[str, Column]) -> Iterator[str]:
    """Answers where nothing is asked, and questions that are put aside where they are asked."""
    for line, row in file.rows():
        for column in columns.values():
            for name, codes in column.asked_of.items():
                of, value = row.get(name, ""), row.get(column.name, "")
                where = _at(file, line, column.name)
                if of in codes and value == NOT_APPLICABLE:
                    yield f"{where}is {value!r} though {name} is {of!r}; give it a code, or {NOT_SEEN!r}"
                elif of in columns[name].judgements and of not in codes and value in (*column.judgements, NOT_SEEN):
                    yield f"{where}is {value!r} though {name} is {of!r}; write {NOT_APPLICABLE!r}"


def _group_problems(file: _File) -> Iterator[str]:
    """Groups of another characteristic, and schools in which not every group is counted before and after."""
    counted: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for line, row in file.rows():
        visit_id, time, characteristic, group = (row.get(name, "") for name in _KEYS["pupil_groups"])
        if characteristic in GROUPS:
            counted.setdefault((visit_id, characteristic), set()).add((time, group))
            if group in _ALL_GROUPS and group not in GROUPS[characteristic]:
                yield str(
                    unknown(f"the group of {characteristic}", group, GROUPS[characteristic], where=_at(file, line))
                )
    for (visit_id, characteristic), found in counted.items():
        needed = list(product(TIMES, GROUPS[characteristic]))
        # As many as are needed, one of them under a name that is not known: that name is the problem, told above.
        if len(found) < len(needed):
            for time, group in needed:
                if (time, group) not in found:
                    yield f"{file.name}: {visit_id} has no line for {time}, {characteristic}, {group}; add it"


_TYPES: Mapping[str, Callable[[pd.Series], pd.Series]] = {
    "count": lambda column: pd.to_numeric(column.replace("", None)).astype("Int64"),
    "money": lambda column: pd.to_numeric(column.replace("", None)).astype("Int64"),
    "date": lambda column: pd.to_datetime(column, format="%Y-%m-%d"),
}


def _typed(frame: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
    kinds = {name: columns[name].kind for name in frame.columns}
    return frame.assign(**{name: _TYPES[kind](frame[name]) for name, kind in kinds.items() if kind in _TYPES})
