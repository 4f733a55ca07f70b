"""Hidden counts: known failures are caught, ranges are those of brute force, and what goes out holds nothing hidden."""

import pickle
import re
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import survey_analysis as sa
from survey_analysis.hidden_ranges import Rule, extreme_parts, ranges_of_hidden
from survey_analysis.linked_counts import HIDDEN, SYMBOLS, LinkedCounts, read_counts

ALL = ("all", "all")
Cells = list[list[int]]


def with_totals(cells: Cells) -> pd.DataFrame:
    frame = pd.DataFrame(cells, index=[f"r{i}" for i in range(len(cells))])
    frame.columns = pd.Index([f"c{j}" for j in range(len(cells[0]))])
    frame["all"] = frame.sum(axis=1)
    frame.loc["all"] = frame.sum()
    return frame


def hide(frame: pd.DataFrame, *cells: tuple[str, str]) -> pd.DataFrame:
    hidden = frame.astype(object)
    for row, column in cells:
        hidden.loc[row, column] = HIDDEN
    return hidden


def ranges(audit: pd.DataFrame) -> list[list[object]]:
    return audit[["least", "greatest", "least_by_rule", "greatest_by_rule"]].to_numpy().tolist()


def primaries(linked: LinkedCounts, rule: Rule) -> set[int]:
    small = {at for at, count in enumerate(linked.counts) if count and count < rule.threshold}
    extreme = {part for it in linked.sums if rule.extremes for part in extreme_parts(linked, it)}
    return small | extreme


def groups(linked: LinkedCounts) -> list[set[int]]:
    found = [{at} for at in hidden_in(linked)]
    for it in linked.sums:
        together = [group for group in found if group & set(it.cells)]
        found = [group for group in found if group not in together] + ([set().union(*together)] if together else [])
    return found


def limits(linked: LinkedCounts) -> list[int]:
    """For each hidden cell the least total above it that is shown; -1 where none is."""
    totals = [(it.parts, linked.counts[it.total]) for it in linked.sums]
    above = {int(at): [top for parts, top in totals if at in parts and top is not None] for at in hidden_in(linked)}
    return [min(tops, default=-1) for tops in above.values()]


def hidden_in(linked: LinkedCounts) -> list[int]:
    return [int(at) for at in np.flatnonzero(linked.hidden)]


def tables_that_fit(linked: LinkedCounts) -> list[tuple[int, ...]]:
    """Every way to fill the hidden cells, each below a shown total, so that all sums hold: by trying them all."""
    tries = np.array(list(product(*(range(most + 1) for most in limits(linked)))))
    full = np.tile([count or 0 for count in linked.counts], (len(tries), 1))
    full[:, hidden_in(linked)] = tries
    return [tuple(row) for row in full[(full @ linked.matrix().T == 0).all(axis=1)].tolist()]


def obeys(linked: LinkedCounts, full: tuple[int, ...], rule: Rule) -> bool:
    """Whether the rule would hide these cells: all that it must, no zero without need, no group for nothing."""
    hidden = set(hidden_in(linked))
    must = primaries(LinkedCounts(counts=full, sums=linked.sums, index=linked.index, columns=linked.columns), rule)
    zeros = {at for at in hidden if full[at] == 0}
    return must <= hidden and zeros <= must and all(group & must for group in groups(linked))


# ------------------------------------------------------------------------------------------------- known failures


def test_a_cell_hidden_alone_is_what_its_total_leaves() -> None:
    """Hundepool and others (2012), chapter 4: why a primary suppression needs a secondary one."""
    audit = sa.audit_suppression(hide(with_totals([[3, 20], [30, 40]]), ("r0", "c0")), totals=ALL)
    assert ranges(audit) == [[3, 3, 3, 3]]
    assert not audit.protected[0] and audit.why[0] == "what is shown leaves only 3"


def test_two_hidden_ones_that_add_up_to_2_are_1_and_1_to_who_knows_that_zeros_are_shown() -> None:
    ones = pd.Series({"a": HIDDEN, "b": HIDDEN, "c": 30, "all": 32})
    audit = sa.audit_suppression(ones, totals="all")
    assert ranges(audit) == [[0, 2, 1, 1]] * 2
    assert not audit.protected.any()
    assert audit.why[0] == "what is shown leaves 0 to 2, and 5 apart is needed"


