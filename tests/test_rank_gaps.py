"""The gap index: beside three definitions of it and scipy's tests, its interval, schools drawn again, and odd input."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

from survey_analysis import charts
from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimate, Estimates, Provenance
from survey_analysis.gap_changes import gap_change
from survey_analysis.gaps import pupil_tally
from survey_analysis.proportions import proportion_difference
from survey_analysis.rank_gaps import STEPS, _asymmetric, _delta, rank_gap, rank_gap_change, rank_gap_in_words
from survey_analysis.resampling import bootstrap
from survey_analysis.survey_files import load_survey
from survey_analysis.surveys import Survey

SHIPPED = load_survey()
FSM = rank_gap_change(SHIPPED, "fsm")


def limits(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None and estimate.high is not None
    return estimate.low, estimate.high


def pupils(counts: list[int]) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts)


two_groups = st.integers(2, 6).flatmap(
    lambda steps: st.tuples(
        *(st.lists(st.integers(0, 9), min_size=steps, max_size=steps).filter(any) for _ in range(2))
    )
)


@given(two_groups)
def test_the_index_is_ten_times_cliffs_delta_by_every_way_to_it(groups: tuple[list[int], list[int]]) -> None:
    """By all pairs, by scipy's U, and by mean ranks over half the number of pupils."""
    ahead, behind = map(pupils, groups)
    found = rank_gap(*groups)
    pairs = np.sign(ahead[:, None] - behind[None, :])
    u = stats.mannwhitneyu(ahead, behind, method="asymptotic").statistic if len({*ahead, *behind}) > 1 else None
    ranks = stats.rankdata([*ahead, *behind])
    apart = ranks[: len(ahead)].mean() - ranks[len(ahead) :].mean()
    assert found.value == pytest.approx(10 * pairs.mean())
    assert found.value == pytest.approx(10 * apart / ((len(ahead) + len(behind)) / 2))
    assert u is None or found.value == pytest.approx(10 * (2 * u / len(ahead) / len(behind) - 1))
    assert (found.unit, found.base) == ("index", len(ahead) + len(behind))


def test_it_is_somers_d_of_the_steps_given_the_group() -> None:
    """scipy.stats.somersd on the table of groups by steps."""
    ahead, behind = [40, 35, 25], [60, 30, 10]
    assert rank_gap(ahead, behind).value == pytest.approx(10 * stats.somersd([behind, ahead]).statistic) == 2.4


@given(two_groups)
def test_swapping_groups_turns_the_sign_and_so_does_turning_the_steps(groups: tuple[list[int], list[int]]) -> None:
    ahead, behind = groups
    found, swapped, turned = rank_gap(ahead, behind), rank_gap(behind, ahead), rank_gap(ahead[::-1], behind[::-1])
    assert swapped.value == turned.value == pytest.approx(-(found.value or 0))
    assert (found.low is None) is (swapped.low is None) is (turned.low is None)
    if found.low is not None:
        low, high = limits(found)
        assert -10 <= low <= (found.value or 0) <= high <= 10
        assert limits(swapped) == pytest.approx((-high, -low))
        assert limits(turned) == pytest.approx((-high, -low))


def test_with_two_steps_it_is_ten_times_the_difference_of_shares() -> None:
    assert rank_gap([64, 36], [78, 22]).value == pytest.approx(1.4)


def test_an_empty_step_changes_nothing() -> None:
    plain, wider = rank_gap([40, 35, 25], [60, 30, 10]), rank_gap([40, 0, 35, 25], [60, 0, 30, 10])
    assert (plain.value, *limits(plain)) == (wider.value, *limits(wider))


# ------------------------------------------------------------------------------------------------------ the interval


