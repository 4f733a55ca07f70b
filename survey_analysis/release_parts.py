"""The sentences and tables of a report on new visits, each made from what may go out and from nothing else."""

from collections.abc import Hashable, Sequence

import pandas as pd

from survey_analysis.claims import THEMES
from survey_analysis.claims_file import read_claims
from survey_analysis.context import published_tally
from survey_analysis.errors import of_kind
from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally, hidden_estimate, told, weakest
from survey_analysis.proportions import proportion, proportion_difference, proportion_in_words, share
from survey_analysis.release_counts import ALL, MEASURES, OTHERS, SUCCESSFUL
from survey_analysis.releases import FEWEST, Release
from survey_analysis.rendering import HIDDEN, Sentence, Table
from survey_analysis.surveys import GROUP_WORDS, GROUPS, NOT_APPLICABLE, NOT_SEEN, TIMES

MAKERS = "release()"
_BY = {"fsm": "By free school meals", "sen": "By special educational needs", "sex": "By sex"}
_GRADED = ("partnership_use", "value_for_money")
_SUCCESS = "good use of partnerships at good value"
_MEASURES = ("pupils", *MEASURES)


def released_in_words(release: Release) -> Sentence:
    """What this is: how many visits, when, on which scale, where they come from, and by which rule numbers are hidden.

    Parameters
    ----------
    release
        What `release` gives.

    Raises
    ------
    InputError
        Anything else.

    Examples
    --------
    >>> from survey_analysis.releases import release
    >>> from survey_analysis.survey_files import load_survey
    >>> print(str(released_in_words(release(load_survey())))[:68])
    Invented data. 59 visits (illustrative), September 2011 to July 2012
    """
    of_kind("release", release, Release, MAKERS)
    number = HIDDEN if release.number is None else f"{release.number:,}"
    visits = "1 visit" if release.number == 1 else f"{number} visits"
    months = dict.fromkeys(release.months or ())
    when = f", {' to '.join(months)}" if months else ""
    schools = (
        "numbers of schools are shown, for a school is not a person"
        if release.school_threshold is None
        else f"so are those of schools below {release.school_threshold}"
    )
    text = (
        f"{visits} ({release.provenance.value}){when}, graded on the scale '{release.scale.title}'. Numbers of pupils "
        f"below {release.threshold} are hidden and shown as {HIDDEN}, and with them whatever would give them away; "
        f"{schools}. "
    )
    return Sentence(told(text + _few(release), release.provenance))


def _few(release: Release) -> str:
    if release.is_small:
        return (
            f"With fewer than {FEWEST} visits there are counts and lists and no intervals: what so few schools have in "
            "common says nothing about others."
        )
    return "Intervals are as if the schools had been drawn at random; where they were chosen, they say less."


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
    grade = release.scale.counts_as_good.replace("_", " ")
    return f"Use of partnerships and value for money both at least '{grade}'"


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
        note=f"A grade counts from '{release.scale.counts_as_good.replace('_', ' ')}' up",
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
    counted, seen, all_of_them = (number or 0 for number in numbers)
    return Tally(label=label, count=counted, base=seen, not_seen=all_of_them - seen, provenance=release.provenance)


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


def released_pupils(release: Release) -> Table | Sentence:
    """Pupils by group, before and after: how many, and how many took part, achieved and went on, with their shares.

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
    shown = release.pupils.shown
    if not shown:
        return Sentence("No pupils were counted in these visits.")
    rows: list[list[str]] = []
    for characteristic, groups in GROUPS.items():
        if (characteristic, TIMES[0], ALL, "pupils") not in shown:
            continue
        rows.append([_BY[characteristic]])
        for group in (*groups, ALL):
            for time in TIMES:
                counts = [shown[characteristic, time, group, name] for name in _MEASURES]
                words = "all pupils" if group == ALL else GROUP_WORDS[group]
                parts = [_of(count, counts[0]) for count in counts[1:]]
                rows.append([f"{words}, {time}", _of(counts[0], None), *parts])
    return Table(
        columns=["pupils", *(name.replace("_", " ") for name in _MEASURES)],
        rows=rows,
        caption=f"Pupils, over all visits ({release.pupil_provenance.value})",
        note=f"Provenance: {release.pupil_provenance.value}. {HIDDEN} is a hidden number. Shares are of the pupils of "
        "the row. Before and after are two intakes, not one intake followed up.",
    )


def _of(count: int | None, pupils: int | None) -> str:
    """A count with its share of the pupils; the share only where both are shown."""
    if count is None:
        return HIDDEN
    if pupils is None or pupils == 0:
        return f"{count:,}"
    return f"{count:,} ({100 * count / pupils:.0f}%)"


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
        note=f"Provenance: {_of_themes(release).value}. Described, not tested: what is seen more often may be chance. "
        f"Successful: {_success(release).lower()}.",
    )


def released_hidden(release: Release) -> Table | Sentence:
    """What was hidden, and why; never how many of it are small.

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
    pupils = [it for it in release.pupils.hidden if isinstance(it, tuple) and not str(it[-1]).startswith("not_")]
    rows = [
        ["pupils", _group(label), f"numbers below {release.threshold}, and what would give them away"]
        for label in pupils
        if label[1] in TIMES
    ]
    rows += [
        ["schools", _words(label), f"numbers below {release.school_threshold}, and what would give them away"]
        for label in release.schools.hidden
    ]
    if not rows:
        made = release.provenance.value
        return Sentence(f"Nothing had to be hidden: no number ({made}) is small, and none can be worked out.")
    return Table(
        columns=["of", "number", "why"],
        rows=rows,
        caption=f"What is hidden ({release.provenance.value})",
        note="Which of these numbers are small, and which are hidden beside them, is not told, for that would help to "
        "work them out. For each it was proved that what is shown leaves several numbers open. Provenance: "
        f"{release.provenance.value}.",
    )


def _group(label: tuple[Hashable, ...]) -> str:
    """Which pupils a count is of, in words."""
    characteristic, time, group, measure = map(str, label)
    if characteristic not in GROUPS:
        return f"visits {group}, {time}: {measure.replace('_', ' ')}"
    return f"{_BY[characteristic].lower()}: {GROUP_WORDS.get(group, 'all pupils')}, {time}: {measure.replace('_', ' ')}"


def _words(label: Hashable) -> str:
    parts = label if isinstance(label, tuple) else (label,)
    return ", ".join(str(part).replace("_", " ") for part in parts)


def limits_in_words(release: Release) -> Sentence:
    """What the numbers of a report do not mean.

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
    made = release.provenance
    form = "" if made is Provenance.OBSERVED else "They were not made: they show a form. "
    return Sentence(
        f"Of these visits ({made.value}) alone. {form}Nothing here says that a partnership, or anything that a school "
        "did, led to anything. Before and after are two intakes of pupils. Visits that were chosen stand for no other "
        "schools. Do not set this report beside another of some of the same visits: the difference of two tables can "
        "give away what neither shows."
    )
