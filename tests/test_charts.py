"""Charts: what they say in words, that they say what the data say, and that they leave no trace behind."""

import dataclasses
import re
from collections.abc import Callable
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import survey_analysis as sa
from survey_analysis import charts
from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally
from survey_analysis.report import main_chart
from survey_analysis.surveys import Survey

ODD = r"<b>$\frac{$</b> & 100% £ é"
LABELS = ["plain", ODD, "$x$", r"\alpha_{", "", "a very long label that goes on and on " * 3]


@pytest.fixture(scope="module")
def survey() -> Survey:
    return sa.load_survey()


def good(count: int, base: int = 59, not_seen: int = 0) -> Tally:
    return Tally(label="good", count=count, base=base, not_seen=not_seen, provenance=Provenance.PUBLISHED)


def grades(*counts: int) -> Estimates:
    names = ["outstanding", "good", "satisfactory", "inadequate"]
    pairs = zip(names, counts, strict=True)
    return sa.simultaneous_proportions([Tally(label=name, count=count, base=sum(counts)) for name, count in pairs])


def change(before: float | None, after: float | None, direction: str, label: str = "ratio") -> Estimate:
    details = {"before": before, "after": after, "direction": direction}
    value = None if before is None or after is None else 1.0
    return Estimate(
        label=label, value=value, method="m", base=9, provenance=Provenance.ILLUSTRATIVE, unit="ratio", details=details
    )


def pounds(**values: float) -> Estimates:
    return Estimates(
        [
            Estimate(
                label=label,
                value=value,
                method="m",
                base=7,
                provenance=Provenance.ILLUSTRATIVE,
                unit="pounds",
                details={"per": "pupil taking part", "weighting": "ratio of sums"},
            )
            for label, value in values.items()
        ],
        caption="Pounds a year",
    )


def theme_rows(actions: int) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"theme": theme, "schools": schools, "action": actions, "neither": 1, "pitfall": 2, "not_seen": 0}
            | {"base": actions + 3, "provenance": "illustrative"}
            for theme in ("Monitoring", ODD)
            for schools in ("successful", "others")
        ]
    )


DRAWN: dict[str, Callable[[Survey], charts.Chart]] = {
    "schools": lambda survey: charts.schools(sa.tally(survey, "well_managed", codes="yes"), words="were managed well"),
    "shares": lambda survey: charts.shares(sa.simultaneous_proportions(sa.tally_each(survey, "partnership_use"))),
    "shares without intervals": lambda survey: charts.shares(sa.shares(sa.tally_each(survey, "monitoring"))),
    "shares by method": lambda survey: charts.shares(
        Estimates([sa.proportion(good(10), method=method) for method in ("wilson", "exact", "jeffreys")])
    ),
    "gap_scales": lambda survey: charts.gap_scales(sa.gap_change(survey, "fsm"), of="taking part"),
    "unit_costs": lambda survey: charts.unit_costs(sa.unit_costs(survey, by="monitoring", per="pupil_sustained")),
    "themes": lambda survey: charts.themes(sa.theme_table(survey)),
    "main_chart": main_chart,
}
ALTS = {
    "schools": r"\d+ of the \d+ schools were managed well\. \d+ squares, of which \d+ are filled; in \d+ more it was "
    r"not seen\. \(illustrative\)",
    "shares": r"The commonest is satisfactory: 32 of 59\. Bars: outstanding 3 of 59 \(5\.1%, interval .*\); "
    r"good 7 of 59 \(11\.9%, .*\); satisfactory 32 of 59 \(.*\); inadequate 17 of 59 \(.*\)\. \(reconstructed\)",
    "shares without intervals": r"The commonest is pitfall: 23 of 56\. Bars: action 17 of 56 \(30\.4%\); neither 16 of "
    r"56 \(28\.6%\); pitfall 23 of 56 \(41\.1%\)\. \(illustrative\)",
    "shares by method": r"Any of 3 methods leaves room from 8\.4% to 29\.0%\. Bars: Wilson score 10 of 59 \(16\.9%, "
    r"interval 9\.5% to 28\.5%\); Clopper-Pearson exact 10 of 59 .*; Jeffreys 10 of 59 .*\. \(published\)",
    "gap_scales": r"The gap in taking part widened on 2 of 4 scales: the answer depends on the scale\. Four panels: "
    r"difference \+10\.3 points before and \+14\.6 points after, wider; ratio .* narrower; non-participation ratio .* "
    r"wider; odds ratio .* narrower\. \(illustrative\)",
    "unit_costs": r"Pounds a year per .*: from £\d+ \(action\) to £\d+ \(pitfall\)\. Bars: action £\d+ in \d+ schools; "
    r".*\. \(illustrative\)",
    "themes": r"Described, not tested: .*\. Mirrored bars: (.*, (successful|others): action \d+, pitfall \d+ of \d+(; )"
    r"?){10}\. \(illustrative\)",
    "main_chart": r"10 of the 59 schools made good use of partnerships for all groups of pupils and got good value\. "
    r"59 squares, of which 10 are filled\. \(reconstructed\)",
}


