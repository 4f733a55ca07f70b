"""Surveys drawn by a design: shares, means, totals and ratios of a population, from a table wherever it lies.

`specification` says how a sample was drawn, by names of columns. `sources` opens a table, `measures` says what is asked
of a row, and `cells` asks the engine for sums: rows never cross over. `domains`, `units` and `calibration` read the
sums; `influence` and `linearisation`, or `replication`, make estimates and their covariance of them, and
`design_intervals` the limits. `survey_estimates` and `survey_contrasts` are the doors, and `survey_results` is what
comes out of them.
"""
