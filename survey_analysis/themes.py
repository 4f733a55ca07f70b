"""Five themes, each an action of the successful schools and the pitfall that mirrors it: described, not tested."""

import tomllib
from collections.abc import Mapping

import pandas as pd

from survey_analysis.claims import THEMES
from survey_analysis.claims_file import read_claims
from survey_analysis.errors import InputError, of_kind
from survey_analysis.estimates import Provenance, told, weakest
from survey_analysis.rendering import Sentence
from survey_analysis.resources import DATA
from survey_analysis.surveys import Survey, Visits, any_of, codes_of, count_visits

SURVEY_MAKERS = "load_survey() or read_survey()"

_FROM_THE_SUCCESSFUL = (
    "The five actions were published of the schools graded as successful: that they are named there is how they were "
    "found, and that they are commoner there is no result."
)
_OF_NEW_VISITS = (
    "What was seen more often may be chance: theme_tests() asks that, of visits whose codes were settled before it was "
    "known which were successful."
)


def theme_table(survey: Survey, *, successful: Visits | None = None) -> pd.DataFrame:
    """How often each theme was seen as action, as pitfall or as neither, in the successful schools and in the others.

    Parameters
    ----------
    survey
        The survey.
    successful
        Which visits count as successful, as column -> code or codes; good use at good value, on the report's scale of
        grades, when absent. The others are those that were seen not to be.

    Returns
    -------
    DataFrame
        A row for each theme and group of schools: theme, schools ('successful' or 'others'), action, neither, pitfall
        and not_seen (numbers of visits), group_not_seen (visits of which it was not seen to which group they belong),
        base (the visits in which the theme was seen), provenance.

    Raises
    ------
    InputError
        Something that is no survey; another scale of grades, when `successful` is absent.

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
    of_kind("survey", survey, Survey, SURVEY_MAKERS)
    among = successful_visits(survey) if successful is None else successful
    rows = []
    for theme, title in THEMES.items():
        for schools in ("successful", "others"):
            tallies = [
                count_visits(survey, [{theme: code}], among=among, outside=schools == "others", label=code)
                for code in survey.column("visits", theme).judgements
            ]
            rows.append(
                {
                    "theme": title,
                    "schools": schools,
                    **{tally.label: tally.count for tally in tallies},
                    "not_seen": tallies[0].not_seen,
                    "group_not_seen": tallies[0].group_not_seen,
                    "base": tallies[0].base,
                    "provenance": tallies[0].provenance.value,
                }
            )
    return pd.DataFrame(rows)


def successful_visits(survey: Survey) -> Visits:
    """The visits that the report calls successful: good use of partnerships at good value for money.

    Raises
    ------
    InputError
        A survey whose scale of grades does not have the grades by which they are told.
    """
    group = read_claims().groups["successful"]
    for condition in any_of(group):
        for name, wanted in condition.items():
            scale = survey.column("visits", name).judgements
            if not set(codes_of(name, wanted)) <= set(scale):
                raise InputError(
                    f"the successful schools are told by {' or '.join(codes_of(name, wanted))} in {name}, and this "
                    f"survey grades it {', '.join(scale)}; say with successful= which of its visits were successful"
                )
    return group


def themes_in_words(table: pd.DataFrame) -> Sentence:
    """What a theme table describes, in a sentence that says why it is not a test.

    Parameters
    ----------
    table
        What `theme_table` returns.

    Raises
    ------
    InputError
        Anything else, or a table without one of the two groups.
    """
    needed = {"schools", "action", "pitfall", "base", "provenance"}
    if not needed <= set(getattr(table, "columns", ())) or set(table["schools"]) != {"successful", "others"}:
        raise InputError("table must be what theme_table() gives, with both groups of schools")
    coded = table.groupby("schools")[["action", "pitfall", "base"]].sum()
    parts = (
        f"in the {name} schools the five themes were coded action {row.action} times and pitfall {row.pitfall} times "
        f"of {row.base}"
        for name, row in zip(("successful", "other"), coded.loc[["successful", "others"]].itertuples(), strict=True)
    )
    provenance = weakest(map(Provenance, table["provenance"]))
    words = (
        f"Described, not tested: {'; '.join(parts)} ({provenance.value}). "
        f"{_OF_NEW_VISITS if provenance is Provenance.OBSERVED else _FROM_THE_SUCCESSFUL}"
    )
    return Sentence(told(words, provenance))


def codebook() -> pd.DataFrame:
    """What counts as action, pitfall, neither and not seen, for each theme, with an example.

    Examples
    --------
    >>> list(codebook().columns)[:3]
    ['theme', 'action', 'pitfall']
    """
    themes = _read()
    return pd.DataFrame([{"theme": title, **themes[theme]} for theme, title in THEMES.items()])


def coding_rules() -> Mapping[str, str]:
    """What holds for the codes of every theme: their unit, doubtful cases, what is not seen, and coding twice."""
    return {name: rule for name, rule in _read()["coding"].items() if isinstance(rule, str)}


def _read() -> Mapping[str, Mapping[str, str | list[str]]]:
    with (DATA / "themes.toml").open("rb") as file:
        return tomllib.load(file)
