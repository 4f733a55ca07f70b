"""How often the intervals of survey_proportion hold the true share, in samples of schools and in small domains of them.

python benchmarks/design_coverage.py            1,000 samples of each case
python benchmarks/design_coverage.py 200        fewer

A country of 600 schools in ten strata is made once for each true share. Samples of six schools a stratum are drawn
from it again and again, without replacement, and estimated over all pupils, in a domain that one pupil in twenty is in,
and in one that one school in eight has. A level of 95% should hold in 95% of the samples.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_analysis.designs.design_intervals import METHODS, Precision, share_interval
from survey_analysis.designs.specification import Design
from survey_analysis.designs.survey_estimates import survey_proportion

STRATA, SCHOOLS, DRAWN, PUPILS = 10, 60, 6, 20
SHARES = (0.02, 0.1, 0.5)
DOMAINS = ("all", "few pupils", "few schools")
LEVEL = 0.95
DESIGN = Design(strata="stratum", clusters="school", weights="weight", population="schools")


@dataclass(frozen=True)
class Coverage:
    """How often each method held the truth, of so many samples, and how wide its intervals were on average."""

    share: float
    domain: str
    method: str
    held: float
    width: float
    without: int


def country(share: float, random: np.random.Generator) -> pd.DataFrame:
    """All pupils of all schools; those of one school are alike, with an intraclass correlation of about 0.1."""
    schools = STRATA * SCHOOLS
    rate = random.beta(share * 9, (1 - share) * 9, schools)
    school = np.repeat(np.arange(schools), PUPILS)
    few_schools = random.random(schools) < 1 / 8
    return pd.DataFrame(
        {
            "stratum": school // SCHOOLS,
            "school": school,
            "weight": SCHOOLS / DRAWN,
            "schools": SCHOOLS,
            "y": (random.random(len(school)) < rate[school]).astype(int),
            "few pupils": np.where(random.random(len(school)) < 1 / 20, "yes", "no"),
            "few schools": np.where(few_schools[school], "yes", "no"),
            "all": "yes",
        }
    )


def precisions(whole: pd.DataFrame, domain: str, samples: int, random: np.random.Generator) -> Iterator[Precision]:
    """What is known of the share in each sample that has anybody of the domain."""
    by_school = whole.groupby("school").indices
    places = [by_school[school] for school in range(STRATA * SCHOOLS)]
    for _ in range(samples):
        drawn = [stratum * SCHOOLS + random.choice(SCHOOLS, DRAWN, replace=False) for stratum in range(STRATA)]
        sample = whole.iloc[np.concatenate([places[school] for school in np.concatenate(drawn)])]
        if not (sample[domain] == "yes").any():
            continue
        [it] = survey_proportion(sample, "y", design=DESIGN, among={domain: "yes"}, method="korn-graubard")
        yield Precision(
            value=it.value or 0.0,
            variance=it.details["standard_error"] ** 2,
            rows=it.base,
            clusters=it.details["clusters"],
            degrees=it.details["df"],
            is_complete=False,
        )


def coverage(samples: int, *, shares: Sequence[float] = SHARES, seed: int = 2012) -> list[Coverage]:
    """A row for each true share, domain and method."""
    random = np.random.default_rng(seed)
    rows = []
    for share in shares:
        whole = country(share, random)
        for domain in DOMAINS:
            truth = float(whole.loc[whole[domain] == "yes", "y"].mean())
            known = list(precisions(whole, domain, samples, random))
            for method in METHODS:
                limits = [share_interval(it, method, LEVEL)[0] for it in known]
                given = [it for it in limits if it is not None]
                rows.append(
                    Coverage(
                        share=truth,
                        domain=domain,
                        method=method,
                        held=float(np.mean([low <= truth <= high for low, high in given])),
                        width=float(np.mean([high - low for low, high in given])),
                        without=samples - len(given),
                    )
                )
    return rows


def main() -> None:
    """Print the table."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    found = pd.DataFrame([vars(row) for row in coverage(samples)])
    print(f"{samples:,} samples of {STRATA * DRAWN} schools, level {LEVEL:.0%}: how often the truth is held")
    held = found.pivot(index=["share", "domain"], columns="method", values="held")
    print((100 * held).round(1).to_string())
    print("\nmean width, in points")
    width = found.pivot(index=["share", "domain"], columns="method", values="width")
    print((100 * width).round(1).to_string())


if __name__ == "__main__":
    main()
