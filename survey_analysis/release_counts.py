"""Every count that a report on new visits is made from, and the sums that link them: they are hidden together."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations, product

import pandas as pd

from survey_analysis.claims import THEMES
from survey_analysis.disclosure import Suppressed, audit_suppression, suppress
from survey_analysis.grade_scales import GradeScale
from survey_analysis.linked_counts import Relations
from survey_analysis.rendering import HIDDEN
from survey_analysis.surveys import (
    BETWEEN_CODES,
    GROUPS,
    NOT_APPLICABLE,
    NOT_SEEN,
    TIMES,
    Column,
    Condition,
    Survey,
    matching,
)
from survey_analysis.value_for_money import SUMMED_OVER

MEASURES: Mapping[str, str] = {"taking_part": "pupils", "achieving": "taking_part", "sustained": "taking_part"}
"""Each count of pupils, and the one that it is a part of."""

ALL = "all"
SUCCESSFUL, OTHERS, UNDECIDED = "successful", "others", "undecided"

Counts = dict[Hashable, int]
Shown = Mapping[Hashable, int | None]
"""Counts as they may go out, None where one is hidden."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Linked:
    """Counts and the sums that hold among them; `same` are further labels of some of them.

    Those in `keep` are known in any case, and never hidden. Of the `whole`, if there is one, all others are parts.
    Where it is too small to be shown none of them is, zeros no more than others: four codes that are not nothing, of
    fewer than five, would be one each.
    """

    counts: Counts
    sums: Relations
    same: Mapping[Hashable, Hashable] = field(default_factory=dict)
    whole: Hashable | None = None
    keep: Sequence[Hashable] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Released:
    """Counts as they may go out, and for each hidden one the proof that it cannot be worked out."""

    shown: Shown
    audit: pd.DataFrame

    @property
    def hidden(self) -> tuple[Hashable, ...]:
        return tuple(label for label, count in self.shown.items() if count is None)

    def all_shown(self, labels: Sequence[Hashable]) -> bool:
        """Whether every one of some counts is there and shown."""
        return all(self.shown.get(label) is not None for label in labels)


def released(linked: Linked, *, threshold: int | None) -> Released:
    """The counts with the small ones hidden, and others beside them; all of them where there is no threshold."""
    if threshold is None or not linked.counts:
        shown: Shown = linked.counts | {label: linked.counts[it] for label, it in linked.same.items()}
        return Released(shown=shown, audit=pd.DataFrame({"protected": []}, dtype=bool))
    labels = list(linked.counts)
    # By their places: a frame takes labels that are tuples for labels of several levels.
    places = {label: place for place, label in enumerate(labels)}
    sums = [(places[total], [places[part] for part in parts]) for total, parts in linked.sums]
    if linked.whole is not None and 0 < linked.counts[linked.whole] < threshold:
        none = pd.Series([HIDDEN] * len(labels), dtype=object)
        table = Suppressed(table=none, threshold=threshold, width=1, extremes="hidden", totals=None, relations=sums)
    else:
        counts, keep = pd.Series(list(linked.counts.values())), [places[label] for label in linked.keep]
        if keep:
            table = suppress(counts, threshold=threshold, totals=None, relations=sums, keep=keep)
        else:
            table = suppress(counts, threshold=threshold, totals=None, relations=sums)
    cells = list(table.table)
    found = {label: None if cell == HIDDEN else int(cell) for label, cell in zip(labels, cells, strict=True)}
    shown = found | {label: found[it] for label, it in linked.same.items()}
    audit = audit_suppression(table)
    return Released(shown=shown, audit=audit.assign(row=[labels[place] for place in audit["row"]]))


# ------------------------------------------------------------------------------------------------------------ pupils


def pupil_counts(survey: Survey) -> Linked:
    """Pupils over all visits, by characteristic, time and group, and how many took part, achieved and went on.

    Labels are (characteristic, time, group, measure). Beside each part stands what is left of its whole, under
    'not_...': 38 of 40 tell of two as well. Over the groups of one characteristic pupils add up to the total that those
    of another have, wherever both are counted in the same visits, and then they are one cell.
    """
    frame = survey.pupil_groups
    counts: dict[Hashable, int] = {}
    sums: list[tuple[Hashable, Sequence[Hashable]]] = []
    for characteristic in nested_characteristics(survey):
        groups = GROUPS[characteristic]
        rows = frame[frame["characteristic"] == characteristic]
        for time in TIMES:
            totals = {group: _measured(rows[(rows["time"] == time) & (rows["group"] == group)]) for group in groups}
            totals[ALL] = {name: sum(totals[group][name] for group in groups) for name in totals[groups[0]]}
            for group, measured in totals.items():
                counts |= {(characteristic, time, group, name): count for name, count in measured.items()}
                sums += _parts(characteristic, time, group)
            for name in totals[ALL]:
                sums.append(((characteristic, time, ALL, name), [(characteristic, time, it, name) for it in groups]))
    return _tied(survey, *_with_costs(survey, counts, sums))


