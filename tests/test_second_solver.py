"""A second solver agrees on every range that is shipped; how it is asked stands in `second_solver`."""

from itertools import product

from survey_analysis.claim_bounds import asked
from survey_analysis.claims_file import read_claims
from survey_analysis.lexicons import read_lexicons

QUESTIONS = list(product((name for name, _ in asked(read_claims())), read_lexicons()))
