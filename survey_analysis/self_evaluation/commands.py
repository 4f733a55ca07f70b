"""What the verb self-evaluation does: a form where an .html is named alone, and otherwise a page of the answers."""

from collections.abc import Sequence
from pathlib import Path

from survey_analysis.errors import InputError
from survey_analysis.self_evaluation.form_pages import write_form
from survey_analysis.self_evaluation.several_answers import answer_files
from survey_analysis.self_evaluation.statements import Statements, read_statements


def run_self_evaluation(
    files: Sequence[Path],
    *,
    out: Path | None = None,
    hub: bool = False,
    statements: Path | None = None,
    threshold: int = 5,
) -> str:
    """Do what the files ask for, and give the sentence that says what was done.

    Raises
    ------
    InputError
        A form and answers at once, answers without a page to be written; what the functions behind it refuse.
    """
    forms = [file for file in files if file.suffix.lower() == ".html"]
    asked = read_statements(statements)
    if forms:
        if len(files) > 1 or out is not None or hub:
            raise InputError(
                f"self-evaluation writes a form into one file ending in .html: name {forms[0].name!r} alone; or give "
                "files of answers, and the page for them with --out"
            )
        page = write_form(forms[0], statements=asked)
        return f"The form is in {page}; open it in a browser: {page.as_uri()}"
    if out is None:
        raise InputError(
            "name the page to be written, such as --out profile.html; or, for a new form, one file alone that ends in "
            ".html, such as form.html"
        )
    answers = answer_files([file for it in files for file in _named(it)])
    told, page = _written(answers, out, asked, hub=hub, threshold=threshold)
    return f"{told} The page is {page}; open it in a browser: {page.as_uri()}"


def _written(answers: list[Path], out: Path, asked: Statements, *, hub: bool, threshold: int) -> tuple[str, Path]:
    """What the answers come to, in sentences, and the page that shows it."""
    # Here, so that a form need not wait for what draws and counts.
    from survey_analysis.self_evaluation.hub_patterns import self_evaluation_hub
    from survey_analysis.self_evaluation.profiles import self_evaluation_profile
    from survey_analysis.self_evaluation.result_pages import write_hub_page, write_profile

    if hub:
        pattern = self_evaluation_hub(answers, statements=asked, threshold=threshold)
        return f"{pattern}.", write_hub_page(pattern, out, inputs=answers)
    profile = self_evaluation_profile(answers, statements=asked, threshold=threshold)
    return f"{profile}. {profile.older()}".rstrip(), write_profile(profile, out, inputs=answers)


def _named(file: Path) -> list[Path]:
    """The files that a name stands for, where the shell has left a star in it."""
    try:
        if "*" not in file.name or file.exists():
            return [file]
        found = sorted(file.parent.glob(file.name))
    except (OSError, ValueError):
        found = []
    if not found:
        raise InputError(f"no file is named like {str(file)!r}; name the files that the form saved")
    return found
