"""From a notebook to the body of a page. What it says it does not know."""

import nbformat
from nbconvert import HTMLExporter

from survey_analysis.executions import PARAMETERS, PRIVATE, Notebook
from survey_analysis.page_templates import TEMPLATES


def body_of(notebook: Notebook) -> str:
    """What an executed notebook shows, without its code and without the cells that do not go out."""
    exporter = HTMLExporter(
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
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
