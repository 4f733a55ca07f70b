"""The report: whole and self-contained pages, readable by everybody; and nothing lost, whatever goes wrong."""

import contextlib
import csv
import hashlib
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from page_reading import Page, read

from survey_analysis import cli, executions, report
from survey_analysis.claim_checks import check_claims
from survey_analysis.claims_file import read_claims
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance
from survey_analysis.findings import VERDICTS, Findings
from survey_analysis.page_layouts import body_of
from survey_analysis.pages import finished
from survey_analysis.resources import DATA, GLOSSARY, NOTEBOOKS
from survey_analysis.survey_files import read_survey

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
PAGES = ["index", *NAMES, "glossary"]
DRAWN = PAGES[:-1]  # the glossary has words alone
PROVENANCES = re.compile("|".join(word.value for word in Provenance))
ORIGIN = rf"(?:{PROVENANCES.pattern})(?:, assuming [a-z0-9-]+(?: and [a-z0-9-]+)*)?"
Snapshot = dict[str, bytes]


@dataclass
class Made:
    """A report, what its command said, and its status."""

    folder: Path
    status: int
    said: str
    beside: str

    def text(self, name: str) -> str:
        return (self.folder / f"{name}.html").read_text(encoding="utf-8")

    def page(self, name: str) -> Page:
        return read(self.folder / f"{name}.html")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The whole report, once for all tests; the folder above it is made as well."""
    folder = tmp_path_factory.mktemp("reproduce") / "missing" / "report"
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = cli.main(["reproduce", "--out", str(folder)])
    if not (folder / "index.html").is_file():
        pytest.fail(f"no report was made: {err.getvalue()}", pytrace=False)
    return Made(folder, status, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def findings() -> Findings:
    return check_claims()


# ------------------------------------------------------------------------------------------- the report as it stands


def test_the_command_says_where_the_report_is(made: Made, findings: Findings) -> None:
    index = made.folder / "index.html"
    assert made.status == 0
    assert made.said == f"{findings.summary()}\nThe report is in {index}; open it in a browser: {index.as_uri()}\n"
    assert made.beside == ""


def test_every_file_is_there_and_no_other(made: Made) -> None:
    files = {path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*") if path.is_file()}
    assert files == {
        report.MARK,
        "findings.csv",
        "findings.json",
        *(f"{name}.html" for name in PAGES),
        *(f"notebooks/{name}.ipynb" for name in NAMES),
    }
    assert len(NAMES) == 11
    assert list(made.folder.parent.iterdir()) == [made.folder]


def test_the_findings_are_those_of_the_command(made: Made, findings: Findings) -> None:
    assert (made.folder / "findings.json").read_bytes() == findings.to_json().encode()
    assert (made.folder / "findings.csv").read_bytes() == findings.to_csv().encode()
    with (made.folder / "findings.csv").open(encoding="utf-8", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == [finding.id for finding in findings]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such modes")
def test_others_may_read_the_report(made: Made) -> None:
    assert made.folder.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_gives_the_outputs_that_are_committed(made: Made, name: str) -> None:
    old, new = (
        nbformat.read(folder / f"{name}.ipynb", as_version=4) for folder in (NOTEBOOKS, made.folder / "notebooks")
    )
    assert [cell.source for cell in new.cells] == [cell.source for cell in old.cells]
    for before, after in zip(old.cells, new.cells, strict=True):
        texts = [[it.get("data", {}).get("text/plain") for it in cell.get("outputs", [])] for cell in (before, after)]
        assert texts[0] == texts[1]
    assert new.metadata == old.metadata
    assert not any("execution" in cell.metadata for cell in new.cells)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_works_without_a_network(made: Made, name: str) -> None:
    page = made.page(name)
    assert page.all("script", "iframe", "object", "embed", "link", "base") == []
    for element in page.elements:
        for attribute in ("src", "srcset", "poster", "data", "action", "background"):
            assert element.attributes.get(attribute, "data:").startswith("data:"), element
        assert not any(attribute.startswith("on") for attribute in element.attributes)
        assert "url(" not in element.attributes.get("style", "")
    for style in page.all("style"):
        assert "url(" not in style.text and "@import" not in style.text


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_file_of_the_report_or_a_place_on_the_page(made: Made, name: str) -> None:
    page = made.page(name)
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    links = [element.attributes["href"] for element in page.all("a") if "href" in element.attributes]
    assert len(ids) == len(set(ids))
    assert links
    for link in links:
        file, _, place = link.partition("#")
        assert ":" not in file and not file.startswith("/")
        assert not file or (made.folder / unquote(file)).is_file(), link
        there = made.page(file.removesuffix(".html")) if file and place else page
        assert not place or unquote(place) in {it.attributes.get("id") for it in there.elements}, link


def test_links_between_notebooks_lead_to_pages(made: Made) -> None:
    links = [link.attributes.get("href") for link in made.page("00-start-here").all("a")]
    for name in NAMES[1:]:
        assert links.count(f"{name}.html") == 2, "once in the navigation, once in the text"
        assert f"{name}.ipynb" not in links
    for name in PAGES:
        for link in made.page(name).all("a"):
            assert "download" in link.attributes or not link.attributes.get("href", "").endswith(".ipynb")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_links_its_notebook_and_shows_no_code(made: Made, name: str) -> None:
    page = made.page(name)
    [link] = [link for link in page.all("a") if "download" in link.attributes]
    assert link.attributes["href"] == f"notebooks/{name}.ipynb"
    assert page.elements[-1].tag == "p"
    [main] = page.all("main")
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    code = next(cell.source for cell in cells if cell.source.startswith("import ")).splitlines()
    assert code[0] == "import survey_analysis as sa"
    for line in code:
        assert not line.strip() or line not in main.text
    assert "In [" not in main.text and "Out[" not in main.text


def test_the_index_leads_to_every_page_notebook_and_file(made: Made) -> None:
    [main] = (page := made.page("index")).all("main")
    links = [link.attributes["href"] for link in page.all("a", inside=main)]
    expected = [link for name in NAMES for link in (f"{name}.html", f"notebooks/{name}.ipynb")]
    assert [it for it in links if not it.startswith("#")] == [
        *expected,
        "findings.csv",
        "findings.json",
        "glossary.html",
    ]
    assert len(page.all("tr", inside=main)) == len(json.loads((made.folder / "findings.json").read_text())) + 5


@pytest.mark.parametrize("name", PAGES)
def test_the_navigation_names_all_pages_and_marks_this_one(made: Made, name: str) -> None:
    nav, *contents = (page := made.page(name)).all("nav")
    assert [it.attributes["aria-label"] for it in contents] in ([], ["On this page"])
    links = page.all("a", inside=nav)
    assert nav.attributes["aria-label"]
    assert [link.attributes["href"] for link in links] == [f"{it}.html" for it in PAGES]
    assert all(link.text.strip() for link in links)
    assert [it.attributes["href"] for it in links if it.attributes.get("aria-current") == "page"] == [f"{name}.html"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_what_every_page_must_have(made: Made, name: str) -> None:
    text, page = made.text(name), made.page(name)
    assert text.startswith("<!DOCTYPE html>\n") and text.endswith("</html>\n") and "\r" not in text
    assert [it.attributes.get("lang") for it in page.all("html")] == ["en"]
    metas = [it.attributes for it in page.all("meta")]
    assert {"charset": "utf-8"} in metas
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in metas
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    [heading], [title] = page.all("h1"), page.all("title")
    assert heading.text.strip("\n ¶")
    assert title.text.endswith(" - music partnerships in 59 schools")
    assert name == "index" or title.text.startswith(heading.text.strip("\n ¶"))
    skip = page.all("a")[0]
    assert skip.attributes == {"class": "skip", "href": "#main"} and page.all("main")[0].attributes["id"] == "main"
    [footer] = page.all("footer")
    assert "Contains public sector information licensed under the Open Government Licence v3.0." in footer.text


@pytest.mark.parametrize("name", PAGES)
def test_headings_skip_no_level(made: Made, name: str) -> None:
    levels = [int(heading.tag[1]) for heading in made.page(name).all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", DRAWN)
def test_every_picture_is_described_in_sentences_with_its_provenance(made: Made, name: str) -> None:
    images = made.page(name).all("img")
    assert images
    for image in images:
        alt = image.attributes["alt"]
        assert len(re.findall(r"[.)](?: |$)", alt)) >= 2, "a title alone is no description"
        assert re.search(r"\d", alt) and len(alt) > 80
        assert re.search(rf"\. \({ORIGIN}\)$", alt)
        assert image.attributes["src"].startswith("data:image/png;base64,")


@pytest.mark.parametrize("name", DRAWN)
def test_under_every_picture_stands_as_text_where_its_numbers_come_from(made: Made, name: str) -> None:
    page = made.page(name)
    figures = page.all("figure")
    assert len(figures) == len(page.all("img")) == len(page.all("figcaption"))
    for figure in figures:
        [image], [caption] = page.all("img", inside=figure), page.all("figcaption", inside=figure)
        assert re.fullmatch(rf"Provenance: {ORIGIN}", caption.text)
        assert image.attributes["alt"].endswith(f"({caption.text.removeprefix('Provenance: ')})")


def test_a_picture_that_says_no_provenance_gets_no_caption_and_one_that_does_is_text() -> None:
    def shown(**about: str) -> str:
        cell = nbformat.v4.new_code_cell(
            "1",
            outputs=[nbformat.v4.new_output("display_data", data={"image/png": "AAAA"}, metadata={"image/png": about})],
        )
        return body_of(nbformat.v4.new_notebook(cells=[cell]))

    assert "<img" in shown(alt="a") and "<figcaption" not in shown(alt="a")
    assert "<figcaption>Provenance: &lt;b&gt; &amp; c</figcaption>" in shown(alt="a", provenance="<b> & c")


def test_the_first_picture_is_of_the_published_figure(made: Made) -> None:
    [image] = made.page("index").all("img")
    assert image.attributes["alt"].startswith("10 of the 59 schools made good use of partnerships")
    assert image.attributes["alt"].endswith("59 squares, of which 10 are filled. (published)")


def test_the_index_gives_the_meaning_of_every_verdict(made: Made) -> None:
    page = made.page("index")
    meanings, assumptions = page.all("dl")
    assert {it.text for it in page.all("dt", inside=assumptions)} == set(read_claims().assumptions)
    terms, texts = page.all("dt", inside=meanings), page.all("dd", inside=meanings)
    assert dict(zip((it.text for it in terms), (it.text for it in texts), strict=True)) == dict(VERDICTS)


@pytest.mark.parametrize("name", PAGES)
def test_a_table_of_ours_becomes_a_list_on_a_phone(made: Made, name: str) -> None:
    """Every cell bears the name of its column, and on a narrow page the style shows it and hides the header."""
    page = made.page(name)
    for table in page.all("table"):
        if "survey-table" in table.parents[-1].attributes.get("class", ""):
            head, *rows = page.all("tr", inside=table)
            columns = [it.text for it in page.all("th", inside=head)]
            for row in rows:
                labels = [it.attributes["data-label"] for it in page.all("td", inside=row)]
                assert labels == columns[1:] or row.attributes["class"] == "group"
    narrow = page.all("style")[0].text.partition("@media (max-width: 40rem) {")[2].partition("@media")[0]
    rules = {name.strip(): rule.strip() for name, rule in re.findall(r"([^{}]+)\{([^{}]*)\}", narrow)}
    assert "display: block" in rules[".survey-table tr, .survey-table th, .survey-table td"]
    assert 'content: attr(data-label) ": "' in rules[".survey-table td::before"]
    assert "clip-path" in rules[".survey-table thead"] and "none" in rules[".survey-table td:empty"]


@pytest.mark.parametrize("name", DRAWN)
def test_every_table_has_a_header_row_with_scopes_and_says_its_provenance(made: Made, name: str) -> None:
    page = made.page(name)
    tables = page.all("table")
    assert tables
    for table in tables:
        rows = page.all("tr", inside=table)
        first = [it for it in page.all("th", "td", inside=table) if it.inside(rows[0])]
        assert {(it.tag, it.attributes.get("scope")) for it in first} == {("th", "col")}
        assert all(it.text.strip() for it in first)
        assert all(it.attributes["scope"] in ("col", "row", "colgroup") for it in page.all("th", inside=table))
        codebook = "action" in table.text and "pitfall" in table.text
        assert codebook or PROVENANCES.search(table.text), table.text


@pytest.mark.parametrize("name", PAGES)
def test_a_table_of_ours_can_be_scrolled_with_the_keyboard_and_has_a_name(made: Made, name: str) -> None:
    for region in made.page(name).all("div"):
        if "survey-table" in region.attributes.get("class", ""):
            assert region.attributes["role"] == "region" and region.attributes["tabindex"] == "0"
            assert region.attributes["aria-label"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_that_no_row_is_a_school_or_what_its_numbers_are(made: Made, name: str) -> None:
    [main] = made.page(name).all("main")
    assert PROVENANCES.search(main.text)
    wanted = {
        "index": "No row of data here is a school that was visited.",
        "glossary": "The 59 were chosen by inspectors",
        "08-new-visits": "They were not made: they show a form.",
    }
    assert wanted.get(name, "another reconstruction") in main.text


def test_the_glossary_is_a_page_with_all_that_the_file_explains(made: Made) -> None:
    page = made.page("glossary")
    terms = re.findall(r"\*\*(.+?):?\*\*", GLOSSARY.read_text(encoding="utf-8"))
    assert [it.text.strip(":") for it in page.all("strong")] == [term.strip(":") for term in terms]
    assert len(terms) > 45
    assert [it.text.strip("\n ¶") for it in page.all("h1")] == ["Glossary"]


@pytest.mark.parametrize("name", NAMES)
def test_every_assumption_and_claim_in_a_cell_leads_to_its_sentence(made: Made, name: str) -> None:
    page, claims = made.page(name), read_claims()
    for cell in page.all("td"):
        if re.search("assuming|rests on|verdict", cell.attributes.get("data-label", "")):
            named = [it for it in re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+", cell.text) if it in claims.assumptions]
            links = [it.attributes["href"] for it in page.all("a", inside=cell)]
            assert {f"index.html#{it}" for it in named} <= set(links)
    sentences = {it.attributes.get("id"): it for it in made.page("index").elements}
    assert {it.id for it in check_claims()} | claims.assumptions.keys() <= sentences.keys()


@pytest.mark.parametrize("name", PAGES)
def test_a_long_page_lists_its_sections(made: Made, name: str) -> None:
    page = made.page(name)
    _, *contents = page.all("nav")
    sections = [it.attributes.get("id") for it in page.all("h2")]
    assert bool(contents) is (len(sections) > 5)
    for nav in contents:
        assert [it.attributes["href"].removeprefix("#") for it in page.all("a", inside=nav)] == sections


# ------------------------------------------------------------------------------------- small notebooks, quickly made


def notebook(*sources: str, title: str = "What is small?") -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_markdown_cell(f"# {title}"), *map(nbformat.v4.new_code_cell, sources)]
    made: nbformat.NotebookNode = nbformat.v4.new_notebook(cells=cells)
    return made


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with one notebook."""
    folder = tmp_path / "small"
    folder.mkdir()
    nbformat.write(notebook("1 + 1"), folder / "01-small.ipynb")
    return folder


