"""One part of a workbook, looked through piece by piece, so that nothing is parsed into memory that would not fit.

Whatever parses a workbook keeps a row, or a text, while it reads it, and keeps all that is in none of them to the end.
So both are limited here, in bytes and in elements, by a reader that keeps nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO
from xml.parsers import expat

MOST_ROWS = 1_048_576
"""Rows of a sheet, as many as a spreadsheet can have; and as many different texts in a workbook."""
MOST_HELD = 8_000_000
"""Bytes of one row, or of all that is in no row: sixteen thousand cells fill a tenth of it."""
MOST_ELEMENTS = 250_000
"""Elements of one row, or of all that is in no row."""
MOST_CELLS, MOST_FILLED = 2_000_000, 400_000
"""Cells of all sheets, and rows that have any; 10,000 visits with all their pupils have 1.7 million in 190,000 rows."""
MOST_SPANNED = 5_000_000
"""Cells of a sheet, from the first column to the last that is filled, empty ones too, which a parser makes up."""
MOST_NAMES = 5_000
"""Different names of elements, attributes and prefixes, which every parser of XML keeps to the end."""
MOST_MERGED = 1_000
"""Merged ranges of a sheet that are noted; one is enough to have it mended."""

SAVE_AS = "open it in a spreadsheet and save a copy as Excel Workbook (.xlsx)"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROW, TEXT = f"{MAIN} row", f"{MAIN} si"
"""The elements that a sheet, and the texts of all cells, are read by."""

_CELL, _FORMULA, _MERGED = f"{MAIN} c", f"{MAIN} f", f"{MAIN} mergeCell"
_CHUNK = 1 << 18
_BEGINNINGS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\0<", b"\0<")  # of XML, as its encodings have it
_LONGEST_NAME = 60


class RefusedError(Exception):
    """What is wrong with a workbook, to follow its name."""


class _DamagedError(RefusedError):
    """XML that ends before its end."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is noted of a part: its bytes, its cells, rows that have any, which are merged, and whether any computes."""

    size: int
    cells: int = 0
    filled: int = 0
    merged: tuple[str, ...] = ()
    has_formulas: bool = False


def look_through(stream: IO[bytes], name: str, *, most: int, is_xml: bool, unit: str = "") -> Part:
    """Read a part to its end, or to `most` bytes, whatever size it says it has.

    Parameters
    ----------
    stream
        The part, unpacked as it is read.
    name
        What it is called in the container.
    most
        How many bytes it may have.
    is_xml
        Whether it will be parsed. A part that begins like XML is looked through all the same, whatever its name.
    unit
        The element that it is read by, `ROW` or `TEXT`; '' if it is parsed whole.

    Raises
    ------
    RefusedError
        A part with more bytes, XML that is damaged or declares entities, or more at once than may be held.
    """
    reader = _Reader(name, unit) if is_xml else None
    sniffed, size = False, 0
    while chunk := stream.read(_CHUNK):
        if size == 0 and reader is None and _may_be_parsed(name, chunk):
            reader, sniffed = _Reader(name, unit), True
        size += len(chunk)
        if size > most:
            raise too_much(name)
        if reader:
            try:
                reader.read(chunk, last=False)
            except _DamagedError:
                if not sniffed:
                    raise
                reader = None  # as drawings of old kinds are; no parser comes further than this one
    if reader is None or sniffed:
        return Part(size=size)
    reader.read(b"", last=True)
    return Part(
        size=size,
        cells=reader.cells,
        filled=reader.filled if unit == ROW else 0,
        merged=tuple(reader.merged),
        has_formulas=reader.formulas,
    )


def _may_be_parsed(name: str, start: bytes) -> bool:
    """Whether a part begins like XML, pictures apart, which are copied as they are."""
    return start.lstrip().startswith(_BEGINNINGS) and not name.lower().endswith(".svg")


def check_cells(cells: int, filled: int) -> None:
    """That there are no more cells, or rows that have any, than may be kept while they are read."""
    for count, most, what in ((cells, MOST_CELLS, "cells"), (filled, MOST_FILLED, "rows")):
        if count > most:
            raise too_large(f"holds more than {most:,} {what}")


def too_large(what: str) -> RefusedError:
    """The refusal of what could fill the memory."""
    return RefusedError(
        f"{what} and is not opened, for it could fill the memory; take out what does not belong to the visits"
    )


def too_much(name: str) -> RefusedError:
    """The refusal of a part with more in it, or more at once, than there may be."""
    return too_large(f"holds more than any survey does (in {shown(PurePosixPath(name).name)})")


def damaged(name: str) -> RefusedError:
    """The refusal of a part that is not what it should be."""
    return _DamagedError(f"is damaged (in {shown(PurePosixPath(name).name)}); {SAVE_AS}")


