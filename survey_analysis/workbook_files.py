"""The door for workbooks: a file is looked at as a container, and refused before anything in it is parsed.

A workbook is a zip of XML. It comes from strangers, so it can be something else under that name, can be made to fill
the memory, and can name things outside itself. What passes here is read into memory once, and never written.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from survey_analysis.errors import InputError

MOST_ON_DISK = 50_000_000
"""Bytes of a workbook; 10,000 visits with all their pupils and costs take a fifth of it."""
MOST_UNPACKED = 200_000_000
"""Bytes of everything in it, unpacked; those 10,000 visits take half of it."""
MOST_IN_TEXTS = 50_000_000
"""Bytes of the texts of all cells, which the library that parses a workbook keeps in memory together."""
MOST_PARTS = 2_000
"""Files in it."""

_CHUNK = 1 << 20
_OVERLAP = 4_096  # longer than anything that is looked for
_SAVE_AS = "open it in a spreadsheet and save a copy as Excel Workbook (.xlsx)"
_OTHER_ENDINGS = {
    ".xls": "is in the old Excel form",
    ".xlsm": "is a workbook with macros",
    ".xltm": "is a template with macros",
    ".xltx": "is a template",
    ".xlsb": "is a binary workbook",
    ".ods": "is an OpenDocument spreadsheet",
    ".numbers": "is a Numbers spreadsheet",
    ".csv": "is one table; name the folder that holds visits.csv, pupil_groups.csv and costs.csv, or",
}
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_STRICT = "http://purl.oclc.org/ooxml/"
_TRANSITIONAL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?)"')
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


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
        another form; that is damaged; that unpacks to more than `MOST_UNPACKED` bytes or holds more than `MOST_PARTS`
        files; that declares entities.
    """
    content = _content(path)
    if problem := _not_a_zip(content):
        raise InputError(f"{path.name} {problem}")
    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            if problem := _not_a_workbook(parts):
                raise InputError(f"{path.name} {problem}")
            return WorkbookFile(name=path.name, content=content, sheets=tuple(_sheets(parts)))
    except _RefusedError as refused:
        raise InputError(f"{path.name} {refused}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, NotImplementedError, RuntimeError):
        raise InputError(f"{path.name} is damaged or cut short; copy it anew, or {_SAVE_AS}") from None


class _RefusedError(Exception):
    """What is wrong with a container, to follow its name."""


def _content(path: Path) -> bytes:
    ending = path.suffix.lower()
    if path.is_dir():
        raise InputError(f"{path.name} is a folder, not a workbook; name the file in it")
    if ending != ".xlsx" and path.exists():
        what = _OTHER_ENDINGS.get(
            ending, f"ends in {ending!r} and not in '.xlsx'" if ending else "has no ending '.xlsx'"
        )
        raise InputError(f"{path.name} {what}; {_SAVE_AS}".replace(", or;", ", or"))
    try:
        with path.open("rb") as file:
            content = file.read(MOST_ON_DISK + 1)
    except FileNotFoundError:
        raise InputError(f"there is no file {str(path)!r}; look at the name and the folder") from None
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read ({error.strerror}); close it elsewhere, or copy it anew"
        ) from None
    if len(content) > MOST_ON_DISK:
        raise InputError(
            f"{path.name} is larger than {MOST_ON_DISK // 1_000_000} MB and is not opened; take out pictures "
            "and sheets that do not belong to the visits"
        )
    return content


def _not_a_zip(content: bytes) -> str:
    """Why these bytes are no container, or nothing."""
    if not content:
        return "is empty (0 bytes); copy it anew"
    if content.startswith(_OLD):
        if _ENCRYPTED in content:
            return "is protected by a password; open it and save a copy without one"
        return f"is in the old Excel form (.xls), whatever its ending; {_SAVE_AS}"
    if not content.startswith(b"PK"):
        return f"is no workbook, whatever its ending; {_SAVE_AS}"
    return ""


