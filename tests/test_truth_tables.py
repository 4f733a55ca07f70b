"""Crisp-set qualitative comparative analysis beside published solutions and brute force."""

from itertools import combinations, permutations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_analysis.crisp_sets import CrispSets, load_lipset
from survey_analysis.errors import InputError
from survey_analysis.truth_tables import conservative_solution, found_in_noise, necessity, truth_table

LIPSET = load_lipset()


def sets(rows: list[tuple[str, int, int]], title: str = "cases", names: str = "ABCDEFGH") -> CrispSets:
    """Cases given as a combination in digits, cases with the outcome, and cases without it."""
    lines = [
        dict(zip(names, map(int, bits), strict=False)) | {"Y": value}
        for bits, with_it, without in rows
        for value in [1] * with_it + [0] * without
    ]
    conditions = list(names[: len(rows[0][0])])
    return CrispSets(table=pd.DataFrame(lines), outcome="Y", conditions=conditions, title=title)


def recipes(cases: CrispSets, **options: Any) -> list[set[str]]:
    """The recipes of each model."""
    solution = conservative_solution(cases, **options)
    return [set(model["recipe"]) for _, model in solution.groupby("model", sort=False)]


# ------------------------------------------------------------------------------------------------ published answers


def test_the_truth_table_of_lipset() -> None:
    """The R package QCA 3, truthTable(LC, 'SURV'): combination, outcome and number of cases."""
    table = truth_table(LIPSET, remainders=False)
    found = {
        "".join(str(row[name]) for name in LIPSET.conditions): (row["outcome"], row["n"], row["consistency"])
        for _, row in table.iterrows()
    }
    assert found == {
        "11111": ("1", 4, 1.0), "10101": ("1", 2, 1.0), "10111": ("1", 2, 1.0),
        "00000": ("0", 3, 0.0), "00001": ("0", 2, 0.0), "00100": ("0", 2, 0.0),
        "00101": ("0", 1, 0.0), "10110": ("0", 1, 0.0), "11110": ("0", 1, 0.0),
    }  # fmt: skip
    cases = dict(zip(table["n"].astype(str) + table["outcome"], table["cases"], strict=True))
    assert cases["41"] == "Belgium, Czechoslovakia, Netherlands, United Kingdom"
    assert cases["30"] == "Greece, Portugal, Spain"


def test_the_conservative_solution_of_lipset() -> None:
    """Rihoux and De Meur (2009); coverages from the R package QCA 3, minimize(truthTable(LC, 'SURV'))."""
    solution = conservative_solution(LIPSET)
    assert solution["model"].tolist() == ["M1", "M1"]
    columns = ["recipe", "consistency", "coverage", "unique_coverage", "model_coverage", "cases"]
    assert solution[columns].to_numpy().tolist() == [
        ["DEV*LIT*IND*STB", 1.0, 0.75, 0.5, 1.0, 6],
        ["DEV*~URB*LIT*STB", 1.0, 0.5, 0.25, 1.0, 4],
    ]
    states = solution[list(LIPSET.conditions)].to_numpy().tolist()
    assert states[1] == ["present", "absent", "present", "either", "present"]
    assert set(solution["provenance"]) == {"derived"}, "a source printed it; these figures are ours"


def test_the_recipes_for_the_end_of_democracy_are_not_the_others_turned_round() -> None:
    """The R package QCA 3, minimize(truthTable(LC, '~SURV')): ~DEV*~URB*~IND + DEV*LIT*IND*~STB."""
    assert recipes(LIPSET.negated()) == [{"~DEV*~URB*~IND", "DEV*LIT*IND*~STB"}]


def test_without_stability_lipset_s_cases_contradict_one_another() -> None:
    """Rihoux and De Meur (2009): with four conditions Germany stands beside Belgium, and Austria beside France."""
    four = CrispSets(table=LIPSET.table, outcome="SURV", conditions=["DEV", "URB", "LIT", "IND"], title="Lipset")
    table = truth_table(four, remainders=False)
    contradictory = table[table["outcome"] == "C"]
    assert contradictory["cases"].tolist() == [
        "Austria, France, Sweden",
        "Belgium, Czechoslovakia, Germany, Netherlands, United Kingdom",
    ]
    assert recipes(four) == [{"DEV*~URB*LIT*~IND"}]


