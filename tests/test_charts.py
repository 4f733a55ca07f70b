"""Charts: what they say in words, that they say what the data say, and that they leave no trace behind."""

import dataclasses
import re
from collections.abc import Callable
from fractions import Fraction
from html import escape
from io import BytesIO
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from made_surveys import called
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from PIL import Image

import survey_analysis as sa
from survey_analysis import charts, lessons
from survey_analysis.charts import canvas
from survey_analysis.claims_file import read_claims
from survey_analysis.cost_effectiveness import Increment
from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally
from survey_analysis.report import main_chart
from survey_analysis.surveys import Survey

ODD = r"<b>$\frac{$</b> & 100% £ é"
LABELS = ["plain", ODD, "$x$", r"\alpha_{", "", "a very long label that goes on and on " * 3]


@pytest.fixture(scope="module")
def survey() -> Survey:
    return sa.load_survey()


def good(count: int, base: int = 59, not_seen: int = 0) -> Tally:
    return Tally(label="good", count=count, base=base, not_seen=not_seen, provenance=Provenance.PUBLISHED)


def grades(*counts: int) -> Estimates:
    names = ["outstanding", "good", "satisfactory", "inadequate"]
    pairs = zip(names, counts, strict=True)
    return sa.simultaneous_proportions([Tally(label=name, count=count, base=sum(counts)) for name, count in pairs])


def change(before: float | None, after: float | None, direction: str, label: str = "ratio") -> Estimate:
    details = {"before": before, "after": after, "direction": direction, "direction_as_shown": direction}
    value = None if before is None or after is None else 1.0
    return Estimate(
        label=label, value=value, method="m", base=9, provenance=Provenance.ILLUSTRATIVE, unit="ratio", details=details
    )


def pounds(**values: float) -> Estimates:
    return Estimates(
        [
            Estimate(
                label=label,
                value=value,
                method="m",
                base=7,
                provenance=Provenance.ILLUSTRATIVE,
                unit="pounds",
                details={"per": "pupil taking part", "weighting": "ratio of sums"},
            )
            for label, value in values.items()
        ],
        caption="Pounds a year",
    )


def theme_rows(actions: int) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"theme": theme, "schools": schools, "action": actions, "neither": 1, "pitfall": 2, "not_seen": 0}
            | {"base": actions + 3, "provenance": "illustrative"}
            for theme in ("Monitoring", ODD)
            for schools in ("successful", "others")
        ]
    )


def compared(label: str, first: int, second: int, adjusted: float) -> Estimate:
    one, other = (
        Tally(label=label, count=it, base=of, provenance="observed") for it, of in ((first, 10), (second, 48))
    )
    details = {"adjusted_p_value": adjusted, "p_value": adjusted / 5, "test": "Boschloo, two-sided", "code": "action"}
    details |= {"alternative": "two-sided", "themes": 5, "familywise_risk": 0.05}
    difference = sa.proportion_difference(one, other, label=label)
    more = {**difference.details, **details}
    return dataclasses.replace(difference, details=more, assumptions=("coded-before-outcome",))


def theme_differences() -> Estimates:
    found = [
        compared("Monitoring", 9, 10, 0.001),
        compared("Inclusion", 0, 43, 0.001),
        compared("Alignment", 3, 12, 1.0),
    ]
    found[2] = dataclasses.replace(found[2], value=None, low=None, high=None, level=None)
    return Estimates(found)


def layers(tally: Tally, *, times: float = 3, population: int = 24_372, level: float | None = 0.95) -> charts.Chart:
    return charts.layers(
        sa.share(tally),
        as_if=sa.proportion(tally),
        supposed=sa.selection_sensitivity(tally, times=[1 / times, 1, times], level=level),
        worst=sa.population_bounds(tally, population=population),
    )


def increment(survey: Survey, effect: str = "pupil_sustained") -> Increment:
    return sa.incremental(
        survey,
        group={"monitoring": "action"},
        group_name="monitored",
        comparator={"monitoring": "pitfall"},
        comparator_name="not monitored",
        effect=effect,
    )


def published_rubric() -> sa.Rubric:
    return dataclasses.replace(sa.read_rubric(), status="published")


def judged(survey: Survey) -> charts.Chart:
    rubric = published_rubric()
    return charts.rubric(rubric, judged=sa.apply_rubric(rubric, sa.four_es(survey), survey=survey))