def _not_a_workbook(parts: zipfile.ZipFile) -> str:
    """Why this container is not a workbook that can be read, or nothing."""
    entries = parts.infolist()
    names = {it.filename for it in entries}
    too_large = "and is not opened, for it could fill the memory; take out what does not belong to the visits"
    if len(entries) > MOST_PARTS:
        return f"holds {len(entries):,} files {too_large}"
    if sum(it.file_size for it in entries) > MOST_UNPACKED:
        return f"unpacks to more than {MOST_UNPACKED // 1_000_000} MB {too_large}"
    if len(names) != len(entries):
        return f"holds two files of one name, as no spreadsheet writes them; {_SAVE_AS}"
    if any(it.flag_bits & 1 for it in entries):
        return "is protected by a password; open it and save a copy without one"
    if "xl/vbaProject.bin" in names:
        return f"has macros, whatever its ending; {_SAVE_AS}, without them"
    if "xl/workbook.bin" in names:
        return f"is a binary workbook (.xlsb), whatever its ending; {_SAVE_AS}"
    if "mimetype" in names:
        return f"is an OpenDocument file, whatever its ending; {_SAVE_AS}"
    for name, what in (("word/document.xml", "Word"), ("ppt/presentation.xml", "PowerPoint")):
        if name in names:
            return f"is a {what} file, whatever its ending; name a workbook"
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        return f"is a zip file and no workbook; {_SAVE_AS}"
    return ""


def _sheets(parts: zipfile.ZipFile) -> Iterator[SheetFile]:
    """The sheets in order, every part of the container having been looked through."""
    left, seen = MOST_UNPACKED, {}
    for entry in parts.infolist():
        found, size = _look_through(parts, entry.filename, left)
        left -= size
        if PurePosixPath(entry.filename).name.casefold() == "sharedstrings.xml" and size > MOST_IN_TEXTS:
            raise _RefusedError(
                f"holds more than {MOST_IN_TEXTS // 1_000_000} MB of text and is not opened, for it could fill the "
                "memory; take out what does not belong to the visits"
            )
        seen[entry.filename] = found
    if b"macroEnabled" in parts.read("[Content_Types].xml"):
        raise _RefusedError(f"has macros, whatever its ending; {_SAVE_AS}, without them")
    book = _xml(parts, "xl/workbook.xml")
    if not book.tag.startswith(_TRANSITIONAL):
        form = "the strict form of Office Open XML" if _STRICT in book.tag else "a form that is not known"
        raise _RefusedError(f"is in {form}; {_SAVE_AS}")
    targets = _targets(parts)
    for sheet in book.iter(f"{_TRANSITIONAL}sheet"):
        part = targets.get(sheet.get(f"{_RELATIONS}id", ""), "")
        yield SheetFile(
            name=sheet.get("name", ""),
            hidden=sheet.get("state", "visible") != "visible",
            merged=seen.get(part, _Found()).merged,
            has_formulas=seen.get(part, _Found()).has_formulas,
        )


def _targets(parts: zipfile.ZipFile) -> Mapping[str, str]:
    """Which part of the container each relation of the workbook leads to."""
    return {
        relation.get("Id", ""): str(PurePosixPath("/xl") / relation.get("Target", "")).lstrip("/")
        for relation in _xml(parts, "xl/_rels/workbook.xml.rels")
    }


def _xml(parts: zipfile.ZipFile, name: str) -> Element:
    try:
        return fromstring(parts.read(name))
    except (ParseError, DefusedXmlException):
        raise _RefusedError(f"is damaged (in {PurePosixPath(name).name}); {_SAVE_AS}") from None


@dataclass(frozen=True)
class _Found:
    """What is noted of a part while it is looked through."""

    merged: tuple[str, ...] = ()
    has_formulas: bool = False


def _look_through(parts: zipfile.ZipFile, name: str, left: int) -> tuple[_Found, int]:
    """Unpack a part piece by piece, to its end or to the limit, whatever size it says it has."""
    is_xml = name.endswith((".xml", ".rels", ".vml"))
    merged: dict[str, None] = {}
    formulas, size, tail = False, 0, b""
    with parts.open(name) as part:
        while chunk := part.read(_CHUNK):
            size += len(chunk)
            if size > left:
                raise _RefusedError(
                    f"unpacks to more than {MOST_UNPACKED // 1_000_000} MB and is not opened, for it could fill the "
                    "memory; take out what does not belong to the visits"
                )
            if not is_xml:
                continue
            if not tail and chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise _RefusedError(f"is not written in UTF-8, as every spreadsheet writes it; {_SAVE_AS}")
            piece = tail + chunk
            if _DECLARES.search(piece):
                raise _RefusedError(f"declares entities, which no spreadsheet does and which could harm; {_SAVE_AS}")
            formulas = formulas or _FORMULA.search(piece) is not None
            merged |= dict.fromkeys(found.decode() for found in _MERGED.findall(piece))
            tail = piece[-_OVERLAP:]
    return _Found(tuple(merged), formulas), size
