"""The range of every claim and of what follows from the claims; for those that were published it is kept as a table."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from survey_analysis.claims import Claim, Claims
from survey_analysis.claims_file import read_claims
from survey_analysis.derivations import DERIVATIONS
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.lexicons import Lexicon, find_lexicon, read_lexicons
from survey_analysis.quantities import Quantity, number_of, share_difference
from survey_analysis.resources import DATA
from survey_analysis.surveys import Column

if TYPE_CHECKING:
    from survey_analysis.reconstruction import AllowedBounds

_FILE = DATA / "bounds.csv"
COLUMNS = ("lexicon", "id", "low", "high", "verdict", "assumptions", "binding_low", "binding_high")


@dataclass(frozen=True, kw_only=True)
class ClaimBounds:
    """The least and the greatest value that all claims together allow for what one of them counts."""

    low: Fraction
    high: Fraction
    verdict: str
    assumptions: tuple[str, ...]
    binding_low: tuple[str, ...]
    binding_high: tuple[str, ...]

    @property
    def binding(self) -> tuple[str, ...]:
        """The claims and assumptions that prove either end."""
        return tuple(dict.fromkeys((*self.binding_low, *self.binding_high)))


def claim_ranges(
    claims: Claims | None = None, *, lexicon: str | Lexicon = "plain-english"
) -> "tuple[AllowedBounds, ...]":
    """The bounds of the number of schools that each claim counts, and each finding that follows from several claims.

    Parameters
    ----------
    claims, lexicon
        As for `bounds`.

    Returns
    -------
    tuple of AllowedBounds
        Labelled by the id of the claim. Comparisons are held exactly, and have no number of their own to be bounded.
        It takes a second or two.

    Raises
    ------
    ContradictionError
        Claims that no survey meets, with an irreducible set of them.
    InputError
        An unknown lexicon.

    Examples
    --------
    >>> found = {it.label: it for it in claim_ranges()}
    >>> print(found["not-managed-well"])
    not-managed-well: 1 to 59, depends on the reading, words by Plain English, of 59, derived
    """
    columns = packaged_dictionary()["visits"]
    found = _computed(read_claims() if claims is None else claims, columns, find_lexicon(lexicon))
    return tuple(it for it in found.values() if it.quantity.kind == "number")


def compute_bounds(claims: Claims, columns: Mapping[str, Column], lexicon: Lexicon) -> dict[str, ClaimBounds]:
    """The range of each claim that is counted in the visits, and of each derivation, by id; takes about a second.

    Raises `ContradictionError` for claims that no survey meets.
    """
    return {
        name: ClaimBounds(
            low=found.low,
            high=found.high,
            verdict=found.verdict,
            assumptions=found.assumptions,
            binding_low=found.binding_low,
            binding_high=found.binding_high,
        )
        for name, found in _computed(claims, columns, lexicon).items()
    }


def published_bounds(lexicon: Lexicon) -> dict[str, ClaimBounds] | None:
    """The range of each claim that travels with the package, from the table; None for a lexicon that is not in it."""
    if lexicon != read_lexicons().get(lexicon.id):  # one of the user's own, though it may be called the same
        return None
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["lexicon"] == lexicon.id]
    found = {
        row["id"]: ClaimBounds(
            low=Fraction(row["low"]),
            high=Fraction(row["high"]),
            verdict=row["verdict"],
            assumptions=_split(row["assumptions"]),
            binding_low=_split(row["binding_low"]),
            binding_high=_split(row["binding_high"]),
        )
        for row in rows
    }
    return found or None


def bounds_rows(lexicon: Lexicon, found: Mapping[str, ClaimBounds]) -> Iterator[dict[str, str]]:
    """The rows of the table; several names in one field are joined by a semicolon."""
    for name, it in found.items():
        lists = {field: ";".join(getattr(it, field)) for field in ("assumptions", "binding_low", "binding_high")}
        yield {
            "lexicon": lexicon.id,
            "id": name,
            "low": str(it.low),
            "high": str(it.high),
            "verdict": it.verdict,
        } | lists


def asked(claims: Claims) -> Iterator[tuple[str, Quantity]]:
    """Each claim that is counted in the visits and each derivation, by id, with what it counts."""
    for derivation in DERIVATIONS:
        if derivation.figures(claims) is not None:
            yield derivation.id, replace(derivation.quantity, label=derivation.id)
    for claim in claims:
        if claim.scope == "the 59" and claim.counts is not None:
            yield claim.id, _quantity(claim)


def _quantity(claim: Claim) -> Quantity:
    """What a claim counts; of a comparison, by how much the share is greater in the group than elsewhere."""
    if claim.kind == "comparison":
        return share_difference(claim.counts or (), among=claim.among or ({},), label=claim.id)
    return number_of(claim.counts or (), among=claim.among, label=claim.id)


def _computed(claims: Claims, columns: Mapping[str, Column], lexicon: Lexicon) -> "dict[str, AllowedBounds]":
    from survey_analysis.reconstruction import Published  # here, because it loads a solver that is mostly not needed

    by_claims = {it.id: it.claims for it in DERIVATIONS}
    published = Published(claims, columns, lexicon=lexicon, comparisons="enumerated")
    presumed = {claim.id: claim.assumptions for claim in claims}
    return {
        name: _presuming(published.bounds(quantity, first=by_claims.get(name, (name,))), presumed.get(name, ()))
        for name, quantity in asked(claims)
    }


def _presuming(found: "AllowedBounds", assumptions: tuple[str, ...]) -> "AllowedBounds":
    """Bounds of what a claim counts: where that is what it counts by assumption only, no value is more than assumed."""
    verdict = "assumed" if found.verdict == "fixed" and assumptions else found.verdict
    return replace(found, verdict=verdict, assumptions=tuple(dict.fromkeys((*assumptions, *found.assumptions))))


def _split(names: str) -> tuple[str, ...]:
    return tuple(names.split(";")) if names else ()
