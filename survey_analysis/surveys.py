"""A survey: visits, pupil groups and costs with their dictionary; and counting visits in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_analysis.errors import InputError, choice, unknown
from survey_analysis.estimates import Provenance, Tally, weakest

TABLES = ("visits", "pupil_groups", "costs")
NOT_SEEN = "not_seen"
NOT_APPLICABLE = "not_applicable"
_NO_JUDGEMENT = frozenset({NOT_SEEN, NOT_APPLICABLE})
_NO_VISITS = "the survey has no visits, so nothing can be counted; read one that has"
BETWEEN_CODES = ";"
INVENTED = "EXAMPLE"
"""How the name of every invented visit or school begins: a workbook is not read with one, answers are illustrative."""

TIMES = ("before", "after")
GROUPS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"fsm": ("not_fsm", "fsm"), "sen": ("not_sen", "sen"), "sex": ("girls", "boys")}
)
"""The two groups of each characteristic, the one that the report expects ahead first. Each characteristic counts every
pupil once, so pupils are never summed over two."""
GROUP_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "fsm": "pupils with free school meals",
        "not_fsm": "pupils without free school meals",
        "sen": "pupils with special educational needs",
        "not_sen": "pupils without special educational needs",
        "girls": "girls",
        "boys": "boys",
    }
)
"""What the groups are called in a sentence."""

PRESENCES: Mapping[str, str] = MappingProxyType(
    {
        "key": "every survey has it, and its keys together tell one row from another",
        "always": "every survey has it, and every row has a value",
        "may_be_empty": "every survey has it, and a cell without a value is no mistake",
        "chosen": "a survey has it if its dictionary does, and then every row has a value",
        "optional": "a table may be without it, and a cell may be without a value",
    }
)
"""How far a column has to be there."""

Condition = Mapping[str, str | Sequence[str]]
"""Column -> the code or codes that it may have; every column must agree."""

Visits = Condition | Sequence[Condition]
"""Which visits: those that meet the condition, or any one of several."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One line of the dictionary: what a column of a table holds.

    `kind` is text, pseudonym, urn, date, grade, code, codes (several, joined by a semicolon), count or money; the codes
    of a grade are its scale, best first; `constrained_by` names the claims that bear on the column. `asked_of` says of
    which visits it is asked: in all others, and in no more, the code is 'not applicable'; empty where it is asked of
    all. `at_most` names the count of which it is a part. `presence` is one of `PRESENCES`. `sheet`, `label` and
    `prompt` are where a workbook has it, under which heading, and what it tells who fills it in.
    """

    name: str
    kind: str
    codes: tuple[str, ...]
    unit: str
    provenance: Provenance
    constrained_by: tuple[str, ...]
    meaning: str
    asked_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at_most: str = ""
    presence: str = "chosen"
    sheet: str = ""
    label: str = ""
    prompt: str = ""

    @property
    def judgements(self) -> tuple[str, ...]:
        """The codes that are a judgement, without 'not seen' and 'not applicable'."""
        return tuple(code for code in self.codes if code not in _NO_JUDGEMENT)

    @property
    def may_be_empty(self) -> bool:
        return self.presence in ("may_be_empty", "optional")

    @property
    def may_be_absent(self) -> bool:
        return self.presence == "optional"


@dataclass(frozen=True, kw_only=True)
class PublishedEvent:
    """Visits of which it was published how many there are, or which follow from what was, and what that presumes."""

    condition: Condition
    assumptions: tuple[str, ...] = ()


Dictionary = Mapping[str, Mapping[str, Column]]
"""Table -> column name -> column, in order."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Survey:
    """Three tidy tables and the dictionary that says what stands in them and where it comes from.

    Parameters
    ----------
    visits
        One row for each visit: grades, judgements, themes.
    pupil_groups
        One row for each visit, time, characteristic and group: pupils and how many of them took part, achieved and
        went on. Each characteristic counts every pupil once, so sum over the groups of *one* of them only.
    costs
        One row for each visit, year and source: pounds.
    dictionary
        The columns of the three tables, with codes and provenance.
    title
        What the survey is called where it is shown.
    published
        For visits that were reconstructed: which counts of them are published ones. A count over several columns that
        is not among them is illustrative, however well each column by itself is fixed.

    Raises
    ------
    InputError
        A visit twice, a column that the dictionary does not have or that a table lacks, a code that is not one of its
        codes, a count that is missing, negative or no whole number: none of them is ever counted as a "no".

    Notes
    -----
    The survey that travels with the package is a reconstruction (visits) with illustrations (pupil groups, costs). We
    could find no record of a school, so no row of it says anything about a school that was visited.
    """

    visits: pd.DataFrame
    pupil_groups: pd.DataFrame
    costs: pd.DataFrame
    dictionary: Dictionary
    title: str
    published: tuple[PublishedEvent, ...] = ()
    themes_coded_first: bool | None = None

    def __post_init__(self) -> None:
        problems = []
        for table in TABLES:
            frame, columns = getattr(self, table), self.dictionary[table]
            problems += [str(unknown(f"a column of {table}", it, columns)) for it in frame.columns if it not in columns]
            problems += [
                f"{table} lacks the column {name!r}; add it"
                for name, column in columns.items()
                if name not in frame.columns and not column.may_be_absent
            ]
            problems += [
                f"{table}, column {name!r}: {problem}"
                for name, column in columns.items()
                if name in frame.columns and (problem := _problem(frame[name], column))
            ]
        if not problems:
            twice = self.visits.loc[self.visits["visit_id"].duplicated(), "visit_id"]
            problems = [f"visits: {visit_id} stands there a second time; keep one of the two" for visit_id in twice]
        if problems:
            raise InputError("\n".join(problems))

    @property
    def grade_scale(self) -> str:
        """The scale on which the visits were graded. Scales are never pooled: a survey with two is an error."""
        if self.visits.empty:
            raise InputError(_NO_VISITS)
        return _only_scale(self.visits)

    def column(self, table: str, name: str) -> Column:
        """The dictionary's line for a column; an unknown name is an error that suggests the nearest."""
        return choice(f"a column of {table}", name, choice("table", table, self.dictionary))

    def provenance(self, table: str, *names: str) -> Provenance:
        """The weakest provenance of the columns named, each by itself."""
        return weakest(self.column(table, name).provenance for name in names)

    def provenance_of_pupils(self, *names: str, among: "Visits | None") -> Provenance:
        """The weakest provenance of columns of the pupil groups and of those by which their visits are chosen."""
        chosen_by = [self.provenance("visits", name) for name in _named(any_of(among or {}))]
        return weakest([self.provenance("pupil_groups", *names), *chosen_by])

    def origin(
        self, conditions: "Sequence[Condition]", groups: "Sequence[Condition]"
    ) -> tuple[Provenance, tuple[str, ...]]:
        """The provenance of a count of visits, and the assumptions on which it rests."""
        names = _named([*conditions, *groups]) or ["visit_id"]
        weakest_column = self.provenance("visits", *names)
        if weakest_column not in (Provenance.RECONSTRUCTED, Provenance.ILLUSTRATIVE):
            return weakest_column, ()
        if len(names) == 1:
            events = [event for event in self.published if list(event.condition) == names]
            return weakest_column, tuple(dict.fromkeys(name for event in events for name in event.assumptions))
        asked = [{name: set(_codes(codes)) for name, codes in condition.items()} for condition in conditions]
        for event in self.published:
            if asked == [{name: set(_codes(codes)) for name, codes in event.condition.items()}] and not any(groups):
                return Provenance.RECONSTRUCTED, event.assumptions
        return Provenance.ILLUSTRATIVE, ()

    def visit_label(self, visit_id: str) -> str:
        """How a visit is named wherever it is shown: never as a bare record when it is not one."""
        made = self.provenance("visits", "visit_id")
        return visit_id if made is Provenance.OBSERVED else f"{visit_id} ({made.value})"

    def __str__(self) -> str:
        made = self.provenance("visits", "visit_id").value
        groups, costs = len(self.pupil_groups), len(self.costs)
        return f"{self.title}: {len(self.visits)} visits ({made}), {groups} pupil groups, {costs} costs"

    __repr__ = __str__

    def to_frame(self, *columns: str) -> pd.DataFrame:
        """The visits for showing: each named with its provenance, and the columns asked for (all when none is).

        Examples
        --------
        >>> from survey_analysis.survey_files import load_survey
        >>> load_survey().to_frame("tuition_provider").loc[0, "visit"]
        'R01 (reconstructed)'
        """
        shown = [self.column("visits", name).name for name in columns] or list(self.visits.columns.drop("visit_id"))
        return self.visits[shown].assign(visit=self.visits["visit_id"].map(self.visit_label))[["visit", *shown]]


