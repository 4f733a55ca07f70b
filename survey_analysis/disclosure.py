"""Small counts hidden in a table, with as many others as it takes that nobody can work them out, and the proof of it.

A total undoes the hiding of one cell, so others are hidden beside it; an audit then finds, for every hidden cell, the
least and the greatest whole number that what is shown leaves open. It does so for two readers:

- one who knows the published table: any whole numbers from 0 that fit the shown counts and totals are possible for
  him. For every hidden cell the least and the greatest must be as far apart as the threshold.
- one who also knows the rule: that counts from 1 to threshold - 1 are hidden, that a zero is shown unless one part of
  its total holds all (an extreme), and that any other count may be hidden beside these. Since all hidden cells bear one
  symbol, he cannot tell which are small; he gains that none is zero but in an extreme. For every hidden cell he must be
  left with two possible numbers at least.
"""

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_analysis.errors import InputError, choice, of_kind, unknown, whole_number
from survey_analysis.hidden_ranges import Range, Rule, extreme_parts, ranges_of_hidden
from survey_analysis.linked_counts import SYMBOLS, Grid, LinkedCounts, Relations, read_counts
from survey_analysis.rendering import HIDDEN, Table
from survey_analysis.suppression_patterns import Aim, protected_pattern

EXTREMES = MappingProxyType({"hidden": True, "shown": False})
"""Whether nobody and everybody, 0 of n and n of n, are hidden as small counts are."""

