"""Reproduce Ofsted's 2012 survey of music partnerships in 59 schools, and say what its figures do and do not fix.

A visit record becomes a tally, a tally becomes an estimate, an estimate is drawn, tabled and told:

>>> import survey_analysis as sa
>>> survey = sa.load_survey()
>>> good = sa.tally(survey, ["partnership_use", "value_for_money"], at_least="good", label="good use and value")
>>> print(sa.proportion(good))
good use and value: 16.9% [9.5% to 28.5%, 95% Wilson score], base 59, reconstructed

Charts are in `survey_analysis.charts`. They, the bounds and the ensembles are imported when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from survey_analysis.claim_bounds import claim_ranges
from survey_analysis.claim_checks import check_claims
from survey_analysis.claims import Assumption, Claim, Claims
from survey_analysis.claims_file import read_claims
from survey_analysis.context import (
    assumption_table,
    mirrored_claims,
    national_context,
    published_tally,
    sister_surveys,
)
from survey_analysis.errors import InputError
from survey_analysis.estimates import Bounds, Estimate, Estimates, Provenance, Tally
from survey_analysis.findings import Finding, Findings
from survey_analysis.first_use import ROOMS
from survey_analysis.gap_changes import gap_change, gap_change_in_words, pooled_gap
from survey_analysis.gaps import gap, pupil_tally
from survey_analysis.lexicons import Lexicon, read_lexicons
from survey_analysis.problems import Problem, Problems
from survey_analysis.proportions import (
    difference_in_words,
    proportion,
    proportion_difference,
    proportion_each,
    proportion_in_words,
    share,
    shares,
    simultaneous_proportions,
)
from survey_analysis.quantities import number_of, share_difference, share_of, share_ratio
from survey_analysis.readings import possible_counts
from survey_analysis.rendering import table
from survey_analysis.school_gaps import gap_change_by_school, gap_change_each, schools_with_wider_gap
from survey_analysis.survey_files import check_survey, example_workbook, load_survey, read_survey
from survey_analysis.surveys import Survey, tally, tally_each
from survey_analysis.themes import codebook, theme_table, themes_in_words
from survey_analysis.value_for_money import unit_cost, unit_costs, unit_costs_in_words

if TYPE_CHECKING:
    from survey_analysis import charts
    from survey_analysis.agreement import agreement_coefficient, agreement_coverage, agreement_in_words, agreement_table
    from survey_analysis.cost_bands import CostBands, cost_band, read_cost_bands
    from survey_analysis.cost_effectiveness import (
        Increment,
        acceptability,
        incremental,
        incremental_in_words,
        net_benefit,
    )
    from survey_analysis.crisp_sets import CrispSets, load_lipset, theme_sets
    from survey_analysis.designs.specification import Design, Replicates
    from survey_analysis.designs.survey_contrasts import survey_contrast, survey_gap
    from survey_analysis.designs.survey_estimates import survey_mean, survey_proportion, survey_ratio, survey_total
    from survey_analysis.disclosure import Suppressed, audit_suppression, suppress, suppressed_shares
    from survey_analysis.ensembles import BAND, Ensemble, Prior, draw_surveys
    from survey_analysis.explorer import explore
    from survey_analysis.gap_tests import gap_did_not_change, gap_did_not_widen, gap_sign_flip, margin_in_words
    from survey_analysis.interval_coverage import proportion_coverage, proportion_coverage_summary
    from survey_analysis.national_samples import NationalSample, national_sample
    from survey_analysis.noise import noise_differences
    from survey_analysis.planning import schools_needed
    from survey_analysis.prices import Costing, Deflator, read_deflator
    from survey_analysis.prior_bands import prior_table
    from survey_analysis.pupil_shares import effective_pupils, pupil_share
    from survey_analysis.rank_gaps import rank_gap, rank_gap_change, rank_gap_in_words
    from survey_analysis.raters import Ratings, cross_table, ratings, ratings_from, ratings_from_counts
    from survey_analysis.reconstruction import AllowedBounds, bounds, bounds_table
    from survey_analysis.release_judgements import (
        released_answer,
        released_comparison,
        released_grades,
        released_judgements,
        released_kinds,
        released_themes,
    )
    from survey_analysis.release_parts import limits_in_words, released_hidden, released_in_words, released_pupils
    from survey_analysis.releases import Release, release
    from survey_analysis.rubrics import Rubric, apply_rubric, read_rubric, rubric_in_words
    from survey_analysis.self_evaluation.hub_patterns import HubPattern, self_evaluation_hub
    from survey_analysis.self_evaluation.profiles import SchoolProfile, self_evaluation_profile
    from survey_analysis.self_evaluation.result_pages import write_hub_page, write_profile
    from survey_analysis.self_evaluation.several_answers import example_answers
    from survey_analysis.sensitivity import (
        corrected_proportion,
        population_bounds,
        selection_needed,
        selection_sensitivity,
    )
    from survey_analysis.simulated_coverage import gap_coverage
    from survey_analysis.strata import Strata, gap_by_stratum, strata_of_counts
    from survey_analysis.stratified_gaps import strata_in_words, stratified_gap
    from survey_analysis.theme_comparisons import theme_tests, theme_tests_in_words
    from survey_analysis.truth_tables import conservative_solution, found_in_noise, necessity, truth_table
    from survey_analysis.value_criteria import four_es, four_es_in_words
    from survey_analysis.workbook_notes import annotate_workbook
    from survey_analysis.workbook_templates import write_template

__all__ = [
    "BAND",
    "AllowedBounds",
    "Assumption",
    "Bounds",
    "Claim",
    "Claims",
    "CostBands",
    "Costing",
    "CrispSets",
    "Deflator",
    "Design",
    "Ensemble",
    "Estimate",
    "Estimates",
    "Finding",
    "Findings",
    "HubPattern",
    "Increment",
    "InputError",
    "Lexicon",
    "NationalSample",
    "Prior",
    "Problem",
    "Problems",
    "Provenance",
    "Ratings",
    "Release",
    "Replicates",
    "Rubric",
    "SchoolProfile",
    "Strata",
    "Suppressed",
    "Survey",
    "Tally",
    "acceptability",
    "agreement_coefficient",
    "agreement_coverage",
    "agreement_in_words",
    "agreement_table",
    "annotate_workbook",
    "apply_rubric",
    "assumption_table",
    "audit_suppression",
    "bounds",
    "bounds_table",
    "charts",
    "check_claims",
    "check_survey",
    "claim_ranges",
    "codebook",
    "conservative_solution",
    "corrected_proportion",
    "cost_band",
    "cross_table",
    "difference_in_words",
    "draw_surveys",
    "effective_pupils",
    "example_answers",
    "example_workbook",
    "explore",
    "found_in_noise",
    "four_es",
    "four_es_in_words",
    "gap",
    "gap_by_stratum",
    "gap_change",
    "gap_change_by_school",
    "gap_change_each",
    "gap_change_in_words",
    "gap_coverage",
    "gap_did_not_change",
    "gap_did_not_widen",
    "gap_sign_flip",
    "incremental",
    "incremental_in_words",
    "limits_in_words",
    "load_lipset",
    "load_survey",
    "margin_in_words",
    "mirrored_claims",
    "national_context",
    "national_sample",
    "necessity",
    "net_benefit",
    "noise_differences",
    "number_of",
    "pooled_gap",
    "population_bounds",
    "possible_counts",
    "prior_table",
    "proportion",
    "proportion_coverage",
    "proportion_coverage_summary",
    "proportion_difference",
    "proportion_each",
    "proportion_in_words",
    "published_tally",
    "pupil_share",
    "pupil_tally",
    "rank_gap",
    "rank_gap_change",
    "rank_gap_in_words",
    "ratings",
    "ratings_from",
    "ratings_from_counts",
    "read_claims",
    "read_cost_bands",
    "read_deflator",
    "read_lexicons",
    "read_rubric",
    "read_survey",
    "release",
    "released_answer",
    "released_comparison",
    "released_grades",
    "released_hidden",
    "released_in_words",
    "released_judgements",
    "released_kinds",
    "released_pupils",
    "released_themes",
    "rubric_in_words",
    "schools_needed",
    "schools_with_wider_gap",
    "selection_needed",
    "selection_sensitivity",
    "self_evaluation_hub",
    "self_evaluation_profile",
    "share",
    "share_difference",
    "share_of",
    "share_ratio",
    "shares",
    "simultaneous_proportions",
    "sister_surveys",
    "strata_in_words",
    "strata_of_counts",
    "stratified_gap",
    "suppress",
    "suppressed_shares",
    "survey_contrast",
    "survey_gap",
    "survey_mean",
    "survey_proportion",
    "survey_ratio",
    "survey_total",
    "table",
    "tally",
    "tally_each",
    "theme_sets",
    "theme_table",
    "theme_tests",
    "theme_tests_in_words",
    "themes_in_words",
    "truth_table",
    "unit_cost",
    "unit_costs",
    "unit_costs_in_words",
    "write_hub_page",
    "write_profile",
    "write_template",
]


_LATER = {name: room for room, names in ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    if name == "charts":
        return import_module("survey_analysis.charts")
    if name in _LATER:
        return getattr(import_module(f"survey_analysis.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
