"""What the verb self-evaluation does with its files: an .html among them is a form to be written."""

from collections.abc import Sequence
from pathlib import Path

from survey_analysis.errors import InputError
from survey_analysis.self_evaluation.form_pages import write_form
from survey_analysis.self_evaluation.statements import read_statements


def run_self_evaluation(files: Sequence[Path], *, statements: Path | None = None) -> str:
    """Do what the files ask for, and give the sentence that says what was done.

    Raises
    ------
    InputError
        Anything but one file ending in .html; what `write_form` and `read_statements` refuse.
    """
    form = files[0]
    if len(files) > 1 or form.suffix.lower() != ".html":
        found = f"{len(files)} files" if len(files) > 1 else repr(form.name)
        raise InputError(f"self-evaluation writes its form into one file ending in .html, not into {found}; name one")
    page = write_form(form, statements=read_statements(statements))
    return f"The form is in {page}; open it in a browser: {page.as_uri()}"
