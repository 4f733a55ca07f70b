"""What vague words are taken to mean: lexicons as data, read from a file and checked."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from os import PathLike
from pathlib import Path
from typing import Any

from survey_analysis.errors import InputError, choice, unknown
from survey_analysis.readings import BASE, READINGS, Inequality, Reading, check
from survey_analysis.resources import DATA

THRESHOLDS = {"exact shares": False, "rounded percentages": True}
"""What the limits of a lexicon apply to: the share itself (75% of 59 is 44.25, so 45 schools reach it), or the whole
percentage that it is printed as (44 of 59 is printed as 75%, so 44 reach it)."""


_FURTHER_WORDS = ("almost all", "majority", "less than half", "some", "few")
"""Words that no claim uses so far, and that published lexicons have."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """From where to where a word reaches, in per cent, and whether each end belongs to it."""

    low: Fraction
    high: Fraction
    low_included: bool
    high_included: bool


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """One reading of vague words; never the reading."""

    id: str
    title: str
    source: str
    thresholds: str
    terms: Mapping[str, Term] = field(hash=False)

    def readings(self) -> dict[str, Reading]:
        """Each word as inequalities between whole numbers."""
        rounded = THRESHOLDS[self.thresholds]
        return {
            word: Reading(words=_words(term), inequalities=_limits(term, rounded)) for word, term in self.terms.items()
        }

    def in_words(self, base: int) -> str:
        """From how many to how many of a base each word reaches, and what is made of words that it does not have.

        >>> print(find_lexicon("plain-english").in_words(10))  # doctest: +NORMALIZE_WHITESPACE
        Plain English reads 'most' as 6 to 10 of 10; it has no word for 0 to 5. Other words are taken to say as
        little as they can, and a bare plural, such as 'schools', at least one.
        """
        readings = self.readings() if base else {}
        counts = range(base + 1)
        reach = {word: _runs([it for it in counts if read.allows(it, base)]) for word, read in readings.items()}
        words = ", ".join(f"{word!r} as {runs}" for word, runs in reach.items() if runs)
        without = _runs(self.gaps(base)) if words else ""
        read = f"{self.title} reads {words} of {base}" if words else f"Words are read by {self.title}"
        return (
            f"{read}{f'; it has no word for {without}' if without else ''}. Other words are taken to say as "
            "little as they can, and a bare plural, such as 'schools', at least one."
        )

    def gaps(self, base: int) -> tuple[int, ...]:
        """The counts of a base for which the lexicon has no word: reported, and no error."""
        readings = self.readings().values()
        counts = range(check(base, "base", BASE) + 1)
        return tuple(count for count in counts if not any(it.allows(count, base) for it in readings))


def _runs(counts: Sequence[int]) -> str:
    """Counts for reading, those that follow one another together."""
    starts = [count for count in counts if count - 1 not in counts]
    ends = [count for count in counts if count + 1 not in counts]
    return ", ".join(str(one) if one == other else f"{one} to {other}" for one, other in zip(starts, ends, strict=True))


def read_lexicons(path: str | PathLike[str] | None = None) -> dict[str, Lexicon]:
    """The lexicons of a TOML file, by id.

    Parameters
    ----------
    path
        A file in the form of data/lexicons.toml, which is read when absent.

    Raises
    ------
    InputError
        A file that cannot be read, a term that is reversed, two terms that overlap, a field that is missing or unknown.

    Examples
    --------
    >>> read_lexicons()["education-scotland"].readings()["most"].words
    'at least 75% and at most 90%'
    """
    path = Path(DATA / "lexicons.toml" if path is None else path)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give the path of a TOML file, or none") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}; correct it there") from None
    return {name: _lexicon(name, table) for name, table in tables.items()}


def _lexicon(name: str, table: object) -> Lexicon:
    where = f"lexicon {name!r}, "
    if not isinstance(table, dict):
        raise InputError(f"{where}must be a table with title, source, thresholds and terms")
    if wrong := sorted(set(table) - {"title", "source", "thresholds", "terms"}):
        raise unknown("field", wrong[0], ["title", "source", "thresholds", "terms"], where=where)
    for text in ("title", "source"):
        if not isinstance(table.get(text), str):
            raise InputError(f"{where}field {text!r} must be a text")
    thresholds = table.get("thresholds")
    if not isinstance(thresholds, str) or thresholds not in THRESHOLDS:
        raise unknown("field 'thresholds'", thresholds, THRESHOLDS, where=where)
    terms = table.get("terms")
    if not isinstance(terms, dict):
        raise InputError(f"{where}field 'terms' must be a table of words")
    for word in terms:
        if word not in (*READINGS, *_FURTHER_WORDS):
            raise unknown("term", word, [*READINGS, *_FURTHER_WORDS], where=where)
    lexicon = Lexicon(
        id=name,
        title=table["title"],
        source=table["source"],
        thresholds=thresholds,
        terms={word: _term(f"{where}term {word!r}", it) for word, it in terms.items()},
    )
    _check_overlap(lexicon)
    lexicon.readings()  # refuses a term that holds no whole percentage
    return lexicon


def _term(where: str, table: Any) -> Term:
    fields = ("low", "high", "low_included", "high_included")
    if not isinstance(table, dict) or set(table) != set(fields):
        raise InputError(f"{where} must have {', '.join(fields)}, and nothing else")
    for name in ("low", "high"):
        if isinstance(table[name], bool) or not isinstance(table[name], int | float) or not 0 <= table[name] <= 100:
            raise InputError(f"{where}, field {name!r} must be a percentage from 0 to 100, not {table[name]!r}")
    for name in ("low_included", "high_included"):
        if not isinstance(table[name], bool):
            raise InputError(f"{where}, field {name!r} must be true or false, not {table[name]!r}")
    low, high = (Fraction(str(table[field])) for field in ("low", "high"))
    for name, limit in (("low", low), ("high", high)):
        if (100 * limit).denominator > 1:
            raise InputError(f"{where}, field {name!r} must have at most two decimals, not {table[name]!r}")
    if low == high and not (table["low_included"] and table["high_included"]):
        raise InputError(
            f"{where} is empty: it begins and ends at {table['low']} and leaves that out; include both ends"
        )
    if low > high:
        raise InputError(f"{where} is reversed: low is {table['low']} and high {table['high']}; exchange them")
    return Term(low=low, high=high, low_included=table["low_included"], high_included=table["high_included"])


def _check_overlap(lexicon: Lexicon) -> None:
    """Two words may share an endpoint that one of them owns, and nothing else."""
    ordered = sorted(lexicon.terms.items(), key=lambda item: (item[1].low, item[1].high))
    for (one, first), (other, second) in pairwise(ordered):
        touch = first.high == second.low and first.high_included and second.low_included
        if first.high > second.low or touch:
            raise InputError(
                f"lexicon {lexicon.id!r}: {one!r} and {other!r} overlap at {float(second.low):g}%; "
                "let one of them end where the other begins, and say whose the endpoint is"
            )


def _limits(term: Term, rounded: bool) -> tuple[Inequality, ...]:
    """Both ends as inequalities. A share is printed as a whole p per cent from p - 1/2, a half rounding up."""
    low, above, high, below = term.low, not term.low_included, term.high, not term.high_included
    if rounded:
        low = (ceil(low) if term.low_included else floor(low) + 1) - Fraction(1, 2)
        high = (floor(high) if term.high_included else ceil(high) - 1) + Fraction(1, 2)
        above, below = False, True
        if low >= high:
            raise InputError(
                f"the term from {float(term.low):g}% to {float(term.high):g}% holds no whole percentage; widen it, or "
                "let thresholds be 'exact shares'"
            )
    limits = []
    if low > 0 or (low == 0 and above):
        limits.append(_at_least(low / 100, strict=above))
    if high < 100 or (high == 100 and below):
        limits.append(_at_most(high / 100, strict=below))
    return tuple(limits)


def _at_least(share: Fraction, *, strict: bool) -> Inequality:
    return Inequality(count=share.denominator, base=-share.numerator, least=int(strict))


def _at_most(share: Fraction, *, strict: bool) -> Inequality:
    return Inequality(count=-share.denominator, base=share.numerator, least=int(strict))


def _words(term: Term) -> str:
    low = f"{'at least' if term.low_included else 'above'} {float(term.low):g}%"
    return f"{low} and {'at most' if term.high_included else 'below'} {float(term.high):g}%"


def find_lexicon(lexicon: "str | Lexicon") -> Lexicon:
    """A lexicon by its id, or as it is."""
    return lexicon if isinstance(lexicon, Lexicon) else choice("lexicon", lexicon, read_lexicons())
