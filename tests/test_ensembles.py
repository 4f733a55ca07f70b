"""Ensembles agree with counting all surveys of a few schools, one by one, and with rejection sampling of the 59."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product
from math import inf, lgamma, log, nan
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from survey_analysis import (
    BAND,
    Bounds,
    Ensemble,
    InputError,
    Prior,
    bounds,
    draw_surveys,
    number_of,
    read_claims,
    share_difference,
    share_of,
    share_ratio,
)
from survey_analysis.constraints import Comparison, Model, compile_claims
from survey_analysis.ensembles import NOTE, sampler_of
from survey_analysis.estimates import Provenance
from survey_analysis.events import Event, Linear
from survey_analysis.lexicons import find_lexicon
from survey_analysis.quantities import Quantity
from survey_analysis.reconstruction import ContradictionError, visit_columns
from survey_analysis.sampling import SurveySampler
from survey_analysis.surveys import Column

DRAWS = int(os.environ.get("ENSEMBLE_DRAWS", "2000"))
CLAIMS = read_claims()
SMALL_DRAWS = 20_000
PROBLEMS = range(24)
SUCCESSFUL, OTHERS = (
    {"partnership_use": [*codes]} for codes in (("outstanding", "good"), ("satisfactory", "inadequate"))
)

Draws = NDArray[np.uint8]


def coding(model: Model, name: str, code: str) -> int:
    return list(model.codes[name]).index(code)


def number(model: Model, drawn: Draws, event: Event) -> NDArray[np.int64]:
    """In how many schools of each survey an event holds, written apart from the package."""
    names, count = list(model.codes), np.zeros(drawn.shape[1], dtype=np.int64)
    for school in range(drawn.shape[2]):
        holds = np.zeros(drawn.shape[1], dtype=bool)
        for condition in event.conditions:
            one = np.ones(drawn.shape[1], dtype=bool)
            for name, codes in condition.items():
                one &= np.isin(drawn[names.index(name), :, school], [coding(model, name, code) for code in codes])
            holds |= one
        count += holds
    return count


def meets(model: Model, drawn: Draws) -> NDArray[np.bool_]:
    """Which surveys meet every constraint and comparison."""
    fine = np.ones(drawn.shape[1], dtype=bool)
    for it in model.constraints:
        total = sum((times * number(model, drawn, event) for times, event in it.terms), np.zeros(len(fine), np.int64))
        fine &= (total >= (-inf if it.low is None else it.low)) & (total <= (inf if it.high is None else it.high))
    for of in model.comparisons:
        inside, anywhere, group = (number(model, drawn, event) for event in (of.inside, of.anywhere, of.group))
        fine &= (group > 0) & (group < model.schools) & (model.schools * inside > group * anywhere)
    return fine


# ------------------------------------------------------------------------------------- beside all surveys, one by one

CODES = {"a": ("yes", "no"), "b": ("x", "y", "z"), "c": ("yes", "no"), "d": ("p", "q", "r")}


def column(name: str) -> Column:
    return Column(
        name=name,
        kind="code",
        codes=CODES[name],
        unit="",
        provenance=Provenance.ILLUSTRATIVE,
        constrained_by=(),
        meaning="",
    )


class Problem:
    """Random constraints and comparisons on a few schools, and a prior of either family."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        names = "abc" if seed % 3 == 0 else "abd"[: random.choice([2, 3])] if seed % 3 == 1 else "ac"
        codes = {name: CODES[name] for name in names}
        self.schools = 3 if len(names) == 3 else 4
        constraints = []
        for which in range(random.randint(0, 3)):
            terms = tuple((random.choice([1, 1, 2, -1]), self.event(names)) for _ in range(random.choice([1, 1, 2])))
            limit = random.randint(-1, self.schools - 2)
            low = limit if random.random() < 0.7 else None
            high = limit + random.randint(0, 2) if random.random() < 0.6 else None
            constraints.append(Linear(terms=terms, low=low, high=high, claim=f"claim {which}"))
        comparisons = []
        if random.random() < 0.5:
            of, group = ({name: (CODES[name][0],)} for name in random.sample(names, 2))
            events = (Event(conditions=(it,)) for it in (of | group, of, group))
            inside, anywhere, among = events
            comparisons.append(Comparison(claim="comparison", inside=inside, anywhere=anywhere, group=among))
        self.model = Model(
            schools=self.schools,
            codes=codes,
            constraints=tuple(constraints),
            comparisons=tuple(comparisons),
            tiers={},
            columns={name: column(name) for name in names},
        )
        mass = random.choice([inf, 2.0, 0.7, 5.0])
        self.prior = Prior(mass=mass, given={names[-1]: CODES[names[-1]][0]} if seed % 2 else None)

    def event(self, names: str) -> Event:
        def condition() -> dict[str, tuple[str, ...]]:
            some = self.random.sample(names, self.random.choice([1, 1, 2]))
            return {
                name: tuple(self.random.sample(CODES[name], self.random.randint(1, len(CODES[name]) - 1)))
                for name in some
            }

        return Event(conditions=tuple(condition() for _ in range(self.random.choice([1, 1, 2]))))

    def every_survey(self) -> Draws:
        """Attribute by survey by school."""
        kinds = list(product(*(range(len(codes)) for codes in self.model.codes.values())))
        found = np.array(list(product(range(len(kinds)), repeat=self.schools)))
        return np.moveaxis(np.array(kinds, dtype=np.uint8)[found], 2, 0)

    def log_prior(self, survey: Draws, mass: float) -> float:
        """The probability of one survey, by the formula of Dirichlet and multinomial (Johnson and others 1997)."""
        names, total = list(self.model.codes), 0.0
        given = self.prior.given or {}
        met = [
            all(self.model.codes[name][survey[names.index(name), it]] in codes for name, codes in given.items())
            for it in range(self.schools)
        ]
        for place, name in enumerate(names):
            codes = len(self.model.codes[name])
            groups: list[Sequence[int]] = [range(self.schools)]
            if given and name not in given:
                groups = [[it for it in range(self.schools) if met[it] is member] for member in (True, False)]
            for group in groups:
                counts = np.bincount(survey[place, list(group)], minlength=codes) if len(group) else [0] * codes
                if mass == inf:
                    total -= len(group) * log(codes)
                else:
                    each = mass / codes
                    total += lgamma(mass) - lgamma(mass + len(group))
                    total += sum(lgamma(each + int(count)) - lgamma(each) for count in counts)
        return total

    def exact(self, mass: float) -> tuple[Draws, NDArray[np.float64], float]:
        """The surveys that meet everything, their probabilities given that, and the probability of that."""
        every = self.every_survey()
        allowed = every[:, meets(self.model, every)]
        weights = np.exp([self.log_prior(allowed[:, it], mass) for it in range(allowed.shape[1])])
        return allowed, weights / max(weights.sum(), 1e-300), float(weights.sum())


