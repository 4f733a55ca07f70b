"""From published claims to constraints on numbers of schools, each of which keeps the id of its claim."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product

from survey_analysis.claims import FIGURES, THEMES, Claim, Claims
from survey_analysis.errors import InputError, choice, unknown
from survey_analysis.events import Codes, Event, Linear
from survey_analysis.readings import READINGS, Reading, possible_counts
from survey_analysis.surveys import NOT_APPLICABLE, Column, Condition, codes_of

Part = dict[str, tuple[str, ...]]

EXCLUDES = "action-excludes-pitfall"
BOUGHT_IN = "outside-tuition-is-bought-in"
FORM = "every-visit-has-a-code"
ASKED = "asked-of-some-visits-only"
RULES = {
    FORM: "in a column of several codes every visit has at least one",
    ASKED: "a column that is asked of some visits only is not applicable in all others, and in no more",
}
"""The form of the table of visits, where an end rests on it; neither claims nor assumptions."""


class Tier(StrEnum):
    """On what a constraint rests, strongest first."""

    LOGIC = "logic"
    FIGURE = "printed figure"
    WEAKEST = "word at its weakest"
    LEXICON = "word by the lexicon"
    ASSUMPTION = "assumption"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A claim that something is commoner in one group of schools than in the others. It is not linear."""

    claim: str
    inside: Event
    anywhere: Event
    group: Event

    @property
    def scope(self) -> frozenset[str]:
        return self.inside.scope | self.anywhere.scope | self.group.scope


@dataclass(frozen=True, kw_only=True)
class Model:
    """What the claims say of so many schools, attribute by attribute."""

    schools: int
    codes: Codes
    constraints: tuple[Linear, ...]
    comparisons: tuple[Comparison, ...]
    tiers: Mapping[str, Tier]
    columns: Mapping[str, Column] = field(repr=False)

    def event(self, *conjunction: Sequence[Condition]) -> Event:
        return event(self.columns, *conjunction)


def applicable(columns: Mapping[str, Column], of: Sequence[Condition]) -> Condition:
    """What holds for the visits to which every judgement that is named applies."""
    named = {name: columns[name] for condition in of for name in condition if name in columns}
    return {name: column.judgements for name, column in named.items() if NOT_APPLICABLE in column.codes}


def event(columns: Mapping[str, Column], *conjunction: Sequence[Condition]) -> Event:
    """What holds when each of several alternatives holds, in the attributes of the model.

    A theme becomes two attributes, its action and its pitfall, and a column with several codes one for each code: so
    that what the columns of the visits exclude by their form is an assumption that can be switched off.
    """
    alternatives = [
        [part for condition in conditions for part in _translated(columns, condition)] for conditions in conjunction
    ]
    joined = [merged(parts) for parts in product(*alternatives)]
    return Event(conditions=tuple(part for part in joined if all(part.values())))


def attributes(columns: Mapping[str, Column]) -> dict[str, tuple[str, ...]]:
    """The attributes into which columns of codes are taken apart, with their codes."""
    codes: dict[str, tuple[str, ...]] = {}
    for name, column in columns.items():
        if name in THEMES:
            codes |= {f"{name}=action": ("yes", "no"), f"{name}=pitfall": ("yes", "no")}
        elif column.kind == "codes":
            codes |= {f"{name}={code}": ("yes", "no") for code in column.judgements}
        elif column.codes:
            codes[name] = tuple(code for code in column.codes if code in (*column.judgements, NOT_APPLICABLE))
    return codes


def names_of(names: str | Sequence[str]) -> tuple[str, ...]:
    """One name, or several."""
    return (names,) if isinstance(names, str) else tuple(names)


