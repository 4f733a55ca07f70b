"""One cell at a time: what it means in its column, or the one thing that is wrong with it.

A cell is read to the text that a CSV file has for it: a code, digits, a day as year-month-day. What is meant beyond
doubt is taken, whatever its capitals and spaces; what is not is never guessed, only suggested.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches

from survey_analysis.grade_scales import known_scales
from survey_analysis.personal_data import A_DATE, NAME, personal, quoted
from survey_analysis.problems import Problem
from survey_analysis.sheets import PerCent, SpreadsheetError, UnsavedFormula, Value, plain
from survey_analysis.surveys import BETWEEN_CODES, INVENTED, NOT_SEEN, Column

_DIGITS = {"count": 5, "money": 9}  # no school needs more, and a cell with more is a slip
_LONGEST_NUMBER = 24  # digits that are counted out; a number with more is told as a text is
_LONGEST = 40  # of a name
_NEAR = 0.6
_AS_GOOD_AS_SAID = 0.75  # so near to a code, a text with capitals is a slip and nobody's name
_FIRST_DAY = date(1899, 12, 30)  # from which spreadsheets count
_DAYS = (20_000, 80_000)  # 1954 to 2119, as spreadsheets count
_EMPTY = {
    "count": "give it a whole number, 0 where there is nothing",
    "money": "give it a whole number, 0 where there is nothing",
    "date": "give it a day as year-month-day, such as 2012-03-05",
}
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"})
_PSEUDONYM = re.compile(r"[A-Za-z]|[A-Za-z-]{0,6}\d{1,4}")
_YEAR = re.compile(r"(\d{4})(?:-(\d{2}))?")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with a cell: the rule that it breaks, and what fills the sentence of the rule."""

    rule: str
    found: str = ""
    allowed: str = ""
    suggestion: str = ""


def problem_of(fault: Fault, *, sheet: str, cell: str, column: str) -> Problem:
    """The fault of a cell as a problem that says where it stands."""
    return Problem(
        sheet=sheet,
        cell=cell,
        column=column,
        rule=fault.rule,
        found=fault.found,
        allowed=fault.allowed,
        suggestion=fault.suggestion,
    )


