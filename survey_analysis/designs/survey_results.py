"""From the question to the table: ask the engine, compute, and put each number with what is needed to read it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, isnan, sqrt
from typing import Any

import narwhals as nw
import numpy as np

from survey_analysis.designs.cells import Asked, Floats, cells_of
from survey_analysis.designs.design_intervals import Ends, Precision
from survey_analysis.designs.domains import Domains, domains_of
from survey_analysis.designs.linearisation import Computed, Members, linearised
from survey_analysis.designs.measures import Measure, number
from survey_analysis.designs.replication import replicated
from survey_analysis.designs.sources import Frame, collected
from survey_analysis.designs.specification import LONE_RULES, Design
from survey_analysis.errors import InputError, of_kind, unknown
from survey_analysis.estimates import Estimate, Estimates, as_provenance, worked_out

_LEAST = 1e-20  # the variance of a share below which it is rounding, also where its value is 0
_SHOWN = ("not_seen", "df", "design_effect", "effective_n")
_AS_IF = (
    "Intervals show what chance alone could do under the design: {design}. They are silent on who was not reached, and "
    "on how well anything was measured."
)
_RULES = {
    "as_no": "Where it was not seen it counts as no.",
    "as_yes": "Where it was not seen it counts as yes.",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Answer:
    """What was asked and what came of it."""

    asked: Asked
    design: Design
    domains: Domains
    computed: Computed


class SurveyEstimates(Estimates):
    """Estimates under one design, with the covariance of all of them: what contrasts of domains are made from.

    Parameters
    ----------
    items
        The estimates.
    covariance
        Their covariance, in their order.
    members
        Which clusters have rows of each domain.
    domains
        The domain of each estimate.
    design
        How the sample was drawn.
    floors
        The variance of each from which on it is more than rounding.
    complete
        Of which domains all that could be drawn was drawn.
    note
        What a reader must know.
    """

    def __init__(
        self,
        items: Iterable[Estimate],
        *,
        covariance: Floats,
        members: Members,
        domains: Sequence[int],
        design: Design,
        floors: Sequence[float],
        complete: Sequence[bool],
        note: str = "",
    ) -> None:
        super().__init__(items, note=note, show=_SHOWN, as_if=as_if(design))
        self.covariance = covariance
        self.members = members
        self.domains = tuple(domains)
        self.design = design
        self.floors = tuple(floors)
        self.complete = tuple(complete)

    def __getitem__(self, position: Any) -> Any:
        if not isinstance(position, slice):
            return super().__getitem__(position)
        return SurveyEstimates(
            self._items[position],
            covariance=self.covariance[position, position],
            members=self.members,
            domains=self.domains[position],
            design=self.design,
            floors=self.floors[position],
            complete=self.complete,
            note=self.note,
        )

    def degrees_of_freedom(self, places: Sequence[int]) -> int:
        """Clusters less strata, counted where the domains of some of the estimates have rows."""
        return self.members.degrees([self.domains[place] for place in places])

    def place_of(self, name: str) -> int:
        """The place of the estimate that has a label, or that is the only one of a domain or a code."""
        name = str(name)
        names = [{it.label, it.details["domain"], it.details["code"]} for it in self]
        for of in ([{it.label} for it in self], names):
            if len(found := [place for place, known in enumerate(of) if name in known]) == 1:
                return found[0]
        raise unknown(
            "domain", name, dict.fromkeys(it.details["domain"] or it.details["code"] or it.label for it in self)
        )


def as_if(design: Design) -> str:
    """What intervals under a design suppose."""
    return _AS_IF.format(design=design)


def asked_of(measure: Measure, by: str | Sequence[str] | None, among: Mapping[str, object] | None) -> Asked:
    """The question as the cells need it, once its words are understood."""
    names = () if by is None else (by,) if isinstance(by, str) or not isinstance(by, Iterable) else tuple(by)
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise InputError(f"by must name a column, or several, each once, not {by!r:.80}")
    if not isinstance(among or {}, Mapping):
        raise InputError(f"among must map a column to a code or several, not {among!r:.80}")
    measure.counted_as  # noqa: B018 - refuses an unknown rule before the engine is asked
    return Asked(measure=measure, by=names, among=among or {})


def answered(frame: Frame, design: Design | None, asked: Asked) -> Answer:
    """Ask the engine and compute."""
    design = of_kind("design", design or Design(), Design, "Design(...)")
    if design.replicates:
        domains, computed = replicated(frame, design, design.replicates, asked)
        return Answer(asked=asked, design=design, domains=domains, computed=computed)
    if not asked.measure.indicates and not asked.measure.is_total:
        asked = replace(asked, measure=replace(asked.measure, centre=_centre(frame, asked.measure)))
    cells = cells_of(frame, design, asked)
    domains = domains_of(cells.keys, cells.weighted, asked.by, asked.among)
    computed = linearised(cells, design, asked.measure, domains.places, len(domains.codes))
    return Answer(asked=asked, design=design, domains=domains, computed=computed)


def _centre(frame: Frame, measure: Measure) -> float:
    """About where the values lie: squares around it do not drown in rounding as those around 0 may."""
    sums = [number(frame, role, name).sum().alias(role) for role, name in measure.columns().items()]
    found = collected(frame.select(*sums, nw.len().alias("rows")))
    over, under = (float(found[name][0] or 0) for name in ("outcome", "denominator" if measure.denominator else "rows"))
    return over / under if under and isfinite(over / under) else 0.0


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How the numbers are to be shown."""

    level: float
    unit: str
    provenance: str

    def table(
        self, answer: Answer, names: Sequence[str], interval: Callable[[Precision], tuple[Ends | None, str]]
    ) -> SurveyEstimates:
        """The estimates of an answer; `names` has one for each value, `interval` the limits for what is known."""
        places = [(domain, value) for domain in range(len(answer.domains.codes)) for value in range(len(names))]
        measure, computed = answer.asked.measure, answer.computed
        rule = _RULES.get(measure.missing, "")
        absent = [str(code) for place, code in enumerate(measure.codes) if not computed.totals[:, place].any()]
        nobody = f"No row has {', '.join(map(repr, absent))}." if absent else ""
        low = (
            "What was not seen adds nothing, so a total is too low."
            if measure.is_total and computed.not_seen.any()
            else ""
        )
        lost, floors = answer.domains.lost, _floors(computed)
        beside = f"In {lost:,} more rows it is not known which domain they are of." if lost else ""
        lone = LONE_RULES[answer.design.lone_clusters] if computed.has_lone else ""
        return SurveyEstimates(
            [
                self._estimate(answer, place, names[place[1]], least, interval)
                for place, least in zip(places, floors, strict=True)
            ],
            covariance=computed.covariance,
            members=computed.members,
            domains=[domain for domain, _ in places],
            design=answer.design,
            floors=floors,
            complete=[bool(it) for it in computed.complete],
            note=" ".join(filter(None, [rule, nobody, low, beside, lone])),
        )

    def _estimate(
        self,
        answer: Answer,
        place: tuple[int, int],
        name: str,
        floor: float,
        interval: Callable[[Precision], tuple[Ends | None, str]],
    ) -> Estimate:
        computed, (domain, column) = answer.computed, place
        value, rows = float(computed.values[place]), int(computed.rows[domain])
        at = domain * computed.values.shape[1] + column
        known = Precision(
            value=value,
            variance=float(computed.covariance[at, at]),
            rows=rows,
            clusters=computed.members.clusters(domain),
            degrees=computed.members.degrees([domain]),
            floor=floor,
            is_complete=bool(computed.complete[domain]),
            is_calibrated=computed.is_calibrated,
        )
        nothing = isnan(value) or not rows
        limits, method = (None, "undefined: nothing to divide by") if nothing else interval(known)
        of = answer.domains.labels[domain]
        return Estimate(
            label=f"{of}: {name}" if of else name,
            value=None if nothing else value,
            low=limits[0] if limits else None,
            high=limits[1] if limits else None,
            level=self.level if limits else None,
            method=method,
            base=rows,
            provenance=worked_out([as_provenance(self.provenance)]),
            unit=self.unit,
            details=_details(answer, place, known),
        )


