"""What the sheet Guidance tells who fills in a workbook: lines of a topic and a text."""

from collections.abc import Sequence

from survey_analysis.themes import codebook

_ABOUT_FILLING_IN = (
    ("Visits to music partnerships", ""),
    (
        "What this is",
        "A workbook for visits to schools that work with partners in music. Filled in, it gives the same analysis as "
        "the 59 schools of Ofsted's survey of 2012, in one report that can be passed on, with small numbers hidden.",
    ),
    ("Step 1", "About: choose where the visits come from, and give the survey a title."),
    ("Step 2", "Visits: a row for each visit. A message tells what each column means when you stand in a cell of it."),
    ("Step 3", "Themes: a row for each visit, under the same name. What counts as action and pitfall stands below."),
    (
        "Step 4",
        "Pupil groups: pupils by free school meals, by special educational needs, or by sex, each group counted before "
        "the partnership and after it. Each of the three counts every pupil once. May stay empty.",
    ),
    ("Step 5", "Costs: a row for each source that bore a cost, 0 where it bore nothing. May stay empty."),
    (
        "Step 6",
        "Run: survey-analysis check visits.xlsx. It says everything that is missing or cannot be right, cell by cell. "
        "Then: survey-analysis report visits.xlsx --out report.html",
    ),
    (
        "Not seen, no, empty",
        "'no' is a judgement: it was looked at, and it is not so. 'not seen' is none: there was no chance to judge. An "
        "empty cell is a question that the check will ask. 'not applicable' stands only where a column allows it.",
    ),
    (
        "What must not be here",
        "No names of pupils, staff or schools, no pupil numbers, no email addresses, no dates of birth. Visits and "
        "inspectors have short names of your own, such as V01 and A.",
    ),
    (
        "Small numbers",
        "Write them here as they are: this workbook stays with you. In the report, small numbers of pupils are hidden.",
    ),
    (
        "Second inspector",
        "Where two inspectors graded a visit, each by themselves, the report says how far they agree.",
    ),
    ("Example", "The sheet Example shows filled-in rows. They are invented and never read."),
)


def guidance() -> Sequence[tuple[str, str]]:
    """The lines of the sheet, each a topic and a text; the codebook of the themes at the end."""
    lines = [*_ABOUT_FILLING_IN, ("Themes", "Each visit gets one code for each theme, from what was seen or heard.")]
    for theme in codebook().to_dict("records"):
        lines += [(str(theme["theme"]), f"Action: {theme['action']}")]
        lines += [("", f"Pitfall: {theme['pitfall']}"), ("", f"Neither: {theme['neither']}")]
        lines += [("", f"Not seen: {theme['not_seen']}")]
    return lines