def distance(drawn: Draws, allowed: Draws, chances: NDArray[np.float64]) -> tuple[float, float]:
    """The chi-square statistic over its degrees of freedom, and four standard deviations above what is expected.

    Surveys with fewer than five expected are put together (Cochran 1954).
    """
    base = 4 ** np.arange(drawn.shape[0] * drawn.shape[2])
    keys, drawn_keys = (np.moveaxis(it, 1, 0).reshape(it.shape[1], -1) @ base for it in (allowed, drawn))
    order = np.argsort(keys)
    places = np.searchsorted(keys[order], drawn_keys)
    assert (keys[order][np.minimum(places, len(keys) - 1)] == drawn_keys).all(), "a survey that is not allowed"
    seen, expected = np.bincount(places, minlength=len(keys)), chances[order] * len(drawn_keys)
    rare = expected < 5
    if rare.any():
        seen, expected = np.append(seen[~rare], seen[rare].sum()), np.append(expected[~rare], expected[rare].sum())
    free = max(len(seen) - 1, 1)
    return float(((seen - expected) ** 2 / np.maximum(expected, 1e-12)).sum() / free), 1 + 4 * (2 / free) ** 0.5


@pytest.mark.parametrize("seed", PROBLEMS)
def test_every_survey_is_drawn_as_often_as_it_should_be(seed: int) -> None:
    problem = Problem(seed)
    _, sampler = sampler_of(problem.model, problem.prior)
    allowed, chances, probability = problem.exact(problem.prior.mass)
    assert np.exp(sampler.log_probability) == pytest.approx(probability, rel=1e-9, abs=1e-300)
    assert sampler.is_possible == (allowed.shape[1] > 0)
    if sampler.is_possible:
        drawn = sampler.draw(SMALL_DRAWS, np.random.default_rng(seed))
        found, most = distance(drawn, allowed, chances)
        assert found < most