def compile_claims(
    claims: Claims,
    columns: Mapping[str, Column],
    *,
    lexicon: Mapping[str, Reading] | None = None,
    without: str | Sequence[str] = (),
) -> Model:
    """The constraints that the claims about the 59 put on the visits.

    Parameters
    ----------
    claims
        The published statements. How many visits there are is the count of the claim schools-visited.
    columns
        The columns of the visits, by name.
    lexicon
        What words are taken to mean; a word that is not in it has its weakest reading.
    without
        The assumption, or those, to switch off: claims that rest on one of them constrain nothing.

    Raises
    ------
    InputError
        An assumption that the claims do not name, a column or a code that there is not; claims that do not say how many
        schools were visited.

    Notes
    -----
    A comparison ("likelier where ...") is not linear and is kept apart.
    """
    off = set(names_of(without))
    for name in sorted(off):
        if name not in claims.assumptions:
            raise unknown("without", name, claims.assumptions)
    words = {**READINGS, **(lexicon or {})}
    schools = claims.schools
    if not schools:
        raise InputError("no claim says how many schools were visited; add one with id schools-visited and its count")
    used = [claim for claim in claims if claim.scope == "the 59" and claim.counts and claim.id != "schools-visited"]
    constraints: list[Linear] = []
    comparisons: list[Comparison] = []
    tiers: dict[str, Tier] = {}
    for claim in used:
        if off.intersection(claim.assumptions):
            continue
        tiers[claim.id] = _tier(claim, lexicon or {})
        if claim.kind == "comparison":
            comparisons.append(_comparison(claim, columns))
        else:
            constraints += _linear(claim, columns, words, schools)
    granted = [it for it in _modelled() if it.claim in claims.assumptions and it.claim not in off]
    codes = attributes(columns)
    constraints += [it for it in granted if all(scope <= set(codes) for scope in it.scopes)]
    constraints += _by_form(columns)
    return Model(
        schools=schools,
        codes=codes,
        constraints=tuple(constraints),
        comparisons=tuple(comparisons),
        tiers=tiers | dict.fromkeys((EXCLUDES, BOUGHT_IN), Tier.ASSUMPTION),
        columns=columns,
    )


def _modelled() -> list[Linear]:
    """What the model takes for granted between attributes; each an assumption with a name in the file of claims."""
    bought = "partnership_forms=bought_in_tuition"
    outside = ("music_service", "music_service_and_private", "private")
    contrary = Event(
        conditions=(
            {"tuition_provider": outside, bought: ("no",)},
            {"tuition_provider": ("own_staff_or_none",), bought: ("yes",)},
        )
    )
    both = [Event(conditions=({f"{it}=action": ("yes",), f"{it}=pitfall": ("yes",)},)) for it in THEMES]
    return [
        *(Linear(terms=((1, event),), high=0, claim=EXCLUDES) for event in both),
        Linear(terms=((1, contrary),), high=0, claim=BOUGHT_IN),
    ]


def _by_form(columns: Mapping[str, Column]) -> list[Linear]:
    """What every table of visits does by its form: the `RULES`."""
    never: list[tuple[str, Part]] = []
    for name, column in columns.items():
        if column.kind == "codes":
            never.append((FORM, {f"{name}={code}": ("no",) for code in column.judgements}))
        for other, asked in column.asked_of.items():
            rest = tuple(code for code in columns[other].judgements if code not in asked)
            never.append((ASKED, {other: asked, name: (NOT_APPLICABLE,)}))
            never.append((ASKED, {other: rest, name: column.judgements}))
    return [Linear(terms=((1, Event(conditions=(part,))),), high=0, claim=rule) for rule, part in never]


def _tier(claim: Claim, lexicon: Mapping[str, Reading]) -> Tier:
    if claim.assumptions:
        return Tier.ASSUMPTION
    if claim.kind in FIGURES:
        return Tier.FIGURE
    return Tier.LEXICON if claim.quantifier in lexicon else Tier.WEAKEST


