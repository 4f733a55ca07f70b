"""Reading a survey from its tables: every cell checked, all problems at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from survey_analysis.claims import FIGURES, Claims
from survey_analysis.claims_file import read_claims
from survey_analysis.dictionaries import (
    PROVENANCES,
    packaged_dictionary,
    read_dictionary,
    with_provenance,
    with_scale,
)
from survey_analysis.errors import InputError, choice
from survey_analysis.estimates import Provenance
from survey_analysis.grade_scales import known_scales
from survey_analysis.problems import Problem, Problems, first_problems
from survey_analysis.resources import DATA, EXAMPLES
from survey_analysis.row_checks import missing_rows, row_problems
from survey_analysis.sheets import Sheet, read_csv_sheet
from survey_analysis.survey_checks import Rows, read_rows, stray_personal_data
from survey_analysis.survey_origins import check_not_packaged, check_not_raised
from survey_analysis.surveys import TABLES, Column, Dictionary, PublishedEvent, Survey
from survey_analysis.workbook_layouts import About, columns_of_sheet


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


def example_workbook() -> Path:
    """The workbook with twelve invented visits that travels with the package, to try things out with.

    Examples
    --------
    >>> print(read_survey(example_workbook()))
    Example: twelve invented visits: 12 visits (illustrative), 108 pupil groups, 55 costs
    """
    return EXAMPLES / "visits.xlsx"


def read_survey(path: str | Path, *, title: str = "", provenance: Provenance | str | None = None) -> Survey:
    """A survey from a workbook, or from a folder with visits.csv, pupil_groups.csv and costs.csv.

    Parameters
    ----------
    path
        An Excel workbook made by `write_template`; or a folder with the three tables. In a folder a dictionary.csv
        beside them is used; without one, that of the package is. So is a claims.toml, to tell which counts of
        reconstructed visits are published ones.
    title
        What the survey is called; when empty, what the workbook says, or the name of the file or folder.
    provenance
        Where all the columns come from, 'observed' for visits that were made. It must be said unless the workbook, or a
        dictionary in the folder, says it, and cannot be stronger than what that says.

    Returns
    -------
    Survey
        The survey. What the check only warns of is no hindrance; `check_survey` tells it.

    Raises
    ------
    InputError
        A file that cannot be read; or one line for every error that `check_survey` finds. Also a provenance above that
        of the folder's own dictionary; and rows that travel with the package, called anything but made up.
    """
    source = _source(Path(path))
    dictionary = _with_provenance(source, provenance)
    rows, problems = _checked(source)
    if problems.errors:
        raise InputError("\n".join(map(str, problems.errors)))
    texts = {table: _joined(source, table, parts) for table, parts in rows.items()}
    check_not_packaged(
        texts, dictionary, {table: f"{parts[0].sheet.name} in {source.name!r}" for table, parts in rows.items()}
    )
    tables = {table: _typed(frame, dictionary[table]) for table, frame in texts.items()}
    claims = source.claims if provenance is None else None
    return Survey(
        visits=tables["visits"],
        pupil_groups=tables["pupil_groups"],
        costs=tables["costs"],
        dictionary=dictionary,
        title=title or source.title,
        published=_published(read_claims(claims)) if claims else (),
        themes_coded_first=source.about.themes_coded_first,
    )


def check_survey(path: str | Path) -> Problems:
    """Everything that is wrong with a workbook or a folder of tables, each with its place, all at once.

    Parameters
    ----------
    path
        As for `read_survey`.

    Returns
    -------
    Problems
        The errors and warnings, sheet by sheet and row by row; none where all is well.

    Raises
    ------
    InputError
        A file that cannot be read at all; a dictionary beside the tables that is wrong.

    Examples
    --------
    >>> len(check_survey(DATA))
    0

    Notes
    -----
    That nothing is found does not make a survey right: a grade that was slipped by one row is as good a grade as any.
    """
    return _checked(_source(Path(path)))[1]


@dataclass(frozen=True, kw_only=True)
class _Source:
    """The sheets of each table as they stand, and what is said of them beside.

    `says` is where the provenance of the columns is written, empty where it is not.
    """

    name: str
    sheets: Mapping[str, Sequence[Sheet]]
    dictionary: Dictionary
    problems: Sequence[Problem]
    title: str
    says: str = ""
    about: About = field(default_factory=About)
    claims: Path | None = None

    def columns(self, table: str, sheet: Sheet) -> Mapping[str, Column]:
        """The columns of a table that a sheet has: a file all of them, a sheet of a workbook its own."""
        return self.dictionary[table] if sheet.is_file else columns_of_sheet(self.dictionary, table, sheet.name)


def _source(path: Path) -> _Source:
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except (OSError, ValueError):
        raise InputError(f"{str(path)[:40]!r}... is no name that a file can have; look at it again") from None
    if is_folder:
        return _folder(path)
    if path.suffix.lower() == ".xlsx" or is_file:
        return _workbook(path)
    raise InputError(
        f"path must be a workbook, or a folder with visits.csv, pupil_groups.csv and costs.csv, not {str(path)!r}"
    )


def _folder(folder: Path) -> _Source:
    own, claims = folder / "dictionary.csv", folder / "claims.toml"
    sheets: dict[str, Sequence[Sheet]] = {}
    problems = []
    for table in TABLES:
        try:
            sheets[table] = [read_csv_sheet(folder / f"{table}.csv")]
        except InputError as error:
            problems.append(Problem(sheet="", rule="file", found=str(error)))
    dictionary = read_dictionary(own) if own.is_file() else _by_scale(sheets.get("visits", ()))
    return _Source(
        name=str(folder),
        sheets=sheets,
        dictionary=dictionary,
        problems=problems,
        title=folder.resolve().name,
        says=f"dictionary.csv in {str(folder)!r}" if own.is_file() else "",
        claims=claims if claims.is_file() else None,
    )


def _by_scale(sheets: Sequence[Sheet]) -> Dictionary:
    """The dictionary of the package, with the grades of the first scale that the visits name and that is known."""
    for sheet in sheets:
        if "grade_scale" in sheet.header:
            place = list(sheet.header).index("grade_scale")
            for _, cells in sheet.rows:
                if len(cells) > place and (scale := known_scales().get(str(cells[place]))):
                    return with_scale(packaged_dictionary(), scale)
    return packaged_dictionary()


def _workbook(path: Path) -> _Source:
    from survey_analysis.workbook_sheets import read_workbook  # here, so that a CSV reader does not wait for openpyxl

    workbook = read_workbook(path)
    about = workbook.about
    scale = known_scales().get(about.grade_scale)
    dictionary = with_scale(packaged_dictionary(), scale) if scale else packaged_dictionary()
    return _Source(
        name=path.name,
        sheets=workbook.sheets,
        dictionary=with_provenance(dictionary, about.provenance) if about.provenance else dictionary,
        problems=workbook.problems,
        title=about.title or path.stem,
        says=f"the sheet About of {path.name!r}",
        about=about,
    )


def _with_provenance(source: _Source, provenance: Provenance | str | None) -> Dictionary:
    """The dictionary of a source under the provenance that is given, which is not above what the source itself says."""
    if provenance is None and not source.says:
        raise InputError(
            f"provenance must be said for the visits in {source.name!r}, which has no dictionary.csv of its own; write "
            "'observed' if the visits were made, 'illustrative' if they were made up"
        )
    if provenance is None:
        return source.dictionary
    given = choice("provenance", provenance, PROVENANCES)
    if source.says:
        check_not_raised(source.dictionary, given, source.says)
    return with_provenance(source.dictionary, given)


def _checked(source: _Source) -> tuple[Mapping[str, Sequence[Rows]], Problems]:
    """The rows of every table, sheet by sheet, and everything that is wrong, in the order of the sheets."""
    rows: dict[str, list[Rows]] = {}
    found: dict[str, list[Problem]] = {}
    for table, sheets in source.sheets.items():
        for sheet in sheets:
            read, found[sheet.name] = read_rows(sheet, source.columns(table, sheet))
            found[sheet.name] += first_problems(stray_personal_data(sheet, read), sheet.name)
            rows.setdefault(table, []).append(read)
    visits, more = next(iter(rows.get("visits", ())), None), rows.get("visits", [])[1:]
    if visits and not visits.sheet.rows:
        none = Problem(sheet=visits.sheet.name, rule="file", found="has no rows; there must be at least one")
        found[visits.sheet.name].append(none)
    known = None if visits is None or "visit_id" not in visits.places else visits.named
    where = f"{'in' if visits.sheet.is_file else 'on the sheet'} {visits.sheet.name}" if visits else ""
    scale = next(map(known_scales().get, source.dictionary["visits"]["grade_scale"].codes), None)
    for read in (it for parts in rows.values() for it in parts):
        others = None if read is visits else known
        disagreeing = row_problems(read, visits=others, where=where, scale=scale)
        found[read.sheet.name] += first_problems(disagreeing, read.sheet.name)
    for other in more:
        found[other.sheet.name] += first_problems(missing_rows(rows["visits"][0], other), other.sheet.name)
    ordered = [problem for problems in found.values() for problem in sorted(problems, key=_row)]
    return rows, Problems([*source.problems, *ordered])


def _row(problem: Problem) -> int:
    return int("".join(filter(str.isdigit, problem.cell.partition(":")[0])) or 0)


def _joined(source: _Source, table: str, parts: Sequence[Rows]) -> pd.DataFrame:
    """The rows of a table as text, in the order of the dictionary; two sheets of visits are put together."""
    first, *others = (pd.DataFrame(dict(part.values), dtype="str") for part in parts)
    for other in others:
        first = first.merge(other, on="visit_id", how="left", validate="one_to_one")
    if table == "visits" and source.about.grade_scale:
        first["grade_scale"] = source.about.grade_scale
    return first[[name for name in source.dictionary[table] if name in first.columns]]


def _published(claims: Claims) -> tuple[PublishedEvent, ...]:
    """What the figures among the claims count, all visits being looked at; of alternatives only the sum is."""
    return tuple(
        PublishedEvent(condition=claim.counts[0], assumptions=claim.assumptions)
        for claim in claims
        if claim.kind in FIGURES and claim.among is None and claim.counts and len(claim.counts) == 1
    )


_TYPES: Mapping[str, Callable[[pd.Series], pd.Series]] = {
    "count": lambda column: pd.to_numeric(column.replace("", None)).astype("Int64"),
    "money": lambda column: pd.to_numeric(column.replace("", None)).astype("Int64"),
    "date": lambda column: pd.to_datetime(column, format="%Y-%m-%d"),
}


def _typed(frame: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
    kinds = {name: columns[name].kind for name in frame.columns}
    return frame.assign(**{name: _TYPES[kind](frame[name]) for name, kind in kinds.items() if kind in _TYPES})