# -------------------------------------------------------------------------------------------------- what they all do


def test_every_public_function_is_tried_here() -> None:
    public = {
        name
        for name, it in vars(charts).items()
        if callable(it) and not name.startswith("_") and getattr(it, "__module__", "") == charts.__name__
    }
    assert public - {"Chart"} == {name.split()[0] for name in DRAWN} - {"main_chart"}


@pytest.mark.parametrize("name", DRAWN)
def test_the_description_has_the_numbers_and_the_provenance(survey: Survey, name: str) -> None:
    chart = DRAWN[name](survey)
    assert re.fullmatch(ALTS[name], chart.alt)
    assert chart.alt.startswith(f"{chart.title}. ") and chart.alt.endswith(f". ({chart.provenance.value})")
    assert repr(chart) == chart.alt


@pytest.mark.parametrize("name", DRAWN)
def test_the_picture_says_title_and_provenance(survey: Survey, name: str) -> None:
    chart = DRAWN[name](survey)
    shown = [" ".join(text.get_text().split()) for text in chart.figure.findobj(Text)]
    assert chart.title in shown
    assert any(text.startswith(f"Provenance: {chart.provenance.value}") for text in shown)


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_chart_is_the_same_picture(survey: Survey, name: str) -> None:
    first, second = (DRAWN[name](survey) for _ in range(2))
    picture = first.png()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture == first.png() == second.png()
    assert b"Software" not in picture and b"tIME" not in picture


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_global_is_changed(survey: Survey, name: str) -> None:
    from matplotlib import pyplot

    before = {key: repr(value) for key, value in mpl.rcParams.items()}
    DRAWN[name](survey).png()
    assert {key: repr(value) for key, value in mpl.rcParams.items()} == before
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("name", DRAWN)
def test_a_reader_s_settings_do_not_change_the_picture(survey: Survey, name: str) -> None:
    usual = DRAWN[name](survey).png()
    theirs: Any = {"font.size": 30, "text.color": "red", "font.family": "monospace", "axes.grid": True}
    theirs |= {"axes.facecolor": "black", "savefig.facecolor": "black", "savefig.pad_inches": 2, "text.usetex": True}
    with mpl.rc_context(theirs):
        assert DRAWN[name](survey).png() == usual


@pytest.mark.parametrize("name", DRAWN)
def test_a_notebook_shows_picture_and_description(survey: Survey, name: str) -> None:
    chart = DRAWN[name](survey)
    data, metadata = chart._repr_mimebundle_()
    assert data == {"image/png": chart.png(), "text/plain": chart.alt}
    assert metadata == {"image/png": {"alt": chart.alt}}


def test_a_chart_is_saved_as_it_is_shown(survey: Survey, tmp_path: Path) -> None:
    chart, path = main_chart(survey), tmp_path / "chart.png"
    chart.save(path)
    assert path.read_bytes() == chart.png()


