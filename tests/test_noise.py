"""How large the largest differences are that noise alone gives, beside brute force and simulation."""

from itertools import product
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_analysis.errors import InputError
from survey_analysis.noise import noise_differences


def values(**options: Any) -> list[float]:
    return [it.value for it in noise_differences(resamples=9, **options) if it.value is not None]


def test_the_best_five_of_forty_features_of_ten_in_fifty_nine_schools_differ_by_28_points() -> None:
    """Known before from a simulation: +28 points."""
    assert round(100 * values()[0]) == 28


@settings(max_examples=30)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.floats(0.1, 0.9))
def test_the_expectations_are_those_of_going_through_everything(
    successful: int, others: int, features: int, prevalence: float
) -> None:
    def chance(have: int, of: int) -> float:
        return comb(of, have) * prevalence**have * (1 - prevalence) ** (of - have)

    one = [
        (i / successful - j / others, chance(i, successful) * chance(j, others))
        for i, j in product(range(successful + 1), range(others + 1))
    ]
    expected = np.zeros(features)
    for chosen in product(one, repeat=features):
        largest_first = sorted((difference for difference, _ in chosen), reverse=True)
        expected += np.prod([weight for _, weight in chosen]) * np.array(largest_first)
    found = values(
        schools=successful + others, successful=successful, features=features, best=features, prevalence=prevalence
    )
    assert found[1:] == pytest.approx(expected, abs=1e-12)
    assert found[0] == pytest.approx(expected.mean(), abs=1e-12)


@pytest.mark.slow
def test_the_expectations_are_those_of_a_simulation() -> None:
    """Bernoulli draws for every school and feature, within four standard errors."""
    random, searches = np.random.default_rng(7), 10_000
    best = np.zeros((searches, 5))
    for number in range(0, searches, 1_000):
        has = random.random((1_000, 40, 59)) < 0.3
        differences = has[..., :10].mean(axis=-1) - has[..., 10:].mean(axis=-1)
        best[number : number + 1_000] = np.sort(differences, axis=1)[:, :-6:-1]
    error = best.std(axis=0) / searches**0.5
    assert np.abs(best.mean(axis=0) - values(prevalence=0.3)[1:]).max() < 4 * error.max()


def test_a_single_feature_does_not_differ_on_average() -> None:
    assert values(features=1, best=1) == pytest.approx([0, 0], abs=1e-12)


@pytest.mark.parametrize(
    ("options", "larger"),
    [({"features": 80}, True), ({"successful": 5}, True), ({"schools": 200}, True), ({"best": 10}, False)],
)
def test_more_features_and_fewer_schools_give_larger_differences(options: dict[str, int], larger: bool) -> None:
    base = {"schools": 59, "successful": 10}
    base = {"schools": 200, "successful": 30} if "schools" in options else base
    smaller = values(**{**base, **options})[0] if "schools" not in options else values()[0]
    assert (smaller > values(**base)[0]) is larger


def test_the_usual_range_holds_95_of_100_searches_and_comes_again_from_the_same_seed() -> None:
    first, again, other = (noise_differences(seed=seed) for seed in (0, 0, 1))
    assert first == again
    ends = [(it.details["usually_from"], it.details["usually_to"]) for it in first]
    assert ends != [(it.details["usually_from"], it.details["usually_to"]) for it in other]
    assert all(low < it.value < high for it, (low, high) in zip(first, ends, strict=True) if it.value is not None)
    assert [it.value for it in first] == [it.value for it in other]
    random = np.random.default_rng(5)
    drawn = random.binomial(10, 0.5, (20_000, 40)) / 10 - random.binomial(49, 0.5, (20_000, 40)) / 49
    mean = np.sort(drawn, axis=1)[:, -5:].mean(axis=1)
    assert ((mean >= ends[0][0]) & (mean <= ends[0][1])).mean() == pytest.approx(0.95, abs=0.01)


def test_whatever_counts_as_a_number_is_one() -> None:
    assert values(prevalence=np.float32(0.5), schools=np.int64(59)) == values()


def test_rarer_features_make_less_noise() -> None:
    assert values(prevalence=0.1)[0] < values(prevalence=0.25)[0] < values(prevalence=0.5)[0]


def test_it_is_called_what_it_is() -> None:
    found = noise_differences()
    assert {it.provenance.value for it in found} == {"derived"} and {it.unit for it in found} == {"points"}
    assert found[0].label == "mean of the best 5" and found[1].label == "number 1 of 40"
    assert "whether it is successful or not" in " ".join(str(found).split())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"successful": 59}, r"^successful must be fewer than schools \(59\), not 59: others are needed too$"),
        ({"successful": 0}, r"^successful must be a whole number from 1, not 0$"),
        ({"features": 2.5}, r"^features must be a whole number from 1, not 2\.5$"),
        ({"resamples": True}, r"^resamples must be a whole number from 1, not True$"),
        ({"best": 41}, r"^best must be at most the number of features \(40\), not 41$"),
        ({"schools": 1_001}, r"^schools must be at most 1,000, not 1,001$"),
        ({"features": 5_000}, r"^features must be at most 1,000, not 5,000$"),
        ({"prevalence": 50}, r"^prevalence must be between 0 and 1, not 50; write 0\.5 for 50%$"),
        ({"prevalence": "half"}, r"^prevalence must be between 0 and 1, not 'half'"),
    ],
)
def test_bad_input_is_told(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        noise_differences(**options)
