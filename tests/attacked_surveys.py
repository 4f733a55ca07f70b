"""Tiny surveys as raw records, all that a report on them shows, and a search for others of which it shows the same."""

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

import survey_analysis as sa
from survey_analysis import release_counts
from survey_analysis.claims import THEMES
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.disclosure import Suppressed, audit_suppression
from survey_analysis.estimates import Estimates, Provenance
from survey_analysis.executions import PRIVATE, read_notebook
from survey_analysis.linked_counts import Relations
from survey_analysis.release_counts import ALL, COSTED, MEASURES, UNCOSTED, pupil_counts
from survey_analysis.rendering import HIDDEN
from survey_analysis.single_pages import NEW_VISITS
from survey_analysis.surveys import GROUPS, TIMES, Dictionary, Survey

MEASURED = ("pupils", *MEASURES)
COLUMNS = ("visit_id", "grade_scale", "partnership_use", "value_for_money", "all_groups_benefit", *THEMES)
Record = tuple[str, str, str, str]
"""A row of pupil groups: visit, characteristic, time and group."""
Numbers = NDArray[np.float64]
Secret = tuple[tuple[str, ...], str, str, str, str]
"""A count that is in the records, if nowhere else: visits, characteristic, time, group, and a measure or 'not_' it."""


def _last(source: str) -> str:
    """The expression with which a cell ends, and whose value it shows; nothing where it ends otherwise."""
    lines = ast.parse(source).body
    return ast.unparse(lines[-1]) if lines and isinstance(lines[-1], ast.Expr) else ""


SHOWN = tuple(
    shown
    for cell in read_notebook(NEW_VISITS).cells
    if cell.cell_type == "code" and PRIVATE not in cell.metadata.get("tags", ()) and (shown := _last(cell.source))
)
"""Everything that the notebook on new visits shows, as it stands in its cells."""


def words(release: sa.Release) -> str:
    """All sentences and tables that go out, as one text."""
    return "\n".join(_html(made) for made in _outputs(release, drawn=False))


def everything(release: sa.Release) -> str:
    """All that goes out, the charts as well: every mark has its place in a drawing. It takes a second and more."""
    return words(release) + "\n".join(_html(made) for made in _outputs(release, drawn=True))


def _outputs(release: sa.Release, *, drawn: bool) -> Iterator[Any]:
    for shown in SHOWN:
        if ("charts" in shown) is drawn:
            yield eval(shown, {"sa": sa, "release": release})


def _html(made: Any) -> str:
    if isinstance(made, sa.charts.Chart):
        return f"{made!r}\n{made.file('svg').decode('utf-8')}"
    return f"{made!r}\n{made._repr_html_()}"


# ------------------------------------------------------------------------------------------------------- raw records


@dataclass(frozen=True, kw_only=True)
class Records:
    """What inspectors wrote down: pupils of each group as (pupils, taking part, achieving, sustained), and pounds."""

    pupils: Mapping[Record, tuple[int, int, int, int]]
    pounds: Mapping[tuple[str, str], int]
    """Of a visit and a year."""
    visits: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    """A column of the visits -> what it says of each of them; a column that is not here was not seen in any."""
    dictionary: Dictionary

    def survey(self) -> Survey:
        """The records as a survey."""
        columns = self.dictionary
        visits = pd.DataFrame({"visit_id": list(self.visits)}).reindex(columns=list(columns["visits"]))
        codes = {name: "not_seen" for name in columns["visits"] if name not in ("visit_id", "grade_scale")}
        scale = columns["visits"]["grade_scale"].codes[0]
        visits = visits.assign(**codes | {name: list(it) for name, it in self.codes.items()}, grade_scale=scale)
        rows = [
            {"visit_id": visit, "characteristic": characteristic, "time": time, "group": group}
            | dict(zip(MEASURED, counts, strict=True))
            for (visit, characteristic, time, group), counts in self.pupils.items()
        ]
        groups = pd.DataFrame(rows, columns=list(columns["pupil_groups"])).astype(dict.fromkeys(MEASURED, "Int64"))
        costs = pd.DataFrame(
            [(visit, year, "school", pounds) for (visit, year), pounds in self.pounds.items()],
            columns=["visit_id", "year", "source", "amount_gbp"],
        ).astype({"amount_gbp": "Int64"})
        return Survey(visits=visits, pupil_groups=groups, costs=costs, dictionary=columns, title="Attacked")

    def count(self, secret: Secret) -> int:
        """Pupils over some visits."""
        return round(float(_functional(self, secret) @ self.vector()))

    def vector(self) -> Numbers:
        """Every number of the records in a row."""
        return np.array([*(it for counts in self.pupils.values() for it in counts), *self.pounds.values()], dtype=float)

    def with_vector(self, numbers: Numbers) -> "Records":
        """The same shape with other numbers."""
        found = np.rint(numbers).astype(int).tolist()
        pupils = {key: tuple(found[4 * at : 4 * at + 4]) for at, key in enumerate(self.pupils)}
        return replace(self, pupils=pupils, pounds=dict(zip(self.pounds, found[4 * len(pupils) :], strict=True)))


