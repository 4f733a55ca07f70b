"""The verbs of the command line. It reads arguments, calls the package and prints; it computes nothing."""

import argparse
import io
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from survey_analysis.claims_file import read_claims
from survey_analysis.errors import InputError
from survey_analysis.findings import Findings, check_claims
from survey_analysis.resources import DATA, NOTEBOOKS
from survey_analysis.survey_files import load_survey, read_survey
from survey_analysis.surveys import Survey


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="survey-analysis",
        description="Reproduce Ofsted's 2012 survey of music partnerships in 59 schools.",
        epilog="No record of a school was published: visits are reconstructed, pupils and pounds are illustrative.",
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    findings = verbs.add_parser("findings", help="print every published claim beside what the package computes")
    findings.add_argument("--json", action="store_true", help="print a list of objects for programs")
    _add_data(findings)
    findings.set_defaults(verb=_findings)

    reproduce = verbs.add_parser("reproduce", help="run the findings and all notebooks, and write them as pages")
    reproduce.add_argument("--out", type=Path, default=Path("report"), metavar="FOLDER", help="default: report")
    reproduce.add_argument(
        "--notebooks",
        type=Path,
        default=NOTEBOOKS,
        metavar="FOLDER",
        help="notebooks of your own to run",
    )
    _add_data(reproduce)
    reproduce.set_defaults(verb=_reproduce)

    notebooks = verbs.add_parser("notebooks", help="copy the notebooks into a folder of yours, to read and change")
    notebooks.add_argument("folder", type=Path, metavar="FOLDER")
    notebooks.set_defaults(verb=_notebooks)
    return parser


def _add_data(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="read visits.csv, pupil_groups.csv, costs.csv, and claims.toml if it is there, from this folder",
    )


def _read(options: argparse.Namespace) -> tuple[Findings, Survey]:
    folder: Path | None = options.data
    own = folder / "claims.toml" if folder else DATA / "claims.toml"
    survey = read_survey(folder) if folder else load_survey()
    return check_claims(read_claims(own if own.is_file() else None), survey), survey


def _status(findings: Findings) -> int:
    """1 when a claim is not met, and a line for each."""
    for finding in findings.unmet:
        print(f"NOT MET {finding.id}: {finding.discrepancy} ({finding.place})", file=sys.stderr)
    return 1 if findings.unmet else 0


def _findings(options: argparse.Namespace) -> int:
    findings, _ = _read(options)
    print(findings.to_json().rstrip() if options.json else findings)
    return _status(findings)


def _reproduce(options: argparse.Namespace) -> int:
    from survey_analysis.report import write_report  # here, so that `findings` waits for neither plots nor Jupyter

    findings, survey = _read(options)
    print(findings.summary())
    index = write_report(findings, survey, options.out, notebooks=options.notebooks, progress=sys.stderr.isatty())
    print(f"The report is in {index}; open it in a browser: {index.as_uri()}")
    return _status(findings)


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
