"""The door for workbooks: a file is looked at as a container, and refused before anything in it is parsed.

A workbook is a zip of XML. It comes from strangers, so it can be something else under that name, can be made to fill
the memory, and can name things outside itself. What passes here is read into memory once, and never written.
"""

import posixpath
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from survey_analysis.errors import InputError
from survey_analysis.workbook_parts import (
    MAIN,
    MOST_HELD,
    ROW,
    SAVE_AS,
    TEXT,
    Part,
    RefusedError,
    check_cells,
    damaged,
    look_through,
    shown,
    too_large,
)

MOST_ON_DISK = 50_000_000
"""Bytes of a workbook; 10,000 visits with all their pupils and costs take a fifth of it."""
MOST_UNPACKED = 200_000_000
"""Bytes of everything in it, unpacked; those 10,000 visits take half of it."""
MOST_IN_TEXTS = 50_000_000
"""Bytes of the texts of all cells, which the library that parses a workbook keeps in memory together."""
MOST_PARTS = 2_000
"""Files in it."""
MOST_TIMES = 100
"""How many times larger than packed a part may be, from `GRACE` bytes; those 10,000 visits are 16 times at most."""
GRACE = 10_000_000

_OTHER_ENDINGS = {
    ".xls": f"is in the old Excel form; {SAVE_AS}",
    ".xlsm": f"is a workbook with macros; {SAVE_AS}",
    ".xltm": f"is a template with macros; {SAVE_AS}",
    ".xltx": f"is a template; {SAVE_AS}",
    ".xlsb": f"is a binary workbook; {SAVE_AS}",
    ".ods": f"is an OpenDocument spreadsheet; {SAVE_AS}",
    ".numbers": f"is a Numbers spreadsheet; {SAVE_AS}",
    ".csv": f"is one table; name the folder that holds visits.csv, pupil_groups.csv and costs.csv, or {SAVE_AS}",
}
_OTHERWISE = f"whatever its ending; {SAVE_AS}"
_OTHER_FORMS = {
    "xl/workbook.bin": f"a binary workbook (.xlsb), {_OTHERWISE}",
    "mimetype": f"an OpenDocument file, {_OTHERWISE}",
    "Index/Document.iwa": f"a Numbers spreadsheet, {_OTHERWISE}",
    "word/document.xml": "a Word file, whatever its ending; name a workbook",
    "ppt/presentation.xml": "a PowerPoint file, whatever its ending; name a workbook",
}
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PASSWORD = "is protected by a password; open it and save a copy without one"
_ENTRY = b"PK\x01\x02"  # with this begins each line of the list of what a zip holds
_STRICT = "http://purl.oclc.org/ooxml/"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_NO_WORKBOOK = f"is a zip file and no workbook; {SAVE_AS}"
_PARSED_WHOLE = frozenset(  # by the library that parses a workbook, under these names
    {"[Content_Types].xml", "xl/styles.xml", "xl/theme/theme1.xml", "docProps/core.xml", "docProps/custom.xml"}
)


@dataclass(frozen=True, kw_only=True)
class SheetFile:
    """A sheet as the container has it: its name, whether it is hidden, which cells are merged, whether it computes."""

    name: str
    hidden: bool
    merged: tuple[str, ...]
    has_formulas: bool


@dataclass(frozen=True, kw_only=True, repr=False)
class WorkbookFile:
    """A workbook that may be parsed: its bytes, and its sheets in order."""

    name: str
    content: bytes
    sheets: tuple[SheetFile, ...]


def open_workbook(path: Path) -> WorkbookFile:
    """A workbook, read into memory and looked through.

    Raises
    ------
    InputError
        A file that is not there or cannot be read; that is no workbook, or one under a password, with macros or in
        another form; that is damaged; that is larger than it may be, packed, unpacked or in any part; that declares
        entities.
    """
    name = shown(path.name or str(path))
    content = _content(path, name)
    try:
        _check_bytes(content)
        with zipfile.ZipFile(BytesIO(content)) as parts:
            _check_container(parts)
            return WorkbookFile(name=name, content=content, sheets=tuple(_sheets(parts)))
    except RefusedError as refused:
        raise InputError(f"{name} {refused}") from None
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, LookupError, ValueError, RuntimeError):
        raise InputError(f"{name} is damaged or cut short; copy it anew, or {SAVE_AS}") from None


