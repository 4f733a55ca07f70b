"""New visits as one page: it stands alone, tells nothing of the machine, and no text in it is anything but text."""

import ast
import json
import re
import shutil
from base64 import b64decode
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browsing import requests_of, violations
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from page_reading import Page, read
from PIL import Image
from test_workbook_checks import CONTENT

from survey_analysis import charts, cli, single_pages
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance, Tally
from survey_analysis.executions import execute
from survey_analysis.notebook_parameters import with_parameters
from survey_analysis.page_guards import check_harmless, without_ways_out
from survey_analysis.rendering import printable
from survey_analysis.resources import DATA
from survey_analysis.single_pages import write_single_page

HOSTILE = [
    "<script>alert(1)</script>",
    "</table></div><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "--><iframe src=//example.org>",
    "&lt;b&gt; &amp;amp;",
    "**bold** [x](javascript:alert(1)) # h",
    r"$\frac{ $\notacommand$",
    "javascript:alert(1)",
    "\u202etxt.exe\u2066",
    "bell\x07 escape\x1b[31m",
    "=1+1",
]
SOURCES = [
    "import warnings\nimport pandas as pd\nimport survey_analysis as sa\n"
    "from IPython.display import Markdown, display\nsurvey = sa.read_survey(workbook)",
    "sa.table(pd.DataFrame({'measure': hostile, 'provenance': 'observed'}), caption=hostile[0], note=hostile[5])",
    "sa.rendering.Sentence(' '.join(hostile))",
    "sa.charts.shares(sa.shares([sa.Tally(label=text, count=at, base=sum(range(len(hostile))), provenance='observed')"
    " for at, text in enumerate(hostile)]))",
    "sa.charts.schools(sa.tally(survey, ['partnership_use'], at_least='good', label='good use'), words='did well')",
    "warnings.warn('seen by programmers')\nprint('threshold', threshold, hostile[8])",
    "display(Markdown('<script>alert(2)</script>'))",
]


def parameters(source: str = 'workbook = "none.xlsx"  # yours\nthreshold = 5\nschool_threshold = None') -> NotebookNode:
    return new_code_cell(source, metadata={"tags": ["parameters"]})


def notebook(*sources: str, cells: tuple[NotebookNode, ...] = ()) -> NotebookNode:
    first = new_markdown_cell(
        "# What did they find?\n\nSee [another](07-other.ipynb#part) or [the web](https://example.org)."
    )
    return new_notebook(cells=[first, parameters(), *map(new_code_cell, sources), *cells])


def save(made: NotebookNode, path: Path) -> Path:
    nbformat.write(made, path)
    return path