def test_krook_s_women_in_parliaments() -> None:
    """Krook (2010), Political Studies 58, as solved by Thiem and Dusa (2013), The R Journal 5(1): 22 countries."""
    krook = sets(
        [
            ("00010", 0, 2), ("00011", 1, 0), ("01000", 0, 1), ("01010", 0, 4), ("01011", 1, 0), ("10001", 0, 1),
            ("10100", 1, 0), ("10111", 1, 0), ("11000", 0, 3), ("11001", 1, 0), ("11010", 1, 0), ("11011", 2, 0),
            ("11100", 1, 0), ("11111", 2, 0),
        ]
    )  # fmt: skip
    solution = conservative_solution(krook)
    found = {
        row["recipe"]: (round(row["coverage"], 3), round(row["unique_coverage"], 3)) for _, row in solution.iterrows()
    }
    assert set(solution["model"]) == {"M1"}
    assert found == {
        "A*B*~C*E": (0.273, 0.091), "A*B*~C*D": (0.273, 0.091), "~A*~C*D*E": (0.182, 0.182),
        "A*C*~D*~E": (0.182, 0.182), "A*C*D*E": (0.273, 0.273),
    }  # fmt: skip


def test_ragin_s_successful_strikes() -> None:
    """Ragin (1987), The Comparative Method, chapter 6: S = AC + Bc, AB being a prime implicant that is not needed."""
    strikes = sets(
        [
            ("101", 6, 0), ("010", 5, 0), ("110", 2, 0), ("111", 3, 0), ("100", 0, 9), ("001", 0, 6), ("011", 0, 3),
            ("000", 0, 4),
        ]
    )  # fmt: skip
    assert recipes(strikes) == [{"A*C", "B*~C"}]


def test_all_models_are_given_where_several_are_equally_small() -> None:
    """The cyclic function of the textbooks, sum of minterms 0, 1, 2, 5, 6, 7 (Roth, Fundamentals of Logic Design)."""
    cyclic = sets([(f"{row:03b}", int(row in (0, 1, 2, 5, 6, 7)), int(row in (3, 4))) for row in range(8)])
    assert sorted(map(sorted, recipes(cyclic))) == sorted(
        map(sorted, [{"~A*~B", "B*~C", "A*C"}, {"~A*~C", "~B*C", "A*B"}])
    )


# ------------------------------------------------------------------------------------------------------- brute force


@st.composite
def case_sets(draw: st.DrawFn) -> CrispSets:
    outcomes = draw(st.lists(st.sampled_from([(1, 0), (0, 1), (1, 1), (0, 0), (2, 0)]), min_size=8, max_size=8))
    rows = [(f"{row:03b}", *counts) for row, counts in enumerate(outcomes)]
    return sets([*rows, ("000", 0, 1), ("111", 1, 0)])


@settings(max_examples=60)
@given(case_sets())
def test_a_model_covers_what_has_the_outcome_and_no_smaller_set_of_recipes_does(cases: CrispSets) -> None:
    table = truth_table(cases)
    wanted = {tuple(row[list("ABC")]) for _, row in table.iterrows() if row["outcome"] == "1"}
    covers = {
        pattern: set(product(*((0, 1) if value == 2 else (value,) for value in pattern)))
        for pattern in product((0, 1, 2), repeat=3)
    }
    allowed = {pattern: rows for pattern, rows in covers.items() if rows <= wanted}
    prime = [it for it, rows in allowed.items() if not any(rows < other for other in allowed.values())]
    whole = [
        them
        for number in range(len(prime) + 1)
        for them in combinations(prime, number)
        if {bits for it in them for bits in covers[it]} == wanted
    ]
    smallest = [them for them in whole if len(them) == len(whole[0])]

    def name(pattern: tuple[int, ...]) -> str:
        parts = [("" if value else "~") + it for it, value in zip("ABC", pattern, strict=True) if value != 2]
        return "*".join(parts) or "any combination"

    found = recipes(cases)
    assert sorted(map(sorted, found)) == sorted(sorted(map(name, them)) for them in smallest if them)


