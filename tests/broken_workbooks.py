"""Files that are no workbook, or none that is safe, each made from a good one, with the sentence that refuses it.

`BROKEN` is the catalogue: name -> `Broken`. Each sentence follows the name of the file, as in 'visits.xlsx is empty
(0 bytes); copy it anew'. What is wrong in the cells of a sound workbook stands elsewhere.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from openpyxl import Workbook

SAVE_AS = "open it in a spreadsheet and save a copy as Excel Workbook (.xlsx)"
TOO_LARGE = "and is not opened, for it could fill the memory; take out what does not belong to the visits"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
Parts = dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Broken:
    """How the bytes of a file are made, and what is said of it."""

    content: Callable[[], bytes]
    says: str


def good_parts() -> Parts:
    """What a small workbook with one sheet holds."""
    return dict(_good_parts())


@cache
def _good_parts() -> Parts:
    book = Workbook()
    book.active.title = "Visits"
    for row in (("Visit", "Grade"), ("V1", "good"), ("V2", 3)):
        book.active.append(row)
    buffer = BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def zipped(parts: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as new:
        for name, content in parts:
            new.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def good() -> bytes:
    return with_parts({})


def with_parts(changes: Mapping[str, bytes | None]) -> bytes:
    """A workbook with some parts changed, or left out where None."""
    parts = good_parts() | changes
    return zipped((name, it) for name, it in parts.items() if it is not None)


def replaced(name: str, old: str, new: str) -> bytes:
    """A workbook with some words of a part replaced."""
    part = good_parts()[name]
    if old.encode() not in part:
        raise ValueError(f"{old!r} is not in {name}")
    return with_parts({name: part.replace(old.encode(), new.encode())})


def sheet(data: str, *, around: str = "") -> bytes:
    """A workbook whose sheet has these rows."""
    return with_parts({SHEET: f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData>{around}</worksheet>'.encode()})


def streamed(name: str, piece: bytes, times: int, *, before: bytes = b"", after: bytes = b"") -> bytes:
    """A workbook with a part that repeats itself, never whole in memory."""
    parts = good_parts()
    del parts[name]
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for other, content in parts.items():
            new.writestr(other, content)
        with new.open(name, "w", force_zip64=True) as part:
            for it in (before, *[piece] * times, after):
                part.write(it)
    return buffer.getvalue()


def _flagged(content: bytes) -> bytes:
    """Every entry is said to be encrypted."""
    flagged = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = flagged.find(mark)
        while at >= 0:
            flagged[at + offset] |= 1
            at = flagged.find(mark, at + 4)
    return bytes(flagged)


def _said_size(content: bytes, size: int) -> bytes:
    """The first entry says of itself, in both places, that it has another size unpacked."""
    said = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        said[(at := said.find(mark) + offset) : at + 4] = struct.pack("<I", size)
    return bytes(said)


def _wrong_sum() -> bytes:
    content = bytearray(with_parts({}))
    for mark, offset in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        content[(at := content.find(mark) + offset) : at + 4] = b"\0\0\0\0"
    return bytes(content)


def _lying_bomb() -> bytes:
    """Three hundred megabytes that are said to be one hundred bytes: what is unpacked counts, not what is said."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
    honest = zipped([("a.xml", packed), *good_parts().items()], zipfile.ZIP_STORED)
    lying = bytearray(honest)
    for mark, method, size in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
        at = lying.find(mark)
        lying[at + method : at + method + 2] = struct.pack("<H", zipfile.ZIP_DEFLATED)
        lying[at + size : at + size + 4] = struct.pack("<I", 100)
    return bytes(lying)


def _twice() -> bytes:
    parts = list(good_parts().items())
    content = zipped([*parts, ("xl/worksheets/sheet9.xml", b"<a/>")])
    return content.replace(b"sheet9.xml", b"sheet1.xml")


def _macros() -> bytes:
    return replaced(
        "[Content_Types].xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )


def _template() -> bytes:
    return replaced("[Content_Types].xml", "spreadsheetml.sheet.main+xml", "spreadsheetml.template.main+xml")


def _entities() -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    declared = f'<!DOCTYPE w [<!ENTITY l0 "ha">{laughs}]>'
    return with_parts({SHEET: f'{declared}<worksheet xmlns="{MAIN}"><sheetData>&l9;</sheetData></worksheet>'.encode()})


def _outside_entity(encoding: str) -> bytes:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        f'<worksheet xmlns="{MAIN}"><sheetData>&x;</sheetData></worksheet>'
    )
    return with_parts({SHEET: text.encode(encoding)})


def _names() -> bytes:
    """Every element has a name of its own, and each is cheap until a parser remembers them all."""
    return sheet("".join(f"<row><a{number}/></row>" for number in range(6_000)))


def _prefixes() -> bytes:
    return sheet("".join(f'<row xmlns:a{number}="a"/>' for number in range(6_000)))


def _two_sheets_of_one_name() -> bytes:
    book = Workbook()
    book.active.title = "Visits"
    book.create_sheet("Visitz")
    buffer = BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as parts:
        return zipped((name, parts.read(name).replace(b"Visitz", b"VISITS")) for name in parts.namelist())


