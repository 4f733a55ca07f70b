"""From a body, or from parts, to a whole page: our templates filled in, without anything that runs notebooks."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"
"""The folder of our templates and styles."""


def filled(template: str, **parts: object) -> str:
    """One of our templates with its parts, which are escaped unless they are `Markup`."""
    environment = Environment(loader=PackageLoader("survey_analysis"), autoescape=True)
    return environment.get_template(template).render(**parts)


def laid_out(body: str, *, title: str, footer: str, pages: Sequence[object] = (), current: str = "") -> str:
    """A whole page around a body; `pages` are those that it leads to, each with a file and a name."""
    css = Markup((TEMPLATES / "page.css").read_text(encoding="utf-8"))
    whole = filled(
        "layout.html.j2", title=title, css=css, pages=pages, current=current, body=Markup(body), footer=footer
    )
    return f"{whole}\n"
