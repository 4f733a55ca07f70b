"""The verbs of the command line. It reads arguments, calls the package and prints; it computes nothing."""

import argparse
import io
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from survey_analysis.claim_checks import check_claims
from survey_analysis.claims_file import read_claims
from survey_analysis.errors import InputError
from survey_analysis.findings import Findings
from survey_analysis.grade_scales import OF_THE_59, known_scales
from survey_analysis.lexicons import Lexicon, find_lexicon, read_lexicons
from survey_analysis.problems import Problems
from survey_analysis.resources import NOTEBOOKS
from survey_analysis.survey_files import check_survey, load_survey, read_survey


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit status is 0, or 1 with one sentence on what is wrong."""
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a sign shows the rest of the line
    try:
        status = int(options.verb(options))
        sys.stdout.flush()
        return status
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of a pipe has seen enough; Python flushes what is left when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("\nStopped; what was there before is unchanged.", file=sys.stderr)
        return 130


class _Version(argparse.Action):
    """Print the version; looked up only when it is asked for, because the look-up takes time."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(parser.prog, version("survey-analysis"))
        parser.exit()


def _command() -> str:
    """How this was started: by run.py, which says so, or by its own name."""
    return os.environ.get("SURVEY_ANALYSIS_COMMAND", "survey-analysis")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_command(),
        description="Reproduce Ofsted's 2012 survey of music partnerships in 59 schools.",
        epilog="We could find no record of a school: visits are reconstructed, pupils and pounds are invented.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and stop")
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    _add_findings(verbs)
    _add_pages(verbs)
    _add_new_visits(verbs)
    _add_report(verbs)
    _add_self_evaluation(verbs)
    _add_lessons(verbs)
    return parser


def _add_findings(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    findings = verbs.add_parser("findings", help="print every published claim beside what the package computes")
    findings.add_argument("--json", action="store_true", help="print a list of objects for programs")
    findings.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="count in the visits.csv, pupil_groups.csv and costs.csv of this folder; its dictionary.csv and "
        "claims.toml are used if they are there",
    )
    findings.add_argument(
        "--provenance",
        metavar="WORD",
        help="where the data of the folder come from, such as observed; needed if no dictionary.csv there says it",
    )
    findings.add_argument(
        "--lexicon",
        default="plain-english",
        metavar="NAME",
        help="what vague words mean: plain-english (the default), education-scotland, or a TOML file of your own",
    )
    findings.set_defaults(verb=_findings)


