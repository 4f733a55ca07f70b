"""Pages as their elements, for every test that looks at one."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
Attributes = dict[str, str]


@dataclass
class Element:
    """A tag with its attributes, the text inside and what it stands in."""

    tag: str
    attributes: Attributes
    parents: tuple["Element", ...] = ()
    text: str = ""

    def inside(self, other: "Element") -> bool:
        return any(parent is other for parent in self.parents)


@dataclass
class Page(HTMLParser):
    """All elements of a page in order; a tag that is closed in the wrong place is an error."""

    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, tuple(self.open)))

    def handle_endtag(self, tag: str) -> None:
        last = self.open.pop()
        assert last.tag == tag, f"<{last.tag}> is closed by </{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def all(self, *tags: str, inside: Element | None = None) -> list[Element]:
        return [it for it in self.elements if it.tag in tags and (inside is None or it.inside(inside))]


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    assert page.open == []
    return page