def test_the_tolerance_would_find_a_wrong_weighting() -> None:
    """Draws by one mass, held against the exact distribution of another, are found out."""
    found_out = 0
    for seed in PROBLEMS:
        problem = Problem(seed)
        allowed, chances, _ = problem.exact(1.2 if problem.prior.mass == inf else problem.prior.mass * 1.5)
        _, sampler = sampler_of(problem.model, problem.prior)
        if allowed.shape[1] > 5:
            found, most = distance(sampler.draw(SMALL_DRAWS, np.random.default_rng(seed)), allowed, chances)
            found_out += found > most
    assert found_out >= 10


# --------------------------------------------------------------------------------------------- columns as filled in


def visits(schools: int) -> list[list[dict[str, str]]]:
    """Every way to fill in phase, the question about feeder schools where it is asked, and one theme."""
    kinds = [
        {"phase": phase, "feeder_primaries_used": feeder, "monitoring": theme}
        for phase in ("primary", "secondary", "special")
        for feeder in (("yes", "no") if phase == "secondary" else ("not_applicable",))
        for theme in ("action", "neither", "pitfall")
    ]
    return [list(survey) for survey in product(kinds, repeat=schools)]


def chance_of(survey: Sequence[Mapping[str, str]], prior: Prior) -> float:
    """By the formula of Dirichlet and multinomial, column by column, of the schools of which it is asked."""
    codes = {"phase": 3, "feeder_primaries_used": 2, "monitoring": 3}
    total = 0.0
    for name, number_of_codes in codes.items():
        asked = [it for it in survey if it[name] != "not_applicable"]
        apart = prior.given is not None and name not in prior.given
        groups = [[it for it in asked if (it["phase"] == "secondary") is is_it] for is_it in (True, False)]
        for group in groups if apart else [asked]:
            if prior.mass == inf:
                total -= len(group) * log(number_of_codes)
                continue
            each = prior.mass / number_of_codes
            total += lgamma(prior.mass) - lgamma(prior.mass + len(group))
            counts = Counter(it[name] for it in group).values()
            total += sum(lgamma(each + count) - lgamma(each) for count in counts)
    return float(np.exp(total))


@pytest.mark.parametrize(
    "prior", [Prior(mass=inf), Prior(mass=2), Prior(mass=0.8, given={"phase": "secondary"})], ids=str
)
def test_rules_of_the_form_of_a_visit_are_no_coincidence(prior: Prior) -> None:
    """Themes have one of three codes, and what is not asked is not drawn: beside all ways to fill in three visits."""
    columns = {name: visit_columns()[name] for name in ("phase", "feeder_primaries_used", "monitoring")}
    claims = replace(CLAIMS, items=(replace(CLAIMS["schools-visited"], count=3),))
    used = Event(conditions=({"monitoring=action": ("yes",), "feeder_primaries_used": ("no", "not_applicable")},))
    primary = Event(conditions=({"monitoring=pitfall": ("no",), "phase": ("primary",)}, {"monitoring=action": ("no",)}))
    further = (Linear(terms=((1, used),), low=1), Linear(terms=((1, primary), (-1, used)), high=1))
    model = compile_claims(claims, columns)
    model = replace(model, constraints=(*model.constraints, *further))
    filled_in = visits(3)
    every = np.array([[[_code(model, name, it) for it in survey] for survey in filled_in] for name in model.codes])
    allowed = meets(model, every)
    chances = np.array([chance_of(survey, prior) for survey in filled_in])
    form, sampler = sampler_of(model, prior)
    assert chances.sum() == pytest.approx(1)
    assert np.exp(sampler.log_probability) == pytest.approx(chances[allowed].sum(), rel=1e-9)
    drawn = form.attributes(sampler.draw(SMALL_DRAWS, np.random.default_rng(5)))
    found, most = distance(drawn, every[:, allowed], chances[allowed] / chances[allowed].sum())
    assert found < most


