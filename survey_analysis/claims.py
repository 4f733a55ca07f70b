"""The published statements as data, the weakest readings of vague words, and the counts that a figure leaves possible.

Each statement that could be checked is one record of ``data/claims.toml``, in our own words, with its place in the
source. This module reads and checks the records. It computes nothing about the visits: `counts` and `among` only say
how a claim *is* counted there. The comment at the top of ``claims.toml`` defines every field.
"""

import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from numbers import Integral
from os import PathLike
from pathlib import Path
from typing import Any, overload

from survey_analysis.errors import InputError, unknown
from survey_analysis.resources import DATA

KINDS = ("count", "percent", "quantifier", "ordering", "comparison", "action", "pitfall", "fact")
SCOPES = ("the 59", "further visits", "case studies", "context", "sister survey")
THEMES = ("monitoring", "inclusion", "alignment", "shared_practice", "leadership")

Condition = Mapping[str, tuple[str, ...]]
"""Column of the visits table -> codes of which it must hold one; all columns named must hold. Empty: every visit."""


def _one_in(n: int) -> Callable[[int, int], bool]:
    """Whether base / count, rounded, is n: one in 20 of 59 is 3 and nothing else."""
    return lambda count, base: (2 * n - 1) * count <= 2 * base < (2 * n + 1) * count


READINGS: Mapping[str, tuple[str, Callable[[int, int], bool]]] = {
    "most": ("more than half", lambda count, base: 2 * count > base),
    "just less than half": ("fewer than half", lambda count, base: 2 * count < base),
    "nearly half": ("fewer than half", lambda count, base: 2 * count < base),
    "too rarely": ("fewer than half", lambda count, base: 2 * count < base),
    "more than a quarter": ("more than a quarter", lambda count, base: 4 * count > base),
    "more than two thirds": ("more than two thirds", lambda count, base: 3 * count > 2 * base),
    "one in 20": ("nearer to one in 20 than to one in 19 or 21", _one_in(20)),
    "one in five": ("nearer to one in five than to one in four or six", _one_in(5)),
    "a third": ("nearer to one in three than to one in two or four", _one_in(3)),
    "often": ("at least one", lambda count, base: count >= 1),
    "too often": ("at least one", lambda count, base: count >= 1),
    "too many": ("at least one", lambda count, base: count >= 1),
    "no guarantee": ("at least one", lambda count, base: count >= 1),
    "most frequent": ("at least one", lambda count, base: count >= 1),
}
"""Quantifier word -> (its weakest honest reading in words, the same as a test of count and base).

Plain English, and the least that the writer can have meant: "too many" and "often" are verdicts and carry no share.
"""


def rounded_percent(count: int, base: int) -> int:
    """The whole percentage that a count of a base is printed as, in exact integers; a half rounds up.

    Raises `InputError` unless base is 1 or more and count is within 0 to base.

    >>> rounded_percent(7, 59), rounded_percent(1, 8)
    (12, 13)
    """
    base = _check(base, "base", _BASE)
    count = _check(count, "count", _up_to(base))
    return (200 * count + base) // (2 * base)