DRAWN: dict[str, Callable[[Survey], charts.Chart]] = {
    "schools": lambda survey: charts.schools(sa.tally(survey, "well_managed", codes="yes"), words="were managed well"),
    "shares": lambda survey: charts.shares(sa.simultaneous_proportions(sa.tally_each(survey, "partnership_use"))),
    "shares without intervals": lambda survey: charts.shares(sa.shares(sa.tally_each(survey, "monitoring"))),
    "shares by method": lambda survey: charts.shares(
        Estimates([sa.proportion(good(10), method=method) for method in ("wilson", "exact", "jeffreys")])
    ),
    "gap_scales": lambda survey: charts.gap_scales(sa.gap_change(survey, "fsm"), of="taking part"),
    "rank_gap": lambda survey: charts.rank_gap(sa.rank_gap_change(survey, "fsm")),
    "strata": lambda survey: charts.strata(sa.gap_by_stratum(survey, "fsm"), of="taking part"),
    "gap_changes": lambda survey: charts.gap_changes(
        sa.gap_change_each(survey, "fsm"), pooled=sa.gap_change(survey, "fsm")[0], of="taking part"
    ),
    "gap_coverage": lambda survey: charts.gap_coverage(sa.gap_coverage(survey, "fsm", repeats=100)),
    "unit_costs": lambda survey: charts.unit_costs(sa.unit_costs(survey, by="monitoring", per="pupil_sustained")),
    "unit_costs with intervals": lambda survey: charts.unit_costs(sa.unit_costs(survey, by="monitoring", level=0.95)),
    "four_es": lambda survey: charts.four_es(sa.four_es(survey)),
    "cost_bands": lambda survey: charts.cost_bands(sa.unit_costs(survey, by="monitoring", level=0.95)),
    "rubric": judged,
    "role_judgements": lambda _: charts.role_judgements(sa.self_evaluation_profile(sa.example_answers())),
    "cost_effectiveness_plane": lambda survey: charts.cost_effectiveness_plane(increment(survey)),
    "acceptability": lambda survey: charts.acceptability(increment(survey), thresholds=range(0, 101, 20)),
    "themes": lambda survey: charts.themes(sa.theme_table(survey)),
    "theme_differences": lambda _: charts.theme_differences(theme_differences()),
    "noise": lambda _: charts.noise(sa.noise_differences()),
    "schools_beside_chance": lambda _: charts.schools_beside_chance(lessons.rates_of_schools(lessons.data(7))),
    "found_again": lambda _: charts.found_again(lessons.looked_at_again(lessons.data(8))),
    "kappas": lambda _: charts.kappas(lessons.kappa_curve(lessons.data(10)), at=0.88),
    "recipes": lambda _: charts.recipes(sa.conservative_solution(sa.load_lipset())),
    "grade_pairs": lambda survey: charts.grade_pairs(sa.ratings(survey, "partnership_use")),
    "agreement_coefficients": lambda survey: charts.agreement_coefficients(
        sa.agreement_table(sa.ratings(survey, "value_for_money"))
    ),
    "ranges": lambda _: charts.ranges(sa.bounds(sa.number_of({"greater_range": "yes"}, label="greater range"))),
    "selection": lambda survey: charts.selection(
        sa.selection_sensitivity(sa.tally(survey, "monitoring", codes="action"), times=[0.5, 1, 2, 5], level=0.9)
    ),
    "selection without intervals": lambda _: charts.selection(
        sa.selection_sensitivity(good(10)), of="schools with good use"
    ),
    "layers": lambda _: layers(good(10)),
    "layers without intervals": lambda _: layers(good(10), level=None),
    "shares that are supposed": lambda _: charts.shares(
        [sa.corrected_proportion(good(10), sensitivity=1, specificity=it) for it in (1, 0.95)]
    ),
    "proportion_coverage": lambda _: charts.proportion_coverage(sa.proportion_coverage(59)),
    "proportion_coverage of the textbook's": lambda _: charts.proportion_coverage(
        sa.proportion_coverage(59, methods=["wald", "wilson", "exact", "jeffreys"])
    ),
    "beside_truth": lambda _: charts.beside_truth(sa.proportion_each([good(10), good(30)]), truth=0.17),
    "beside_truth each": lambda _: charts.beside_truth(
        sa.proportion_each([good(10), good(30)]), truth=[0.17, 0.4], from_nothing=False
    ),
    "beside_truth alone": lambda _: charts.beside_truth(sa.proportion(good(58)), truth=1),
    "rankings": lambda _: charts.rankings(lessons.costs_per_pupil(lessons.data(9))),
    "second_look": lambda _: charts.second_look(lessons.data(6)),
    "main_chart": lambda _: main_chart(read_claims()),
}
OF_LESSONS = ("rankings", "schools_beside_chance", "found_again", "kappas")
ALTS = {
    "schools": r"Invented data: \d+ of the \d+ schools were managed well\. \d+ squares, of which \d+ are filled; in "
    r"\d+ more it was not seen\. \(illustrative\)",
    "shares": r"The commonest is satisfactory: 32 of 59\. Bars: outstanding 3 of 59 \(5\.1%, interval .*\); "
    r"good 7 of 59 \(11\.9%, .*\); satisfactory 32 of 59 \(.*\); inadequate 17 of 59 \(.*\)\. "
    r"\(reconstructed, assuming tes-base-59 and tes-grade-is-use\)",
    "shares without intervals": r"Invented data: The commonest is pitfall: 23 of 56\. Bars: action 17 of 56 "
    r"\(30\.4%\); neither 16 of 56 \(28\.6%\); pitfall 23 of 56 \(41\.1%\)\. \(illustrative\)",
    "shares by method": r"3 methods: the interval begins between 8\.4% and 9\.5% and ends between 28\.0% and 29\.0%\. "
    r"Bars: Wilson score 10 of 59 \(16\.9%, interval 9\.5% to 28\.5%\); Clopper-Pearson exact 10 of 59 .*; Jeffreys "
    r"10 of 59 .*\. \(derived\)",
    "shares that are supposed": r"From 12\.6% \(good, supposing sensitivity 100% and specificity 95%\) to 16\.9% "
    r"\(good, supposing .* 100%\)\. Bars: good, supposing sensitivity 100% and specificity 100% 10 of 59 \(16\.9%, "
    r"interval 9\.5% to 28\.5%\); good, supposing sensitivity 100% and specificity 95% 12\.6% \(interval 4\.7% to "
    r"24\.7%\)\. \(derived\)",
    "gap_scales": r"Invented data: The gap in taking part widened on 2 and narrowed on 2 of 4 scales: the answer "
    r"depends on the scale, and 1 of the changes may be chance\. Four panels: difference \+10\.3 points before and "
    r"\+14\.6 points after, wider, beyond chance; ratio .* narrower, beyond chance; non-participation ratio .* wider, "
    r"beyond chance; odds ratio .* narrower, within chance\. \(illustrative\)",
    "rank_gap": r"Invented data: The gap index, on these pupils' ranks, went from \+1\.05 to \+1\.53 in favour of "
    r"pupils without free school meals\. Bars in parts: before, pupils without free school meals: 79\.6% not taking "
    r"part, .*; after, pupils with free school meals: .* 11\.8% achieving well, of 6,430\. \(illustrative\)",
    "strata": r"Invented data: Over all the gap in taking part is 14\.6 points in favour of pupils without free school "
    r"meals; within all 3 strata too\. Pairs of dots, pupils without free school meals and pupils with free school "
    r"meals: primary 34\.4% of 7,467 and 19\.2% of 1,857; secondary .*; special .*; all together 35\.5% of 31,091 and "
    r"20\.9% of 6,430\. \(illustrative\)",
    "gap_changes": r"Invented data: The gap in taking part moved in favour of the group ahead in \d+ of 59 schools "
    r"\(\d+ by their own interval; about 1 would be so by chance alone\), and all together by "
    r"\+4\.3 points \(\+1\.7 to \+6\.8\)\. A line for each of 59 schools, "
    r"from -\d+\.\d points to \+\d+\.\d points: \d+ up, of which \d+ have an interval without 0, and \d+ down, of "
    r"which \d+; at the bottom the ratio of sums, \+4\.3 points \(\+1\.7 to \+6\.8\)\. \(illustrative\)",
    "gap_coverage": r"Invented data: Of surveys of 59 schools, a 95% interval for a share holds the truth in \d+% if "
    r"it respects schools and in \d+% if it takes pupils as independent\. Lines: share, 5 schools, respects schools: "
    r"\d+\.\d%; .*; change of the gap, 59 schools, takes pupils as independent: \d+\.\d%\. \(illustrative\)",
    "unit_costs": r"Invented data: Pounds a year per .*: from £\d+ \(action\) to £\d+ \(pitfall\)\. Bars: "
    r"action £\d+ in \d+ schools; .*\. \(illustrative\)",
    "unit_costs with intervals": r"Invented data: Pounds a year per pupil taking part, .*\. Bars: action £\d+ "
    r"\(£\d+ to £\d+\) in 17 schools; .*\. \(illustrative\)",
    "four_es": r"Invented data: One budget is £162 for each pupil taking part and £370 for each going on for a "
    r"year or more; of those taking part 10\.9% have free school meals, of the roll 17\.1%\. Bars: economy, "
    r"pounds per school £34,077 \(£[\d,]+ to £[\d,]+\); (.*; ){8}equity, with free .* -6\.3 points \(.*\)\. "
    r"\(illustrative\)",
    "cost_bands": r"Invented data: Of 3 costs, 3 are low by published bands\. Dots: action £151, low \(above £80, up "
    r"to £200\); neither £155, low \(.*\); pitfall £180, low \(.*\)\. \(illustrative\)",
    "role_judgements": r"Invented data: People are 2 steps apart on monitoring and evaluation\. .*",
    "rubric": r"Invented data: Of 5 criteria, 2 good, 2 adequate, 1 poor; the thresholds are "
    r"published, set after the first visit\. Grid: "
    r"Economy adequate, £54 is .*, so chance alone could decide; (.*; )+Equity poor, .*, stays there\. "
    r"\(illustrative\)",
    "cost_effectiveness_plane": r"Invented data: Monitored beside not monitored: more at less cost in 98\.4% of "
    r"the resamples\. A cloud around -£10 and \+8\.2 points per pupil on roll: more at more cost 1\.4%; .*; "
    r"as much, or at the same cost 0\.0%\. \(illustrative\)",
    "acceptability": r"Invented data: Monitored beside not monitored: net benefit above £0 in 98\.6% of the resamples "
    r"at £0 for one more pupil, in 100\.0% at £100\. Curve: £0 98\.6%; (£\d+ [\d.]+%; ){4}£100 100\.0%\. "
    r"\(illustrative\)",
    "themes": r"Invented data: Described, not tested, for actions were published of the successful schools\. Mirrored "
    r"bars: (.*, (successful|others): action \d+, neither \d+, pitfall \d+ of \d+(; )?){10}\. \(illustrative\)",
    "theme_differences": r"In the successful schools the code action was seen more often in 1 and less often in 1 of "
    r"the 2 themes that could be compared\. Points with intervals: Monitoring \+69\.2 points \(interval \+35\.9 points "
    r"to \+81\.4 points; 9 of 10 against 10 of 48\); Inclusion -89\.6 points .*; Alignment not compared\. \(observed, "
    r"assuming coded-before-outcome\)",
    "noise": r"Noise alone: of 40 unrelated features, the best 5 differ by \+27\.6 points on average between 10 and 49 "
    r"schools\. Points with ranges: mean of the best 5 \+27\.6 points, usually .*; number 5 of 40 .*\. \(derived\)",
    "schools_beside_chance": r"Invented data: From school to school the share runs from 6\.7% to 96\.7%; chance alone "
    r"would make it 16\.7% to 56\.7%\. Two rows of 59 dots: as they were found 6\.7% to 96\.7%; if all were alike "
    r"16\.7% to 56\.7%\. \(illustrative\)",
    "found_again": r"Invented data: Where the 5 were found they differ by \+\d+\.\d points on average, in fresh "
    r"schools by [+-]\d\.\d points\. Pairs of dots: (.* \+\d+\.\d points, then [+-]\d+\.\d points(; )?){5}\. "
    r"\(illustrative\)",
    "kappas": r"Invented data: Where 88% of the grades are the same one, 85\.0% of agreement is a kappa of 0\.29 and "
    r"an AC1 of 0\.81\. Two curves from 50% to 92% of the commoner grade, marked at 88%; at the end Cohen's kappa "
    r"-0\.02 and Gwet's AC1 0\.82\. \(illustrative\)",
    "recipes": r"2 recipes cover 100% of the cases with the outcome, the widest 75%\. Recipes: M1, DEV\*LIT\*IND\*STB: "
    r"6 cases, 100% of them with the outcome, covers 75%, alone 50%; M1, DEV\*~URB\*LIT\*STB: 4 .*\. \(derived\)",
    "grade_pairs": r"Invented data: Two inspectors gave the same grade in 18 of 20 schools\. A grid of 4 by 4 grades, "
    r"first inspector then second inspector: outstanding then outstanding 1; good then good 2; .*; inadequate then "
    r"inadequate 7\. \(illustrative\)",
    "agreement_coefficients": r"Invented data: Two inspectors gave the same grade in 17 of 20 schools; coefficients "
    r"run from 0\.78 to 0\.94\. Points with intervals: raw agreement 85\.0%, interval 64\.0% to 94\.8%; Cohen's kappa "
    r"0\.78, interval .*; Gwet's AC2, linear weights 0\.89, interval .*\. \(illustrative\)",
    "ranges": r"What was published leaves one value in 0 of 1 questions and a range in 1\. Lines: greater range "
    r"30 to 59, depends on the reading\. \(derived\)",
    "selection": r"Invented data: 30\.4% would become 8\.0% had schools that have it been 5 times as likely, and "
    r"46\.6% had they been half as likely to be visited as others\. Dots, one for each number of times as likely: "
    r"half as likely .*; as likely: as seen 30\.4% \(interval .*\); 2 times as likely 17\.9% \(.*\); 5 times as "
    r"likely 8\.0% \(interval .*\)\. \(illustrative\)",
    "selection without intervals": r"16\.9% would become 3\.9% had schools with good use been 5 times as likely to "
    r"be visited as others\. Dots, one for each number of times as likely: as likely: as seen 16\.9%; 1\.5 times as "
    r"likely 12\.0%; 2 times as likely 9\.3%; 3 times as likely 6\.4%; 5 times as likely 3\.9%\. \(derived\)",
    "layers": r"If schools that have it were 1/3 to 3 times as likely to be visited, the share among all would be "
    r"6\.4% to 38\.0%, with intervals 3\.4% to 54\.4%; at worst, 0\.0% to 99\.8%\. A dot, a line, a band and a thin "
    r"line: The 59 that were visited: 16\.9%; As if drawn at random: 9\.5% to 28\.5%; If 1/3 to 3 times as likely to "
    r"be visited: 6\.4% to 38\.0%, with intervals 3\.4% to 54\.4%; At worst, of 24,372: 0\.0% to 99\.8%\. \(derived\)",
    "layers without intervals": r"If schools that have it were 1/3 to 3 times as likely to be visited, the share among "
    r"all would be 6\.4% to 38\.0%; at worst, .*; If 1/3 to 3 times as likely to be visited: 6\.4% to 38\.0%; .*",
    "proportion_coverage": r"At 95%, the Wilson score interval of 59 holds the true share 95\.2% of the time on "
    r"average, 83\.8% at least\. Curves over the true share, beside a line at 95%: Wilson score 95\.2% on average, "
    r"least 83\.8% near a true share of 0\.3%; Clopper-Pearson exact 96\.8% on average, least 95\.0% near .*; "
    r"Jeffreys 95\.0% on average, least 88\.3% near a true share of 4\.2%\. \(derived\)",
    "proportion_coverage of the textbook's": r"At 95%, the textbook \(Wald\) interval of 59 holds the true share "
    r"90\.9% of the time on average, 5\.7% at least\. .*; Wilson score .*\. \(derived\)",
    "beside_truth": r"Of 2 intervals one holds the truth, 17\.0%; the narrowest is 9\.5% to 28\.5% \(good\)\. Dots "
    r"with lines, beside a line at the true 17\.0%: good 16\.9% \(9\.5% to 28\.5%\); good 50\.8% \(.*\)\. \(derived\)",
    "beside_truth each": r"Of 2 intervals each holds its truth\. Dots .* at the true 17\.0%, 40\.0%: .*\(derived\)",
    "beside_truth alone": r"The interval, 91\.0% to 99\.7%, leaves out the truth, 100\.0%\. Dots .*\. \(derived\)",
    "rankings": r"Invented data: Hill is the cheapest per pupil reached; per disadvantaged pupil sustained it is the "
    r"dearest, and \w+ is the cheapest\. Lines, from the cheapest to the dearest per pupil reached: Hill £\d+, Dale "
    r"£\d+, .*; per pupil sustained: .*; per disadvantaged pupil sustained: .*, Hill £2,\d{3}\. \(illustrative\)",
    "second_look": r"Invented data: The 10 widest gaps were \d+\.\d points, and when one looks again \d+\.\d points; "
    r"of all 120, \d+\.\d points and then \d+\.\d points\. A dot for each school beside a line of no change: of the "
    r"10 widest, \d+ are narrower; the correlation of the two is 0\.\d\d\. \(illustrative\)",
    "main_chart": r"10 of the 59 schools made good use of partnerships for all groups of pupils and got good value\. "
    r"59 squares, of which 10 are filled\. \(published\)",
}