@dataclass
class Made:
    """A page with the notebook beside it, and the folder in which it was made."""

    path: Path
    page: Page
    text: str
    notebook: NotebookNode


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A page on a workbook, whose notebook shows hostile text in every way in which it shows any."""
    folder = tmp_path_factory.mktemp("somebody")
    (folder / "visits.xlsx").write_bytes(CONTENT)
    private = new_code_cell(
        "print('for the holder alone')\nimport not_installed", metadata={"tags": ["not-for-sharing"]}
    )
    sections = [new_markdown_cell(f"## Part {number}\n\nWords.") for number in range(6)]
    source = save(notebook(f"hostile = {HOSTILE!r}", *SOURCES, cells=(private, *sections)), folder / "08-new.ipynb")
    path = write_single_page(
        folder / "visits.xlsx", folder / "out.html", notebook=source, parameters={"threshold": 7}, with_notebook=True
    )
    return Made(path, read(path), path.read_text(encoding="utf-8"), nbformat.read(folder / "out.ipynb", as_version=4))


# ------------------------------------------------------------------------------------------------- the page as it is


def test_the_page_stands_alone(made: Made) -> None:
    """Every address on it is a place on it, or the data of a picture."""
    addresses = [
        value
        for element in made.page.elements
        for name, value in element.attributes.items()
        if name in ("href", "src", "srcset", "action", "data", "poster", "background", "xlink:href")
    ]
    assert len(addresses) > 10
    assert all(it.startswith(("#", "data:image/")) for it in addresses)
    assert made.page.all("script", "iframe", "object", "embed", "link", "base", "svg", "form") == []
    assert not any(name.startswith("on") or name == "style" for it in made.page.elements for name in it.attributes)
    [style] = made.page.all("style")
    assert "url(" not in style.text and "@import" not in style.text
    [policy] = [it for it in made.page.all("meta") if it.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert policy.attributes["content"] == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_the_page_has_what_every_page_must_have(made: Made) -> None:
    assert made.text.startswith("<!DOCTYPE html>\n") and made.text.endswith("</html>\n")
    assert [it.attributes.get("lang") for it in made.page.all("html")] == ["en"]
    [title], [heading], [main] = made.page.all("title"), made.page.all("h1"), made.page.all("main")
    assert title.text == "What did they find? - visits.xlsx"
    assert heading.text.strip("\n ¶") == "What did they find?"
    assert made.page.all("a")[0].attributes == {"class": "skip", "href": f"#{main.attributes['id']}"}
    ids = [it.attributes["id"] for it in made.page.elements if "id" in it.attributes]
    assert len(ids) == len(set(ids))
    assert {
        it.attributes["href"].removeprefix("#") for it in made.page.all("a") if "download" not in it.attributes
    } <= set(ids)
    levels = [int(it.tag[1]) for it in made.page.all("h1", "h2", "h3", "h4")]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    [contents] = made.page.all("nav")
    assert [it.text for it in made.page.all("a", inside=contents)] == [f"Part {number}" for number in range(6)]
    assert all(it.attributes.get("scope") for it in made.page.all("th"))


def test_links_to_what_is_not_sent_with_the_page_are_words(made: Made) -> None:
    assert "See another or the web." in made.page.all("main")[0].text


def test_in_print_the_page_is_a4_and_nothing_is_cut_or_of_no_use(made: Made) -> None:
    [style] = made.page.all("style")
    printed = style.text.partition("@media print {")[2]
    assert "@page { size: A4;" in style.text
    assert "nav, .skip, .notebook, .save { display: none; }" in printed
    assert "figure, img, tr, .finding, .warning { break-inside: avoid; }" in printed
    assert "content: attr(href)" not in style.text


def test_what_is_not_for_sharing_is_neither_run_nor_sent(made: Made) -> None:
    for text in (made.text, json.dumps(made.notebook)):
        assert "for the holder alone" not in text and "not_installed" not in text


def test_neither_file_names_a_folder_of_the_machine(made: Made) -> None:
    for text in (made.text, json.dumps(made.notebook)):
        for folder in (made.path.parent, made.path.parent.parent, Path.home(), Path("/tmp/tmp")):
            assert f"{folder}/" not in text and f"{folder}\\" not in text
    assert "seen by programmers" not in made.text, "a warning names the file that it comes from"


def test_the_notebook_beside_the_page_has_its_values_and_results_and_no_drawings(made: Made) -> None:
    cell = next(it for it in made.notebook.cells if "parameters" in it.metadata.get("tags", []))
    assert cell.source == "workbook = 'visits.xlsx'  # yours\nthreshold = 7\nschool_threshold = None"
    outputs = [output for it in made.notebook.cells for output in it.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 2
    assert not any("image/svg+xml" in output.get("data", {}) for output in outputs)
    assert [it.execution_count for it in made.notebook.cells if it.cell_type == "code"] == list(range(1, 10))


def test_the_code_and_the_parameters_are_not_on_the_page_and_what_is_printed_is(made: Made) -> None:
    assert "workbook" not in made.text and "read_survey" not in made.text
    [printed] = [it.text for it in made.page.all("pre") if "threshold" in it.text]
    assert printed.strip() == "threshold 7 \ufffdtxt.exe\ufffd"


# ---------------------------------------------------------------------------------------------------- text stays text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_is_in_tables_and_sentences(made: Made, text: str) -> None:
    shown = printable(text)
    assert [it.text for it in made.page.all("th") if it.attributes["scope"] == "row"].count(shown) == 1
    [sentence] = [it.text for it in made.page.all("p") if it.attributes.get("class") == "finding"]
    assert shown in sentence


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_chart_is_text_in_its_description(made: Made, text: str) -> None:
    assert any(printable(text) in image.attributes["alt"] for image in made.page.all("img"))


def test_nothing_unseen_is_left_on_the_page(made: Made) -> None:
    assert printable(made.text) == made.text
    assert "\ufffdtxt.exe\ufffd" in made.text


def test_markdown_that_is_shown_by_code_does_not_go_out(made: Made) -> None:
    assert "alert(2)" not in made.text


@given(st.text())
def test_what_is_printable_can_be_read_as_it_stands_and_stays_so(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text) and printable(shown) == shown
    assert all(it == "\ufffd" or it in "\n\t\r" or it >= " " for it in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\x7f")
    shown.encode("utf-8")


# --------------------------------------------------------------------------------------------- charts that can be saved


def saved(made: Made) -> list[dict[str, bytes]]:
    """The files below each picture, by their endings."""
    return [
        {
            link.attributes["download"].rpartition(".")[2]: b64decode(link.attributes["href"].partition(",")[2])
            for link in made.page.all("a", inside=below)
        }
        for below in made.page.all("p")
        if below.attributes.get("class") == "save"
    ]


def test_below_every_picture_are_two_links_that_say_what_they_save(made: Made) -> None:
    images = made.page.all("img")
    links = [it for it in made.page.all("a") if "download" in it.attributes]
    assert len(images) == 2 and len(links) == 4
    assert len({it.attributes["download"] for it in links}) == 4 == len({it.text for it in links})
    for image, png, svg in zip(images, links[::2], links[1::2], strict=True):
        assert png.attributes["href"] == image.attributes["src"]
        assert svg.attributes["href"].startswith("data:image/svg+xml;base64,")
        for link, form in ((png, "PNG"), (svg, "SVG")):
            said = re.fullmatch(rf"Save as {form}: (.+)", link.text)
            assert said and image.attributes["alt"].startswith(said[1])
            assert re.fullmatch(rf"\d\d(-[a-z0-9]+)+\.{form.lower()}", link.attributes["download"])


def test_a_saved_picture_holds_its_title_description_and_provenance(made: Made) -> None:
    for image, files in zip(made.page.all("img"), saved(made), strict=True):
        alt = image.attributes["alt"]
        picture = Image.open(BytesIO(files["png"]))
        picture.load()
        about = picture.text  # type: ignore[attr-defined]
        drawing = " ".join(fromstring(files["svg"]).itertext())
        assert about["Description"] == alt and alt in drawing
        assert about["Source"] == "Provenance: observed" and "Provenance: observed" in drawing
        assert alt.startswith(about["Title"]) and about["Title"] in drawing


def test_a_saved_drawing_is_xml_in_which_nothing_acts_or_loads(made: Made) -> None:
    for files in saved(made):
        for element in fromstring(files["svg"]).iter():
            assert element.tag.rpartition("}")[2] not in ("script", "foreignObject", "iframe", "image", "a", "animate")
            for name, value in element.attrib.items():
                local = name.rpartition("}")[2]
                assert not local.startswith("on")
                assert local not in ("href", "src") or value.startswith("#"), value
                assert all(it.startswith("#") for it in re.findall(r"url\(['\"]?([^)]*)\)", value))


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")
def test_a_chart_gives_the_file_that_it_saves(tmp_path: Path) -> None:
    chart = charts.schools(
        Tally(label="a", count=1, base=2, provenance=Provenance.OBSERVED), words="a\x07 <b> -- \u202ec"
    )
    for form in ("png", "svg"):
        chart.save(tmp_path / f"chart.{form}")
        assert (tmp_path / f"chart.{form}").read_bytes() == chart.file(form)
    assert fromstring(chart.file("svg")) is not None
    with pytest.raises(InputError, match=r"^form must be one of 'png', 'svg', not 'pdf'$"):
        chart.file("pdf")


def test_a_file_name_is_whole_words_of_what_the_chart_says() -> None:
    assert single_pages._file_name("../../etc: <script> " + "long " * 30, 3) == "03-etc-script-" + "-".join(
        ["long"] * 10
    )
    assert single_pages._file_name("\u202e ... $", 12) == "12-chart"


# ------------------------------------------------------------------------------------------------------- parameters

VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c", "é"]), VALUES), st.sampled_from(["\n", "\r\n", "; "]))
def test_a_parameter_gets_any_plain_value_and_the_others_keep_theirs(values: dict[str, Any], between: str) -> None:
    source = between.join(["é = 'é'", "a = -1", 'b = ("x"\n "y")', "c = None"]) + "  # kept = 1"
    given_values = with_parameters(new_notebook(cells=[parameters(source)]), values, name="mine.ipynb").cells[0].source
    assert given_values.endswith("  # kept = 1")
    statements = [it for it in ast.parse(given_values).body if isinstance(it, ast.Assign)]
    found = {it.targets[0].id: ast.literal_eval(it.value) for it in statements if isinstance(it.targets[0], ast.Name)}
    expected = {"é": "é", "a": -1, "b": "xy", "c": None} | values
    assert found == expected and [type(found[name]) for name in expected] == [type(it) for it in expected.values()]


def test_the_notebook_that_is_given_stays_as_it_is() -> None:
    before = notebook()
    with_parameters(before, {"threshold": 9}, name="mine.ipynb")
    assert before.cells[1].source == parameters().source


@pytest.mark.parametrize(
    ("source", "values", "said"),
    [
        (
            "threshold = 5",
            {"treshold": 3},
            "mine.ipynb has no parameter 'treshold' in the cell tagged 'parameters'; did you mean 'threshold'?",
        ),
        (
            "a = 5",
            {"workbook": "v.xlsx"},
            "mine.ipynb has no parameter 'workbook' in the cell tagged 'parameters'; add a line workbook = 'v.xlsx' "
            "there",
        ),
        ("a = 1\na = 2", {}, "mine.ipynb gives the parameter 'a' twice; keep one of them"),
        (
            "a = 1\nimport os",
            {},
            "line 2 of the cell tagged 'parameters' of mine.ipynb is more than a plain value; write one plain value a "
            "line there, such as threshold = 5",
        ),
        *(
            (
                source,
                {},
                "line 1 of the cell tagged 'parameters' of mine.ipynb is more than a plain value; write one plain "
                "value a line there, such as threshold = 5",
            )
            for source in ("a = b = 1", "a = [1]", "a = print(1)", "a = b'1'", "a += 1", "a.b = 1", "a, b = 1, 2")
        ),
        (
            "a = ",
            {},
            "the cell tagged 'parameters' of mine.ipynb is no Python; write one plain value a line there, such as "
            "threshold = 5",
        ),
        ("a = 1", {"a": [1]}, "the parameter 'a' must be a text, a number, True, False or None, not [1]"),
        ("a = 1", {"a": float("inf")}, "the parameter 'a' must be a text, a number, True, False or None, not inf"),
    ],
)
def test_parameters_that_cannot_be_given_are_told(source: str, values: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        with_parameters(new_notebook(cells=[parameters(source)]), values, name="mine.ipynb")
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ([], "none"),
        ([parameters(), parameters()], "2"),
        ([new_markdown_cell("a = 1", metadata={"tags": ["parameters"]})], "one of words"),
    ],
)
def test_a_notebook_has_one_cell_of_parameters(cells: list[NotebookNode], found: str) -> None:
    with pytest.raises(InputError) as error:
        with_parameters(new_notebook(cells=cells), {}, name="mine.ipynb")
    assert str(error.value) == f"mine.ipynb must have one cell of code tagged 'parameters', and has {found}; tag one"


# ----------------------------------------------------------------------------------------- what a page must not hold


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("<p>a</p><script>b</script>", "<script>"),
        ('<p onclick="b">a</p>', "<p onclick=...>"),
        ('<a href="javascript:b">a</a>', "<a href=...>"),
        ('<a href="data:text/html,b">a</a>', "<a href=...>"),
        ('<A HREF="https://example.org">a</A>', "<a href=...>"),
        ('<img src="data:image/svg+xml;base64,AA" alt="">', "<img src=...>"),
        ('<img srcset="b.png 2x" src="data:image/png;base64,AA" alt="">', "<img srcset=...>"),
        ("<svg><use/></svg>", "<svg>"),
        ('<p style="background: url(b)">a</p>', "<p style=...>"),
        ("<style>p { color: red }</style>", "<style>"),
        ('<meta http-equiv="refresh" content="0">', "<meta>"),
    ],
)
def test_what_acts_loads_or_leads_away_is_refused(body: str, shown: str) -> None:
    with pytest.raises(InputError) as error:
        check_harmless(body, name="mine.ipynb")
    assert str(error.value) == (
        f"mine.ipynb shows {shown}, which a page that is sent on does not hold; show it as a table, a sentence or a "
        "chart"
    )


def test_words_tables_and_pictures_are_let_through() -> None:
    check_harmless(
        '<h1 id="a">b<a class="anchor-link" href="#a">¶</a></h1><table><tr><th scope="col" style="text-align: right">c'
        '</th></tr></table><img src="data:image/png;base64,AA" alt="onclick=1 <script>">',
        name="mine.ipynb",
    )


@pytest.mark.parametrize("link", ["https://example.org", "other.ipynb", "javascript:a", "//example.org", ""])
def test_a_way_out_becomes_words(link: str) -> None:
    assert (
        without_ways_out(f'<p>a <a class="b" href="{link}" title="c">d <em>e</em></a> f</p>')
        == "<p>a d <em>e</em> f</p>"
    )


# ------------------------------------------------------------------------------------------------- when something fails


@pytest.fixture
def visits(tmp_path: Path) -> Path:
    path = tmp_path / "visits.xlsx"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def unexecuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notebooks are taken as they are: for tests of what is around them."""
    monkeypatch.setattr(single_pages, "execute", lambda notebook, name, **_: notebook)