class CellReader:
    """Reads the cells of a column; the same cell is read once.

    With `spaced`, codes are told as a workbook shows them, 'not seen' for not_seen.
    """

    def __init__(self, column: Column, *, spaced: bool) -> None:
        self._column, self._spaced = column, spaced
        self._codes = {plain(code): code for code in column.codes}
        self._many = column.kind == "codes"
        self._read: dict[tuple[type, Value], str | Fault] = {}

    def __call__(self, value: Value) -> str | Fault:
        """The text of a cell as a CSV file would have it, '' where it may be empty and is."""
        key = type(value), value  # 1, 1.0 and True are equal
        if key not in self._read:
            self._read[key] = self._parsed(value.strip() if isinstance(value, str) else value)
        return self._read[key]

    def _parsed(self, value: Value) -> str | Fault:
        column = self._column
        if fault := no_value(value):
            return fault
        if value is None or value == "":
            return "" if column.may_be_empty else self._empty()
        match column.kind:
            case "count" | "money":
                return _whole(value, _DIGITS[column.kind])
            case "date":
                return _day(value)
        if isinstance(value, datetime | date) and column.kind != "school_year":
            return Fault(rule="personal-data", found=A_DATE, allowed=self._repair())
        match column.kind:
            case "grade" | "code":
                return self._code(value)
            case "codes":
                return self._several(value)
            case "school_year":
                return _school_year(value)
            case "urn":
                return _urn(value)
            case "pseudonym":
                return _pseudonym(value)
        return _name(value)

    def _listed(self, codes: Sequence[str]) -> str:
        return ", ".join(repr(self._spoken(code)) for code in codes)

    def _spoken(self, code: str) -> str:
        return code.replace("_", " ") if self._spaced else code

    def _repair(self) -> str:
        if self._column.codes:
            return f"write one of {self._listed(self._column.codes)}"
        return "write a short name of your own, such as V01"

    def _empty(self) -> Fault:
        column = self._column
        if column.codes:
            unseen = f"; {self._spoken(NOT_SEEN)!r} where it could not be judged" if NOT_SEEN in column.codes else ""
            return Fault(rule="empty", allowed=f"give it one of {self._listed(column.codes)}{unseen}")
        return Fault(rule="empty", allowed=_EMPTY.get(column.kind, "give it a value"))

    def _code(self, value: Value) -> str | Fault:
        if isinstance(value, str) and (code := self._codes.get(plain(value))) is not None:
            return code
        return self._unknown(value)

    def _several(self, value: Value) -> str | Fault:
        if not isinstance(value, str):
            return self._unknown(value)
        codes = []
        for part in re.split(r"[;,\n]", value):
            code = self._code(part.strip())
            if isinstance(code, Fault):
                return code
            codes.append(code)
        if NOT_SEEN in codes and len(set(codes)) > 1:
            return Fault(rule="code-beside-not-seen", found=repr(self._spoken(NOT_SEEN)))
        return BETWEEN_CODES.join(dict.fromkeys(codes))

    def _unknown(self, value: Value) -> Fault:
        """The fault of a value that is none of the codes, with the nearest of them."""
        codes, listed = self._codes, self._listed(self._column.codes)
        text = plain(str(value))
        if isinstance(value, bool):
            said: str = "yes" if value else "no"
            near = [said] if said in codes else []
        else:
            near = self._by_number(text) or get_close_matches(text, codes, n=1, cutoff=_NEAR)
        surely = get_close_matches(text, codes, n=1, cutoff=_AS_GOOD_AS_SAID)
        if isinstance(value, str) and (kind := personal(value)) and not surely:
            return Fault(rule="personal-data", found=kind, allowed=f"write one of {listed}")
        several = [it for it in re.split(r"\s*(?:/|&|\+|,|;|\band\b|\bor\b)\s*", text) if it]
        if len(several) > 1 and all(it in codes for it in several):
            many = "; ".join(self._spoken(codes[it]) for it in several)
            return Fault(rule="code", found=_found(value), allowed=listed, suggestion=many if self._many else "")
        suggestion = self._spoken(codes[near[0]]) if near else ""
        return Fault(rule="code", found=_found(value), allowed=listed + self._elsewhere(text), suggestion=suggestion)

    def _elsewhere(self, text: str) -> str:
        """Which other scale has a grade, if one has."""
        if self._column.kind != "grade":
            return ""
        scales = [it for it in known_scales().values() if text in map(plain, it.grades)]
        return f" (a grade of the scale {scales[0].name!r}: for it make another workbook)" if scales else ""

    def _by_number(self, text: str) -> list[str]:
        """The grade that a number stands for, on a scale that has numbers."""
        for scale in known_scales().values():
            if scale.grades == self._column.judgements and text.removesuffix(".0").isdecimal() and len(text) < 5:
                numbers = dict(zip(scale.numbers, scale.grades, strict=False))
                return [plain(numbers[number])] if (number := int(float(text))) in numbers else []
        return []


def no_value(value: Value) -> Fault | None:
    """The fault of a cell in which a spreadsheet has no value for us; None where it has, or is empty."""
    if isinstance(value, SpreadsheetError):
        return Fault(rule="spreadsheet-error", found=value.text if value.text in _ERRORS else "value")
    if isinstance(value, UnsavedFormula):
        allowed = "open the workbook in a spreadsheet and save it there, or write the value itself"
        return Fault(rule="formula", allowed=allowed)
    return None


def _found(value: Value) -> str:
    if isinstance(value, PerCent):
        return f"'{value.value:.0%}'"
    for kind, named in ((datetime | date, "a date"), (time, "a time of day"), (timedelta, "a length of time")):
        if isinstance(value, kind):
            return named
    return quoted(value)


def _whole(value: Value, digits: int) -> str | Fault:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_LONGEST_NUMBER:
        value = str(int(value))
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = value.lstrip("0") or "0"
        return value if len(value) <= digits else Fault(rule="too-large", found=str(len(value)), allowed=str(digits))
    if isinstance(value, PerCent) or (isinstance(value, str) and value.endswith("%")):
        shown = "" if isinstance(value, str) else "; if you did, format the cell as Number and write it anew"
        return Fault(rule="whole-number", found=_found(value), allowed=f"give the number itself, not a share{shown}")
    if isinstance(value, float) and math.isfinite(value) and value >= 0:
        return Fault(rule="whole-number", found=_found(value), allowed="round it to a whole number")
    meant = re.sub(r"[£,\s]|\.00?$", "", value) if isinstance(value, str) else ""
    return Fault(
        rule="whole-number",
        found=_found(value),
        allowed="write digits alone, without £, comma or point",
        suggestion=meant if meant.isascii() and meant.isdigit() and len(meant) <= digits else "",
    )


