"""What is imported when it is first used: charts need seaborn, bounds a solver, designs an engine; most calls none."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

ROOMS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "agreement": ["agreement_coefficient", "agreement_coverage", "agreement_in_words", "agreement_table"],
        "cost_bands": ["CostBands", "cost_band", "read_cost_bands"],
        "cost_effectiveness": ["Increment", "acceptability", "incremental", "incremental_in_words", "net_benefit"],
        "crisp_sets": ["CrispSets", "load_lipset", "theme_sets"],
        "designs.specification": ["Design", "Replicates"],
        "designs.survey_contrasts": ["survey_contrast", "survey_gap"],
        "designs.survey_estimates": ["survey_mean", "survey_proportion", "survey_ratio", "survey_total"],
        "disclosure": ["Suppressed", "audit_suppression", "suppress", "suppressed_shares"],
        "ensembles": ["BAND", "Ensemble", "Prior", "draw_surveys"],
        "interval_coverage": ["proportion_coverage", "proportion_coverage_summary"],
        "explorer": ["explore"],
        "gap_tests": ["gap_did_not_change", "gap_did_not_widen", "gap_sign_flip", "margin_in_words"],
        "national_samples": ["NationalSample", "national_sample"],
        "noise": ["noise_differences"],
        "planning": ["schools_needed"],
        "prices": ["Costing", "Deflator", "read_deflator"],
        "prior_bands": ["prior_table"],
        "pupil_shares": ["effective_pupils", "pupil_share"],
        "raters": ["Ratings", "cross_table", "ratings", "ratings_from", "ratings_from_counts"],
        "rank_gaps": ["rank_gap", "rank_gap_change", "rank_gap_in_words"],
        "reconstruction": ["AllowedBounds", "bounds", "bounds_table"],
        "release_judgements": [
            "released_answer",
            "released_comparison",
            "released_grades",
            "released_judgements",
            "released_kinds",
            "released_themes",
        ],
        "release_parts": ["limits_in_words", "released_hidden", "released_in_words", "released_pupils"],
        "releases": ["Release", "release"],
        "rubrics": ["Rubric", "apply_rubric", "read_rubric", "rubric_in_words"],
        "sensitivity": ["corrected_proportion", "population_bounds", "selection_needed", "selection_sensitivity"],
        "strata": ["Strata", "gap_by_stratum", "strata_of_counts"],
        "stratified_gaps": ["strata_in_words", "stratified_gap"],
        "self_evaluation.hub_patterns": ["HubPattern", "self_evaluation_hub"],
        "self_evaluation.profiles": ["SchoolProfile", "self_evaluation_profile"],
        "self_evaluation.result_pages": ["write_hub_page", "write_profile"],
        "self_evaluation.several_answers": ["example_answers"],
        "simulated_coverage": ["gap_coverage"],
        "theme_comparisons": ["theme_tests", "theme_tests_in_words"],
        "truth_tables": ["conservative_solution", "found_in_noise", "necessity", "truth_table"],
        "value_criteria": ["four_es", "four_es_in_words"],
        "workbook_notes": ["annotate_workbook"],
        "workbook_templates": ["write_template"],
    }
)
"""Room -> the names that the package shows from it; `charts` is a room that is shown itself."""
