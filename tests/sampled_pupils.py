"""A small survey of invented pupils, with all that designs, engines and names can make difficult."""

import numpy as np
import pandas as pd

DIFFICULT = {
    "region": 'a "quoted" region',
    "school": "école; DROP TABLE",
    "weight": "select",
    "schools": "sch'ools",
    "group": "группа",
    "takes_part": "group by",
    "grade": "Grade %s {x}",
    "hours": "hours.per week",
    "cost": "`cost`",
}
"""Plain name -> a name with quotes, spaces, keywords or other letters."""


def sampled_pupils(seed: int = 0, *, pupils: int = 8, schools: int = 24) -> pd.DataFrame:
    """Pupils of schools that were drawn within four regions, with unequal weights and some answers not seen."""
    random = np.random.default_rng(seed)
    region = np.repeat(np.arange(schools) % 4, pupils)
    size = schools * pupils
    effect = np.repeat(random.normal(0, 0.8, schools), pupils)
    group = random.choice(["fsm", "not_fsm"], size, p=[0.3, 0.7])
    takes_part = random.random(size) < 1 / (1 + np.exp(0.5 - effect + 0.6 * (group == "fsm")))
    return pd.DataFrame(
        {
            "region": np.array(["north", "south", "east", "west"])[region],
            "school": [f"s{place:02d}" for place in np.repeat(np.arange(schools), pupils)],
            "weight": 1 + random.random(size) * 4,
            "schools": np.array([40, 30, 50, 24])[region],
            "group": group,
            "takes_part": takes_part.astype(float),
            "grade": random.choice(["good", "fair", "poor"], size, p=[0.5, 0.4, 0.1]),
            "hours": np.where(random.random(size) < 0.1, np.nan, random.gamma(2, 2, size)),
            "cost": random.gamma(3, 100, size),
        }
    )