def _open_document() -> bytes:
    return zipped([("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"<a/>")])


DAMAGED = f"is damaged or cut short; copy it anew, or {SAVE_AS}"
MUCH = f"holds more than any survey does (in sheet1.xml) {TOO_LARGE}"
HARMFUL = f"declares entities, which no spreadsheet does and which could harm; {SAVE_AS}"
TWO_CELLS = '<row r="1"><c r="{}1"><v>1</v></c><c r="{}1"><v>2</v></c></row>'
DISORDER = f"has rows or cells out of order (in sheet1.xml), so that some would be lost; {SAVE_AS}"
PASSWORD = "is protected by a password; open it and save a copy without one"

BROKEN: Mapping[str, Broken] = {
    name: Broken(content=content, says=says)
    for name, content, says in (
        # ------------------------------------------------------------------------------ something else altogether
        ("empty", lambda: b"", "is empty (0 bytes); copy it anew"),
        (
            "web page",
            lambda: b"\n<!DOCTYPE html><table></table>",
            f"is a web page or other markup, whatever its ending; {SAVE_AS}",
        ),
        (
            "csv",
            lambda: b"\xef\xbb\xbfvisit_id,date\nV1,2026-03-05\n",
            f"is plain text, whatever its ending; {SAVE_AS}",
        ),
        ("noise", lambda: bytes(range(256)), f"is no workbook, whatever its ending; {SAVE_AS}"),
        ("old excel", lambda: OLE, f"is in the old Excel form (.xls), whatever its ending; {SAVE_AS}"),
        ("password", lambda: OLE + "EncryptedPackage".encode("utf-16-le"), PASSWORD),
        ("open document", _open_document, f"is an OpenDocument file, whatever its ending; {SAVE_AS}"),
        (
            "binary",
            lambda: zipped([("xl/workbook.bin", b"")]),
            f"is a binary workbook (.xlsb), whatever its ending; {SAVE_AS}",
        ),
        (
            "numbers",
            lambda: zipped([("Index/Document.iwa", b"")]),
            f"is a Numbers spreadsheet, whatever its ending; {SAVE_AS}",
        ),
        ("word", lambda: zipped([("word/document.xml", b"")]), "is a Word file, whatever its ending; name a workbook"),
        (
            "powerpoint",
            lambda: zipped([("ppt/presentation.xml", b"")]),
            "is a PowerPoint file, whatever its ending; name a workbook",
        ),
        ("zip", lambda: zipped([("photo.jpg", b"")]), f"is a zip file and no workbook; {SAVE_AS}"),
        ("empty zip", lambda: zipped([]), f"is a zip file and no workbook; {SAVE_AS}"),
        ("zip in a zip", lambda: zipped([("visits.xlsx", good())]), f"is a zip file and no workbook; {SAVE_AS}"),
        (
            "no workbook in it",
            lambda: with_parts({"xl/workbook.xml": None}),
            f"is a zip file and no workbook; {SAVE_AS}",
        ),
        # -------------------------------------------------------------------------------------- macros and forms
        ("macros by type", _macros, f"has macros, whatever its ending; {SAVE_AS}, without them"),
        (
            "macros by part",
            lambda: with_parts({"xl/vbaProject.bin": b"x"}),
            f"has macros, whatever its ending; {SAVE_AS}, without them",
        ),
        ("template", _template, f"is a template, whatever its ending; {SAVE_AS}"),
        (
            "strict",
            lambda: replaced("xl/workbook.xml", MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
            f"is in the strict form of Office Open XML; {SAVE_AS}",
        ),
        (
            "unknown form",
            lambda: replaced("xl/workbook.xml", MAIN, "urn:x"),
            f"is in a form that is not known; {SAVE_AS}",
        ),
        (
            "no sheet",
            lambda: with_parts({"xl/workbook.xml": f'<workbook xmlns="{MAIN}"><sheets/></workbook>'.encode()}),
            f"holds no sheet; {SAVE_AS}",
        ),
        (
            "two sheets of one name",
            _two_sheets_of_one_name,
            f"holds two sheets of one name, as no spreadsheet writes them; {SAVE_AS}",
        ),
        # ---------------------------------------------------------------------------------------------- damage
        ("cut short", lambda: good()[:-400], DAMAGED),
        ("only its first bytes", lambda: good()[:60], DAMAGED),
        ("wrong sum", _wrong_sum, DAMAGED),
        ("says it is endless", lambda: _said_size(good(), 400_000_000), f"unpacks to more than 200 MB {TOO_LARGE}"),
        ("says it is shorter", lambda: _said_size(good(), 5), DAMAGED),
        ("encrypted entries", lambda: _flagged(good()), PASSWORD),
        (
            "packed by lzma",
            lambda: zipped(good_parts().items(), zipfile.ZIP_LZMA),
            f"is packed as no spreadsheet packs it; {SAVE_AS}",
        ),
        ("one part twice", _twice, f"holds two files of one name, as no spreadsheet writes them; {SAVE_AS}"),
        (
            "one part in capitals",
            lambda: with_parts({SHEET.upper(): b"<a/>"}),
            f"holds two files of one name, as no spreadsheet writes them; {SAVE_AS}",
        ),
        ("sheet is no xml", lambda: with_parts({SHEET: b"<worksheet>"}), f"is damaged (in sheet1.xml); {SAVE_AS}"),
        (
            "styles are no xml",
            lambda: with_parts({"xl/styles.xml": b"<a></b>"}),
            f"is damaged (in styles.xml); {SAVE_AS}",
        ),
        (
            "unknown encoding",
            lambda: with_parts({SHEET: b'<?xml version="1.0" encoding="martian"?><a/>'}),
            f"is damaged (in sheet1.xml); {SAVE_AS}",
        ),
        (
            "types are no xml",
            lambda: with_parts({"[Content_Types].xml": b"PK"}),
            f"is damaged (in [Content_Types].xml); {SAVE_AS}",
        ),
        ("sheet is missing", lambda: with_parts({SHEET: None}), f"is damaged (in workbook.xml); {SAVE_AS}"),
        ("relations are missing", lambda: with_parts({"xl/_rels/workbook.xml.rels": None}), DAMAGED),
        (
            "sheet is the styles",
            lambda: replaced("xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "styles.xml"),
            f"is damaged (in workbook.xml); {SAVE_AS}",
        ),
        (
            "sheet is elsewhere",
            lambda: replaced("xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "../../../etc/passwd"),
            f"is damaged (in workbook.xml); {SAVE_AS}",
        ),
        ("rows go back", lambda: sheet('<row r="2"/><row r="2"/>'), DISORDER),
        ("cells go back", lambda: sheet(TWO_CELLS.format("B", "A")), DISORDER),
        ("cells go back far", lambda: sheet(TWO_CELLS.format("AA", "B")), DISORDER),
        ("one cell twice", lambda: sheet(TWO_CELLS.format("A", "A")), DISORDER),
        ("row far away", lambda: sheet('<row r="1048577"/>'), f"is damaged (in sheet1.xml); {SAVE_AS}"),
        (
            "row endlessly far away",
            lambda: sheet('<row r="1_000_000_000_000"/>'),
            f"is damaged (in sheet1.xml); {SAVE_AS}",
        ),
        # ----------------------------------------------------------------------------------------- entities
        ("entities", _entities, HARMFUL),
        ("outside entity", lambda: _outside_entity("utf-8"), HARMFUL),
        ("outside entity in utf-16", lambda: _outside_entity("utf-16"), HARMFUL),
        (
            "entities in the book",
            lambda: with_parts({"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY x "y">]><a/>'}),
            HARMFUL,
        ),
        ("entities in the types", lambda: with_parts({"[Content_Types].xml": b"<!DOCTYPE a><a/>"}), HARMFUL),
        # -------------------------------------------------------------------------------------------- bombs
        (
            "many files",
            lambda: zipped([*good_parts().items(), *((f"a{it}", b"") for it in range(2_000))]),
            f"holds {len(good_parts()) + 2_000:,} files {TOO_LARGE}",
        ),
        ("one large part", lambda: streamed(SHEET, bytes(1 << 20), 201), f"unpacks to more than 200 MB {TOO_LARGE}"),
        (
            "packed too well",
            lambda: streamed(SHEET, b"<row/>" * 100_000, 20),
            f"unpacks to more than 100 times its size {TOO_LARGE}",
        ),
        ("says it is small", _lying_bomb, DAMAGED),
        (
            "large book",
            lambda: streamed("xl/workbook.xml", b" " * 1_000, 9_000, before=b"<a>"),
            f"holds more than any survey does (in workbook.xml) {TOO_LARGE}",
        ),
        ("one long row", lambda: sheet(f"<row>{'<c/>' * 250_001}</row>"), MUCH),
        ("rows in a row", lambda: sheet(f"<row>{'<row/>' * 250_001}</row>"), MUCH),
        ("much around the rows", lambda: sheet("", around="<a/>" * 250_001), MUCH),
        ("much between rows", lambda: sheet(f"<row/>{'<a/>' * 9}" * 28_000), MUCH),
        ("rows of another kind", lambda: sheet('<a:row xmlns:a="a"/>' * 250_001), MUCH),
        (
            "one long text",
            lambda: streamed(
                SHEET, b"%0999d" % 0, 8_200, before=f'<worksheet xmlns="{MAIN}"><sheetData><row><c><v>'.encode()
            ),
            MUCH,
        ),
        ("one long comment", lambda: streamed(SHEET, b"%0999d" % 0, 8_200, before=b"<!--"), MUCH),
        (
            "more rows than there are",
            lambda: sheet('<row r="1048576"/><row/>'),
            f"is damaged (in sheet1.xml); {SAVE_AS}",
        ),
        ("many names", _names, MUCH),
        ("many prefixes", _prefixes, MUCH),
        (
            "many styles",
            lambda: with_parts({"xl/styles.xml": b"<a>" + b"<b/>" * 250_000 + b"</a>"}),
            f"holds more than any survey does (in styles.xml) {TOO_LARGE}",
        ),
    )
}
