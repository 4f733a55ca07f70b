"""Reading a file of claims, and checking every field of it: all problems at once, each with claim, field and repair."""

import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any

from survey_analysis.claims import KINDS, SCOPES, THEMES, Assumption, Claim, Claims, Condition, Source
from survey_analysis.errors import InputError, unknown
from survey_analysis.readings import BASE, PERCENT, READINGS, Rule, is_number, rounded_percent
from survey_analysis.resources import DATA


def read_claims(path: str | PathLike[str] | None = None) -> Claims:
    """Read a file of claims and check it.

    Parameters
    ----------
    path
        A TOML file in the form of the one that travels with the package, which is read when absent.

    Returns
    -------
    Claims
        In the order of the file.

    Raises
    ------
    InputError
        A file that cannot be read, or records that are wrong: a line for each problem, with claim, field and repair.

    Examples
    --------
    >>> claims = read_claims()
    >>> claims["greater-range"].quantifier, claims["greater-range"].place
    ('most', 'Key findings, paragraph 1, sentence 1')

    Notes
    -----
    That a file is in order says that its figures can be meant together field by field, not that they are true. Columns
    and codes are checked by `check_columns`, because the dictionary of the visits is another file.
    """
    tables = _load(Path(DATA / "claims.toml" if path is None else path))
    problems = [
        str(unknown("table", name, [*_TABLES, "groups"])) for name in tables if name not in (*_TABLES, "groups")
    ]
    groups = _groups(tables, problems)
    sources: dict[str, Source] = _records("sources", tables, problems)
    assumptions: dict[str, Assumption] = _records("assumptions", tables, problems)
    summary: dict[str, _Part] = _records("summary", tables, problems)
    skipped: dict[str, _Skipped] = _records("not_checkable", tables, problems)
    items: dict[str, Claim] = _records("claims", tables, problems)
    if not tables.get("claims"):
        problems.append("there are no claims; add at least one record under [[claims]]")
    claims = Claims(
        items=tuple(claim for claim in items.values() if claim),
        sources=sources,
        assumptions=assumptions,
        summary={name: part.sentences for name, part in summary.items() if part},
        not_checkable={place: it.reason for place, it in skipped.items() if it},
        groups=groups,
    )
    problems += _crossed(claims, list(items))
    if problems:
        raise InputError("\n".join(problems))
    return claims


def check_columns(claims: Iterable[Claim], codes: Mapping[str, Collection[str]]) -> None:
    """Check that `counts` and `among` of every claim name columns of the visits, and codes of those columns.

    `codes` maps column to codes. Raises `InputError` with a line for each problem.

    >>> check_columns([read_claims()["greater-range"]], {"greater_range": ["yes", "no"]})
    """
    problems = []
    for claim in claims:
        for name, conditions in (("counts", claim.counts), ("among", claim.among)):
            where = f"claim {claim.id!r}, field {name!r}: "
            for column, wanted in (pair for condition in conditions or () for pair in condition.items()):
                if column in codes:
                    problems += _foreign(f"{where}code of {column!r}", wanted, codes[column])
                else:
                    problems += _foreign(f"{where}column", [column], codes)
    if problems:
        raise InputError("\n".join(problems))


# ---------------------------------------------------------------------------- what each record of the file must hold


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    name: str
    sentences: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Skipped:
    place: str
    reason: str


_TABLES = {"sources": Source, "assumptions": Assumption, "summary": _Part, "not_checkable": _Skipped, "claims": Claim}
"""Table of the file -> what a record of it becomes. The first field is the one by which it is known."""