@pytest.mark.parametrize(("ahead", "behind"), [([40, 35, 25], [60, 30, 10]), ([3, 1, 4, 1], [5, 9, 2, 6])])
def test_variance_and_degrees_of_freedom_are_those_of_brunner_and_munzel(ahead: list[int], behind: list[int]) -> None:
    """scipy.stats.brunnermunzel: its statistic is half of delta over its standard error, on these degrees."""
    found = rank_gap(ahead, behind)
    theirs = stats.brunnermunzel(pupils(ahead), pupils(behind))
    delta, (low, high) = found.details["delta"], limits(found)
    t = stats.t.isf(0.025, found.details["df"])
    width = brentq(lambda it: 10 * _asymmetric(delta, it)[0] - low, 1e-9, 5)
    assert abs(theirs.statistic) == pytest.approx(abs(delta) / (width / t))
    assert theirs.pvalue == pytest.approx(2 * stats.t.sf(abs(delta) / (width / t), found.details["df"]))
    assert 10 * _asymmetric(delta, width)[1] == pytest.approx(high)


def test_the_asymmetric_interval_of_feng_and_cliff() -> None:
    """R, effsize::cliff.delta on ten and six values: -0.25 (-0.7265846 to 0.3890062). One end gives the standard
    error, and the formula then the other."""
    width = brentq(lambda it: _asymmetric(-0.25, it)[0] + 0.7265846, 0.01, 3)
    assert _asymmetric(-0.25, width)[1] == pytest.approx(0.3890062, abs=1e-6)


@pytest.mark.parametrize(("ahead", "behind", "sign"), [([0, 9], [20, 0], 1), ([0, 4, 0], [0, 0, 7], -1)])
def test_all_above_all_has_the_limit_of_feng_and_cliff(ahead: list[int], behind: list[int], sign: int) -> None:
    """(n - t^2) / (n + t^2), n the smaller group."""
    found = rank_gap(ahead, behind, level=0.9)
    n, df = min(sum(ahead), sum(behind)), sum(ahead) + sum(behind) - 2
    inner = (n - stats.t.isf(0.05, df) ** 2) / (n + stats.t.isf(0.05, df) ** 2)
    assert sorted(abs(it) for it in limits(found)) == pytest.approx(sorted([10 * abs(inner), 10]))
    assert found.value == 10 * sign and found.value in limits(found)


def test_a_higher_level_is_wider_and_more_pupils_are_narrower() -> None:
    plain = np.diff(limits(rank_gap([40, 35, 25], [60, 30, 10])))
    assert np.diff(limits(rank_gap([40, 35, 25], [60, 30, 10], level=0.99))) > plain
    assert np.diff(limits(rank_gap([400, 350, 250], [600, 300, 100]))) == pytest.approx(plain / sqrt(10), rel=0.05)


def test_with_two_steps_and_many_pupils_it_is_near_newcombe() -> None:
    before = pupil_tally(SHIPPED, "fsm", "not_fsm", time="after"), pupil_tally(SHIPPED, "fsm", "fsm", time="after")
    newcombe = proportion_difference(*before)
    ours = rank_gap(*([it.base - it.count, it.count] for it in before))
    assert limits(ours) == pytest.approx([10 * it for it in limits(newcombe)], abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ahead", "behind", "sizes"),
    [
        ((0.80, 0.15, 0.05), (0.90, 0.08, 0.02), (40, 20)),
        ((0.80, 0.15, 0.05), (0.90, 0.08, 0.02), (200, 60)),
        ((0.30, 0.40, 0.30), (0.30, 0.40, 0.30), (15, 15)),
        ((0.10, 0.20, 0.70), (0.50, 0.30, 0.20), (30, 30)),
    ],
)
def test_the_interval_holds_its_level(
    ahead: tuple[float, ...], behind: tuple[float, ...], sizes: tuple[int, int]
) -> None:
    """3,000 draws of independent pupils on three steps: 95% intervals hold the truth in 93.5% to 97.5%."""
    random, draws = np.random.default_rng(5), 3_000
    truth = 10 * float(_delta(np.array(ahead), np.array(behind)))
    drawn = zip(random.multinomial(sizes[0], ahead, draws), random.multinomial(sizes[1], behind, draws), strict=True)
    found = [rank_gap(first.tolist(), second.tolist()) for first, second in drawn]
    defined = [limits(it) for it in found if it.low is not None]
    hit = np.mean([low <= truth <= high for low, high in defined])
    assert len(defined) > 0.99 * draws and 0.935 <= hit <= 0.975


