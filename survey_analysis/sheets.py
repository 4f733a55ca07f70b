"""Tables as they stand, with the place of every cell: read from CSV files here, from a workbook in its own room."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from survey_analysis.errors import InputError

Value = object
"""What a cell holds: a text, a number, a date, a truth value, None where it is empty, or one of the two below."""


MOST_IN_CSV = 50_000_000
"""Bytes of a CSV file; the pupil groups of 10,000 visits take a seventh of it."""


@dataclass(frozen=True)
class SpreadsheetError:
    """What a spreadsheet shows in place of a value, such as #REF!."""

    text: str


@dataclass(frozen=True)
class UnsavedFormula:
    """A formula whose result was not saved."""


@dataclass(frozen=True)
class PerCent:
    """A number that its cell shows as so many per cent."""

    value: float


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A header and the rows below it, each with its number; rows in which nothing stands are left out.

    `name` is what a problem calls it: the sheet of a workbook, or a file whose name ends in .csv.
    """

    name: str
    header: Sequence[str]
    rows: Sequence[tuple[int, Sequence[Value]]]
    header_row: int = 1

    @property
    def is_file(self) -> bool:
        return self.name.endswith(".csv")

    def cell(self, row: int, place: int) -> str:
        """How a cell is named: 'C7', or in a file, which is read line by line, 'line 7'."""
        return f"line {row}" if self.is_file else f"{letters(place)}{row}"


def letters(place: int) -> str:
    """The letters of a column, counted from 0.

    >>> letters(0), letters(25), letters(26), letters(701), letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    named, left = "", place + 1
    while left:
        left, letter = divmod(left - 1, 26)
        named = chr(65 + letter) + named
    return named


def plain(text: object) -> str:
    """A text as it is compared: without capitals, with one space for spaces and underscores; '' for an empty cell.

    >>> plain("  Pupil_groups "), plain(None)
    ('pupil groups', '')
    """
    return " ".join(str("" if text is None else text).replace("_", " ").split()).casefold()


def read_csv_sheet(path: Path) -> Sheet:
    """The lines of a CSV file; those without anything in them are no lines.

    Raises
    ------
    InputError
        A file that is not there, cannot be read, is larger than it may be, or is no CSV in UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{path.name} is not a file on a disk; put a CSV file there")
        if path.stat().st_size > MOST_IN_CSV:
            raise InputError(
                f"{path.name} is larger than {MOST_IN_CSV // 1_000_000} MB and is not opened; take out what does not "
                "belong to the visits"
            )
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except FileNotFoundError:
        raise InputError(f"{path.name} is missing in the folder {str(path.parent)!r}; put it there") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text; save it as 'CSV UTF-8'") from None
    except csv.Error as error:
        raise InputError(
            f"{path.name} is not CSV ({error}); look for a quotation mark without a partner, and save as 'CSV UTF-8'"
        ) from None
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read ({error.strerror}); close it elsewhere, or copy it anew"
        ) from None
    if not lines:
        raise InputError(f"{path.name} has no rows; there must be at least a header")
    return Sheet(name=path.name, header=lines[0][1], rows=lines[1:])
