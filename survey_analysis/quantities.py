"""What can be asked of a survey of which only published claims are known: numbers, shares, and two shares compared."""

from collections.abc import Iterator
from dataclasses import dataclass

from survey_analysis.errors import InputError
from survey_analysis.surveys import Condition, Visits, any_of, codes_of


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What is asked of a survey; made by `number_of`, `share_of`, `share_difference` or `share_ratio`.

    `kind` is 'number', 'share', 'difference' or 'ratio'; `of` is what is counted, `among` the visits among which, and
    `against` the other group of a difference or a ratio: all other visits when absent.
    """

    kind: str
    label: str
    of: tuple[Condition, ...]
    among: tuple[Condition, ...] | None = None
    against: tuple[Condition, ...] | None = None


def number_of(of: Visits, *, among: Visits | None = None, label: str = "") -> Quantity:
    """How many visits meet a condition, or any one of several.

    Parameters
    ----------
    of
        Column -> code or codes, all of which must hold; or a list of such conditions, of which one must.
    among
        A condition that must hold as well.
    label
        What is asked, in words.

    Examples
    --------
    >>> number_of({"greater_range": "yes"}, label="greater range").label
    'greater range'
    """
    name = label or f"number of {_told(of)}" + ("" if among is None else f" among {_told(among)}")
    return Quantity(kind="number", label=name, of=_all_of(of), among=None if among is None else _all_of(among))


def share_of(of: Visits, *, among: Visits, label: str = "") -> Quantity:
    """Which share of some visits meets a condition. Surveys in which there are no such visits are left out.

    A visit to which a judgement that is named in `of` does not apply is not in the base.

    Parameters
    ----------
    of, among
        What is counted, and the visits of which the share is taken; conditions as for `number_of`.
    label
        What is asked, in words.

    Examples
    --------
    >>> from survey_analysis import bounds
    >>> print(bounds(share_of({"well_managed": "no"}, among={"greater_range": "yes"}, label="not well managed")))
    not well managed: 1/59 (0.017) to 1, depends on the reading, words by Plain English, of 59, derived
    """
    name = label or f"share of {_told(of)} among {_told(among)}"
    return Quantity(kind="share", label=name, of=_all_of(of), among=_all_of(among))


def share_difference(of: Visits, *, among: Visits, against: Visits | None = None, label: str = "") -> Quantity:
    """How much greater the share is among some visits than among others. Surveys without one of them are left out.

    Parameters
    ----------
    of, among, against
        What is counted, and the two groups, the second being all other visits when absent; conditions as for
        `number_of`, bases as for `share_of`. Where the claims do not fix how large the groups are, each size that they
        allow is looked at, which takes longer.
    label
        What is asked, in words.

    Examples
    --------
    >>> from survey_analysis import bounds
    >>> others = {"partnership_use": ["satisfactory", "inadequate"]}
    >>> good = {"partnership_use": ["outstanding", "good"]}
    >>> gap = bounds(share_difference({"monitoring": "action"}, among=good, against=others, label="action"))
    >>> gap.low < 0 < gap.high  # the sign is not settled by what was published
    True
    """
    return _compared("difference", of, among, against, label or _label(of, among, against, "less that"))


def share_ratio(of: Visits, *, among: Visits, against: Visits | None = None, label: str = "") -> Quantity:
    """How many times as great the share is among some visits as among others.

    Parameters
    ----------
    of, among, against
        As for `share_difference`.
    label
        What is asked, in words.

    Examples
    --------
    >>> from survey_analysis import bounds
    >>> others = {"partnership_use": ["satisfactory", "inadequate"]}
    >>> good = {"partnership_use": ["outstanding", "good"]}
    >>> found = bounds(share_ratio({"partnership_forms": "bought_in_tuition"}, among=good, against=others))
    >>> print(found.low, found.high, found.verdict)
    2/5 49/43 bounded

    Notes
    -----
    Surveys in which the share against which is compared is 0 are left out, for there the ratio has no value.
    """
    return _compared("ratio", of, among, against, label or _label(of, among, against, "over that"))


def _compared(kind: str, of: Visits, among: Visits, against: Visits | None, label: str) -> Quantity:
    other = None if against is None else _all_of(against)
    return Quantity(kind=kind, label=label, of=_all_of(of), among=_all_of(among), against=other)


def _label(of: Visits, among: Visits, against: Visits | None, word: str) -> str:
    other = "among all others" if against is None else f"among {_told(against)}"
    return f"share of {_told(of)} among {_told(among)} {word} {other}"


def _all_of(visits: Visits) -> tuple[Condition, ...]:
    conditions = tuple(any_of(visits))
    if not conditions:
        raise InputError("visits are chosen by at least one condition, and none was given; give {} for all of them")
    return conditions


def _told(visits: Visits) -> str:
    def parts() -> Iterator[str]:
        for it in _all_of(visits):
            yield " and ".join(f"{name} {' or '.join(codes_of(name, codes))}" for name, codes in it.items())

    return " or ".join(parts()) or "all visits"