@pytest.mark.parametrize("name", DRAWN)
def test_words_lie_inside_the_picture_and_do_not_cover_one_another(survey: Survey, name: str) -> None:
    chart = DRAWN[name](survey)
    FigureCanvasAgg(chart.figure).draw()  # type: ignore[no-untyped-call]
    frame = chart.figure.bbox
    boxes = {}
    beyond = {
        label
        for axes in chart.figure.axes
        for label in axes.get_xticklabels()
        if not min(axes.get_xlim()) <= label.get_position()[0] <= max(axes.get_xlim())
    }
    for text in chart.figure.findobj(Text):
        if text.get_text().strip() and text.get_visible() and text not in beyond:
            box = text.get_window_extent()
            assert box.x0 >= frame.x0 - 1 and box.x1 <= frame.x1 + 1, text.get_text()
            assert box.y0 >= frame.y0 - 1 and box.y1 <= frame.y1 + 1, text.get_text()
            boxes[text] = box
    texts = list(boxes)
    for number, text in enumerate(texts):
        for other in texts[number + 1 :]:
            assert not boxes[text].padded(-1).overlaps(boxes[other].padded(-1)), (text.get_text(), other.get_text())


# ------------------------------------------------------------------------------------- titles come from the data


@pytest.mark.parametrize(
    ("one", "other", "titles"),
    [
        (
            lambda: charts.schools(good(10), words="did well"),
            lambda: charts.schools(good(11, 58, 1), words="did well"),
            ("10 of the 59 schools did well", "11 of the 58 schools did well"),
        ),
        (
            lambda: charts.shares(grades(3, 7, 32, 17)),
            lambda: charts.shares(grades(3, 33, 6, 17)),
            ("The commonest is satisfactory: 32 of 59", "The commonest is good: 33 of 59"),
        ),
        (
            lambda: charts.gap_scales(Estimates([change(1, 2, "wider"), change(2, 1, "narrower")]), of="it"),
            lambda: charts.gap_scales(Estimates([change(1, 2, "wider"), change(1, 2, "wider")]), of="it"),
            (
                "The gap in it widened on 1 of 2 scales: the answer depends on the scale",
                "The gap in it widened on 2 of 2 scales",
            ),
        ),
        (
            lambda: charts.unit_costs(pounds(action=100, pitfall=1234.4)),
            lambda: charts.unit_costs(pounds(action=100, pitfall=50)),
            (
                "Pounds a year: from £100 (action) to £1,234 (pitfall)",
                "Pounds a year: from £50 (pitfall) to £100 (action)",
            ),
        ),
    ],
    ids=["schools", "shares", "gap_scales", "unit_costs"],
)
def test_the_title_is_the_finding_and_changes_with_the_data(
    one: Callable[[], charts.Chart], other: Callable[[], charts.Chart], titles: tuple[str, str]
) -> None:
    first, second = one(), other()
    assert (first.title, second.title) == titles
    assert first.alt != second.alt and first.png() != second.png()


def test_the_themes_are_described_and_never_called_a_finding() -> None:
    first, second = charts.themes(theme_rows(4)), charts.themes(theme_rows(5))
    assert first.title == second.title == "Described, not tested: actions were looked for where success had been seen"
    assert "action 4, pitfall 2 of 7" in first.alt and "action 5, pitfall 2 of 8" in second.alt
    assert first.png() != second.png()


def test_a_title_of_one_s_own_takes_the_place_of_the_finding() -> None:
    chart = charts.shares(grades(3, 7, 32, 17), title="Not one scale")
    assert chart.title == "Not one scale" and chart.alt.startswith("Not one scale. Bars: outstanding 3 of 59")


def test_a_chart_has_the_weakest_provenance_of_what_it_shows() -> None:
    mixed = [sa.share(good(10)), sa.share(Tally(label="other", count=1, base=2))]
    assert charts.shares(Estimates(mixed)).provenance is Provenance.ILLUSTRATIVE
    assert charts.shares(Estimates(mixed[:1])).provenance is Provenance.PUBLISHED