def _code(model: Model, name: str, visit: Mapping[str, str]) -> int:
    column, _, code = name.partition("=")
    return coding(model, name, visit[column] if not code else "yes" if visit[column] == code else "no")


def test_where_nothing_was_published_a_prior_gives_back_what_was_supposed() -> None:
    """Even chances of three phases and of three codes of a theme are a third each, and half of what is asked."""
    drawn = draw_surveys(few(), 2000, prior=Prior(mass=inf), seed=1)
    shares = [
        share_of({"phase": "secondary"}, among={}),
        share_of({"monitoring": "neither"}, among={}),
        share_of({"monitoring": "pitfall"}, among={"phase": "special"}),
    ]
    for quantity in shares:
        assert np.nanmean(drawn.values(quantity)) == pytest.approx(1 / 3, abs=0.01)
    asked = share_of({"feeder_primaries_used": "yes"}, among={"phase": "secondary"})
    assert np.nanmean(drawn.values(asked)) == pytest.approx(1 / 2, abs=0.01)


# ----------------------------------------------------------------------------------------------- the published claims


@pytest.fixture(scope="module", params=list(BAND))
def drawn(request: pytest.FixtureRequest) -> Ensemble:
    return draw_surveys(CLAIMS, DRAWS, prior=BAND[request.param], seed=59)


def published(without: tuple[str, ...] = ()) -> Model:
    lexicon = find_lexicon("plain-english").readings()
    return compile_claims(read_claims(), visit_columns(), lexicon=lexicon, without=without)


def test_every_survey_meets_every_claim(drawn: Ensemble) -> None:
    assert len(drawn) == DRAWS and drawn.codings.shape[1:] == (DRAWS, 59)
    assert meets(published(), drawn.codings).all()


ASKED = [
    number_of({"greater_range": "yes"}, label="greater range"),
    number_of({"monitoring": "action", "inclusion": "pitfall"}, label="over two tables"),
    share_of({"feeder_primaries_used": "yes"}, among={"phase": ["primary", "secondary", "special"]}, label="feeders"),
    share_difference({"monitoring": "action"}, among=SUCCESSFUL, against=OTHERS, label="action"),
    share_ratio({"partnership_forms": "bought_in_tuition"}, among=SUCCESSFUL, against=OTHERS, label="bought in"),
]


@cache
def identified(label: str) -> Bounds:
    return bounds(next(it for it in ASKED if it.label == label))


@pytest.mark.parametrize("quantity", ASKED, ids=lambda it: it.label)
def test_values_lie_within_the_bounds(drawn: Ensemble, quantity: Quantity) -> None:
    found, values = identified(quantity.label), drawn.values(quantity)
    values = values[~np.isnan(values)]
    assert len(values) > DRAWS / 2
    assert float(found.low) - 1e-12 <= values.min() and values.max() <= float(found.high) + 1e-12


def test_values_are_those_of_the_table_row_by_row() -> None:
    ensemble = draw_surveys(CLAIMS, 20, prior=BAND["unknown chances by use"], seed=3)
    frame = ensemble.to_frame()
    apart = share_ratio({"feeder_primaries_used": "yes"}, among={"monitoring": "pitfall"})
    for survey, value in enumerate(ensemble.values(apart)):
        rows = frame[(frame["survey"] == survey) & (frame["feeder_primaries_used"] != "not_applicable")]
        pitfall, used = rows["monitoring=pitfall"] == "yes", rows["feeder_primaries_used"] == "yes"
        inside, outside = used[pitfall].mean(), used[~pitfall].mean()
        expected = inside / outside if pitfall.any() and (~pitfall).any() and outside else nan
        assert value == pytest.approx(expected, nan_ok=True)