def schema(**provenances: str) -> Dictionary:
    """The columns that a report needs and no more, observed where no other provenance is given for the table."""
    return {
        table: {
            name: replace(column, provenance=Provenance(provenances.get(table, "observed")), presence="chosen")
            for name, column in columns.items()
            if table == "costs" or name in (*COLUMNS, "visit_id", "time", "characteristic", "group", *MEASURED)
        }
        for table, columns in packaged_dictionary().items()
    }


def secrets(records: Records, *, below: int) -> list[Secret]:
    """Every small number of pupils over whichever visits: also of one visit, and of those that a report never sums."""
    found: list[Secret] = []
    for characteristic in GROUPS:
        visits = sorted({key[0] for key in records.pupils if key[1] == characteristic})
        several = [it for size in range(1, len(visits) + 1) for it in combinations(visits, size)]
        measures = [*MEASURED, *(f"not_{name}" for name in MEASURES)]
        found += product(several, [characteristic], TIMES, [*GROUPS[characteristic], ALL], measures)
    return [it for it in found if 0 < records.count(it) < below]


def _functional(records: Records, secret: Secret) -> Numbers:
    """What every number of the records counts for in a sum over visits."""
    visits, characteristic, time, group, name = secret
    times = np.zeros(4 * len(records.pupils) + len(records.pounds))
    measure = name.removeprefix("not_")
    for at, key in enumerate(records.pupils):
        if key[0] in visits and key[1:3] == (characteristic, time) and group in (key[3], ALL):
            times[4 * at + MEASURED.index(measure)] = 1
            if measure != name:
                times[4 * at + MEASURED.index(measure)] = -1
                times[4 * at + MEASURED.index(MEASURES[measure])] = 1
    return times


# ------------------------------------------------------------------------------------------------------------ attack


class OtherChoiceError(Exception):
    """Other cells would have to be hidden."""


Reader = Callable[[list[bool]], AbstractContextManager[object]]
"""What a reader takes for granted while another survey is released, given which counts are hidden in this one."""
Text = Callable[[sa.Release], str]


def who_makes_the_choice_again(hidden: list[bool]) -> AbstractContextManager[object]:
    """He releases every survey that could be, and sees which cells the package would hide beside the small ones."""
    return nullcontext()


def who_knows_the_rule(hidden: list[bool]) -> AbstractContextManager[object]:
    """He knows which counts are hidden for their own sake, and that others are, but not how these are chosen.

    The cells that were hidden are hidden in another survey, if the rule allows and the audit finds them protected.
    """

    def same_choice(counts: pd.Series, *, threshold: int, totals: None, relations: Relations) -> Suppressed:
        if len(counts) != len(hidden):
            raise OtherChoiceError
        table = counts.astype(object).mask(np.array(hidden), HIDDEN)
        found = Suppressed(
            table=table, threshold=threshold, width=1, extremes="hidden", totals=totals, relations=relations
        )
        audit = audit_suppression(found)
        cells = [counts[row] for row in audit["row"]]
        most = audit["greatest_by_rule"].fillna(np.inf)
        if not (audit["protected"] & (audit["least_by_rule"] <= cells) & (most >= cells)).all():
            raise OtherChoiceError
        return found

    return patch.object(release_counts, "suppress", same_choice)


