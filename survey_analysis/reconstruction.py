"""What every survey that the claims allow has in common: exact bounds, what binds them, and two surveys as proof."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import pandas as pd

from survey_analysis.claims import Claims
from survey_analysis.claims_file import read_claims
from survey_analysis.constraints import Comparison, Model, Tier, codes_of, compile_claims
from survey_analysis.count_tables import CountTables, Event, Extreme, Linear
from survey_analysis.errors import InputError, choice
from survey_analysis.estimates import Provenance
from survey_analysis.lexicons import Lexicon, find_lexicon, read_lexicons
from survey_analysis.readings import Reading
from survey_analysis.rendering import Sentence
from survey_analysis.resources import DATA
from survey_analysis.survey_files import read_dictionary
from survey_analysis.surveys import Condition, Visits, any_of

Terms = tuple[tuple[int, Event], ...]
Ends = tuple[Fraction, Fraction]
End = tuple[Fraction, tuple[Mapping[str, str], ...]]

_DROPPED_FIRST = (Tier.ASSUMPTION, Tier.LEXICON, Tier.WEAKEST, Tier.FIGURE, Tier.LOGIC)
"""What is dropped first when a reason is looked for, so that printed figures survive into it."""


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What is asked of a survey; made by `number_of`, `share_of` or `share_difference`.

    `of` is what is counted; `among` the visits of which the share is taken, absent for a number; `against` the other
    group of a difference.
    """

    label: str
    of: tuple[Condition, ...]
    among: tuple[Condition, ...] | None = None
    against: tuple[Condition, ...] | None = None

    def trivial(self, schools: int) -> tuple[Fraction, Fraction]:
        """Between which values it lies when nothing is known."""
        if self.among is None:
            return Fraction(0), Fraction(schools)
        return Fraction(0 if self.against is None else -1), Fraction(1)


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The least and the greatest value that a quantity has over all surveys that the claims allow.

    An identification bound is not a confidence interval: nothing is drawn at random, and both ends are attained.

    Parameters
    ----------
    label, low, high
        What is asked, and the exact ends: a number of visits, a share, or a difference of shares.
    verdict
        'fixed' (what was published leaves one value), 'assumed' (it does so, or says anything at all, only with the
        assumptions named), 'bounded', 'depends on the reading' (another lexicon gives another range), or 'open'
        (nothing that was published narrows it).
    assumptions
        Those in force that the ends rest on.
    lexicon
        By which vague words were read.
    readings
        The range by every lexicon that travels with the package; None where the claims contradict one another by it.
    binding_low, binding_high
        Ids of claims and assumptions that together prove the end; without any one of them a survey goes beyond it. None
        where nothing is needed. For a difference: those that prove it given the sizes of the groups, and those that fix
        the sizes.
    witness_low, witness_high
        A survey that attains the end, one row for each school, in the attributes of the model. Each was checked against
        every constraint in whole numbers. They are proofs, not data; that no survey goes further rests on the solver.
    """

    label: str
    low: Fraction
    high: Fraction
    verdict: str
    assumptions: tuple[str, ...]
    lexicon: str
    readings: Mapping[str, tuple[Fraction, Fraction] | None]
    binding_low: tuple[str, ...]
    binding_high: tuple[str, ...]
    witness_low: pd.DataFrame = field(repr=False, compare=False)
    witness_high: pd.DataFrame = field(repr=False, compare=False)

    def __str__(self) -> str:
        ends = " to ".join(_shown(end) for end in dict.fromkeys((self.low, self.high)))
        assumed = f" ({', '.join(self.assumptions)})" if self.assumptions else ""
        return f"{self.label}: {ends}, {self.verdict}{assumed}, words by {self.lexicon}"

    def _repr_html_(self) -> str:
        return Sentence(str(self))._repr_html_()


class ContradictionError(InputError):
    """Claims that no survey meets; `claims` is an irreducible set of them: without any one, the rest can hold."""

    def __init__(self, claims: Sequence[str], said: Mapping[str, str]) -> None:
        lines = [f"  {name}: {said.get(name, 'every visit has a code in each column')}" for name in claims]
        super().__init__(
            "no survey meets all of the claims; these contradict one another, and without any one of them the rest can "
            "hold:\n" + "\n".join(lines)
        )
        self.claims, self.said = tuple(claims), dict(said)

    def __reduce__(self) -> tuple[type["ContradictionError"], tuple[tuple[str, ...], dict[str, str]]]:
        return ContradictionError, (self.claims, self.said)


def number_of(of: Visits, *, label: str = "") -> Quantity:
    """How many visits meet a condition, or any one of several.

    Parameters
    ----------
    of
        Column -> code or codes, all of which must hold; or a list of such conditions, of which one must.
    label
        What is asked, in words.

    Examples
    --------
    >>> number_of({"greater_range": "yes"}, label="greater range").label
    'greater range'
    """
    return Quantity(label=label or f"number of {_told(of)}", of=_all_of(of))


def share_of(of: Visits, *, among: Visits, label: str = "") -> Quantity:
    """Which share of some visits meets a condition. Surveys in which there are no such visits are left out.

    A visit to which a judgement does not apply is in the base and does not meet it: choose with `among` those to which
    it does.

    Parameters
    ----------
    of, among
        What is counted, and the visits of which the share is taken; conditions as for `number_of`.
    label
        What is asked, in words.

    Examples
    --------
    >>> print(bounds(share_of({"well_managed": "no"}, among={"greater_range": "yes"}, label="not well managed")))
    not well managed: 1/59 (0.017) to 1, depends on the reading, words by Plain English
    """
    return Quantity(label=label or f"share of {_told(of)} among {_told(among)}", of=_all_of(of), among=_all_of(among))


def share_difference(of: Visits, *, among: Visits, against: Visits, label: str = "") -> Quantity:
    """How much greater the share is among some visits than among others.

    Parameters
    ----------
    of, among, against
        What is counted, and the two groups, whose sizes the claims must fix; conditions as for `number_of`.
    label
        What is asked, in words.

    Examples
    --------
    >>> others = {"partnership_use": ["satisfactory", "inadequate"]}
    >>> good = {"partnership_use": ["outstanding", "good"]}
    >>> gap = bounds(share_difference({"monitoring": "action"}, among=good, against=others, label="action"))
    >>> gap.low < 0 < gap.high  # the sign is not settled by what was published
    True
    """
    name = label or f"share of {_told(of)} among {_told(among)} less among {_told(against)}"
    return Quantity(label=name, of=_all_of(of), among=_all_of(among), against=_all_of(against))


def bounds(
    quantity: Quantity,
    *,
    claims: Claims | None = None,
    lexicon: str | Lexicon = "plain-english",
    without: str | Sequence[str] = (),
    comparisons: str = "weakest",
) -> Bounds:
    """The least and the greatest value of a quantity over all surveys that the published claims allow.

    Every whole-number survey of so many schools that meets the claims is looked at, none of them drawn or made up: if
    both ends are the same, the claims settle the quantity, whatever the records were.

    Parameters
    ----------
    quantity
        What is asked, from `number_of`, `share_of` or `share_difference`.
    claims
        The published statements; those that travel with the package when absent.
    lexicon
        By which vague words are read: the id of one that travels with the package ('plain-english',
        'education-scotland'), or one of your own from `read_lexicons(path)`.
    without
        Id of an assumption, or ids of several, to switch off; see `assumption_table`.
    comparisons
        How a claim that something is likelier in one group is held: 'weakest' (it is met there, and missing somewhere
        else) or 'enumerated' (exactly, one case for each size of the group; slow).

    Returns
    -------
    Bounds
        Both ends, exact, with the verdict, the claims that bind, and a survey that attains each end.

    Raises
    ------
    ContradictionError
        Claims that no survey meets, with an irreducible set of them.
    InputError
        An unknown column, code, lexicon or assumption; a group that no survey has; a difference between groups whose
        sizes move; a question over too many attributes at once.

    Examples
    --------
    >>> print(bounds(number_of({"greater_range": "yes"}, label="greater range")))
    greater range: 30 to 59, depends on the reading, words by Plain English
    >>> successful = {"partnership_use": ["outstanding", "good"], "value_for_money": ["outstanding", "good"]}
    >>> print(bounds(number_of(successful, label="good use and value")))
    good use and value: 10, fixed, words by Plain English

    Notes
    -----
    Bounds are about what was published, not about chance, and not about schools that were not visited. In every visit
    every judgement is taken to have been seen.

    References
    ----------
    Manski (2003), Partial Identification of Probability Distributions; Lauritzen (1996), Graphical Models.
    """
    if not isinstance(quantity, Quantity):
        raise InputError(f"quantity must come from number_of, share_of or share_difference, and is {quantity!r}")
    claims = read_claims() if claims is None else claims
    columns = read_dictionary(DATA / "dictionary.csv")["visits"]
    exactly = choice("comparisons", comparisons, {"weakest": False, "enumerated": True})
    chosen = find_lexicon(lexicon)
    said = {it.id: it.statement for it in claims.assumptions.values()} | {
        it.id: it.statement + (f" (assuming {' and '.join(it.assumptions)})" if it.assumptions else "") for it in claims
    }

    def ask(words: Mapping[str, Reading], off: str | Sequence[str]) -> _Question:
        return _Question(compile_claims(claims, columns, lexicon=words, without=off), quantity, exactly, said)

    full = ask(chosen.readings(), without)
    low, high = full.ends()
    binding = full.binding(-1, low[0]), full.binding(1, high[0])
    readings = {it.title: ask(it.readings(), without).values_if_any() for it in read_lexicons().values()}
    trivial = quantity.trivial(full.schools)
    return Bounds(
        label=quantity.label,
        low=low[0],
        high=high[0],
        verdict=_verdict(
            (low[0], high[0]),
            trivial=trivial,
            without_assumptions=ask(chosen.readings(), list(claims.assumptions)).values_if_any() or trivial,
            by_lexicon=list(readings.values()),
        ),
        assumptions=_assumed(claims, [*binding[0], *binding[1]]),
        lexicon=chosen.title,
        readings=readings,
        binding_low=binding[0],
        binding_high=binding[1],
        witness_low=pd.DataFrame(low[1]),
        witness_high=pd.DataFrame(high[1]),
    )


def bounds_table(*found: Bounds) -> pd.DataFrame:
    """Several bounds beside one another: asked, least, greatest, verdict, assuming, what each end rests on, provenance.

    Parameters
    ----------
    found
        What `bounds` returns.

    Examples
    --------
    >>> table = bounds_table(bounds(number_of({"greater_range": "yes"}, label="greater range")))
    >>> table[["asked", "least", "greatest", "least_rests_on"]].to_numpy().tolist()
    [['greater range', '30', '59', 'greater-range']]
    """
    return pd.DataFrame(
        [
            {
                "asked": it.label,
                "least": _shown(it.low),
                "greatest": _shown(it.high),
                "verdict": it.verdict,
                "assuming": ", ".join(it.assumptions),
                "least_rests_on": ", ".join(it.binding_low) or "nothing",
                "greatest_rests_on": ", ".join(it.binding_high) or "nothing",
                "provenance": Provenance.DERIVED.value,
            }
            for it in found
        ]
    )


class _Question:
    """A quantity asked of a model: its ends, and the claims that prove them."""

    def __init__(self, model: Model, quantity: Quantity, exactly: bool, said: Mapping[str, str]) -> None:
        self.schools = model.schools
        self._model, self._said, self._exactly = model, said, exactly
        self._trivial = quantity.trivial(model.schools)
        self._over = model.event(quantity.of, quantity.among or ({},))
        self._among = None if quantity.among is None else model.event(quantity.among)
        self._against = None if quantity.against is None else model.event(quantity.against)
        self._over_against = model.event(quantity.of, quantity.against or ({},))

    def ends(self) -> tuple[End, End]:
        """The least and the greatest value, each with a survey that attains it."""
        if self._furthest(self._model, (), ()) is None:
            claims = self._irreducible(self._model, ())
            raise ContradictionError(claims if len(claims) > 1 else (*claims, "schools-visited"), self._said)
        return self._end(-1), self._end(1)

    def values_if_any(self) -> Ends | None:
        """The ends without their surveys; None where the claims contradict one another or leave the group empty."""
        try:
            (low, _), (high, _) = self.ends()
        except InputError:
            return None
        return low, high

    def binding(self, sense: int, value: Fraction) -> tuple[str, ...]:
        """Claims that together rule out every survey beyond an end, none of which can be spared."""
        if value == self._trivial[sense > 0]:
            return ()
        terms, scale = self._terms(sense, value)
        beyond = [Linear(terms=terms, low=int(sense * value * scale) + 1 if scale else 1)]
        groups = [it for it in (self._among, self._against) if it is not None]
        sizes = [self._size(it) for it in groups] if self._against is not None else []
        if sizes:
            beyond += [Linear(terms=((1, it),), low=size, high=size) for it, size in zip(groups, sizes, strict=True)]
        elif groups:
            beyond.append(Linear(terms=((1, groups[0]),), low=1))
        events = [event for _, event in terms] + groups
        names = [*self._irreducible(_connected(self._model, events), tuple(beyond))]
        for group, size in zip(groups, sizes, strict=False):
            for way in (-1, 1):
                moved = (Linear(terms=((way, group),), low=way * size + 1),)
                names += self._irreducible(_connected(self._model, [group]), moved)
        return tuple(dict.fromkeys(names))

    def _terms(self, sense: int, ratio: Fraction) -> tuple[Terms, int]:
        """A sum that is larger the further a survey goes, and by what it is larger than the quantity (0: it moves)."""
        if self._among is None:
            return ((sense, self._over),), 1
        if self._against is None:
            return ((sense * ratio.denominator, self._over), (-sense * ratio.numerator, self._among)), 0
        one, other = self._size(self._among), self._size(self._against)
        return ((sense * other, self._over), (-sense * one, self._over_against)), one * other

    def _end(self, sense: int) -> End:
        if self._among is None or self._against is not None:
            terms, scale = self._terms(sense, Fraction(0))
            found = self._furthest(self._model, terms, ())
            if found is None:
                raise RuntimeError("the claims had a survey and have none now")
            return Fraction(sense * found.value, scale), found.schools
        some = (Linear(terms=((1, self._among),), low=1),)
        found = self._furthest(self._model, ((sense, self._over),), some)
        while found is not None:  # Dinkelbach (1967): move the ratio until no survey is beyond it
            ratio = Fraction(_number(self._over, found.schools), _number(self._among, found.schools))
            better = self._furthest(self._model, self._terms(sense, ratio)[0], some)
            if better is None or better.value <= 0:
                return ratio, found.schools
            found = better
        raise InputError("no survey that the claims allow has a visit in the group; ask about another group")

    def _size(self, group: Event) -> int:
        """How many visits a group has in every survey; a group whose size moves is refused."""
        sizes = [self._furthest(self._model, ((sense, group),), ()) for sense in (-1, 1)]
        low, high = (sense * size.value for sense, size in zip((-1, 1), sizes, strict=True) if size)
        if low != high or low == 0:
            raise InputError(
                f"a difference needs two groups whose sizes the claims fix, and one of these has {low} to {high} "
                "visits; ask for the two shares one by one"
            )
        return low

    def _irreducible(self, model: Model, beyond: tuple[Linear, ...]) -> tuple[str, ...]:
        """Claims that rule out some constraints, found by dropping one after another (a deletion filter)."""
        claims = dict.fromkeys([*(it.claim for it in model.constraints), *(it.claim for it in model.comparisons)])
        kept = sorted(claims, key=lambda name: _DROPPED_FIRST.index(model.tiers.get(name, Tier.LOGIC)))
        for name in list(kept):
            rest = [it for it in kept if it != name]
            if self._furthest(_only(model, rest), (), beyond) is None:
                kept = rest
        return tuple(kept)

    def _furthest(self, model: Model, terms: Terms, extra: tuple[Linear, ...]) -> Extreme | None:
        """The greatest value of a sum, over every way in which the comparisons can hold."""

        def greatest(held: tuple[Linear, ...]) -> Extreme | None:
            constraints = (*model.constraints, *held, *extra)
            return CountTables(model.codes, constraints, model.schools, ask=[it for _, it in terms]).greatest(terms)

        loose = greatest(next(_comparisons(model.comparisons, model.schools, False)))
        if loose is None or not self._exactly or all(_meets(it, loose.schools) for it in model.comparisons):
            return loose  # the weakest reading allows more surveys, so what is furthest in it and exact is furthest
        best: Extreme | None = None
        for held in _comparisons(model.comparisons, model.schools, True):
            found = greatest(held)
            if found is not None and (best is None or found.value > best.value):
                best = found
            if best is not None and best.value == loose.value:
                break
        return best


def _only(model: Model, claims: Sequence[str]) -> Model:
    return replace(
        model,
        constraints=tuple(it for it in model.constraints if it.claim in claims),
        comparisons=tuple(it for it in model.comparisons if it.claim in claims),
    )


def _comparisons(comparisons: Sequence[Comparison], schools: int, exactly: bool) -> Iterator[tuple[Linear, ...]]:
    """Comparisons as linear constraints: at their weakest, or exactly, one case for each size of the group."""
    if not comparisons:
        yield ()
        return
    first, *rest = comparisons
    for others in _comparisons(rest, schools, exactly):
        if exactly:
            for size in range(1, schools):
                yield (*_commoner(first, schools, size), *others)
        else:
            yield (*_weakest(first, schools), *others)


def _weakest(it: Comparison, schools: int) -> tuple[Linear, ...]:
    """The least that "commoner in the group than outside" says: it is met inside, and is missing somewhere outside."""
    outside_without = ((-1, it.anywhere), (-1, it.group), (1, it.inside))
    return (
        Linear(terms=((1, it.inside),), low=1, claim=it.claim),
        Linear(terms=outside_without, low=1 - schools, claim=it.claim),
    )


def _commoner(it: Comparison, schools: int, size: int) -> tuple[Linear, ...]:
    """Commoner in a group of one size than outside it: inside / size > (anywhere - inside) / (schools - size)."""
    return (
        Linear(terms=((1, it.group),), low=size, high=size, claim=it.claim),
        Linear(terms=((schools, it.inside), (-size, it.anywhere)), low=1, claim=it.claim),
    )


def _meets(it: Comparison, schools: Sequence[Mapping[str, str]]) -> bool:
    """Whether a survey meets a comparison exactly."""
    inside, anywhere, size = (_number(event, schools) for event in (it.inside, it.anywhere, it.group))
    return 0 < size < len(schools) and len(schools) * inside > size * anywhere


def _number(event: Event, schools: Sequence[Mapping[str, str]]) -> int:
    return sum(
        any(all(school[name] in codes for name, codes in it.items()) for it in event.conditions) for school in schools
    )


def _connected(model: Model, events: Sequence[Event]) -> Model:
    """The part of a model that has to do with some events; the rest of a survey can be chosen apart from it."""
    names = set[str]().union(*(event.scope for event in events))
    while True:
        near = [it for it in model.constraints if names & set[str]().union(*it.scopes)]
        compared = [it for it in model.comparisons if names & it.scope]
        more = names.union(*(scope for it in near for scope in it.scopes))
        more = more.union(*(it.scope for it in compared))
        if more == names:
            codes = {name: codes for name, codes in model.codes.items() if name in names}
            return replace(model, codes=codes, constraints=tuple(near), comparisons=tuple(compared))
        names = more


def _verdict(ends: Ends, *, trivial: Ends, without_assumptions: Ends, by_lexicon: Sequence[Ends | None]) -> str:
    if ends[0] == ends[1]:
        return "fixed" if without_assumptions == ends else "assumed"
    if any(other != ends for other in by_lexicon):
        return "depends on the reading"
    if ends == trivial:
        return "open"
    return "assumed" if without_assumptions == trivial else "bounded"


def _all_of(visits: Visits) -> tuple[Condition, ...]:
    conditions = tuple(any_of(visits))
    if not conditions:
        raise InputError("visits are chosen by at least one condition, and none was given; give {} for all of them")
    return conditions


def _assumed(claims: Claims, binding: Sequence[str]) -> tuple[str, ...]:
    """The assumptions among what binds, and those on which binding claims rest."""
    by_claim = {claim.id: claim.assumptions for claim in claims}
    names = [name for it in binding for name in ([it] if it in claims.assumptions else by_claim.get(it, ()))]
    return tuple(dict.fromkeys(names))


def _told(visits: Visits) -> str:
    parts = (
        " and ".join(f"{name} {' or '.join(codes_of(name, codes))}" for name, codes in it.items())
        for it in _all_of(visits)
    )
    return " or ".join(parts)


def _shown(end: Fraction) -> str:
    return str(end.numerator) if end.denominator == 1 else f"{end} ({float(end):.3f})"