def _details(answer: Answer, place: tuple[int, int], known: Precision) -> dict[str, object]:
    """What belongs to an estimate beside its value and its interval."""
    computed, (domain, column) = answer.computed, place
    codes = answer.asked.measure.codes
    silent = not known.variance > known.floor
    effect = None if silent else _quotient(known.variance, float(computed.srs[place]))
    effective = known.clusters if silent and answer.asked.measure.indicates else _quotient(known.rows, effect)
    return {
        "by": ", ".join(answer.asked.by),
        "domain": answer.domains.labels[domain],
        "code": str(codes[column]) if codes else "",
        "standard_error": None if isnan(known.variance) else sqrt(max(known.variance, 0.0)),
        "df": known.degrees,
        "clusters": known.clusters,
        "weighted": float(computed.totals[domain, -2]),
        "design_effect": effect,
        "effective_n": effective,
        "not_seen": int(computed.not_seen[domain]),
    }


def _floors(computed: Computed) -> list[float]:
    """For each estimate the variance from which on it is more than a trace of rounding.

    It is judged by the size of the value, and by the variance that rows drawn one by one would have had.
    """
    values, simple = (np.nan_to_num(it, nan=0.0, posinf=0.0).ravel() for it in (computed.values, computed.srs))
    least = _LEAST if computed.is_share else 0.0
    return [max(float(it), least) for it in 1e-24 * values**2 + 1e-20 * simple]


def _quotient(over: float, under: float | None) -> float | None:
    return over / under if under and not isnan(under) else None