def test_the_method_and_the_caveat_stand_below_intervals_and_only_there() -> None:
    def below(chart: charts.Chart) -> str:
        return next(it.get_text() for it in chart.figure.findobj(Text) if it.get_text().startswith("Provenance"))

    with_interval = charts.shares(Estimates([sa.proportion(good(10), level=0.9)]))
    assert below(with_interval).endswith("lines: 90% interval (Wilson score), as if drawn at random")
    assert below(charts.shares(Estimates([sa.share(good(10))]))) == "Provenance: published"


# ------------------------------------------------------------------------------------------------- what is drawn


def rectangles(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_width()]


def test_bars_are_as_long_as_the_shares_and_the_largest_is_darker() -> None:
    [axes] = charts.shares(grades(3, 7, 32, 17)).figure.axes
    bars = sorted(rectangles(axes), key=lambda bar: bar.get_y())
    assert [bar.get_width() for bar in bars] == pytest.approx([3 / 59, 7 / 59, 32 / 59, 17 / 59])
    tones = [to_rgb(bar.get_facecolor()) for bar in bars]
    assert tones == [to_rgb(tone) for tone in (charts.WEAK, charts.WEAK, charts.MIDDLE, charts.WEAK)]


def test_lines_run_from_limit_to_limit() -> None:
    estimates = grades(3, 7, 32, 17)
    [axes] = charts.shares(estimates).figure.axes
    drawn: list[Any] = [line.get_xdata() for line in axes.lines]
    lines = [tuple(line) for line in drawn]
    assert [line for line in lines if all(map(isfinite, line))] == [(it.low, it.high) for it in estimates]


def test_estimates_of_one_name_have_a_bar_each() -> None:
    twins = Estimates([sa.proportion(good(10), level=0.9), sa.proportion(good(20), level=0.9)])
    [axes] = charts.shares(twins).figure.axes
    assert sorted(bar.get_width() for bar in rectangles(axes)) == pytest.approx([10 / 59, 20 / 59])
    both = Estimates([*pounds(school=10), *pounds(school=30)], caption="Pounds")
    [axes] = charts.unit_costs(both).figure.axes
    assert sorted(bar.get_width() for bar in rectangles(axes)) == pytest.approx([10, 30])


@pytest.mark.parametrize(("count", "base", "not_seen"), [(10, 59, 0), (0, 5, 0), (5, 5, 3), (0, 0, 4), (1, 16, 0)])
def test_every_school_is_a_square(count: int, base: int, not_seen: int) -> None:
    [axes] = charts.schools(good(count, base, not_seen), words="did well").figure.axes
    [squares] = axes.collections
    tones: Any = squares.get_facecolor()
    offsets: Any = squares.get_offsets()
    filled = [to_rgb(tuple(tone)[:3]) for tone in tones]
    places = {tuple(place) for place in offsets.tolist()}
    assert len(places) == base + not_seen
    assert filled.count(to_rgb(charts.STRONG)) == count
    assert filled.count(to_rgb("white")) == not_seen


@pytest.mark.parametrize("count", [0, 59])
def test_none_and_all_are_drawn(count: int) -> None:
    for method in ("wilson", "exact", "jeffreys"):
        assert charts.shares(Estimates([sa.proportion(good(count), method=method)])).png()


# ------------------------------------------------------------------------------------------------ odd and bad input


@pytest.mark.parametrize(
    "draw",
    [charts.shares, charts.unit_costs, lambda estimates: charts.gap_scales(estimates, of="it")],
    ids=["shares", "unit_costs", "gap_scales"],
)
def test_nothing_cannot_be_drawn(draw: Callable[[Estimates], charts.Chart]) -> None:
    with pytest.raises(sa.InputError, match=r"^a chart needs at least one estimate; these are none$"):
        draw(Estimates([]))


def test_no_school_cannot_be_drawn() -> None:
    with pytest.raises(sa.InputError, match=r"^a chart needs at least one school; the tally 'good' has none$"):
        charts.schools(good(0, 0), words="did well")


