"""Complete surveys drawn at random under a stated prior, given all that was published: a reconstruction, not data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import inf, log
from numbers import Real
from os import PathLike
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_analysis.claims import Claims
from survey_analysis.constraints import Comparison, Model, compile_claims, names_of
from survey_analysis.count_states import Limit
from survey_analysis.errors import InputError, choice, whole_number
from survey_analysis.events import Event, Linear
from survey_analysis.identification import groups_of
from survey_analysis.lexicons import Lexicon, find_lexicon
from survey_analysis.prior_form import PriorForm
from survey_analysis.quantities import Quantity
from survey_analysis.reconstruction import Published, visit_columns
from survey_analysis.sampling import Codings, SurveySampler
from survey_analysis.surveys import Condition, codes_of

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

NOTE = "reconstruction, not visit records"
MASSES = (1e-6, 1e9)
"""The least and the greatest mass of a prior with unknown chances."""
SURVEYS = 1_000_000
"""The most surveys that are drawn at once."""


@dataclass(frozen=True, kw_only=True)
class Prior:
    """What is supposed of the schools before any claim is looked at; it makes no use of the claims.

    Schools are exchangeable, and columns independent given the chances of their codes; a column that is asked of some
    visits only is drawn for these. The prior decides: where the claims leave a quantity open, what an ensemble shows of
    it comes from here.

    Parameters
    ----------
    mass
        The total mass of the Dirichlet distribution from which the chances of an attribute's codes are drawn, once for
        each survey, spread evenly over the codes: small where all schools tend to be alike, `math.inf` where every code
        is equally likely in each school.
    given
        A condition on columns. The schools that meet it and those that do not have chances of their own for every
        attribute that it does not name; all schools have the same when absent. Claims that settle how many schools meet
        it keep the drawing short; where nothing does, as for phase, it may be refused as too long.

    Raises
    ------
    InputError
        A mass that is not above 0, or too small or too large to reckon with.

    Examples
    --------
    >>> print(Prior(mass=2, given={"partnership_use": ["outstanding", "good"]}))
    unknown chances (mass 2), apart for partnership_use outstanding or good
    """

    mass: float
    given: Condition | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        is_number = isinstance(self.mass, Real) and not isinstance(self.mass, bool)
        if not is_number or not (MASSES[0] <= self.mass <= MASSES[1] or self.mass == inf):
            raise InputError(
                f"mass must be a number above 0, from {MASSES[0]:g} to {MASSES[1]:g}, or math.inf for even chances, "
                f"not {self.mass!r}; give one"
            )
        if self.given is not None:
            if not isinstance(self.given, Mapping) or not self.given:
                raise InputError(
                    "given must be a condition such as {'partnership_use': ['outstanding', 'good']}, not "
                    f"{self.given!r}; give one, or none"
                )
            object.__setattr__(self, "given", {name: codes_of(name, codes) for name, codes in self.given.items()})

    def __str__(self) -> str:
        chances = "even chances" if self.mass == inf else f"unknown chances (mass {self.mass:g})"
        parts = [f"{name} {' or '.join(codes_of(name, codes))}" for name, codes in (self.given or {}).items()]
        return chances + (f", apart for {' and '.join(parts)}" if parts else "")


BAND: Mapping[str, Prior] = MappingProxyType(
    {
        "even chances": Prior(mass=inf),
        "unknown chances": Prior(mass=2),
        "unknown chances by use": Prior(mass=2, given={"partnership_use": ("outstanding", "good")}),
    }
)
"""Priors to put beside one another, from the most to the least that is taken for granted.

