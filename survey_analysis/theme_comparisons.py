"""Were the actions seen more often in successful schools? Tested on visits that were made, and on no others."""

from collections.abc import Mapping

from survey_analysis.claims import THEMES
from survey_analysis.errors import InputError, choice, confidence_level, of_kind
from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally, told, weakest
from survey_analysis.exact_tests import ALTERNATIVES, exact_p_value, half_count_odds_ratio, holm
from survey_analysis.proportions import proportion_difference
from survey_analysis.rendering import Sentence
from survey_analysis.surveys import Survey, Visits, any_of, count_visits
from survey_analysis.themes import SURVEY_MAKERS, successful_visits

CODED_FIRST = "coded-before-outcome"
"""The name of the assumption that a visit's codes were settled before it was known whether it was successful."""

_CODES: Mapping[str, str] = {"action": "action", "neither": "neither", "pitfall": "pitfall"}
_TEST_NAMES: Mapping[str, str] = {"boschloo": "Boschloo", "fisher": "Fisher"}
_SIDES: Mapping[str, tuple[str, str]] = {
    "two-sided": ("more or less often", ""),
    "greater": ("more often", "less often"),
    "less": ("less often", "more often"),
}
"""What each alternative looks for, and what it does not."""

_NOT_SEEN_IN_A_GROUP = "none: in one of the groups the theme was seen in no visit"


def theme_tests(
    survey: Survey,
    *,
    coded_before_outcome: bool | None = None,
    code: str = "action",
    successful: Visits | None = None,
    level: float = 0.95,
    method: str = "boschloo",
    alternative: str = "two-sided",
) -> Estimates:
    """For each of the five themes: the share with a code in the successful schools, less that in the others, tested.

    Parameters
    ----------
    survey
        Visits that were made (provenance 'observed'), other than those in which the actions were found.
    coded_before_outcome
        Whether each visit's codes were settled before anybody who coded knew whether it was successful. Somebody who
        was there has to say True, or nothing is tested; each result carries it as the assumption
        'coded-before-outcome'.
    code
        'action', 'pitfall' or 'neither'.
    successful
        Which visits count as successful, as for `theme_table`; never by a theme.
    level
        The confidence level of the intervals, between 0 and 1. What is left of it up to 1 is also the risk of any false
        alarm among the five themes, above which words and charts tell none apart (detail `familywise_risk`).
    method
        'boschloo' or 'fisher'; see the notes.
    alternative
        'two-sided', 'greater' (the code is commoner in the successful schools) or 'less'. Choose it before the data.

    Returns
    -------
    Estimates
        One for each theme, in points, with Newcombe's interval (each at the level by itself, always two-sided). The
        details hold the counts (`first` of the successful, `second` of the others), `p_value`, `adjusted_p_value`
        (Holm, over all five: their number is `themes`, also in a part of the table), `test` and `alternative`, the
        half-count odds ratio with its limits, and how many visits were not seen. A theme that was seen in no visit of a
        group has no value; it still counts as one of the five.

    Raises
    ------
    InputError
        Something that is no survey, visits that were not observed, success that is told by a theme, codes that were
        settled after the outcome, a group without any visit, another scale of grades when `successful` is absent, an
        unknown code, method, alternative or level.

    Notes
    -----
    It says where a code was seen more often, never what leads to what: schools that differ in success differ in much
    else. Boschloo's and Fisher's tests are exact where schools are drawn at random. One-sided, Boschloo's is never the
    less powerful; two-sided either may be, so choose before the data. A one-sided test looks for nothing on the other
    side. A large p-value does not show that a theme makes no difference. The five themes are not independent of one
    another, which Holm's correction allows for.

    References
    ----------
    See `exact_p_value`, `half_count_odds_ratio`, `holm` and `proportion_difference`.
    """
    choice("code", code, _CODES)
    test = choice("method", method, _TEST_NAMES)
    looked_for = choice("alternative", alternative, ALTERNATIVES)
    among = require_fresh_visits(survey, successful, coded_before_outcome=coded_before_outcome)
    level = confidence_level(level)
    pairs = _pairs(survey, among, code)
    testable = {title: all(tally.base for tally in pair) for title, pair in pairs.items()}
    p_values = {
        title: exact_p_value(*pair, method=method, alternative=alternative) if testable[title] else None
        for title, pair in pairs.items()
    }
    # One that cannot be tested was meant to be: it stays in the count of five, as if it showed nothing.
    adjusted = dict(zip(pairs, holm([1.0 if p is None else p for p in p_values.values()]), strict=True))
    asked = {
        "test": f"{test}, {alternative}",
        "alternative": alternative,
        "code": code,
        "themes": len(pairs),
        "familywise_risk": round(1 - level, 9),
    }
    return Estimates(
        [
            _tested(*pair, level, asked | {"p_value": p_values[title], "adjusted_p_value": adjusted[title]})
            if testable[title]
            else _untested(*pair, asked)
            for title, pair in pairs.items()
        ],
        caption=f"Share of visits with the code {code}: successful schools less the others",
        show=("first", "second", "not_seen", "group_not_seen", "p_value", "adjusted_p_value", "odds_ratio"),
        value="difference",
        note=f"First: the successful schools; second: the others. P-values: {test}'s exact test, {alternative} "
        f"({looked_for}); adjusted: by Holm over all five themes. Odds ratio: half a visit added to each cell. Each "
        "interval holds by itself. It was taken on trust that the codes were settled before the outcome was known",
    )


