"""Self-evaluation: a page on which a school looks at its own partnership, and the answers that it saves.

It is no inspection. `form_pages` writes the page, `read_answers` reads what it saved, `read_statements` what it asks.
`several_answers` reads those of several people, `profiles` sets them side by side, `pupils_and_costs` hides what is
small, `hub_patterns` looks over schools that consent, and `result_pages` writes either as a page.
"""

from survey_analysis.self_evaluation.answers import Answers, CostOfSource, Participation, ThemeAnswer, read_answers
from survey_analysis.self_evaluation.statements import Statements, Theme, read_statements

__all__ = [
    "Answers",
    "CostOfSource",
    "Participation",
    "Statements",
    "Theme",
    "ThemeAnswer",
    "read_answers",
    "read_statements",
]