def _is_list(value: object, holds: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and bool(value) and all(map(holds, value))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_condition(value: object) -> bool:
    return isinstance(value, dict) and all(_is_list(codes, _is_text) for codes in value.values())


_TEXT: Rule = ("a text that is not empty", _is_text)
_CONDITIONS: Rule = (
    'a table such as { partnership_use = ["good"] }, or a list of such tables',
    lambda value: _is_condition(value) or _is_list(value, _is_condition),
)
_RULES: dict[object, Rule] = {
    "base": BASE,
    "percent": PERCENT,
    str: _TEXT,
    str | None: _TEXT,
    bool: ("true or false", lambda value: isinstance(value, bool)),
    int | None: ("a whole number, 0 or more", is_number),
    tuple[str, ...]: ("a list of one or more texts", lambda value: _is_list(value, _is_text)),
    tuple[int, ...]: ("a list of whole numbers, each 1 or more", lambda value: _is_list(value, BASE[1])),
    tuple[Condition, ...] | None: _CONDITIONS,
}
"""Name of a field, or else its type -> what it must be."""

_BELONGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "count": (("count",), ("percent",)),
    "percent": (("percent",), ()),
    "base": ((), ("count", "percent", "quantifier")),
    "quantifier": (("quantifier", "ordering"), ()),
    "value": (("fact",), ()),
    "theme": (("action", "pitfall"), KINDS),
}
"""Field -> the kinds of claim that must have it, the further kinds that may."""


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give the path of a TOML file, or none") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a text file in UTF-8; save it as one") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not valid TOML: {error}; correct it there") from None


