"""The committed notebooks: run in order, free of logic, the answer first, and honest about their numbers.

That their outputs are still what the package gives is compared by nbval, when the folder of the notebooks is tested.
"""

import ast
import re
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from survey_analysis.estimates import Provenance
from survey_analysis.resources import NOTEBOOKS

ROOT = Path(__file__).resolve().parents[1]
NAMES = [
    "00-start-here",
    "01-making-good-use",
    "02-widening-gaps",
    "03-value-for-money",
    "04-actions-and-pitfalls",
    "05-other-surveys",
    "06-what-is-fixed",
    "07-do-inspectors-agree",
    "08-new-visits",
    "09-national-scale",
    "10-self-evaluation",
]
NEW_VISITS = "08-new-visits"
"""Shows visits that somebody makes, which are no reconstruction; under its own name, those of the example."""

READ = {path.stem: nbformat.read(path, as_version=4) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
LOGIC = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.If,
    ast.IfExp,
    ast.Try,
    ast.With,
    ast.comprehension,
    ast.Match,
    ast.Global,
)
PROVENANCES = re.compile("|".join(word.value for word in Provenance))
ORIGIN = rf"(?:{PROVENANCES.pattern})(?:, assuming [a-z0-9-]+(?: and [a-z0-9-]+)*)?"
MOST_LINES = 8


