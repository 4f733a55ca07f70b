"""The door for workbooks: what is refused, in which words, and that nothing sound is."""

import os
import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from broken_workbooks import BROKEN, MAIN, SAVE_AS, SHEET, good, good_parts, replaced, sheet, with_parts, zipped
from filled_workbooks import surveys, workbook
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from survey_analysis.errors import InputError
from survey_analysis.workbook_files import MOST_ON_DISK, SheetFile, WorkbookFile, open_workbook
from survey_analysis.workbook_layouts import SHEETS

VISITS = SheetFile(name="Visits", hidden=False, merged=(), has_formulas=False)


def opened(content: bytes, folder: Path, name: str = "visits.xlsx") -> WorkbookFile:
    path = folder / name
    path.write_bytes(content)
    return open_workbook(path)


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        open_workbook(path)
    return str(caught.value)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for examples that follow one another."""
    return tmp_path_factory.mktemp("workbooks")


# ------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_safe_workbook_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / "visits.xlsx"
    content = BROKEN[name].content()
    path.write_bytes(content)
    assert refusal(path) == f"visits.xlsx {BROKEN[name].says}"
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("visits.xls", f"is in the old Excel form; {SAVE_AS}"),
        ("visits.XLSM", f"is a workbook with macros; {SAVE_AS}"),
        ("visits.xltm", f"is a template with macros; {SAVE_AS}"),
        ("visits.xltx", f"is a template; {SAVE_AS}"),
        ("visits.xlsb", f"is a binary workbook; {SAVE_AS}"),
        ("visits.ods", f"is an OpenDocument spreadsheet; {SAVE_AS}"),
        ("visits.numbers", f"is a Numbers spreadsheet; {SAVE_AS}"),
        (
            "visits.csv",
            "is one table; name the folder that holds visits.csv, pupil_groups.csv and costs.csv, or " + SAVE_AS,
        ),
        ("visits.xlsx.exe", f"ends in '.exe' and not in '.xlsx'; {SAVE_AS}"),
        ("visits", f"has no ending '.xlsx'; {SAVE_AS}"),
    ],
)
def test_another_ending_is_told_with_what_to_do(name: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(good())
    assert refusal(path) == f"{name} {says}"


def test_a_path_that_leads_to_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "file").write_text("")
    assert refusal(tmp_path / "folder.xlsx") == "folder.xlsx is a folder, not a workbook; name the file in it"
    for missing in (tmp_path / "none.xlsx", tmp_path / "none.xls", tmp_path / "file" / "visits.xlsx"):
        assert refusal(missing) == f"there is no file {str(missing)!r}; look at the name and the folder"
    long = tmp_path / f"{'a' * 300}.xlsx"
    assert refusal(long) == (f"{'a' * 60}... cannot be read (File name too long); close it elsewhere, or copy it anew")
    assert refusal(tmp_path / "a\0b.xlsx") == (
        "'a\\x00b.xlsx' cannot be the name of a file; look at the name and the folder"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a thing of Unix")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "visits.xlsx")
    assert refusal(tmp_path / "visits.xlsx") == "visits.xlsx is not a file on a disk; name a workbook"


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "visits.xlsx"
    path.write_bytes(good())

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)  # as who runs the tests may be allowed to read everything
    assert refusal(path) == "visits.xlsx cannot be read (Permission denied); close it elsewhere, or copy it anew"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "visits.xlsx"
    with path.open("wb") as file:
        file.truncate(MOST_ON_DISK + 1)
    assert refusal(path) == (
        "visits.xlsx is larger than 50 MB and is not opened; take out pictures and sheets that do not belong to the "
        "visits"
    )


def test_a_name_cannot_command_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2J\u202e.xlsx"
    path.write_bytes(b"")
    assert refusal(path) == "'a\\x1b[2J\\u202e.xlsx' is empty (0 bytes); copy it anew"


def _with_texts(count: int) -> bytes:
    """A workbook whose texts stand apart from its cells, as Excel writes them."""
    texts = f'<sst xmlns="{MAIN}">{"<si><t>a</t></si>" * count}</sst>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}" /></Types>'
    types = good_parts()["[Content_Types].xml"].replace(b"</Types>", override.encode())
    return with_parts({"xl/sharedStrings.xml": texts.encode(), "[Content_Types].xml": types})


@pytest.mark.parametrize(
    ("limit", "content", "says"),
    [
        ("workbook_parts.MOST_ROWS", lambda: _with_texts(11), "holds more than any survey does (in sharedStrings.xml)"),
        ("workbook_parts.MOST_HELD", lambda: sheet('<row a="0123456789"/>'), "holds more than any survey does (in"),
        ("workbook_files.MOST_IN_TEXTS", lambda: _with_texts(11), "holds more than 0 MB of text and is not opened"),
        (
            "workbook_parts.MOST_CELLS",
            lambda: sheet(f"<row>{'<c/>' * 11}</row>"),
            "holds more than 10 cells and is not opened",
        ),
        (
            "workbook_parts.MOST_FILLED",
            lambda: sheet("<row><c/></row>" * 11),
            "holds more than 10 rows and is not opened",
        ),
        (
            "workbook_parts.MOST_SPANNED",
            lambda: sheet('<row><c r="XFD1"/></row>'),
            "is filled so far to the right in so many rows and is not opened",
        ),
    ],
)
def test_each_limit_holds(
    limit: str, content: object, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "visits.xlsx"
    path.write_bytes(content())  # type: ignore[operator]
    open_workbook(path)
    monkeypatch.setattr(f"survey_analysis.{limit}", 10)
    assert refusal(path).startswith(f"visits.xlsx {says}")


def test_a_part_that_begins_like_xml_is_looked_through_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "visits.xlsx"
    monkeypatch.setattr("survey_analysis.workbook_parts.MOST_ELEMENTS", 1_000)
    for start in (b"", b"\xef\xbb\xbf", b"\n "):
        path.write_bytes(with_parts({"xl/drawings/drawing1.dat": start + b"<a>" + b"<b/>" * 1_000 + b"</a>"}))
        assert refusal(path).startswith("visits.xlsx holds more than any survey does (in drawing1.dat)")
    path.write_bytes(with_parts({"xl/media/image1.png": b"\x89PNG" + b"<b/>" * 1_000}))
    open_workbook(path)


def test_the_cells_of_all_sheets_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey_analysis.workbook_parts.MOST_CELLS", 6)
    book = Workbook()
    for sheet_ in (book.worksheets[0], book.create_sheet("Costs")):
        sheet_.append([1, 2, 3])
        sheet_["A2"] = 4
    path = tmp_path / "visits.xlsx"
    book.save(path)
    assert refusal(path) == (
        "visits.xlsx holds more than 6 cells and is not opened, for it could fill the memory; take out what does not "
        "belong to the visits"
    )


# ----------------------------------------------------------------------------------------------- what is let in


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(surveys(most=3))
def test_every_filled_workbook_is_let_in(place: Path, rows: dict[str, list[dict[str, object]]]) -> None:
    content = workbook(rows)
    file = opened(content, place)
    assert file.content == content
    assert [it.name for it in file.sheets] == list(SHEETS)
    assert not any(it.hidden or it.merged or it.has_formulas for it in file.sheets)


def test_what_a_sheet_hides_is_noted(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Visits"
    book.active.append(["a", "b", "c"])
    book.active.merge_cells("A2:B3")
    book.active.merge_cells("D1:D2")
    book.create_sheet("Costs").sheet_state = "hidden"
    book.create_sheet("Themes").sheet_state = "veryHidden"
    book["Themes"]["B2"] = "=1+1"
    buffer = BytesIO()
    book.save(buffer)
    visits, *others = opened(buffer.getvalue(), tmp_path).sheets
    assert visits.name == "Visits" and not visits.hidden and not visits.has_formulas
    assert sorted(visits.merged) == ["A2:B3", "D1:D2"]
    assert others == [
        SheetFile(name="Costs", hidden=True, merged=(), has_formulas=False),
        SheetFile(name="Themes", hidden=True, merged=(), has_formulas=True),
    ]


def _prefixed() -> bytes:
    rows = '<x:row r="1"><x:c r="A1"><x:f>1+1</x:f><x:v>2</x:v></x:c></x:row>'
    merged = "<x:mergeCells count='1'><x:mergeCell  ref='A1:B2'/></x:mergeCells>"
    whole = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData>{merged}</x:worksheet>'
    return with_parts({SHEET: whole.encode()})


def test_formulas_and_merges_are_seen_however_the_xml_is_written(tmp_path: Path) -> None:
    [found] = opened(_prefixed(), tmp_path).sheets
    assert found == SheetFile(name="Visits", hidden=False, merged=("A1:B2",), has_formulas=True)


def _in_utf_16() -> bytes:
    text = good_parts()[SHEET].decode()
    return with_parts({SHEET: text.encode("utf-16")})


def _elsewhere() -> bytes:
    """The main part and the sheet bear other names, as some programs give them."""
    parts = good_parts()
    texts = {
        "[Content_Types].xml": (b"/xl/workbook.xml", b"/xl/book.xml"),
        "_rels/.rels": (b"xl/workbook.xml", b"xl/book.xml"),
        "xl/_rels/workbook.xml.rels": (b"/xl/worksheets/sheet1.xml", b"worksheets/../worksheets/sheet1.xml"),
    }
    for name, (old, new) in texts.items():
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new)
    parts["xl/book.xml"] = parts.pop("xl/workbook.xml")
    parts["xl/_rels/book.xml.rels"] = parts.pop("xl/_rels/workbook.xml.rels")
    return zipped(parts.items())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda: zipped(good_parts().items(), zipfile.ZIP_STORED), id="not compressed"),
        pytest.param(lambda: good() + b"\0" * 40, id="padded"),
        pytest.param(lambda: sheet("<row><c><v>1</v></c><c><v>2</v></c></row><row/>"), id="no places"),
        pytest.param(lambda: sheet('<row r="9"><c r="Z9"/><c r="AA9"/></row><row r="10"/>'), id="places left out"),
        pytest.param(lambda: sheet('<row r="1048576"/>'), id="the last row"),
        pytest.param(lambda: sheet("<row/>" * 400_001), id="many empty rows"),
        pytest.param(_in_utf_16, id="in UTF-16"),
        pytest.param(_elsewhere, id="other names"),
        pytest.param(lambda: with_parts({"xl/embeddings/other.xlsx": good()}), id="a workbook in it"),
        pytest.param(lambda: with_parts({"xl/media/image1.svg": b"<!DOCTYPE svg><svg/>"}), id="a picture"),
        pytest.param(lambda: with_parts({"xl/drawings/vmlDrawing1.vml": b"<xml><br></xml>"}), id="old drawings"),
        pytest.param(lambda: replaced(SHEET, "<sheetData>", "<!-- a remark --><sheetData>"), id="a remark"),
    ],
)
def test_what_is_unusual_and_sound_is_let_in_and_can_be_parsed(content: object, tmp_path: Path) -> None:
    file = opened(content(), tmp_path)  # type: ignore[operator]
    assert file.sheets == (VISITS,)
    assert load_workbook(BytesIO(file.content), read_only=True).sheetnames == ["Visits"]


def test_a_workbook_by_libreoffice_is_let_in(tmp_path: Path) -> None:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice (soffice) is not on this machine")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "visits.xlsx").write_bytes(workbook({}))
    subprocess.run(
        [
            *(program, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"),
            *("--convert-to", "xlsx", "--outdir", str(tmp_path), str(tmp_path / "in" / "visits.xlsx")),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert [it.name for it in open_workbook(tmp_path / "visits.xlsx").sheets] == list(SHEETS)


# ------------------------------------------------------------------------------------------ whatever is handed in


def let_in_or_refused(content: bytes, place: Path) -> None:
    """Never any other error; and a refusal is one line about this file."""
    said = "visits.xlsx "
    try:
        opened(content, place)
    except InputError as error:
        said = str(error)
    assert said.startswith("visits.xlsx ")
    assert "\n" not in said


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
)
def test_any_bytes_are_let_in_or_refused(place: Path, noise: bytes, start: bytes) -> None:
    let_in_or_refused(start + noise, place)


@settings(max_examples=300)
@given(st.integers(0), st.binary(max_size=6), st.integers(0, 6), st.booleans())
def test_a_workbook_changed_anywhere_is_let_in_or_refused(
    place: Path, at: int, new: bytes, gone: int, at_the_end: bool
) -> None:
    content = good()
    at %= len(content)
    at = len(content) - at % 700 if at_the_end else at  # where a zip lists what it holds
    let_in_or_refused(content[:at] + new + content[at + gone :], place)


@settings(max_examples=300)
@given(st.sampled_from(sorted(good_parts())), st.integers(0), st.binary(max_size=6), st.integers(0, 30))
def test_a_part_changed_anywhere_is_let_in_or_refused(place: Path, name: str, at: int, new: bytes, gone: int) -> None:
    part = good_parts()[name]
    at %= len(part)
    let_in_or_refused(with_parts({name: part[:at] + new + part[at + gone :]}), place)