def _add_pages(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    reproduce = verbs.add_parser("reproduce", help="run the findings and all notebooks, and write them as pages")
    reproduce.add_argument("--out", type=Path, default=Path("report"), metavar="FOLDER", help="default: report")
    reproduce.add_argument(
        "--notebooks", type=Path, default=NOTEBOOKS, metavar="FOLDER", help="notebooks of your own to run"
    )
    reproduce.set_defaults(verb=_reproduce)

    notebooks = verbs.add_parser("notebooks", help="copy the notebooks into a folder of yours, to read and change")
    notebooks.add_argument("folder", type=Path, metavar="FOLDER")
    notebooks.set_defaults(verb=_notebooks)


def _add_new_visits(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    template = verbs.add_parser("template", help="write an empty workbook for new visits")
    template.add_argument("workbook", type=Path, metavar="WORKBOOK", help="a file ending in .xlsx, not there yet")
    template.add_argument(
        "--scale", default=OF_THE_59, metavar="NAME", help=f"the scale of the grades: {', '.join(known_scales())}"
    )
    template.set_defaults(verb=_template)

    check = verbs.add_parser(
        "check",
        help="say everything that is wrong with new visits, cell by cell",
        epilog="The exit status is 0 if nothing must be mended, 1 if something must, 2 if nothing can be read.",
    )
    check.add_argument("visits", type=Path, metavar="VISITS", help="a workbook, or a folder with the three CSV tables")
    check.add_argument("--annotate", type=Path, metavar="COPY", help="write a copy with a comment on each such cell")
    check.add_argument("--json", action="store_true", help="print a list of objects for programs")
    check.set_defaults(verb=_check)


def _add_report(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    report = verbs.add_parser(
        "report",
        help="analyse new visits and write one page that can be sent on, with small numbers hidden",
        epilog="The exit status is 1 if something must be mended or no page can be written, 2 if nothing can be read.",
    )
    report.add_argument("visits", type=Path, metavar="VISITS", help="a workbook, or a folder with the three CSV tables")
    report.add_argument(
        "--out",
        type=Path,
        default=Path("report.html"),
        metavar="PAGE",
        help="a file ending in .html; default: report.html",
    )
    report.add_argument(
        "--threshold", type=int, default=5, metavar="N", help="hide counts of pupils from 1 to N - 1; default: 5"
    )
    report.add_argument(
        "--school-threshold",
        type=int,
        metavar="N",
        help="the same for counts of schools; default: what the notebook says",
    )
    report.add_argument(
        "--provenance",
        metavar="WORD",
        help="for a folder of tables, where the visits come from, such as observed; a workbook says it itself",
    )
    report.add_argument("--notebook", action="store_true", help="write the notebook with its results beside the page")
    report.set_defaults(verb=_report)


def _add_self_evaluation(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    evaluation = verbs.add_parser(
        "self-evaluation",
        help="write a form on which a school looks at its own partnership, or set its answers side by side",
        epilog="It is no inspection: there is no score, no grade and no ranking.",
    )
    files = "one file ending in .html, not there yet: writes the form; or files of answers that it saved"
    evaluation.add_argument("files", type=Path, nargs="+", metavar="FILE", help=files)
    evaluation.add_argument("--out", type=Path, metavar="FILE", help="the page of the answers, ending in .html")
    evaluation.add_argument("--hub", action="store_true", help="the pattern over schools that consent, not a profile")
    least = "the least number of pupils, with --hub of schools, that is shown (5)"
    evaluation.add_argument("--threshold", type=int, default=5, metavar="N", help=least)
    evaluation.add_argument("--statements", type=Path, metavar="FILE", help="a TOML file with statements of your own")
    evaluation.set_defaults(verb=_self_evaluation)


def _add_lessons(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    lessons = verbs.add_parser("lessons", help="give out the lessons in evaluation methods, and mark them")
    actions = lessons.add_subparsers(required=True, metavar="ACTION")
    copy = actions.add_parser("copy", help="write the notebooks of all lessons, unanswered, into a new folder")
    copy.add_argument("folder", type=Path, metavar="FOLDER")
    copy.add_argument("--seed", type=int, default=0, metavar="N", help="which data they have; default: 0")
    copy.add_argument("--solutions", action="store_true", help="write the solved ones, for the teacher")
    copy.set_defaults(verb=_copy_lessons)

    mark = actions.add_parser(
        "mark",
        help="check the answers in all notebooks of a folder, and write one table",
        epilog="Answers are read as they stand, as numbers and texts; no code of a student is run without --run.",
    )
    mark.add_argument("folder", type=Path, metavar="FOLDER")
    mark.add_argument(
        "--out",
        type=Path,
        default=Path("marks.csv"),
        metavar="TABLE",
        help="a file ending in .csv, not there yet; default: marks.csv",
    )
    mark.add_argument("--run", action="store_true", help="run the notebooks, after asking, and take what they come to")
    mark.add_argument("--yes", action="store_true", help="run them without asking")
    mark.set_defaults(verb=_mark_lessons)


def _status(findings: Findings) -> int:
    """1 when a claim is not met, and a line for each; or when the claims contradict one another, and why."""
    for finding in findings.unmet:
        print(f"NOT MET {finding.id}: {finding.discrepancy} ({finding.place})", file=sys.stderr)
    if findings.contradiction:
        print(findings.contradiction, file=sys.stderr)
    return 1 if findings.unmet or findings.contradiction else 0


def _findings(options: argparse.Namespace) -> int:
    folder: Path | None = options.data
    if folder is None and options.provenance is not None:
        raise InputError("--provenance belongs to --data; name the folder that the data are in")
    survey = read_survey(folder, provenance=options.provenance) if folder else load_survey()
    path = folder / "claims.toml" if folder else None
    claims = read_claims(path) if path and path.is_file() else None
    findings = check_claims(claims, survey, lexicon=_lexicon(options.lexicon))
    print(findings.to_json().rstrip() if options.json else findings)
    return _status(findings)


def _lexicon(name: str) -> Lexicon:
    """A lexicon that travels with the package, by its name, or the one in a file."""
    if not name.endswith(".toml"):
        return find_lexicon(name)
    lexicons = list(read_lexicons(name).values())
    if len(lexicons) != 1:
        held = f"{len(lexicons)} lexicons; leave one of them in it" if lexicons else "no lexicon; write one into it"
        raise InputError(f"{name} holds {held}")
    return lexicons[0]


def _reproduce(options: argparse.Namespace) -> int:
    from survey_analysis.report import write_report  # here, so that `findings` waits for neither plots nor Jupyter

    findings = check_claims()
    index = write_report(findings, options.out, notebooks=options.notebooks, progress=sys.stderr.isatty())
    print(f"{findings.summary()}\nThe report is in {index}; open it in a browser: {index.as_uri()}")
    return _status(findings)


def _template(options: argparse.Namespace) -> int:
    from survey_analysis.workbook_templates import write_template  # here, so that `findings` does not wait for it

    path = write_template(options.workbook, grade_scale=options.scale)
    command = f"{_command()} {shlex.join(['check', str(options.workbook)])}"
    print(f"The workbook is {path}. Its sheet Guidance says how to fill it in; then run: {command}")
    return 0


def _check(options: argparse.Namespace) -> int:
    path: Path = options.visits
    if options.annotate is not None and path.is_dir():
        raise InputError("--annotate marks the cells of a workbook, and this is a folder; leave it out")
    problems = _problems(path)
    if problems is None:
        return 2
    if options.annotate is not None:
        from survey_analysis.workbook_notes import annotate_workbook  # here, so that a plain check does not wait for it

        copy = annotate_workbook(path, problems, options.annotate)
        print(f"A copy with comments is in {copy}", file=sys.stderr)
    print(problems.to_json().rstrip() if options.json else problems)
    return 1 if problems.errors else 0


def _report(options: argparse.Namespace) -> int:
    problems = _problems(options.visits)
    if problems is None:
        return 2
    if problems.errors:
        print(problems.errors, file=sys.stderr)
        return 1
    from survey_analysis.single_pages import write_single_page  # here, so that `check` waits for no Jupyter

    for warning in problems.warnings:
        print(warning, file=sys.stderr)
    names = ("threshold", "school_threshold", "provenance")
    given = {name: getattr(options, name) for name in names}
    page = write_single_page(
        options.visits,
        options.out,
        parameters={name: value for name, value in given.items() if value is not None},
        with_notebook=options.notebook,
        progress=sys.stderr.isatty(),
    )
    print(f"The report is in {page}; open it in a browser: {page.as_uri()}")
    return 0


def _problems(visits: Path) -> Problems | None:
    """What is wrong with visits; nothing, and the reason on the standard error, where they cannot be read at all."""
    try:
        return check_survey(visits)
    except InputError as error:
        print(error, file=sys.stderr)
        return None


def _notebooks(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    targets = {path: folder / path.name for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    for target in targets.values():
        if target.exists():
            raise InputError(f"{str(target)!r} is there already and is left alone; name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, target in targets.items():
            shutil.copy(path, target)
    except OSError as error:
        raise InputError(f"the folder {str(folder)!r} cannot be written ({error.strerror}); name another") from None
    print(f"The notebooks are in {folder}; open them with: jupyter lab {folder}")
    return 0


def _self_evaluation(options: argparse.Namespace) -> int:
    from survey_analysis.self_evaluation.commands import run_self_evaluation  # here, so that `findings` does not wait

    asked = {name: getattr(options, name) for name in ("out", "hub", "statements", "threshold")}
    print(run_self_evaluation(options.files, **asked))
    return 0


def _copy_lessons(options: argparse.Namespace) -> int:
    from survey_analysis.lessons.student_copies import copy_lessons  # here, so that `findings` waits for no Jupyter

    paths = copy_lessons(options.folder, seed=options.seed, solutions=options.solutions)
    print(f"{len(paths)} notebooks with seed {options.seed} are in {options.folder}; open them in JupyterLab.")
    return 0


def _mark_lessons(options: argparse.Namespace) -> int:
    from survey_analysis.lessons.marking import check_marks, mark_lessons, marks_in_words, write_marks

    check_marks(options.out)  # said before anything is run
    if options.run and not options.yes and not _agreed(options.folder):
        print("Nothing was run, and no table was written.", file=sys.stderr)
        return 1
    marked = mark_lessons(options.folder, run=options.run)
    print(f"{marks_in_words(marked)} The table is in {write_marks(marked, options.out)}.")
    return 0


def _agreed(folder: Path) -> bool:
    """Whether somebody at a terminal wants foreign code to run."""
    if not sys.stdin.isatty():
        raise InputError(
            "--run runs code that others wrote, and asks at a terminal first; add --yes where there is none"
        )
    print(
        f"The notebooks in {folder} hold code that others wrote. It will run on this machine with your rights: it "
        "could read, change or send your files. Type yes to run it: ",
        end="",
        flush=True,
        file=sys.stderr,
    )
    return sys.stdin.readline().strip().casefold() == "yes"
