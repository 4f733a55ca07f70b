"""What a page that is sent on may hold: words and pictures, and nothing that acts, loads or leads out of it."""

import re
from html.parser import HTMLParser

from survey_analysis.errors import InputError

_WORDS = (
    "h1 h2 h3 h4 h5 h6 p div span section nav blockquote pre code hr br strong em b i s del sub sup ul ol li dl dt dd "
    "table caption colgroup col thead tbody tfoot tr th td figure figcaption img a"
)
_SAID_OF_THEM = "id class href src alt title lang role tabindex scope colspan rowspan start data-label download style"
_TAGS, _ATTRIBUTES = frozenset(_WORDS.split()), frozenset(_SAID_OF_THEM.split())
_PICTURE = "data:image/png;base64,"
_SAVED = (_PICTURE, "data:image/svg+xml;base64,")
_ALIGNED = re.compile(r"text-align: ?(?:left|right|center);?")
_LINK = re.compile(r'<a\b[^>]*\bhref="(?!#|data:)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)


def without_ways_out(body: str) -> str:
    """A body whose links to other pages are plain words, because those pages are not sent with it.

    >>> without_ways_out('see <a href="07-other.ipynb">the other</a> and <a href="#here">here</a>')
    'see the other and <a href="#here">here</a>'
    """
    return _LINK.sub(r"\1", body)


def check_harmless(body: str, *, name: str) -> None:
    """That a body holds the tags and attributes of words, tables and pictures alone, whoever wrote what is in it.

    Raises
    ------
    InputError
        The first thing that is none of these; `name` is the notebook that shows it.
    """
    guard = _Guard()
    guard.feed(body)
    guard.close()
    if guard.found:
        raise InputError(
            f"{name} shows {guard.found}, which a page that is sent on does not hold; show it as a table, a sentence "
            "or a chart"
        )


class _Guard(HTMLParser):
    found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.found = self.found or f"<{tag}>"
        for attribute, value in attrs:
            if not _is_harmless(tag, attribute, value or ""):
                self.found = self.found or f"<{tag} {attribute}=...>"


def _is_harmless(tag: str, attribute: str, value: str) -> bool:
    match attribute:
        case "href":
            return tag == "a" and value.startswith(("#", *_SAVED))
        case "src":
            return tag == "img" and value.startswith(_PICTURE)
        case "style":
            return bool(_ALIGNED.fullmatch(value))
        case name:
            return name in _ATTRIBUTES or name.startswith("aria-")