def test_five_ones_are_safe_from_the_table_and_not_from_the_rule() -> None:
    """The width of the first reader alone would pass it."""
    ones = pd.Series(dict.fromkeys("abcde", HIDDEN) | {"f": 30, "all": 35})
    audit = sa.audit_suppression(ones, totals="all", threshold=5)
    assert ranges(audit) == [[0, 5, 1, 1]] * 5
    assert set(audit.why) == {"what is shown leaves only 1 to a reader who knows the rule"}
    whole = pd.Series(dict.fromkeys("abcde", 1) | {"f": 30, "all": 35})
    assert sa.suppress(whole).hidden == (*"abcde", "f")


def test_two_a_row_and_two_a_column_do_not_suffice() -> None:
    """Four lines with two hidden each fall into two squares; one more hidden cell in one of them hangs by itself.

    Cox (1980): a cell is safe only on a cycle of hidden cells; the bridge between two cycles is recovered exactly.
    """
    cells = [[7, 8, 3, 9], [9, 6, 12, 8], [11, 9, 6, 7], [10, 13, 8, 9]]
    square = [("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")]
    other = [("r2", "c2"), ("r2", "c3"), ("r3", "c2"), ("r3", "c3")]
    audit = sa.audit_suppression(hide(with_totals(cells), *square, *other, ("r0", "c2")), totals=ALL)
    bridge = audit[(audit.row == "r0") & (audit.column == "c2")].iloc[0]
    assert (bridge.least, bridge.greatest, bridge.protected) == (3, 3, False)
    assert audit.drop(index=bridge.name).protected.all()


def test_a_chain_through_rows_and_columns_is_followed() -> None:
    """Neither line gives r0, c0 away by itself; the two columns less the two rows do."""
    cells = [[4, 9, 8], [8, 7, 9], [6, 5, 9]]
    hidden = [("r0", "c0"), ("r0", "c1"), ("r1", "c1"), ("r1", "all"), ("all", "all"), ("all", "c2")]
    audit = sa.audit_suppression(hide(with_totals(cells), *hidden), totals=ALL).set_index(["row", "column"])
    assert audit.loc[("r0", "c0"), ["least", "greatest"]].tolist() == [4, 4]
    assert audit.loc[("r1", "c1"), ["least", "greatest"]].tolist() == [7, 7]
    assert not audit.protected.any()


def test_a_hidden_cell_under_an_empty_total_is_zero() -> None:
    table = hide(with_totals([[0, 20, 9], [0, 40, 8]]), ("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1"))
    audit = sa.audit_suppression(table, totals=ALL)
    assert ranges(audit)[0] == [0, 0, 0, 0] and not audit.protected.any()


def test_counts_that_are_shown_against_the_rule_are_named() -> None:
    audit = sa.audit_suppression(with_totals([[3, 20, 9], [0, 40, 0]]), totals=ALL)
    why = audit.set_index(["row", "column"]).why
    assert why[("r0", "c0")] == "shown, though it is below 5"
    assert why[("r1", "c1")] == "shown, though one part of the row 'r1' holds all of it"
    assert not audit.protected.any()
    assert sa.audit_suppression(with_totals([[5, 6], [7, 8]]), totals=ALL).empty


def test_a_cell_without_a_limit_says_so() -> None:
    audit = sa.audit_suppression(pd.Series({"a": HIDDEN, "b": 9, "all": HIDDEN}), totals="all")
    assert ranges(audit) == [[0, None, 1, None], [9, None, 10, None]]
    assert audit.protected.all() and audit.greatest.map(lambda it: it is None).all()


def test_the_published_counts_of_a_textbook_leave_what_the_textbook_says() -> None:
    """Worked by hand: x11 + x13 = 25, x31 + x33 = 26, x11 + x31 = 40, so x11 = 14 + d, x13 = 11 - d with one freedom.

    The square of Fischetti and Salazar (2001), their introduction: with row and column totals shown, the four hidden
    cells of a square move together, and each range has the same width.
    """
    cells = [[20, 50, 5], [8, 19, 22], [17, 32, 9]]
    square = [("r0", "c0"), ("r0", "c2"), ("r2", "c0"), ("r2", "c2")]
    audit = sa.audit_suppression(hide(with_totals(cells), *square), totals=ALL, extremes="shown")
    assert ranges(audit) == [[11, 25, 12, 24], [0, 14, 1, 13], [12, 26, 13, 25], [0, 14, 1, 13]]