def refused(visits: Path, out: Path, made: NotebookNode, **more: Any) -> str:
    """Why no page is written; one that was there stays, and nothing is left beside it."""
    source = save(made, visits.parent / "mine.ipynb")
    if not out.exists():
        out.write_text("old", encoding="utf-8")
    before = {path: path.read_bytes() for path in visits.parent.rglob("*") if path.is_file()}
    with pytest.raises(InputError) as error:
        write_single_page(visits, out, notebook=source, **more)
    assert {path: path.read_bytes() for path in visits.parent.rglob("*") if path.is_file()} == before
    return str(error.value)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise ValueError('a\\nb')", "mine.ipynb failed in cell 3: ValueError: b"),
        (
            "import survey_analysis as sa\nraise sa.InputError('threshold must be a whole number from 2, not 1')",
            "threshold must be a whole number from 2, not 1",
        ),
    ],
    ids=["an error in a cell", "what was handed in"],
)
def test_a_run_that_fails_leaves_the_old_page(visits: Path, source: str, said: str) -> None:
    assert refused(visits, visits.parent / "out.html", notebook(source)) == said


@pytest.mark.usefixtures("unexecuted")
def test_a_notebook_that_no_report_made_is_never_replaced(visits: Path) -> None:
    out, beside = visits.parent / "out.html", visits.parent / "out.ipynb"
    mine = save(notebook(), beside)
    assert refused(visits, out, notebook(), with_notebook=True) == (
        f"{str(beside)!r} is there already and was not made by a report; move it, or name another"
    )
    mine.unlink()
    for _ in range(2):  # its own is made anew
        write_single_page(visits, out, notebook=save(notebook(), visits.parent / "x.ipynb"), with_notebook=True)
    assert nbformat.read(beside, as_version=4).metadata["survey_analysis"] == "report"