# -------------------------------------------------------------------------------------------------- what they all do


def test_every_public_function_is_tried_here() -> None:
    public = {
        name
        for name, it in vars(charts).items()
        if callable(it) and not name.startswith("_") and getattr(it, "__module__", "").startswith(charts.__name__)
    }
    public -= {name for name in public if name.startswith("released_")}  # in test_releases.py, for they need a release
    assert public - {"Chart"} == {name.split()[0] for name in DRAWN} - {"main_chart"}


@pytest.mark.parametrize("name", DRAWN)
def test_the_description_has_the_numbers_and_the_provenance(survey: Survey, name: str) -> None:
    chart = DRAWN[name](survey)
    assert re.fullmatch(ALTS[name], chart.alt)
    assert chart.alt.startswith(f"{chart.title}. ") and chart.alt.endswith(f". ({chart.origin})")
    assert repr(chart) == chart.alt


@pytest.mark.parametrize("name", DRAWN)
def test_the_picture_says_title_and_provenance(survey: Survey, name: str) -> None:
    chart = DRAWN[name](survey)
    shown = [" ".join(text.get_text().split()) for text in chart.figure.findobj(Text)]
    assert chart.title in shown
    assert any(re.fullmatch(rf"Provenance: {re.escape(chart.origin)}(; .*)?", text) for text in shown)


@pytest.mark.parametrize("name", DRAWN)
def test_a_title_over_invented_numbers_begins_by_saying_so(survey: Survey, name: str) -> None:
    chart = DRAWN[name](survey)
    assert chart.title.startswith("Invented data: ") is chart.origin.startswith("illustrative")
    observed = called(sa.load_survey(), "observed")
    # Surveys that are made are invented, whatever they are made from; and so are the data of the lessons.
    simulated = name in ("gap_coverage", "second_look", "role_judgements", *OF_LESSONS)
    assert DRAWN[name](observed).title.startswith("Invented data") is simulated


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_chart_is_the_same_picture(survey: Survey, name: str) -> None:
    first, second = (DRAWN[name](survey) for _ in range(2))
    picture = first.png()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture == first.png() == second.png()
    assert b"Software" not in picture and b"tIME" not in picture


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_global_is_changed(survey: Survey, name: str) -> None:
    from matplotlib import pyplot

    before = {key: repr(value) for key, value in mpl.rcParams.items()}
    DRAWN[name](survey).png()
    assert {key: repr(value) for key, value in mpl.rcParams.items()} == before
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("name", DRAWN)
def test_a_reader_s_settings_do_not_change_the_picture(survey: Survey, name: str) -> None:
    usual = DRAWN[name](survey).png()
    theirs: Any = {"font.size": 30, "text.color": "red", "font.family": "monospace", "axes.grid": True}
    theirs |= {"axes.facecolor": "black", "savefig.facecolor": "black", "savefig.pad_inches": 2, "text.usetex": True}
    with mpl.rc_context(theirs):
        assert DRAWN[name](survey).png() == usual


@pytest.mark.parametrize("name", DRAWN)
def test_a_notebook_shows_picture_and_description(survey: Survey, name: str) -> None:
    chart = DRAWN[name](survey)
    data, metadata = chart._repr_mimebundle_()
    assert data == {"image/png": chart.png(), "text/plain": chart.alt}
    assert metadata == {"image/png": {"alt": chart.alt, "provenance": chart.origin}}


def test_a_chart_is_saved_as_it_is_shown(tmp_path: Path) -> None:
    chart, path = main_chart(read_claims()), tmp_path / "chart.png"
    chart.save(path)
    saved = Image.open(path)
    assert np.array_equal(np.asarray(saved), np.asarray(Image.open(BytesIO(chart.png()))))
    about = {"Title": chart.title, "Description": chart.alt, "Source": f"Provenance: {chart.origin}"}
    assert saved.info.items() >= about.items()


@pytest.mark.parametrize("ending", [".png", ".svg", ".PNG"])
def test_a_saved_chart_says_what_it_shows_and_not_when_it_was_made(tmp_path: Path, ending: str) -> None:
    written = []
    for name in "ab":
        chart = charts.shares(sa.proportion(Tally(label=ODD, count=1, base=2)))
        chart.save(tmp_path / f"{name}{ending}")
        written.append((tmp_path / f"{name}{ending}").read_bytes())
    assert written[0] == written[1]
    assert b"Software" not in written[0] and b"Matplotlib" not in written[0] and b"date>" not in written[0]
    if ending == ".svg":
        text = written[0].decode()
        assert text.startswith("<?xml") and "<dc:source>Provenance: illustrative</dc:source>" in text
        assert f"<dc:description>{escape(chart.alt, quote=False)}</dc:description>" in text


@pytest.mark.parametrize("name", ["x.pdf", "x.xyz", "x", "x.png.gz"])
def test_a_chart_is_saved_under_no_other_ending_and_in_no_missing_folder(tmp_path: Path, name: str) -> None:
    chart = charts.schools(good(10), words="x")
    with pytest.raises(InputError, match=r"^the ending of path must be one of '\.png', '\.svg', not '"):
        chart.save(tmp_path / name)
    with pytest.raises(InputError, match=r"^path must be in a folder that exists, and .*missing does not; make it"):
        chart.save(tmp_path / "missing" / "x.png")
    assert not any(tmp_path.iterdir())


def test_a_chart_whose_words_reach_beyond_its_axes_is_the_same_when_drawn_again() -> None:
    chart = charts.shares(Estimates([sa.proportion(good(count), method="exact") for count in (58, 59)]))
    drawn = {chart.png() for _ in range(3)}
    FigureCanvasAgg(chart.figure).draw()  # type: ignore[no-untyped-call]
    assert drawn == {chart.png()}


@pytest.mark.parametrize("name", DRAWN)
def test_words_lie_inside_the_picture_and_do_not_cover_one_another(survey: Survey, name: str) -> None:
    chart = DRAWN[name](survey)
    FigureCanvasAgg(chart.figure).draw()  # type: ignore[no-untyped-call]
    frame = chart.figure.bbox
    boxes = {}
    beyond = {
        label
        for axes in chart.figure.axes
        for way, limits in enumerate((axes.get_xlim(), axes.get_ylim()))
        for label in (axes.get_yticklabels() if way else axes.get_xticklabels())
        if not min(limits) <= label.get_position()[way] <= max(limits)
    }
    for text in chart.figure.findobj(Text):
        if text.get_text().strip() and text.get_visible() and text not in beyond:
            box = text.get_window_extent()
            assert box.x0 >= frame.x0 - 1 and box.x1 <= frame.x1 + 1, text.get_text()
            assert box.y0 >= frame.y0 - 1 and box.y1 <= frame.y1 + 1, text.get_text()
            boxes[text] = box
    texts = list(boxes)
    for number, text in enumerate(texts):
        for other in texts[number + 1 :]:
            assert not boxes[text].padded(-1).overlaps(boxes[other].padded(-1)), (text.get_text(), other.get_text())


# ------------------------------------------------------------------------------------- titles come from the data