def test_a_table_whose_shown_counts_contradict_each_other_has_no_ranges() -> None:
    table = hide(with_totals([[3, 20, 5], [30, 40, 6]]), ("r0", "c0"), ("r0", "c1"), ("r1", "c0"))
    table.loc["r0", "all"], table.loc["r1", "all"] = 10, 94
    with pytest.raises(sa.InputError, match=r"no whole numbers from 0 .* fit .* check those beside \('r0', 'c0'\)"):
        sa.audit_suppression(table, totals=ALL)


# ---------------------------------------------------------------------------------------------------- brute force


@st.composite
def published(draw: st.DrawFn) -> tuple[LinkedCounts, Rule]:
    """A small table with some cells hidden as the rule might hide them, protected or not."""
    rows, columns = draw(st.sampled_from([(1, 3), (2, 2), (2, 3), (3, 2)]))
    row = st.lists(st.integers(0, 3), min_size=columns, max_size=columns)
    frame = with_totals(draw(st.lists(row, min_size=rows, max_size=rows)))
    totals = draw(st.sampled_from([ALL, ALL, ("all", None), (None, "all")]))
    frame = frame.drop(index="all") if totals[0] is None else frame
    frame = frame.drop(columns="all") if totals[1] is None else frame
    linked = read_counts(frame, totals=totals, relations=())
    rule = Rule(threshold=draw(st.integers(2, 4)), extremes=draw(st.booleans()))
    counts = np.array(linked.counts)
    more = draw(st.sets(st.integers(0, len(counts) - 1), max_size=3))
    hidden = np.isin(np.arange(len(counts)), list(more)) & (counts > 0)
    must = primaries(linked, rule)
    hidden[list(must)] = True
    for group in groups(linked.without(hidden)):
        if not group & must:
            hidden[list(group)] = False
    case = linked.without(hidden)
    # So that everything can be tried out: a limit to every cell, and not too many ways.
    tops = limits(case)
    assume(tops and min(tops) >= 0 and np.prod([top + 1.0 for top in tops]) <= 20_000)
    return case, rule