# --------------------------------------------------------------------------------------------------- the bytes


def _content(path: Path, name: str) -> bytes:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(f"{name} is a folder, not a workbook; name the file in it")
        if not stat.S_ISREG(mode):
            raise InputError(f"{name} is not a file on a disk; name a workbook")
        if path.suffix.lower() != ".xlsx":
            raise InputError(f"{name} {_other_ending(path.suffix)}")
        with path.open("rb") as file:
            content = file.read(MOST_ON_DISK + 1)
    except InputError:
        raise
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"there is no file {str(path)!r}; look at the name and the folder") from None
    except OSError as error:
        raise InputError(f"{name} cannot be read ({error.strerror}); close it elsewhere, or copy it anew") from None
    except ValueError:  # of a name with a character that no name can have
        raise InputError(f"{name} cannot be the name of a file; look at the name and the folder") from None
    if len(content) > MOST_ON_DISK:
        raise InputError(
            f"{name} is larger than {MOST_ON_DISK // 1_000_000} MB and is not opened; take out pictures "
            "and sheets that do not belong to the visits"
        )
    return content


def _other_ending(ending: str) -> str:
    if ending.lower() in _OTHER_ENDINGS:
        return _OTHER_ENDINGS[ending.lower()]
    return (f"ends in {shown(ending)!r} and not in '.xlsx'" if ending else "has no ending '.xlsx'") + f"; {SAVE_AS}"


def _check_bytes(content: bytes) -> None:
    """That these bytes are a zip with no more in it than there may be."""
    if not content:
        raise RefusedError("is empty (0 bytes); copy it anew")
    if content.startswith(_OLD):
        raise RefusedError(_PASSWORD if _ENCRYPTED in content else f"is in the old Excel form (.xls), {_OTHERWISE}")
    if not content.startswith(b"PK"):
        start = content[:1_000].removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith(b"<"):
            raise RefusedError(f"is a web page or other markup, {_OTHERWISE}")
        raise RefusedError(f"is no workbook, {_OTHERWISE}" if b"\0" in start else f"is plain text, {_OTHERWISE}")
    if (entries := content.count(_ENTRY)) > MOST_PARTS:  # counted before they are read, for each takes memory
        raise too_large(f"holds {entries:,} files")


# ----------------------------------------------------------------------------------------------- the container


def _check_container(parts: zipfile.ZipFile) -> None:
    """That this zip is packed as a spreadsheet packs it, and is nothing else that is a zip."""
    entries = parts.infolist()
    names = {it.filename for it in entries}
    if sum(it.file_size for it in entries) > MOST_UNPACKED:
        raise too_large(f"unpacks to more than {MOST_UNPACKED // 1_000_000} MB")
    if any(it.file_size > max(GRACE, MOST_TIMES * it.compress_size) for it in entries):
        raise too_large(f"unpacks to more than {MOST_TIMES} times its size")
    if len({name.casefold() for name in names}) != len(entries):
        raise RefusedError(f"holds two files of one name, as no spreadsheet writes them; {SAVE_AS}")
    if any(it.flag_bits & 1 for it in entries):
        raise RefusedError(_PASSWORD)
    if any(it.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for it in entries):
        raise RefusedError(f"is packed as no spreadsheet packs it; {SAVE_AS}")
    for name, what in _OTHER_FORMS.items():
        if name in names:
            raise RefusedError(f"is {what}")
    if "[Content_Types].xml" not in names:
        raise RefusedError(_NO_WORKBOOK)


def _sheets(parts: zipfile.ZipFile) -> Iterator[SheetFile]:
    """The sheets in order, every part of the container having been looked through."""
    types = _types(parts)
    book = _main_part(types, parts)
    tree = _tree(parts, book)
    if not tree.tag.startswith(f"{{{MAIN}}}"):
        form = "the strict form of Office Open XML" if _STRICT in tree.tag else "a form that is not known"
        raise RefusedError(f"is in {form}; {SAVE_AS}")
    named = [it for sheets in _children(tree, "sheets") for it in _children(sheets, "sheet")]
    names = [it.get("name", "") for it in named]
    if len({name.casefold() for name in names}) != len(names):
        raise RefusedError(f"holds two sheets of one name, as no spreadsheet writes them; {SAVE_AS}")
    relations = _relations(parts, book)
    sheets = [relations.get(_id(it), Element("none")) for it in named]
    seen = _look_at_all(parts, _units(sheets, types, book))
    for name, sheet, relation in zip(names, named, sheets, strict=True):
        part = seen.get(relation.get("Target", ""))
        if part is None:
            raise damaged(book)
        hidden = sheet.get("state", "visible") != "visible"
        yield SheetFile(name=name, hidden=hidden, merged=part.merged, has_formulas=part.has_formulas)
    if not named:
        raise RefusedError(f"holds no sheet; {SAVE_AS}")


