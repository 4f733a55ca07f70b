"""Make data/bounds.csv: the range of every claim by every lexicon that travels with the package.

Run `python tools/make_bounds.py` after a change to claims.toml, lexicons.toml, dictionary.csv or the constraints.
"""

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

from survey_analysis.claim_bounds import COLUMNS, bounds_rows, compute_bounds
from survey_analysis.claims_file import read_claims
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.lexicons import read_lexicons
from survey_analysis.resources import DATA


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the table as UTF-8 with line feeds, whatever the system."""
    parser = argparse.ArgumentParser(description="Make the table of bounds from the claims.")
    parser.add_argument("--out", type=Path, default=DATA / "bounds.csv", help="the file to write")
    out: Path = parser.parse_args(arguments).out
    claims, columns = read_claims(), packaged_dictionary()["visits"]
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for lexicon in read_lexicons().values():
            writer.writerows(bounds_rows(lexicon, compute_bounds(claims, columns, lexicon)))


if __name__ == "__main__":
    main()