With even chances, each answer of yes or no comes from about half of the schools; with unknown chances any share of
schools that say yes is as likely as any other, but much the same in the successful schools and in the others; by use,
the chances of the two have nothing to do with one another.
"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ensemble:
    """Surveys drawn by `draw_surveys`: independent of one another, and each of them meets every claim.

    The spread of a quantity over an ensemble is not a confidence interval, nor what the records were: put the
    identified range of `bounds` beside it, and other priors.

    Parameters
    ----------
    seed, prior, lexicon, without
        How the surveys were drawn.
    log10_probability
        The decimal logarithm of the probability of the claims, and of the assumptions in force, under the prior.
    codings
        The number of the code of each attribute (in the order of the model), survey and school.
    """

    seed: int
    prior: Prior
    lexicon: str
    without: tuple[str, ...]
    log10_probability: float
    codings: Codings = field(repr=False)
    _model: Model = field(repr=False)

    def __len__(self) -> int:
        return int(self.codings.shape[1])

    @property
    def probability(self) -> float:
        """The probability of the claims under the prior: 0 where it is too small for a floating-point number."""
        return float(10**self.log10_probability)

    def values(self, quantity: Quantity) -> Floats:
        """The quantity in each survey; NaN where it has none, because a group is empty or a share to divide by is 0.

        Parameters
        ----------
        quantity
            What is asked, from `number_of`, `share_of`, `share_difference` or `share_ratio`.

        Raises
        ------
        InputError
            An unknown column or code, or something that is no quantity.
        """
        if not isinstance(quantity, Quantity):
            makers = "number_of, share_of, share_difference or share_ratio"
            raise InputError(f"quantity must come from {makers}, and is {quantity!r}")
        group, other = groups_of(self._model, quantity)
        if quantity.kind == "number":
            return self._total(group.over)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = self._total(group.over) / self._total(group.size)
            if other is None:
                return share
            against = self._total(other.over) / self._total(other.size)
            found = share - against if quantity.kind == "difference" else share / against
        return np.where(np.isfinite(found), found, np.nan)

    def to_frame(self) -> pd.DataFrame:
        """A row for each school of each survey: survey, school, the attributes, and how they were drawn.

        The columns seed, prior, lexicon, without and note are the same in every row, so that no row can be taken for
        the record of a visit.
        """
        surveys, schools = self.codings.shape[1:]
        columns: dict[str, object] = {
            "survey": np.repeat(np.arange(surveys), schools),
            "school": np.tile(np.arange(schools), surveys),
        }
        for (name, codes), coding in zip(self._model.codes.items(), self.codings, strict=True):
            columns[name] = pd.Categorical.from_codes(coding.reshape(-1).astype(np.int8), categories=pd.Index(codes))
        for name, text in self._provenance().items():
            columns[name] = pd.Categorical.from_codes(
                np.zeros(surveys * schools, dtype=np.int8), categories=pd.Index([text])
            )
        return pd.DataFrame(columns)

    def write(self, path: str | PathLike[str]) -> None:
        """Writes the table of `to_frame` as a Parquet file; how it was drawn also stands in the file's metadata.

        Parameters
        ----------
        path
            Where to write.

        Raises
        ------
        InputError
            A path that cannot be written to, or pyarrow is not installed.
        """
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError:
            raise InputError(
                "Parquet files are written by pyarrow, which is not installed; install it with "
                "pip install 'survey-analysis[parquet]'"
            ) from None
        written = pa.Table.from_pandas(self.to_frame(), preserve_index=False)
        written = written.replace_schema_metadata({**(written.schema.metadata or {}), **self._provenance()})
        try:
            parquet.write_table(written, path)
        except OSError as error:
            raise InputError(f"{path} cannot be written ({error.strerror or error}); give another path") from None

    def _provenance(self) -> dict[str, str]:
        return {
            "seed": str(self.seed),
            "prior": str(self.prior),
            "lexicon": self.lexicon,
            "without": ", ".join(self.without) or "nothing",
            "note": NOTE,
        }

    def _total(self, terms: Sequence[tuple[int, Event]]) -> Floats:
        total = np.zeros(len(self))
        for times, event in terms:
            total += times * self._number(event)
        return total

    def _number(self, event: Event) -> NDArray[np.intp]:
        """In how many schools of each survey an event holds."""
        places = {name: place for place, name in enumerate(self._model.codes)}
        holds = np.zeros(self.codings.shape[1:], dtype=bool)
        for condition in event.conditions:
            one = np.ones_like(holds)
            for name, wanted in condition.items():
                one &= np.array([code in wanted for code in self._model.codes[name]])[self.codings[places[name]]]
            holds |= one
        number: NDArray[np.intp] = holds.sum(axis=1)
        return number


