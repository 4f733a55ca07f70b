"""What the sheet Guidance tells who fills in a workbook: parts, each with lines of a topic, a place and a text."""

from collections.abc import Iterator, Sequence

from survey_analysis.claims import THEMES
from survey_analysis.grade_scales import GradeScale
from survey_analysis.surveys import INVENTED, Dictionary
from survey_analysis.themes import codebook, coding_rules
from survey_analysis.workbook_layouts import TABLE_SHEETS, columns_of_sheet
from survey_analysis.workbook_styles import spoken

Line = tuple[str, str, str]
Part = tuple[str, Sequence[Line]]

HEADINGS = ("Topic", "Where", "What to know")

_STEPS = (
    (
        "What this is",
        "",
        "A workbook for visits to schools that work with partners in music. Filled in, it gives the same analysis as "
        "the 59 schools of Ofsted's survey of 2012, in one report that can be passed on, with small numbers hidden.",
    ),
    ("Step 1", "About", "Choose where the visits come from, and give the survey a title."),
    ("Step 2", "Visits", "A row for each visit. A message tells what a column means when you stand in a cell of it."),
    ("Step 3", "Themes", "A row for each visit, under the same name. What counts as action or pitfall stands below."),
    (
        "Step 4",
        "Pupil groups",
        "Pupils by free school meals, by special educational needs, or by sex: each group counted before the "
        "partnership and after it, four rows for a visit. Each of the three counts every pupil once. May stay empty.",
    ),
    ("Step 5", "Costs", "A row for each source that may bear a cost, 0 where it bore nothing. May stay empty."),
    (
        "Step 6",
        "",
        "Run 'survey-analysis check visits.xlsx', with the name of your file; in the folder of the project write "
        "'python3 run.py' in place of 'survey-analysis'. It lists everything that is missing or cannot be right, with "
        "its cell, and changes nothing. Mend it here and run it again.",
    ),
    (
        "Step 7",
        "",
        "Run 'survey-analysis report visits.xlsx --out report.html'. It writes the report as one file for a browser.",
    ),
)
_RULES = (
    (
        "Names",
        "everywhere",
        "No names of pupils, staff or schools, no pupil numbers (UPN), no email addresses, no dates of birth. The "
        "check reports what looks like them, and does not repeat it.",
    ),
    (
        "Visits",
        "everywhere",
        "Each visit has a short name of your own, such as V01, the same on all sheets. The report shows it.",
    ),
    (
        "Inspectors",
        "Visits",
        "A letter or a short code instead of a name, such as A. Where two inspectors graded a visit, each without "
        "seeing the other's grades, the report says how far they agree.",
    ),
    (
        "Small numbers",
        "Pupil groups",
        "Write them as they are: this workbook stays with you. In the report, small numbers of pupils are hidden, and "
        "so are others from which they could be worked out.",
    ),
    ("Example", "Example", f"Filled-in rows, marked {INVENTED}. They are invented and never read."),
    ("Lists", "Lists", "What can be chosen, column by column. Leave it as it is. Capitals do not matter."),
    (
        "Several answers",
        "Visits",
        "Only 'Partnership forms' takes more than one, with semicolons between them: workshops; performances.",
    ),
)
_WORDS = (
    ("not seen", "", "There was no chance to judge. It is counted apart, and never as 'no'."),
    ("no", "", "A judgement: it was looked at, and it is not so."),
    ("(empty)", "", "Nobody has said anything yet. The check asks about it, except where a cell may stay empty."),
    ("not applicable", "", "The question is not asked of this school. Only where the list has it."),
    ("observed", "About", "The visits were made."),
    ("illustrative", "About", "The visits were made up, for practice or teaching."),
)


def guidance(dictionary: Dictionary, scale: GradeScale) -> Sequence[Part]:
    """The parts of the sheet: what to do, what to keep to, what words mean, the themes, and every column."""
    return (
        ("What to do", _STEPS),
        ("What to keep to", _RULES),
        ("What the words mean", [*_WORDS, *_of_grades(scale)]),
        ("How themes are coded", [*_of_coding(), *_of_themes(dictionary)]),
        ("What each column asks", list(_of_columns(dictionary))),
    )


def _of_grades(scale: GradeScale) -> Iterator[Line]:
    grades = ", ".join(map(spoken, scale.grades))
    compared = "Grades can" if scale.compared_with_2012 else "Grades cannot"
    yield (
        "grades",
        "Visits",
        f"{scale.title}, best first: {grades}. {compared} be set beside those of the 59 schools. {scale.reason}",
    )


def _of_coding() -> Iterator[Line]:
    rules = coding_rules()
    yield "every theme", "Themes", rules["unit"]
    yield "every theme", "in doubt", rules["boundary"]
    yield "every theme", "not seen", _told(rules["not_seen"])


def _of_themes(dictionary: Dictionary) -> Iterator[Line]:
    """The codebook, a line for each code of a theme."""
    for name, theme in zip(THEMES, codebook().to_dict("records"), strict=True):
        column = dictionary["visits"].get(name)
        if column is not None:
            yield column.label, column.sheet, f"{theme['theme']}."
            for code in column.codes:
                yield column.label, spoken(code), _told(str(theme[code]))
            yield column.label, "in doubt", _told(str(theme["boundary"]))


def _of_columns(dictionary: Dictionary) -> Iterator[Line]:
    for table, names in TABLE_SHEETS.items():
        for name in names:
            for column in columns_of_sheet(dictionary, table, name).values():
                yield column.label, name, column.prompt


def _told(text: str) -> str:
    """A text of the codebook in the words of a workbook: codes as they are spoken, tables by their sheets."""
    for table, names in TABLE_SHEETS.items():
        text = text.replace(f"in {table}.csv", f"on the sheet {names[0]}")
    return text.replace("_", " ")
