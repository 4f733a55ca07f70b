"""Findings that follow from several published claims by logic alone, with their proof in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from survey_analysis.claims import Claims
from survey_analysis.quantities import Quantity, number_of

_USE, _VALUE = "partnership_use", "value_for_money"
_AT_LEAST_GOOD, _BELOW_GOOD = ("outstanding", "good"), ("satisfactory", "inadequate")
_OUTSIDE = ("music_service", "music_service_and_private", "private")
_WITHOUT_BOTH = ({_USE: _BELOW_GOOD}, {_VALUE: _BELOW_GOOD})
_BOTH = "good-use-and-value"


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """What follows from which claims, and of which quantity it says so.

    `words` tells it from the figures of the claims, the least and the greatest value of the quantity, and the title of
    the lexicon; it is empty where nothing follows.
    """

    id: str
    claims: tuple[str, ...]
    quantity: Quantity
    words: Callable[[Sequence[int], int, int, str], str]

    def figures(self, claims: Claims) -> tuple[int, ...] | None:
        """The counts among the claims from which it follows; None where a claim or its figure is missing."""
        used = {claim.id: claim for claim in claims if claim.id in self.claims and claim.scope == "the 59"}
        known = [it for it in used.values() if it.count is not None or it.kind == "quantifier"]
        if len(known) < len(self.claims):
            return None
        return tuple(count for name in self.claims if (count := used[name].count) is not None)


def _no_guarantee(figures: Sequence[int], low: int, high: int, lexicon: str) -> str:
    *tuition, both = figures
    outside = sum(tuition)
    if low == 0:
        return ""
    return (
        f"{' + '.join(map(str, tuition))} = {outside} schools had additional tuition from outside; at most {both} of "
        f"all the schools made good use of partnerships at good value; so at least {low} of those {outside} had such "
        "tuition without both."
    )


def _use_is_value(figures: Sequence[int], low: int, high: int, lexicon: str) -> str:
    *use, both = figures
    return (
        f"{' + '.join(map(str, use))} = {sum(use)} schools made at least good use of partnerships; {both} did so at "
        f"good value; so {'none' if high == 0 else f'at most {high}'} made good use without good value."
    )


def _range_is_no_guarantee(figures: Sequence[int], low: int, high: int, lexicon: str) -> str:
    [both] = figures
    if low == 0:
        return ""
    return (
        f"Most schools could offer a wider choice, which by {lexicon} are at least {low + both}; at most "
        f"{both} of all the schools made good use of partnerships at good value; so at least {low} had the wider "
        "choice without both."
    )


DERIVATIONS = (
    Derivation(
        id="tuition-no-guarantee",
        claims=("tuition-music-service", "tuition-music-service-and-private", "tuition-private", _BOTH),
        quantity=number_of({"tuition_provider": _OUTSIDE}, among=_WITHOUT_BOTH),
        words=_no_guarantee,
    ),
    Derivation(
        id="good-use-is-good-value",
        claims=("grade-outstanding", "grade-good", _BOTH),
        quantity=number_of({_USE: _AT_LEAST_GOOD}, among={_VALUE: _BELOW_GOOD}),
        words=_use_is_value,
    ),
    Derivation(
        id="wider-choice-no-guarantee",
        claims=("greater-range", _BOTH),
        quantity=number_of({"greater_range": "yes"}, among=_WITHOUT_BOTH),
        words=_range_is_no_guarantee,
    ),
)
