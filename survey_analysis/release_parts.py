"""The sentences and tables of a report on new visits, each made from what may go out and from nothing else."""

from collections.abc import Hashable

from survey_analysis.errors import of_kind
from survey_analysis.estimates import Provenance, told
from survey_analysis.release_counts import ALL, MEASURES
from survey_analysis.releases import FEWEST, MAKERS, Release
from survey_analysis.rendering import HIDDEN, Sentence, Table
from survey_analysis.surveys import GROUP_WORDS, GROUPS, NOT_APPLICABLE, NOT_SEEN, TIMES

_BY = {"fsm": "By free school meals", "sen": "By special educational needs", "sex": "By sex"}
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
    >>> print(str(released_in_words(release(load_survey())))[:78])
    Invented data. Music partnerships in 59 schools (reconstructed): 59 visits (il
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
        f"{release.title}: {visits} ({release.provenance.value}){when}, graded on the scale '{release.scale.title}'. "
        f"Numbers of pupils below {release.threshold} are hidden and shown as {HIDDEN}, and with them whatever would "
        "give them away; "
        f"{schools}. "
    )
    return Sentence(told(text + _few(release), release.provenance))


def _few(release: Release) -> str:
    if release.number is None:
        return "There are counts and no intervals, which would tell the number of visits."
    if release.is_small:
        return (
            f"With fewer than {FEWEST} visits there are counts and lists and no intervals: what so few schools have in "
            "common says nothing about others."
        )
    return "Intervals are as if the schools had been drawn at random; where they were chosen, they say less."


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
        "the row, whether they took part or not. Before and after are two intakes, "
        "not one intake followed up.",
    )


def _of(count: int | None, pupils: int | None) -> str:
    """A count with its share of the pupils; the share only where both are shown."""
    if count is None:
        return HIDDEN
    if pupils is None or pupils == 0:
        return f"{count:,}"
    return f"{count:,} ({100 * count / pupils:.0f}%)"


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
    pupils = [it for it in release.pupils.hidden if isinstance(it, tuple) and not _is_rest(it)]
    rows = [
        ["pupils", _group(label), f"numbers below {release.threshold}, and what would give them away"]
        for label in pupils
        if label[1] in TIMES
    ]
    rows += [
        ["schools", _words(label), f"numbers below {release.school_threshold}, and what would give them away"]
        for label in release.schools.hidden
        if not _is_rest(label)
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


def _is_rest(label: Hashable) -> bool:
    """Whether a count is what another leaves of its whole, and is hidden with it."""
    last = str(label[-1]) if isinstance(label, tuple) else ""
    return last.startswith("not_") and last not in (NOT_SEEN, NOT_APPLICABLE)


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
