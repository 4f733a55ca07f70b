"""A chart that moves with a slider, in JupyterLab; everywhere else words that say what it would show."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from survey_analysis import charts

_MISSING = "To move it, install ipywidgets: pip install 'survey-analysis[explore]'."


class Slider:
    """A slider above a chart that follows it.

    Parameters
    ----------
    draw
        The chart for a value of the slider.
    label
        What is moved.
    values
        The values in order, as they are shown.
    start
        The value at which it stands first; one of them.
    """

    def __init__(self, draw: Callable[[Any], charts.Chart], *, label: str, values: Sequence[Any], start: Any) -> None:
        self._draw, self.label, self.values, self.start = draw, label, tuple(values), start
        self.control, self.box = self._controls()

    def _controls(self) -> tuple[Any, Any]:
        try:
            import ipywidgets  # here, because it comes with an extra alone
        except ImportError:
            return None, None
        control = ipywidgets.SelectionSlider(
            options=self.values,
            value=self.start,
            description=self.label,
            continuous_update=False,
            style={"description_width": "initial"},
            layout=ipywidgets.Layout(width="44em", max_width="100%"),
        )
        picture = ipywidgets.HTML(_picture(self._draw(self.start)))
        control.observe(lambda change: setattr(picture, "value", _picture(self._draw(change["new"]))), names="value")
        return control, ipywidgets.VBox([control, picture])

    def __repr__(self) -> str:
        here = f"Here it stands at {self.start}." if self.box is not None else _MISSING
        return f"A slider for {self.label.lower()}, from {self.values[0]} to {self.values[-1]}, in JupyterLab. {here}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {} if self.box is None else self.box._repr_mimebundle_()
        return {**bundle, "text/plain": repr(self)}


def _picture(chart: charts.Chart) -> str:
    data = b64encode(chart.png()).decode("ascii")
    return f'<img style="max-width: 100%" src="data:image/png;base64,{data}" alt="{escape(chart.alt)}">'
