"""Of a report on new visits the sentences and tables about visits: what was judged, how often, and beside the 59."""

from collections.abc import Hashable, Sequence

import pandas as pd

from survey_analysis.claims import THEMES
from survey_analysis.claims_file import read_claims
from survey_analysis.context import published_tally
from survey_analysis.errors import of_kind
from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally, hidden_estimate, weakest
from survey_analysis.proportions import proportion, proportion_difference, proportion_in_words, share
from survey_analysis.release_counts import OTHERS, SUCCESSFUL
from survey_analysis.releases import MAKERS, Release
from survey_analysis.rendering import HIDDEN, Sentence, Table
from survey_analysis.surveys import NOT_APPLICABLE, NOT_SEEN, Column

_GRADED = ("partnership_use", "value_for_money")
_SUCCESS = "good use of partnerships at good value"


def released_answer(release: Release) -> Sentence:
    """How many of the visits made good use of partnerships at good value, in a sentence.

    Parameters
    ----------
    release
        What `release` gives.

    Raises
    ------
    InputError
        Anything else.
    """
    tally = successful_tally(release)
    if tally is None:
        return Sentence(
            f"{_success(release)}: {HIDDEN} ({release.provenance.value}), for grades of which it is made may be hidden."
        )
    if tally.base == 0:
        return Sentence(f"{tally.label}: in no visit were both grades seen, so there is nothing to count.")
    return proportion_in_words(_estimate(release, tally), of="visits")


def successful_tally(release: Release) -> Tally | None:
    """The visits with good use at good value, of those in which both were seen; None where a count of it is hidden."""
    if release.school_threshold is not None:
        return None
    return _tally(
        release,
        _success(release),
        count=[("success", SUCCESSFUL)],
        base=[("success", SUCCESSFUL), ("success", "no, seen")],
        everybody=[("visits",)],
    )


def _success(release: Release) -> str:
    return f"Use of partnerships and value for money both at least {release.scale.good_in_words!r}"


def released_judgements(release: Release) -> Estimates:
    """The share of the visits with each judgement that was looked for: grades that count as good, and each 'yes'.

    Parameters
    ----------
    release
        What `release` gives.

    Raises
    ------
    InputError
        Anything else.
    """
    of_kind("release", release, Release, MAKERS)
    rows = [_judged(release, name, release.scale.good_or_better) for name in _GRADED]
    rows += [_judged(release, name, ("yes",)) for name, it in release.columns.items() if it.codes[:2] == ("yes", "no")]
    return Estimates(
        rows,
        caption="What was judged, in how many visits",
        show=["count", "not_seen"],
        note=f"A grade counts from {release.scale.good_in_words!r} up",
    )


def _judged(release: Release, name: str, wanted: Sequence[str]) -> Estimate:
    codes = release.columns[name].codes
    label = f"{_called(release, name)}: {' or '.join(wanted).replace('_', ' ')}"
    tally = _tally(
        release,
        label,
        count=[(name, code) for code in wanted],
        base=[(name, code) for code in codes if code not in (NOT_SEEN, NOT_APPLICABLE)],
        everybody=[(name, code) for code in codes if code != NOT_APPLICABLE],
        provenance=release.columns[name].provenance,
    )
    if tally is None:
        return hidden_estimate(label, provenance=release.columns[name].provenance)
    return _estimate(release, tally)


def _called(release: Release, name: str) -> str:
    return release.columns[name].label or name.replace("_", " ")


def _estimate(release: Release, tally: Tally) -> Estimate:
    """A share, with an interval where there are visits enough; without a value where it was seen in none."""
    if tally.base == 0:
        return Estimate(
            label=tally.label,
            value=None,
            method="as counted",
            base=0,
            provenance=tally.provenance,
            details={"count": 0, "not_seen": tally.not_seen},
        )
    return share(tally) if release.is_small else proportion(tally)


def _tally(
    release: Release,
    label: str,
    *,
    count: Sequence[Hashable],
    base: Sequence[Hashable],
    everybody: Sequence[Hashable],
    provenance: Provenance | None = None,
) -> Tally | None:
    """A tally of shown counts; None where one of them is hidden."""
    of_kind("release", release, Release, MAKERS)
    numbers = [_sum(release, labels) for labels in (count, base, everybody)]
    if None in numbers:
        return None
    made = provenance or release.provenance
    counted, seen, all_of_them = (number or 0 for number in numbers)
    return Tally(label=label, count=counted, base=seen, not_seen=all_of_them - seen, provenance=made)


def _sum(release: Release, labels: Sequence[Hashable]) -> int | None:
    counts = [release.schools.shown[label] for label in labels]
    return None if None in counts else sum(count or 0 for count in counts)


def _shown(release: Release, labels: Sequence[Hashable]) -> str:
    number = _sum(release, labels)
    return HIDDEN if number is None else f"{number:,}"


