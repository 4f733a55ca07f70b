"""The published statements as data: what a claim holds. `claims_file` reads and checks the file that they stand in.

Each statement that could be checked is one record of ``data/claims.toml``, in our own words, with its place in the
source. Nothing is computed about the visits here: `counts` and `among` only say how a claim *is* counted there. The
comment at the top of ``claims.toml`` defines every field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import overload

from survey_analysis.errors import InputError, unknown
from survey_analysis.readings import BASE, check, possible_counts
from survey_analysis.rendering import Sentence

KINDS = ("count", "percent", "quantifier", "ordering", "comparison", "action", "pitfall", "fact")
FIGURES = KINDS[:2]
"""The kinds of claims that give a figure."""
SCOPES = ("the 59", "further visits", "case studies", "context", "sister survey")
THEMES: Mapping[str, str] = MappingProxyType(
    {
        "monitoring": "Monitoring and evaluation",
        "inclusion": "Reaching all groups of pupils",
        "alignment": "Fit with pupils' needs and the school's music",
        "shared_practice": "Teachers and musicians learning from each other",
        "leadership": "Leaders' own understanding",
    }
)
"""The five themes: column of the visits -> title."""

Condition = Mapping[str, tuple[str, ...]]
"""Column of the visits table -> codes of which it must hold one; all columns named must hold. Empty: every visit."""


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

    def _repr_html_(self) -> str:
        return Sentence(f"{self.statement} (published, in our words; {self.source}: {self.place})")._repr_html_()

    def possible_counts(self, *, base: int | None = None) -> tuple[int, ...]:
        """The counts that this claim alone leaves possible of `base`, by default the base that it states.

        A kind without figure or word leaves every count possible. Raises `InputError` when there is no base.

        >>> from survey_analysis.claims_file import read_claims
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
        return tuple(range(check(base, "base", BASE) + 1))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Claims(Sequence[Claim]):
    """The claims in the order of the file, by id or by number; with sources, assumptions and the summary's outline.

    `summary` gives the words of each sentence, part by part; `not_checkable` says why a sentence has no claim; `groups`
    are the visits that several claims are about, by name.

    >>> from survey_analysis.claims_file import read_claims
    >>> claims = read_claims()
    >>> claims["good-use-and-value"].count, claims["good-use-and-value"].base
    (10, 59)
    """

    items: tuple[Claim, ...]
    sources: Mapping[str, Source]
    assumptions: Mapping[str, Assumption]
    summary: Mapping[str, tuple[int, ...]]
    not_checkable: Mapping[str, str]
    groups: Mapping[str, tuple[Condition, ...]]

    @property
    def schools(self) -> int:
        """How many schools were visited, by the claim schools-visited; 0 where there is no such claim."""
        return next((claim.count or 0 for claim in self.items if claim.id == "schools-visited"), 0)

    @property
    def places(self) -> tuple[str, ...]:
        """Every sentence of the summary, in reading order."""
        return tuple(f"{name}, sentence {n + 1}" for name, words in self.summary.items() for n in range(len(words)))

    def __repr__(self) -> str:
        return f"<{len(self)} claims from {len(self.sources)} sources, {len(self.assumptions)} assumptions>"

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, item: object) -> bool:
        return any(item in (claim, claim.id) for claim in self.items)

    @overload
    def __getitem__(self, key: str | int) -> Claim: ...
    @overload
    def __getitem__(self, key: slice) -> "Claims": ...
    def __getitem__(self, key: str | int | slice) -> "Claim | Claims":
        if isinstance(key, slice):
            return replace(self, items=self.items[key])
        if not isinstance(key, str):
            return self.items[key]
        for claim in self.items:
            if claim.id == key:
                return claim
        raise unknown("claim", key, (claim.id for claim in self.items))