@pytest.fixture
def unexecuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notebooks are taken as they are: for tests of what is around them."""

    def as_they_are(notebooks: Sequence[Path], *, progress: bool = False) -> dict[Path, nbformat.NotebookNode]:
        return {path: nbformat.read(path, as_version=4) for path in notebooks}

    monkeypatch.setattr(report, "execute_all", as_they_are)


@pytest.fixture
def old(tmp_path: Path, small: Path, findings: Findings, unexecuted: None) -> Path:
    """A report that is there already."""
    out = tmp_path / "report"
    report.write_report(findings[:1], out, notebooks=small)
    return out


def snapshot(folder: Path) -> Snapshot:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextlib.contextmanager
def nothing_changes(folder: Path) -> Iterator[None]:
    """Neither a byte of the folder nor what lies beside it."""
    before, beside = snapshot(folder), sorted(folder.parent.iterdir())
    yield
    assert snapshot(folder) == before
    assert sorted(folder.parent.iterdir()) == beside


def test_two_runs_give_the_same_report(tmp_path: Path, small: Path, findings: Findings, unexecuted: None) -> None:
    first, second = (report.write_report(findings, tmp_path / name, notebooks=small).parent for name in ("a", "b"))
    assert snapshot(first) == snapshot(second)
    assert {"findings.csv", "findings.json", "01-small.html", report.MARK} <= snapshot(first).keys()


def test_an_executed_notebook_is_the_same_in_two_runs(small: Path) -> None:
    [path] = small.iterdir()
    first, second = (report.execute_all([path])[path] for _ in range(2))
    assert nbformat.writes(first) == nbformat.writes(second)
    assert first.cells[1].outputs[0].data == {"text/plain": "2"}
    assert nbformat.read(path, as_version=4).cells[1].outputs == [], "the file itself is left as it is"


def ids(report: Path) -> list[str]:
    return [record["id"] for record in json.loads((report / "findings.json").read_text(encoding="utf-8"))]


def test_a_report_of_ours_is_replaced(old: Path, small: Path, findings: Findings) -> None:
    assert ids(old) == ["tuition-no-guarantee"]
    (small / "01-small.ipynb").rename(small / "02-other.ipynb")
    assert report.write_report(findings[:3], old, notebooks=small) == old / "index.html"
    assert ids(old) == [finding.id for finding in findings[:3]]
    assert (old / "02-other.html").is_file() and not (old / "01-small.html").exists()
    assert sorted(old.parent.iterdir()) == sorted([old, small])


def listed(folder: Path) -> str:
    """What the marker file of a report must hold: each file with a digest, by name."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != report.MARK]
    digests = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.relative_to(folder).as_posix()}" for path in files
    ]
    return "".join(f"{line}\n" for line in digests)


