"""What a prior draws: the columns of a visit as they are filled in, of which the attributes of a model are parts.

A rule of the form of the table is no coincidence that a prior has to be lucky to meet. So a theme has one of three
codes where action and pitfall exclude each other, and a column that is asked of some visits only is drawn for these:
for all others it is not applicable, whatever the prior.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from survey_analysis.claims import THEMES
from survey_analysis.constraints import EXCLUDES, Model, Part, merged
from survey_analysis.events import Event
from survey_analysis.surveys import NOT_APPLICABLE

Codings = NDArray[np.uint8]

_PITFALL = ("yes", "no", "no as well")
"""A theme with three codes is drawn in two: whether it is the pitfall, one code of three, and then which of the others.

The chances of three codes by a Dirichlet distribution are chances of one against the rest, and independent chances
within the rest.
"""


class PriorForm:
    """The columns from which the attributes of a `model` are made; `codes` gives the codes of each."""

    def __init__(self, model: Model) -> None:
        self.model = model
        exclude = any(it.claim == EXCLUDES for it in model.constraints)
        self._themes = [name for name in THEMES if exclude and f"{name}=action" in model.codes]
        asked = {name: column.asked_of for name, column in model.columns.items() if name in model.codes}
        self._asked = {name: of for name, of in asked.items() if of}
        self.codes: dict[str, tuple[str, ...]] = {}
        for name, codes in model.codes.items():
            theme, _, _ = name.partition("=")
            if theme in self._themes:  # the pitfall first, for the rest depends on it
                self.codes.setdefault(f"{theme}=pitfall", _PITFALL)
            if name not in self.codes:
                is_asked_of_all = name not in self._asked
                self.codes[name] = tuple(code for code in codes if is_asked_of_all or code != NOT_APPLICABLE)

    def masses(self, mass: float) -> dict[str, float]:
        """The mass of one code of each column, of a total mass for the codes of a column."""
        thirds = {f"{name}=action": mass / len(_PITFALL) for name in self._themes}
        return {name: mass / len(codes) for name, codes in self.codes.items()} | thirds

    def event(self, event: Event) -> Event:
        """An event of the model, in these columns."""
        found = [
            merged(parts)
            for condition in event.conditions
            for parts in product(*(self._alternatives(name, wanted) for name, wanted in condition.items()))
        ]
        return Event(conditions=tuple(part for part in found if all(part.values())))

    def attributes(self, drawn: Codings) -> Codings:
        """Codings of these columns as codings of the attributes of the model."""
        of = dict(zip(self.codes, drawn, strict=True))
        for name in self._themes:
            is_pitfall = of[f"{name}=pitfall"] == _PITFALL.index("yes")
            yes, no = (np.uint8(self.codes[f"{name}=action"].index(code)) for code in ("yes", "no"))
            of[f"{name}=action"] = np.where(~is_pitfall & (of[f"{name}=action"] == yes), yes, no)
        rows = []
        for name, codes in self.model.codes.items():
            places = [codes.index(code if code in codes else "no") for code in self.codes[name]]
            row = np.array(places, dtype=np.uint8)[of[name]]
            for other, asked in self._asked.get(name, {}).items():
                is_asked = np.array([code in asked for code in self.codes[other]])[of[other]]
                row = np.where(is_asked, row, np.uint8(codes.index(NOT_APPLICABLE)))
            rows.append(row)
        return np.stack(rows)

    def _alternatives(self, name: str, wanted: tuple[str, ...]) -> list[Part]:
        """What one attribute asks for, as alternatives on columns."""
        theme, _, code = name.partition("=")
        if theme in self._themes and code == "pitfall":
            return [{name: tuple(it for it in _PITFALL if ("yes" if it == "yes" else "no") in wanted)}]
        if theme in self._themes:
            found = [{f"{theme}=pitfall": _PITFALL[1:], name: wanted}]
            return found + ([{f"{theme}=pitfall": _PITFALL[:1]}] if "no" in wanted else [])
        if name not in self._asked:
            return [{name: wanted}]
        found = [{name: tuple(it for it in wanted if it != NOT_APPLICABLE), **self._asked[name]}]
        for other, asked in self._asked[name].items() if NOT_APPLICABLE in wanted else ():
            found.append({other: tuple(it for it in self.codes[other] if it not in asked)})
        return found