@pytest.mark.parametrize(
    ("one", "other", "titles"),
    [
        (
            lambda: charts.schools(good(10), words="did well"),
            lambda: charts.schools(good(11, 58, 1), words="did well"),
            ("10 of the 59 schools did well", "11 of the 58 schools did well"),
        ),
        (
            lambda: charts.shares(grades(3, 7, 32, 17)),
            lambda: charts.shares(grades(3, 33, 6, 17)),
            (
                "Invented data: The commonest is satisfactory: 32 of 59",
                "Invented data: The commonest is good: 33 of 59",
            ),
        ),
        (
            lambda: charts.gap_scales(Estimates([change(1, 2, "wider"), change(2, 1, "narrower")]), of="it"),
            lambda: charts.gap_scales(Estimates([change(1, 2, "wider"), change(1, 2, "wider")]), of="it"),
            (
                "Invented data: The gap in it widened on 1 and narrowed on 1 of 2 scales: the answer depends on the "
                "scale",
                "Invented data: The gap in it widened on all 2 scales",
            ),
        ),
        (
            lambda: charts.unit_costs(pounds(action=100, pitfall=1234.4)),
            lambda: charts.unit_costs(pounds(action=100, pitfall=50)),
            (
                "Invented data: Pounds a year: from £100 (action) to £1,234 (pitfall)",
                "Invented data: Pounds a year: from £50 (pitfall) to £100 (action)",
            ),
        ),
        (
            lambda: charts.selection(sa.selection_sensitivity(good(10), times=[1, 3])),
            lambda: charts.selection(sa.selection_sensitivity(good(10), times=[1 / 3, 1, 2])),
            (
                "16.9% would become 6.4% had schools that have it been 3 times as likely to be visited as others",
                "16.9% would become 9.3% had schools that have it been 2 times as likely, and 38.0% had they "
                "been 1/3 as likely to be visited as others",
            ),
        ),
        (
            lambda: layers(good(10), times=2, population=59),
            lambda: layers(good(10), times=1.25, population=59, level=None),
            (
                "If schools that have it were 1/2 to 2 times as likely to be visited, the share among all would be "
                "9.3% to 29.0%, with intervals 5.0% to 44.3%; at worst, 16.9%",
                "If schools that have it were 0.8 to 1.25 times as likely to be visited, the share among all would be "
                "14.0% to 20.3%; at worst, 16.9%",
            ),
        ),
        (
            lambda: charts.proportion_coverage(sa.proportion_coverage(59, methods="wilson")),
            lambda: charts.proportion_coverage(sa.proportion_coverage(20, methods="exact", level=0.9)),
            (
                "At 95%, the Wilson score interval of 59 holds the true share 95.2% of the time on average, 83.8% at "
                "least",
                "At 90%, the Clopper-Pearson exact interval of 20 holds the true share 95.0% of the time on average, "
                "90.1% at least",
            ),
        ),
    ],
    ids=["schools", "shares", "gap_scales", "unit_costs", "selection", "layers", "coverage"],
)
def test_the_title_is_the_finding_and_changes_with_the_data(
    one: Callable[[], charts.Chart], other: Callable[[], charts.Chart], titles: tuple[str, str]
) -> None:
    first, second = one(), other()
    assert (first.title, second.title) == titles
    assert first.alt != second.alt and first.png() != second.png()


def test_the_themes_are_described_and_never_called_a_finding() -> None:
    first, second = charts.themes(theme_rows(4)), charts.themes(theme_rows(5))
    described = "Described, not tested, for actions were published of the successful schools"
    assert first.title == second.title == f"Invented data: {described}"
    observed = charts.themes(theme_rows(4).assign(provenance="observed"))
    said = "action in 8 of 14 in the successful schools and 8 of 14 in the other schools"
    assert (observed.title, observed.origin) == (f"Described, not tested: over the themes, {said}", "observed")
    assert "action 4, neither 1, pitfall 2 of 7" in first.alt and "action 5, neither 1, pitfall 2 of 8" in second.alt
    assert first.png() != second.png()


def test_a_title_of_one_s_own_takes_the_place_of_the_finding() -> None:
    chart = charts.shares(grades(3, 7, 32, 17), title="Not one scale")
    assert chart.title == "Invented data: Not one scale"
    assert chart.alt.startswith("Invented data: Not one scale. Bars: outstanding 3 of 59")
    known = charts.shares(Estimates([sa.share(good(10))]), title="Not one scale")
    assert known.title == "Not one scale"


@pytest.mark.parametrize(
    ("directions", "said"),
    [
        (["wider"] * 4, "widened on all 4 scales"),
        (["narrower"] * 4, "narrowed on all 4 scales"),
        (["wider"], "widened on 1 scale"),
        (["undefined"], "is undefined on 1 scale"),
        (["the same"] * 2, "stayed the same on all 2 scales"),
        (["reversed"] * 3, "turned round on all 3 scales"),
        (["wider", "wider", "narrower"], "widened on 2 and narrowed on 1 of 3 scales: the answer depends on the scale"),
        (
            ["narrower", "the same"],
            "narrowed on 1 and stayed the same on 1 of 2 scales: the answer depends on the scale",
        ),
        (["wider", "undefined"], "widened on 1 of 2 scales"),
        (["undefined", "undefined"], "is undefined on all 2 scales"),
    ],
)
def test_a_title_says_on_how_many_scales_a_gap_did_what(directions: list[str], said: str) -> None:
    changes = [change(None if it == "undefined" else 1.5, 1.5, it) for it in directions]
    chart = charts.gap_scales(Estimates(changes), of="taking part")
    assert chart.title == f"Invented data: The gap in taking part {said}"


@pytest.mark.parametrize("count", [0, 10, 59])
def test_of_several_methods_the_title_says_where_their_intervals_begin_and_end(count: int) -> None:
    items = [sa.proportion(good(count), method=method) for method in ("wilson", "exact", "jeffreys")]
    ends = [[100 * (end or 0) for end in row] for row in ([it.low for it in items], [it.high for it in items])]
    low, high = (f"between {min(row):.1f}% and {max(row):.1f}%" for row in ends)
    low, high = "at 0.0%" if count == 0 else low, "at 100.0%" if count == 59 else high
    assert charts.shares(Estimates(items)).title == f"3 methods: the interval begins {low} and ends {high}"


def test_counts_stand_beside_a_share_only_where_they_are_its_own() -> None:
    """They once said "10 of 59 (14.1%)"."""
    moved = sa.selection_sensitivity(good(10), times=[1, 3])
    chart = charts.shares(moved)
    shown = [it.get_text() for it in chart.figure.axes[0].texts]
    assert shown == ["10 of 59, 16.9%", "6.4%"]
    assert chart.title.startswith("From 6.4% (good, if 3 times as likely to be visited) to 16.9% (good, if as likely")
    one = charts.shares(moved[1])
    assert one.title == "6.4% (good, if 3 times as likely to be visited)" and "of 59" not in one.alt
    noise = sa.share(Tally(label="found in noise", count=3, base=100, provenance=Provenance.DERIVED))
    bare = charts.shares(dataclasses.replace(noise, details={}))
    assert [it.get_text() for it in bare.figure.axes[0].texts] == ["3.0%"]


def test_one_share_needs_no_list_and_what_is_no_share_is_not_drawn() -> None:
    assert charts.shares(sa.share(good(10))).png() == charts.shares([sa.share(good(10))]).png()
    needed = sa.selection_needed(good(10), share=0.1)
    with pytest.raises(InputError, match=r"^this chart is of shares, and 'good: times as likely .*' is not one; print"):
        charts.shares(needed)
    two = [sa.proportion(good(10)), sa.proportion(good(11), method="exact")]
    with pytest.raises(InputError, match="must be one share by several methods, and 'good' is more than one; give"):
        charts.shares(two)
    for nothing in (None, 3, []):
        with pytest.raises(InputError, match="a chart needs at least one estimate; these are none"):
            charts.shares(nothing)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"estimates must come from share\(\), proportion\(\) or the like, and is Tal"):
        charts.shares([good(10)])  # type: ignore[list-item]
    with pytest.raises(InputError, match=r"tally must come from tally\(\) or published_tally\(\), and is Estimate"):
        charts.schools(sa.share(good(10)), words="x")  # type: ignore[arg-type]


def test_a_chart_has_the_weakest_provenance_and_all_assumptions_of_what_it_shows() -> None:
    def assuming(provenance: Provenance, *names: str) -> Estimate:
        return sa.share(Tally(label=str(names), count=1, base=2, provenance=provenance, assumptions=names))

    published, derived = assuming(Provenance.PUBLISHED, "b"), assuming(Provenance.DERIVED, "a", "b")
    invented = assuming(Provenance.ILLUSTRATIVE)
    assert charts.shares(Estimates([published])).origin == "published, assuming b"
    assert charts.shares(Estimates([published, derived])).origin == "derived, assuming b and a"
    assert charts.shares(Estimates([derived, invented])).origin == "illustrative, assuming a and b"
    assert charts.shares(Estimates([invented])).origin == "illustrative"
    tally = dataclasses.replace(good(1, 2), assumptions=("a",))
    square = charts.schools(tally, words="x")
    assert square.origin == "published, assuming a" and square.alt.endswith(". (published, assuming a)")


def test_the_method_and_the_caveat_stand_below_intervals_and_only_there() -> None:
    def below(chart: charts.Chart) -> str:
        return next(it.get_text() for it in chart.figure.findobj(Text) if it.get_text().startswith("Provenance"))

    with_interval = charts.shares(Estimates([sa.proportion(good(10), level=0.9)]))
    assert below(with_interval).endswith("lines: intervals (90% Wilson score), as if drawn at random")
    both = Estimates([sa.proportion(good(10), level=0.9), sa.proportion(good(10), method="exact")])
    assert " ".join(below(charts.shares(both)).split()).endswith(
        "lines: intervals (90% Wilson score, 95% Clopper-Pearson exact), as if drawn at random"
    )
    assert below(charts.shares(Estimates([sa.share(good(10))]))) == "Provenance: published"


# ------------------------------------------------------------------------------------------------- what is drawn


def rectangles(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_width()]


