"""What a hub sees of several schools: patterns over those that consent, and never one school beside another."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from survey_analysis.errors import InputError, whole_number
from survey_analysis.estimates import Provenance
from survey_analysis.rendering import HIDDEN, Sentence, Table
from survey_analysis.self_evaluation.answers import Answers
from survey_analysis.self_evaluation.hub_counts import released_schools
from survey_analysis.self_evaluation.several_answers import newest, origin_in_words, origin_of, read_several, told_of
from survey_analysis.self_evaluation.statements import JUDGEMENTS, Statements, read_statements

PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "action": "all nearer the action",
        "apart": "people on both sides",
        "pitfall": "all nearer the pitfall",
        "nobody": "not judged",
    }
)
"""How the people of a school can stand to a theme, each school counted once. The order is no ranking."""

_SCHOOLS, _IN_PART = "schools", "in part"
_FEWEST = 5  # schools: below this none is shown, whoever asks


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HubPattern:
    """What may be shown of the schools that consent; what is hidden is nowhere in it.

    Parameters
    ----------
    schools
        How many schools consent, or None where there are too few to be shown.
    finding
        The theme that no other was chosen more often than, or why it is not told.
    pattern
        The pattern by theme, or why there is none.
    priorities
        How many schools have somebody who chose each theme as a priority, or why that is not shown.
    left_out
        Whether files were left out, for want of consent.
    audit
        For each hidden count the least and the greatest that is left open.
    """

    schools: int | None
    finding: Sentence
    pattern: Table | Sentence
    priorities: Table | Sentence
    left_out: bool
    audit: pd.DataFrame

    def __str__(self) -> str:
        number = "too few schools to be shown" if self.schools is None else f"{self.schools} schools"
        return f"Hub view of {number}" + ("; files were left out, for want of consent" if self.left_out else "")

    __repr__ = __str__


def self_evaluation_hub(answers: object, *, statements: Statements | None = None, threshold: int = 5) -> HubPattern:
    """The pattern of several schools' answers, by theme, over the schools that consent.

    Parameters
    ----------
    answers
        Files that the form saved, or a folder of them, of several schools.
    statements
        What was asked, from `read_statements`; that of the package when absent.
    threshold
        The least number of schools that is shown. Fewer are hidden, with whatever would tell them; where fewer than
        this consent, nothing is shown.

    Returns
    -------
    HubPattern
        Numbers of schools. A school counts as nearer the action, or the pitfall, where all who judged say so, and
        otherwise as one whose people stand on both sides: nobody's answer is averaged away.

    Raises
    ------
    InputError
        No answers, a file that is none, consent without the code of a school, invented answers among others, a
        threshold below 5.

    Examples
    --------
    >>> from survey_analysis.self_evaluation.several_answers import example_answers
    >>> print(self_evaluation_hub(example_answers(hub=True)).finding)  # doctest: +ELLIPSIS
    Invented data. No theme was chosen by more schools than teachers and musicians learning from each other: 13 ...

    Notes
    -----
    It ranks nothing. A pattern over schools that chose to answer and to consent says nothing of the others.
    """
    statements = read_statements() if statements is None else statements
    threshold = whole_number("threshold", threshold, least=_FEWEST)
    read = read_several(answers, statements)
    latest = _latest(read)
    by_school = _consenting(latest)
    consenting = [it for of_school in by_school.values() for it in of_school]
    provenance, left_out = origin_of(read), not all(it.consent_to_hub for it in read)
    origin = origin_in_words(provenance)
    if len(by_school) < threshold:
        none = told_of(f"Fewer than {threshold} schools consent, so nothing is shown of them", provenance)
        audit = pd.DataFrame({"protected": []}, dtype=bool)
        return HubPattern(schools=None, finding=none, pattern=none, priorities=none, left_out=left_out, audit=audit)
    in_part = {it.school.casefold() for it in latest if not it.consent_to_hub} & by_school.keys()
    whole = ((_SCHOOLS,), len(by_school))
    shown = released_schools(whole, _counts(by_school, in_part, statements), threshold=threshold)
    note = (
        f"{origin[0].upper()}{origin[1:]}: of their own partnerships, in {len(by_school)} schools that consent, "
        f"{_months(consenting)}. {_part_in_words(shown.shown)}"
    )
    if shown.hidden:
        note += (
            f" {HIDDEN}: hidden, so that no school can be made out: fewer than {threshold} schools, what all schools "
            "share, or what would tell such a number."
        )
    return HubPattern(
        schools=len(by_school),
        finding=_finding(shown.shown, statements, provenance),
        pattern=_pattern(shown.shown, statements, origin, note),
        priorities=_priorities(shown.shown, statements, origin, note),
        left_out=left_out,
        audit=shown.audit,
    )


def _latest(read: Sequence[Answers]) -> list[Answers]:
    """Of each school the newest answers of each role; whatever the capitals of its code, it is one school."""
    schools: dict[str, list[Answers]] = {}
    for it in read:
        if it.consent_to_hub and not it.school:
            raise InputError(f"{it.file} consents and has no code of a school; agree on a code, and save it again")
        if it.school:
            schools.setdefault(it.school.casefold(), []).append(it)
    return [it for of_school in schools.values() for it in newest(of_school)]


def _consenting(latest: Sequence[Answers]) -> dict[str, list[Answers]]:
    """School -> the answers that may be used; a consent that was withdrawn since, or on the same day, is none."""
    withdrawn = {(it.school.casefold(), it.role) for it in latest if not it.consent_to_hub}
    by_school: dict[str, list[Answers]] = {}
    for it in latest:
        if (it.school.casefold(), it.role) not in withdrawn:
            by_school.setdefault(it.school.casefold(), []).append(it)
    return by_school


def _months(answers: Sequence[Answers]) -> str:
    """The months from the first to the last answers."""
    first, last = (f"{end(it.date for it in answers):%B %Y}" for end in (min, max))
    return f"in {first}" if first == last else f"from {first} to {last}"


def stands(answers: Sequence[Answers], theme: str) -> str:
    """How the people of a school stand to a theme: one of `PATTERNS`."""
    codes = [code for it in answers if (code := it.answers[theme].judgement) in JUDGEMENTS]
    sides = {JUDGEMENTS.index(code) >= len(JUDGEMENTS) // 2 for code in codes}
    if not sides:
        return "nobody"
    return "apart" if len(sides) == 2 else "action" if True in sides else "pitfall"


def _finding(shown: Mapping[Hashable, int | None], statements: Statements, provenance: Provenance) -> Sentence:
    """The theme that no other was chosen more often than, among those whose number may be shown."""
    chosen = {it.title: count for it in statements.themes if (count := shown[it.id, "priority"]) is not None}
    most = max(chosen.values(), default=0)
    if most == 0:
        words = "No number of schools that chose a theme may be shown"
    else:
        titles = " and ".join(title.lower() for title, count in chosen.items() if count == most)
        none = "No theme" if len(chosen) == len(statements.themes) else "No theme whose number may be shown"
        words = f"{none} was chosen by more schools than {titles}: {most} of {shown[(_SCHOOLS,)]}"
    return told_of(words, provenance)


def _part_in_words(shown: Mapping[Hashable, int | None]) -> str:
    """In how many schools not everybody consents, so that those who do speak for the school alone."""
    number = shown[_IN_PART, True]
    does_not = "in how many not everybody does is hidden" if number is None else f"in {number} not everybody does"
    return f"A school counts by those of its people who consent; {does_not}."


def _counts(
    by_school: Mapping[str, Sequence[Answers]], in_part: Collection[str], statements: Statements
) -> list[Mapping[Hashable, int]]:
    """Every count of schools: each mapping divides them all."""
    schools, parts = len(by_school), len(in_part)
    counts: list[Mapping[Hashable, int]] = [{(_IN_PART, True): parts, (_IN_PART, False): schools - parts}]
    for theme in statements.themes:
        found = [stands(answers, theme.id) for answers in by_school.values()]
        counts.append({(theme.id, pattern): found.count(pattern) for pattern in PATTERNS})
        chosen = sum(any(it.answers[theme.id].priority for it in answers) for answers in by_school.values())
        counts.append({(theme.id, "priority"): chosen, (theme.id, "no priority"): schools - chosen})
    return counts


def _pattern(shown: Mapping[Hashable, int | None], statements: Statements, origin: str, note: str) -> Table:
    rows = [[theme.title, *(_cell(shown[theme.id, pattern]) for pattern in PATTERNS)] for theme in statements.themes]
    return Table(
        columns=["theme", *PATTERNS.values()],
        rows=rows,
        caption=f"Schools by how their people stand ({origin})",
        note=note,
    )


def _priorities(shown: Mapping[Hashable, int | None], statements: Statements, origin: str, note: str) -> Table:
    rows = [[theme.title, _cell(shown[theme.id, "priority"]), theme.hub_question] for theme in statements.themes]
    columns = ["theme", "schools in which somebody chose it", "question on the form"]
    return Table(columns=columns, rows=rows, caption=f"Priorities ({origin})", note=note)


def _cell(count: int | None) -> str:
    return HIDDEN if count is None else f"{count}"
