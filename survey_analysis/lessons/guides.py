"""What a teacher is told of a lesson's questions: from the lesson itself, so that guide and checks cannot differ."""

from survey_analysis.lessons.questions import Lesson

BEGIN, END = "<!-- from the lesson itself: {} -->", "<!-- so far -->"
"""Between these lines of the guide stands what is made; the rest is written by hand."""


def questions_in_words(lesson: Lesson) -> str:
    """The prediction and the questions of a lesson, each with the wrong answers that have a hint of their own, and why.

    Right answers are left out: they differ by seed, and the solved notebooks show them.
    """
    lines = [BEGIN.format(lesson.name), f"- *Prediction.* {lesson.prediction.asks}"]
    for number, question in enumerate(lesson.questions, start=1):
        options = f" ({' / '.join(question.options)})" if question.options else ""
        lines.append(f"- *Question {number}.* {question.asks}{options}")
        lines += [f"  - wrong: {mistake.hint}" for mistake in question.mistakes]
    return "\n".join([*lines, END])


def with_questions(guide: str, lesson: Lesson) -> str:
    """The guide with what it says of the questions of a lesson made anew; as it is where it says nothing of them."""
    before, begin, rest = guide.partition(BEGIN.format(lesson.name))
    _, end, after = rest.partition(END)
    return f"{before}{questions_in_words(lesson)}{after}" if begin and end else guide
