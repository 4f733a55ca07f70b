"""The self-evaluation form: one page that works from a memory stick, asks nothing of a network and keeps nothing."""

import json
from base64 import b64encode
from hashlib import sha256
from os import PathLike
from pathlib import Path

from markupsafe import Markup

from survey_analysis.errors import as_path, of_kind
from survey_analysis.outputs import check_output, write_aside
from survey_analysis.page_templates import TEMPLATES, filled
from survey_analysis.personal_data import CONTACTS
from survey_analysis.self_evaluation.answer_files import DEEPEST, LARGEST, SAVED
from survey_analysis.self_evaluation.answers import CHARACTERISTICS, FORMAT, LIMITS, MOST_PRIORITIES, VERSION
from survey_analysis.self_evaluation.statements import NOT_APPLICABLE, SIGNS, UNSEEN, Statements, read_statements
from survey_analysis.surveys import GROUPS
from survey_analysis.themes import codebook

_STYLES = ("page.css", "self_evaluation/form.css")
_SCRIPTS = ("self_evaluation/answer_checks.js", "self_evaluation/form.js")
_OF_SIGNS = dict(zip(SIGNS, ("Not looked for yet", "Seen", "Looked for, not seen"), strict=True))


def write_form(path: str | PathLike[str], *, statements: Statements | None = None) -> Path:
    """Write the self-evaluation form: one page, to be opened in a browser, that saves its answers to a file.

    Parameters
    ----------
    path
        Where it is written: a file whose name ends in .html, and which is not there yet.
    statements
        What is asked, from `read_statements`; that of the package when absent.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        A file that is there already; a place that cannot be written.

    Notes
    -----
    The page forbids itself all network, keeps nothing when it is closed, and computes nothing but how many themes were
    judged. It is no inspection: there is no total, no score and no grade in it.
    """
    place = check_output(as_path("path", path, "that of a file ending in .html"), suffix=".html", replaces=False)
    page = form_page(read_statements() if statements is None else statements)
    write_aside(place, page.encode())
    return place


def form_page(statements: Statements) -> str:
    """The whole page, the same in every run; its scripts and styles are named by their sums, so no others can act."""
    of_kind("statements", statements, Statements, "read_statements()")
    css, script = _joined(_STYLES), _joined(_SCRIPTS)
    places = codebook().set_index("theme")[["place_action", "place_pitfall"]].to_dict("index")
    page = filled(
        "self_evaluation/form.html.j2",
        statements=statements,
        places=places,
        signs=_OF_SIGNS,
        characteristics=GROUPS,
        not_applicable=NOT_APPLICABLE,
        limits=LIMITS,
        css=Markup(css),
        css_sum=_sum(css),
        script=Markup(script),
        script_sum=_sum(script),
        asked=Markup(_asked(statements)),
    )
    return f"{page}\n"


def _asked(statements: Statements) -> str:
    """What the scripts of the page need to know, as JSON that cannot end the element it stands in."""
    asked = {
        "format": FORMAT,
        "version": VERSION,
        "statements": {"title": statements.title, "version": statements.version},
        "themes": {theme.id: theme.title for theme in statements.themes},
        "judgements": [*statements.judgements, NOT_APPLICABLE, ""],
        "confidence": [*statements.confidence, ""],
        "signs": SIGNS,
        "roles": dict(statements.roles),
        "groups": dict(GROUPS),
        "characteristics": dict(CHARACTERISTICS),
        "sources": list(statements.costs),
        "limits": {**LIMITS, "bytes": LARGEST, "depth": DEEPEST, "priorities": MOST_PRIORITIES},
        "contacts": [[kind, shape.pattern, "i"] for kind, shape in CONTACTS],
        "unseen": UNSEEN.pattern,
        "saved": SAVED,
    }
    return json.dumps(asked, ensure_ascii=True).replace("<", "\\u003c")


def _joined(names: tuple[str, ...]) -> str:
    return "\n" + "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def _sum(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
