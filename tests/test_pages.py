"""What a page gains over its notebook: a list of sections, ids that lead somewhere, and what is said once."""

import re

import pytest

from survey_analysis.estimates import AS_IF_RANDOM
from survey_analysis.pages import finished, linked, named_rows, said_once, with_contents
from survey_analysis.rendering import Sentence, Table


def section(title: str, place: str) -> str:
    return f'<h2 id="{place}">{title}<a class="anchor-link" href="#{place}">¶</a></h2><p>words</p>'


@pytest.mark.parametrize(("sections", "listed"), [(0, 0), (1, 0), (5, 0), (6, 6), (12, 12)])
def test_a_page_with_more_than_five_sections_lists_them(sections: int, listed: int) -> None:
    body = "<p>answer</p>" + "".join(section(f"Part {n}", f"Part-{n}") for n in range(sections))
    page = with_contents(body)
    contents = re.findall(r'<li><a href="#(Part-\d+)">(Part \d+)</a></li>', page)
    assert contents == [(f"Part-{n}", f"Part {n}") for n in range(listed)]
    assert page.count('<nav class="contents" aria-label="On this page">') == bool(listed)
    assert re.sub(r"<nav.*</nav>\n", "", page, flags=re.DOTALL) == body
    if listed:
        assert page.index("answer") < page.index("<nav") < page.index('<h2 id="Part-0"')


def test_a_list_of_sections_takes_their_words_without_what_is_around_them() -> None:
    body = "".join(section(f"Is it <em>{n}</em>, or &lt; {n}?", f"{n},-or-%3C-{n}?") for n in range(6))
    assert '<li><a href="#3,-or-%3C-3?">Is it 3, or &lt; 3?</a></li>' in with_contents(body)


def test_ids_in_cells_and_findings_lead_to_their_sentences() -> None:
    ids = {"tes-base-59", "good-use"}
    table = Table(columns=["asked", "assuming"], rows=[["tes-base-59", "tes-base-59, not-an-id and good-use"]])
    body = table._repr_html_() + Sentence("10 of 59 (assuming good-use)")._repr_html_() + "<p>good-use</p>"
    shown = linked(body, ids=ids, index="index.html")
    assert '<th scope="row">tes-base-59</th>' in shown and shown.endswith("<p>good-use</p>")
    assert re.findall(r'<a class="id" href="([^"]*)">([^<]*)</a>', shown) == [
        ("index.html#tes-base-59", "tes-base-59"),
        *[("index.html#good-use", "good-use")] * 2,
    ]
    assert "not-an-id and <a" in shown and re.sub(r"<a [^>]*>|</a>", "", shown) == body


def test_an_id_within_a_longer_one_is_left_alone() -> None:
    cell = '<td data-label="a">good-use-and-value, good-use</td>'
    assert linked(cell, ids={"good-use"}).count("<a ") == 1
    assert 'href="#good-use">good-use</a></td>' in linked(cell, ids={"good-use"})


def as_if(drawn: str = "schools", whole: str = "very many") -> str:
    return AS_IF_RANDOM.format(drawn=drawn, whole=whole)


def test_what_intervals_suppose_stands_in_full_once_and_then_in_short() -> None:
    notes = [as_if(), as_if("pupils"), as_if(), as_if(whole="a population of 1,400 or 90"), as_if("pupils"), as_if()]
    assert all(note.endswith(".") for note in notes)
    page = said_once("".join(f"<p>Method: m. {note} More.</p>\n" for note in notes))
    lines = page.splitlines()
    for place, line in {1: 0, 2: 1, 3: 3}.items():
        assert lines[line] == f'<p>Method: m. <span id="as-if-{place}">{notes[line]}</span> More.</p>'
    short = 'Intervals are <a href="#as-if-{}">as if the {} had been drawn at random from very many</a>.'
    for line, place, drawn in ((2, 1, "schools"), (4, 2, "pupils"), (5, 1, "schools")):
        assert lines[line] == f"<p>Method: m. {short.format(place, drawn)} More.</p>", (
            "each still says what it supposes"
        )


def test_rows_get_the_ids_by_which_they_are_found() -> None:
    table = Table(columns=["a", "b"], rows=[["heading"], ["x", "1"], ["y", "2"]])._repr_html_()
    named = named_rows(table, ["first-row", "second-row"])
    assert '<th scope="row" id="first-row">x<' in named and '<th scope="row" id="second-row">y<' in named
    assert named.count(" id=") == 2


def test_links_lead_to_pages_and_headers_say_what_they_head() -> None:
    body = '<a href="00-start%20here.ipynb#x">a</a><table><tr><th>a</th><th scope="row">b</th></tr></table>'
    shown = finished(body, pages={"00-start here.ipynb": "00-start here.html"}, ids=(), index="index.html")
    assert (
        shown
        == '<a href="00-start%20here.html#x">a</a><table><tr><th scope="col">a</th><th scope="row">b</th></tr></table>'
    )