@pytest.mark.usefixtures("unexecuted")
def test_somebody_s_name_in_that_of_the_file_goes_nowhere(visits: Path) -> None:
    named = visits.rename(visits.parent / "Ada Byron.xlsx")
    page = write_single_page(named, named.parent / "out.html", notebook=save(notebook(), named.parent / "x.ipynb"))
    assert "Byron" not in page.read_text(encoding="utf-8") and "visits.xlsx" in page.read_text(encoding="utf-8")


def test_what_fails_is_told_before_anything_is_run(visits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_pages, "execute", None)
    folder, out = visits.parent, visits.parent / "out.html"
    assert "name it 'out.html'" in refused(visits, folder / "out.txt", notebook())
    untitled = new_notebook(cells=[parameters(), new_markdown_cell("## a")])
    wanted = "must have one heading of the first rank, '# ...', and has"
    assert refused(visits, out, untitled) == f"mine.ipynb {wanted} 0; write one"
    twice = notebook(cells=(new_markdown_cell("# a"),))
    assert refused(visits, out, twice) == f"mine.ipynb {wanted} 2; write one"
    assert refused(visits, out, notebook(), parameters={"trheshold": 1}).endswith("did you mean 'threshold'?")
    visits.write_bytes(b"PK nothing")
    assert refused(visits, out, notebook()).startswith("visits.xlsx ")


