"""Small CSV tables that a user may edit: their rows under the header that is expected, or a sentence about the file."""

import csv
import re
from collections.abc import Sequence
from math import inf
from os import PathLike

from survey_analysis.errors import InputError, as_path

_DIGITS = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")  # what float() takes besides (1_0, 1e5, inf) is no amount


def read_rows(path: str | PathLike[str], columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a table, each column -> cell without spaces at its ends; rows without anything in them are none.

    Raises
    ------
    InputError
        A file that cannot be read, other columns, no row, a row with too many or too few cells.
    """
    path = as_path("path", path, "that of a CSV file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *lines = [line for line in csv.reader(file, strict=True) if any(map(str.strip, line))] or [[]]
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give the path of a CSV file") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} is not CSV in UTF-8 ({error}); save it as 'CSV UTF-8'") from None
    if header != list(columns):
        has = ", ".join(header) or "none"
        raise InputError(f"{path.name} must have the columns {', '.join(columns)}, and has {has}; correct its header")
    if not lines:
        raise InputError(f"{path.name} has no rows; there must be at least one below the header")
    for place, line in enumerate(lines, start=1):
        if len(line) != len(columns):
            raise InputError(
                f"{path.name}, row {place}: there are {len(line)} cells below a header of {len(columns)}; give every "
                'column one, and put a cell with a comma in it between quotation marks, as in "a, b"'
            )
    return [dict(zip(columns, map(str.strip, line), strict=True)) for line in lines]


def positive(cell: str, where: str) -> float:
    """The number above 0 that a cell holds."""
    value = float(cell) if _DIGITS.fullmatch(cell) else 0.0
    if not 0 < value < inf:
        raise InputError(f"{where} must be a number above 0, not {cell!r}; write digits and a point alone")
    return value


def same_in_all(rows: Sequence[dict[str, str]], column: str, where: str) -> str:
    """What a column says in every row."""
    values = list(dict.fromkeys(row[column] for row in rows))
    if len(values) > 1 or not values[0]:
        said = " and ".join(map(repr, values[:2])) if len(values) > 1 else "nothing"
        raise InputError(f"{where}, column {column!r} must say the same in every row, and says {said}; correct it")
    return values[0]
