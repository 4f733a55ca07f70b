"""What every survey that the claims allow has in common: exact bounds, what binds them, and two surveys as proof."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, lru_cache

import pandas as pd

from survey_analysis.claims import Claims
from survey_analysis.claims_file import read_claims
from survey_analysis.constraints import RULES, compile_claims, names_of
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.errors import InputError, choice, of_kind
from survey_analysis.estimates import Bounds, Provenance, origin
from survey_analysis.identification import AllowedSurveys, End, Question
from survey_analysis.lexicons import Lexicon, find_lexicon, read_lexicons
from survey_analysis.quantities import Quantity
from survey_analysis.surveys import Column

Ends = tuple[Fraction, Fraction]
_UNITS = {"number": "count", "share": "share", "difference": "points", "ratio": "ratio"}


@dataclass(frozen=True, kw_only=True)
class AllowedBounds(Bounds):
    """`Bounds` of a quantity over all surveys that the claims allow, with what proves them.

    Parameters
    ----------
    label, low, high, method, base, provenance, unit
        As for `Bounds`; the ends are exact fractions.
    quantity
        What is asked: a number of visits, a share, a difference or a ratio of shares.
    verdict
        'fixed' (what was published leaves one value), 'assumed' (it does so, or says anything at all, only with the
        assumptions named), 'bounded', 'depends on the reading' (another lexicon gives another range), or 'open'
        (nothing that was published narrows it).
    assumptions
        Those in force that the ends rest on.
    lexicon, without, comparisons
        By which vague words were read, the assumptions that were switched off, and how comparisons were held.
    readings
        The range by every lexicon that travels with the package; None where the claims contradict one another by it, or
        leave no survey in which the quantity has a value.
    binding_low, binding_high
        Ids of claims and assumptions that together prove the end; without any one of them a survey goes beyond it. None
        where nothing is needed.
    low_end, high_end
        The ends with a survey that attains each; `witness_low` and `witness_high` show it as a table.
    """

    low: Fraction
    high: Fraction
    quantity: Quantity
    verdict: str
    lexicon: str
    without: tuple[str, ...]
    comparisons: str
    readings: Mapping[str, Ends | None]
    binding_low: tuple[str, ...]
    binding_high: tuple[str, ...]
    low_end: End = field(repr=False, compare=False)
    high_end: End = field(repr=False, compare=False)

    @property
    def binding(self) -> tuple[str, ...]:
        """The claims and assumptions that prove either end."""
        return tuple(dict.fromkeys((*self.binding_low, *self.binding_high)))

    @property
    def witness_low(self) -> pd.DataFrame:
        """A survey with the least value: a row for each school, in the attributes of the model. A proof, not data."""
        return pd.DataFrame(self.low_end.schools)

    @property
    def witness_high(self) -> pd.DataFrame:
        """A survey with the greatest value, in the same form. A proof, not data."""
        return pd.DataFrame(self.high_end.schools)

    def __str__(self) -> str:
        ends = " to ".join(_shown(end) for end in dict.fromkeys((self.low, self.high)))
        made = origin(self.provenance, self.assumptions)
        return f"{self.label}: {ends}, {self.verdict}, words by {self.lexicon}, of {self.base:,}, {made}"


class ContradictionError(InputError):
    """Claims that no survey meets; `claims` is an irreducible set of them: without any one, the rest can hold."""

    def __init__(self, claims: Sequence[str], said: Mapping[str, str]) -> None:
        lines = [f"  {name}: {(RULES | dict(said))[name]}" for name in claims]
        super().__init__(
            "no survey meets all of the claims; these contradict one another, and without any one of them the rest can "
            "hold:\n" + "\n".join(lines)
        )
        self.claims, self.said = tuple(claims), dict(said)

    def __reduce__(self) -> tuple[type["ContradictionError"], tuple[tuple[str, ...], dict[str, str]]]:
        return ContradictionError, (self.claims, self.said)


class Published:
    """What was published, taken in one way, and ready for many questions.

    Parameters
    ----------
    claims
        The published statements.
    columns
        The columns of the visits, by name.
    lexicon, without, comparisons
        As for `bounds`.

    Raises
    ------
    ContradictionError
        Claims that no survey meets, with an irreducible set of them.
    InputError
        As for `bounds`.
    """

    def __init__(
        self,
        claims: Claims,
        columns: Mapping[str, Column],
        *,
        lexicon: str | Lexicon = "plain-english",
        without: str | Sequence[str] = (),
        comparisons: str = "enumerated",
    ) -> None:
        if not isinstance(claims, Claims):
            raise InputError(f"claims must come from read_claims(), and is {claims!r}")
        self._exactly = choice("comparisons", comparisons, {"weakest": False, "enumerated": True})
        self._claims, self._columns, self._comparisons = claims, columns, comparisons
        self._without = names_of(without)
        self.lexicon = find_lexicon(lexicon)
        self._allowed = self._read(self.lexicon)
        if why := self._allowed.contradiction:
            said = {it.id: it.statement for it in claims.assumptions.values()} | {
                it.id: it.statement + (f" (assuming {' and '.join(it.assumptions)})" if it.assumptions else "")
                for it in claims
            }
            raise ContradictionError(why if len(why) > 1 else (*why, "schools-visited"), said)
        self.schools = self._allowed.schools
        others = {it.title: it for it in read_lexicons().values() if it.title != self.lexicon.title}
        self._others = {title: self._read(it, like=self._allowed) for title, it in others.items()}

    def bounds(self, quantity: Quantity, *, first: Collection[str] = ()) -> AllowedBounds:
        """The least and the greatest value of a quantity; raises `InputError` as `bounds` does.

        An end that the claims `first` prove among themselves is said to rest on them, though others might prove it too.
        """
        if not isinstance(quantity, Quantity):
            makers = "number_of, share_of, share_difference or share_ratio"
            raise InputError(f"quantity must come from {makers}, and is {quantity!r}")
        question = self._allowed.ask(quantity)
        ends = question.ends()
        if ends is None:
            missing = "a visit in each group" + (
                " and a share to divide by that is above 0" if quantity.kind == "ratio" else ""
            )
            raise InputError(
                f"{quantity.label}: no survey that the claims allow has {missing}, so there is no value; ask about "
                "another group"
            )
        low, high = ends
        binding_low, binding_high = question.binding(-1, low.value, first), question.binding(1, high.value, first)
        readings = {self.lexicon.title: (low.value, high.value)} | {
            title: self._elsewhere(other, quantity, question, ends) for title, other in self._others.items()
        }
        binding = [*binding_low, *binding_high]
        return AllowedBounds(
            label=quantity.label,
            unit=_UNITS[quantity.kind],
            method="over all surveys that the claims allow",
            base=self.schools,
            provenance=Provenance.DERIVED,
            quantity=quantity,
            low=low.value,
            high=high.value,
            verdict=self._verdict(question, ends, binding, readings),
            assumptions=self._assumed(binding),
            lexicon=self.lexicon.title,
            without=self._without,
            comparisons=self._comparisons,
            readings=readings,
            binding_low=binding_low,
            binding_high=binding_high,
            low_end=low,
            high_end=high,
        )

    def _read(self, lexicon: Lexicon, like: AllowedSurveys | None = None) -> AllowedSurveys:
        model = compile_claims(self._claims, self._columns, lexicon=lexicon.readings(), without=self._without)
        return AllowedSurveys(model, exactly=self._exactly, like=like)

    def _elsewhere(
        self, other: AllowedSurveys, quantity: Quantity, question: Question, here: tuple[End, End]
    ) -> Ends | None:
        """The range by another lexicon."""
        if other.contradiction:
            return None
        asked = other.ask(quantity)
        ends = here if asked.is_settled_as(question) else asked.ends()
        return None if ends is None else (ends[0].value, ends[1].value)

    def _verdict(
        self, question: Question, ends: tuple[End, End], binding: Sequence[str], readings: Mapping[str, Ends | None]
    ) -> str:
        low, high = (end.value for end in ends)
        if any(other not in (None, (low, high)) for other in readings.values()):
            return "depends on the reading"
        if not binding and low < high:
            return "open"
        without = question.ends(held=self._allowed.unassumed)
        alone = without and (without[0].value, without[1].value)
        if low == high:
            return "fixed" if alone == (low, high) else "assumed"
        return "assumed" if without is None or question.is_open(without) else "bounded"

    def _assumed(self, binding: Sequence[str]) -> tuple[str, ...]:
        """The assumptions among what binds, and those on which binding claims rest."""
        by_claim = {claim.id: claim.assumptions for claim in self._claims}
        names = [name for it in binding for name in ([it] if it in self._claims.assumptions else by_claim.get(it, ()))]
        return tuple(dict.fromkeys(names))


def bounds(
    quantity: Quantity,
    *,
    claims: Claims | None = None,
    lexicon: str | Lexicon = "plain-english",
    without: str | Sequence[str] = (),
    comparisons: str = "enumerated",
) -> AllowedBounds:
    """The least and the greatest value of a quantity over all surveys that the published claims allow.

    Every whole-number survey of so many schools that meets the claims is looked at, none of them drawn or made up: if
    both ends are the same, the claims settle the quantity, whatever the records were.

    Parameters
    ----------
    quantity
        What is asked, from `number_of`, `share_of`, `share_difference` or `share_ratio`.
    claims
        The published statements; those that travel with the package when absent.
    lexicon
        By which vague words are read: the id of one that travels with the package ('plain-english',
        'education-scotland'), or one of your own from `read_lexicons(path)`.
    without
        Id of an assumption, or ids of several, to switch off; see `assumption_table`.
    comparisons
        How a claim that something is likelier in one group is held: 'enumerated' (exactly, one case for each size of
        the group) or 'weakest' (it is met there, and missing somewhere else: faster, and the range may be wider).

    Returns
    -------
    AllowedBounds
        Both ends, exact, with the verdict, the claims that bind, and a survey that attains each end.

    Raises
    ------
    ContradictionError
        Claims that no survey meets, with an irreducible set of them.
    InputError
        An unknown column, code, lexicon or assumption; a group that no survey has; a question over too many attributes
        at once.

    Examples
    --------
    >>> from survey_analysis import number_of
    >>> print(bounds(number_of({"greater_range": "yes"}, label="greater range")))
    greater range: 30 to 59, depends on the reading, words by Plain English, of 59, derived
    >>> successful = {"partnership_use": ["outstanding", "good"], "value_for_money": ["outstanding", "good"]}
    >>> print(bounds(number_of(successful, label="good use and value")))
    good use and value: 10, fixed, words by Plain English, of 59, derived

    Notes
    -----
    Bounds are about what was published, not about chance, and not about schools that were not visited. In every visit
    every judgement is taken to have been seen.

    References
    ----------
    Manski (2003), Partial Identification of Probability Distributions; Lauritzen (1996), Graphical Models.
    """
    chosen = find_lexicon(lexicon)
    off = names_of(without)
    if claims is None:
        return _shipped(chosen, off, comparisons).bounds(quantity)
    return Published(claims, visit_columns(), lexicon=chosen, without=off, comparisons=comparisons).bounds(quantity)


def bounds_table(*found: AllowedBounds) -> pd.DataFrame:
    """Several bounds beside one another, with what each end rests on.

    The columns: asked, least, greatest, verdict, comparisons (how they were held), assuming, least_rests_on,
    greatest_rests_on, provenance.

    Parameters
    ----------
    found
        What `bounds` returns.

    Raises
    ------
    InputError
        Something else.

    Examples
    --------
    >>> from survey_analysis import number_of
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
                "comparisons": "exact" if it.comparisons == "enumerated" else "at their weakest",
                "assuming": ", ".join(it.assumptions),
                "least_rests_on": ", ".join(it.binding_low) or "nothing",
                "greatest_rests_on": ", ".join(it.binding_high) or "nothing",
                "provenance": it.provenance.value,
            }
            for it in (of_kind("found", each, AllowedBounds, "bounds() or claim_ranges()") for each in found)
        ]
    )


@cache
def visit_columns() -> Mapping[str, Column]:
    """The columns of the visits, by name."""
    return packaged_dictionary()["visits"]


@lru_cache(maxsize=16)
def _shipped(lexicon: Lexicon, without: tuple[str, ...], comparisons: str) -> Published:
    """The claims that travel with the package, read once for each way of taking them."""
    return Published(read_claims(), visit_columns(), lexicon=lexicon, without=without, comparisons=comparisons)


def _shown(end: Fraction) -> str:
    return str(end.numerator) if end.denominator == 1 else f"{end} ({float(end):.3f})"