def code(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells of code that show something; the one with the parameters shows nothing."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and not is_of_parameters(cell)]


def is_of_parameters(cell: NotebookNode) -> bool:
    return "parameters" in cell.metadata.get("tags", ())


def displayed(notebook: NotebookNode, kind: str) -> list[tuple[NotebookNode, NotebookNode]]:
    """Cell and output, for every output that has a form of this kind."""
    return [(cell, out) for cell in code(notebook) for out in cell.outputs if kind in out.get("data", {})]


def test_these_are_the_notebooks() -> None:
    assert list(READ) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_valid_notebook_of_the_current_form(name: str) -> None:
    notebook = READ[name]
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_it_names_no_version_of_python(name: str) -> None:
    assert READ[name].metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert not any(key != "tags" for cell in READ[name].cells for key in cell.metadata)


@pytest.mark.parametrize("name", NAMES)
def test_it_was_run_from_top_to_bottom(name: str) -> None:
    cells = [cell for cell in READ[name].cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type in ("execute_result", "display_data"), output
            assert output.get("execution_count") in (None, cell.execution_count)


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_that_ends_in_an_expression_shows_it(name: str) -> None:
    """So a notebook whose outputs were stripped does not pass for one that was compared."""
    for cell in code(READ[name]):
        assert isinstance(ast.parse(cell.source).body[-1], ast.Expr), "a cell is there to show something"
        assert [output.output_type for output in cell.outputs] == ["execute_result"]
        assert cell.outputs[0].data["text/plain"].strip()


@pytest.mark.parametrize("name", NAMES)
def test_code_is_short_and_free_of_logic(name: str) -> None:
    for cell in code(READ[name]):
        assert len([line for line in cell.source.splitlines() if line.strip()]) <= MOST_LINES
        assert not cell.source.lstrip().startswith(("%", "!")) and not cell.source.rstrip().endswith(";")
        found = [type(node).__name__ for node in ast.walk(ast.parse(cell.source)) if isinstance(node, LOGIC)]
        assert found == []


@pytest.mark.parametrize("name", NAMES)
def test_it_imports_nothing_but_the_package_and_perhaps_pandas(name: str) -> None:
    statements = [node for cell in code(READ[name]) for node in ast.walk(ast.parse(cell.source))]
    assert not any(isinstance(node, ast.ImportFrom) for node in statements)
    found = [(it.name, it.asname) for node in statements if isinstance(node, ast.Import) for it in node.names]
    assert found[0] == ("survey_analysis", "sa")
    assert set(found) <= {("survey_analysis", "sa"), ("pandas", "pd")}


@pytest.mark.parametrize("name", NAMES)
def test_the_question_stands_first_and_the_answer_next(name: str) -> None:
    first, second, *_ = (cell for cell in READ[name].cells if not is_of_parameters(cell))
    assert first.cell_type == "markdown"
    assert re.fullmatch(r"# [A-Z].*\?", first.source), "one line: a heading that asks"
    assert second.cell_type == "code" and second.outputs
    answer = second.outputs[0].data  # a claim, a sentence, a table or a chart
    assert PROVENANCES.search(answer.get("text/html", answer["text/plain"]))
    headings = [line for cell in READ[name].cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    assert sum(line.startswith("# ") for line in headings) == 1


@pytest.mark.parametrize("name", [name for name in NAMES if name != NEW_VISITS])
def test_it_says_what_would_differ_in_another_reconstruction(name: str) -> None:
    last = READ[name].cells[-1]
    assert last.cell_type == "markdown"
    _, heading, rest = last.source.rpartition("## What would differ in another reconstruction\n")
    assert heading and len(rest.split()) > 5


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_is_described_and_the_description_is_compared(name: str) -> None:
    pictures = displayed(READ[name], "image/png")
    assert pictures
    for _, output in pictures:
        alt = output.metadata["image/png"]["alt"]
        assert output.data["text/plain"] == alt
        [origin] = re.findall(rf"\. \(({ORIGIN})\)$", alt)
        assert len(alt) > 80 and output.metadata["image/png"] == {"alt": alt, "provenance": origin}
        assert alt.startswith("Invented data: ") is (origin == "illustrative")
        assert set(output.data) == {"image/png", "text/plain"}, "SVG and PDF would be compared by their bytes"


@pytest.mark.parametrize("name", NAMES)
def test_every_table_and_sentence_says_where_its_numbers_come_from(name: str) -> None:
    shown = displayed(READ[name], "text/html")
    assert shown
    for cell, output in shown:
        html = output.data["text/html"]
        # The codebook and the list of assumptions hold no number of schools.
        assert PROVENANCES.search(html) or re.search(r"\bbook\[|\bassumption_table\(", cell.source), html[:300]
        assert ('class="survey-table' in html) is ("<table" in html), "tables of ours can be read on a phone"
        assert "<script" not in html and "http" not in html


@pytest.mark.parametrize("name", NAMES)
def test_no_bare_record_of_a_visit_is_shown(name: str) -> None:
    for cell in code(READ[name]):
        for output in cell.outputs:
            for kind in ("text/plain", "text/html"):
                shown = output.data.get(kind, "")
                assert not re.search(r"\bR\d\d\b(?! \(reconstructed\))", shown)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_machine_or_a_moment_is_in_the_outputs(name: str) -> None:
    for cell in code(READ[name]):
        for output in cell.outputs:
            text = output.data["text/plain"] + output.data.get("text/html", "")
            assert not re.search(r"0x[0-9a-f]{6,}|/(?:home|Users|tmp)/|\d\d:\d\d:\d\d|\bnan\b", text)


@pytest.mark.parametrize("name", NAMES)
def test_links_to_other_notebooks_lead_somewhere(name: str) -> None:
    text = "\n".join(cell.source for cell in READ[name].cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert all((NOTEBOOKS / link).is_file() for link in links)
    assert name != NAMES[0] or sorted(links) == [f"{it}.ipynb" for it in NAMES[1:]]


def test_nothing_is_left_out_of_the_comparison() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert {"--nbval", "--nbval-current-env"} <= set(options["addopts"])
    assert "notebooks" in options["testpaths"]
    assert not any("sanitize" in option or "lax" in option for option in options["addopts"])
    for notebook in READ.values():
        for cell in code(notebook):
            assert not re.search(r"nbval|NBVAL", cell.source)
            assert not any("nbval" in tag or tag == "raises-exception" for tag in cell.metadata.get("tags", []))