@settings(max_examples=40)
@given(case_sets())
def test_coverages_are_counted_case_by_case(cases: CrispSets) -> None:
    frame, having = cases.complete, cases.having == 1
    solution = conservative_solution(cases)
    for _, model in solution.groupby("model"):
        fits = {}
        for _, row in model.iterrows():
            fit = np.ones(len(frame), dtype=bool)
            for name in "ABC":
                if row[name] != "either":
                    fit &= frame[name].to_numpy() == (row[name] == "present")
            fits[row["recipe"]] = fit
        for _, row in model.iterrows():
            fit = fits[row["recipe"]]
            others = np.any([it for name, it in fits.items() if name != row["recipe"]] or [~fit & fit], axis=0)
            assert row["cases"] == fit.sum() and row["consistency"] == having[fit].mean()
            assert row["coverage"] == pytest.approx(fit[having].mean())
            assert row["unique_coverage"] == pytest.approx((fit & ~others)[having].mean())
            assert row["model_coverage"] == pytest.approx(np.any(list(fits.values()), axis=0)[having].mean())


# ------------------------------------------------------------------------------------------------------ truth tables


def test_a_row_is_one_nought_contradictory_or_a_remainder_by_the_cuts() -> None:
    cases = sets([("11", 4, 1), ("10", 1, 4), ("01", 2, 2), ("00", 0, 1)])
    codes = {
        cuts: truth_table(cases, incl_cut=cuts[0], n_cut=cuts[1])["outcome"].tolist()
        for cuts in [(1.0, 1), (0.8, 1), (0.8, 2), (0.8, 5)]
    }
    assert codes == {
        (1.0, 1): ["0", "C", "C", "C"], (0.8, 1): ["0", "C", "0", "1"], (0.8, 2): ["?", "C", "0", "1"],
        (0.8, 5): ["?", "?", "0", "1"],
    }  # fmt: skip
    assert recipes(cases, incl_cut=0.8) == [{"A*B"}]
    assert recipes(cases) == []


def test_a_remainder_has_no_consistency_and_no_case() -> None:
    table = truth_table(sets([("11", 1, 0), ("00", 0, 1)]))
    [row] = table[(table["A"] == 1) & (table["B"] == 0)].to_dict("records")
    assert (row["n"], row["consistency"], row["outcome"], row["cases"]) == (0, None, "?", "")
    assert len(truth_table(sets([("11", 1, 0), ("00", 0, 1)]), remainders=False)) == 2


def test_where_every_combination_is_a_remainder_no_row_is_left_and_the_columns_are() -> None:
    none = truth_table(LIPSET, n_cut=99, remainders=False)
    assert none.empty and list(none.columns) == list(truth_table(LIPSET).columns)


def test_what_is_worked_out_of_published_cases_is_derived_and_the_cases_are_published() -> None:
    assert set(truth_table(LIPSET)["provenance"]) == {"published"}
    assert set(necessity(LIPSET)["provenance"]) == {"derived"}
    assert {it.provenance.value for it in found_in_noise(LIPSET)} == {"derived"}


def test_no_condition_may_be_called_as_a_column_beside_them_is() -> None:
    beside = {*truth_table(LIPSET), *conservative_solution(LIPSET)} - set(LIPSET.conditions)
    assert {"n", "recipe", "outcome"} < beside
    for name in beside:
        cases = pd.DataFrame({name: [0, 1], "Y": [0, 1]})
        with pytest.raises(InputError, match=f"^a condition cannot be called '{name}', as a column of the results is"):
            CrispSets(table=cases, outcome="Y", conditions=[name], title="it")


@pytest.mark.parametrize("other", [None, 5, pd.DataFrame()])
def test_what_are_no_sets_is_told(other: Any) -> None:
    for ask in (truth_table, necessity, conservative_solution, found_in_noise):
        with pytest.raises(InputError, match=r"^sets must come from CrispSets\(\.\.\.\), theme_sets\(\) or load_l"):
            ask(other)


def test_whatever_counts_as_a_whole_number_is_one() -> None:
    options: dict[str, Any] = {"n_cut": np.int64(1), "resamples": np.int64(9), "incl_cut": np.float32(1)}
    assert found_in_noise(LIPSET, **options) == found_in_noise(LIPSET)