@settings(max_examples=120, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(published())
def test_ranges_are_those_of_all_tables_that_fit(case: tuple[LinkedCounts, Rule]) -> None:
    linked, rule = case
    every = tables_that_fit(linked)
    allowed = [full for full in every if obeys(linked, full, rule)]
    assert allowed, "the table itself is among them"
    for reader, fulls in ((None, every), (rule, allowed)):
        found = {place: (it.least, it.greatest) for place, it in ranges_of_hidden(linked, rule=reader).items()}
        ends = {place: [full[place] for full in fulls] for place in hidden_in(linked)}
        assert found == {place: (min(values), max(values)) for place, values in ends.items()}, reader


# -------------------------------------------------------------------------------------------------------- suppress


@st.composite
def tables(draw: st.DrawFn, most: int = 30) -> tuple[pd.DataFrame, tuple[str | None, str | None]]:
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    count = st.one_of(st.integers(0, 6), st.integers(0, most))
    cells = draw(st.lists(st.lists(count, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    totals = draw(st.sampled_from([ALL, ALL, ("all", None), (None, "all"), (None, None)]))
    frame = with_totals(cells)
    frame = frame.drop(index="all") if totals[0] is None else frame
    return (frame.drop(columns="all") if totals[1] is None else frame), totals


@settings(max_examples=80)
@given(tables(), st.sampled_from([2, 3, 5, 10]), st.sampled_from(["hidden", "shown"]), st.sampled_from([1, 4]))
def test_what_is_suppressed_passes_its_audit(
    case: tuple[pd.DataFrame, tuple[str | None, str | None]], threshold: int, extremes: str, width: int
) -> None:
    frame, totals = case
    done = sa.suppress(frame, totals=totals, threshold=threshold, extremes=extremes, width=width)
    audit = sa.audit_suppression(done)
    assert audit.protected.all()
    assert list(zip(audit.row, audit.column, strict=True)) == list(done.hidden), "nothing is shown against the rule"
    linked = read_counts(frame, totals=totals, relations=())
    shown = done.table.to_numpy().ravel()
    assert all(now == before for now, before in zip(shown, linked.counts, strict=True) if now != HIDDEN)
    for _, it in audit.iterrows():
        true = frame.loc[it.row, it.column]
        assert it.least <= true and it.least_by_rule <= true
        assert it.greatest is None or (true <= it.greatest and it.greatest - it.least >= threshold)
        assert it.greatest_by_rule is None or (true <= it.greatest_by_rule >= it.least_by_rule + width)


@settings(max_examples=25)
@given(tables())
def test_the_same_table_is_always_suppressed_alike(case: tuple[pd.DataFrame, tuple[str | None, str | None]]) -> None:
    frame, totals = case
    assert sa.suppress(frame, totals=totals).hidden == sa.suppress(frame.copy(), totals=totals).hidden


@pytest.mark.parametrize("seed", range(10))
def test_no_fewer_cells_and_no_smaller_sum_would_do(seed: int) -> None:
    """Every smaller choice for a table of three rows and columns, and every one as large, is tried and audited."""
    cells = np.random.default_rng(seed).choice([0, 1, 2, 3, 5, 6, 8, 9, 12, 20, 31], size=(3, 3)).tolist()
    frame = with_totals(cells)
    chosen = sa.suppress(frame, totals=ALL, extremes="shown")
    linked = read_counts(frame, totals=ALL, relations=())
    rule, counts = Rule(threshold=5, extremes=False), np.array(linked.counts)
    must = primaries(linked, rule)
    free = [at for at in range(16) if counts[at] >= 5]
    more = len(chosen.hidden) - len(must)
    best = (len(chosen.hidden), sum(frame.loc[cell] for cell in chosen.hidden))
    for number in range(more + 1):
        for others in combinations(free, number):
            hidden = np.isin(np.arange(16), [*must, *others])
            if (hidden.sum(), counts[hidden].sum()) >= best:
                continue
            if ((linked.matrix()[:, hidden] != 0).sum(axis=1) == 1).any():
                continue  # a cell that is alone in a sum is what the others leave
            seen = linked.without(hidden)
            widths = ((None, 5), (rule, 1))
            safe = (it.is_as_wide_as(w) for reader, w in widths for it in ranges_of_hidden(seen, rule=reader).values())
            assert not all(safe), [linked.labels[at] for at in np.flatnonzero(hidden)]


def test_a_square_protects_one_small_count() -> None:
    """Cox (1980): one hidden count in a table of two ways needs three more, on a rectangle with it."""
    done = sa.suppress(with_totals([[20, 50, 9], [8, 19, 22], [17, 32, 3]]), totals=ALL)
    assert done.hidden == (("r0", "c0"), ("r0", "c2"), ("r2", "c0"), ("r2", "c2"))


def test_a_table_without_small_counts_is_as_it_was() -> None:
    frame = with_totals([[5, 6, 7], [0, 8, 9], [9, 7, 5]])
    done = sa.suppress(frame, totals=ALL, caption="Taking part")
    assert done.hidden == () and (done.table.to_numpy() == frame.to_numpy()).all()
    assert "Nothing had to be hidden (counts from 1 to 4, nobody or everybody of a total)." in str(done)


def test_where_all_is_small_all_is_hidden() -> None:
    assert len(sa.suppress(with_totals([[1]]), totals=ALL).hidden) == 4
    assert len(sa.suppress(with_totals([[2]]), totals=(None, None)).hidden) == 4
    assert sa.suppress(pd.Series({"a": 1, "all": 1}), totals="all").hidden == ("a", "all")


def test_where_one_cell_holds_the_whole_table_zeros_are_hidden_too() -> None:
    """A zero that is shown beside the hidden ones of an empty row would leave nothing but an empty row."""
    frame = with_totals([[0, 0, 0], [0, 9, 0]])
    done = sa.suppress(frame, totals=ALL)
    assert len(done.hidden) == frame.size and sa.audit_suppression(done).protected.all()
    assert sa.suppress(frame, totals=ALL, extremes="shown").hidden == ()
    two = sa.suppress(with_totals([[0, 0, 0], [0, 9, 8]]), totals=ALL)
    assert ("r0", "c0") not in two.hidden and sa.audit_suppression(two).protected.all()


def test_a_zero_in_an_empty_row_is_no_secret() -> None:
    """Nobody was graded r1, whoever they are; that all of c2 were graded r0, and none r2, is hidden."""
    done = sa.suppress(with_totals([[7, 9, 8], [0, 0, 0], [9, 7, 0]]), totals=ALL)
    assert {("r0", "c2"), ("r2", "c2")} <= set(done.hidden)
    assert (done.table.loc["r1"] == 0).all() and sa.audit_suppression(done).protected.all()


def test_a_threshold_of_its_own_hides_more_or_less() -> None:
    frame = with_totals([[12, 50, 31], [18, 19, 22], [17, 32, 3]])
    hidden = {
        threshold: len(sa.suppress(frame, totals=ALL, threshold=threshold).hidden) for threshold in (2, 5, 15, 1000)
    }
    assert hidden == {2: 0, 5: 4, 15: 4, 1000: 16}


def test_a_width_for_who_knows_the_rule_asks_for_more() -> None:
    """Two that add up to 6 are 1 to 5 by the rule: apart by 4."""
    counts = pd.Series({"a": 3, "b": 3, "c": 30, "all": 36})
    assert sa.suppress(counts, width=4).hidden == ("a", "b")
    assert sa.suppress(counts, width=5).hidden == ("a", "b", "c")


def test_nobody_and_everybody_are_hidden_unless_they_are_asked_for() -> None:
    frame = with_totals([[0, 12], [20, 30]])
    done = sa.suppress(frame, totals=ALL)
    assert {("r0", "c0"), ("r0", "c1")} <= set(done.hidden)
    audit = sa.audit_suppression(done).set_index(["row", "column"])
    assert audit.loc[("r0", "c0"), "least_by_rule"] == 0 < audit.loc[("r0", "c0"), "greatest_by_rule"]
    assert sa.suppress(frame, totals=ALL, extremes="shown").hidden == ()
    one_zero = with_totals([[0, 12, 9], [20, 30, 6], [7, 8, 9]])
    assert sa.suppress(one_zero, totals=ALL).hidden == (), "a zero beside two others is nobody's secret"


def test_cells_to_keep_are_kept_or_it_is_said_that_they_cannot_be() -> None:
    frame = with_totals([[20, 50, 10], [8, 19, 22], [17, 32, 3]])
    kept = [("r0", "c0"), ("r0", "all"), ("r0", "c2")]
    done = sa.suppress(frame, totals=ALL, keep=kept)
    assert not set(kept) & set(done.hidden) and sa.audit_suppression(done).protected.all()
    with pytest.raises(sa.InputError, match=r"no choice of cells protects .* keep fewer cells"):
        sa.suppress(pd.Series({"yes": 3, "no": 20, "all": 23}), keep=["no", "all"])
    with pytest.raises(sa.InputError, match="keep names 'yes', whose count is one that must be hidden"):
        sa.suppress(pd.Series({"yes": 3, "no": 20, "all": 23}), keep=["yes"])
    with pytest.raises(sa.InputError, match="keep names the cell 'maybe', and the table has no such cell"):
        sa.suppress(pd.Series({"yes": 3, "no": 20, "all": 23}), keep=["maybe"])


def test_tables_that_share_cells_are_suppressed_together() -> None:
    """The share of girls by itself, beside girls and boys: what one table hides, the other may not give away."""
    counts = pd.Series(
        {"girls, yes": 3, "girls, no": 30, "girls": 33, "boys": 40, "pupils": 73, "yes": 12, "boys, yes": 9}
    )
    sums = [
        ("girls", ["girls, yes", "girls, no"]),
        ("pupils", ["girls", "boys"]),
        ("yes", ["girls, yes", "boys, yes"]),
    ]
    done = sa.suppress(counts, totals=None, relations=sums)
    assert {"girls, yes", "girls, no", "boys, yes"} <= set(done.hidden)
    assert sa.audit_suppression(done).protected.all()
    apart = sa.suppress(counts, totals=None, relations=sums[:1])
    assert not sa.audit_suppression(apart.table, totals=None, relations=sums).protected.all()


def test_the_difference_of_two_suppressed_tables_discloses() -> None:
    """Why filters are for the holder of the data: each table passes by itself, and one less the other is 3."""
    every = sa.suppress(pd.Series({"yes": 23, "no": 40, "all": 63}))
    but_one = sa.suppress(pd.Series({"yes": 20, "no": 35, "all": 55}))
    assert every.hidden == but_one.hidden == ()
    assert every.table["yes"] - but_one.table["yes"] == 3


def test_a_large_table_is_protected() -> None:
    cells = np.random.default_rng(1).negative_binomial(0.8, 0.04, size=(10, 10)).tolist()
    done = sa.suppress(with_totals(cells), totals=ALL)
    audit = sa.audit_suppression(done)
    assert audit.protected.all() and len(audit) == len(done.hidden) > 15


# ---------------------------------------------------------------------------------------------------- what goes out


def test_nothing_hidden_is_left_in_what_goes_out() -> None:
    """The counts are odd numbers of their own, and are looked for in every form that the object has."""
    frame = with_totals([[7919, 11], [13, 6101]])
    frame.attrs["source"] = frame.copy()
    done = sa.suppress(frame, totals=ALL, threshold=20)
    assert ("r0", "c0") in done.hidden and ("r1", "c1") in done.hidden
    for text in (repr(done), str(done), done._repr_html_(), repr(vars(done)), done.table.to_json(), done.why):
        assert not re.search(r"7,?919|6,?101", text)
    pickled = pickle.dumps(done)
    again = pickle.loads(pickled)
    assert again.hidden == done.hidden and again.table.attrs == {}
    for count in (7919, 6101):
        assert count.to_bytes(2, "little") not in pickled and str(count).encode() not in pickled
    assert done.table.to_numpy().base is None or done.table.to_numpy().base.size == frame.size


def test_the_note_does_not_say_how_many_are_small() -> None:
    """Of two counts that add up to 8, "2 small" would leave 4 and 4 alone: it says the same of them and of 1 and 7."""
    same, other = (sa.suppress(pd.Series({"a": a, "b": 8 - a, "c": 30, "all": 38})) for a in (4, 1))
    assert str(same) == str(other)
    assert same.why == (
        "2 cells are hidden and shown as [c]: counts from 1 to 4, nobody or everybody of a total, and others so that "
        "these cannot be worked out from the totals. Which are which, and how many, is not told, for that would help "
        "to work them out."
    )


def test_it_is_shown_as_a_table() -> None:
    done = sa.suppress(with_totals([[3, 1200], [30, 41]]), totals=ALL, caption="Pupils <taking part>")
    assert str(done).splitlines()[:3] == ["Pupils <taking part>", "     c0   c1     all", "---  ---  -----  -----"]
    html = done._repr_html_()
    assert "Pupils &lt;taking part&gt;" in html and "<td" in html and "[c] means confidential." in html
    assert set(SYMBOLS) == {"[c]", "[x]", "[z]", "[low]"}


def test_a_share_is_hidden_where_its_count_or_its_base_is() -> None:
    cells = [[3, 20, 30], [30, 41, 0], [22, 19, 2000], [0, 0, 0]]
    done = sa.suppress(with_totals(cells), totals=ALL, extremes="shown")
    shares = sa.suppressed_shares(done)
    hidden = {(row, column) for row in shares.index for column in shares.columns if shares.loc[row, column] == HIDDEN}
    bases = {(row, column) for row, column in hidden if done.table.loc[row, "all"] == HIDDEN}
    assert hidden == set(done.hidden) | bases
    assert shares.loc["r1", "c2"] == "0%" and shares.loc["r3", "c0"] == "[z]"
    assert sa.suppressed_shares(done, of="column").loc["r1", "all"] == "3%"
    assert sa.suppressed_shares(done, of="table", digits=2).loc["r1", "all"] == "3.28%"
    low = sa.suppress(pd.Series({"yes": 6, "no": 4000, "all": 4006}))
    assert sa.suppressed_shares(low).tolist() == ["[low]", "100%", "100%"]


def test_shares_need_their_total() -> None:
    done = sa.suppress(with_totals([[7, 8]]).drop(columns="all"), totals=("all", None))
    with pytest.raises(sa.InputError, match="of='row' needs the total of the row"):
        sa.suppressed_shares(done)
    with pytest.raises(
        sa.InputError, match="of must be one of 'row', 'column', 'table', not 'rows'; did you mean 'row'"
    ):
        sa.suppressed_shares(done, of="rows")
    with pytest.raises(sa.InputError, match=r"suppressed must come from suppress\(\.\.\.\), and is DataFrame instead"):
        sa.suppressed_shares(done.table)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------- odd input


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (-1, "counts must be whole numbers from 0, and at 'no' stands -1; mend that cell"),
        (2.5, "at 'no' stands 2.5"),
        (None, "at 'no' stands nothing"),
        (float("nan"), "at 'no' stands nothing"),
        (pd.NA, "at 'no' stands nothing"),
        (True, "at 'no' stands True"),
        (float("inf"), "at 'no' stands inf"),
        ("Ada", "at 'no' stands a text; mend"),
        (10**9, "counts go up to 100,000,000 here, and at 'no' stands 1,000,000,000"),
        ("[c]", r"\[c\] stands at 'no' already"),
    ],
)
def test_what_is_no_count_is_located(count: object, message: str) -> None:
    with pytest.raises(sa.InputError, match=message):
        sa.suppress(pd.Series({"yes": 3, "no": count, "all": 23}, dtype=object), totals="all")


def test_totals_that_do_not_add_up_are_located() -> None:
    frame = with_totals([[3, 20], [30, 40]])
    frame.loc["r1", "all"] = 71
    with pytest.raises(sa.InputError, match="in the column 'all' the parts add up to 94, and the total says 93; mend"):
        sa.suppress(frame, totals=ALL)
    with pytest.raises(sa.InputError, match="the row of totals cannot be found, for 'all' does not add up; name"):
        sa.suppress(frame)
    with pytest.raises(sa.InputError, match="in the list the parts add up to 33, and the total says 30"):
        sa.audit_suppression(pd.Series({"a": HIDDEN, "b": 33, "all": 30}), totals="all")


def test_totals_are_found_only_where_there_is_no_doubt() -> None:
    frame = with_totals([[3, 20, 4], [30, 40, 9]])
    assert sa.suppress(frame).totals == ALL
    assert sa.suppress(frame.rename(index={"all": "pupils"})).totals == ("pupils", "all")
    with pytest.raises(sa.InputError, match="cannot be found, for more than one could be it"):
        sa.suppress(pd.Series({"a": 7, "b": 7, "c": 0}))
    with pytest.raises(sa.InputError, match=r"no row and no column is the sum .* by totals=\(None, None\)"):
        sa.suppress(frame.iloc[:2, :2])
    with pytest.raises(sa.InputError, match="with hidden cells the totals cannot be found; name them"):
        sa.audit_suppression(hide(frame, ("r0", "c0")))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threshold": 1}, "threshold must be a whole number from 2, not 1"),
        ({"threshold": 2.5}, "threshold must be a whole number from 2, not 2.5"),
        ({"threshold": 10**6}, "threshold goes up to 1,000, and is 1,000,000; mostly it is 5 or 10"),
        ({"width": 0}, "width must be a whole number from 1, not 0"),
        ({"extremes": "hide"}, "extremes must be one of 'hidden', 'shown', not 'hide'"),
        ({"totals": "all"}, "totals must name the row and the column of totals, such as .* not 'all'"),
        ({"totals": ("al", "all")}, "totals names the row 'al', and the table has no such row"),
        ({"relations": [("r9", ["r0"])]}, "relations names the cell 'r9', and the table has no such cell"),
        ({"relations": [(("r0", "c0"), [])]}, "must name at least one part, each once, and not itself"),
    ],
)
def test_an_option_that_cannot_be_is_answered_in_a_sentence(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(sa.InputError, match=message):
        sa.suppress(with_totals([[3, 20], [30, 40]]), **({"totals": ALL} | arguments))  # type: ignore[arg-type]


def test_a_table_must_be_one_with_names_of_its_own() -> None:
    with pytest.raises(sa.InputError, match="table must be a data frame or a series of counts, not dict"):
        sa.suppress({"a": 1})  # type: ignore[arg-type]
    with pytest.raises(sa.InputError, match="every row must have a name of its own, and 'a' stands in the table twice"):
        sa.suppress(pd.Series([1, 2], index=["a", "a"]))
    with pytest.raises(sa.InputError, match="the table has no cells"):
        sa.suppress(pd.DataFrame(), totals=(None, None))


def test_a_published_table_that_was_read_as_text_can_be_audited() -> None:
    audit = sa.audit_suppression(pd.Series({"yes": " [c]", "no": "1,020", "all": "1,023"}), totals="all")
    assert ranges(audit) == [[3, 3, 3, 3]]
