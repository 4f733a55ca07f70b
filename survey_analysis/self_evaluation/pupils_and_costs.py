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

_REACHED = "pupils reached"
_WITHOUT = "non-participation"


@dataclass(frozen=True, kw_only=True, eq=False)
class SchoolNumbers:
    """Taking part and cost as they may be shown; what is hidden is nowhere in it.

    Parameters
    ----------
    participation
        Pupils on roll and taking part by group, or why there is no table.
    gaps
        The gap of each characteristic on four scales, or why there is none.
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
    """The numbers of the newest answers that have any; those of different people are never mixed."""
    chosen = max((it for it in answers if it.participation), key=lambda it: it.date, default=None)
    paid = max((it for it in answers if it.cost), key=lambda it: (it is chosen, it.date), default=None)
    shown = released(_linked([it for it in (chosen, paid if paid is not chosen else None) if it]), threshold=threshold)

    if not shown.audit["protected"].all():
        too_few = Sentence(told("There are too few pupils for any number of them to be shown.", provenance))
        return SchoolNumbers(participation=too_few, gaps=too_few, cost=too_few, audit=shown.audit.iloc[:0])

    def note(of: Answers) -> str:
        return f"{provenance.value}: as {statements.roles[of.role].lower()} wrote on {of.date:%d %B %Y}."

    no_pupils = Sentence(told("Nobody has written down how many pupils take part.", provenance))
    no_cost = Sentence(told("Nobody has written down what it costs.", provenance))
    return SchoolNumbers(
        participation=_participation(chosen, shown, statements, note(chosen)) if chosen else no_pupils,
        gaps=_gaps(chosen, shown, statements, provenance) if chosen else no_pupils,
        cost=_cost(paid, shown, statements, provenance) if paid else no_cost,
        audit=shown.audit,
    )


def _linked(answers: Sequence[Answers]) -> Linked:
    """Every count, with the sums that tie them; totals of one number are one count, so that none tells of another."""
    counts: dict[Hashable, int] = {}
    sums: list[tuple[Hashable, list[Hashable]]] = []
    same: dict[Hashable, Hashable] = {}
    for it in answers:
        wholes: dict[int, Hashable] = {}
        for characteristic in CONTRASTS:
            rows = [row for row in it.participation if row.characteristic == characteristic]
            for row in rows:
                took, rest, roll = ((it.file, row.group, kind) for kind in ("took", "not", "roll"))
                counts |= {took: row.took_part, rest: row.on_roll - row.took_part, roll: row.on_roll}
                sums.append((roll, [took, rest]))
            for kind in ("took", "roll") if len(rows) == 2 else ():
                total = sum(row.took_part if kind == "took" else row.on_roll for row in rows)
                label: Hashable = wholes.setdefault(total, (it.file, "all", characteristic, kind))
                counts[label] = total
                sums.append((label, [(it.file, row.group, kind) for row in rows]))
        if it.pupils_reached is not None:
            reached = (it.file, _REACHED)
            if it.pupils_reached in wholes:
                same[reached] = wholes[it.pupils_reached]
            else:
                counts[reached] = it.pupils_reached
    return Linked(counts=counts, sums=sums, same=same)


def _participation(of: Answers, shown: Released, statements: Statements, note: str) -> Table:
    rows = []
    for characteristic in CONTRASTS:
        for row in of.participation:
            if row.characteristic == characteristic:
                took, roll = (shown.shown[of.file, row.group, kind] for kind in ("took", "roll"))
                share = HIDDEN if took is None or roll is None else f"{took / roll:.1%}" if roll else "nobody"
                cells = [HIDDEN if it is None else f"{it:,}" for it in (roll, took)]
                rows.append([statements.groups[row.group], *cells, share])
    hidden = f" {HIDDEN}: hidden, so that nobody can be made out." if shown.hidden else ""
    return Table(
        columns=["group", "on roll", "take part", "share"],
        rows=rows,
        caption="Pupils on roll, and those who take part",
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
        if not shown.all_shown([(of.file, group, kind) for group in groups for kind in ("took", "roll")]):
            found += [
                hidden_estimate(f"{label}: {scale_words(name, _WITHOUT)}", unit=scale.unit, provenance=provenance)
                for name, scale in SCALES.items()
            ]
            continue
        tallies = (
            Tally(label=group, count=rows[group].took_part, base=rows[group].on_roll, provenance=provenance)
            for group in groups
        )
        found += gap(*tallies, label=label)
    if not found:
        return Sentence(told("For a gap both groups of a characteristic must be written down.", provenance))
    ahead = "; ".join(
        f"{statements.groups[it.ahead].lower()} before {statements.groups[it.behind].lower()}"
        for it in CONTRASTS.values()
    )
    return Estimates(
        found,
        caption="Gaps in taking part",
        note=f"Above 0, or above 1: {ahead}. All pupils of the school are counted, so there is no interval",
    )


def _cost(of: Answers, shown: Released, statements: Statements, provenance: Provenance) -> Estimates:
    pounds = sum(it.pounds for it in of.cost)
    sources = "; ".join(f"{statements.costs[it.source].lower()} £{it.pounds:,}" for it in of.cost)
    total = Estimate(
        label="cost in all",
        value=float(pounds),
        method="sum over sources",
        base=1,
        provenance=provenance,
        unit="pounds",
    )
    label, reached = "cost of a pupil reached", shown.shown.get((of.file, _REACHED))
    if of.pupils_reached is not None and reached is None:
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
        note=f"By source: {sources}. A cost says nothing of what came of it",
    )