def possible_counts(
    base: int, *, percent: int | None = None, quantifier: str | None = None, count: int | None = None
) -> tuple[int, ...]:
    """The whole numbers out of a base that one published figure or word leaves possible.

    Parameters
    ----------
    base
        How many there are in all, 1 or more.
    percent
        A whole percentage as printed: every count that rounds to it is possible. A half rounds up.
    quantifier
        A word of `READINGS`, taken at its weakest.
    count
        A count, which leaves only itself.

    Returns
    -------
    tuple of int
        Least first. Empty when no count of this base would be printed so, which is a reason to doubt the base.

    Raises
    ------
    InputError
        A value out of its range, an unknown word, or not exactly one of percent, quantifier and count.

    Examples
    --------
    >>> possible_counts(59, percent=12)
    (7,)
    >>> possible_counts(10, percent=12)
    ()
    >>> most = possible_counts(59, quantifier="most")
    >>> most[0], most[-1]
    (30, 59)

    Notes
    -----
    A range of this kind says what was published. It is no confidence interval: nothing here is a sample.
    """
    base = _check(base, "base", _BASE)
    if sum(given is not None for given in (percent, quantifier, count)) != 1:
        raise InputError("possible_counts needs exactly one of percent, quantifier and count; give one of them")
    if count is not None:
        return (_check(count, "count", _up_to(base)),)
    if quantifier is not None:
        if quantifier not in READINGS:
            raise unknown("quantifier", quantifier, READINGS)
        return tuple(number for number in range(base + 1) if READINGS[quantifier][1](number, base))
    _check(percent, "percent", _PERCENT)
    return tuple(number for number in range(base + 1) if rounded_percent(number, base) == percent)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where statements were published, and in `seen` what of it was really read."""

    id: str
    title: str
    publisher: str
    date: str
    reference: str
    seen: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Assumption:
    """Something not published on which figures rest; `why` argues for it from the claims in `rests_on`."""

    id: str
    statement: str
    why: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One published statement that can be checked, in our own words.

    Parameters
    ----------
    id, statement, source, place
        Its short name, what it says, the key of its source, and where in the source it stands.
    scope
        What it counts towards: one of `SCOPES`. Only "the 59" are the schools of the survey.
    kind
        One of `KINDS`: a number (count, percent), a word in place of one (quantifier, ordering, comparison), content of
        one of the five actions or pitfalls, or a fact such as a date.
    count, base, percent
        How many, of how many, and the whole percentage as printed; absent where there is none. `base_inferred`: the
        source prints no base.
    quantifier, theme, value
        The bare quantifier word; one of `THEMES`; the text of a fact.
    assumptions
        Ids of what the figure, as a count among the 59, rests on.
    counts, among
        Conditions on the visits, of which any one must hold: those that meet the claim, and those that form its base.
        Without `counts` the claim cannot be counted there; without `among` the base is all visits.
    about, comparable
        What another survey graded; false where that is not what was graded here.
    note, second_hand
        What to know before using the figure; true where it was read in somebody else's account.

    Notes
    -----
    A claim says what was published, not that it is true, and what a word is taken to mean is a reading of ours.
    """

    id: str
    statement: str
    source: str
    place: str
    scope: str
    kind: str
    count: int | None = None
    percent: int | None = None
    base: int | None = None
    base_inferred: bool = False
    quantifier: str | None = None
    theme: str | None = None
    value: str | None = None
    assumptions: tuple[str, ...] = ()
    counts: tuple[Condition, ...] | None = field(default=None, hash=False)
    among: tuple[Condition, ...] | None = field(default=None, hash=False)
    about: str | None = None
    comparable: bool = True
    note: str = ""
    second_hand: bool = False

    def __str__(self) -> str:
        return f"{self.id}: {self.statement} ({self.source}: {self.place})"

    def possible_counts(self, *, base: int | None = None) -> tuple[int, ...]:
        """The counts that this claim alone leaves possible of `base`, by default the base that it states.

        A kind without figure or word leaves every count possible. Raises `InputError` when there is no base.

        >>> read_claims()["grade-outstanding"].possible_counts()
        (3,)
        """
        whole = self.count if self.base is None else self.base
        base = whole if base is None else base
        if base is None:
            raise InputError(f"claim {self.id!r} states no base; give one, such as possible_counts(base=59)")
        if self.percent is not None:
            return possible_counts(base, percent=self.percent)
        if self.count is not None:
            return possible_counts(base, count=self.count)
        if self.quantifier is not None:
            return possible_counts(base, quantifier=self.quantifier)
        return tuple(range(_check(base, "base", _BASE) + 1))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Claims(Sequence[Claim]):
    """The claims in the order of the file, by id or by number; with sources, assumptions and the summary's outline.

    `summary` gives the words of each sentence, part by part; `not_checkable` says why a sentence has no claim.

    >>> claims = read_claims()
    >>> claims["good-use-and-value"].count, claims["good-use-and-value"].base
    (10, 59)
    """

    items: tuple[Claim, ...]
    sources: Mapping[str, Source]
    assumptions: Mapping[str, Assumption]
    summary: Mapping[str, tuple[int, ...]]
    not_checkable: Mapping[str, str]

    @property
    def places(self) -> tuple[str, ...]:
        """Every sentence of the summary, in reading order."""
        return tuple(f"{name}, sentence {n + 1}" for name, words in self.summary.items() for n in range(len(words)))

    def __repr__(self) -> str:
        return f"<{len(self)} claims from {len(self.sources)} sources, {len(self.assumptions)} assumptions>"

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, key: str | int) -> Claim: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Claim, ...]: ...
    def __getitem__(self, key: str | int | slice) -> Claim | tuple[Claim, ...]:
        if not isinstance(key, str):
            return self.items[key]
        for claim in self.items:
            if claim.id == key:
                return claim
        raise unknown("claim", key, (claim.id for claim in self.items))


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
    problems = [str(unknown("table", name, _TABLES)) for name in tables if name not in _TABLES]
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

_Rule = tuple[str, Callable[[Any], bool]]


def _is_number(value: Any, low: int = 0) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= low


def _is_list(value: object, holds: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and bool(value) and all(map(holds, value))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_condition(value: object) -> bool:
    return isinstance(value, dict) and all(_is_list(codes, _is_text) for codes in value.values())


def _up_to(base: int) -> _Rule:
    return (f"a whole number from 0 to {base}", lambda value: _is_number(value) and value <= base)


_BASE: _Rule = ("a whole number, 1 or more", lambda value: _is_number(value, 1))
_PERCENT = _up_to(100)
_TEXT: _Rule = ("a text that is not empty", _is_text)
_CONDITIONS: _Rule = (
    'a table such as { partnership_use = ["good"] }, or a list of such tables',
    lambda value: _is_condition(value) or _is_list(value, _is_condition),
)
_RULES: dict[object, _Rule] = {
    "base": _BASE,
    "percent": _PERCENT,
    str: _TEXT,
    str | None: _TEXT,
    bool: ("true or false", lambda value: isinstance(value, bool)),
    int | None: ("a whole number, 0 or more", _is_number),
    tuple[str, ...]: ("a list of one or more texts", lambda value: _is_list(value, _is_text)),
    tuple[int, ...]: ("a list of whole numbers, each 1 or more", lambda value: _is_list(value, _BASE[1])),
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


def _check(value: Any, argument: str, rule: _Rule) -> int:
    if not rule[1](value):
        raise InputError(f"{argument} must be {rule[0]}, not {value!r}; give such a number")
    return int(value)


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
    if claim.kind == "comparison" and claim.counts is not None and len(claim.among or ()) != 1:
        yield "'among' of a comparison that is counted must be one table: the group that is compared with the others"
    if claim.kind == "ordering" and claim.counts is not None and [len(it) for it in claim.counts] != [1]:
        yield "'counts' of an ordering must name one column; put the others in 'among'"
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
