"""What a page gains over its notebook: a list of its sections, ids that lead to sentences, and what is said once."""

import re
from collections.abc import Collection, Mapping
from html import escape
from urllib.parse import quote

from survey_analysis.estimates import AS_IF_RANDOM

_MANY = 5  # sections that a reader can see through without a list of them
_SECTION = re.compile(r'<h2 id="[^"]*">(.*?)<a class="anchor-link" href="(#[^"]*)">.*?</a></h2>', re.DOTALL)
_NAMES_IDS = re.compile(r'(<td data-label="[^"]*">|<p class="finding">)([^<]*)')
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_DRAWN, _WHOLE = r"(?P<drawn>[a-z]+)", r"(?P<whole>(?:(?!\. ).)+)"
_AS_IF = re.compile(
    re.escape(AS_IF_RANDOM.rstrip(".")).replace(r"\{drawn\}", _DRAWN).replace(r"\{whole\}", _WHOLE) + r"\."
)


def finished(body: str, *, pages: Mapping[str, str], ids: Collection[str], index: str) -> str:
    """A body as it stands on its page.

    `pages` says to which page a notebook has become, by the names of their files; `ids` are the claims and assumptions
    that are told in full on the page `index`.
    """
    for notebook, page in pages.items():
        body = body.replace(f'href="{quote(notebook)}', f'href="{quote(page)}')
    body = re.sub(r"<th(?=[ >])(?![^>]* scope=)", '<th scope="col"', body)
    return with_contents(said_once(linked(body, ids=ids, index=index)))


def linked(body: str, *, ids: Collection[str], index: str = "") -> str:
    """The ids of claims and assumptions, in cells and findings, lead to the sentence that each stands for."""

    def link(found: re.Match[str]) -> str:
        name = found[0]
        return f'<a class="id" href="{index}#{name}">{name}</a>' if name in ids else name

    return _NAMES_IDS.sub(lambda cell: cell[1] + _ID.sub(link, cell[2]), body)


def said_once(body: str) -> str:
    """What intervals suppose stands in full below the first table of which it is true, in short below the others."""
    places: dict[str, str] = {}

    def shorten(found: re.Match[str]) -> str:
        if found[0] not in places:
            places[found[0]] = f"as-if-{len(places) + 1}"
            return f'<span id="{places[found[0]]}">{found[0]}</span>'
        supposed = f"as if the {found['drawn']} had been drawn at random from {found['whole']}"
        return f'Intervals are <a href="#{places[found[0]]}">{supposed}</a>.'

    return _AS_IF.sub(shorten, body)


def with_contents(body: str) -> str:
    """A list of the sections, before the first of them, on a page that has many."""
    sections = [(link, re.sub(r"<[^>]*>", "", title).strip()) for title, link in _SECTION.findall(body)]
    if len(sections) <= _MANY:
        return body
    items = "\n".join(f'<li><a href="{link}">{title}</a></li>' for link, title in sections)
    contents = f'<nav class="contents" aria-label="On this page">\n<p>On this page</p>\n<ul>\n{items}\n</ul>\n</nav>\n'
    return body.replace("<h2 ", f"{contents}<h2 ", 1)


def named_rows(table: str, ids: Collection[str]) -> str:
    """A table whose rows, in order, can be led to by these ids."""
    names = iter(ids)
    return re.sub(r'<th scope="row">', lambda _: f'<th scope="row" id="{escape(next(names))}">', table)