def shown(name: str) -> str:
    """A name as a sentence shows it: short, and with nothing in it that a screen would obey.

    >>> print(shown("visits.xlsx"), shown("a" + chr(8238) + "b.xlsx"))
    visits.xlsx 'a\\u202eb.xlsx'
    """
    short = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
    return short if short.isprintable() else repr(short)


class _Reader:
    """Follows the XML of a part and keeps counts alone."""

    def __init__(self, name: str, unit: str) -> None:
        self.name, self.unit = name, unit
        self.cells, self.filled, self.formulas = 0, 0, False
        self.merged: dict[str, None] = {}
        self._fed = self._since = self._outside = 0  # bytes: all, to the last start or end of a unit, in no unit
        self._elements = self._before = 0  # that are held now, and that were when the unit began
        self._depth = self._units = self._row = 0  # units around this place, units so far, the number of this row
        self._cell, self._spanned = "", 0
        self._prefixes: set[str | None] = set()
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.ordered_attributes = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartNamespaceDeclHandler = self._prefix

    def read(self, chunk: bytes, *, last: bool) -> None:
        self._fed += len(chunk)
        try:
            self._parser.Parse(chunk, last)
        except (expat.ExpatError, LookupError, ValueError):
            raise damaged(self.name) from None
        self._check(self._fed - self._since)
        check_cells(self.cells, self.filled if self.unit == ROW else 0)
        if len(self._parser.intern) + len(self._prefixes) > MOST_NAMES:
            raise too_much(self.name)

    def _check(self, held: int) -> None:
        if max(held, self._outside) > MOST_HELD or self._elements > MOST_ELEMENTS or self._units > MOST_ROWS:
            raise too_much(self.name)

    def _start(self, name: str, attributes: Sequence[str]) -> None:
        self._elements += 1
        if name == _CELL:
            self.cells += 1
            if attributes and self.unit == ROW:
                self._next_cell(attributes)
        elif name == self.unit:
            self._start_unit(attributes)
        elif name == _FORMULA:
            self.formulas = True
        elif name == _MERGED and len(self.merged) < MOST_MERGED:
            self.merged[_attribute(attributes, "ref")] = None

    def _start_unit(self, attributes: Sequence[str]) -> None:
        if self._depth == 0:
            here = self._parser.CurrentByteIndex
            self._outside += here - self._since
            self._since = here
            self._elements -= 1  # of units so many are allowed apart
            self._before = self._elements
            self._units += 1
        self._depth += 1
        if self.unit == ROW:
            self._next_row(_attribute(attributes, "r"))

    def _end(self, name: str) -> None:
        if name == self.unit:
            self._depth -= 1
            if self._depth == 0:
                here = self._parser.CurrentByteIndex
                self._check(here - self._since)
                self.filled += self._elements > self._before
                self._spanned += _column(self._cell)
                if self._spanned > MOST_SPANNED:
                    raise too_large("is filled so far to the right in so many rows")
                self._since, self._elements = here, self._before

    def _next_row(self, number: str) -> None:
        """Rows that go back are passed over by the library that parses them, and one far away is waited for."""
        if number and not (number.isascii() and number.isdigit() and len(number) <= len(str(MOST_ROWS))):
            raise damaged(self.name)
        row = int(number) if number else self._row + 1
        if not self._row < row <= MOST_ROWS:
            raise self._disordered() if number and row <= self._row else damaged(self.name)
        self._row, self._cell = row, ""

    def _next_cell(self, attributes: Sequence[str]) -> None:
        """Of cells that are out of order the same library drops some."""
        cell = attributes[1] if attributes[0] == "r" else _attribute(attributes, "r")
        if cell:
            before, self._cell = self._cell, cell
            if len(cell) < len(before) or (len(cell) == len(before) and cell <= before):
                raise self._disordered()

    def _disordered(self) -> RefusedError:
        where = shown(PurePosixPath(self.name).name)
        return RefusedError(f"has rows or cells out of order (in {where}), so that some would be lost; {SAVE_AS}")

    def _doctype(self, *_: object) -> None:
        raise RefusedError(f"declares entities, which no spreadsheet does and which could harm; {SAVE_AS}")

    def _prefix(self, prefix: str | None, _: str) -> None:
        self._prefixes.add(prefix)


def _column(cell: str) -> int:
    """The number of a cell's column: 1 of 'A7', 16,384 of 'XFD7', 0 of ''."""
    number = 0
    for letter in cell.rstrip("0123456789").upper()[:4]:
        number = 26 * number + ord(letter) - 64
    return number


def _attribute(attributes: Sequence[str], name: str) -> str:
    return dict(zip(attributes[::2], attributes[1::2], strict=True)).get(name, "")
