"""What every chart shares: its paper, its tones, its finding as title and its description in words."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from textwrap import fill
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from survey_analysis.errors import InputError, choice, of_kind, unknown
from survey_analysis.estimates import Bounds, Estimate, Provenance, Tally, origin, weakest
from survey_analysis.rendering import printable

# Tones that stay apart in greyscale, and for every common kind of colour blindness.
STRONG, MIDDLE, WEAK, INK, MUTED = "#0b3c5d", "#7ba0b8", "#d5dde2", "#1b1b1b", "#5a5f63"


_STYLE: dict[Any, Any] = {
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "text.color": INK,
    "text.parse_math": False,  # a label is text, whatever signs it holds
    "svg.hashsalt": "survey_analysis",  # names inside a drawing are the same each time
}


_WIDTH, _DPI = 7.2, 144
_FORMATS = (".png", ".svg")


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A drawn chart: shown as a picture by a notebook, and read as its description by whoever cannot see it."""

    figure: Figure
    title: str
    alt: str
    origin: str

    def __repr__(self) -> str:
        return self.alt

    def png(self) -> bytes:
        """The picture, without a date or version inside, so that equal charts are equal bytes."""
        return self._drawn("png", {})

    def save(self, path: str | Path) -> None:
        """Write the picture to a file, with its title, its description and its provenance inside.

        Parameters
        ----------
        path
            A file whose name ends in .png, for a picture, or .svg, for a drawing that can be enlarged.

        Raises
        ------
        InputError
            Another ending, or a folder that does not exist.
        """
        path = Path(path)
        if path.suffix.lower() not in _FORMATS:
            raise unknown("the ending of path", path.suffix, _FORMATS)
        if not path.parent.is_dir():
            raise InputError(f"path must be in a folder that exists, and {path.parent} does not; make it first")
        path.write_bytes(self.file(path.suffix.lower().removeprefix(".")))

    def file(self, form: str) -> bytes:
        """The picture as a file, with its title, its description and its provenance inside.

        Parameters
        ----------
        form
            'png', for a picture, or 'svg', for a drawing that can be enlarged.

        Raises
        ------
        InputError
            Another form.
        """
        about = {"Title": self.title, "Description": self.alt, "Source": f"Provenance: {self.origin}"}
        content = self._drawn(form, {key: printable(text) for key, text in about.items()})
        # Every text of a drawing stands in it as a comment, too, and a control character there makes it no XML.
        return printable(content.decode("utf-8")).encode("utf-8") if form == "svg" else content

    def _drawn(self, form: str, about: dict[str, str]) -> bytes:
        undated = choice("form", form, {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}})
        buffer = BytesIO()
        FigureCanvasAgg(self.figure)
        with house_style():  # some ticks are made only now
            self.figure.savefig(buffer, format=form, metadata={**undated, **about})
        return buffer.getvalue()

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        about = {"alt": self.alt, "provenance": self.origin}
        return {"image/png": self.png(), "text/plain": self.alt}, {"image/png": about}


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What a chart says above and below: its finding, and where its numbers come from."""

    title: str
    origin: str

    def canvas(
        self, height: float, *, panels: int = 1, rows: Sequence[float] = (1,), note: str = ""
    ) -> tuple[Figure, Sequence[Axes]]:
        """Paper with panels side by side; or one below another, in rows whose heights are in this proportion."""
        lines = fill(self.title, 68)
        size = (_WIDTH, height + 0.75 + 0.2 * lines.count("\n"))
        figure = Figure(figsize=size, dpi=_DPI, layout="constrained")
        figure.suptitle(lines, x=0.01, ha="left", fontweight="bold", fontsize=11.5)
        source = fill(f"Provenance: {self.origin}" + (f"; {note}" if note else ""), 110)
        figure.supxlabel(source, x=0.01, ha="left", fontsize=8, color=MUTED)
        grid = figure.subplots(len(rows), panels, sharey=panels == 2, squeeze=False, height_ratios=rows)
        return figure, list(grid.flat)

    def chart(self, figure: Figure, facts: str) -> Chart:
        """The chart, its layout settled: drawn again, it would be moved again where words reach beyond the axes."""
        FigureCanvasAgg(figure)
        with house_style():
            figure.draw_without_rendering()
        figure.set_layout_engine("none")
        return Chart(figure=figure, title=self.title, alt=f"{self.title}. {facts}. ({self.origin})", origin=self.origin)


def headed(title: str, items: Sequence[Tally | Estimate | Bounds]) -> Heading:
    assumptions = dict.fromkeys(name for item in items for name in item.assumptions)
    return titled(title, weakest(item.provenance for item in items), assumptions=list(assumptions))


def titled(title: str, provenance: Provenance, *, assumptions: Sequence[str] = ()) -> Heading:
    """A heading that begins by saying so where the numbers are invented."""
    invented = "Invented data: " if provenance is Provenance.ILLUSTRATIVE else ""
    return Heading(title=f"{invented}{title}", origin=origin(provenance, assumptions))


def house_style() -> AbstractContextManager[None]:
    """Our style alone, whatever the reader has set."""
    return style.context(["default", _STYLE])


def bars(axes: Axes, names: Sequence[str], estimates: Sequence[Estimate], *, strong: Estimate | None) -> None:
    """A bar for each, one of them darker; told apart by their place, because two may have one name."""
    rows = [str(row) for row in range(len(estimates))]
    frame = pd.DataFrame({"row": rows, "value": [item.value for item in estimates]})
    tones = [MIDDLE if item is strong else WEAK for item in estimates]
    sns.barplot(frame, x="value", y="row", hue="row", palette=tones, saturation=1, legend=False, ax=axes)
    axes.set_yticks(range(len(names)), [fill(name, 40) for name in names])


def need(estimates: Sequence[Estimate], detail: str = "") -> None:
    """Some estimates, each with the detail if one is named; or the error that says what is wanting."""
    if not isinstance(estimates, Sequence) or not estimates:
        raise InputError("a chart needs at least one estimate; these are none")
    for item in estimates:
        of_kind("estimates", item, Estimate, "share(), proportion() or the like")
        if detail and detail not in item.details:
            raise InputError(f"this chart needs estimates with {detail!r} in their details; {item.label!r} has none")


def has_numbers(table: object, columns: Sequence[str]) -> bool:
    """Whether something is a table with rows, and with a finite number in each of them in all of these columns."""
    if not isinstance(table, pd.DataFrame) or table.empty or not set(columns) <= set(table.columns):
        return False
    numbers = table[list(columns)].select_dtypes(["number"])
    return numbers.shape[1] == len(columns) and bool(numbers.abs().lt(float("inf")).all(axis=None))
