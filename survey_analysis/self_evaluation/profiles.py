"""What several people of one school answered, side by side: where they agree, where they are apart, what they chose."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from types import MappingProxyType

from survey_analysis.claim_checks import check_claims
from survey_analysis.claims_file import read_claims
from survey_analysis.errors import InputError, whole_number
from survey_analysis.estimates import Provenance
from survey_analysis.rendering import Sentence, Table
from survey_analysis.self_evaluation.answers import Answers, ThemeAnswer
from survey_analysis.self_evaluation.pupils_and_costs import SchoolNumbers, school_numbers
from survey_analysis.self_evaluation.several_answers import newest, origin_in_words, origin_of, read_several, told_of
from survey_analysis.self_evaluation.statements import (
    JUDGEMENTS,
    NOT_APPLICABLE,
    Statements,
    Theme,
    read_statements,
    uncapped,
)

_FOUND: Mapping[str, str] = MappingProxyType({"seen": "seen", "not_seen": "not seen", "not_looked": "not looked for"})
_NOTHING, _IN_WORDS = "not judged", "stated"
_OTHERS = "other"  # a role of anybody: two files of it are of two people as likely as of one


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whoever answered, by role and, where several have one role, by a number; with their newest answers."""

    name: str
    answers: Answers

    def judgement(self, theme: str) -> str:
        """The code of what they judged of a theme; empty where they did not."""
        return self.answers.answers[theme].judgement

    def step(self, theme: str) -> int | None:
        """The place of what they judged between pitfall and action, from 0; None where they judged neither."""
        code = self.judgement(theme)
        return JUDGEMENTS.index(code) if code in JUDGEMENTS else None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SchoolProfile:
    """What the people of one school answered.

    Parameters
    ----------
    statements
        What was asked.
    people
        Whoever answered, with their newest answers, in the order of the roles.
    earlier
        Role -> its first answers, where it has one file a day on several days.
    numbers
        Taking part and cost, small numbers hidden.
    set_aside
        Answers of a role whose newer ones count, and which no change is told from.
    provenance
        Observed, or illustrative where the school is invented.
    """

    statements: Statements
    people: tuple[Person, ...]
    earlier: Mapping[str, Answers]
    numbers: SchoolNumbers
    set_aside: tuple[Answers, ...]
    provenance: Provenance

    def apart(self, theme: str) -> int:
        """How many steps lie between those whose judgements of a theme are farthest apart."""
        steps = [step for person in self.people if (step := person.step(theme)) is not None]
        return max(steps) - min(steps) if steps else 0

    def apart_in_words(self, theme: str) -> str:
        """The same in words; steps are places in an order, and no amounts."""
        return f"{self.apart(theme)} step{'s' * (self.apart(theme) != 1)} apart"

    def _apart(self, theme: Theme) -> str:
        """How far apart people are, where two of them judged."""
        return self.apart_in_words(theme.id) if sum(it.step(theme.id) is not None for it in self.people) > 1 else "-"

    @property
    def by_disagreement(self) -> tuple[Theme, ...]:
        """The themes, those on which people are farthest apart first, then in the order of the form."""
        return tuple(sorted(self.statements.themes, key=lambda theme: -self.apart(theme.id)))

    def judgements(self) -> Table:
        """What each judged of each theme, in words."""
        names = [person.name for person in self.people]
        rows = [
            [theme.title, *(self._words(it.answers.answers[theme.id]) for it in self.people), self._apart(theme)]
            for theme in self._themes
        ]
        return Table(
            columns=["theme", *names, "how far apart"],
            rows=rows,
            caption=self._headed("What each judged"),
            note=f"{self._note} In brackets: how sure they are.",
        )

    def whose(self) -> Table:
        """Whose answers are read, of which day, and what for."""
        used = [(it.name, it.answers, "shown") for it in self.people]
        used += [(self._role(it), it, "what has changed since") for it in self.earlier.values()]
        used += [(self._role(it), it, "set aside: newer answers of the role count") for it in self.set_aside]
        rows = [[name, f"{it.date:%d %B %Y}", use] for name, it, use in used]
        code = f"All give the code {self.people[0].answers.school}."
        none = "They give no code of a school, so nothing but your word shows that they are of one."
        note = (
            f"{code if self.people[0].answers.school else none} Whose numbers of pupils and pounds are shown stands "
            "below them."
        )
        columns = ["role", "day", "used for"]
        return Table(columns=columns, rows=rows, caption=self._headed("Whose answers these are"), note=note)

    def disagreement(self) -> Sentence:
        """Where people are farthest apart, and what they say there."""
        if len(self.people) < 2:
            return self._told("One person answered. Ask somebody in another role, and set the answers side by side.")
        if not any(sum(it.step(theme.id) is not None for it in self.people) > 1 for theme in self._themes):
            return self._told("No theme was judged by two people yet, so nothing can be set side by side")
        farthest, *_ = self.by_disagreement
        steps = self.apart(farthest.id)
        if steps == 0:
            return self._told(
                "Wherever two judged the same theme, they judged alike. Ask each what they would show as evidence."
            )
        placed = [(step, it) for it in self.people if (step := it.step(farthest.id)) is not None]
        said = "; ".join(
            f"{it.name}: {self._judged(it.judgement(farthest.id))}"
            for _, it in sorted(placed, key=lambda pair: pair[0])
        )
        alike = [
            theme.title.lower()
            for theme in self._themes
            if theme.title != farthest.title and self.apart(theme.id) == steps
        ]
        also = f" Just as far apart: {', '.join(alike)}." if alike else ""
        return self._told(f"People are farthest apart on {farthest.title.lower()} ({said}).{also}")

    def signs(self) -> Table:
        """What each found of each sign, side by side; where one saw it and another did not, the row says so."""
        rows: list[list[str]] = []
        for theme in self._themes:
            rows.append([theme.title])
            for place, sign in enumerate(theme.signs):
                found = [person.answers.answers[theme.id].signs[place] for person in self.people]
                differ = "differ" if {"seen", "not_seen"} <= set(found) else ""
                rows.append([sign, *(_FOUND[it] for it in found), differ])
        columns = ["sign", *(person.name for person in self.people), "people"]
        return Table(columns=columns, rows=rows, caption=self._headed("Which signs each saw"), note=self._note)

    def evidence(self) -> Table | Sentence:
        """The evidence that each named, theme by theme."""
        rows = [
            [theme.title, person.name, text]
            for theme in self._themes
            for person in self.people
            if (text := person.answers.answers[theme.id].evidence)
        ]
        if not rows:
            return self._told("Nobody has named evidence yet: ask each what they would show.")
        caption = self._headed("The evidence that each would show")
        return Table(columns=["theme", "who", "evidence"], rows=rows, caption=caption, note=self._note)

    def priorities(self) -> Table | Sentence:
        """The themes that people chose to work on, by whom, and the next step."""
        rows = self._steps(of_priorities=True)
        if not rows:
            return self._told("Nobody has chosen a priority yet: agree on two themes.")
        chosen = Counter(row[0] for row in rows)
        note = f"{self._note} " + ("Agree on two." if len(chosen) > 2 else "")
        columns = ["theme", "chosen by", "next step", "who does it", "by"]
        return Table(
            columns=columns, rows=rows, caption=self._headed("Priorities, as each chose them"), note=note.strip()
        )

    def other_steps(self) -> Table | Sentence:
        """The next steps that people wrote down beside their priorities."""
        rows = self._steps(of_priorities=False)
        if not rows:
            return self._told("Nobody has written down a next step beside the priorities.")
        columns = ["theme", "written by", "next step", "who does it", "by"]
        return Table(columns=columns, rows=rows, caption=self._headed("Other next steps"), note=self._note)

    def _steps(self, *, of_priorities: bool) -> list[list[str]]:
        rows = []
        for theme in self._themes:
            for person in self.people:
                answer = person.answers.answers[theme.id]
                if answer.priority if of_priorities else not answer.priority and (answer.next_step or answer.owner):
                    day = f"{answer.by:%d %B %Y}" if answer.by else "-"
                    rows.append([theme.title, person.name, answer.next_step or "-", answer.owner or "-", day])
        return rows

    def hub_questions(self) -> Table | Sentence:
        """The questions for the hub on the themes that somebody set nearer the pitfall, or chose as a priority."""
        rows = []
        for theme in self._themes:
            low = [it.name for it in self.people if it.judgement(theme.id) in JUDGEMENTS[:2]]
            chosen = [it.name for it in self.people if it.answers.answers[theme.id].priority]
            why = ["nearer the pitfall: " + ", ".join(low)] if low else []
            why += ["a priority of " + ", ".join(chosen)] if chosen else []
            if why:
                rows.append([theme.title, theme.hub_question, "; ".join(why)])
        if not rows:
            return self._told(
                "No theme was set nearer the pitfall, and none chosen as a priority: no question follows."
            )
        return Table(
            columns=["theme", "question", "because"],
            rows=rows,
            caption=self._headed("A question for each theme, and why it is asked"),
            note=self._note,
        )

    def changes(self) -> Table | Sentence:
        """What was judged in a role at first, and what is judged in it now."""
        rows = []
        for role, first in self.earlier.items():
            [person] = [it for it in self.people if it.answers.role == role]
            rows.append([f"In the role {person.name}, {first.date:%d %B %Y} and {person.answers.date:%d %B %Y}"])
            for theme in self._themes:
                then, now = (self._judged(it.answers[theme.id].judgement) for it in (first, person.answers))
                change = "first judged" if then == _NOTHING else "not judged again" if now == _NOTHING else "changed"
                rows.append([theme.title, then, now, "as before" if then == now else change])
        if not rows:
            return self._told("No role has answers, one file a day, of two different days: no change can be told.")
        columns = ["theme", "then", "now", "change"]
        note = (
            f"{self._note} The files do not say whether one person answered both times. A judgement that moved shows "
            "that the role sees it otherwise, and not yet why."
        )
        return Table(columns=columns, rows=rows, caption=self._headed("What each judged then, and now"), note=note)

    def survey_findings(self) -> Table:
        """What the survey of 59 schools found on each theme that its published figures bear on, and how far."""
        claims = read_claims()
        verdicts = {finding.id: finding.verdict for finding in check_claims(claims)}
        rows: list[list[str]] = []
        told = [it for it in claims if verdicts[it.id] != _IN_WORDS]
        for theme in self._themes:
            rows.append([theme.title])
            rows += [[it.statement, verdicts[it.id], it.id] for it in told if it.theme == theme.id]
        left = sum(it.theme in {theme.id for theme in self._themes} for it in claims if it not in told)
        note = (
            "published. Bounded: the published figures leave a range of numbers of schools. Assumed: the figures say "
            "something of it only if more is supposed than was published. "
            f"{left} more statements on these themes were made in words alone, and no number can be held against them."
        )
        return Table(
            columns=["what was found", "verdict", "statement"],
            rows=rows,
            caption="Published, theme by theme",
            note=note,
        )

    def older(self) -> str:
        """Which answers are not shown, newer ones of the role being there, in a sentence; empty where all are."""
        several = sorted((*self.earlier.values(), *self.set_aside), key=lambda it: it.date)
        if not several:
            return ""
        named = "; ".join(f"{self._role(it)}, {it.date:%d %B %Y}" for it in several)
        return (
            f"Newer answers of the same role are shown in place of these: {named}. If two people have the role, give "
            "their files one date."
        )

    def __str__(self) -> str:
        names = ", ".join(person.name for person in self.people)
        return f"Self-evaluation of {self.people[0].answers.school or 'a school'} by {names} ({self._origin})"

    __repr__ = __str__

    @property
    def _themes(self) -> tuple[Theme, ...]:
        return self.statements.themes

    def _role(self, answers: Answers) -> str:
        return self.statements.roles[answers.role]

    @property
    def _note(self) -> str:
        return f"{self._origin[0].upper()}{self._origin[1:]}: each of their own partnership."

    @property
    def _origin(self) -> str:
        return origin_in_words(self.provenance)

    def _headed(self, words: str) -> str:
        return f"{words} ({self._origin})"

    def _told(self, words: str) -> Sentence:
        return told_of(words, self.provenance)

    def _judged(self, code: str) -> str:
        if code == NOT_APPLICABLE:
            return "not applicable"
        return uncapped(self.statements.judgements[code]) if code else _NOTHING

    def _words(self, answer: ThemeAnswer) -> str:
        words = self.statements.confidence.get(answer.confidence, "")
        sure = f" ({uncapped(words.split(':')[0])})" if words else ""
        return f"{self._judged(answer.judgement)}{sure}"


