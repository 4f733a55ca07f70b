"""The statements of the form: ours, by the codebook; a hub's own; and a file that is wrong, told with its place."""

import re
import tomllib
from pathlib import Path

import pytest

from survey_analysis.claims import THEMES
from survey_analysis.errors import InputError
from survey_analysis.resources import DATA
from survey_analysis.self_evaluation import read_statements
from survey_analysis.self_evaluation.statements import CONFIDENCE, JUDGEMENTS, LONGEST, cost_sources
from survey_analysis.surveys import GROUPS
from survey_analysis.themes import codebook

TEXT = (DATA / "self_evaluation.toml").read_text(encoding="utf-8")
SIGN = '"There are dated notes of at least two looks at progress in the past year."'
OTHER_SIGN = '"Something was changed, moved or stopped because of such a look."'
_AT = "theme 'monitoring'"
SUMS = re.compile(r"\b(?:score|marks?|total|grade[sd]?|outstanding|inadequate|satisfactory|ofsted)\b", re.IGNORECASE)


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """The file with one thing changed."""
    assert TEXT.count(old) >= 1, old
    path = tmp_path / "hub.toml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return path


def words(text: str) -> set[tuple[str, ...]]:
    """Every five words in a row."""
    found = re.findall(r"\w+", text.lower())
    return {tuple(found[n : n + 5]) for n in range(len(found) - 4)}


def all_texts() -> list[str]:
    return [
        text
        for theme in read_statements().themes
        for text in (
            *(theme.pitfall, theme.action, theme.evidence, theme.hub_question),
            *theme.signs,
            *theme.descriptors.values(),
        )
    ]


def test_the_themes_are_those_of_the_codebook_in_its_order() -> None:
    statements = read_statements()
    assert {theme.id: theme.title for theme in statements.themes} == dict(THEMES)
    assert [theme.id for theme in statements.themes] == [
        it for it in tomllib.loads((DATA / "themes.toml").read_text(encoding="utf-8")) if it != "coding"
    ]


def test_every_theme_has_all_that_is_asked() -> None:
    for theme in read_statements().themes:
        assert len(theme.signs) == 3 and tuple(theme.descriptors) == JUDGEMENTS
    texts = all_texts()
    assert len(set(texts)) == len(texts) == 5 * 11
    assert all(text.endswith((".", "?")) for text in texts)


def test_the_choices_are_those_of_the_package() -> None:
    statements = read_statements()
    assert tuple(statements.judgements) == JUDGEMENTS and tuple(statements.confidence) == CONFIDENCE
    assert list(statements.groups) == [group for pair in GROUPS.values() for group in pair]
    assert tuple(statements.costs) == cost_sources()
    assert list(statements.roles) == ["head", "music_lead", "visiting_musician", "governor", "other"]


def test_the_statements_are_in_words_of_their_own() -> None:
    """Neither the codebook's sentences nor an inspector's: no five words in a row are shared."""
    groups = words("pupils with free school meals or special educational needs")
    book = " . ".join(codebook().drop(columns=["theme"]).astype(str).to_numpy().ravel())
    assert [text for text in all_texts() if words(text) & words(book) - groups] == []


def test_nothing_is_graded_or_added_up() -> None:
    assert [text for text in all_texts() if SUMS.search(text)] == []


def test_a_hub_may_change_words_and_roles_and_their_order(tmp_path: Path) -> None:
    path = changed(tmp_path, 'governor = "Governor"', 'trustee = "Trustee\\n  of the trust"')
    path.write_text(path.read_text(encoding="utf-8").replace("version = 1", "version = 7"), encoding="utf-8")
    statements = read_statements(path)
    assert statements.version == 7 and statements.roles["trustee"] == "Trustee of the trust"
    assert statements.themes == read_statements().themes


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version = 1", 'version = "1"', "version must be a whole number from 1, not '1'"),
        ("version = 1", "version = 0", "version must be a whole number from 1, not 0"),
        ('title = "Looking at our music partnership"', "title = 3", "title must be a text, not 3; write one"),
        ('title = "Looking at our music partnership"', "", "field 'title' is missing; give it"),
        ("[themes.leadership]", "[themes.leaders]", "themes: field must be one of 'monitoring', 'inclusion', "),
        ('head = "Headteacher', '"<b>" = "Headteacher', "roles: the code '<b>' must have small letters, digits and _"),
        ('other = "Somebody else"', 'other = "Governor"', "roles, 'other' reads as 'governor' does"),
        ('medium = "Medium', 'middling = "Medium', "confidence: field must be one of 'low', 'medium', 'high', not "),
        ('boys = "Boys"', 'boys = ""', "groups, 'boys' must be a text, not ''; write one"),
        ('boys = "Boys"', "", "groups: field 'boys' is missing; give it"),
        ('hub = "The music hub"', 'lottery = "The lottery"', "costs: field must be one of 'school', 'hub', "),
        (f"  {SIGN},", "", f"{_AT}, field 'signs' must be three texts in square brackets, not 2 of them; give three"),
        (SIGN, "12", f"{_AT}, sign 2 must be a text, not 12; write one"),
        (SIGN, OTHER_SIGN, f"{_AT}, field 'signs' has the same sign twice"),
        ("hub_question = ", "question = ", f"{_AT}: field must be one of 'pitfall', 'action', 'signs', "),
        ("[themes.inclusion.descriptors]", "[themes.inclusion.words]", "theme 'inclusion': field must be one of "),
        ('nearer_pitfall = "One person', 'nearest = "One', f"{_AT}, descriptors: field must be one of 'pitfall', "),
        (
            '"We know who',
            f'"{"a" * LONGEST} We know who',
            f"{_AT}, descriptors, 'pitfall' has 464 characters, and at most",
        ),
        ("[roles]", "[score]\na = 1\n[roles]", "field must be one of 'version', 'title', 'roles', "),
    ],
)
def test_what_is_wrong_is_told_with_file_and_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        read_statements(changed(tmp_path, old, new))
    assert str(error.value).startswith(f"hub.toml: {told}") and "\n" not in str(error.value)


def test_statements_from_a_windows_editor_are_read(tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert read_statements(path) == read_statements()


def test_words_with_a_character_that_nobody_sees_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="roles, 'governor' holds a character that cannot be seen; type it anew"):
        read_statements(changed(tmp_path, 'governor = "Governor"', 'governor = "Gov\\u202eernor"'))


def test_what_is_no_table_of_statements_is_told(tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    with pytest.raises(InputError, match=r"hub\.toml' cannot be read .*; give the path of a TOML file"):
        read_statements(path)
    path.write_text("title = ", encoding="utf-8")
    with pytest.raises(InputError, match=r"is not valid TOML: .*; correct it there"):
        read_statements(path)
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"hub\.toml is not text in UTF-8; give the path of a TOML file"):
        read_statements(path)
    with pytest.raises(InputError, match="is no file of statements"):
        read_statements(tmp_path)
    with pytest.raises(InputError, match="cannot be the name of a file"):
        read_statements("a\0b.toml")
    for old, new in (("[roles]", "roles = 1\n[rolls]"), ("[themes.monitoring]", "[monitoring]")):
        with pytest.raises(InputError, match=r"hub\.toml: "):
            read_statements(changed(tmp_path, old, new))
    with pytest.raises(InputError, match="path must be that of a TOML file, not 12"):
        read_statements(12)  # type: ignore[arg-type]