def test_cases_with_something_not_seen_are_counted_beside_the_table() -> None:
    table = LIPSET.table.astype("Int64")
    table.loc["Austria", "STB"] = pd.NA
    some = CrispSets(table=table, outcome="SURV", conditions=LIPSET.conditions, title="Lipset")
    assert set(truth_table(some)["left_out"]) == {1} and set(conservative_solution(some)["left_out"]) == {1}
    assert truth_table(some)["n"].sum() == 17


def test_every_condition_being_needed_nowhere_the_recipe_says_so() -> None:
    cases = sets([("1", 1, 0), ("0", 4, 1)])
    assert recipes(cases, incl_cut=0.8) == [{"any combination"}]


# --------------------------------------------------------------------------------------------------------- necessity


def test_necessity_is_counted_both_ways() -> None:
    """Lipset: DEV, LIT and STB in all 8 surviving democracies, of 10, 13 and 11 countries that have them."""
    table = necessity(LIPSET).set_index("condition")
    always = table[table["consistency"] == 1]
    assert always["coverage"].to_dict() == {"DEV": 8 / 10, "LIT": 8 / 13, "STB": 8 / 11}
    assert table.loc["~IND", ["cases", "consistency", "coverage"]].tolist() == [10, 2 / 8, 2 / 10]
    assert table.loc["LIT", "among_all"] == pytest.approx(13 / 18)


def test_a_condition_that_no_case_has_covers_nothing_that_could_be_counted() -> None:
    table = necessity(sets([("01", 1, 0), ("00", 0, 1)])).set_index("condition")
    assert table.loc["A", "coverage"] is None and table.loc["A", "consistency"] == 0
    assert table.loc["~A", "consistency"] == 1


# ------------------------------------------------------------------------------------------------------------- noise


def test_the_guard_goes_through_every_way_to_deal_out_the_outcome() -> None:
    """By brute force: the conservative solution of each of the ways."""
    cases = sets([("11", 2, 0), ("10", 1, 0), ("01", 0, 2), ("00", 1, 1)])
    found = conservative_solution(cases)
    widest, whole = found["coverage"].max(), found["model_coverage"].max()
    ways = set(permutations(cases.having.tolist()))
    counts = np.zeros(3)
    for way in ways:
        shuffled = CrispSets(table=cases.table.assign(Y=way), outcome="Y", conditions=["A", "B"], title="it")
        solution = conservative_solution(shuffled)
        best, total = (solution[name].max() if len(solution) else 0 for name in ("coverage", "model_coverage"))
        counts += [len(solution) > 0, best >= widest, total >= whole]
    guard = found_in_noise(cases)
    assert [it.value for it in guard] == pytest.approx(counts / len(ways))
    assert {it.base for it in guard} == {len(ways)} and all(it.level is None for it in guard)


def test_lipset_s_recipes_are_rare_in_noise_and_some_recipe_is_not() -> None:
    anything, recipe, solution = found_in_noise(LIPSET)
    assert anything.value is not None and anything.value > 0.95
    assert recipe.value is not None and recipe.value < 0.005
    assert solution.value is not None and solution.value < 0.005
    assert recipe.label == "a recipe that covers at least 75%"


def test_many_cases_are_shuffled_and_the_shuffling_agrees_with_going_through_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exact = found_in_noise(LIPSET)
    monkeypatch.setattr("survey_analysis.truth_tables._EXACT_UP_TO", 0)
    drawn, again, other = (found_in_noise(LIPSET, seed=seed) for seed in (0, 0, 1))
    assert drawn == again != other
    for one, all_ways in zip(drawn, exact, strict=True):
        assert one.base == 10_000 and one.value is not None and one.value > 0
        assert one.details["simulated_from"] <= one.value <= one.details["simulated_to"]
        assert one.value == pytest.approx(all_ways.value, abs=0.005)
    wide, narrow = (found_in_noise(LIPSET, level=level)[0].details for level in (0.99, 0.5))
    assert wide["simulated_from"] < narrow["simulated_from"]


def test_the_shuffled_cases_that_were_seen_count_among_them() -> None:
    apart = sets([("1", 20, 0), ("0", 0, 20)])
    guard = found_in_noise(apart, resamples=99)
    assert [it.details["count"] for it in guard] == [1, 1, 1] and guard[0].base == 100


