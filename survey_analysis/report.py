"""Executed notebooks as pages that work without a network, and the findings beside them. It computes nothing."""

import hashlib
import shutil
import tempfile
from base64 import b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from survey_analysis import charts
from survey_analysis.claims import Claims
from survey_analysis.claims_file import read_claims
from survey_analysis.context import published_tally
from survey_analysis.errors import InputError
from survey_analysis.executions import Notebook, execute_all, notebook_text
from survey_analysis.findings import VERDICTS, Findings
from survey_analysis.page_layouts import body_of, body_of_markdown, heading
from survey_analysis.page_templates import filled, laid_out
from survey_analysis.pages import finished, linked, named_rows
from survey_analysis.resources import GLOSSARY, NOTEBOOKS

MARK = ".survey-analysis-report"
"""A file of this name says that a folder was written by this module, and may be replaced by it."""

_FOOTER = (
    "Made by survey_analysis from published figures, a reconstruction and illustrations; see each table and chart."
)


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the report: its file, its name in the navigation, its title, and the notebook that it shows."""

    file: str
    name: str
    title: str
    notebook: str = ""


_INDEX = Page(file="index.html", name="Findings", title="Findings")
_GLOSSARY = Page(file="glossary.html", name="Glossary", title="Glossary")


def write_report(findings: Findings, out: Path, *, notebooks: Path = NOTEBOOKS, progress: bool = False) -> Path:
    """Execute the notebooks and write the report: index.html, a page for each notebook, a glossary, and the
    findings for programs.

    The report is written aside and moved into place when it is whole, so that whatever goes wrong leaves the old one.

    Returns
    -------
    Path
        The index page.

    Raises
    ------
    InputError
        A folder that is not ours and not empty, or holds what must stay: a file that was added or changed since; a
        notebook that cannot be read, or fails; a folder that cannot be written.
    """
    out = out.resolve()
    _check_folder(out, notebooks)
    paths = sorted(notebooks.glob("*.ipynb"))
    if not paths:
        raise InputError(f"there are no notebooks in the folder {str(notebooks)!r}; name one that has some")
    for path in paths:
        for page in (_INDEX, _GLOSSARY):
            if f"{path.stem}.html".casefold() == page.file:
                place = f"the place of the {page.title.lower()}"
                raise InputError(f"the page of {str(path)!r} would take {place}; rename the notebook")
    executed = execute_all(paths, progress=progress)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise InputError(
            f"the folder {str(out)!r} cannot be written ({error.strerror}); choose another with --out"
        ) from None
    try:
        _write(aside, executed, findings)
        _check_folder(out, notebooks)  # again: something may have been put there while the notebooks ran
        _move(aside, out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return out / "index.html"


def _check_folder(out: Path, notebooks: Path) -> None:
    try:
        _check_contents(out)
    except OSError as error:
        raise InputError(
            f"the folder {str(out)!r} cannot be read ({error.strerror}); name another with --out"
        ) from None
    for folder, what in ((notebooks.resolve(), "the notebooks are"), (Path.cwd(), "you are")):
        if folder.is_relative_to(out):
            raise InputError(f"the folder {str(out)!r} would be replaced, and {what} in it; name another with --out")


def _check_contents(out: Path) -> None:
    """That there is nothing in the folder but what this module wrote."""
    if out.exists() and not out.is_dir():
        raise InputError(f"{str(out)!r} is a file; name a folder with --out")
    if out.is_dir() and any(out.iterdir()):
        if not (out / MARK).is_file():
            raise InputError(
                f"the folder {str(out)!r} is not empty and was not made by this command, so it is left alone; "
                "name another with --out"
            )
        written = (out / MARK).read_text(encoding="utf-8", errors="replace").splitlines()
        if added := sorted(set(_contents(out)) - set(written)):
            raise InputError(
                f"{added[0].partition(' ')[2]!r} in the folder {str(out)!r} was added or changed since the report was "
                "written, and would be lost; move it elsewhere, or name another folder with --out"
            )


def _contents(folder: Path) -> list[str]:
    """A line for each file below a folder, with a digest of what it holds; the mark itself and system files apart."""
    return [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.relative_to(folder).as_posix()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (MARK, ".DS_Store", "Thumbs.db", "desktop.ini")
    ]


def _move(aside: Path, out: Path) -> None:
    """Put the new report where the old one is; the old one goes last."""
    aside.chmod(0o755)
    if not out.exists():
        aside.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
    try:
        out.rename(old / out.name)
        try:
            aside.rename(out)
        except OSError:
            (old / out.name).rename(out)
            raise
    except OSError as error:
        raise InputError(
            f"the report in {str(out)!r} could not be replaced ({error.strerror}); "
            "close the programs that have it open and run the command again"
        ) from None
    finally:
        if out.exists():  # if not even the old report could be put back, it stays where it is
            shutil.rmtree(old, ignore_errors=True)


def _write(folder: Path, executed: dict[Path, Notebook], findings: Findings) -> None:
    (folder / "findings.csv").write_text(findings.to_csv(), encoding="utf-8", newline="")
    (folder / "findings.json").write_text(findings.to_json(), encoding="utf-8", newline="")
    (folder / "notebooks").mkdir()
    shown: dict[Page, str] = {}
    for path, notebook in executed.items():
        (folder / "notebooks" / path.name).write_text(notebook_text(notebook), encoding="utf-8", newline="")
        name = path.stem.lstrip("0123456789-").replace("-", " ").capitalize() or path.stem
        page = Page(
            file=f"{path.stem}.html",
            name=name,
            title=heading(notebook) or "Untitled",
            notebook=f"notebooks/{path.name}",
        )
        shown[page] = body_of(notebook)
    claims = read_claims()
    ids = {finding.id for finding in findings} | claims.assumptions.keys()
    become = {Path(page.notebook).name: page.file for page in shown}
    bodies = {_INDEX: _index(findings, claims, list(shown), ids)}
    for page, body in (shown | {_GLOSSARY: body_of_markdown(GLOSSARY.read_text(encoding="utf-8"))}).items():
        bodies[page] = finished(body, pages=become, ids=ids, index=_INDEX.file) + _link(page)
    for page, body in bodies.items():
        title = f"{page.title} - music partnerships in 59 schools"
        whole = laid_out(body, title=title, footer=_FOOTER, pages=list(bodies), current=page.file)
        (folder / page.file).write_text(whole, encoding="utf-8", newline="")
    (folder / MARK).write_text("\n".join(_contents(folder)) + "\n", encoding="utf-8", newline="")


def _index(findings: Findings, claims: Claims, pages: Sequence[Page], ids: Collection[str]) -> str:
    """The body of the first page: the main finding, the way to the others, and every finding with what is assumed."""
    chart = main_chart(claims)
    return filled(
        "index.html.j2",
        pages=pages,
        glossary=_GLOSSARY.file,
        picture=b64encode(chart.png()).decode("ascii"),
        alt=chart.alt,
        caption=f"Provenance: {chart.origin}",
        summary=findings.summary(),
        verdicts=VERDICTS,
        findings=Markup(named_rows(linked(findings._repr_html_(), ids=ids), [it.id for it in findings])),
        assumptions=claims.assumptions.values(),
    )


def _link(page: Page) -> str:
    """To the notebook of a page that has one."""
    to = quote(page.notebook)
    return f'<p><a class="notebook" href="{to}" download>The notebook with its code</a></p>' if to else ""


def main_chart(claims: Claims) -> charts.Chart:
    """The main finding as a picture: the schools with good use and good value among all, as published."""
    successful = published_tally(claims["good-use-and-value"])
    return charts.schools(successful, words="made good use of partnerships for all groups of pupils and got good value")