# ------------------------------------------------------------------------------------------------- odd and bad input


@pytest.mark.parametrize(
    ("ahead", "behind", "value", "reason"),
    [
        ([0, 5], [0, 7], 0, "all pupils stand on one step"),
        ([0, 1], [0, 1], 0, "all pupils stand on one step"),
        ([1, 0], [3, 3], -5, "one pupil only in a group"),
        ([3, 3], [0, 1], -5, "one pupil only in a group"),
    ],
)
def test_what_has_no_interval_says_why(ahead: list[int], behind: list[int], value: float, reason: str) -> None:
    found = rank_gap(ahead, behind)
    assert (found.value, found.low, found.level) == (value, None, None)
    assert found.method == f"Cliff's delta; no interval: {reason}"
    assert "df" not in found.details


@pytest.mark.parametrize(
    ("ahead", "behind", "said"),
    [
        ([1, 2], [1, 2, 3], "ahead, behind and steps must have one number of steps, two or more, not 2, 3 and 2"),
        ([5], [5], "two or more, not 1, 1 and 1"),
        ([], [], "ahead has no pupil on any step"),
        ([0, 0], [1, 2], "ahead has no pupil on any step: a gap needs at least one pupil in each group"),
        ([1, 2], [0, 0], "behind has no pupil on any step"),
        ([1, -2], [1, 2], r"ahead must be counts of pupils by step, whole and not negative, not \[1, -2\]"),
        ([1, 2], [1, 2.5], "behind must be counts of pupils by step, whole and not negative"),
        ([1, None], [1, 2], "ahead must be counts of pupils by step, whole and not negative"),
        ([1, float("nan")], [1, 2], "ahead must be counts of pupils by step, whole and not negative"),
        (["a", 1], [1, 2], "ahead must be counts of pupils by step, whole and not negative"),
        ([[1, 2], [3]], [1, 2], "ahead must be counts of pupils by step, whole and not negative"),
        ([object(), 1], [1, 2], "ahead must be counts of pupils by step, whole and not negative"),
        ("12", [1, 2], r"ahead must be counts of pupils by step, such as \[40, 35, 25\], not '12'"),
        (5, [1, 2], r"ahead must be counts of pupils by step, such as \[40, 35, 25\], not 5"),
    ],
)
def test_counts_that_are_none_get_one_sentence(ahead: list[int], behind: list[int], said: str) -> None:
    with pytest.raises(InputError, match=said):
        rank_gap(ahead, behind)


def test_the_words_of_a_call_are_its_own() -> None:
    found = rank_gap(
        [1, 2], [2, 1], label="index", groups=("girls", "boys"), steps=["no", "yes"], provenance=Provenance.OBSERVED
    )
    assert found.details["counts"] == {"girls": {"no": 1, "yes": 2}, "boys": {"no": 2, "yes": 1}}
    assert (found.label, found.provenance) == ("index", Provenance.OBSERVED)
    plain = rank_gap([1, 2], [2, 1])
    assert plain.details["counts"] == {"ahead": {"step 1": 1, "step 2": 2}, "behind": {"step 1": 2, "step 2": 1}}
    assert plain.label == "gap index, on these pupils' ranks" and plain.provenance is Provenance.ILLUSTRATIVE
    with pytest.raises(InputError, match="not 2, 2 and 3"):
        rank_gap([1, 2], [2, 1], steps=["a", "b", "c"])
    with pytest.raises(InputError, match=r"level must be between 0 and 1, not 95; write 0\.95 for 95%"):
        rank_gap([1, 2], [2, 1], level=95)


@pytest.mark.parametrize("groups", [("girls",), ("girls", "girls"), ("a", "b", "c"), "ab"])
def test_two_groups_have_two_names(groups: tuple[str, str]) -> None:
    with pytest.raises(InputError, match=r"^groups must be two different names, such as"):
        rank_gap([1, 2], [2, 1], groups=groups)