def test_bars_are_as_long_as_the_shares_and_the_largest_is_darker() -> None:
    [axes] = charts.shares(grades(3, 7, 32, 17)).figure.axes
    bars = sorted(rectangles(axes), key=lambda bar: bar.get_y())
    assert [bar.get_width() for bar in bars] == pytest.approx([3 / 59, 7 / 59, 32 / 59, 17 / 59])
    tones = [to_rgb(bar.get_facecolor()) for bar in bars]
    assert tones == [to_rgb(tone) for tone in (canvas.WEAK, canvas.WEAK, canvas.MIDDLE, canvas.WEAK)]


def test_no_bar_is_darker_where_the_title_is_not_about_the_largest() -> None:
    methods = Estimates([sa.proportion(good(10), method=method) for method in ("wilson", "exact")])
    for chart in (charts.shares(grades(3, 7, 32, 17), title="Not one scale"), charts.shares(methods)):
        [axes] = chart.figure.axes
        assert {to_rgb(bar.get_facecolor()) for bar in rectangles(axes)} == {to_rgb(canvas.WEAK)}


@pytest.mark.parametrize(("unit", "equal"), [("ratio", 1), ("points", 0)])
@pytest.mark.parametrize(("before", "after"), [(1.5, 2.5), (-0.5, 0.25), (3.0, 3.0), (1.0, 1.0), (0.0, 0.0)])
def test_every_panel_shows_the_gap_from_equality_where_there_is_a_line(
    unit: str, equal: int, before: float, after: float
) -> None:
    item = dataclasses.replace(change(before, after, "wider"), unit=unit)
    [axes] = charts.gap_scales(Estimates([item]), of="it").figure.axes
    levels = [set(line.get_ydata()) for line in axes.lines]  # type: ignore[arg-type]
    low, high = axes.get_ylim()
    assert levels[0] == {equal}, "the line of equality"
    assert low < equal < high and all(low < value < high for value in (before, after))
    if before != after:
        assert {before, after} in levels


def test_the_line_of_equality_is_named_below() -> None:
    chart = charts.gap_scales(Estimates([change(1, 2, "wider")]), of="it")
    assert any(
        "from equality (the grey line)" in text.get_text().replace("\n", " ") for text in chart.figure.findobj(Text)
    )


def test_lines_run_from_limit_to_limit() -> None:
    estimates = grades(3, 7, 32, 17)
    [axes] = charts.shares(estimates).figure.axes
    drawn: list[Any] = [line.get_xdata() for line in axes.lines]
    lines = [tuple(line) for line in drawn]
    assert [line for line in lines if all(map(isfinite, line))] == [(it.low, it.high) for it in estimates]


def test_estimates_of_one_name_have_a_bar_each() -> None:
    twins = Estimates([sa.proportion(good(10), level=0.9), sa.proportion(good(20), level=0.9)])
    [axes] = charts.shares(twins).figure.axes
    assert sorted(bar.get_width() for bar in rectangles(axes)) == pytest.approx([10 / 59, 20 / 59])
    both = Estimates([*pounds(school=10), *pounds(school=30)], caption="Pounds")
    [axes] = charts.unit_costs(both).figure.axes
    assert sorted(bar.get_width() for bar in rectangles(axes)) == pytest.approx([10, 30])


@pytest.mark.parametrize(("count", "base", "not_seen"), [(10, 59, 0), (0, 5, 0), (5, 5, 3), (0, 0, 4), (1, 16, 0)])
def test_every_school_is_a_square(count: int, base: int, not_seen: int) -> None:
    [axes] = charts.schools(good(count, base, not_seen), words="did well").figure.axes
    [squares] = axes.collections
    tones: Any = squares.get_facecolor()
    offsets: Any = squares.get_offsets()
    filled = [to_rgb(tuple(tone)[:3]) for tone in tones]
    places = {tuple(place) for place in offsets.tolist()}
    assert len(places) == base + not_seen
    assert filled.count(to_rgb(canvas.STRONG)) == count
    assert filled.count(to_rgb("white")) == not_seen


@pytest.mark.parametrize("count", [0, 59])
def test_none_and_all_are_drawn(count: int) -> None:
    for method in ("wilson", "exact", "jeffreys"):
        assert charts.shares(Estimates([sa.proportion(good(count), method=method)])).png()


def flat(sizes: list[float]) -> Estimates:
    """Changes in schools, each with an interval of 10 points to either side."""
    details = {"before": 0.1, "after": 0.1, "direction": "wider"}
    return Estimates(
        Estimate(
            label="school", value=size, low=size - 0.1, high=size + 0.1, level=0.95, method="m", base=9,
            provenance=Provenance.ILLUSTRATIVE, unit="points", details=details,
        )
        for size in sizes
    )  # fmt: skip


def pooled(value: float | None = 0.05, unit: str = "points") -> Estimate:
    details = {"weighting": "ratio of sums"}
    return Estimate(
        label="difference", value=value, method="m", base=9, provenance=Provenance.ILLUSTRATIVE, unit=unit,
        details=details,
    )  # fmt: skip


def test_the_forest_is_sorted_counts_what_it_shows_and_leaves_out_what_has_no_value(survey: Survey) -> None:
    nothing = dataclasses.replace(flat([0.0])[0], value=None, low=None, high=None, level=None)
    chart = charts.gap_changes(Estimates([*flat([0.2, -0.3, 0.05, 0.0]), nothing]), pooled=pooled(), of="it")
    assert chart.title == (
        "Invented data: The gap in it moved in favour of the group ahead in 2 of 4 schools (1 by their own interval; "
        "about none would be so by chance alone), and all together by +5.0 points"
    )
    assert "2 up, of which 1 have an interval without 0, and 1 down, of which 1" in chart.alt
    [axes] = chart.figure.axes
    points: Any = axes.collections[0].get_offsets()
    assert [place[0] for place in points.tolist()] == pytest.approx([-0.3, 0.0, 0.05, 0.2])
    assert any("1 without a value" in text.get_text().replace("\n", " ") for text in chart.figure.findobj(Text))
    assert chart.png()


@pytest.mark.parametrize(
    ("schools", "together"), [([], pooled()), ([0.1], pooled(None)), ([0.1], pooled(1.5, "ratio"))]
)
def test_a_forest_without_schools_or_without_a_difference_is_refused(schools: list[float], together: Estimate) -> None:
    with pytest.raises(sa.InputError, match=r"^(this chart needs a school with|a chart needs at least one est)"):
        charts.gap_changes(flat(schools), pooled=together, of="it")


def test_a_forest_of_one_outcome_takes_no_sum_of_another(survey: Survey) -> None:
    each = sa.gap_change_each(survey, "fsm")
    for other, said in (
        (sa.gap_change(survey, "sex"), "pooled must have the characteristic of by_school, which is 'fsm', not 'sex'"),
        (
            sa.gap_change(survey, "fsm", outcome="achievement"),
            "the outcome of by_school, which is 'participation', not",
        ),
        (
            sa.gap_change(survey, "fsm", among={"inclusion": "pitfall"}),
            "the among of by_school, which is 'all visits', not 'inclusion pitfall'",
        ),
    ):
        with pytest.raises(sa.InputError, match=said):
            charts.gap_changes(each, pooled=other[0], of="it")


def test_a_coverage_chart_takes_only_its_own_table(survey: Survey) -> None:
    other = pd.DataFrame({"coverage": [0.9], "schools": [5]})
    for wrong in (pd.DataFrame(), sa.gap_change_by_school(survey, "fsm"), other, "table"):
        with pytest.raises(sa.InputError, match=r"^table must be what gap_coverage\(\) gives, with a row or more$"):
            charts.gap_coverage(wrong)  # type: ignore[arg-type]


def test_thin_lines_are_the_intervals_of_the_gap_at_each_time(survey: Survey) -> None:
    changes = sa.gap_change(survey, "fsm")
    for axes, item in zip(charts.gap_scales(changes, of="it").figure.axes, changes, strict=True):
        levels = [tuple(line.get_ydata()) for line in axes.lines]  # type: ignore[arg-type]
        for time in ("before", "after"):
            assert (item.details[f"{time}_low"], item.details[f"{time}_high"]) in levels
    plain = charts.gap_scales(sa.gap_change(survey, "fsm", level=None), of="it")
    assert "chance" not in plain.alt and all(len(axes.lines) == 2 for axes in plain.figure.axes)


@pytest.mark.parametrize(
    ("chances", "said"),
    [
        (["within chance"] * 2, "widened on all 2 scales, within chance"),
        (["beyond chance"] * 2, "widened on all 2 scales, beyond chance"),
        (["beyond chance", "no interval"], "widened on all 2 scales"),
        (["within chance", "no interval"], "widened on all 2 scales, and 1 of the changes may be chance"),
    ],
)
def test_the_title_says_how_many_changes_may_be_chance(chances: list[str], said: str) -> None:
    items = [change(1, 2, "wider") for _ in chances]
    items = [
        dataclasses.replace(item, details={**item.details, "chance": chance})
        for item, chance in zip(items, chances, strict=True)
    ]
    assert charts.gap_scales(Estimates(items), of="it").title == f"Invented data: The gap in it {said}"


# ------------------------------------------------------------------------------------------------ odd and bad input


@pytest.mark.parametrize(
    "draw",
    [charts.shares, charts.unit_costs, lambda estimates: charts.gap_scales(estimates, of="it")],
    ids=["shares", "unit_costs", "gap_scales"],
)
def test_nothing_cannot_be_drawn(draw: Callable[[Estimates], charts.Chart]) -> None:
    with pytest.raises(sa.InputError, match=r"^a chart needs at least one estimate; these are none$"):
        draw(Estimates([]))