def test_the_same_seed_gives_the_same_surveys() -> None:
    one, again, other = (draw_surveys(CLAIMS, 50, prior=BAND["unknown chances"], seed=seed) for seed in (7, 7, 8))
    assert (one.codings == again.codings).all() and not (one.codings == other.codings).all()
    assert one.to_frame().equals(again.to_frame())
    assert one.probability == pytest.approx(10**one.log10_probability)


def few(*names: str) -> Any:
    """The claims reduced to some."""
    claims = read_claims()
    return replace(claims, items=tuple(it for it in claims if it.id in ("schools-visited", *names)))


@pytest.mark.parametrize("prior", BAND.values(), ids=list(BAND))
def test_it_agrees_with_rejection_sampling(prior: Prior) -> None:
    """Surveys drawn given the grades alone, and kept where they meet a few further claims."""
    grades = [f"grade-{grade}" for grade in ("outstanding", "good", "satisfactory", "inadequate")]
    further = ["greater-range", "improved-outcomes", "not-managed-well"]
    if prior.given is None:  # with chances by group it takes ten seconds to compile
        further.append("poor-value-without-monitoring")
    ensemble = draw_surveys(few(*grades, *further), 4000, prior=prior, seed=1)
    nothing = draw_surveys(few(*grades), 4000, prior=prior, seed=2)
    lexicon = find_lexicon("plain-english").readings()
    base, model = (compile_claims(few(*it), visit_columns(), lexicon=lexicon) for it in (grades, [*grades, *further]))
    kept = meets(model, nothing.codings)
    tried = 10**nothing.log10_probability
    rate = kept.mean()
    assert 10**ensemble.log10_probability / tried == pytest.approx(rate, abs=4 * (rate * (1 - rate) / 4000) ** 0.5)
    assert kept.sum() > 100 and meets(base, nothing.codings).all()
    for quantity in (*ASKED[:2], number_of({"value_for_money": "inadequate", "monitoring": "pitfall"})):
        one, other = np.sort(ensemble.values(quantity)), np.sort(nothing.values(quantity)[kept])
        places = np.union1d(one, other)
        gap = np.searchsorted(one, places, "right") / len(one) - np.searchsorted(other, places, "right") / len(other)
        assert np.abs(gap).max() < 1.95 * (1 / len(one) + 1 / len(other)) ** 0.5  # Smirnov, level 0.001


def test_a_great_mass_is_as_good_as_even_chances_and_a_small_one_has_no_accident() -> None:
    """Differences of the logarithm of the gamma function would have lost all digits."""
    great, even = (draw_surveys(few("grade-good"), 1, prior=Prior(mass=mass), seed=1) for mass in (1e9, inf))
    assert great.log10_probability == pytest.approx(even.log10_probability, abs=1e-5)
    alike = draw_surveys(few("grade-good", "greater-range"), 50, prior=Prior(mass=1e-6), seed=1)
    assert (alike.values(number_of({"partnership_use": "good"})) == 7).all()


def test_more_surveys_than_memory_holds_are_refused() -> None:
    with pytest.raises(InputError, match=r"^n must be at most 1,000,000, not 1,000,000,000; draw in parts"):
        draw_surveys(CLAIMS, 10**9, prior=BAND["even chances"], seed=1)


# ------------------------------------------------------------------------------------------------------ what is wrong