def _day(value: Value) -> str | Fault:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    days = _days(value)
    if isinstance(value, str) and days == [value]:
        return value
    allowed = "write it as year-month-day, such as 2012-03-05"
    if len(days) > 1:
        allowed += f"; it could be {' or '.join(days)}"
    if not days:
        found = repr(value) if isinstance(value, str) and personal(value) == A_DATE else _found(value)
        return Fault(rule="date", found=found, allowed=allowed)
    return Fault(rule="date", found=repr(value), allowed=allowed, suggestion=days[0] if len(days) == 1 else "")


_FORMS = (
    *("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d"),
    *("%d %B %Y", "%d %b %Y", "%d/%m/%y", "%m/%d/%y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"),
)


def _days(value: Value) -> list[str]:
    """The days that may be meant, in the order in which people in Britain would read them."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        first, last = _DAYS
        return [(_FIRST_DAY + timedelta(days=int(value))).isoformat()] if first < value < last else []
    return (
        list(dict.fromkeys(filter(None, (_day_in(value, form) for form in _FORMS)))) if isinstance(value, str) else []
    )


def _day_in(text: str, form: str) -> str:
    try:
        return datetime.strptime(text, form).date().isoformat()
    except ValueError:
        return ""


def _school_year(value: Value) -> str | Fault:
    """A year such as 2011-12, or 2012; a spreadsheet takes the first for December 2011."""
    if isinstance(value, datetime | date):
        first, month = value.year, value.month
        meant = f"{first}-{month:02d}" if month == (first + 1) % 100 else ""
        return Fault(rule="text", found="holds a date", allowed=_A_YEAR, suggestion=meant)
    text = _text(value)
    found = _YEAR.fullmatch(text or "")
    if text and found and (found[2] is None or int(found[2]) == (int(found[1]) + 1) % 100):
        return text
    return Fault(rule="text", found=f"{_found(value)} is not a school year", allowed=_A_YEAR)


_A_YEAR = "write it as text, such as 2025-26"


def _urn(value: Value) -> str | Fault:
    text = _text(value)
    if text and re.fullmatch(r"[1-9]\d{5}", text):
        return text
    return Fault(rule="text", found=f"{_found(value)} is not a URN", allowed="write the six digits, or leave it empty")


def _pseudonym(value: Value) -> str | Fault:
    """Not repeated where it is wrong, for then it may well be a name."""
    text = _text(value)
    if text and _PSEUDONYM.fullmatch(text):
        return text
    return Fault(
        rule="personal-data", found="a name", allowed="write one letter, or letters and a number, such as A or I07"
    )


def _name(value: Value) -> str | Fault:
    """What a visit is called."""
    text = _text(value)
    if text is None:
        return Fault(rule="text", found=f"{_found(value)} is not a text", allowed="write a short name, such as V01")
    if text.upper().startswith(INVENTED):
        return Fault(rule="example", allowed="write your own visits here, under names of your own")
    return shown_text(text, longest=_LONGEST, names=False)


def shown_text(text: str, *, longest: int, names: bool) -> str | Fault:
    """A text that a report will show, without what must not be in one; names of people or schools only with `names`."""
    kind = personal(text)
    if kind and not (names and kind == NAME):
        return Fault(rule="personal-data", found=kind, allowed="write a short text of your own, such as V01")
    if not text.isprintable():
        return Fault(rule="text", found=f"{quoted(text)} has a character that cannot be seen", allowed="take it out")
    if len(text) > longest:
        return Fault(rule="text", found=f"has {len(text):,} characters", allowed=f"write at most {longest}")
    if text[0] in "=+-@":
        return Fault(rule="text", found=f"{quoted(text)} begins like a formula", allowed="begin it otherwise")
    return text


def _text(value: Value) -> str | None:
    """A text, or a number that was typed where a text is wanted."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    return None


def readers(columns: Mapping[str, Column], *, spaced: bool) -> Mapping[str, CellReader]:
    """A reader for each column."""
    return {name: CellReader(column, spaced=spaced) for name, column in columns.items()}
