"""From a notebook to the body of a page, and from a body to a whole page. What a page says it does not know."""

from collections.abc import Sequence
from pathlib import Path

import nbformat
from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from nbconvert import HTMLExporter

from survey_analysis.executions import PARAMETERS, PRIVATE, Notebook

_TEMPLATES = Path(__file__).parent / "templates"


def body_of(notebook: Notebook) -> str:
    """What an executed notebook shows, without its code and without the cells that do not go out."""
    exporter = HTMLExporter(
        template_name="report",
        extra_template_basedirs=[str(_TEMPLATES)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        mathjax_url="",
        require_js_url="",
        config={"TagRemovePreprocessor": {"enabled": True, "remove_cell_tags": [PRIVATE, PARAMETERS]}},
    )
    body, _ = exporter.from_notebook_node(notebook)
    return str(body)


def body_of_markdown(text: str) -> str:
    """A text as a body, in the way in which those of notebooks are made."""
    return body_of(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text, id="text")]))


def heading(notebook: Notebook) -> str:
    """The first heading of the first rank, empty where there is none."""
    heads = (line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line.removeprefix("# ").strip() for line in heads if line.startswith("# ")), "")


def filled(template: str, **parts: object) -> str:
    """One of our templates with its parts, which are escaped unless they are `Markup`."""
    environment = Environment(loader=PackageLoader("survey_analysis"), autoescape=True)
    return environment.get_template(template).render(**parts)


def laid_out(body: str, *, title: str, footer: str, pages: Sequence[object] = (), current: str = "") -> str:
    """A whole page around a body; `pages` are those that it leads to, each with a file and a name."""
    css = Markup((_TEMPLATES / "page.css").read_text(encoding="utf-8"))
    whole = filled(
        "layout.html.j2", title=title, css=css, pages=pages, current=current, body=Markup(body), footer=footer
    )
    return f"{whole}\n"
