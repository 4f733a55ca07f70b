"""Five themes, each an action of the successful schools and the pitfall that mirrors it: described, not tested."""

import tomllib
from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from survey_analysis.estimates import Provenance, weakest
from survey_analysis.rendering import Sentence
from survey_analysis.resources import DATA
from survey_analysis.surveys import Survey, tally_each

THEMES: Mapping[str, str] = MappingProxyType(
    {
        "monitoring": "Monitoring and evaluation",
        "inclusion": "Reaching all groups of pupils",
        "alignment": "Fit with pupils' needs and the school's music",
        "shared_practice": "Teachers and musicians learning from each other",
        "leadership": "Leaders' own understanding",
    }
)
"""The five themes: column of the visits -> title."""

SUCCESSFUL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"partnership_use": ("outstanding", "good"), "value_for_money": ("outstanding", "good")}
)
"""The visits that the report counts as successful: good use and, jointly, good value."""

OTHERS = tuple(MappingProxyType({column: ("satisfactory", "inadequate")}) for column in SUCCESSFUL)
"""The other visits: use or value below good."""


def theme_table(survey: Survey) -> pd.DataFrame:
    """How often each theme was seen as action, as pitfall or as neither, in the successful schools and in the others.

    Parameters
    ----------
    survey
        The survey.

    Returns
    -------
    DataFrame
        A row for each theme and group of schools: theme, schools ('successful' or 'others'), action, neither, pitfall
        and not_seen (numbers of visits), base (the visits in which it was seen), provenance.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> table = theme_table(load_survey())
    >>> table.groupby("schools")[["base", "not_seen"]].sum().sum(axis="columns").to_dict()
    {'others': 245, 'successful': 50}

    Notes
    -----
    The actions were found *in* the successful schools by those who had graded them, so testing whether they are
    commoner there would be circular. Nothing here says that an action leads to success.
    """
    rows = []
    for theme, title in THEMES.items():
        for schools, visits in (("successful", SUCCESSFUL), ("others", OTHERS)):
            tallies = tally_each(survey, theme, among=visits)
            rows.append(
                {
                    "theme": title,
                    "schools": schools,
                    **{tally.label: tally.count for tally in tallies},
                    "not_seen": tallies[0].not_seen,
                    "base": tallies[0].base,
                    "provenance": tallies[0].provenance.value,
                }
            )
    return pd.DataFrame(rows)


def themes_in_words(table: pd.DataFrame) -> Sentence:
    """What a theme table describes, in a sentence that says why it is not a test.

    Parameters
    ----------
    table
        What `theme_table` returns.
    """
    coded = table.groupby("schools")[["action", "pitfall", "base"]].sum()
    parts = (
        f"in the {name} schools the five themes were coded action {row.action} times and pitfall {row.pitfall} times "
        f"of {row.base}"
        for name, row in zip(("successful", "other"), coded.loc[["successful", "others"]].itertuples(), strict=True)
    )
    return Sentence(
        f"Described, not tested: {'; '.join(parts)} ({weakest(map(Provenance, table['provenance'])).value}). The five "
        "actions were found in the schools that had been graded as successful, by those who had graded them, so that "
        "they are commoner there is how they were found and no result."
    )


def codebook() -> pd.DataFrame:
    """What counts as action, pitfall, neither and not seen, for each theme, with an example.

    Examples
    --------
    >>> list(codebook().columns)[:3]
    ['theme', 'action', 'pitfall']
    """
    with (DATA / "themes.toml").open("rb") as file:
        themes = tomllib.load(file)
    return pd.DataFrame([{"theme": title, **themes[theme]} for theme, title in THEMES.items()])
