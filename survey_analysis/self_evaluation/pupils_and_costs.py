"""A school's own numbers: who takes part, the gaps between groups, what a pupil costs, with small numbers hidden."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import pandas as pd

from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally, hidden_estimate, told
from survey_analysis.gaps import CONTRASTS, SCALES, gap, scale_words
from survey_analysis.release_counts import Linked, Released, released
from survey_analysis.rendering import HIDDEN, Sentence, Table
from survey_analysis.self_evaluation.answers import CHARACTERISTICS, Answers
from survey_analysis.self_evaluation.statements import Statements, uncapped

_ALL, _PERCENT = "all", 100
_PUPILS, _POUNDS = "how many pupils take part", "what it costs"
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
    roles = list(statements.roles)
    numbered = sorted(
        (it for it in answers if it.participation or it.cost),
        key=lambda it: (-it.date.toordinal(), roles.index(it.role)),
    )
    if not numbered:
        nobody = (_sentence(f"Nobody has written down {what}", provenance) for what in (_PUPILS, _PUPILS, _POUNDS))
        participation, gaps, cost = nobody
        nothing = pd.DataFrame({"protected": []}, dtype=bool)
        return SchoolNumbers(participation=participation, gaps=gaps, cost=cost, audit=nothing)
    chosen, *others = numbered
    shown = released(_linked(chosen), threshold=threshold)
    if not shown.audit["protected"].all():
        too_few = _sentence("There are too few pupils for any number of them to be shown", provenance)
        return SchoolNumbers(participation=too_few, gaps=too_few, cost=too_few, audit=shown.audit.iloc[:0])
    who = f"{uncapped(statements.roles[chosen.role])} wrote on {chosen.date:%d %B %Y}"
    note = f"{provenance.value}: as {who}{_of_others(chosen, others)}. Fewer than {threshold} pupils are hidden."

    def left_out(what: str) -> Sentence:
        return _sentence(f"The numbers are those that {who}, who says nothing of {what}", provenance)

    has_pupils, has_cost = bool(chosen.participation), bool(chosen.cost)
    return SchoolNumbers(
        participation=_participation(chosen, shown, statements, provenance, note) if has_pupils else left_out(_PUPILS),
        gaps=_gaps(chosen, shown, statements, provenance) if has_pupils else left_out(_PUPILS),
        cost=_cost(chosen, shown, statements, provenance, note) if has_cost else left_out(_POUNDS),
        audit=shown.audit,
    )


def _sentence(words: str, provenance: Provenance) -> Sentence:
    return Sentence(told(f"{words} ({provenance.value}).", provenance))


def _of_others(chosen: Answers, others: Sequence[Answers]) -> str:
    """That somebody wrote other numbers on the same day, where that is so."""

    def numbers(of: Answers) -> object:
        return set(of.participation), set(of.cost), of.pupils_reached, of.year

    differ = any(it.date == chosen.date and numbers(it) != numbers(chosen) for it in others)
    return "; another file of that day has other numbers" if differ else ""


def _linked(of: Answers) -> Linked:
    """Every count, with the sums that tie them, so that none tells of another.

    Each characteristic counts the same pupils. What it leaves of all who take part, or of all on roll, is a group of
    its own, such as that of which nothing was written down.
    """
    counts: dict[Hashable, int] = {}
    sums: list[tuple[Hashable, list[Hashable]]] = []
    rows = {name: [row for row in of.participation if row.characteristic == name] for name in CONTRASTS}
    for row in of.participation:
        counts |= {(row.group, "took"): row.took_part, (row.group, "roll"): row.on_roll}
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
                counts[_rest(name), kind] = whole - total
                parts.append((_rest(name), kind))
            sums.append(((_ALL, kind), parts))
    for group in (_ALL, *(row.group for row in of.participation), *map(_rest, CONTRASTS)):
        roll, took = counts.get((group, "roll")), counts.get((group, "took"), 0)
        if roll is not None and roll >= took:
            counts[group, "not"] = roll - took
            sums.append(((group, "roll"), [it for kind in ("took", "not") if (it := (group, kind)) in counts]))
    return Linked(counts=counts, sums=sums)


def _rest(characteristic: str) -> str:
    """The pupils of whom a characteristic was not written down."""
    return f"rest of {characteristic}"


def _participation(of: Answers, shown: Released, statements: Statements, provenance: Provenance, note: str) -> Table:
    rows = []
    for characteristic in CONTRASTS:
        for row in of.participation:
            if row.characteristic == characteristic:
                took, roll = (shown.shown[row.group, kind] for kind in ("took", "roll"))
                share = HIDDEN if took is None or roll is None else f"{took / roll:.1%}" if roll else "nobody"
                cells = [HIDDEN if it is None else f"{it:,}" for it in (roll, took)]
                rows.append([statements.groups[row.group], *cells, share])
    if len(rows) > 1 and all(cells[1] == f"{_PERCENT}" for cells in rows):
        note += " Every group has 100 pupils on roll: if these are percentages, give counts instead."
    note += _of_unequal_rolls(shown)
    hidden = f" {HIDDEN}: hidden, so that nobody can be made out." if any(HIDDEN in cells for cells in rows) else ""
    return Table(
        columns=["group", "on roll", "take part", "share"],
        rows=rows,
        caption=f"Pupils on roll, and those who take part{_in_year(of)} ({provenance.value})",
        note=note + hidden,
    )


def _of_unequal_rolls(shown: Released) -> str:
    """That two pairs of groups do not have as many pupils, where every number of them is shown."""
    rolls = {}
    for name, contrast in CONTRASTS.items():
        pair = [shown.shown.get((group, "roll")) for group in (contrast.ahead, contrast.behind)]
        if None not in pair:
            rolls[CHARACTERISTICS[name]] = sum(it or 0 for it in pair)
    if len(set(rolls.values())) < 2:
        return ""
    found = ", ".join(f"{roll:,} by {name}" for name, roll in rolls.items())
    return f" Each pair should count every pupil once, and they differ ({found}): look which is right."


def _gaps(of: Answers, shown: Released, statements: Statements, provenance: Provenance) -> Estimates | Sentence:
    """Of each characteristic with both groups: all pupils of the school are counted, so there is no interval."""
    found: list[Estimate] = []
    ahead: list[str] = []
    rows = {row.group: row for row in of.participation}
    for characteristic, contrast in CONTRASTS.items():
        groups = (contrast.ahead, contrast.behind)
        if not all(group in rows and rows[group].on_roll for group in groups):
            continue
        ahead.append(f"of {uncapped(statements.groups[contrast.ahead])}")
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
        return _sentence("For a gap both groups of a characteristic must be written down", provenance)
    return Estimates(
        found,
        caption="Gaps in taking part",
        note=f"Above 0: a larger share {' or '.join(ahead)} takes part than of the other group. All pupils of "
        "the school are counted, so there is no interval. On another scale a gap can look otherwise",
    )


def _cost(of: Answers, shown: Released, statements: Statements, provenance: Provenance, note: str) -> Estimates:
    pounds = sum(it.pounds for it in of.cost)
    sources = "; ".join(f"{uncapped(statements.costs[it.source])} £{it.pounds:,}" for it in of.cost)
    left = [
        uncapped(words) for source, words in statements.costs.items() if source not in {it.source for it in of.cost}
    ]
    unknown = f" Not written down: {'; '.join(left)}." if left else ""
    total = Estimate(
        label="cost of the sources written down",
        value=float(pounds),
        method="sum over sources",
        base=len(of.cost),
        provenance=provenance,
        unit="pounds",
    )
    each = []
    if of.pupils_reached is None:
        unknown += " How many pupils were reached is not written down."
    else:
        each = [_cost_of_each(pounds, shown.shown[_ALL, "took"], provenance)]
    return Estimates(
        [total, *each],
        caption=f"What it costs{_in_year(of)}",
        note=f"By source: {sources}.{unknown} A cost says nothing of what came of it. {note}",
    )


def _cost_of_each(pounds: int, reached: int | None, provenance: Provenance) -> Estimate:
    label = "cost of a pupil reached"
    if reached is None:
        return hidden_estimate(label, unit="pounds", provenance=provenance)
    return Estimate(
        label=label,
        value=pounds / reached if reached else None,
        method="pounds over pupils reached",
        base=reached,
        provenance=provenance,
        unit="pounds",
    )


def _in_year(of: Answers) -> str:
    return f" in {of.year}" if of.year else ""