@pytest.mark.parametrize(
    ("draw", "detail"),
    [
        (charts.unit_costs, "per"),
        (lambda estimates: charts.gap_scales(estimates, of="it"), "direction_as_shown"),
    ],
    ids=["unit_costs", "gap_scales"],
)
def test_estimates_of_another_kind_get_one_sentence(
    survey: Survey, draw: Callable[[Estimates], charts.Chart], detail: str
) -> None:
    kinds = [
        sa.shares(sa.tally_each(survey, "monitoring")),
        sa.gap_change(survey, "fsm"),
        sa.gap(good(10), good(20)),
        sa.unit_costs(survey, by="monitoring", per="pupil_reached"),
    ]
    wrong = [kind for kind in kinds if detail not in kind[0].details]
    assert len(wrong) == 3
    for kind in wrong:
        message = f"this chart needs estimates with '{detail}' in their details; '{kind[0].label}' has none"
        with pytest.raises(sa.InputError, match=f"^{re.escape(message)}$"):
            draw(kind)


def test_no_school_cannot_be_drawn() -> None:
    with pytest.raises(sa.InputError, match=r"^a chart needs at least one school; the tally 'good' has none$"):
        charts.schools(good(0, 0), words="did well")


@pytest.mark.parametrize(
    ("before", "after", "direction", "shown"),
    [
        (None, None, "undefined", "undefined before and undefined after, undefined"),
        (None, 1.5, "undefined", "undefined before and 1.50 after, undefined"),
        (2.0, float("inf"), "wider", "2.00 before and infinite after, wider"),
        (float("inf"), float("inf"), "undefined", "infinite before and infinite after, undefined"),
        (1.5, 1.5, "the same", "1.50 before and 1.50 after, the same"),
        (0.0, 0.0, "the same", "0.00 before and 0.00 after, the same"),
    ],
)
def test_gaps_without_a_value_are_said_and_do_not_crash(
    before: float | None, after: float | None, direction: str, shown: str
) -> None:
    chart = charts.gap_scales(Estimates([change(before, after, direction), change(1, 2, "wider")]), of="it")
    assert shown in chart.alt and chart.png()
    assert "nan" not in chart.alt


@pytest.mark.parametrize("scales", [1, 2, 3, 4])
def test_some_of_the_scales_can_be_drawn(survey: Survey, scales: int) -> None:
    chart = charts.gap_scales(sa.gap_change(survey, "fsm")[:scales], of="taking part")
    assert len(chart.figure.axes) == scales
    assert ("Four panels" in chart.alt) is (scales == 4)
    assert chart.png()


def test_one_group_of_schools_can_be_drawn(survey: Survey) -> None:
    table = sa.theme_table(survey)
    chart = charts.themes(table[table["schools"] == "others"])
    assert len(chart.figure.axes) == 1 and chart.png()


def test_a_theme_that_was_never_seen_is_drawn_as_none_of_none() -> None:
    table = theme_rows(4)
    table.loc[0, ["action", "neither", "pitfall", "base"]] = 0
    chart = charts.themes(table)
    assert "Monitoring, successful: action 0, neither 0, pitfall 0 of 0" in chart.alt and chart.png()


def test_costs_without_a_caption_have_a_title_all_the_same() -> None:
    chart = charts.unit_costs(Estimates(pounds(action=100, pitfall=50)))
    assert chart.title == "Invented data: Pounds a year per pupil taking part: from £50 (pitfall) to £100 (action)"


def test_a_cost_of_nothing_and_one_of_a_single_school_are_drawn() -> None:
    one = charts.unit_costs(Estimates([dataclasses.replace(pounds(a=5)[0], base=1)], caption="Pounds"))
    assert "a £5 in 1 school." in one.alt
    assert "£0 (a)" in charts.unit_costs(pounds(a=0)).title
    assert charts.unit_costs(pounds(a=0)).png()


@pytest.mark.parametrize("label", LABELS)
def test_a_label_is_text_whatever_signs_it_holds(label: str) -> None:
    tally = Tally(label=label, count=1, base=3)
    shares = Estimates([sa.proportion(tally), sa.proportion(good(10))])
    table = theme_rows(3).assign(theme=[label, label, "other", "other"])
    drawn = [
        charts.schools(tally, words=f"were {label}"),
        charts.shares(shares),
        charts.shares(shares, title=label or "t"),
        charts.gap_scales(Estimates([change(1, 2, "wider", label), change(1, 2, "wider")]), of=label),
        charts.unit_costs(pounds(**{label: 10, "other": 20})),
        charts.cost_bands(pounds(**{label: 10, "other": 20})),
        charts.themes(table),
    ]
    for chart in drawn:
        assert chart.png()
        assert label in chart.alt
        texts = [text for text in chart.figure.findobj(Text) if "$" in text.get_text()]
        assert not any(text.get_parse_math() for text in texts)


def test_a_chart_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        main_chart(read_claims()).title = "another"  # type: ignore[misc]


# ---------------------------------------------------------------------------------------------------------- greyscale


def luminance(tone: str) -> float:
    """Relative luminance as WCAG 2.2 defines it: what is left of a colour in greyscale."""
    channels = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(tone)]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_luminance_of_black_and_white_is_known() -> None:
    assert contrast("black", "white") == pytest.approx(21)


def test_tones_differ_in_greyscale() -> None:
    for one, other in pairwise([canvas.STRONG, canvas.MIDDLE, canvas.WEAK]):
        assert contrast(one, other) > 1.8
    assert contrast(canvas.STRONG, canvas.WEAK) > 4.5
    assert contrast(canvas.MUTED, "white") > 3, "the outline of a square on the page"


@pytest.mark.parametrize("tone", [canvas.INK, canvas.MUTED])
def test_words_can_be_read(tone: str) -> None:
    assert contrast(tone, "white") >= 4.5


def test_ranges_are_drawn_from_the_least_to_the_greatest_number() -> None:
    settled = sa.bounds(sa.number_of({"partnership_use": "good"}, label="good use alone"))
    open_ = sa.bounds(sa.number_of({"second_partnership_use": "good"}, label="a second grade of good"))
    chart = charts.ranges(settled, open_)
    assert chart.title == (
        "What was published leaves one value in 1 of 2 questions (1 only with assumptions) and a range in 1"
    )
    assert "Lines: good use alone 7 to 7, assumed; a second grade of good 0 to 59, open." in chart.alt
    assert chart.origin == "derived, assuming tes-base-59 and tes-grade-is-use"
    [axes] = chart.figure.axes
    assert [(*line.get_xdata(),) for line in axes.lines if len(line.get_xdata()) == 2] == [(7, 7), (0, 59)]
    assert chart.png() == charts.ranges(settled, open_).png()


def test_priors_are_bars_behind_the_lines_and_the_title_says_what_they_would_leave() -> None:
    settled = sa.bounds(sa.number_of({"partnership_use": "good"}, label="good use alone"))
    open_ = sa.bounds(sa.number_of({"second_partnership_use": "good"}, label="a second grade of good"))
    rows = [("good use alone", 7, 7, "one", 7, 7), ("good use alone", 7, 7, "any", 7, 7)]
    rows += [("a second grade of good", 0, 59, "one", 10, 20), ("a second grade of good", 0, 59, "any", 0, 59)]
    priors = pd.DataFrame(rows, columns=["asked", "least", "greatest", "prior", "low", "high"])
    chart = charts.ranges(open_, settled, priors=priors)
    assert chart.title == (
        "What was published leaves one value in 1 of 2 questions (1 only with assumptions) and a range in 1. Guessing "
        "would narrow the ranges: one to 17% of their width, several priors together to 100%"
    )
    assert "a second grade of good 0 to 59, open, one 10 to 20, any 0 to 59; good use alone 7 to 7" in chart.alt
    assert chart.origin == "illustrative, assuming tes-base-59 and tes-grade-is-use"
    bars = [(it.get_x(), it.get_width()) for it in chart.figure.axes[0].patches if isinstance(it, Rectangle)]
    assert bars == [(0, 59), (7, 0), (10, 10), (7, 0)]
    with pytest.raises(InputError, match="priors has no row for 'a second grade of good'; make it with prior_table"):
        charts.ranges(open_, priors=priors[:2])


def test_ranges_of_shares_and_of_nothing_are_refused() -> None:
    share = sa.bounds(sa.share_of({"well_managed": "no"}, among={"greater_range": "yes"}))
    with pytest.raises(InputError, match="this chart is of numbers of schools"):
        charts.ranges(share)
    with pytest.raises(InputError, match="this chart is of numbers of schools; give bounds, one or more"):
        charts.ranges()


@pytest.mark.parametrize(
    ("adjusted", "said"),
    [
        ((0.05, 0.05), "seen more often in 1 and less often in 1 of the 2 themes"),
        ((0.01, 0.2), "seen more often in 1 of the 2 themes"),
        ((0.2, 0.01), "seen less often in 1 of the 2 themes"),
        ((0.051, 1.0), "seen clearly more or less often in none of the 2 themes"),
    ],
)
def test_a_title_over_tests_counts_what_holm_leaves(adjusted: tuple[float, float], said: str) -> None:
    chart = charts.theme_differences(Estimates([compared("a", 9, 10, adjusted[0]), compared("b", 0, 43, adjusted[1])]))
    assert chart.title == f"In the successful schools the code action was {said}"


def test_the_title_over_noise_changes_with_the_search() -> None:
    one = charts.noise(sa.noise_differences(schools=20, successful=5, features=3, best=1))
    assert one.title.startswith("Noise alone: of 3 unrelated features, the best one differs by +")
    assert one.title.endswith(" points on average between 5 and 15 schools")