_MOST = 1_000


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Suppressed:
    """A table as it may go out: what is hidden is not in it, and the rule by which it was hidden is told.

    `table` holds whole numbers and the symbol [c]. The counts that were hidden are nowhere in this object.
    """

    table: Grid
    threshold: int
    width: int
    extremes: str
    totals: object
    relations: Relations
    caption: str = ""

    @property
    def hidden(self) -> tuple[Hashable, ...]:
        """The cells that are hidden: pairs of row and column, or the labels of a list."""
        linked = _published(self)
        return tuple(label for label, hides in zip(linked.labels, linked.hidden, strict=True) if hides)

    @property
    def why(self) -> str:
        """What was hidden, and why, for a note below the table.

        It is silent on how many of them are small: if all are, two that add up to 8 are 4 and 4.
        """
        number, extremes = len(self.hidden), EXTREMES[self.extremes]
        rule = f"counts from 1 to {self.threshold - 1}" if self.threshold > 2 else "counts of 1"
        rule += ", nobody or everybody of a total" if extremes else ""
        if not number:
            return f"Nothing had to be hidden ({rule})."
        cells = "1 cell is" if number == 1 else f"{number:,} cells are"
        return (
            f"{cells} hidden and shown as {HIDDEN}: {rule}, and others so that these cannot be worked out from the "
            "totals. Which are which, and how many, is not told, for that would help to work them out."
        )

    def __str__(self) -> str:
        return str(self._table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()

    def _table(self) -> Table:
        return _readable(self.table, caption=self.caption, note=self.why)


def suppress(
    table: Grid,
    *,
    threshold: int = 5,
    width: int = 1,
    extremes: str = "hidden",
    totals: object = "detect",
    relations: Relations = (),
    keep: Collection[Hashable] = (),
    caption: str = "",
) -> Suppressed:
    """A table of counts with the small ones hidden, and others beside them so that none can be worked out.

    Parameters
    ----------
    table
        A frame of counts with a row and a column for each category, mostly with a row and a column of totals; or one
        list of counts (a series), with its total.
    threshold
        The least count that may be shown, from 2 to 1,000. Counts from 1 to threshold - 1 are hidden.
    width
        How far apart the least and the greatest must be that remain possible for a reader who knows the rule; 1 leaves
        him two numbers at least. For one who knows the table alone they are always as far apart as the threshold.
    extremes
        'hidden' (the default) hides nobody and everybody as well: where one part of a total holds all of it, whatever
        its size, along a row or down a column, all parts are hidden, since each member is then known to be in that
        part. Other zeros are shown, and so is an empty row or column. With 'shown' every zero and every whole is shown
        that is not small itself.
    totals
        The labels of the row and of the column of totals, such as ('all', 'all'), None for one that the table does not
        have; for a list the label of its total. The default, 'detect', finds them where exactly one row, and one
        column, is the sum of the others.
    relations
        Further sums that hold, each a total and its parts, by label: pairs of row and column in a frame, labels in a
        list. So a hierarchy, or several tables that share cells, are suppressed together, as one list.
    keep
        Cells that must be shown, because they were published elsewhere.
    caption
        A caption for the table.

    Returns
    -------
    Suppressed
        The table with [c] for every hidden cell, and a note. Among all choices that protect, the one with the fewest
        hidden cells is taken, and of these the one that hides the smallest sum; where relations make more than
        a table of two ways, or extremes are hidden, it may not be quite the fewest. The same table is always suppressed
        alike.
        Where no choice protects, as where one cell holds the whole table, all cells are hidden.

    Raises
    ------
    InputError
        Counts that are negative, missing or not whole; totals that do not add up, or cannot be found; labels that occur
        twice; small counts among the cells to keep; no choice that protects while these are kept.

    Examples
    --------
    >>> counts = {"yes": [3, 20, 23], "no": [30, 41, 71], "not seen": [22, 19, 41], "all": [55, 80, 135]}
    >>> taking_part = pd.DataFrame(counts, index=["SEN", "others", "all"])
    >>> print(suppress(taking_part, totals=("all", "all")).table)
            yes  no not seen  all
    SEN     [c]  30      [c]   55
    others  [c]  41      [c]   80
    all      23  71       41  135

    A share by itself is a list of those who have it, those who have not, and all:

    >>> suppress(pd.Series({"yes": 3, "no": 20, "all": 23}), totals="all").hidden
    ('yes', 'no')

    Notes
    -----
    Each table is protected by itself. The difference of two tables discloses what neither does: of all schools and of
    all but one, of this year's and last year's report, of two filters. Suppress them together, as one list with
    `relations`, or publish one. A reader who knows some of the hidden counts, as a pupil knows of himself, or who runs
    this choice again for every table that could be, can learn more than the two readers of the audit. Shares, means and
    charts of hidden counts disclose them as the counts do: make these from the suppressed table (see
    `suppressed_shares`).

    References
    ----------
    Cox (1980), Suppression methodology and statistical disclosure control, Journal of the American Statistical
    Association 75; Fischetti and Salazar (2001), Solving the cell suppression problem on tabular data with linear
    constraints, Management Science 47; Hundepool and others (2012), Statistical Disclosure Control, Wiley, chapter 4;
    Willenborg and de Waal (2001), Elements of Statistical Disclosure Control, Springer.
    """
    rule = _rule(threshold, extremes)
    width = whole_number("width", width)
    linked = read_counts(table, totals=totals, relations=relations)
    kept = _kept(linked, keep)
    primary = _primary(linked, rule)
    for label, both in zip(linked.labels, primary & kept, strict=True):
        if both:
            raise InputError(f"keep names {label!r}, whose count is one that must be hidden; leave it out of keep")
    hidden = protected_pattern(linked, primary=primary, keep=kept, aims=_aims(rule, width))
    if hidden is None and kept.any():
        raise InputError("no choice of cells protects the counts that must be hidden; keep fewer cells")
    hidden = np.ones_like(primary) if hidden is None else hidden
    return Suppressed(
        table=linked.without(hidden).laid_out(),
        threshold=rule.threshold,
        width=width,
        extremes=extremes,
        totals=linked.totals[0] if linked.columns is None else linked.totals,
        relations=tuple((total, tuple(parts)) for total, parts in relations),
        caption=caption,
    )


def audit_suppression(
    table: Suppressed | Grid,
    *,
    threshold: int = 5,
    width: int = 1,
    extremes: str = "hidden",
    totals: object = "detect",
    relations: Relations = (),
) -> pd.DataFrame:
    """For every hidden cell the least and the greatest whole number that what is shown leaves open, proven.

    Parameters
    ----------
    table
        What `suppress` returned, with its own rule and totals, whatever else is given; or any table with [c] in its
        hidden cells.
    threshold, width, extremes, relations
        As in `suppress`: the rule by which the table was suppressed, and the sums that hold.
    totals
        The labels of the totals; with hidden cells they cannot be detected.

    Returns
    -------
    DataFrame
        One row for each hidden cell: `least` and `greatest` for the reader of the table, `least_by_rule` and
        `greatest_by_rule` for the one who also knows the rule, `protected` or not, and `why`. The greatest is None
        where it can be more than all that is shown around the cell. Cells that are shown against the rule are rows as
        well.

    Raises
    ------
    InputError
        A table that cannot be read, shown counts that contradict each other or the rule.

    Examples
    --------
    The total gives away a cell that is hidden alone:

    >>> lone = audit_suppression(pd.Series({"yes": "[c]", "no": 20, "all": 23}), totals="all")
    >>> lone.loc[0, ["least", "greatest", "why"]].to_list()
    [3, 3, 'what is shown leaves only 3']

    Five cells that add up to 5 could be many things, until it is known that a zero would be shown:

    >>> ones = pd.Series(dict.fromkeys("abcde", "[c]") | {"f": 20, "all": 25})
    >>> audit_suppression(ones, totals="all").loc[0].to_list()[1:5]
    [0, 5, 1, 1]

    Notes
    -----
    Protected means protected from these two readers, of this table alone; see the notes of `suppress`. That every group
    of hidden cells has a small one is known too, and narrows no range: in a table of two ways, where a count is at its
    least or greatest, some hidden count can be 1. A range can have holes: of two counts that add up to 100, one is 1 to
    4 and the other 96 to 99.

    References
    ----------
    Gusfield (1988), A graph theoretic approach to statistical data security, SIAM Journal on Computing 17; Hundepool
    and others (2012), Statistical Disclosure Control, Wiley, chapter 4.
    """
    if isinstance(table, Suppressed):
        threshold, width, extremes = table.threshold, table.width, table.extremes
        linked = _published(table)
    else:
        linked = read_counts(table, totals=totals, relations=relations, hidden=True)
    rule, width = _rule(threshold, extremes), whole_number("width", width)
    of_table, by_rule = ranges_of_hidden(linked, rule=None), ranges_of_hidden(linked, rule=rule)
    found = {
        place: (of_table[place], by_rule[place], _weakness(of_table[place], by_rule[place], rule.threshold, width))
        for place in of_table
    }
    found |= {
        place: (Range(least=count, greatest=count), Range(least=count, greatest=count), why)
        for place, (count, why) in _shown_against(linked, rule).items()
    }
    named = ["row"] if linked.columns is None else ["row", "column"]
    rows = [
        (*(label if isinstance(label, tuple) and len(named) > 1 else [label]), *_audited(*found[place]))
        for place, label in enumerate(linked.labels)
        if place in found
    ]
    return pd.DataFrame(rows, columns=[*named, *_AUDITED], dtype=object).astype({"protected": bool})


def suppressed_shares(suppressed: Suppressed, *, of: str = "row", digits: int = 0) -> pd.DataFrame | pd.Series:
    """The percentages of a suppressed table, hidden where the count or its total is.

    Parameters
    ----------
    suppressed
        What `suppress` returned.
    of
        What is 100%: the total of the 'row', the total of the 'column', or of the whole 'table'. A list has one total.
    digits
        Decimal places.

    Returns
    -------
    DataFrame or Series
        Percentages as text: [c] where the count or its total is hidden, [z] where the total is 0, [low] where a share
        above zero is rounded to it.

    Raises
    ------
    InputError
        A table without the total that is to be 100%.

    Examples
    --------
    >>> counts = pd.Series({"yes": 3, "no": 20, "not seen": 77, "all": 100})
    >>> suppressed_shares(suppress(counts, totals="all")).to_dict()
    {'yes': '[c]', 'no': '[c]', 'not seen': '77%', 'all': '100%'}

    Notes
    -----
    They tell nothing that the table does not: with extremes hidden, a 0% is one of several answers that nobody gave,
    and never all of a group. A share gives away its total beside its count, and so it is hidden where its total is.
    """
    grid = of_kind("suppressed", suppressed, Suppressed, "suppress(...)").table
    digits = whole_number("digits", digits, least=0)
    if of not in _SHARES:
        raise unknown("of", of, _SHARES)
    linked = _published(suppressed)
    (row, column), is_list = linked.totals, linked.columns is None
    of = "column" if is_list else of
    if (row is None and of != "row") or (column is None and of != "column"):
        raise InputError(f"of={of!r} needs the total of the {of}, and the table was suppressed without one")
    wide = 1 if linked.columns is None else len(linked.columns)
    cells = np.array(linked.counts, dtype=object).reshape(-1, wide)
    rows = np.arange(len(cells)) if of == "row" else np.full(len(cells), list(linked.index).index(row))
    columns = np.arange(wide) if of == "column" else np.full(wide, list(getattr(grid, "columns", [])).index(column))
    bases = cells[np.ix_(rows, columns)]
    shares = np.array([_share(*it, digits) for it in zip(cells.flat, bases.flat, strict=True)], dtype=object)
    if isinstance(grid, pd.Series):
        return pd.Series(shares, index=grid.index, dtype=object)
    return pd.DataFrame(shares.reshape(cells.shape), index=grid.index, columns=grid.columns, dtype=object)


_AUDITED = ("least", "greatest", "least_by_rule", "greatest_by_rule", "protected", "why")
_SHARES = ("row", "column", "table")


def _share(count: int | None, base: int | None, digits: int) -> str:
    if count is None or base is None:
        return HIDDEN
    if base == 0:
        return "[z]"
    text = f"{100 * count / base:.{digits}f}%"
    return "[low]" if count and not float(text[:-1]) else text


def _rule(threshold: int, extremes: str) -> Rule:
    hides = choice("extremes", extremes, EXTREMES)
    threshold = whole_number("threshold", threshold, least=2)
    if threshold > _MOST:
        raise InputError(f"threshold goes up to {_MOST:,}, and is {threshold:,}; mostly it is 5 or 10")
    return Rule(threshold=threshold, extremes=hides)


def _aims(rule: Rule, width: int) -> tuple[Aim, ...]:
    return Aim(rule=None, width=rule.threshold), Aim(rule=rule, width=width)


def _primary(linked: LinkedCounts, rule: Rule) -> NDArray[np.bool_]:
    """The cells that must be hidden for their own sake."""
    counts = np.array(linked.counts, dtype=np.int64)
    primary = (counts > 0) & (counts < rule.threshold)
    for it in linked.sums:
        if rule.extremes:
            primary[list(extreme_parts(linked, it))] = True
    return np.asarray(primary)


def _kept(linked: LinkedCounts, keep: Collection[Hashable]) -> NDArray[np.bool_]:
    labels = linked.labels
    for label in keep:
        if label not in labels:
            raise InputError(f"keep names the cell {label!r}, and the table has no such cell")
    return np.array([label in keep for label in labels], dtype=bool)


def _published(suppressed: Suppressed) -> LinkedCounts:
    return read_counts(suppressed.table, totals=suppressed.totals, relations=suppressed.relations, hidden=True)


def _weakness(of_table: Range, by_rule: Range, threshold: int, width: int) -> str:
    """Why a hidden count is not protected; nothing where it is."""
    for it, needed, rule in ((of_table, threshold, ""), (by_rule, width, " to a reader who knows the rule")):
        if it.least == it.greatest:
            return f"what is shown leaves only {it.least}{rule}"
        if not it.is_as_wide_as(needed):
            return f"what is shown leaves {it.least} to {it.greatest}{rule}, and {needed} apart is needed"
    return ""


def _shown_against(linked: LinkedCounts, rule: Rule) -> dict[int, tuple[int, str]]:
    """Cells that are shown and should not be, with their counts."""
    found = {}
    for it in linked.sums:
        if rule.extremes and not linked.hidden[list(it.parts)].any():
            for part in extreme_parts(linked, it):
                found[part] = linked.counts[part] or 0, f"shown, though one part of the {it.words} holds all of it"
    for place, count in enumerate(linked.counts):
        if count is not None and 0 < count < rule.threshold:
            found[place] = count, f"shown, though it is below {rule.threshold}"
    return found


def _audited(of_table: Range, by_rule: Range, weakness: str) -> tuple[object, ...]:
    ends = (of_table.least, of_table.greatest, by_rule.least, by_rule.greatest)
    return (*ends, not weakness, weakness or "neither reader can work it out")


def _readable(grid: Grid, *, caption: str, note: str) -> Table:
    cells = grid.to_frame("count") if isinstance(grid, pd.Series) else grid
    return Table(
        columns=[" ".join(str(name) for name in cells.index.names if name is not None), *map(str, cells.columns)],
        rows=[
            [str(name), *(it if isinstance(it, str) else f"{it:,}" for it in row)]
            for name, row in zip(cells.index, cells.to_numpy(object), strict=True)
        ],
        caption=caption,
        note=note + _legend(),
    )


def _legend() -> str:
    return f" {HIDDEN} means {SYMBOLS[HIDDEN].split(':')[0]}."