def tally(
    survey: Survey,
    column: str | Sequence[str],
    *,
    at_least: str | None = None,
    codes: str | Sequence[str] | None = None,
    among: Visits | None = None,
    label: str = "",
) -> Tally:
    """Count the visits in which a judgement was at least so good, or was one of some codes.

    Parameters
    ----------
    survey
        The survey.
    column
        A column of the visits, or several: then all of them must agree, and the base is the visits in which every one
        of them was seen. The joint judgement is not the product of its parts.
    at_least
        The lowest grade that counts, on a column whose codes are a scale. Give this or `codes`.
    codes
        The code or codes that count. In a column with several codes a visit, having one of them is enough.
    among
        Which visits to look at, as column -> code or codes; all of them when absent. Visits of which it was not seen
        whether they belong are counted apart, as `group_not_seen`.
    label
        What is counted, in words; made from column and codes when empty.

    Returns
    -------
    Tally
        The count, the visits in which it was seen, and the number not seen. Visits to which a judgement does not apply
        are in neither.

    Raises
    ------
    InputError
        No column or an unknown one, no code or an unknown one, a grade that is not on the scale, both or neither of
        `at_least` and `codes`, grades of several scales, a survey without visits.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> survey = load_survey()
    >>> print(tally(survey, "partnership_use", at_least="good"))
    partnership_use at least good: 10 of 59 (reconstructed, assuming tes-base-59 and tes-grade-is-use)
    >>> print(tally(survey, ["partnership_use", "value_for_money"], at_least="good", label="good use and value"))
    good use and value: 10 of 59 (reconstructed)

    Notes
    -----
    It counts what inspectors judged in the visits they made; it is not a share of schools in general.
    """
    columns = [column] if isinstance(column, str) else column
    if not isinstance(columns, Sequence) or not columns:
        raise InputError(f"column must name a column of the visits, or several, not {column!r}")
    if (at_least is None) == (codes is None):
        raise InputError(f"give either at_least or codes for {', '.join(columns)}, and not both")
    lines = [survey.column("visits", name) for name in columns]
    if at_least is not None:
        condition: Condition = {line.name: _from(line, at_least) for line in lines}
        words = f"at least {at_least}"
    else:
        wanted = _codes(codes)
        if not wanted:
            raise InputError(f"codes must name at least one code of {', '.join(columns)}, not none")
        condition = {line.name: wanted for line in lines}
        words = " or ".join(wanted)
    return count_visits(survey, [condition], among=among, label=label or f"{' and '.join(columns)} {words}")