def test_the_marker_lists_every_file_with_a_digest(old: Path, made: Made) -> None:
    for folder in (old, made.folder):
        assert (folder / report.MARK).read_text(encoding="utf-8") == listed(folder)
    assert listed(old).count("\n") == 6


def refusal(name: str, out: Path) -> str:
    return (
        f"'{name}' in the folder '{out}' was added or changed since the report was written, and would be lost; move it "
        "elsewhere, or name another folder with --out"
    )


@pytest.mark.parametrize(
    "name",
    [
        *("notes.txt", ".hidden", "notebooks/mine.ipynb", "my pictures/Zoë.png", "not .DS_Store"),
        *("index.html", "findings.csv", "notebooks/01-small.ipynb"),
    ],
)
def test_a_file_that_was_added_or_changed_is_never_lost(old: Path, small: Path, findings: Findings, name: str) -> None:
    file = old / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("mine", encoding="utf-8")
    with nothing_changes(old):
        assert_refused(["--out", str(old), "--notebooks", str(small)], refusal(name, old))
    file.unlink()
    report.write_report(findings[:3], old, notebooks=small)
    assert len(ids(old)) == 3


@pytest.mark.parametrize("text", ["", "written by somebody\n"])
def test_a_marker_that_lists_nothing_protects_everything(old: Path, small: Path, text: str) -> None:
    (old / report.MARK).write_text(text, encoding="utf-8")
    with nothing_changes(old), pytest.raises(InputError, match="was added or changed since the report was written"):
        report.write_report(check_claims()[:3], old, notebooks=small)