def self_evaluation_profile(
    answers: str | PathLike[str] | Answers | Iterable[str | PathLike[str] | Answers],
    *,
    statements: Statements | None = None,
    threshold: int = 5,
) -> SchoolProfile:
    """Set several people's answers to the self-evaluation form side by side.

    Parameters
    ----------
    answers
        Files that the form saved, a folder of them, or what `read_answers` gave; all of one school. Of several in one
        role the newest count, and the oldest is what they are held against.
    statements
        What was asked, from `read_statements`; that of the package when absent.
    threshold
        The least number of pupils that is shown. Pupils from 1 to one less are hidden, with whatever would tell them.

    Returns
    -------
    SchoolProfile
        Its functions give the profile by theme, where people disagree, priorities, questions for the hub and changes;
        its `numbers` are taking part and cost.

    Raises
    ------
    InputError
        No answers, a file that is none, answers of several schools or to other statements, a threshold below 2.

    Examples
    --------
    >>> from survey_analysis.self_evaluation.several_answers import example_answers
    >>> profile = self_evaluation_profile(example_answers())
    >>> print(profile)  # doctest: +ELLIPSIS
    Self-evaluation of EXAMPLE by Headteacher or senior leader, Music lead or music teacher, Visiting musician (ill...
    >>> profile.apart("monitoring")
    2

    Notes
    -----
    It is no inspection. No total, mean or grade is made of what people judged: the answer of each stays their own, and
    the point is where they differ.
    """
    statements = read_statements() if statements is None else statements
    threshold = whole_number("threshold", threshold, least=2)
    read = read_several(answers, statements)
    _check_one_school(read)
    people, earlier = _people(read, statements)
    kept = {id(it) for it in (*(person.answers for person in people), *earlier.values())}
    provenance = origin_of(read)
    return SchoolProfile(
        statements=statements,
        people=people,
        earlier=earlier,
        numbers=school_numbers(read, statements, provenance=provenance, threshold=threshold),
        set_aside=tuple(sorted((it for it in read if id(it) not in kept), key=lambda it: it.date)),
        provenance=provenance,
    )


def _check_one_school(read: Sequence[Answers]) -> None:
    schools = {it.school.casefold(): it for it in read}
    if len(schools) > 1:
        named = " and ".join(f"{it.school or 'no code'} ({it.file})" for it in [*schools.values()][:3])
        raise InputError(
            f"answers must be of one school, and have {named}; give those of one, or use --hub for several schools"
        )


def _people(read: Sequence[Answers], statements: Statements) -> tuple[tuple[Person, ...], dict[str, Answers]]:
    """Whoever answered, and the first answers in a role that has one file a day, on several days."""
    people: list[Person] = []
    earlier: dict[str, Answers] = {}
    for role, words in statements.roles.items():
        of_role = sorted((it for it in read if it.role == role), key=lambda it: it.date)
        last = newest(of_role)
        names = [words] if len(last) == 1 else [f"{words} {number}" for number in range(1, len(last) + 1)]
        people += [Person(name=name, answers=it) for name, it in zip(names, last, strict=True)]
        days = {it.date for it in of_role}
        if len(days) == len(of_role) > 1 and role != _OTHERS:
            earlier[role] = of_role[0]
    return tuple(people), earlier
