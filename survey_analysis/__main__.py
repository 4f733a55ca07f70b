"""`python -m survey_analysis` is the command `survey-analysis`."""

import sys

from survey_analysis.cli import main

sys.exit(main())