@pytest.mark.slow
def test_in_noise_the_guard_is_as_often_small_as_it_should_be() -> None:
    """Outcomes drawn by chance: the share of shuffles with so complete a solution is at most 10% in at most 10%."""
    random, small, times = np.random.default_rng(3), 0, 120
    for _ in range(times):
        bits = random.integers(0, 2, (24, 3))
        table = pd.DataFrame(bits, columns=list("ABC")).assign(Y=random.permutation([1] * 8 + [0] * 16))
        cases = CrispSets(table=table, outcome="Y", conditions=list("ABC"), title="noise")
        if len(conservative_solution(cases)):
            value = found_in_noise(cases, resamples=199)[2].value
            small += value is not None and value <= 0.1
    assert small / times <= 0.1 + 3 * (0.09 / times) ** 0.5


# --------------------------------------------------------------------------------------------------- odd and bad input


@pytest.mark.parametrize("ask", [necessity, conservative_solution, found_in_noise])
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("1", 0, 3), ("0", 0, 2)], r"^no case of cases has the outcome Y, so nothing tells cases apart$"),
        ([("1", 3, 0), ("0", 2, 0)], r"^every case of cases has the outcome Y, so nothing tells cases apart$"),
        ([("1", 1, 0)], r"^every case of cases"),
    ],
)
def test_all_with_the_outcome_or_none_is_told(ask: Any, rows: list[tuple[str, int, int]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ask(sets(rows))
    assert len(truth_table(sets(rows))) == 2


def test_where_no_recipe_is_found_the_solution_is_empty_and_the_guard_says_so() -> None:
    cases = sets([("1", 1, 1), ("0", 1, 1)])
    solution = conservative_solution(cases)
    assert solution.empty and {"recipe", "coverage", "provenance"} <= set(solution.columns)
    with pytest.raises(InputError, match=r"^no recipe for Y is found in cases, so there is nothing to find in noise$"):
        found_in_noise(cases)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"incl_cut": 0.5}, r"^incl_cut must be above 0\.5 and at most 1, not 0\.5; write 0\.8 for 80%$"),
        ({"incl_cut": 80}, r"^incl_cut must be above 0\.5 and at most 1, not 80"),
        ({"n_cut": 0}, r"^n_cut must be a whole number from 1, not 0$"),
        ({"n_cut": 1.5}, r"^n_cut must be a whole number from 1, not 1\.5$"),
    ],
)
def test_cuts_that_are_out_of_range_are_told(options: dict[str, Any], message: str) -> None:
    for ask in (truth_table, conservative_solution, found_in_noise):
        with pytest.raises(InputError, match=message):
            ask(LIPSET, **options)


def test_no_shuffles_and_no_level_are_told() -> None:
    with pytest.raises(InputError, match=r"^level must be between 0 and 1, not 95; write 0\.95 for 95%$"):
        found_in_noise(LIPSET, level=95)
    with pytest.raises(InputError, match=r"^resamples must be a whole number from 1, not 0$"):
        found_in_noise(LIPSET, resamples=0)
    for seed in (-1, "a"):
        with pytest.raises(InputError, match=r"^seed must be a whole number from 0, not "):
            found_in_noise(LIPSET, seed=seed)  # type: ignore[arg-type]


def test_more_ways_to_cover_than_can_be_gone_through_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey_analysis.truth_tables._MOST_STEPS", 2)
    cyclic = sets([(f"{row:03b}", int(row in (0, 1, 2, 5, 6, 7)), int(row in (3, 4))) for row in range(8)])
    with pytest.raises(InputError, match=r"^the combinations can be covered in too many ways to go through; use fewer"):
        conservative_solution(cyclic)


def test_eight_conditions_are_answered() -> None:
    random = np.random.default_rng(1)
    table = pd.DataFrame(random.integers(0, 2, (60, 8)), columns=list("ABCDEFGH")).assign(Y=[1, 0] * 30)
    cases = CrispSets(table=table, outcome="Y", conditions=list("ABCDEFGH"), title="many")
    assert len(conservative_solution(cases)) > 0
    assert len(found_in_noise(cases, resamples=99)) == 3