def released_grades(release: Release) -> Table:
    """How many visits had each grade.

    Parameters
    ----------
    release
        What `release` gives.

    Raises
    ------
    InputError
        Anything else.
    """
    of_kind("release", release, Release, MAKERS)
    codes = [*release.scale.grades, NOT_SEEN]
    return Table(
        columns=["grade", *(_called(release, name) for name in _GRADED)],
        rows=[[code.replace("_", " "), *(_shown(release, [(name, code)]) for name in _GRADED)] for code in codes],
        caption=f"Visits by grade ({release.provenance.value})",
        note=f"Provenance: {release.provenance.value}. Scale: {release.scale.title}.",
    )


def released_kinds(release: Release) -> Table:
    """What kind of schools were visited, who taught there, and in which forms they worked together.

    Parameters
    ----------
    release
        What `release` gives.

    Raises
    ------
    InputError
        Anything else.
    """
    of_kind("release", release, Release, MAKERS)
    rows: list[list[str]] = []
    told = [it for name, it in release.columns.items() if _is_kind(name, it)]
    for column in told:
        rows.append([_called(release, column.name)])
        rows += [[code.replace("_", " "), _shown(release, [(column.name, code)])] for code in column.codes]
    made = weakest([release.provenance, *(it.provenance for it in told)]).value
    return Table(
        columns=["what", "visits"],
        rows=rows,
        caption=f"Kinds of schools and of partnerships ({made})",
        note=f"Provenance: {made}. A visit has one phase and one provider, and can have several forms.",
    )


def _is_kind(name: str, column: Column) -> bool:
    """Whether a column tells what there is, and judges nothing."""
    return column.kind in ("code", "codes") and column.codes[:2] != ("yes", "no") and name not in THEMES


def released_comparison(release: Release) -> Estimates | Sentence:
    """The visits beside the 59 of Ofsted's survey, where the scale allows it; else why they are not compared.

    Parameters
    ----------
    release
        What `release` gives.

    Raises
    ------
    InputError
        Anything else.
    """
    tally = successful_tally(release)
    if not release.scale.compared_with_2012:
        return Sentence(f"These visits are not compared with the 59 of 2012. {' '.join(release.scale.reason.split())}")
    if tally is None or tally.base == 0:
        return Sentence("These visits are not compared with the 59 of 2012, for their own number is hidden or nothing.")
    published = published_tally(read_claims()["good-use-and-value"])
    if release.is_small:
        return Sentence(
            f"In these visits {tally.count} of {tally.base} ({tally.provenance.value}), in Ofsted's survey "
            f"{published.count} of {published.base} ({published.provenance.value}) had {_SUCCESS}. So few visits are "
            "not compared further: a difference would be chance before it was anything else."
        )
    return Estimates(
        [proportion_difference(tally, published, label=f"{_SUCCESS}: these visits less the 59 of 2012")],
        caption="These visits beside those of Ofsted's survey",
        show=["first", "second", "not_seen"],
        note="Neither set of schools was drawn at random, and other inspectors graded: no change over time is measured",
    )


def theme_frame(release: Release) -> pd.DataFrame | None:
    """The themes in successful and other visits, in the form of `theme_table`; None where schools are hidden."""
    of_kind("release", release, Release, MAKERS)
    rows = []
    if not _crossed(release):
        return None
    for theme, title in THEMES.items():
        for group in (SUCCESSFUL, OTHERS):
            codes = {code: release.schools.shown[theme, code, group] for code in release.columns[theme].codes}
            counts = {code: count or 0 for code, count in codes.items()}
            base = sum(count for code, count in counts.items() if code != NOT_SEEN)
            made = {"base": base, "provenance": _of_themes(release).value}
            rows.append({"theme": title, "schools": group, **counts, **made})
    return pd.DataFrame(rows)


def _crossed(release: Release) -> bool:
    """Whether themes are counted within successful and other visits: not where schools are hidden."""
    return release.school_threshold is None


def _of_themes(release: Release) -> Provenance:
    return weakest([release.provenance, *(release.columns[theme].provenance for theme in THEMES)])


def released_themes(release: Release) -> Table:
    """How often each theme was coded as action, neither or pitfall, in successful and in other visits.

    Parameters
    ----------
    release
        What `release` gives.

    Raises
    ------
    InputError
        Anything else.
    """
    of_kind("release", release, Release, MAKERS)
    codes = ["action", "neither", "pitfall", NOT_SEEN]
    rows: list[list[str]] = []
    for group, words in {SUCCESSFUL: "successful", OTHERS: "other"}.items() if _crossed(release) else ():
        rows.append([f"{words} visits ({_shown(release, [('success', group)])})"])
        rows += [
            [title, *(_shown(release, [(theme, code, group)]) for code in codes)] for theme, title in THEMES.items()
        ]
    if not rows:
        rows = [[title, *(_shown(release, [(theme, code)]) for code in codes)] for theme, title in THEMES.items()]
    return Table(
        columns=["theme", *(code.replace("_", " ") for code in codes)],
        rows=rows,
        caption=f"The five themes ({_of_themes(release).value})",
        note=f"Provenance: {_of_themes(release).value}. What is seen more often may be chance. "
        f"Successful: {_success(release).lower()}.",
    )