def pinned(
    records: Records, *, threshold: int, by: Reader = who_knows_the_rule, seen: Text = words, tries: int = 25
) -> dict[Secret, int]:
    """The small numbers of pupils for which no other survey was found that shows the same; none where all are safe.

    Whatever is proposed, the verdict is that of the report: each other survey is released and shown, and counts only if
    not one sign of what is seen is different.
    """
    release = sa.release(records.survey(), threshold=threshold)
    hidden = [release.pupils.shown[label] is None for label in pupil_counts(records.survey()).counts]
    read, open_ = seen(release), secrets(records, below=threshold)
    for other in _others(records, release, threshold, open_, tries):
        kept = [it for it in open_ if other.count(it) == records.count(it)]
        with suppress(OtherChoiceError), by(hidden):
            if len(kept) < len(open_) and seen(sa.release(other.survey(), threshold=threshold)) == read:
                open_[:] = kept
    return {it: records.count(it) for it in open_}


def pinned_schools(
    records: Records, *, school_threshold: int, by: Reader = who_knows_the_rule, tries: int = 40
) -> dict[tuple[str, ...], int]:
    """The same for numbers of visits: of all, and of those with each code of each column."""
    release = sa.release(records.survey(), school_threshold=school_threshold)
    hidden = [count is None for count in release.schools.shown.values()]
    read, open_ = words(release), {it: count for it, count in _coded(records).items() if count < school_threshold}
    for other in _other_codes(records, release, tries if open_ else 0):
        kept = {it: count for it, count in open_.items() if _coded(other).get(it, 0) == count}
        with suppress(OtherChoiceError), by(hidden):
            if kept != open_ and words(sa.release(other.survey(), school_threshold=school_threshold)) == read:
                open_ = kept
        if not open_:
            break
    return open_


def _coded(records: Records) -> dict[tuple[str, ...], int]:
    """How many visits there are, and how many with each code that is there."""
    found: dict[tuple[str, ...], int] = {("visits",): len(records.visits)}
    found |= {(name, code): written.count(code) for name, written in records.codes.items() for code in written}
    return found


def _others(
    records: Records, release: sa.Release, threshold: int, open_: list[Secret], tries: int
) -> Iterator[Records]:
    """Surveys near by that might show the same and differ in numbers that are still pinned: in all, then in some.

    By whole numbers: each aim is a number that is to move, up or down, and rows of small moves are the best.
    """
    chance = np.random.default_rng(len(records.pupils))
    here, rows, low, high = records.vector(), *_limits(records, release, threshold)
    still, most = rows @ here, 8.0
    for number in range(tries):
        if not open_:
            return
        aims = [_functional(records, it) for it in open_ if number == 0 or chance.random() < 1 / number]
        aims = aims or [_functional(records, open_[int(chance.integers(len(open_)))])]
        size, number_of = len(here), len(aims)
        dear = np.append(1 + chance.random(4 * len(records.pupils)), np.full(len(records.pounds), 1e-6))
        moves = np.hstack([rows, -rows, np.zeros((len(rows), 2 * number_of))])
        aimed = np.hstack([np.array(aims), -np.array(aims)])
        more, less = np.eye(number_of), np.zeros((number_of, number_of))
        found = milp(
            np.concatenate([dear, dear, np.full(2 * number_of, -20.0)]),
            integrality=np.ones(2 * size + 2 * number_of),
            bounds=Bounds(0, np.concatenate([np.full(size, np.inf), here, np.ones(2 * number_of)])),
            constraints=[
                LinearConstraint(moves, low - still, high - still),
                LinearConstraint(np.hstack([aimed, -(most + 1) * more, less]), -most, np.inf),
                LinearConstraint(np.hstack([aimed, less, (most + 1) * more]), -np.inf, most),
                LinearConstraint(np.hstack([np.zeros((number_of, 2 * size)), more, more]), 0, 1),
            ],
            options={"node_limit": 200, "mip_rel_gap": 0.3},
        )
        if found.x is not None:
            yield records.with_vector(here + found.x[:size] - found.x[size : 2 * size])