def test_the_input_is_never_replaced(visits: Path) -> None:
    out = visits.parent / "out.html"
    out.hardlink_to(visits)
    assert "is the file that is read, and is never replaced" in refused(visits, out, notebook())
    (visits.parent / "mine.html").write_text("old")
    said = refused(visits, visits.parent / "mine.html", notebook(), with_notebook=True)
    assert "mine.ipynb' is the file that is read, and is never replaced" in said


@pytest.mark.parametrize("there", [True, False], ids=["over old ones", "where there were none"])
def test_both_files_are_written_or_none(
    visits: Path, unexecuted: None, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    calls, write = [], single_pages.write_aside
    files = [visits.parent / f"out.{ending}" for ending in ("html", "ipynb")]
    for file in files if there else ():
        old = notebook()
        old.metadata["survey_analysis"] = "old"
        file.write_text(nbformat.writes(old), encoding="utf-8")
    before = {file: file.read_bytes() for file in files if file.exists()}

    def fails_once(path: Path, content: bytes) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise InputError("the disk is full")
        write(path, content)

    monkeypatch.setattr(single_pages, "write_aside", fails_once)
    source = save(notebook(), visits.parent / "mine.ipynb")
    with pytest.raises(InputError, match="the disk is full"):
        write_single_page(visits, files[0], notebook=source, with_notebook=True)
    assert calls[:2] == files
    assert {file: file.read_bytes() for file in files if file.exists()} == before
    assert sorted(visits.parent.iterdir()) == sorted([visits, source, *(files if there else ())])


def test_a_notebook_that_shows_what_acts_makes_no_page(visits: Path, unexecuted: None) -> None:
    shown = new_output("display_data", data={"text/html": "<b>a</b><script>b</script>"})
    said = refused(visits, visits.parent / "out.html", notebook(cells=(new_code_cell("1", outputs=[shown]),)))
    assert said.startswith("mine.ipynb shows <script>, which a page that is sent on does not hold; ")


def test_a_name_that_cannot_be_shown_is_refused(visits: Path) -> None:
    turned = visits.rename(visits.with_name("a\u202eb.xlsx"))
    said = refused(turned, visits.parent / "out.html", notebook())
    shown = visits.with_name("a\ufffdb.xlsx")
    assert said == f"the name of '{shown}' has signs that cannot be shown; rename it"


def test_a_name_is_text_in_the_page_and_a_value_in_the_notebook(visits: Path, unexecuted: None) -> None:
    named = visits.rename(visits.with_name("<i>'x' & \"y\" £.xlsx"))
    source = save(notebook(), visits.parent / "mine.ipynb")
    out = write_single_page(named, visits.parent / "out.html", notebook=source, with_notebook=True)
    [title] = read(out).all("title")
    assert title.text == f"What did they find? - {named.name}"
    assert f"workbook = {named.name!r} " in nbformat.read(out.with_suffix(".ipynb"), as_version=4).cells[1].source


# -------------------------------------------------------------------------------------------- folders, and the command


def test_a_folder_of_tables_is_read_as_well(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(DATA, tmp_path / "my visits"))
    shows = (
        "import os\nimport survey_analysis as sa\nlen(sa.read_survey(workbook).visits), sorted(os.listdir(workbook))"
    )
    source = save(notebook(shows), tmp_path / "mine.ipynb")
    page = read(write_single_page(folder, tmp_path / "out.html", notebook=source))
    [shown] = page.all("pre")
    assert shown.text.strip() == "(59, ['costs.csv', 'dictionary.csv', 'pupil_groups.csv', 'visits.csv'])"


def test_claims_and_assumptions_that_are_named_are_told_at_the_end(visits: Path, unexecuted: None) -> None:
    shown = new_output(
        "display_data",
        data={"text/html": '<table><tr><td data-label="assuming">tes-base-59, no-such-id</td></tr></table>'},
    )
    source = save(notebook(cells=(new_code_cell("1", outputs=[shown]),)), visits.parent / "mine.ipynb")
    page = read(write_single_page(visits, visits.parent / "out.html", notebook=source))
    assert [it.attributes["href"] for it in page.all("a") if it.attributes.get("class") == "id"] == ["#tes-base-59"]
    assert [it.attributes["id"] for it in page.all("dt")] == ["tes-base-59"]


def test_lines_that_run_first_leave_nothing_in_the_notebook() -> None:
    done = execute(new_notebook(cells=[new_code_cell("a + 1")]), "mine.ipynb", first=["a = 1", "b = 'it''s'"])
    [cell] = done.cells
    assert (cell.source, cell.execution_count, cell.outputs[0].data["text/plain"]) == ("a + 1", 1, "2")


@pytest.fixture
def command(visits: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The command with a notebook of ours in the place of the one that it runs, taken as it is."""
    source = save(notebook(), visits.parent / "08.ipynb")
    monkeypatch.setitem(write_single_page.__kwdefaults__ or {}, "notebook", source)
    monkeypatch.chdir(visits.parent)
    return visits


def test_the_command_says_where_the_page_is(
    command: Path, unexecuted: None, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["report", "visits.xlsx", "--out", "out.html", "--threshold", "10", "--school-threshold", "3"]
    assert cli.main([*arguments, "--notebook"]) == 0
    page = command.parent / "out.html"
    assert capsys.readouterr() == (f"The report is in {page}; open it in a browser: {page.as_uri()}\n", "")
    assert nbformat.read(page.with_suffix(".ipynb"), as_version=4).cells[1].source == (
        "workbook = 'visits.xlsx'  # yours\nthreshold = 10\nschool_threshold = 3"
    )


def test_without_options_the_page_is_report_html_and_the_notebook_s_own_rule_for_schools_holds(
    command: Path, unexecuted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[NotebookNode] = []
    monkeypatch.setattr(single_pages, "execute", lambda notebook, name, **_: ran.append(notebook) or notebook)
    assert cli.main(["report", str(command)]) == 0
    assert (command.parent / "report.html").is_file() and not (command.parent / "report.ipynb").exists()
    assert ran[0].cells[1].source.endswith("threshold = 5\nschool_threshold = None")


def test_the_command_tells_what_is_wrong_and_makes_no_page(command: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", "none.xlsx"]) == 2
    command.write_bytes(CONTENT[:500])
    assert cli.main(["report", "visits.xlsx"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 2
    folder = Path(shutil.copytree(DATA, command.parent / "folder"))
    (folder / "visits.csv").write_text((folder / "visits.csv").read_text().replace(",good,", ",goood,", 1))
    assert cli.main(["report", "folder"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("1 error, to be mended before anything is computed.\nerror    visits.csv, line ")
    assert "did you mean 'good'?" in err
    assert not (command.parent / "report.html").exists()


def test_progress_is_shown_only_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    small = new_notebook(cells=[new_code_cell("1"), new_markdown_cell("a"), new_code_cell(" "), new_code_cell("2")])
    execute(small, "mine.ipynb")
    assert capsys.readouterr().err == ""
    execute(small, "mine.ipynb", progress=True)
    assert "mine.ipynb:" in (shown := capsys.readouterr().err) and "0/2 [" in shown


# ----------------------------------------------------------------------------------------------------- in a browser


def test_the_page_asks_nothing_of_the_network(made: Made, tmp_path: Path) -> None:
    """And would be seen to: a picture from elsewhere is asked for, unless the policy of the page forbids it."""
    picture = '<img src="http://pictures.example/a.png" alt="">'
    forbidden = tmp_path / "forbidden.html"
    forbidden.write_text(made.text.replace("</main>", f"{picture}</main>"), encoding="utf-8")
    allowed = tmp_path / "allowed.html"
    allowed.write_text(f"<!DOCTYPE html><title>a</title>{picture}", encoding="utf-8")
    asked = requests_of(allowed, tmp_path / "profile")
    assert [it for it in asked if "pictures.example" in it]
    assert requests_of(made.path, tmp_path / "profile") == []
    assert requests_of(forbidden, tmp_path / "profile") == []


@pytest.mark.parametrize("width", [1280, 500], ids=["desktop", "phone"])
def test_axe_finds_nothing_wrong(made: Made, tmp_path: Path, width: int) -> None:
    assert violations(made.path, tmp_path, width=width) == []


def test_axe_would_find_what_is_wrong(made: Made, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    broken.write_text(re.sub(r'(<img [^>]*)alt="[^"]*"', r"\1", made.text).replace(' lang="en"', ""), encoding="utf-8")
    assert {"image-alt", "html-has-lang"} <= {it["id"] for it in violations(broken, tmp_path)}
