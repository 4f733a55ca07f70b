"""What the self-evaluation form asks: statements, signs and descriptors by theme, from a file that a hub may edit."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from types import MappingProxyType

from survey_analysis.claims import THEMES
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.errors import InputError, as_path, as_whole, table_of
from survey_analysis.resources import DATA
from survey_analysis.self_evaluation.answer_files import shown_name, text_of
from survey_analysis.surveys import GROUPS

JUDGEMENTS = ("pitfall", "nearer_pitfall", "nearer_action", "action")
"""The codes of the four descriptors, from the pitfall to the action. They are in order, and no numbers."""

NOT_APPLICABLE = "not_applicable"
"""The judgement of a theme that does not fit a partnership."""

CONFIDENCE = ("low", "medium", "high")
"""The codes of how sure somebody is."""

SIGNS = ("not_looked", "seen", "not_seen")
"""What somebody can say of a sign; the first is what holds until they look."""

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
"""What nobody sees in a text, or turns its direction, besides a tab and the end of a line. Browsers read it too."""

LONGEST = 400  # characters of one text
_OF_A_THEME = ("pitfall", "action", "signs", "evidence", "hub_question", "descriptors")
_SIGNS_OF_A_THEME = 3
_ROLES = range(2, 13)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")


@dataclass(frozen=True, kw_only=True)
class Theme:
    """One theme of the form: its pitfall and its action, three signs, the evidence, and four descriptors by code.

    `evidence` is what would convince a sceptical governor, `hub_question` what can be asked of the hub.
    """

    id: str
    title: str
    pitfall: str
    action: str
    signs: tuple[str, ...]
    evidence: str
    hub_question: str
    descriptors: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Statements:
    """Everything that a form asks: the themes in the order of the codebook, and code -> words of what can be chosen."""

    title: str
    version: int
    themes: tuple[Theme, ...]
    judgements: Mapping[str, str]
    confidence: Mapping[str, str]
    roles: Mapping[str, str]
    groups: Mapping[str, str]
    costs: Mapping[str, str]


def read_statements(path: str | PathLike[str] | None = None) -> Statements:
    """The statements of a self-evaluation form, from a TOML file.

    Parameters
    ----------
    path
        A file in the form of data/self_evaluation.toml, which is read when absent.

    Raises
    ------
    InputError
        A file that cannot be read; a field that is missing, unknown, empty or too long; a theme that the codebook does
        not have; fewer or more than three signs; two choices with the same words.

    Examples
    --------
    >>> statements = read_statements()
    >>> [theme.id for theme in statements.themes]
    ['monitoring', 'inclusion', 'alignment', 'shared_practice', 'leadership']
    >>> statements.judgements["nearer_action"]
    'Nearer the action'

    Notes
    -----
    What counts as a sign is a working definition of ours. The report's summary names five actions and five pitfalls,
    and we saw no questions of its makers for a school to ask itself.
    """
    path = DATA / "self_evaluation.toml" if path is None else as_path("path", path, "that of a TOML file")
    name = shown_name(path.name)
    text = text_of(path, name, "file of statements", "give the path of a TOML file, or none")
    try:
        table = tomllib.loads(text.replace("\r\n", "\n"))
    except RecursionError:
        raise InputError(f"{name} is nested deeper than any file of statements; correct it there") from None
    except ValueError as error:  # no TOML, or a number of 5,000 digits
        raise InputError(f"{name} is not valid TOML: {error}; correct it there") from None
    return _statements(table, f"{name}: ")


def uncapped(words: str) -> str:
    """Words as they stand within a sentence: without a capital, unless they begin with a name of several.

    >>> uncapped("Girls"), uncapped("SENCo of the trust")
    ('girls', 'SENCo of the trust')
    """
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def cost_sources() -> tuple[str, ...]:
    """Who can have borne a cost, as in the table of costs of every survey.

    >>> cost_sources()
    ('school', 'hub', 'parents', 'grant', 'in_kind')
    """
    return packaged_dictionary()["costs"]["source"].codes


def _statements(value: object, where: str) -> Statements:
    choices = {
        "judgements": JUDGEMENTS,
        "confidence": CONFIDENCE,
        "groups": [group for pair in GROUPS.values() for group in pair],
        "costs": cost_sources(),
    }
    table = table_of(value, ("version", "title", "roles", *choices, "themes"), where=where)
    version = as_whole(table["version"])
    if version is None or version < 1:
        raise InputError(f"{where}version must be a whole number from 1, not {_shown(table['version'])}")
    themes = table_of(table["themes"], THEMES, where=f"{where}themes: ")
    return Statements(
        title=_text(table["title"], f"{where}title"),
        version=version,
        themes=tuple(_theme(name, themes[name], f"{where}theme {name!r}") for name in THEMES),
        roles=_roles(table["roles"], where),
        **{name: _words(table[name], codes, f"{where}{name}") for name, codes in choices.items()},
    )


def _theme(name: str, value: object, where: str) -> Theme:
    table = table_of(value, _OF_A_THEME, where=f"{where}: ")
    signs = table["signs"]
    if not isinstance(signs, list) or len(signs) != _SIGNS_OF_A_THEME:
        found = f"{len(signs)} of them" if isinstance(signs, list) else _shown(signs)
        raise InputError(f"{where}, field 'signs' must be three texts in square brackets, not {found}; give three")
    read = tuple(_text(sign, f"{where}, sign {n}") for n, sign in enumerate(signs, start=1))
    if len(set(read)) < len(read):
        raise InputError(f"{where}, field 'signs' has the same sign twice; word each of the three differently")
    texts = {it: _text(table[it], f"{where}, field {it!r}") for it in ("pitfall", "action", "evidence", "hub_question")}
    descriptors = _words(table["descriptors"], JUDGEMENTS, f"{where}, descriptors")
    return Theme(id=name, title=THEMES[name], signs=read, descriptors=descriptors, **texts)


def _roles(table: object, where: str) -> Mapping[str, str]:
    if not isinstance(table, dict) or len(table) not in _ROLES:
        found = f"{len(table)} of them" if isinstance(table, dict) else _shown(table)
        raise InputError(f'{where}roles must be a table of 2 to 12 roles, such as governor = "Governor", not {found}')
    for code in table:
        if not _CODE.fullmatch(code):
            raise InputError(
                f"{where}roles: the code {_shown(code)} must have small letters, digits and _ alone, begin with a "
                "letter, and have at most 30 of them; rename it"
            )
    return _words(table, tuple(table), f"{where}roles")


def _words(value: object, codes: Iterable[str], where: str) -> Mapping[str, str]:
    """Code -> words, in the order of the codes, whatever that of the file."""
    codes = tuple(codes)
    table = table_of(value, codes, where=f"{where}: ")
    words = {code: _text(table[code], f"{where}, {code!r}") for code in codes}
    for code, text in words.items():
        first = next(it for it in codes if words[it] == text)
        if first != code:
            raise InputError(
                f"{where}, {code!r} reads as {first!r} does, and nobody could choose; word one differently"
            )
    return MappingProxyType(words)


def _text(value: object, place: str) -> str:
    """A text in one line, without spaces around it."""
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{place} must be a text, not {_shown(value)}; write one")
    text = " ".join(value.split())
    if UNSEEN.search(text):
        raise InputError(f"{place} holds a character that cannot be seen; type it anew")
    if len(text) > LONGEST:
        raise InputError(f"{place} has {len(text)} characters, and at most {LONGEST} can be read well; shorten it")
    return text


def _shown(value: object) -> str:
    """A value as a message repeats it: short."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