@pytest.mark.parametrize(
    ("before", "after", "direction", "shown"),
    [
        (None, None, "undefined", "undefined before and undefined after, undefined"),
        (None, 1.5, "undefined", "undefined before and 1.50 after, undefined"),
        (2.0, float("inf"), "wider", "2.00 before and infinite after, wider"),
        (float("inf"), float("inf"), "undefined", "infinite before and infinite after, undefined"),
        (1.5, 1.5, "the same", "1.50 before and 1.50 after, the same"),
        (0.0, 0.0, "the same", "0.00 before and 0.00 after, the same"),
    ],
)
def test_gaps_without_a_value_are_said_and_do_not_crash(
    before: float | None, after: float | None, direction: str, shown: str
) -> None:
    chart = charts.gap_scales(Estimates([change(before, after, direction), change(1, 2, "wider")]), of="it")
    assert shown in chart.alt and chart.png()
    assert "nan" not in chart.alt


@pytest.mark.parametrize("scales", [1, 2, 3, 4])
def test_some_of_the_scales_can_be_drawn(survey: Survey, scales: int) -> None:
    chart = charts.gap_scales(sa.gap_change(survey, "fsm")[:scales], of="taking part")
    assert len(chart.figure.axes) == scales
    assert ("Four panels" in chart.alt) is (scales == 4)
    assert chart.png()


def test_one_group_of_schools_can_be_drawn(survey: Survey) -> None:
    table = sa.theme_table(survey)
    chart = charts.themes(table[table["schools"] == "others"])
    assert len(chart.figure.axes) == 1 and chart.png()


def test_a_theme_that_was_never_seen_is_drawn_as_none_of_none() -> None:
    table = theme_rows(4)
    table.loc[0, ["action", "neither", "pitfall", "base"]] = 0
    chart = charts.themes(table)
    assert "Monitoring, successful: action 0, pitfall 0 of 0" in chart.alt and chart.png()


def test_a_cost_of_nothing_is_drawn() -> None:
    assert "£0 (a)" in charts.unit_costs(pounds(a=0)).title
    assert charts.unit_costs(pounds(a=0)).png()


@pytest.mark.parametrize("label", LABELS)
def test_a_label_is_text_whatever_signs_it_holds(label: str) -> None:
    tally = Tally(label=label, count=1, base=3)
    shares = Estimates([sa.proportion(tally), sa.proportion(good(10))])
    table = theme_rows(3).assign(theme=[label, label, "other", "other"])
    drawn = [
        charts.schools(tally, words=f"were {label}"),
        charts.shares(shares),
        charts.shares(shares, title=label or "t"),
        charts.gap_scales(Estimates([change(1, 2, "wider", label), change(1, 2, "wider")]), of=label),
        charts.unit_costs(pounds(**{label: 10, "other": 20})),
        charts.themes(table),
    ]
    for chart in drawn:
        assert chart.png()
        assert label in chart.alt
        texts = [text for text in chart.figure.findobj(Text) if "$" in text.get_text()]
        assert not any(text.get_parse_math() for text in texts)


def test_a_chart_cannot_be_changed(survey: Survey) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        main_chart(survey).title = "another"  # type: ignore[misc]


# ---------------------------------------------------------------------------------------------------------- greyscale


def luminance(tone: str) -> float:
    """Relative luminance as WCAG 2.2 defines it: what is left of a colour in greyscale."""
    channels = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(tone)]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_luminance_of_black_and_white_is_known() -> None:
    assert contrast("black", "white") == pytest.approx(21)


def test_tones_differ_in_greyscale() -> None:
    for one, other in pairwise([charts.STRONG, charts.MIDDLE, charts.WEAK]):
        assert contrast(one, other) > 1.8
    assert contrast(charts.STRONG, charts.WEAK) > 4.5
    assert contrast(charts.MUTED, "white") > 3, "the outline of a square on the page"


@pytest.mark.parametrize("tone", [charts.INK, charts.MUTED])
def test_words_can_be_read(tone: str) -> None:
    assert contrast(tone, "white") >= 4.5