def _units(sheets: list[Element], types: Mapping[str, str], book: str) -> Mapping[str, str]:
    """By which elements those parts are read that are not parsed whole."""
    units = {it.get("Target", ""): ROW for it in sheets if "chartsheet" not in it.get("Type", "")}
    texts = types.get(f"{_TYPE}sharedStrings+xml", "")
    whole = _PARSED_WHOLE | {book, _relations_of(book), texts}
    if whole & units.keys():  # a sheet that is something else as well could be parsed whole after all
        raise damaged(book)
    return units | ({texts: TEXT} if texts and texts not in _PARSED_WHOLE | {book} else {})


def _look_at_all(parts: zipfile.ZipFile, units: Mapping[str, str]) -> Mapping[str, Part]:
    left, seen = MOST_UNPACKED, {}
    for entry in parts.infolist():
        name = entry.filename
        is_xml = name in units or name.lower().endswith((".xml", ".rels"))
        with parts.open(entry) as stream:
            seen[name] = look_through(stream, name, most=left, is_xml=is_xml, unit=units.get(name, ""))
        left -= seen[name].size
        if units.get(name) == TEXT and seen[name].size > MOST_IN_TEXTS:
            raise too_large(f"holds more than {MOST_IN_TEXTS // 1_000_000} MB of text")
    check_cells(sum(it.cells for it in seen.values()), sum(it.filled for it in seen.values()))
    return seen


# ------------------------------------------------------------------------------------------ what leads to what


def _types(parts: zipfile.ZipFile) -> Mapping[str, str]:
    """The first part of each type, as the library that parses a workbook finds it; '' if it stands for an ending."""
    tree = _tree(parts, "[Content_Types].xml")
    types = {it.get("ContentType", ""): "" for it in _children(tree, "Default")}
    first: dict[str, str] = {}
    for it in _children(tree, "Override"):
        first.setdefault(it.get("ContentType", ""), it.get("PartName", "")[1:])
    return types | first


def _main_part(types: Mapping[str, str], parts: zipfile.ZipFile) -> str:
    if any("macro" in it.lower() or "vbaproject" in it.lower() for it in types) or any(
        name.lower().endswith("vbaproject.bin") for name in parts.namelist()
    ):
        raise RefusedError(f"has macros, {_OTHERWISE}, without them")
    if f"{_TYPE}template.main+xml" in types:
        raise RefusedError(f"is a template, {_OTHERWISE}")
    main = f"{_TYPE}sheet.main+xml"
    book = types.get(main) or "xl/workbook.xml"
    if main not in types or book not in parts.namelist():
        raise RefusedError(_NO_WORKBOOK)
    return book


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relations(parts: zipfile.ZipFile, book: str) -> Mapping[str, Element]:
    """The relations of a part by their names, their targets as the container names them."""
    relations = {it.get("Id", ""): it for it in _children(_tree(parts, _relations_of(book)), "Relationship")}
    for it in relations.values():
        target = it.get("Target", "")
        whole = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(book, "..", target))
        it.set("Target", "" if it.get("TargetMode") == "External" else whole)
    return relations


def _id(sheet: Element) -> str:
    return next((value for name, value in sheet.items() if name.endswith("}id")), "")


def _children(tree: Element, name: str) -> Iterator[Element]:
    return (it for it in tree if it.tag.rpartition("}")[2] == name)


def _tree(parts: zipfile.ZipFile, name: str) -> Element:
    """A small part, parsed whole."""
    with parts.open(name) as stream:
        content = stream.read(MOST_HELD + 1)
    look_through(BytesIO(content), name, most=MOST_HELD, is_xml=True)
    try:
        return fromstring(content)
    except (ParseError, DefusedXmlException):
        raise damaged(name) from None