def _other_codes(records: Records, release: sa.Release, tries: int) -> Iterator[Records]:
    """Other codes, and as many other visits, as the shown numbers allow."""
    chance, shown = np.random.default_rng(len(records.visits)), release.schools.shown
    for _ in range(tries):
        size = release.number or int(chance.integers(1, len(records.visits) + 2))
        codes = {}
        for name, written in records.codes.items():
            counts = {code: shown[name, code] for code in records.dictionary["visits"][name].codes}
            hidden = [code for code, count in counts.items() if count is None]
            one = int(chance.integers(2))  # of a code that somebody wrote; he who is told of no zero knows less
            least = {code: one * (code in written) if count is None else count for code, count in counts.items()}
            more = size - sum(least.values())
            if more < 0 or (more and not hidden):
                break
            found = [code for code, count in least.items() for _ in range(count)]
            codes[name] = (*found, *(hidden[int(at)] for at in chance.integers(len(hidden), size=more) if more))
        else:
            yield replace(records, visits=tuple("ABCDEFGHIJ"[:size]), codes=codes)


def _limits(records: Records, release: sa.Release, threshold: int) -> tuple[Numbers, Numbers, Numbers]:
    """What another survey must meet, roughly, to look the same: this only saves tries, and decides nothing."""
    linked = pupil_counts(records.survey())
    limits: list[tuple[Numbers, float, float]] = []
    for at, name in product(range(len(records.pupils)), MEASURES):
        row = np.zeros(len(records.vector()))
        row[4 * at + MEASURED.index(MEASURES[name])], row[4 * at + MEASURED.index(name)] = 1, -1
        limits.append((row, 0, np.inf))
    for label, count in linked.counts.items():
        row, shown = _sum_of(records, label), release.pupils.shown[label]
        told = isinstance(label, tuple) and label[0] in GROUPS and label[1] in TIMES and label[3] in MEASURED
        least = min(count, 1 if shown is None else threshold)
        limits.append((row, count, count) if shown is not None and (told or not count) else (row, least, np.inf))
    limits += [*_agreeing(records), *_costs(records, release)]
    rows, low, high = zip(*limits, strict=True)
    return np.array(rows), np.array(low), np.array(high)


def _agreeing(records: Records) -> Iterator[tuple[Numbers, float, float]]:
    """The pupils of a school are the same by whatever they are divided, and every reader knows it."""
    for visit, time, name, (one, other) in product(records.visits, TIMES, MEASURED, combinations(GROUPS, 2)):
        pair = [_functional(records, ((visit,), it, time, ALL, name)) for it in (one, other)]
        if all(it.any() for it in pair):
            yield pair[0] - pair[1], 0, 0


def _sum_of(records: Records, label: Any) -> Numbers:
    """What every number of the records counts for in a count of a release."""
    first, second, third, name = label
    every = {it: {key[0] for key in records.pupils if key[1] == it} for it in GROUPS}
    if first in GROUPS and second in GROUPS:
        return _sum_of(records, (first, third, ALL, name)) - _sum_of(records, (second, third, ALL, name))
    if first in GROUPS:
        return _functional(records, (records.visits, first, second, third, name))
    known = {visit for visit, _ in records.pounds}
    wanted = {COSTED: known, UNCOSTED: set(records.visits) - known}[third]
    if second not in TIMES:  # of these visits those in which the same was counted beside
        also = [it for it in GROUPS if every[it] < every["fsm"]]
        wanted = {it for it in wanted if second == " ".join(name for name in also if it in every[name])}
    return _functional(records, (tuple(wanted), "fsm", "after", ALL, name))


def _costs(records: Records, release: sa.Release) -> Iterator[tuple[Numbers, float, float]]:
    """Pounds stand for themselves: only what they come to for a pupil is shown, and that in whole pounds."""
    counted = {key[0] for key in records.pupils if key[1] == "fsm"}
    known = tuple(counted & {visit for visit, _ in records.pounds})
    spent = np.append(np.zeros(4 * len(records.pupils)), [float(visit in counted) for visit, _ in records.pounds])
    names = ("pupils", "taking_part", "sustained")
    for cost, name in zip(release.costs if isinstance(release.costs, Estimates) else (), names, strict=False):
        if cost.value is not None:
            pupils = _functional(records, (known, "fsm", "after", ALL, name))
            yield spent - (round(cost.value) - 0.5) * pupils, 0, np.inf
            yield spent - (round(cost.value) + 0.5) * pupils, -np.inf, 0