def nested_characteristics(survey: Survey) -> tuple[str, ...]:
    """The characteristics that are told: those counted in the same visits, or in some of the visits of another.

    Where the visits of two overlap otherwise, sums and differences of totals would tell of the visits that they do not
    share, and the second is left out.
    """
    frame = survey.pupil_groups
    visits = {name: set(frame.loc[frame["characteristic"] == name, "visit_id"]) for name in GROUPS}
    kept: list[str] = []
    for name in sorted((name for name in GROUPS if visits[name]), key=lambda name: -len(visits[name])):
        if all(visits[name] <= visits[it] for it in kept):
            kept.append(name)
    return tuple(name for name in GROUPS if name in kept)


COSTED, UNCOSTED = "with costs", "without costs"


def _with_costs(
    survey: Survey, counts: dict[Hashable, int], sums: list[tuple[Hashable, Sequence[Hashable]]]
) -> tuple[dict[Hashable, int], list[tuple[Hashable, Sequence[Hashable]]]]:
    """The pupils of the visits whose costs are known, by whom pounds are divided, and those of the others.

    Pupils are summed over one characteristic there, and so here.
    """
    frame = survey.pupil_groups
    rows = frame[(frame["characteristic"] == SUMMED_OVER) & (frame["time"] == "after")]
    if SUMMED_OVER not in nested_characteristics(survey):
        return counts, sums
    known = rows["visit_id"].isin(survey.costs["visit_id"])
    if rows.empty or not known.any() or known.all():
        return counts, sums
    for group, part in ((COSTED, rows[known]), (UNCOSTED, rows[~known])):
        counts |= {("costs", "after", group, name): count for name, count in _measured(part).items()}
        sums += _parts("costs", "after", group)
    for name in _measured(rows):
        parts = [("costs", "after", group, name) for group in (COSTED, UNCOSTED)]
        sums.append(((SUMMED_OVER, "after", ALL, name), parts))
    return _within_costs(survey, rows, known, counts, sums)


def _within_costs(
    survey: Survey,
    rows: pd.DataFrame,
    known: pd.Series,
    counts: dict[Hashable, int],
    sums: list[tuple[Hashable, Sequence[Hashable]]],
) -> tuple[dict[Hashable, int], list[tuple[Hashable, Sequence[Hashable]]]]:
    """The pupils of visits with costs, and of those without, by which further characteristics were counted there.

    Costs per pupil on roll, taking part and going on stand to each other as these pupils do, which can tell how many
    they are. Less the total of a characteristic, they then tell of the visits in which it was not counted.
    """
    frame = survey.pupil_groups
    visits = {it: set(frame.loc[frame["characteristic"] == it, "visit_id"]) for it in nested_characteristics(survey)}
    fewer = [it for it in visits if visits[it] < visits[SUMMED_OVER]]
    by = rows["visit_id"].map(lambda visit: " ".join(it for it in fewer if visit in visits[it]))
    for name in _measured(rows) if fewer else ():
        for group, part in ((COSTED, known), (UNCOSTED, ~known)):
            kinds = sorted(set(by[part]))
            counts |= {("costs", it, group, name): _measured(rows[part & (by == it)])[name] for it in kinds}
            sums.append((("costs", "after", group, name), [("costs", it, group, name) for it in kinds]))
    kept = [label for label in counts if isinstance(label, tuple) and label[0] == "costs" and label[1] in set(by)]
    for kind, group in dict.fromkeys((label[1], label[2]) for label in kept):
        sums += _parts("costs", kind, group)
    for it, name in product(fewer, _measured(rows)):
        parts = [label for label in kept if label[3] == name and it in label[1].split()]
        if sum(counts[label] for label in parts) == counts[it, "after", ALL, name]:
            sums.append(((it, "after", ALL, name), parts))
    return counts, sums


def _measured(rows: pd.DataFrame) -> dict[str, int]:
    found = {name: int(rows[name].sum()) for name in ("pupils", *MEASURES)}
    return found | {f"not_{name}": found[whole] - found[name] for name, whole in MEASURES.items()}


def _parts(characteristic: str, time: str, group: str) -> Iterator[tuple[Hashable, Sequence[Hashable]]]:
    for name, whole in MEASURES.items():
        yield (
            (characteristic, time, group, whole),
            [(characteristic, time, group, name), (characteristic, time, group, f"not_{name}")],
        )


def _tied(survey: Survey, counts: dict[Hashable, int], sums: list[tuple[Hashable, Sequence[Hashable]]]) -> Linked:
    """The totals of characteristics that count the same pupils are one cell; else their difference is a cell.

    Where one characteristic is counted in some of the visits of another, the difference is that of the other visits.
    """
    frame = survey.pupil_groups
    told = nested_characteristics(survey)
    visits = {name: set(frame.loc[frame["characteristic"] == name, "visit_id"]) for name in told}
    measures = ("pupils", *MEASURES, *(f"not_{name}" for name in MEASURES))
    same: dict[Hashable, Hashable] = {}
    for (first, second), time, name in product(permutations(told, 2), TIMES, measures):
        more, fewer = (first, time, ALL, name), (second, time, ALL, name)
        if not visits[second] or not visits[second] <= visits[first] or {more, fewer} & same.keys():
            continue
        rest = counts[more] - counts[fewer]
        if visits[first] == visits[second] and rest == 0:
            same[fewer] = more
        elif rest >= 0:
            counts[first, second, time, name] = rest
            sums.append((more, [fewer, (first, second, time, name)]))
    kept = {label: count for label, count in counts.items() if label not in same}
    tied = [(same.get(total, total), [same.get(part, part) for part in parts]) for total, parts in sums]
    distinct = {(total, tuple(parts)): None for total, parts in tied}
    return Linked(counts=kept, sums=list(distinct), same=same)