def test_recipes_are_dots_and_rings_and_their_coverage_bars() -> None:
    dots, bars = charts.recipes(sa.conservative_solution(sa.load_lipset())).figure.axes
    filled = [[to_rgb(tuple(tone)[:3]) for tone in column.get_facecolor().tolist()] for column in dots.collections]  # type: ignore[union-attr]
    rings = [[to_rgb(tuple(tone)[:3]) for tone in column.get_edgecolor().tolist()] for column in dots.collections]  # type: ignore[union-attr]
    strong, white = to_rgb(canvas.STRONG), to_rgb("white")
    assert [column[1] for column in filled] == [strong, white, strong, white, strong], "DEV*~URB*LIT*STB"
    assert [column[1] for column in rings] == [strong, strong, strong, white, strong]
    assert [bar.get_width() for bar in rectangles(bars)] == [0.75, 0.5, 0.5, 0.25]


def test_models_that_are_equally_good_are_said_to_be() -> None:
    cases = pd.DataFrame([[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]], columns=list("ABC"))
    table = pd.concat([cases.assign(Y=1), pd.DataFrame([{"A": 0, "B": 1, "C": 1, "Y": 0}])], ignore_index=True)
    solution = sa.conservative_solution(sa.CrispSets(table=table, outcome="Y", conditions=list("ABC"), title="it"))
    chart = charts.recipes(solution)
    assert chart.title.startswith("Invented data: 2 models cover the same cases: nothing in the cases decides")
    assert chart.png()


def test_no_recipe_cannot_be_drawn() -> None:
    solution = sa.conservative_solution(sa.load_lipset())
    with pytest.raises(InputError, match=r"^there is no recipe to draw: no combination was seen to have the outcome$"):
        charts.recipes(solution[:0])
    with pytest.raises(InputError, match=r"^solution must be what conservative_solution\(\) gives$"):
        charts.recipes(solution.drop(columns="coverage"))


@pytest.mark.parametrize("level", [None, 0.95])
def test_every_supposed_selection_is_a_dot_and_the_share_as_seen_is_darker(level: float | None) -> None:
    rows = sa.selection_sensitivity(good(10), times=[3, 1, 2], level=level)
    [axes] = charts.selection(rows).figure.axes
    offsets: Any = axes.collections[0].get_offsets()
    tones: Any = axes.collections[0].get_facecolor()
    assert [x for x, _ in offsets.tolist()] == pytest.approx([10 / 59, 10 / 108, 10 / 157])
    dark = [to_rgb(tuple(tone)[:3]) == to_rgb(canvas.STRONG) for tone in tones]
    assert dark == [True, False, False]
    drawn: list[Any] = [line.get_xdata() for line in axes.lines if len(set(line.get_ydata())) == 1]  # type: ignore[arg-type]
    lines = [tuple(line) for line in drawn if all(map(isfinite, line))]
    assert lines == (
        [] if level is None else [(it.low, it.high) for it in sorted(rows, key=lambda it: -(it.value or 0))]
    )


@pytest.mark.parametrize("count", [0, 10, 58, 59])
def test_the_layers_run_from_end_to_end_and_their_words_stay_inside(count: int) -> None:
    tally = good(count)
    chart = layers(tally)
    [axes] = chart.figure.axes
    drawn: list[Any] = [line.get_xdata() for line in axes.lines]
    as_if, worst = sa.proportion(tally), sa.population_bounds(tally, population=24_372)
    supposed = [it.value for it in sa.selection_sensitivity(tally, times=[3, 1 / 3])]
    moved = sa.selection_sensitivity(tally, times=[3, 1 / 3], level=0.95)
    around = (moved[0].low, moved[1].high)
    ends = [(as_if.low, as_if.high), tuple(supposed), around, (float(worst.low), float(worst.high))]
    assert [tuple(line) for line in drawn][:4] == [pytest.approx(pair) for pair in ends]
    share = (tally.count / tally.base,) * 2
    for (low, high), (lower, higher) in pairwise([share, ends[0], ends[2], ends[3]]):
        assert lower <= low <= high <= higher, "each layer holds the one above"
    FigureCanvasAgg(chart.figure).draw()  # type: ignore[no-untyped-call]
    for text in axes.texts:
        box = text.get_window_extent()
        assert box.x0 >= chart.figure.bbox.x0 and box.x1 <= chart.figure.bbox.x1, text.get_text()


def test_the_curve_of_coverage_is_the_table_and_the_level_a_line() -> None:
    frame = sa.proportion_coverage(59, methods=["exact"], level=0.9)
    [axes] = charts.proportion_coverage(frame).figure.axes
    curve, level = axes.lines
    assert list(curve.get_ydata()) == frame["coverage"].tolist()  # type: ignore[arg-type]
    assert set(level.get_ydata()) == {0.9}  # type: ignore[arg-type]


def test_charts_of_sensitivity_say_what_they_need() -> None:
    tally = good(10)
    rows, worst = sa.selection_sensitivity(tally), sa.population_bounds(tally, population=100)
    with pytest.raises(InputError, match=r"give selection_sensitivity\(\) a 1 among its times"):
        charts.selection(sa.selection_sensitivity(tally, times=[2, 3]))
    with pytest.raises(InputError, match="needs estimates with 'times' in their details; 'good' has none"):
        charts.selection(Estimates([sa.share(tally)]))
    with pytest.raises(InputError, match="needs at least one estimate"):
        charts.selection(Estimates([]))
    with pytest.raises(InputError, match="as_if must be a share with an interval"):
        charts.layers(sa.share(tally), as_if=sa.share(tally), supposed=rows, worst=worst)
    count = dataclasses.replace(worst, unit="count")
    with pytest.raises(InputError, match="worst must be bounds of a share"):
        charts.layers(sa.share(tally), as_if=sa.proportion(tally), supposed=rows, worst=count)
    with pytest.raises(InputError, match=r"frame must be a table that proportion_coverage\(\) made"):
        charts.proportion_coverage(pd.DataFrame())
    one = sa.proportion_coverage(5, methods="wilson", shares=[0.1, 0.2])
    five = pd.concat([one.assign(method=name) for name in "abcde"])
    with pytest.raises(InputError, match="room for four intervals; the table has 5"):
        charts.proportion_coverage(five)
    for column, other in (("base", 59), ("level", 0.9)):
        with pytest.raises(InputError, match=f"one level and one base; the table has several of {column}: draw each"):
            charts.proportion_coverage(pd.concat([one, one.assign(**{column: other})]))


def test_layers_are_all_of_one_tally() -> None:
    tally, other = good(10), good(10, 58)
    parts: dict[str, Any] = {
        "as_if": sa.proportion(tally),
        "supposed": sa.selection_sensitivity(tally, level=0.95),
        "worst": sa.population_bounds(tally, population=100),
    }
    of_another: dict[str, Any] = {
        "as_if": sa.proportion(other),
        "supposed": sa.selection_sensitivity(other, level=0.95),
        "worst": sa.population_bounds(other, population=100),
    }
    assert charts.layers(sa.share(tally), **parts)
    for name, part in of_another.items():
        with pytest.raises(InputError, match=f"all layers must be of one tally, and {name} is of another than 'good'"):
            charts.layers(sa.share(tally), **parts | {name: part})
    with pytest.raises(InputError, match=r"described must be a share as share\(\) gives it, and 'good, if 1"):
        charts.layers(parts["supposed"][1], **parts)
    with pytest.raises(InputError, match=r"worst must come from population_bounds\(\), and is tuple instead"):
        charts.layers(sa.share(tally), **parts | {"worst": (0, 1)})


def test_ranges_of_other_surveys_reach_as_far_as_their_schools() -> None:
    found = sa.bounds(sa.number_of({"greater_range": "yes"}, label="greater range"))
    larger = dataclasses.replace(found, base=400, low=Fraction(100), high=Fraction(400))
    [axes] = charts.ranges(larger).figure.axes
    assert axes.get_xlim()[0] < 0 and axes.get_xlim()[1] > 800
    assert list(axes.get_xticks()) == [0, 100, 200, 300, 400]
    [axes] = charts.ranges(found).figure.axes
    assert list(axes.get_xticks()) == [0, 10, 20, 30, 40, 50]


# --------------------------------------------------------------------------------------------------- value for money


def test_lines_over_costs_run_from_limit_to_limit(survey: Survey) -> None:
    costs = sa.unit_costs(survey, by="monitoring", level=0.9)
    for chart in (charts.unit_costs(costs), charts.cost_bands(costs)):
        [axes] = chart.figure.axes
        lines = [tuple(line.get_xdata()) for line in axes.lines]  # type: ignore[arg-type]
        assert [it for it in lines if all(map(isfinite, it))] == [(it.low, it.high) for it in costs]
        below = next(it.get_text() for it in chart.figure.findobj(Text) if it.get_text().startswith("Provenance"))
        assert "lines: 90% intervals, schools drawn again, as if drawn at random" in " ".join(below.split())
    plain = charts.cost_bands(sa.unit_costs(survey, by="monitoring"))
    assert not any("lines:" in it.get_text() for it in plain.figure.findobj(Text))


def test_the_four_es_are_bars_of_pounds_above_and_of_shares_below(survey: Survey) -> None:
    table = sa.four_es(survey)
    above, below = charts.four_es(table).figure.axes
    for axes, unit in ((above, "pounds"), (below, "share")):
        drawn = sorted(rectangles(axes), key=lambda bar: bar.get_y())
        shown = [it.value for it in table if it.unit == unit and it.label != "pounds per school"]
        assert [bar.get_width() for bar in drawn] == pytest.approx(shown)
    [diamond] = [line for line in below.lines if line.get_marker() == "D"]
    after = survey.pupil_groups.query("time == 'after' and characteristic == 'fsm'")
    roll = after[after["group"] == "fsm"]["pupils"].sum() / after["pupils"].sum()
    assert list(diamond.get_xdata()) == pytest.approx([roll])  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^this chart needs the table that four_es\(\) gives, whole$"):
        charts.four_es(table[:4])