def _records(table: str, tables: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    """The records of one table by name, None for one that has problems, which are added to `problems`."""
    made, found = _TABLES[table], tables.get(table, [])
    known = {it.name: _RULES[it.name if it.name in _RULES else it.type] for it in fields(made)}
    needed = {it.name for it in fields(made) if it.default is MISSING}
    label, kind = next(iter(known)), table.removesuffix("s")
    if table == "sources" and isinstance(found, dict):
        found = [it | {"id": key} if isinstance(it, dict) else it for key, it in found.items()]
    if not (isinstance(found, list) and all(isinstance(it, dict) for it in found)):
        problems.append(
            f"{table} must be written as records; begin each with [[{table}]], a source with [sources.its-id]"
        )
        return {}
    records: dict[str, Any] = {}
    for number, record in enumerate(found, start=1):
        name = record.get(label)
        where = f"{kind} {name!r}, field " if _is_text(name) else f"{kind} number {number}, field "
        wrong = [f"{where}{it!r} is missing; add {known[it][0]}" for it in known if it in needed - set(record)]
        for it, value in record.items():
            if it not in known:
                wrong.append(str(unknown("name", it, known, where=where)))
            elif not known[it][1](value):
                wrong.append(f"{where}{it!r} must be {known[it][0]}, not {value!r}")
        if _is_text(name) and name in records:
            wrong.append(f"{where}{label!r} is that of two records; give one of them another")
        if _is_text(name):
            records[name] = None if wrong else made(**{it: _frozen(value) for it, value in record.items()})
        problems += wrong
    return records


def _groups(tables: dict[str, Any], problems: list[str]) -> dict[str, tuple[Condition, ...]]:
    """The named groups of visits; their names in the claims are replaced by what they stand for."""
    found = tables.get("groups", {})
    if not isinstance(found, dict):
        problems.append("groups must be one table of name and condition; write it under [groups]")
        return {}
    problems += [
        f"group {name!r} must be {_CONDITIONS[0]}, not {it!r}" for name, it in found.items() if not _CONDITIONS[1](it)
    ]
    claims = tables.get("claims", [])
    for claim in claims if isinstance(claims, list) else []:
        if isinstance(claim, dict) and isinstance(claim.get("among"), str):
            name = claim.pop("among")
            if name in found:
                claim["among"] = found[name]
            else:
                problems.append(str(unknown("the group in 'among'", name, found, where=f"claim {claim.get('id')!r}: ")))
    return {name: _frozen(it) for name, it in found.items() if _CONDITIONS[1](it)}


def _frozen(value: Any) -> Any:
    """A value of the file as a record holds it: lists as tuples, and a condition alone as one of one."""
    if isinstance(value, dict):
        return ({column: tuple(codes) for column, codes in value.items()},)
    if isinstance(value, list):
        return tuple(_frozen(it)[0] if isinstance(it, dict) else it for it in value)
    return value


def _foreign(where: str, values: Collection[str | None], allowed: Collection[str]) -> list[str]:
    """One problem for each value, where there is one, that is not among those allowed."""
    return [str(unknown(where, value, allowed)) for value in values if value is not None and value not in allowed]


def _crossed(claims: Claims, ids: Sequence[str]) -> list[str]:
    """What is wrong between records that are right by themselves; `ids` are those of all claims, right or not."""
    problems: list[str] = []
    places = claims.places
    for claim in claims:
        problems += [f"claim {claim.id!r}, field {it}" for it in _claim_problems(claim, claims, places)]
    for assumption in filter(None, claims.assumptions.values()):
        problems += _foreign(f"assumption {assumption.id!r}, field 'rests_on'", assumption.rests_on, ids)
    for place in claims.not_checkable:
        here = [claim.id for claim in claims if claim.source == "summary" and claim.place == place]
        where = f"not_checkable {place!r}, field 'place' "
        problems += [f"{where}{it}" for it in _place_problems(place, places)]
        problems += [f"{where}is the place of claim {it!r} too; remove the one or the other" for it in here[:1]]
    return problems


def _place_problems(place: str, places: Sequence[str]) -> list[str]:
    if place in places:
        return []
    near = get_close_matches(place, places, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "the sentences are counted in [[summary]]"
    return [f"must be a sentence of the summary, not {place!r}; {hint}"]


def _claim_problems(claim: Claim, claims: Claims, places: Sequence[str]) -> Iterator[str]:
    """Each problem as it reads after "claim 'x', field "."""
    choices = {"kind": KINDS, "scope": SCOPES, "theme": THEMES, "quantifier": READINGS, "source": claims.sources}
    for name, allowed in choices.items():
        yield from _foreign(f"{name!r}", [getattr(claim, name)], allowed)
    yield from _foreign("'assumptions'", claim.assumptions, claims.assumptions)
    if claim.source == "summary":
        yield from (f"'place' {it}" for it in _place_problems(claim.place, places))
    for name, (must, may) in _BELONGS.items():
        given = getattr(claim, name) is not None
        if claim.kind in must and not given:
            yield f"{name!r} is missing; a claim of kind {claim.kind!r} needs it"
        if given and claim.kind in KINDS and claim.kind not in must + may:
            yield f"{name!r} does not belong to a claim of kind {claim.kind!r}; remove it, or correct the kind"
    if claim.about is None and claim.scope == "sister survey":
        yield "'about' is missing; a claim from a sister survey says what that survey graded"
    if claim.comparable and claim.scope == "sister survey":
        yield "'comparable' must be false: another survey graded something else; write comparable = false"
    if claim.base_inferred and claim.base is None:
        yield "'base' is missing; base_inferred = true needs it"
    if claim.among is not None and claim.counts is None:
        yield "'counts' is missing; 'among' needs it"
    if claim.kind == "comparison" and claim.counts is not None and not claim.among:
        yield "'among' is missing; a comparison that is counted needs it: the group that is compared with the others"
    if claim.kind == "ordering" and [[*map(len, it.values())] for it in claim.counts or [{"": " "}]] != [[1]]:
        yield "'counts' of an ordering must name one column and one of its codes; put other columns in 'among'"
    if claim.kind == "percent" and (claim.count is None) != (claim.base is None):
        yield "'count' and field 'base' of a percentage belong together; give both or neither"
    elif claim.count is not None and claim.base is not None:
        if claim.count > claim.base:
            yield f"'count' is {claim.count}, above its base of {claim.base}; correct the one or the other"
        elif claim.percent is not None and claim.count not in claim.possible_counts():
            printed, possible = rounded_percent(claim.count, claim.base), claim.possible_counts()
            yield (
                f"'count' is {claim.count}: of {claim.base} that is printed as {printed}%, not as {claim.percent}%; "
                f"the counts that fit are {', '.join(map(str, possible)) or 'none, so correct the base'}"
            )
