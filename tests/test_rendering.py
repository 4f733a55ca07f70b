"""How numbers, tables and sentences look: rounded for reading, aligned, escaped, and told to a screen reader."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from math import inf, nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from survey_analysis import rendering
from survey_analysis.errors import InputError
from survey_analysis.rendering import UNITS, Sentence, Table, interval, number, table

HOSTILE = "<script>alert(\"x\")</script> & 'y'"


def parsed(shown: Table) -> ElementTree.Element:
    """The table as a tree: it must be well-formed, whatever stands in it."""
    return ElementTree.fromstring(f"<main>{shown._repr_html_()}</main>")


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_what_has_no_finite_value_is_a_word_in_every_unit(unit: str) -> None:
    assert (number(None, unit), number(inf, unit)) == ("undefined", "infinite")
    assert number(0.0, unit) == {
        "share": "0.0%",
        "points": "+0.0 points",
        "ratio": "0.00",
        "number": "0.00",
        "pounds": "£0",
        "count": "0",
        "coefficient": "0.00",
        "index": "+0.00",
    }.get(unit)


@pytest.mark.parametrize(("low", "high"), [(None, None), (None, 0.5), (0.5, None)])
def test_no_interval_is_nothing(low: float | None, high: float | None) -> None:
    assert interval(low, high, "share") == ""


def test_an_interval_has_both_limits_in_the_unit() -> None:
    assert interval(0.0, 0.061, "share") == "0.0% to 6.1%"
    assert interval(-0.02, 0.061, "points") == "-2.0 points to +6.1 points"
    assert interval(0.5, inf, "ratio") == "0.50 to infinite"


def test_a_sentence_is_its_words_and_an_escaped_paragraph() -> None:
    sentence = Sentence("10 of 59 < half & 'few'")
    assert str(sentence) == repr(sentence) == "10 of 59 < half & 'few'"
    assert sentence._repr_html_() == '<p class="finding">10 of 59 &lt; half &amp; &#x27;few&#x27;</p>'
    assert sentence == Sentence("10 of 59 < half & 'few'")


SHOWN = Table(
    columns=["theme", "count"],
    rows=[["Actions"], ["monitoring", "9"], ["fit", "1,234"]],
    caption="Themes",
    note="A note.",
)


def test_text_is_aligned_with_caption_above_note_below_and_no_spaces_at_the_end() -> None:
    assert str(SHOWN).splitlines() == [
        "Themes",
        "theme       count",
        "----------  -----",
        "Actions",
        "monitoring  9",
        "fit         1,234",
        "A note.",
    ]
    assert repr(SHOWN) == str(SHOWN)


def test_a_heading_within_the_table_does_not_widen_its_columns() -> None:
    long = Table(columns=["a", "b"], rows=[["A heading much longer than the rest"], ["x", "y"]])
    assert str(long).splitlines()[0] == "a  b"


def test_a_long_note_is_folded_in_text() -> None:
    text = str(Table(columns=["a"], rows=[["x"]], note="word " * 60))
    assert max(map(len, text.splitlines())) <= 100
    assert len(text.splitlines()) > 5


def test_a_page_says_what_heads_what() -> None:
    tree = parsed(SHOWN)
    [region] = tree.findall("div")
    assert region.attrib == {"class": "survey-table", "role": "region", "tabindex": "0", "aria-label": "Themes"}
    assert tree.findtext(".//caption") == "Themes"
    assert [(cell.text, cell.get("scope")) for cell in tree.findall(".//thead//th")] == (
        [("theme", "col"), ("count", "col")]
    )
    group, *rows = tree.findall(".//tbody/tr")
    [heading] = group
    assert (group.get("class"), heading.text) == ("group", "Actions")
    assert heading.attrib == {"scope": "colgroup", "colspan": "2"}
    assert [[(cell.tag, cell.text, cell.get("scope"), cell.get("data-label")) for cell in row] for row in rows] == [
        [("th", "monitoring", "row", None), ("td", "9", None, "count")],
        [("th", "fit", "row", None), ("td", "1,234", None, "count")],
    ]
    assert tree.findtext("p[@class='note']") == "A note."


def test_a_table_without_caption_or_note_still_has_a_name() -> None:
    tree = parsed(Table(columns=["a"], rows=[["x"]]))
    [region] = tree
    assert (region.get("aria-label"), region.get("class")) == ("Table", "survey-table")
    assert tree.find(".//caption") is None


def test_one_column_has_cells_and_no_headings_within() -> None:
    one = Table(columns=["theme"], rows=[["monitoring and more"], ["fit"]])
    assert str(one).splitlines()[1] == "-" * len("monitoring and more")
    assert [cell.get("scope") for cell in parsed(one).findall(".//tbody//th")] == ["row", "row"]


def test_everything_is_escaped_everywhere() -> None:
    hostile = Table(columns=[HOSTILE, HOSTILE], rows=[[HOSTILE], [HOSTILE, HOSTILE]], caption=HOSTILE, note=HOSTILE)
    page = hostile._repr_html_()
    assert "<script" not in page
    assert '"x"' not in page
    tree = parsed(hostile)
    texts = [element.text for element in tree.iter() if element.text and element.text.strip()]
    assert texts == [HOSTILE] * 7
    labels = [value for element in tree.iter() for name, value in element.items() if name.endswith("label")]
    assert labels == [HOSTILE] * 2


def test_a_frame_is_shown_without_index_and_with_words_for_headings() -> None:
    frame = pd.DataFrame({"school_type": ["primary", "secondary"], "schools": [28, 27]}, index=[7, 8])
    before = frame.copy()
    shown = table(frame, caption="Schools", note="Made up")
    assert shown == Table(
        columns=["school type", "schools"],
        rows=[["primary", "28"], ["secondary", "27"]],
        caption="Schools",
        note="Made up",
    )
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("given", "kind"),
    [([1], "list"), ({"a": [1]}, "dict"), (None, "NoneType"), (pd.Series([1]), "Series"), (SHOWN, "Table")],
)
def test_what_is_no_frame_is_told(given: object, kind: str) -> None:
    with pytest.raises(InputError) as told:
        table(given)  # type: ignore[arg-type]
    assert str(told.value) == f"frame must be a data frame, not {kind}"


def test_importing_the_renderer_needs_no_pandas_and_no_numpy() -> None:
    code = (
        "import sys, types; p = types.ModuleType('survey_analysis'); p.__path__ = [sys.argv[1]]; "
        "sys.modules['survey_analysis'] = p; import survey_analysis.rendering as r; "
        "r.Table(columns=['a'], rows=[['x']])._repr_html_(); "
        "print(sorted({'numpy', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    package = Path(rendering.__file__).parent
    run = subprocess.run([sys.executable, "-c", code, str(package)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (1 / 3, "0.333"),
        (0.0, "0"),
        (12.345, "12.3"),
        (-99.4, "-99.4"),
        (99.99, "100"),
        (1234.5, "1,234"),
        (37521.0, "37,521"),
        (-1234567.0, "-1,234,567"),
        (np.float64(0.25), "0.25"),
        (inf, "infinite"),
        (nan, ""),
        (None, ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        (12345, "12345"),
        ("good", "good"),
        (True, "True"),
    ],
)
def test_cells_are_rounded_for_reading_and_empty_where_there_is_nothing(cell: object, shown: str) -> None:
    assert table(pd.DataFrame({"a": pd.Series([cell], dtype=object)})).rows == [[shown]]


def test_a_table_can_do_without_columns_that_hold_nothing() -> None:
    table = Table(columns=["a", "b", "c"], rows=[["heading"], ["x", "", "1"], ["y", "", ""]], caption="c", note="n")
    assert table.without_empty_columns() == Table(
        columns=["a", "c"], rows=[["heading"], ["x", "1"], ["y", ""]], caption="c", note="n"
    )
    bare = Table(columns=["a", "b"], rows=[])
    assert bare.without_empty_columns() == bare


def test_a_frame_with_units_shows_each_value_in_its_own() -> None:
    frame = pd.DataFrame({"value": [-0.0628, 0.4376, 54.2, None], "unit": ["points", "share", "pounds", "share"]})
    assert [row[0] for row in table(frame).rows] == ["-6.3 points", "43.8%", "£54", ""]
    limits = frame.assign(low=[-0.1, 0.3, 50.0, None], high=[0.1, inf, 60.0, None], other=0.25)
    assert table(limits).rows[1][2:] == ["30.0%", "infinite", "0.25"]
    assert table(frame.assign(unit="furlong")).rows[0][0] == "-0.0628", "a unit of somebody else's"
