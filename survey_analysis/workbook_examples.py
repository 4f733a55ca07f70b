"""The rows of the sheet Example: two invented visits that show the form, under names that no visit may bear."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from survey_analysis.grade_scales import grade_scale
from survey_analysis.surveys import BETWEEN_CODES, INVENTED, NOT_APPLICABLE, NOT_SEEN, Column, Dictionary

_PUPILS = MappingProxyType(
    {
        ("before", "not_fsm"): (150, 60, 40, 30),
        ("before", "fsm"): (40, 8, 5, 4),
        ("after", "not_fsm"): (148, 75, 55, 45),
        ("after", "fsm"): (42, 18, 12, 9),
    }
)
_COUNTS = ("pupils", "taking_part", "achieving", "sustained")
_POUNDS = (1_200, 300, 450, 0, 250)
_SECOND = "second_"  # with this begins what a second inspector gives


def example_rows(dictionary: Dictionary) -> Mapping[str, list[Mapping[str, object]]]:
    """The rows of each table, by the dictionary's own codes: the first visit seen whole, the second in part."""
    visits: list[Mapping[str, object]] = [_visit(dictionary["visits"], place) for place in (0, 1)]
    groups: list[Mapping[str, object]] = [
        {"visit_id": f"{INVENTED}1", "time": time, "characteristic": "fsm", "group": group}
        | dict(zip(_COUNTS, counts, strict=True))
        for (time, group), counts in _PUPILS.items()
    ]
    sources = dictionary["costs"]["source"].codes
    last = _year(dictionary["visits"])
    costs: list[Mapping[str, object]] = [
        {"visit_id": f"{INVENTED}1", "year": f"{last - 1}-{last % 100}", "source": source, "amount_gbp": pounds}
        for source, pounds in zip(sources, _POUNDS, strict=True)
    ]
    return {"visits": visits, "pupil_groups": groups, "costs": costs}


def _visit(columns: Mapping[str, Column], place: int) -> Mapping[str, object]:
    """A visit that has, of each column, the code at a place; the second had no second inspector."""
    row: dict[str, object] = {"visit_id": f"{INVENTED}{place + 1}"}
    kept = (column for name, column in columns.items() if name not in ("visit_id", "grade_scale"))
    return row | {column.name: value for column in kept for value in _values(column, place, columns)}


def _code(column: Column, place: int) -> str:
    """Of a grade the best and one that is not good; a gap that widened goes with the visit that did not do well."""
    if column.kind == "grade":
        return column.judgements[2 * place]
    return column.judgements[1 - place if column.name.startswith("gap_widened") else place]


def _year(columns: Mapping[str, Column]) -> int:
    """In spring of which the visits were made: the last year in which the scale of the grades was in use, or 2026."""
    last_day = grade_scale(columns["grade_scale"].codes[0]).last_day
    return int(last_day[:4]) if last_day else 2026


def _values(column: Column, place: int, columns: Mapping[str, Column]) -> Iterator[object]:
    """What stands in a cell, if anything does."""
    second = column.name.startswith(_SECOND)
    if column.asked_of:
        [(name, codes)] = column.asked_of.items()
        yield column.codes[0] if columns[name].codes[place] in codes else NOT_APPLICABLE
    elif column.kind == "codes":
        yield BETWEEN_CODES.join(column.judgements[: 2 - place])
    elif column.codes:
        yield NOT_SEEN if second and place else _code(column, place)
    elif column.kind == "date":
        yield f"{_year(columns)}-03-{5 + 7 * place:02d}"
    elif column.kind == "pseudonym" and not (second and place):
        yield "B" if second else "A"
