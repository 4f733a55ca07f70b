"""Shares, means, totals and ratios of a population from a sample drawn by a design, and contrasts of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from survey_analysis.designs.design_intervals import METHODS, share_interval, student_interval
from survey_analysis.designs.measures import Measure, codes_of
from survey_analysis.designs.sources import checked_columns, opened
from survey_analysis.designs.specification import Design
from survey_analysis.designs.survey_results import Shown, SurveyEstimates, answered, asked_of
from survey_analysis.errors import choice, confidence_level


def survey_proportion(
    table: Any,
    outcome: str,
    *,
    design: Design | None = None,
    by: str | Sequence[str] | None = None,
    among: Mapping[str, object] | None = None,
    codes: object = None,
    level: float = 0.95,
    method: str = "wilson",
    missing: str = "left_out",
    provenance: str = "illustrative",
    label: str = "",
) -> SurveyEstimates:
    """Shares of a population, estimated from a sample of it under its design.

    With the weight w of each row, y whether it has the outcome and x whether the outcome was seen, the share is
    sum(w y) / sum(w x), and its variance that of the linearised variable w (y - share x) / sum(w x) between the
    clusters of each stratum. The engine that holds the table adds up; only sums come over.

    Parameters
    ----------
    table
        A data frame of pandas, Polars, PyArrow, DuckDB or Spark, or a path to a Parquet or CSV file.
    outcome
        The column: truths or numbers that are 0 or 1, or codes, each of which then gets a share.
    design
        How the sample was drawn; rows drawn one by one, with equal weights, when absent.
    by
        A column, or several, by whose codes the population is split into domains.
    among
        Column -> code or codes: the part of the population that is looked at. Never filter the table itself: the
        clusters that then fall out belong to the variance.
    codes
        The codes of the outcome to report, when not all; also those that nobody has, whose share is then 0.
    level
        The confidence level, between 0 and 1.
    method
        'wilson' (the score interval with the effective sample size, the default), 'logit', 'beta' (Clopper-Pearson with
        the effective sample size) or 'korn-graubard' (the same, with no more than there are rows).
    missing
        What a row counts as in which the outcome was not seen: 'left_out' of the share (but not of the design),
        'error', or for one code 'as_no' or 'as_yes'. How many there are is shown.
    provenance
        Where the rows come from; illustrative unless you say what they are.
    label
        What the outcome is, in words.

    Returns
    -------
    SurveyEstimates
        One for each domain and code. The details hold `domain`, `code`, `standard_error`, `df` (clusters less strata,
        counted where the domain has rows), `clusters`, `weighted` (the size of the domain in the population),
        `design_effect` (against as many rows drawn one by one), `effective_n` and `not_seen`.

    Raises
    ------
    InputError
        A column that the table does not have, weights that are below 0, empty or all 0, a population smaller than its
        sample, a cluster in two strata, a stratum with one cluster unless the design says what to do, an outcome that
        is neither codes nor 0 or 1, an unknown method or rule, nobody to look at, a path that cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> pupils = pd.DataFrame({
    ...     "region": ["north"] * 6 + ["south"] * 6,
    ...     "school": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
    ...     "takes_part": [1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0],
    ... })
    >>> found = survey_proportion(pupils, "takes_part", design=Design(strata="region", clusters="school"))
    >>> print(found[0])
    takes part: 33.3% [8.7% to 72.4%, 95% Wilson score, effective sample size], base 12, illustrative

    Notes
    -----
    At none and at all the variance is 0 and says nothing: each cluster then counts as one row, and logit gives way to
    Korn-Graubard; the method says so. The weights speak for those who could be drawn; they do not mend who answered.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, chapters 5 and 10; Korn and Graubard (1998),
    Survey Methodology 24; Franco, Little, Louis and Slud (2019), Journal of Survey Statistics and Methodology 7.
    """
    choice("method", method, METHODS)
    shown = Shown(level=confidence_level(level), unit="share", provenance=provenance)
    with opened(table) as frame:
        checked_columns(frame, [("outcome", outcome)])
        found = codes_of(frame, outcome, codes)
        measure = Measure(outcome=outcome, codes=found, missing=missing, is_truth=not found)
        answer = answered(frame, design, asked_of(measure, by, among))
    words = label or outcome.replace("_", " ")
    names = [f"{words} is {code}" for code in found] or [words]
    return shown.table(answer, names, lambda known: share_interval(known, method, level))


def survey_mean(
    table: Any,
    outcome: str,
    *,
    design: Design | None = None,
    by: str | Sequence[str] | None = None,
    among: Mapping[str, object] | None = None,
    level: float = 0.95,
    missing: str = "left_out",
    unit: str = "number",
    provenance: str = "illustrative",
    label: str = "",
) -> SurveyEstimates:
    """Means of a population, estimated from a sample of it under its design.

    Parameters
    ----------
    table, design, by, among, level, provenance, label
        As for `survey_proportion`.
    outcome
        The column of numbers.
    missing
        What happens to a row in which the outcome was not seen: 'left_out' of the mean (but not of the design), or
        'error'.
    unit
        What the mean is measured in, as for `Estimate`.

    Returns
    -------
    SurveyEstimates
        As for `survey_proportion`; the interval is that of Student's distribution.

    Raises
    ------
    InputError
        As for `survey_proportion`, and a column that holds no numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> schools = pd.DataFrame({"school": ["a", "a", "b", "b", "c", "c"], "hours": [1.0, 2.0, 2.0, 3.0, 4.0, 6.0]})
    >>> print(survey_mean(schools, "hours", design=Design(clusters="school"), label="hours a week")[0])
    hours a week: 3.00 [-1.48 to 7.48, 95% Student, linearised], base 6, illustrative

    Notes
    -----
    A mean of pupils is not a mean of schools: each pupil counts once, and a large school more than a small one.
    """
    measure = Measure(outcome=outcome, missing=missing)
    return _of_numbers(table, measure, design, by, among, Shown(level=level, unit=unit, provenance=provenance), label)


def survey_total(
    table: Any,
    outcome: str,
    *,
    design: Design | None = None,
    by: str | Sequence[str] | None = None,
    among: Mapping[str, object] | None = None,
    level: float = 0.95,
    missing: str = "left_out",
    unit: str = "count",
    provenance: str = "illustrative",
    label: str = "",
) -> SurveyEstimates:
    """Totals of a population, estimated from a sample of it under its design.

    Parameters
    ----------
    table, outcome, design, by, among, level, missing, unit, provenance, label
        As for `survey_mean`.

    Returns
    -------
    SurveyEstimates
        As for `survey_mean`.

    Raises
    ------
    InputError
        As for `survey_mean`.

    Examples
    --------
    >>> import pandas as pd
    >>> schools = pd.DataFrame({"take_part": [10, 20, 30, 20], "weight": [50.0] * 4, "schools": [200] * 4})
    >>> found = survey_total(schools, "take_part", design=Design(weights="weight", population="schools"))
    >>> print(found[0])
    take part: 4,000 [1,428 to 6,572, 95% Student, linearised], base 4, illustrative

    Notes
    -----
    A total needs weights that add up to the population: with weights of 1 it is the total of the sample. What was not
    seen adds nothing, so that a total with gaps is too low.
    """
    measure = Measure(outcome=outcome, missing=missing, is_total=True)
    return _of_numbers(table, measure, design, by, among, Shown(level=level, unit=unit, provenance=provenance), label)


def survey_ratio(
    table: Any,
    numerator: str,
    denominator: str,
    *,
    design: Design | None = None,
    by: str | Sequence[str] | None = None,
    among: Mapping[str, object] | None = None,
    level: float = 0.95,
    missing: str = "left_out",
    unit: str = "ratio",
    provenance: str = "illustrative",
    label: str = "",
) -> SurveyEstimates:
    """Ratios of two totals of a population, estimated from a sample of it under its design.

    Parameters
    ----------
    table, design, by, among, level, missing, unit, provenance, label
        As for `survey_mean`.
    numerator, denominator
        The columns of numbers; a row counts where both were seen.

    Returns
    -------
    SurveyEstimates
        As for `survey_mean`, without a design effect: nothing simpler has been agreed on to compare it with.

    Raises
    ------
    InputError
        As for `survey_mean`.

    Examples
    --------
    >>> import pandas as pd
    >>> schools = pd.DataFrame({"cost": [900.0, 1500.0, 800.0], "pupils": [30, 60, 20]})
    >>> print(survey_ratio(schools, "cost", "pupils", unit="pounds", label="cost a pupil")[0])
    cost a pupil: £29 [£13 to £45, 95% Student, linearised], base 3, illustrative

    Notes
    -----
    It is the ratio of the totals, not the mean of the ratios. With few clusters its interval is somewhat too short.
    """
    measure = Measure(outcome=numerator, denominator=denominator, missing=missing)
    return _of_numbers(table, measure, design, by, among, Shown(level=level, unit=unit, provenance=provenance), label)


def _of_numbers(
    table: Any,
    measure: Measure,
    design: Design | None,
    by: str | Sequence[str] | None,
    among: Mapping[str, object] | None,
    shown: Shown,
    label: str,
) -> SurveyEstimates:
    """Means, totals and ratios: all but the question is the same."""
    level = confidence_level(shown.level)
    with opened(table) as frame:
        checked_columns(frame, measure.columns().items())
        answer = answered(frame, design, asked_of(measure, by, among))
    words = label or " / ".join(measure.columns().values()).replace("_", " ")
    return shown.table(answer, [words], lambda known: student_interval(known, level))