def theme_tests_in_words(tests: Estimates) -> Sentence:
    """What the tests of the five themes found, in a sentence that claims no more.

    Parameters
    ----------
    tests
        What `theme_tests` returns.

    Raises
    ------
    InputError
        Anything else.
    """
    require_tests(tests)
    more, fewer = told_apart(tests)
    its, made = tests[0].details, weakest(item.provenance for item in tests)
    compared = len(tests) - not_compared(tests)
    looked_for, not_looked_for = sides(tests)
    parts = [
        f"the code {its['code']} was seen {direction} often in the successful schools for {_listed(titles)}"
        for direction, titles in (("more", more), ("less", fewer))
        if titles
    ] or [f"for none of the {compared} themes was the code {its['code']} seen {looked_for} in the successful schools"]
    text = (
        f"{' and '.join(parts)} by more than chance readily gives ({its['test']}, Holm over {its['themes']}, "
        f"{100 * its['familywise_risk']:.3g}%; {made.value})."
    )
    if not compared:
        text = f"the code {its['code']} was not compared ({made.value})."
    text += f" Whether it was seen {not_looked_for} was not looked for." if compared and not_looked_for else ""
    if missing := not_compared(tests):
        text += f" Not tested, for it was seen in no visit of a group: {missing} theme{'s' * (missing > 1)}."
    text += " That it was seen there more or less often does not say what leads to what, and a smaller difference may "
    text += "be there too."
    return Sentence(told(text[0].upper() + text[1:], made))


def told_apart(tests: Estimates) -> tuple[list[str], list[str]]:
    """The themes whose code was seen more often in the successful schools, and less often, chance held by Holm."""
    found = [
        (item.label, item.value)
        for item in tests
        if item.value and item.details["adjusted_p_value"] <= item.details["familywise_risk"]
    ]
    return [label for label, value in found if value > 0], [label for label, value in found if value < 0]


def sides(tests: Estimates) -> tuple[str, str]:
    """What the tests look for, and what they do not: nothing where they are two-sided."""
    return _SIDES[tests[0].details["alternative"]]


def not_compared(tests: Estimates) -> int:
    """How many themes were seen in no visit of one of the groups."""
    return sum(item.value is None for item in tests)