def tally_each(survey: Survey, column: str, *, among: Visits | None = None) -> tuple[Tally, ...]:
    """A tally for every code of a column, in the order of its scale.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> [grade.count for grade in tally_each(load_survey(), "partnership_use")]
    [3, 7, 32, 17]
    """
    line = survey.column("visits", column)
    if not line.codes:
        raise InputError(f"column must be one that holds codes, not {column!r}, which holds {line.kind}")
    return tuple(
        tally(survey, column, codes=code, among=among, label=code.replace("_", " ")) for code in line.judgements
    )


def count_visits(
    survey: Survey, conditions: Sequence[Condition], *, among: Visits | None = None, outside: bool = False, label: str
) -> Tally:
    """Count the visits that meet any of several conditions; `tally` is the plainer way to ask.

    The base is the visits in which every column that any of the conditions names was seen: to count a joint judgement
    as known whenever one part already fails would keep failures in the base and let successes drop out of it. With
    `outside` the visits are those that were seen *not* to belong to `among`.
    """
    if survey.visits.empty:
        raise InputError(_NO_VISITS)
    groups = any_of(among or {})
    group, answer = _ask(survey, groups), _ask(survey, conditions)
    members = _applies(survey, conditions) & (group.fails if outside else group.holds)
    base = members & ~answer.unseen
    if any(survey.column("visits", name).kind == "grade" for name in _named(conditions)):
        _only_scale(survey.visits[members])
    provenance, assumptions = survey.origin(conditions, groups)
    return Tally(
        label=label,
        count=int((base & answer.holds).sum()),
        base=int(base.sum()),
        not_seen=int((members & answer.unseen).sum()),
        group_not_seen=int((_applies(survey, conditions) & ~group.holds & ~group.fails).sum()),
        provenance=provenance,
        assumptions=assumptions,
    )


def matching(survey: Survey, visits: Visits, *, outside: bool = False) -> "pd.Series[str]":
    """The ids of the visits that were seen to meet a condition, or any one of several; with `outside`, not to."""
    answer = _ask(survey, any_of(visits))
    return survey.visits.loc[answer.fails if outside else answer.holds, "visit_id"]


def undecided(survey: Survey, visits: Visits) -> int:
    """How many visits there are of which it was not seen whether they meet a condition, or any one of several."""
    answer = _ask(survey, any_of(visits))
    return int((~answer.holds & ~answer.fails).sum())


Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class _Answer:
    """For each visit: it meets one of some conditions; it meets none; something that they name was not seen."""

    holds: Flags
    fails: Flags
    unseen: Flags


