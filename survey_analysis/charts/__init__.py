"""The only rooms that draw: results in, charts out, each with its finding as title and a description in words."""

from survey_analysis.charts.canvas import Chart
from survey_analysis.charts.of_agreement import agreement_coefficients, grade_pairs
from survey_analysis.charts.of_chance import found_again, schools_beside_chance
from survey_analysis.charts.of_cost_effectiveness import acceptability, cost_effectiveness_plane
from survey_analysis.charts.of_costs import cost_bands, four_es, unit_costs
from survey_analysis.charts.of_gaps import gap_changes, gap_coverage, gap_scales
from survey_analysis.charts.of_kappas import kappas
from survey_analysis.charts.of_known_truth import beside_truth
from survey_analysis.charts.of_ranges import ranges
from survey_analysis.charts.of_rankings import rankings
from survey_analysis.charts.of_ranks import rank_gap
from survey_analysis.charts.of_recipes import recipes
from survey_analysis.charts.of_releases import released_answer, released_gaps, released_judgements, released_themes
from survey_analysis.charts.of_rubrics import rubric
from survey_analysis.charts.of_second_looks import second_look
from survey_analysis.charts.of_self_evaluation import role_judgements
from survey_analysis.charts.of_sensitivity import layers, proportion_coverage, selection
from survey_analysis.charts.of_shares import schools, shares
from survey_analysis.charts.of_strata import strata
from survey_analysis.charts.of_themes import noise, theme_differences, themes

__all__ = [
    "Chart",
    "acceptability",
    "agreement_coefficients",
    "beside_truth",
    "cost_bands",
    "cost_effectiveness_plane",
    "found_again",
    "four_es",
    "gap_changes",
    "gap_coverage",
    "gap_scales",
    "grade_pairs",
    "kappas",
    "layers",
    "noise",
    "proportion_coverage",
    "ranges",
    "rank_gap",
    "rankings",
    "recipes",
    "released_answer",
    "released_gaps",
    "released_judgements",
    "released_themes",
    "role_judgements",
    "rubric",
    "schools",
    "schools_beside_chance",
    "second_look",
    "selection",
    "shares",
    "strata",
    "theme_differences",
    "themes",
    "unit_costs",
]
