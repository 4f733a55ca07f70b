"""Two groups of people counted stratum by stratum, so that like can be compared with like."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from survey_analysis.errors import InputError, choice, unknown, whole_number
from survey_analysis.estimates import Provenance, Tally, weakest
from survey_analysis.gaps import CONTRASTS, OUTCOMES, Pair, pupils_by_school
from survey_analysis.rendering import Table
from survey_analysis.resampling import Numbers
from survey_analysis.surveys import GROUP_WORDS, NOT_SEEN, TIMES, Survey, Visits, any_of

CELLS = 4  # of a stratum: count and base of the group ahead, count and base of the one behind
_SCHOOL = "visit_id"


@dataclass(frozen=True, kw_only=True, eq=False)
class Strata(Mapping[str, Pair]):
    """Two groups of people counted in each stratum, and the schools, where they are known, that the counts are sums of.

    Parameters
    ----------
    tallies
        Stratum -> the tallies of the group ahead and of the group behind.
    schools
        The same counts school by school, shaped (schools, strata, 4): count and base of the group ahead, then of the
        group behind. None of strata made by hand.
    by
        What the strata are, in words.
    caption
        What is counted.
    without
        What not to have the outcome is called.
    unseen
        How many more schools there are of which it was not seen to which stratum they belong.
    """

    tallies: Mapping[str, Pair]
    schools: Numbers | None = None
    by: str = "stratum"
    caption: str = "Gap over all, and within strata"
    without: str = "non-participation"
    unseen: int = 0

    def __getitem__(self, stratum: str) -> Pair:
        return self.tallies[stratum]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tallies)

    def __len__(self) -> int:
        return len(self.tallies)

    def _table(self) -> Table:
        names = group_names(self)
        rows = [[name, *(f"{it.count:,} of {it.base:,}" for it in pair)] for name, pair in self.items()]
        made = weakest(it.provenance for pair in self.values() for it in pair)
        unseen = f" It was not seen of {number_of_schools(self.unseen)} more." if self.unseen else ""
        return Table(columns=[self.by, *names], rows=rows, caption=self.caption, note=f"{made.value}.{unseen}")

    def __str__(self) -> str:
        return str(self._table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


def gap_by_stratum(
    survey: Survey,
    characteristic: str,
    *,
    by: str = "phase",
    time: str = "after",
    outcome: str = "participation",
    among: Visits | None = None,
) -> Strata:
    """Pupils of two groups with an outcome, in each stratum of schools.

    Parameters
    ----------
    survey, characteristic, outcome, among
        As for `pupil_tally`.
    by
        The column of the visits whose codes are the strata, one code a visit; or 'visit_id', which makes every school a
        stratum of its own.
    time
        'before' or 'after'.

    Returns
    -------
    Strata
        A mapping from stratum to two tallies, for `stratified_gap`. Schools of which the stratum was not seen are in no
        tally, and counted as `unseen`; those to which the column does not apply are in none either.

    Raises
    ------
    InputError
        A column that does not put each visit into one stratum, or no school whose stratum was seen.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> strata = gap_by_stratum(load_survey(), "fsm")
    >>> list(strata), strata.unseen
    (['primary', 'secondary', 'special'], 0)
    """
    contrast, measure = choice("characteristic", characteristic, CONTRASTS), choice("outcome", outcome, OUTCOMES)
    groups = (contrast.ahead, contrast.behind)
    if time not in TIMES:
        raise unknown("time", time, TIMES)
    found = pupils_by_school(survey, characteristic, outcome=outcome, among=among)
    at = TIMES.index(time)
    counts = np.stack([found.counts[:, at], found.bases[:, at]], axis=-1).reshape(len(found.visits), CELLS)
    codes, of_visit = _strata_of(survey, by)
    belongs = [of_visit[visit] for visit in found.visits]
    inside = np.array([[code == stratum for stratum in codes] for code in belongs], dtype=bool)
    kept = inside.any(axis=0)
    if not kept.any():
        raise InputError(f"by must be a column that was seen in a school or more, and {by!r} was seen in none of them")
    schools = (inside[:, kept, None] * counts[:, None, :])[inside.any(axis=1)]
    columns_named = [*any_of(among or {}), {by: codes}]
    made = survey.provenance_of_pupils(measure.count, measure.base, among=columns_named)
    tallies = {}
    for name, cell in zip(np.array(codes)[kept], schools.sum(axis=0).astype(int).tolist(), strict=True):
        label = survey.visit_label(name) if by == _SCHOOL else str(name).replace("_", " ")
        ahead, behind = (
            Tally(label=GROUP_WORDS[group], count=cell[place], base=cell[place + 1], provenance=made)
            for group, place in zip(groups, (0, 2), strict=True)
        )
        tallies[label] = ahead, behind
    return Strata(
        tallies=tallies,
        schools=schools,
        by="school" if by == _SCHOOL else by.replace("_", " "),
        caption=f"Gap between {contrast.words}: {measure.words}, {time}",
        without=measure.without,
        unseen=belongs.count(NOT_SEEN),
    )


PRINTED: Mapping[str, str] = {
    "count_and_base": "count and base of one group, then of the other",
    "yes_and_no": "yes and no of one group, then of the other",
}
"""What the four numbers of a stratum are, as a table was printed."""


def strata_of_counts(
    counts: Mapping[str, Sequence[int]],
    *,
    groups: tuple[str, str],
    printed: str = "count_and_base",
    provenance: Provenance = Provenance.ILLUSTRATIVE,
) -> Strata:
    """Strata from a table that somebody counted, for `stratified_gap`.

    Parameters
    ----------
    counts
        Stratum -> four whole numbers.
    groups
        What the two groups are called, the one that is expected ahead first.
    printed
        What the four are: 'count_and_base' of the first group, then of the second; or 'yes_and_no', as in a table of
        two by two, whose base is yes and no together.
    provenance
        Where the counts come from; illustrative unless you say what it is.

    Returns
    -------
    Strata
        A mapping from stratum to two tallies. Nothing is known of schools, so those counted are taken as independent.

    Raises
    ------
    InputError
        A stratum without its four counts, a count that is negative, not whole, or above its base, other than two groups
        of different names, or an unknown way of printing.

    Examples
    --------
    >>> made = strata_of_counts({"A": (512, 825, 89, 108)}, groups=("men", "women"), provenance="published")
    >>> print(made["A"][1])
    women: 89 of 108 (published)
    >>> table = strata_of_counts({"A": (512, 313, 89, 19)}, groups=("men", "women"), printed="yes_and_no")
    >>> table["A"][1].base
    108
    """
    choice("printed", printed, PRINTED)
    if isinstance(groups, str) or not isinstance(groups, Sequence) or len(set(groups)) != 2 or len(groups) != 2:
        raise InputError(f"groups must be two different names, such as ('men', 'women'), not {groups!r}")
    if not isinstance(counts, Mapping):
        raise InputError(
            f"counts must have four counts for each stratum, such as {{'A': (512, 825, 89, 108)}}, not {counts!r}"
        )
    strata = {}
    for stratum, cells in counts.items():
        if isinstance(cells, str) or not isinstance(cells, Sequence) or len(cells) != CELLS:
            raise InputError(f"the stratum {stratum!r} must have {PRINTED[printed]}, not {cells!r}")
        one, two, three, four = (whole_number(f"each count of the stratum {stratum!r}", it, least=0) for it in cells)
        if printed == "yes_and_no":
            two, four = one + two, three + four
        for group, count, base in zip(groups, (one, three), (two, four), strict=True):
            if count > base:
                raise InputError(
                    f"the stratum {stratum!r} has {count} of {base} {group}: add yes and no for the base, or write "
                    "printed='yes_and_no'"
                )
        ahead, behind = (
            Tally(label=group, count=count, base=base, provenance=provenance)
            for group, count, base in zip(groups, (one, three), (two, four), strict=True)
        )
        strata[stratum] = (ahead, behind)
    return Strata(tallies=strata)


def compared_strata(strata: Mapping[str, Pair]) -> dict[str, Pair]:
    """The strata in which both groups have somebody; an error where there is none, or something else than tallies."""
    if not isinstance(strata, Mapping) or not strata:
        raise InputError("strata must have a stratum or more, each with two tallies: {'primary': (ahead, behind)}")
    for name, pair in strata.items():
        if not isinstance(pair, tuple) or len(pair) != 2 or not all(isinstance(it, Tally) for it in pair):
            raise InputError(f"the stratum {name!r} must be two tallies, (ahead, behind), not {pair!r}")
    compared = {name: (ahead, behind) for name, (ahead, behind) in strata.items() if ahead.base and behind.base}
    if not compared:
        raise InputError("strata must have one with somebody in both groups; in each of these a group is empty")
    return compared


def over_all(strata: Mapping[str, Pair]) -> Pair:
    """The two groups summed over all strata, also over those in which one of them is empty."""
    first, second = (
        Tally(
            label=name,
            count=sum(it.count for it in group),
            base=sum(it.base for it in group),
            provenance=weakest(it.provenance for it in group),
            assumptions=tuple(dict.fromkeys(name for it in group for name in it.assumptions)),
        )
        for name, group in zip(group_names(strata), zip(*strata.values(), strict=True), strict=True)
    )
    return first, second


def lead(ahead: Tally, behind: Tally) -> Fraction:
    """By how much the share of the first is above that of the second, times the weight of Mantel and Haenszel."""
    return Fraction(ahead.count * behind.base - behind.count * ahead.base, ahead.base + behind.base)


def group_names(strata: Mapping[str, Pair]) -> tuple[str, str]:
    """What the groups are called; by their place where the strata call them differently."""
    first, second = ({pair[place].label for pair in strata.values()} for place in (0, 1))
    return (
        first.pop() if len(first) == 1 else "those of the first group",
        second.pop() if len(second) == 1 else "those of the second group",
    )


def number_of_schools(count: int) -> str:
    """How many schools, in words that agree with the number."""
    return f"{count} {'school' if count == 1 else 'schools'}"


def _strata_of(survey: Survey, by: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """The strata, and to which each visit belongs."""
    line = survey.column("visits", by)
    visits = survey.visits["visit_id"]
    if by == _SCHOOL:
        return tuple(visits), dict(zip(visits, visits, strict=True))
    if line.kind not in ("code", "grade"):
        raise InputError(
            f"by must be a column of the visits with one code a visit, or 'visit_id', not {by!r}, which holds "
            f"{line.kind}"
        )
    if line.kind == "grade":
        survey.grade_scale  # noqa: B018  (grades of several scales are an error)
    return line.judgements, dict(zip(visits, survey.visits[by], strict=True))