@pytest.mark.parametrize("folder", [".", "notebooks"])
@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "desktop.ini"])
def test_what_a_system_leaves_in_every_folder_is_in_nobody_s_way(
    old: Path, small: Path, findings: Findings, name: str, folder: str
) -> None:
    (old / folder / name).write_bytes(b"\0")
    report.write_report(findings[:3], old, notebooks=small)
    assert len(ids(old)) == 3 and not (old / folder / name).exists()


def test_a_file_that_was_removed_is_not_missed(old: Path, small: Path, findings: Findings) -> None:
    (old / "findings.csv").unlink()
    report.write_report(findings[:3], old, notebooks=small)
    assert (old / "findings.csv").is_file()


@pytest.mark.parametrize("there", [True, False], ids=["into the report", "where there was none"])
def test_what_was_put_there_while_the_notebooks_ran_is_not_lost_either(
    old: Path, small: Path, findings: Findings, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    out = old if there else old.parent / "thesis"
    as_they_are = report.execute_all

    def slowly(notebooks: Sequence[Path], *, progress: bool = False) -> dict[Path, nbformat.NotebookNode]:
        out.mkdir(exist_ok=True)
        (out / "mine.txt").write_text("years of work")
        return as_they_are(notebooks, progress=progress)

    monkeypatch.setattr(report, "execute_all", slowly)
    with pytest.raises(InputError, match="would be lost; move it" if there else "so it is left alone"):
        report.write_report(findings[:3], out, notebooks=small)
    assert (out / "mine.txt").read_text() == "years of work"
    assert sorted(old.parent.iterdir()) == sorted({old, small, out})


def test_a_report_that_cannot_be_read_is_left_alone(
    old: Path, small: Path, findings: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", locked)
        with pytest.raises(InputError) as told:
            report.write_report(findings[:3], old, notebooks=small)
    assert str(told.value) == f"the folder '{old}' cannot be read (Permission denied); name another with --out"
    assert len(ids(old)) == 1


def test_an_empty_folder_is_taken(tmp_path: Path, small: Path, findings: Findings, unexecuted: None) -> None:
    out = tmp_path / "empty"
    out.mkdir()
    assert report.write_report(findings[:3], out, notebooks=small).is_file()


def test_a_folder_of_somebody_else_is_refused_and_untouched(tmp_path: Path, small: Path) -> None:
    out = tmp_path / "thesis"
    (out / "chapters").mkdir(parents=True)
    (out / "chapters" / "one.txt").write_text("years of work")
    with nothing_changes(out):
        assert_refused(
            ["--out", str(out), "--notebooks", str(small)],
            f"the folder '{out}' is not empty and was not made by this command, so it is left alone; name another with "
            "--out",
        )


def assert_refused(arguments: list[str], message: str) -> None:
    err = io.StringIO()
    with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.StringIO()):
        assert cli.main(["reproduce", *arguments]) == 1
    assert err.getvalue() == message + "\n"


def test_a_file_as_out_is_refused_and_untouched(tmp_path: Path, small: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text("mine")
    assert_refused(["--out", str(file), "--notebooks", str(small)], f"'{file}' is a file; name a folder with --out")
    assert file.read_text() == "mine"


def test_a_folder_inside_a_file_is_refused(tmp_path: Path, small: Path, findings: Findings, unexecuted: None) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match=r"/file/report' cannot be written \(.*\); choose another with --out$"):
        report.write_report(findings, tmp_path / "file" / "report", notebooks=small)


def test_a_folder_without_notebooks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert_refused(
        ["--out", str(tmp_path / "report"), "--notebooks", str(tmp_path / "empty")],
        f"there are no notebooks in the folder '{tmp_path / 'empty'}'; name one that has some",
    )
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("text", ["", "not JSON", "\x00\xff"])
def test_a_file_that_is_no_notebook_is_named(old: Path, small: Path, text: str) -> None:
    bad = small / "02-bad.ipynb"
    bad.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"02-bad.ipynb' cannot be read as a notebook; correct it, or move it"):
        executions.read_notebook(bad)