def _comparison(claim: Claim, columns: Mapping[str, Column]) -> Comparison:
    counts, among = claim.counts or (), claim.among or ()
    if applicable(columns, (*counts, *among)):
        raise InputError(
            f"claim {claim.id!r} compares by a column that is not asked of all visits, which cannot be a constraint; "
            "leave its 'counts' out"
        )
    return Comparison(
        claim=claim.id,
        inside=event(columns, counts, among),
        anywhere=event(columns, counts),
        group=event(columns, among),
    )


def _linear(claim: Claim, columns: Mapping[str, Column], words: Mapping[str, Reading], schools: int) -> list[Linear]:
    counts, among = claim.counts or (), claim.among or ({},)
    counted = event(columns, counts, among)
    if claim.among is None and claim.base not in (None, schools):
        raise InputError(
            f"claim {claim.id!r}, field 'base' is {claim.base}, and all {schools} visits are looked at; say in 'among' "
            "which of them"
        )
    of_base = []
    if claim.among is not None and claim.base is not None:
        of_base = [Linear(terms=((1, event(columns, among)),), low=claim.base, high=claim.base, claim=claim.id)]
    if claim.kind == "count":
        return [Linear(terms=((1, counted),), low=claim.count, high=claim.count, claim=claim.id), *of_base]
    if claim.kind == "percent":
        if claim.among is not None and claim.base is None:
            raise InputError(f"claim {claim.id!r}, field 'base' is missing; a percentage of some visits needs it")
        possible = possible_counts(claim.base or schools, percent=claim.percent)
        if not possible:
            raise InputError(f"claim {claim.id!r}: no count of {claim.base or schools} is printed as {claim.percent}%")
        return [Linear(terms=((1, counted),), low=possible[0], high=possible[-1], claim=claim.id), *of_base]
    if claim.kind == "ordering":
        [(column, _)] = counts[0].items()
        rivals = [code for code in columns[column].judgements if {column: (code,)} != dict(counts[0])]
        some = Linear(terms=((1, counted),), low=1, claim=claim.id)
        return [some] + [
            Linear(terms=((1, counted), (-1, event(columns, [{column: code}], among))), low=0, claim=claim.id)
            for code in rivals
        ]
    if claim.quantifier is None:  # an action or a pitfall: it was met
        return [Linear(terms=((1, counted),), low=1, claim=claim.id)]
    applies = applicable(columns, counts)
    counted, base = event(columns, counts, among, [applies]), event(columns, among, [applies])
    return of_base + [
        Linear(terms=((it.count, counted), (it.base, base)), low=it.least, claim=claim.id)
        if claim.among or applies
        else Linear(terms=((it.count, counted),), low=it.least - it.base * schools, claim=claim.id)
        for it in choice("quantifier", claim.quantifier, words).inequalities
    ]


def _translated(columns: Mapping[str, Column], condition: Condition) -> list[Part]:
    """A condition on columns as alternatives on attributes."""
    options: list[list[Part]] = []
    for name, wanted in condition.items():
        column = choice("a column of the visits", name, columns)
        if not column.judgements:
            raise InputError(
                f"{name} holds {column.kind} and no codes, so nothing can be asked of it; name another column"
            )
        codes = codes_of(name, wanted)
        for code in codes:
            if code not in column.judgements:
                raise unknown(f"the code for {name}", code, column.judgements)
        if name in THEMES:
            options.append([_theme(name, code) for code in codes])
        elif column.kind == "codes":
            options.append([{f"{name}={code}": ("yes",)} for code in codes])
        else:
            options.append([{name: codes}])
    return [merged(parts) for parts in product(*options)]


def _theme(name: str, code: str) -> Part:
    if code == "neither":
        return {f"{name}=action": ("no",), f"{name}=pitfall": ("no",)}
    return {f"{name}={code}": ("yes",)}


def merged(parts: Sequence[Part]) -> Part:
    """All of several conditions at once."""
    merged: Part = {}
    for part in parts:
        for name, codes in part.items():
            merged[name] = tuple(code for code in merged.get(name, codes) if code in codes)
    return merged