def _ask(survey: Survey, conditions: Sequence[Condition]) -> _Answer:
    none = np.zeros(len(survey.visits), dtype=bool)
    holds, fails, unseen = none, ~none, none
    for condition in conditions:
        all_hold, any_fails = ~none, none
        for name, wanted in condition.items():
            line, codes = survey.column("visits", name), _codes(wanted)
            known = _known(survey, line)
            if not codes:
                raise InputError(f"the codes for {name} must be at least one of {', '.join(known)}, not none")
            for code in codes:
                if code not in known:
                    raise unknown(f"the code for {name}", code, known)
            values = survey.visits[name].to_numpy(dtype=object)
            not_seen, has = values == NOT_SEEN, _has(values, codes, several=line.kind == "codes")
            unseen = unseen | not_seen
            all_hold, any_fails = all_hold & has, any_fails | ~(has | not_seen)
        holds, fails = holds | all_hold, fails & any_fails
    return _Answer(holds, fails, unseen)


def _known(survey: Survey, line: Column) -> tuple[str, ...]:
    """By what visits can be chosen in a column: its judgements, or the ids of the visits themselves."""
    if line.name == "visit_id":
        return tuple(survey.visits["visit_id"])
    if not line.codes:
        raise InputError(
            f"visits cannot be chosen by {line.name}, which holds {line.kind} and no codes; name them by their visit_id"
        )
    return line.judgements


def _problem(values: pd.Series, column: Column) -> str:
    """What is wrong with a column of a table, or nothing; the first of it."""
    if column.codes and column.name != "grade_scale":  # a survey may bring a scale of its own
        several = column.kind == "codes"
        for value in values.unique():
            codes = str(value).split(BETWEEN_CODES) if several else [value]
            for code in codes:
                if not isinstance(code, str) or code not in column.codes:
                    return str(unknown("a code", code, column.codes))
            if NOT_SEEN in codes and len(codes) > 1:
                return f"{NOT_SEEN!r} stands beside another code; give one or the other"
    elif column.kind in ("count", "money"):
        for value in values.dropna().unique():
            if not isinstance(value, Real) or value % 1:
                return f"must hold whole numbers, not {value!r}"
        if (values < 0).any():
            return f"must not be negative, and is {values.min()}"
        if values.isna().any() and not column.may_be_empty:
            return "has a missing value; give it a whole number, 0 where there is nothing"
    return ""


def any_of(visits: Visits) -> Sequence[Condition]:
    conditions = [visits] if isinstance(visits, Mapping) else visits
    if not isinstance(conditions, Sequence) or not all(isinstance(condition, Mapping) for condition in conditions):
        raise InputError(f"visits are chosen by column and code, such as {{'phase': 'primary'}}, not by {visits!r}")
    return conditions


def codes_of(name: str, wanted: object) -> tuple[str, ...]:
    """The codes that a condition gives for a column, at least one."""
    codes = (wanted,) if isinstance(wanted, str) else tuple(wanted) if isinstance(wanted, Iterable) else ()
    if not codes:
        raise InputError(f"the codes for {name} must be at least one code, not {wanted!r}")
    return codes


def _named(conditions: Sequence[Condition]) -> list[str]:
    """The columns that conditions name."""
    return sorted({name for condition in conditions for name in condition})


def _only_scale(visits: pd.DataFrame) -> str:
    scales = sorted(set(visits["grade_scale"]))
    if len(scales) > 1:
        raise InputError(f"grade_scale must be the same for all visits, not {scales}; analyse each scale by itself")
    return str(scales[0]) if scales else ""


def _applies(survey: Survey, conditions: Sequence[Condition]) -> Flags:
    applies = ~np.zeros(len(survey.visits), dtype=bool)
    for name in _named(conditions):
        applies &= survey.visits[name].to_numpy(dtype=object) != NOT_APPLICABLE
    return applies


def _has(values: NDArray[np.object_], wanted: Sequence[str], *, several: bool) -> Flags:
    cells = (set(wanted).isdisjoint(str(cell).split(BETWEEN_CODES) if several else [cell]) for cell in values)
    return ~np.fromiter(cells, dtype=bool, count=len(values))


def _codes(wanted: object) -> tuple[str, ...]:
    if isinstance(wanted, str):
        return (wanted,)
    codes = tuple(wanted) if isinstance(wanted, Iterable) else (wanted,)
    if not all(isinstance(code, str) for code in codes):
        raise InputError(f"codes must be a code or a list of codes, not {wanted!r}")
    return codes


def _from(line: Column, grade: str) -> tuple[str, ...]:
    """The grade and all better ones."""
    if line.kind != "grade":
        raise InputError(f"at_least needs a column of grades, not {line.name!r}; name the codes that count with codes=")
    if grade not in line.judgements:
        raise unknown("at_least", grade, line.judgements, where=f"{line.name}: ")
    return line.judgements[: line.judgements.index(grade) + 1]