# ----------------------------------------------------------------------------------------------------------- schools


def successful_by(scale: GradeScale) -> Condition:
    """Good use of partnerships at good value, by the grades that count as good on a scale."""
    return {"partnership_use": scale.good_or_better, "value_for_money": scale.good_or_better}


def judged_columns(survey: Survey) -> Mapping[str, Column]:
    """What a report tells of the visits, one code each: grades, what is yes or no, themes, phase, who taught."""
    columns = survey.dictionary["visits"].values()
    told = [it for it in columns if it.name in survey.visits and not it.name.startswith("second_")]
    return {it.name: it for it in told if it.kind in ("grade", "code") and it.name != "grade_scale"}


def several_columns(survey: Survey) -> Mapping[str, Column]:
    """What a report tells of the visits that can have several codes at once: the forms of partnership."""
    columns = survey.dictionary["visits"].values()
    return {it.name: it for it in columns if it.kind == "codes" and it.name in survey.visits}


def school_counts(survey: Survey, scale: GradeScale, *, crossed: bool) -> Linked:
    """Visits by every judgement; `crossed` adds those by success, and the themes within successful and other visits.

    Success is made of two grades, whose hidden counts it would give away: it goes only where no schools are hidden.

    Of what can have several codes each code is counted by itself, beside the visits without it, under 'not_...'.

    Labels are (column, code), ('visits',), ('success', ...) and (theme, code, group of schools). 'no, seen' are visits
    that were not successful with both grades seen: with the successful ones they are the base of the share.
    """
    visits = survey.visits
    counts: dict[Hashable, int] = {("visits",): len(visits)}
    sums: list[tuple[Hashable, Sequence[Hashable]]] = []
    for name, column in judged_columns(survey).items():
        counts |= {(name, code): int((visits[name] == code).sum()) for code in column.codes}
        sums.append((("visits",), [(name, code) for code in column.codes]))
    for column in judged_columns(survey).values():
        sums += _asked(column, counts)
    for name, column in several_columns(survey).items():
        given = visits[name].str.split(BETWEEN_CODES)
        for code in column.codes:
            number = int(given.map(lambda codes, code=code: code in codes).sum())
            counts |= {(name, code): number, (name, f"not_{code}"): len(visits) - number}
            sums.append((("visits",), [(name, code), (name, f"not_{code}")]))
    if not crossed:
        return Linked(counts=counts, sums=sums, whole=("visits",))
    groups = _groups(survey, scale)
    seen = (visits[list(successful_by(scale))] != NOT_SEEN).all(axis="columns")
    counts |= {("success", name): len(ids) for name, ids in groups.items()}
    counts["success", "no, seen"] = int((visits["visit_id"].isin(groups[OTHERS]) & seen).sum())
    counts["success", "no, one not seen"] = counts["success", OTHERS] - counts["success", "no, seen"]
    sums.append((("visits",), [("success", name) for name in groups]))
    sums.append((("success", OTHERS), [("success", "no, seen"), ("success", "no, one not seen")]))
    for theme in THEMES:
        codes = survey.column("visits", theme).codes
        for name, ids in groups.items():
            coded = visits.loc[visits["visit_id"].isin(ids), theme]
            counts |= {(theme, code, name): int((coded == code).sum()) for code in codes}
            sums.append((("success", name), [(theme, code, name) for code in codes]))
        sums += [((theme, code), [(theme, code, name) for name in groups]) for code in codes]
    return Linked(counts=counts, sums=sums, whole=("visits",))


def _asked(column: Column, counts: Counts) -> Iterator[tuple[Hashable, Sequence[Hashable]]]:
    """What is asked of some visits alone is answered by as many as there are of them, 'not seen' being an answer."""
    answers = [(column.name, code) for code in column.codes if code != NOT_APPLICABLE]
    for name, codes in column.asked_of.items() if len(column.asked_of) == 1 else ():
        of = [(name, code) for code in codes]
        if not counts.keys() >= set(of):
            continue
        if len(of) == 1:
            yield of[0], answers
        else:
            asked = (column.name, "asked of", name)
            counts[asked] = sum(counts[it] for it in of)
            yield asked, of
            yield asked, answers


def _groups(survey: Survey, scale: GradeScale) -> Mapping[str, frozenset[str]]:
    yes, no = (frozenset(matching(survey, successful_by(scale), outside=outside)) for outside in (False, True))
    return {SUCCESSFUL: yes, OTHERS: no, UNDECIDED: frozenset(survey.visits["visit_id"]) - yes - no}