def test_an_index_of_published_counts_is_derived() -> None:
    assert rank_gap([1, 2], [2, 1], provenance=Provenance.PUBLISHED).provenance is Provenance.DERIVED
    with pytest.raises(InputError, match="provenance must be one of"):
        rank_gap([1, 2], [2, 1], provenance="seen")  # type: ignore[arg-type]


# --------------------------------------------------------------------------------------------------------- of a survey


def steps_by_hand(survey: Survey, characteristic: str, group: str, time: str) -> list[int]:
    rows = survey.pupil_groups
    rows = rows[(rows["characteristic"] == characteristic) & (rows["group"] == group) & (rows["time"] == time)]
    pupils_, taking, achieving = (int(rows[it].sum()) for it in ("pupils", "taking_part", "achieving"))
    return [pupils_ - taking, taking - achieving, achieving]


@pytest.mark.parametrize(("characteristic", "ahead", "behind"), [("fsm", "not_fsm", "fsm"), ("sex", "girls", "boys")])
def test_the_index_of_a_survey_is_that_of_its_pupils(characteristic: str, ahead: str, behind: str) -> None:
    before, after, change = rank_gap_change(SHIPPED, characteristic)
    for time, found in (("before", before), ("after", after)):
        counts = [steps_by_hand(SHIPPED, characteristic, group, time) for group in (ahead, behind)]
        assert [list(it.values()) for it in found.details["counts"].values()] == counts
        assert found.value == pytest.approx(rank_gap(*counts).value)
        assert list(next(iter(found.details["counts"].values()))) == list(STEPS)
        assert found.base == sum(map(sum, counts))
    assert change.value == pytest.approx((after.value or 0) - (before.value or 0))
    assert {it.provenance for it in (before, after, change)} == {Provenance.ILLUSTRATIVE}


def test_schools_are_drawn_again() -> None:
    """The same statistic by hand, from a table of schools."""
    rows = SHIPPED.pupil_groups
    rows = rows[(rows["characteristic"] == "fsm") & (rows["time"] == "after")]
    cells = rows.pivot(index="visit_id", columns="group", values=["pupils", "taking_part", "achieving"])

    def index(drawn: np.ndarray) -> np.ndarray:
        total = drawn.sum(axis=-2)
        share = [[total[..., group + step] for step in (0, 2, 4)] for group in (0, 1)]  # fsm, then not_fsm
        (n, t, a), (m, u, b) = share
        above = (u - b) * (n - t) + b * (n - a)
        below = (t - a) * (m - u) + a * (m - b)
        return np.asarray(10 * (above - below) / (n * m))

    by_hand = bootstrap(cells.to_numpy(dtype=float), index, level=0.95)
    after = FSM[1]
    assert after.value == pytest.approx(by_hand.value)
    assert limits(after) == pytest.approx((by_hand.low, by_hand.high), abs=0.02)
    assert after.method == "Cliff's delta, bootstrap over schools (BCa)"
    assert after.details["design_effect"] > 1.5, "gaps differ between the invented schools after"


def test_each_choice_changes_the_answer() -> None:
    others = [
        rank_gap_change(SHIPPED, "sen"),
        rank_gap_change(SHIPPED, "fsm", level=0.8),
        rank_gap_change(SHIPPED, "fsm", seed=1),
        rank_gap_change(SHIPPED, "fsm", among={"inclusion": "pitfall"}),
    ]
    assert all([it.low for it in other] != [it.low for it in FSM] for other in others)
    assert rank_gap_change(SHIPPED, "fsm") == FSM
    assert "not to be compared with the national index" in FSM.note.replace("\n", " ")


def test_where_the_pitfall_was_seen_the_index_grows_and_where_the_action_was_it_shrinks() -> None:
    """The known truth of the invented pupils."""
    wider, narrower = (rank_gap_change(SHIPPED, "fsm", among={"inclusion": it})[2] for it in ("pitfall", "action"))
    assert limits(wider)[0] > 0 > limits(narrower)[1]