@pytest.mark.parametrize(("name", "place"), [("Index", "findings"), ("glossary", "glossary")])
def test_no_notebook_takes_the_place_of_a_page_of_ours(
    old: Path, small: Path, findings: Findings, name: str, place: str
) -> None:
    nbformat.write(notebook("1"), small / f"{name}.ipynb")
    with (
        nothing_changes(old),
        pytest.raises(InputError, match=f"would take the place of the {place}; rename the notebook"),
    ):
        report.write_report(findings, old, notebooks=small)


@pytest.mark.parametrize("marked", [False, True])
@pytest.mark.parametrize("up", [0, 1])
def test_a_folder_that_holds_the_notebooks_is_never_replaced(
    tmp_path: Path, findings: Findings, unexecuted: None, marked: bool, up: int
) -> None:
    notebooks = tmp_path / "project" / "notebooks"
    notebooks.mkdir(parents=True)
    nbformat.write(notebook("1"), notebooks / "01-mine.ipynb")
    out = [notebooks, notebooks.parent][up]
    if marked:
        (out / report.MARK).write_text(listed(out), encoding="utf-8")
    with nothing_changes(out), pytest.raises(InputError, match=r"name another with --out$"):
        report.write_report(findings, out, notebooks=notebooks)


@pytest.mark.parametrize("case", ["empty", "ours", "above", "foreign"])
def test_the_folder_that_one_is_in_is_never_replaced(
    old: Path, small: Path, findings: Findings, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    folders = {"empty": old.parent / "empty", "ours": old, "above": old / "notebooks", "foreign": old.parent}
    folders["empty"].mkdir()
    monkeypatch.chdir(folders[case])
    out = Path("..") if case == "above" else Path()
    with nothing_changes(old.parent), pytest.raises(InputError, match=r"name another with --out$"):
        report.write_report(findings, out, notebooks=small)
    assert Path.cwd().is_dir()


# ---------------------------------------------------------------------------------------------- when something fails


def test_a_notebook_that_fails_is_named_with_cell_and_error_and_the_old_report_stays(
    old: Path, small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()  # really executed
    message = "<script>alert('1 & 2')</script> \\N{POUND SIGN}5"
    nbformat.write(notebook("1", f'raise ValueError("first line\\n{message}")'), small / "02-bad.ipynb")
    with nothing_changes(old):
        assert cli.main(["reproduce", "--out", str(old), "--notebooks", str(small)]) == 1
    out, err = capsys.readouterr()
    assert err == "02-bad.ipynb failed in cell 3: ValueError: <script>alert('1 & 2')</script> £5\n"
    assert "The report is in" not in out


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "import survey_analysis as sa\nsa.possible_counts(0, count=1)",
            " in cell 2: InputError: base must be a whole number, 1 or more, not 0; give such a number",
        ),
        ("raise ValueError", " in cell 2: ValueError: no message"),
        ("import os\nos._exit(1)", ": its Python stopped, perhaps for lack of memory; close programs, try again"),
        ("while True: pass", ": a cell ran for more than 1 seconds"),
    ],
    ids=["our error", "no message", "killed", "endless"],
)
def test_every_way_to_fail_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch, source: str, said: str) -> None:
    if "while" in source:
        monkeypatch.setattr(executions, "_TIMEOUT", 1)
    with pytest.raises(InputError) as error:
        executions.execute(notebook(source), "mine.ipynb")
    assert str(error.value) == f"mine.ipynb failed{said}"