def require_tests(tests: Estimates) -> None:
    """Refuse what theme_tests() did not give."""
    if not isinstance(tests, Estimates) or not tests or any("familywise_risk" not in item.details for item in tests):
        raise InputError("tests must be what theme_tests() gives")


def require_fresh_visits(survey: Survey, successful: Visits | None, *, coded_before_outcome: bool | None) -> Visits:
    """Which visits count as successful, unless what they have in common cannot be looked for in these data.

    Raises
    ------
    InputError
        Something that is no survey, success that is told by a theme, themes or outcome that are not observed, or codes
        that were settled after the outcome was known.
    """
    of_kind("survey", survey, Survey, SURVEY_MAKERS)
    among = successful_visits(survey) if successful is None else successful
    told_by = sorted({name for condition in any_of(among) for name in condition})
    for name in told_by:
        if name in THEMES:
            raise InputError(
                f"successful must not be told by {name}, for it is one of the themes: the successful visits would have "
                "it and the others not, whatever was seen; tell them by a judgement made apart from the themes"
            )
    columns = [*THEMES, *told_by]
    made = survey.provenance("visits", *columns)
    if made is not Provenance.OBSERVED:
        raise InputError(
            f"the themes of {survey.title!r} can be described and not tested, for they are {made.value}: the actions "
            "were found in the very schools that had been graded successful, or were put into them, so a test would "
            "give back what went in; describe them with theme_table(), and see with noise_differences() what noise "
            "alone would give"
        )
    if coded_before_outcome is not True:
        raise InputError(
            f"coded_before_outcome must be True, not {coded_before_outcome!r}: who codes a visit knowing that it was "
            "successful sees actions there, and a test would count that; code anew without the grades, or describe "
            "with theme_table()"
        )
    return among


def _pairs(survey: Survey, among: Visits, code: str) -> dict[str, tuple[Tally, Tally]]:
    """For each theme the successful visits with a code, and the others; neither group is without any visit."""
    pairs = {
        title: (
            count_visits(survey, [{theme: code}], among=among, label=title),
            count_visits(survey, [{theme: code}], among=among, outside=True, label=title),
        )
        for theme, title in THEMES.items()
    }
    for place, (name, known) in enumerate((("successful", "none"), ("not successful", "all"))):
        if all(pair[place].base + pair[place].not_seen == 0 for pair in pairs.values()):
            raise InputError(
                f"no visit was seen to be {name}, so there is nothing to compare; where {known} of them are "
                "successful, describe them with theme_table()"
            )
    return pairs


def _tested(first: Tally, second: Tally, level: float, details: Mapping[str, object]) -> Estimate:
    difference = proportion_difference(first, second, level=level, label=first.label)
    odds = half_count_odds_ratio(first, second, level=level)
    limits = {"odds_ratio": odds.value, "odds_ratio_low": odds.low, "odds_ratio_high": odds.high}
    return Estimate(
        label=first.label,
        value=difference.value,
        low=difference.low,
        high=difference.high,
        level=level,
        method=difference.method,
        base=difference.base,
        provenance=difference.provenance,
        assumptions=(CODED_FIRST,),
        unit=difference.unit,
        details={**difference.details, **details, **limits},
    )


def _untested(first: Tally, second: Tally, details: Mapping[str, object]) -> Estimate:
    counts = {name: f"{tally.count} of {tally.base}" for name, tally in (("first", first), ("second", second))}
    unseen = {"not_seen": first.not_seen + second.not_seen, "group_not_seen": first.group_not_seen}
    return Estimate(
        label=first.label,
        value=None,
        method=_NOT_SEEN_IN_A_GROUP,
        base=first.base + second.base,
        provenance=first.provenance,
        assumptions=(CODED_FIRST,),
        unit="points",
        details={**counts, **unseen, **details, "p_value": None, "adjusted_p_value": 1.0},
    )


def _listed(titles: list[str]) -> str:
    quoted = [f"'{title}'" for title in titles]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
