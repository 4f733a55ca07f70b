"""New visits as one page: a notebook is run on them, and what it shows is written into one file that can be sent on."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path

from survey_analysis.claims_file import read_claims
from survey_analysis.errors import InputError
from survey_analysis.executions import (
    PRIVATE,
    FailedCellError,
    Notebook,
    copy_of,
    execute,
    notebook_text,
    read_notebook,
)
from survey_analysis.notebook_parameters import Value, with_parameters
from survey_analysis.outputs import check_output, write_aside
from survey_analysis.page_guards import check_harmless, without_ways_out
from survey_analysis.page_layouts import body_of, heading
from survey_analysis.page_templates import filled, laid_out
from survey_analysis.pages import finished, linked
from survey_analysis.personal_data import shared_name
from survey_analysis.rendering import printable
from survey_analysis.resources import NOTEBOOKS
from survey_analysis.surveys import TABLES
from survey_analysis.workbook_files import open_workbook

NEW_VISITS = NOTEBOOKS / "08-new-visits.ipynb"
"""The notebook that asks of new visits what was asked of the 59."""

_SHOWN = ("text/html", "image/png", "text/plain")
_LONGEST_NAME = 60
_MADE_BY = "survey_analysis"
# For this run alone: notebooks that are committed hold no drawings, and their pictures say nothing inside.
_CHARTS_AS_FILES = [
    f"get_ipython().display_formatter.formatters[{form!r}]"
    f".for_type_by_name('survey_analysis.charts.canvas', 'Chart', lambda chart: {made})"
    for form, made in {
        "image/svg+xml": "chart.file('svg').decode('utf-8')",
        "image/png": "(chart.file('png'), {'alt': chart.alt, 'provenance': chart.origin, 'title': chart.title})",
    }.items()
]


def write_single_page(
    visits: Path,
    out: Path,
    *,
    notebook: Path = NEW_VISITS,
    parameters: Mapping[str, Value] | None = None,
    with_notebook: bool = False,
    progress: bool = False,
) -> Path:
    """Run a notebook on new visits and write what it shows as one page, which needs no other file and no network.

    Cells that are tagged `not-for-sharing` are not run. The notebook sees a copy of the visits in a folder of its own,
    so that neither the page nor the notebook can name a folder of this machine.

    Parameters
    ----------
    visits
        A workbook, or a folder with visits.csv, pupil_groups.csv and costs.csv.
    out
        The page, a file ending in .html. One that is there is replaced when the new one is whole, and not before.
    notebook
        The notebook: it has one heading of the first rank, and a cell tagged `parameters` with a line for `workbook`.
    parameters
        Values for other lines of that cell.
    with_notebook
        Write the executed notebook beside the page as well, under the same name, ending in .ipynb.
    progress
        Show on the standard error how many cells have run.

    Returns
    -------
    Path
        The page, whole.

    Raises
    ------
    InputError
        Visits that cannot be read, or in which something is wrong; a place that cannot be written; a notebook that
        lacks what it must have, or fails, or shows what a page must not hold.
    """
    inputs = [visits, notebook, *(visits / f"{table}.csv" for table in TABLES)]
    page = check_output(out, suffix=".html", inputs=inputs)
    beside = _beside(page, inputs) if with_notebook else None
    name, files = _copies(visits)
    prepared = _prepared(read_notebook(notebook), {**(parameters or {}), "workbook": name}, notebook.name)
    try:
        executed = _shareable(execute(prepared, notebook.name, files=files, first=_CHARTS_AS_FILES, progress=progress))
    except FailedCellError as failed:
        if failed.kind != InputError.__name__:
            raise
        raise InputError(failed.told) from None  # about what was handed in, and not about the notebook
    written = {page: _page(executed, name, notebook.name).encode("utf-8")}
    if beside:
        written[beside] = notebook_text(_as_committed(executed)).encode("utf-8")
    _write_together(written)
    return page


def _beside(page: Path, inputs: Sequence[Path]) -> Path:
    """Where the executed notebook is written: in place of none but an earlier one."""
    beside = check_output(page.with_suffix(".ipynb"), suffix=".ipynb", inputs=inputs)
    if beside.exists() and _MADE_BY not in read_notebook(beside).metadata:
        raise InputError(f"{str(beside)!r} is there already and was not made by a report; move it, or name another")
    return beside


def _copies(visits: Path) -> tuple[str, dict[str, bytes]]:
    """What the visits are called, and the files of which they consist, by their names."""
    whole = visits.resolve()
    name = shared_name(whole.name or "visits")
    if printable(name) != name:
        raise InputError(f"the name of {printable(str(visits))!r} has signs that cannot be shown; rename it")
    if not visits.is_dir():
        return name, {name: open_workbook(visits).content}
    paths = [visits / f"{table}.csv" for table in (*TABLES, "dictionary")]
    try:
        return name, {f"{name}/{path.name}": path.read_bytes() for path in paths if path.is_file()}
    except OSError as error:
        raise InputError(f"the folder {str(visits)!r} cannot be read ({error.strerror}); allow reading it") from None


def _prepared(notebook: Notebook, parameters: Mapping[str, Value], name: str) -> Notebook:
    """The notebook with its parameters, without the cells that do not go out, if it has what a page must have."""
    titles = sum(
        len(re.findall(r"^# .*\S", cell.source, re.MULTILINE))
        for cell in notebook.cells
        if cell.cell_type == "markdown"
    )
    if titles != 1:
        raise InputError(f"{name} must have one heading of the first rank, '# ...', and has {titles}; write one")
    prepared = with_parameters(notebook, parameters, name=name)
    prepared.cells = [cell for cell in prepared.cells if PRIVATE not in cell.metadata.get("tags", ())]
    return prepared


def _shareable(notebook: Notebook) -> Notebook:
    """An executed notebook with those of its outputs that are tables, sentences, pictures and plain text.

    Warnings for programmers name folders of this machine; Markdown and scripts could be anything.
    """
    for cell in notebook.cells:
        kept = []
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                if output.name == "stdout":
                    kept.append({**output, "text": printable(output.text)})
                continue
            data = {
                form: value for form, value in output.data.items() if form in _SHOWN or _is_of_a_chart(form, output)
            }
            if data:
                kept.append({**output, "data": data})
        if "outputs" in cell:
            cell.outputs = kept
    return copy_of(notebook)


def _is_of_a_chart(form: str, output: Notebook) -> bool:
    return form == "image/svg+xml" and "provenance" in output.metadata.get("image/png", {})


def _as_committed(notebook: Notebook) -> Notebook:
    """Without the drawings, which only the page offers; marked as the notebook of a report."""
    notebook = copy_of(notebook)
    notebook.metadata[_MADE_BY] = "report"
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("image/svg+xml", None)
    return notebook


def _page(notebook: Notebook, visits: str, name: str) -> str:
    """An executed notebook as a whole page."""
    body = without_ways_out(body_of(_with_files(notebook)))
    body = finished(_with_ids_explained(body), pages={}, ids=(), index="")
    check_harmless(body, name=name)
    footer = f"Made by survey_analysis from {visits}; each table and chart says where its numbers come from."
    return printable(laid_out(body, title=f"{heading(notebook)} - {visits}", footer=footer))


def _with_files(notebook: Notebook) -> Notebook:
    """A notebook whose pictures know the files as which they can be saved."""
    notebook, number = copy_of(notebook), 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            drawing = output.get("data", {}).pop("image/svg+xml", None)
            if drawing is None:
                continue
            number += 1
            about = output.metadata["image/png"]
            name, title = _file_name(about["title"], number), about["title"]
            svg = b64encode(drawing.encode("utf-8")).decode("ascii")
            png = output.data["image/png"].replace("\n", "")
            about["files"] = [
                {
                    "form": form.upper(),
                    "name": f"{name}.{form}",
                    "title": title,
                    "address": f"data:{kind};base64,{data}",
                }
                for form, kind, data in (("png", "image/png", png), ("svg", "image/svg+xml", svg))
            ]
    return notebook


def _file_name(title: str, number: int) -> str:
    """A name that tells what the chart says, of letters and digits that every system takes.

    >>> _file_name("10 of 59 schools: <good> use", 3)
    '03-10-of-59-schools-good-use'
    """
    words = re.findall(r"[a-z0-9]+", title.lower())
    while len("-".join(words)) > _LONGEST_NAME:
        words.pop()
    return f"{number:02}-{'-'.join(words) or 'chart'}"


def _with_ids_explained(body: str) -> str:
    """A body whose claims and assumptions lead to their sentences at its end."""
    claims = read_claims()
    told = {claim.id: claim.statement for claim in claims}
    told |= {name: assumption.statement for name, assumption in claims.assumptions.items()}
    body = linked(body, ids=told.keys())
    named = {name: sentence for name, sentence in told.items() if f'href="#{name}"' in body}
    return body + (filled("sentences.html.j2", sentences=named) if named else "")


def _write_together(written: Mapping[Path, bytes]) -> None:
    """Both files or none: where the second cannot be written, the first is put back as it was."""
    before = {path: path.read_bytes() if path.exists() else None for path in written}
    done: list[Path] = []
    try:
        for path, content in written.items():
            write_aside(path, content)
            done.append(path)
    except BaseException:
        for path in done:
            old = before[path]
            if old is None:
                path.unlink()
            else:
                write_aside(path, old)
        raise
