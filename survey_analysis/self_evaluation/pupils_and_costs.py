"""A school's own numbers: who takes part, the gaps between groups, what a pupil costs, with small numbers hidden."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import pandas as pd

from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally, hidden_estimate, told
from survey_analysis.gaps import CONTRASTS, SCALES, gap, scale_words
from survey_analysis.release_counts import Linked, Released, released
from survey_analysis.rendering import HIDDEN, Sentence, Table
from survey_analysis.self_evaluation.answers import CHARACTERISTICS, Answers
from survey_analysis.self_evaluation.statements import Statements

_ALL, _PERCENT = "all", 100
_WITHOUT = "non-participation"


@dataclass(frozen=True, kw_only=True, eq=False)
class SchoolNumbers:
    """Taking part and cost as they may be shown; what is hidden is nowhere in it.

    Parameters
    ----------
    participation
        Pupils on roll and taking part by group, or why there is no table.
    gaps
        The difference of the shares of each characteristic, or why there is none.
    cost
        The cost of a pupil, or why there is none.
    audit
        For each hidden count the least and the greatest that is left open.
    """

    participation: Table | Sentence
    gaps: Estimates | Sentence
    cost: Estimates | Sentence
    audit: pd.DataFrame


def school_numbers(
    answers: Sequence[Answers], statements: Statements, *, provenance: Provenance, threshold: int
) -> SchoolNumbers:
    """The numbers of the newest file that has any: those of different files are never put together."""
    chosen = max((it for it in answers if it.participation or it.cost), key=lambda it: it.date, default=None)
    no_pupils = Sentence(told(f"Nobody has written down how many pupils take part ({provenance.value}).", provenance))
    no_cost = Sentence(told(f"Nobody has written down what it costs ({provenance.value}).", provenance))
    if chosen is None:
        nothing = pd.DataFrame({"protected": []}, dtype=bool)
        return SchoolNumbers(participation=no_pupils, gaps=no_pupils, cost=no_cost, audit=nothing)
    shown = released(_linked(chosen), threshold=threshold)
    if not shown.audit["protected"].all():
        words = f"There are too few pupils for any number of them to be shown ({provenance.value})."
        too_few = Sentence(told(words, provenance))
        return SchoolNumbers(participation=too_few, gaps=too_few, cost=too_few, audit=shown.audit.iloc[:0])

    who = statements.roles[chosen.role].lower()
    note = f"{provenance.value}: as {who} wrote on {chosen.date:%d %B %Y}. Fewer than {threshold} pupils are hidden."
    return SchoolNumbers(
        participation=_participation(chosen, shown, statements, provenance, note)
        if chosen.participation
        else no_pupils,
        gaps=_gaps(chosen, shown, statements, provenance) if chosen.participation else no_pupils,
        cost=_cost(chosen, shown, statements, provenance, note) if chosen.cost else no_cost,
        audit=shown.audit,
    )


def _linked(of: Answers) -> Linked:
    """Every count, with the sums that tie them, so that none tells of another.

    Each characteristic counts the same pupils. What it leaves of all who take part, or of all on roll, is a group of
    its own, such as that of which nothing was written down.
    """
    counts: dict[Hashable, int] = {}
    sums: list[tuple[Hashable, list[Hashable]]] = []
    rows = {name: [row for row in of.participation if row.characteristic == name] for name in CONTRASTS}
    for row in of.participation:
        took, rest, roll = ((row.group, kind) for kind in ("took", "not", "roll"))
        counts |= {took: row.took_part, rest: row.on_roll - row.took_part, roll: row.on_roll}
        sums.append((roll, [took, rest]))
    for kind in ("took", "roll"):
        totals = {name: sum(counts[row.group, kind] for row in it) for name, it in rows.items() if it}
        if kind == "took" and of.pupils_reached is not None:
            whole = of.pupils_reached
        elif totals:
            whole = max(totals.values())
        else:
            continue
        counts[_ALL, kind] = whole
        for name, total in totals.items():
            parts: list[Hashable] = [(row.group, kind) for row in rows[name]]
            if whole > total:
                counts[name, "rest", kind] = whole - total
                parts.append((name, "rest", kind))
            sums.append(((_ALL, kind), parts))
    return Linked(counts=counts, sums=sums)


def _participation(of: Answers, shown: Released, statements: Statements, provenance: Provenance, note: str) -> Table:
    rows = []
    for characteristic in CONTRASTS:
        for row in of.participation:
            if row.characteristic == characteristic:
                took, roll = (shown.shown[row.group, kind] for kind in ("took", "roll"))
                share = HIDDEN if took is None or roll is None else f"{took / roll:.1%}" if roll else "nobody"
                cells = [HIDDEN if it is None else f"{it:,}" for it in (roll, took)]
                rows.append([statements.groups[row.group], *cells, share])
    if len(of.participation) > 1 and all(row.on_roll == _PERCENT for row in of.participation):
        note += " Every group has 100 pupils on roll: if these are percentages, give counts instead."
    hidden = f" {HIDDEN}: hidden, so that nobody can be made out." if shown.hidden else ""
    return Table(
        columns=["group", "on roll", "take part", "share"],
        rows=rows,
        caption=f"Pupils on roll, and those who take part ({provenance.value})",
        note=note + hidden,
    )


def _gaps(of: Answers, shown: Released, statements: Statements, provenance: Provenance) -> Estimates | Sentence:
    """Of each characteristic with both groups: all pupils of the school are counted, so there is no interval."""
    found: list[Estimate] = []
    rows = {row.group: row for row in of.participation}
    for characteristic, contrast in CONTRASTS.items():
        groups = (contrast.ahead, contrast.behind)
        if not all(group in rows and rows[group].on_roll for group in groups):
            continue
        label = f"{CHARACTERISTICS[characteristic]}, taking part"
        if not shown.all_shown([(group, kind) for group in groups for kind in ("took", "roll")]):
            hidden = f"{label}: {scale_words('difference', _WITHOUT)}"
            found.append(hidden_estimate(hidden, unit=SCALES["difference"].unit, provenance=provenance))
            continue
        tallies = (
            Tally(
                label=group,
                count=shown.shown[group, "took"] or 0,
                base=shown.shown[group, "roll"] or 0,
                provenance=provenance,
            )
            for group in groups
        )
        difference, *_ = gap(*tallies, label=label)
        found.append(difference)
    if not found:
        words = f"For a gap both groups of a characteristic must be written down ({provenance.value})."
        return Sentence(told(words, provenance))
    *first, last = (f"of {statements.groups[it.ahead].lower()}" for it in CONTRASTS.values())
    return Estimates(
        found,
        caption="Gaps in taking part",
        note=f"Above 0: a larger share {', '.join(first)} or {last} takes part than of the other group. All pupils of "
        "the school are counted, so there is no interval. On another scale a gap can look otherwise",
    )


def _cost(of: Answers, shown: Released, statements: Statements, provenance: Provenance, note: str) -> Estimates:
    pounds = sum(it.pounds for it in of.cost)
    sources = "; ".join(f"{statements.costs[it.source].lower()} £{it.pounds:,}" for it in of.cost)
    left = [words.lower() for source, words in statements.costs.items() if source not in {it.source for it in of.cost}]
    unknown = f" Not written down: {'; '.join(left)}." if left else ""
    total = Estimate(
        label="cost of the sources written down",
        value=float(pounds),
        method="sum over sources",
        base=len(of.cost),
        provenance=provenance,
        unit="pounds",
    )
    label, is_known = "cost of a pupil reached", of.pupils_reached is not None
    reached = shown.shown[_ALL, "took"] if is_known else None
    if is_known and reached is None:
        each = hidden_estimate(label, unit="pounds", provenance=provenance)
    else:
        each = Estimate(
            label=label,
            value=pounds / reached if reached else None,
            method="pounds over pupils reached",
            base=reached or 0,
            provenance=provenance,
            unit="pounds",
        )
    year = f" in {of.year}" if of.year else ""
    return Estimates(
        [total, each],
        caption=f"What it costs{year}",
        note=f"By source: {sources}.{unknown} A cost says nothing of what came of it. {note}",
    )