def only(*visits: str, **changed: int) -> Survey:
    """Some visits of the shipped survey, with some counts set."""
    groups = SHIPPED.pupil_groups[SHIPPED.pupil_groups["visit_id"].isin(visits)].assign(**changed)
    return replace(SHIPPED, pupil_groups=groups)


def test_one_school_has_no_interval_and_says_so() -> None:
    found = rank_gap_change(only("R01"), "fsm")
    assert {it.method for it in found} == {"Cliff's delta; no interval: there is one school"}
    assert all(it.low is None and it.value is not None for it in found)
    assert "design_effect" not in found[0].details and "nan" not in str(found).replace("provenance", "")


def test_schools_in_which_nobody_takes_part_have_an_index_of_nothing() -> None:
    found = rank_gap_change(only("R01", "R02", "R03", taking_part=0, achieving=0), "fsm")
    assert [it.value for it in found] == [0, 0, 0]
    assert {it.method for it in found} == {"Cliff's delta; no interval: all pupils of a group stand on one step"}
    assert all(it.low is None and "design_effect" not in it.details for it in found)


def test_bad_questions_of_a_survey_are_sentences() -> None:
    with pytest.raises(InputError, match="characteristic must be one of 'fsm', 'sen', 'sex', not 'age'"):
        rank_gap_change(SHIPPED, "age")
    with pytest.raises(InputError, match="there are no pupils without free school meals before here: a gap needs both"):
        rank_gap_change(only("R01", "R02", pupils=0, taking_part=0, achieving=0), "fsm")
    with pytest.raises(InputError, match="achieving must not be above taking_part, and is for R01, before, not_fsm"):
        rank_gap_change(only("R01", "R02", achieving=9, taking_part=8), "fsm")
    with pytest.raises(InputError, match=r"level must be between 0 and 1"):
        rank_gap_change(SHIPPED, "fsm", level=2)


def test_it_is_said_in_words() -> None:
    said = str(rank_gap_in_words(FSM))
    before, after, change = (f"{it.value:+.2f} (interval {it.low:+.2f} to {it.high:+.2f})" for it in FSM)
    assert said.startswith(
        "Invented data. Gap index between pupils with free school meals and others, on these pupils' ranks: "
        f"{before} before, {after} after; the change is {change} (illustrative). Of one of the pupils without free"
    )
    assert "the first stands above in 57.7% of pairs, a tie counting half" in said
    assert said.endswith("5,085 not taking part, 587 taking part only, 758 achieving well.")


@pytest.mark.parametrize("other", [Estimates([]), gap_change(SHIPPED, "fsm"), FSM[:2], FSM[0]])
def test_words_and_chart_need_what_rank_gap_change_gives(other: Estimates) -> None:
    for use in (rank_gap_in_words, charts.rank_gap):
        with pytest.raises(InputError, match=r"changes must be what rank_gap_change\(\) gives, not other estimates"):
            use(other)


# ------------------------------------------------------------------------------------------------------------- drawn


def test_the_parts_of_a_bar_are_the_shares_of_the_steps() -> None:
    [axes] = charts.rank_gap(FSM).figure.axes
    widths = np.array([bar.get_width() for bars in axes.containers for bar in bars]).reshape(3, 4)
    counts = [list(row.values()) for item in FSM[:2] for row in item.details["counts"].values()]
    assert pytest.approx(np.array([[it / sum(row) for it in row] for row in counts])) == widths.T
    assert widths.sum(axis=0) == pytest.approx([1] * 4)


def test_the_title_says_whom_it_favours_and_what_chance_could_do() -> None:
    before, after, change = FSM
    turned = replace(after, value=-(after.value or 0))
    title = charts.rank_gap(Estimates([before, turned, change])).title
    assert title.endswith("went from +1.05 to -1.53 in favour of pupils with free school meals")
    unclear = charts.rank_gap(Estimates([before, after, replace(change, low=-0.1)])).title
    assert unclear.endswith("; chance alone could make such a change")
    level = charts.rank_gap(Estimates([before, replace(after, value=0.0), change])).title
    assert level.endswith("went from +1.05 to +0.00")
    assert charts.rank_gap(rank_gap_change(only("R01"), "fsm")).png()