def draw_surveys(
    claims: Claims,
    n: int,
    *,
    prior: Prior,
    seed: int,
    lexicon: str | Lexicon = "plain-english",
    without: str | Sequence[str] = (),
) -> Ensemble:
    """Draws complete surveys from a prior, given all claims: independently, exactly, and with no survey thrown away.

    Parameters
    ----------
    claims
        The published statements, from `read_claims`.
    n
        How many surveys, 1 or more.
    prior
        What is supposed before any claim; `BAND` has several to put beside one another.
    seed
        A whole number, 0 or more: the same seed gives the same surveys with the same version of numpy.
    lexicon, without
        As for `bounds`.

    Returns
    -------
    Ensemble
        The surveys, and how probable the claims are under the prior.

    Raises
    ------
    ContradictionError
        Claims that no survey meets, with an irreducible set of them.
    InputError
        An n, seed, prior, lexicon or assumption that cannot be used, or claims that tie too many numbers together.

    Examples
    --------
    >>> from survey_analysis import BAND, number_of, read_claims
    >>> drawn = draw_surveys(read_claims(), 100, prior=BAND["unknown chances"], seed=1)
    >>> bought_in = drawn.values(number_of({"partnership_forms": "bought_in_tuition"}))
    >>> float(bought_in.min()), float(bought_in.max())  # fixed by the claims
    (53.0, 53.0)

    Notes
    -----
    A survey of an ensemble is made up. What all surveys of an ensemble share may still come from the prior: only
    `bounds` says what the claims imply. Comparisons ("likelier where ...") hold exactly: the share is greater in the
    group than outside it, and neither is empty.

    References
    ----------
    Gelman and others (2013), Bayesian Data Analysis, section 3.4 (Dirichlet chances); Rabiner (1989), A tutorial on
    hidden Markov models (forwards and backwards).
    """
    if not isinstance(claims, Claims):
        raise InputError(f"claims must come from read_claims(), and is {claims!r}")
    whole_number("n", n)
    if n > SURVEYS:
        raise InputError(f"n must be at most {SURVEYS:,}, not {n:,}; draw in parts, each by a seed of its own")
    whole_number("seed", seed, least=0)
    if not isinstance(prior, Prior):
        raise InputError(f"prior must be a Prior, such as BAND['unknown chances'], not {prior!r}; give one")
    chosen = find_lexicon(lexicon)
    off = names_of(without)
    form, sampler = _compiled(claims, chosen, off, prior)
    return Ensemble(
        seed=int(seed),
        prior=prior,
        lexicon=chosen.title,
        without=off,
        log10_probability=sampler.log_probability / log(10),
        codings=form.attributes(sampler.draw(int(n), np.random.default_rng(int(seed)))),
        _model=form.model,
    )


def sampler_of(model: Model, prior: Prior) -> tuple[PriorForm, SurveySampler]:
    """The surveys that a model allows, with their probabilities by a prior; and how its columns become attributes."""
    for name in prior.given or {}:
        choice("given", name, model.columns)
    form = PriorForm(model)
    sums, limits = list(model.constraints), []
    for it in model.comparisons:
        limits.append(Limit(sums=tuple(range(len(sums), len(sums) + 3)), holds=_commoner(model.schools)))
        sums += _counted(it)
    sums = [replace(it, terms=tuple((times, form.event(event)) for times, event in it.terms)) for it in sums]
    given = None if prior.given is None else form.event(model.event([prior.given]))
    return form, SurveySampler(form.codes, model.schools, sums, limits, masses=form.masses(prior.mass), given=given)


@lru_cache(maxsize=16)
def _compiled(
    claims: Claims, lexicon: Lexicon, without: tuple[str, ...], prior: Prior
) -> tuple[PriorForm, SurveySampler]:
    """Taken once for each set of claims and way of taking them."""
    columns = visit_columns()
    model = compile_claims(claims, columns, lexicon=lexicon.readings(), without=without)
    form, sampler = sampler_of(model, prior)
    if not sampler.is_possible:
        Published(claims, columns, lexicon=lexicon, without=without, comparisons="enumerated")  # says why
        raise RuntimeError("a survey meets the claims, and none was found to draw")
    return form, sampler


def _counted(it: Comparison) -> list[Linear]:
    return [Linear(terms=((1, event),), claim=it.claim) for event in (it.inside, it.anywhere, it.group)]


def _commoner(schools: int) -> Callable[..., NDArray[np.bool_]]:
    """Whether a share is greater in a group than outside it, where neither is empty."""

    def holds(inside: Whole, anywhere: Whole, group: Whole) -> NDArray[np.bool_]:
        return (group > 0) & (group < schools) & (schools * inside > group * anywhere)

    return holds