def test_the_four_es_of_pupils_who_all_stop_are_drawn_without_a_cost(survey: Survey) -> None:
    groups = survey.pupil_groups
    nobody = groups.assign(
        taking_part=groups["taking_part"].where(groups["group"] != "fsm", 0), sustained=0, achieving=0
    )
    chart = charts.four_es(sa.four_es(dataclasses.replace(survey, pupil_groups=nobody), resamples=50))
    assert "undefined for each going on for a year or more" in chart.title and chart.png()
    assert "nan" not in chart.alt


def test_bands_stand_where_they_begin_and_end(survey: Survey) -> None:
    bands = sa.read_cost_bands()
    costs = Estimates([*pounds(cheap=50, dear=3000)])
    chart = charts.cost_bands(costs, bands=bands)
    [axes] = chart.figure.axes
    spans = [(it.get_x(), it.get_x() + it.get_width()) for it in rectangles(axes)]
    assert spans[:4] == [(0, 80), (80, 200), (200, 720), (720, 1200)]
    assert spans[4][0] == 1200 and spans[4][1] >= 3000
    assert chart.title.endswith("Of 2 costs, 1 is very low and 1 is very high by published bands")


def test_one_cost_alone_stands_on_the_bands(survey: Survey) -> None:
    one = sa.unit_cost(survey, level=0.95)
    chart = charts.cost_bands(one)
    assert chart.title == "Invented data: Of 1 cost, 1 is low by published bands"
    assert chart.alt == charts.cost_bands(Estimates([one])).alt
    ours = dataclasses.replace(sa.read_cost_bands(), provenance=Provenance.ILLUSTRATIVE)
    seen = dataclasses.replace(one, provenance=Provenance.OBSERVED)
    assert charts.cost_bands(seen, bands=ours).title == "Of 1 cost, 1 is low by illustrative bands"


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: charts.cost_bands(5), "costs must be estimates, such as unit_cost() makes, and 5 is none"),  # type: ignore[arg-type]
        (lambda: charts.unit_costs(5), "costs must come from unit_costs(), and is int instead"),  # type: ignore[arg-type]
        (lambda: charts.four_es(5), "table must come from four_es(), and is int instead"),  # type: ignore[arg-type]
        (lambda: charts.cost_effectiveness_plane(5), "increment must come from incremental(), and is int instead"),  # type: ignore[arg-type]
        (lambda: charts.acceptability(5), "increment must come from incremental(), and is int instead"),  # type: ignore[arg-type]
        (lambda: charts.rubric(5, judged=pd.DataFrame()), "criteria must come from read_rubric(), and is int instead"),  # type: ignore[arg-type]
        (lambda: charts.rubric(sa.read_rubric(), judged=5), "judged must come from apply_rubric(), and is int instead"),  # type: ignore[arg-type]
    ],
)
def test_what_a_chart_of_value_cannot_draw_is_told(draw: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as told:
        draw()
    assert str(told.value) == message


def test_real_values_by_an_example_of_a_rubric_are_not_called_invented(survey: Survey) -> None:
    rubric = sa.read_rubric()
    seen = [dataclasses.replace(it, provenance=Provenance.OBSERVED) for it in sa.four_es(survey, resamples=50)]
    chart = charts.rubric(rubric, judged=sa.apply_rubric(rubric, seen, survey=survey))
    assert chart.title.startswith("Of 5 criteria, ")
    assert chart.title.endswith("; the thresholds are an example, set after the first visit")
    assert chart.origin == "observed"
    below = " ".join(" ".join(it.get_text() for it in chart.figure.findobj(Text)).split())
    assert "thresholds: an example dated 2026-11-25 that nobody agreed" in below


@pytest.mark.parametrize(("value", "limits", "hatched"), [(60.0, (30.0, 90.0), 2), (60.0, None, 0), (None, None, 0)])
def test_the_standard_that_is_reached_is_filled_and_ticked(
    survey: Survey, value: float | None, limits: tuple[float, float] | None, hatched: int
) -> None:
    rubric, table = published_rubric(), list(sa.four_es(survey))
    low, high, level = (*limits, 0.95) if limits else (None, None, None)
    table[1] = dataclasses.replace(table[1], value=value, low=low, high=high, level=level)
    found = sa.apply_rubric(rubric, table, survey=survey)
    chart = charts.rubric(rubric, judged=found)
    [axes] = chart.figure.axes
    first = [it for it in rectangles(axes) if it.get_y() < 1]
    assert len(first) == 4
    filled = [to_rgb(it.get_facecolor()) == to_rgb(canvas.STRONG) for it in first]
    assert filled == [False, value is not None, False, False]
    assert sum(it.get_hatch() is not None for it in first) == hatched
    assert sum(it.get_text().startswith("✓ £60") for it in axes.texts) == (value is not None)
    assert ("1 not judged" in chart.title) is (value is None)


def test_a_rubric_is_drawn_with_its_own_judgements_only(survey: Survey) -> None:
    rubric = published_rubric()
    found = sa.apply_rubric(rubric, sa.four_es(survey, resamples=50), survey=survey)
    for other in (found[:2], found.drop(columns="criterion")):
        with pytest.raises(InputError, match=r"^judged must be what apply_rubric\(\) gives for this rubric, with all"):
            charts.rubric(rubric, judged=other)


def test_the_cloud_is_drawn_on_both_sides_of_nothing_with_the_point_as_it_is(survey: Survey) -> None:
    found = increment(survey)
    [axes] = charts.cost_effectiveness_plane(found).figure.axes
    [cloud] = axes.collections
    offsets: Any = cloud.get_offsets()
    assert offsets.tolist() == (found.cloud[:2000] * [100, 1]).tolist()
    [point] = [line for line in axes.lines if line.get_marker() == "D"]
    drawn: Any = [*point.get_xdata(), *point.get_ydata()]
    assert drawn == [100 * (found.effect.value or 0), found.cost.value]
    assert axes.get_xlim()[0] == -axes.get_xlim()[1] and axes.get_ylim()[0] == -axes.get_ylim()[1]
    corners = [it.get_text().split("\n") for it in axes.texts]
    assert corners == [[name, f"{share:.1%}"] for name, share in found.quadrants().items()][:4]


def test_the_curve_is_that_of_the_table(survey: Survey) -> None:
    found = increment(survey, "pupil_reached")
    [axes] = charts.acceptability(found, thresholds=[100, 0, 50]).figure.axes
    table = sa.acceptability(found, thresholds=[0, 50, 100])
    curve = axes.lines[0]
    assert list(curve.get_xdata()) == [0, 50, 100]  # type: ignore[arg-type]
    assert list(curve.get_ydata()) == table["share"].tolist()  # type: ignore[arg-type]
    assert (
        "in 98.6% of the resamples at £0 for one more pupil. Curve" in charts.acceptability(found, thresholds=[0]).alt
    )


def test_an_increment_without_a_cloud_cannot_be_drawn(survey: Survey) -> None:
    alone = dataclasses.replace(increment(survey), cloud=np.empty((0, 2)))
    for draw in (charts.cost_effectiveness_plane, lambda it: charts.acceptability(it, thresholds=[1])):
        with pytest.raises(InputError, match=r"has no resamples, because one of them is a single school"):
            draw(alone)


# ------------------------------------------------------------------------------------------------- beside a known truth


def test_one_axis_for_all_so_that_charts_beside_a_truth_can_be_compared() -> None:
    reach = {
        charts.beside_truth(sa.proportion(good(count)), truth=0.17).figure.axes[0].get_xlim() for count in (2, 10, 20)
    }
    assert reach == {(0, 0.7)}
    assert charts.beside_truth(sa.proportion(good(58)), truth=0.17).figure.axes[0].get_xlim()[1] > 1


@pytest.mark.parametrize("held", range(4))
def test_the_title_counts_the_intervals_that_hold_the_truth(held: int) -> None:
    shares = sa.proportion_each([*[good(10)] * held, *[good(40)] * (3 - held)])
    words = ["none holds", "one holds", "2 hold", "each holds"][held]
    assert charts.beside_truth(shares, truth=0.17).title.startswith(f"Of 3 intervals {words} the truth, 17.0%; ")


def test_what_is_no_share_with_an_interval_is_not_held_against_a_truth() -> None:
    described, ratio = sa.share(good(10)), sa.selection_needed(good(10), share=0.1)
    for other in (described, ratio, [sa.proportion(good(10)), described]):
        with pytest.raises(InputError, match=r"^this chart is of shares with intervals, such as proportion_each\(\)"):
            charts.beside_truth(other, truth=0.17)
    with pytest.raises(InputError, match="needs at least one estimate"):
        charts.beside_truth([], truth=0.17)
    for truth in (-0.1, 17, None, "0.17", True, float("nan")):
        with pytest.raises(InputError, match=r"^truth must be a share from 0 to 1, not"):
            charts.beside_truth(sa.proportion(good(10)), truth=truth)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="a share for each of the 1 estimates, or one for all, not 2"):
        charts.beside_truth(sa.proportion(good(10)), truth=[0.1, 0.2])


def test_a_second_look_needs_two_looks_at_schools_that_differ() -> None:
    gaps = lessons.data(6)
    holes = gaps.assign(gap_after=gaps["gap_after"].where(gaps["gap_after"] > 0.1))
    for other in (None, gaps[["gap_before"]], gaps.head(9), holes, gaps.assign(gap_after="a")):
        with pytest.raises(InputError, match=r"^gaps must be a table with gap_before and gap_after, 10 rows or more,"):
            charts.second_look(other)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^gaps must differ between schools"):
        charts.second_look(gaps.assign(gap_after=0.1))
    with pytest.raises(InputError, match=r"^widest must be a whole number from 1"):
        charts.second_look(gaps, widest=0)
    assert "of the 3 widest, " in charts.second_look(gaps, widest=3).alt
