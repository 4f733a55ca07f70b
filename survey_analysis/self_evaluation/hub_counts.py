"""Numbers of schools as a hub may see them: hidden so that not even who knows the rule can work one out."""

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from survey_analysis.disclosure import Suppressed, audit_suppression
from survey_analysis.release_counts import Released
from survey_analysis.rendering import HIDDEN


def shown_parts(parts: Sequence[int], threshold: int) -> list[int | None]:
    """The parts of a whole that everybody knows, as they may be shown; None where one is hidden.

    All are shown where none is small and none is the whole, which would tell of each school. Otherwise all below the
    threshold are hidden, zeros too, and with them those of the next greater values, until the hidden ones are not all
    alike and add up to no small number either. With any two of them in each other's place the same are hidden and
    shown: whoever knows the rule and makes the choice again cannot tell one from another.

    >>> shown_parts([9, 5, 5, 0], 5), shown_parts([8, 6, 4, 0], 5), shown_parts([11, 4, 0, 1], 5)
    ([9, 5, 5, 0], [8, None, None, None], [11, None, None, None])
    >>> shown_parts([12, 3], 5), shown_parts([6, 0], 5)
    ([None, None], [None, None])
    """
    values = sorted(set(parts))
    if sum(parts) not in values and not any(0 < it < threshold for it in values):
        return list(parts)
    most, greater = threshold - 1, [it for it in values if it >= threshold]
    hidden = [it for it in parts if it <= most]
    while greater and (len(set(hidden)) == 1 or sum(hidden) < threshold):
        most = greater.pop(0)
        hidden = [it for it in parts if it <= most]
    return [None if it <= most else it for it in parts]


def released_schools(
    whole: tuple[Hashable, int], parts: Sequence[Mapping[Hashable, int]], *, threshold: int
) -> Released:
    """Numbers of schools that add up, in each of several ways, to a whole that is shown."""
    name, schools = whole
    shown: dict[Hashable, int | None] = {name: schools}
    for of_whole in parts:
        shown |= dict(zip(of_whole, shown_parts([*of_whole.values()], threshold), strict=True))
    places = {label: place for place, label in enumerate(shown)}
    table = Suppressed(
        table=pd.Series([HIDDEN if it is None else it for it in shown.values()], dtype=object),
        threshold=threshold,
        width=1,
        extremes="hidden",
        totals=None,
        relations=[(places[name], [places[label] for label in of_whole]) for of_whole in parts],
    )
    audit, labels = audit_suppression(table), list(shown)
    return Released(shown=shown, audit=audit.assign(row=[labels[place] for place in audit["row"]]))