@pytest.mark.parametrize("mass", [0, -1, nan, "2", True, None, 1e-300, 1e16])
def test_a_mass_must_be_above_nothing(mass: Any) -> None:
    with pytest.raises(InputError, match=r"mass must be a number above 0"):
        Prior(mass=mass)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"use": "good"}, r"given must be one of .*not 'use'"),
        ({"partnership_use": "goood"}, r"partnership_use must be one of .*did you mean 'good'"),
        ({"partnership_use": []}, "at least one code"),
        ({}, "given must be a condition"),
        ("good", "given must be a condition"),
    ],
)
def test_a_condition_must_be_one_of_the_visits(given: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        draw_surveys(CLAIMS, 1, prior=Prior(mass=2, given=given), seed=1)


@pytest.mark.parametrize(
    ("n", "seed", "named"), [(0, 1, "n"), (-3, 1, "n"), (2.5, 1, "n"), (True, 1, "n"), (5, -1, "seed")]
)
def test_numbers_must_be_whole(n: Any, seed: Any, named: str) -> None:
    with pytest.raises(InputError, match=f"{named} must be a whole number"):
        draw_surveys(CLAIMS, n, prior=BAND["unknown chances"], seed=seed)


def test_names_must_be_known() -> None:
    with pytest.raises(InputError, match="prior must be a Prior"):
        draw_surveys(CLAIMS, 1, prior="even chances", seed=1)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="lexicon must be one of"):
        draw_surveys(CLAIMS, 1, prior=BAND["even chances"], seed=1, lexicon="plain")
    with pytest.raises(InputError, match="without must be one of"):
        draw_surveys(CLAIMS, 1, prior=BAND["even chances"], seed=1, without="tes-base")
    with pytest.raises(InputError, match="quantity must come from"):
        draw_surveys(few(), 1, prior=BAND["even chances"], seed=1).values("all")  # type: ignore[arg-type]


def test_claims_that_contradict_one_another_are_named() -> None:
    claims = read_claims()
    changed = tuple(replace(it, count=40) if it.id == "good-use-and-value" else it for it in claims)
    with pytest.raises(ContradictionError) as caught:
        draw_surveys(replace(claims, items=changed), 1, prior=BAND["unknown chances"], seed=1)
    assert "good-use-and-value" in caught.value.claims


def test_claims_that_tie_too_much_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey_analysis.count_states.WAYS", 10)
    with pytest.raises(InputError, match="leave claims out"):
        sampler_of(published(), Prior(mass=3))
    monkeypatch.setattr("survey_analysis.school_classes.CELLS", 10)
    with pytest.raises(InputError, match="leave that claim out"):
        sampler_of(published(), Prior(mass=3))


def test_a_sum_to_which_no_school_adds_is_looked_at_as_well() -> None:
    never, always = Event(conditions=()), Event(conditions=({},))
    codes = {"a": ("yes", "no")}
    for event, low, possible in ((never, 1, False), (always, 3, True), (always, 4, False)):
        sampler = SurveySampler(codes, 3, [Linear(terms=((1, event),), low=low)], masses={"a": 1.0})
        assert sampler.is_possible is possible


# ------------------------------------------------------------------------------------------------------------ files


def test_a_file_says_what_it_is_in_every_row_and_in_its_metadata(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="Parquet files need pyarrow")
    from pyarrow import parquet

    ensemble = draw_surveys(CLAIMS, 3, prior=BAND["unknown chances by use"], seed=4)
    ensemble.write(tmp_path / "drawn.parquet")
    table = parquet.read_table(tmp_path / "drawn.parquet")
    metadata = {key.decode(): text.decode() for key, text in table.schema.metadata.items()}
    wanted = {
        "seed": "4",
        "prior": str(ensemble.prior),
        "lexicon": ensemble.lexicon,
        "without": "nothing",
        "note": NOTE,
    }
    assert wanted.items() <= metadata.items()
    frame = table.to_pandas()
    assert frame.astype(str).equals(ensemble.to_frame().astype(str)) and len(frame) == 3 * 59
    assert all((frame[name] == text).all() for name, text in wanted.items())
    with pytest.raises(InputError, match="cannot be written"):
        ensemble.write(tmp_path / "nowhere" / "drawn.parquet")


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"survey-analysis\[parquet\]"):
        draw_surveys(few(), 1, prior=BAND["even chances"], seed=1).write(tmp_path / "drawn.parquet")


def test_probabilities_of_nothing_said_are_1() -> None:
    nothing = Model(schools=3, codes={"a": ("yes", "no")}, constraints=(), comparisons=(), tiers={}, columns={})
    for mass in (2, inf):
        assert sampler_of(nothing, Prior(mass=mass))[1].log_probability == 0
    half = replace(nothing, constraints=(Linear(terms=((1, Event(conditions=({"a": ("yes",)},))),), low=2),))
    assert np.exp(sampler_of(half, Prior(mass=inf))[1].log_probability) == pytest.approx(float(Fraction(1, 2)))