def test_a_notebook_runs_in_an_empty_folder_with_this_python(tmp_path: Path) -> None:
    done = executions.execute(notebook("import os, sys\nsys.executable, os.listdir()"), "mine.ipynb")
    assert done.cells[1].outputs[0].data["text/plain"] == repr((sys.executable, []))


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, OSError])
@pytest.mark.parametrize("step", ["_write", "_move", "main_chart", "body_of"])
def test_an_interrupted_run_leaves_the_old_report_whole_and_nothing_beside_it(
    old: Path,
    small: Path,
    findings: Findings,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
    step: str,
) -> None:
    def stop(*_: object) -> None:
        raise error

    monkeypatch.setattr(report, step, stop)
    with nothing_changes(old), pytest.raises(error):
        report.write_report(findings, old, notebooks=small)


@pytest.mark.parametrize("at", [1, 2])
def test_a_move_that_fails_leaves_the_old_report_whole_and_is_told(
    old: Path, small: Path, findings: Findings, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    calls, rename = [], Path.rename

    def fails_once(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == at:
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails_once)
    with (
        nothing_changes(old),
        pytest.raises(InputError, match=r"could not be replaced \(Permission denied\); close the programs that have"),
    ):
        report.write_report(findings, old, notebooks=small)
    assert len(calls) == [1, 3][at - 1]


def test_ctrl_c_at_the_command_line_says_that_nothing_was_lost(
    old: Path, small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "_write", stop)
    with nothing_changes(old):
        assert cli.main(["reproduce", "--out", str(old), "--notebooks", str(small)]) == 130
    assert capsys.readouterr().err.endswith("Stopped; what was there before is unchanged.\n")


@pytest.fixture
def unmet(tmp_path: Path) -> Findings:
    """Findings of which one is not met."""
    data = Path(shutil.copytree(DATA, tmp_path / "data"))
    text = (data / "visits.csv").read_text(encoding="utf-8")
    (data / "visits.csv").write_text(text.replace(",outstanding,", ",inadequate,", 1), encoding="utf-8")
    return check_claims(survey=read_survey(data))


def test_a_figure_not_met_is_reported_and_the_status_is_1(
    tmp_path: Path,
    small: Path,
    unmet: Findings,
    unexecuted: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(cli, "check_claims", lambda: unmet)
    out = tmp_path / "report"
    assert cli.main(["reproduce", "--out", str(out), "--notebooks", str(small)]) == 1
    said, beside = capsys.readouterr()
    assert "NOT MET grade-outstanding: 2 of 59" in beside
    assert said.startswith(f"{unmet.summary()}\nThe report is in ")
    index = (out / "index.html").read_text(encoding="utf-8")
    assert "NOT MET (2 of 59 in the tables is 3%, published 5%)" in index
    assert "10 of the 59 schools made good use of partnerships for all groups of pupils and got good value." in index


@pytest.mark.parametrize("step", ["execute_all", "_write", "_move"])
def test_the_summary_is_said_only_when_the_report_is_there(
    tmp_path: Path,
    small: Path,
    unmet: Findings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    step: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise InputError("it cannot be done; do something else")

    monkeypatch.setattr(cli, "check_claims", lambda: unmet)
    monkeypatch.setattr(report, step, fail)
    assert cli.main(["reproduce", "--out", str(tmp_path / "report"), "--notebooks", str(small)]) == 1
    assert capsys.readouterr() == ("", "it cannot be done; do something else\n")
    assert not (tmp_path / "report").exists()


# ------------------------------------------------------------------------------------------- notebooks of one's own


def test_titles_and_names_of_notebooks_are_text(tmp_path: Path, findings: Findings, unexecuted: None) -> None:
    folder, out = tmp_path / "own", tmp_path / "report"
    folder.mkdir()
    links = "[a](2012.ipynb) [b](b%26%20%22c%22%20%23d.ipynb#Part)"
    nbformat.write(notebook(title=f"Is 1 < 2 & <i>so</i>?\n{links}"), folder / "2012.ipynb")
    nbformat.write(notebook(), folder / 'b& "c" #d.ipynb')
    report.write_report(findings[:2], out, notebooks=folder)
    for file in out.glob("*.html"):
        page = read(file)
        nav, *_ = page.all("nav")
        assert [link.text for link in page.all("a", inside=nav)] == ["Findings", "2012", 'B& "c" #d', "Glossary"]
        for link in page.all("a"):
            target = link.attributes["href"].partition("#")[0]
            assert not target or (out / unquote(target)).is_file(), target
    [title] = read(out / "2012.html").all("title")
    assert title.text.startswith("Is 1 < 2 & <i>so</i>? - ")
    text = (out / "2012.html").read_text(encoding="utf-8")
    assert 'href="2012.html"' in text and 'href="b%26%20%22c%22%20%23d.html#Part"' in text


def test_a_markdown_table_gets_scopes_and_a_table_of_ours_keeps_its_own() -> None:
    body = '<table><thead><tr><th>a</th><th style="text-align: right">b</th></tr></thead><th scope="row">c</th>'
    assert finished(body, pages={}, ids=(), index="index.html") == (
        '<table><thead><tr><th scope="col">a</th><th scope="col" style="text-align: right">b</th></tr></thead>'
        '<th scope="row">c</th>'
    )


def test_progress_is_shown_only_when_asked_for(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = list(small.iterdir())
    report.execute_all(paths)
    assert capsys.readouterr().err == ""
    report.execute_all(paths, progress=True)
    assert "notebooks" in capsys.readouterr().err
