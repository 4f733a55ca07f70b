"""The command: what it prints where, with which exit status, and how it tells of what is wrong."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest

import survey_analysis as sa
from survey_analysis import cli
from survey_analysis.claim_checks import check_claims
from survey_analysis.resources import DATA, NOTEBOOKS

COMMAND = [sys.executable, "-m", "survey_analysis"]
SLOW = ("matplotlib", "seaborn", "statsmodels", "scipy.stats", "IPython", "ipykernel", "nbclient", "nbconvert")
NO_FOLDER = "path must be a workbook, or a folder with visits.csv, pupil_groups.csv and costs.csv, not "
PLACES = {"PATH": os.environ.get("PATH", ""), "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}


def run(*arguments: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own, in a folder that has nothing to do with the project."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env={**PLACES, "PYTHONUTF8": "0", "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        timeout=300,
        check=False,
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


@pytest.fixture
def broken(data: Path) -> Path:
    """Data in which one published figure is not met."""
    text = (data / "visits.csv").read_text(encoding="utf-8")
    (data / "visits.csv").write_text(text.replace(",outstanding,", ",good,", 1), encoding="utf-8")
    return data


def one_sentence(text: str) -> str:
    """The text without its line break, after a look that it is prose and no traceback."""
    assert text.endswith("\n") and "\n" not in text.removesuffix("\n"), text
    assert "Traceback" not in text and "Error:" not in text and "Errno" not in text, text
    return text.strip()


# ------------------------------------------------------------------------------------------------------------ findings


def test_findings_are_printed_and_nothing_is_said_beside(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["findings"]) == 0
    out, err = capsys.readouterr()
    assert out == f"{check_claims()}\n"
    assert err == ""


def test_json_is_json_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["findings", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == json.loads(check_claims().to_json())
    assert out.endswith("]\n") and not out.endswith("\n\n")
    assert err == ""


def test_json_of_a_figure_not_met_is_whole_and_the_line_is_on_the_other_stream(tmp_path: Path, broken: Path) -> None:
    done = run("findings", "--json", "--data", str(broken), folder=tmp_path)
    assert done.returncode == 1
    reproduced = {record["id"]: record["reproduced"] for record in json.loads(done.stdout)}
    assert reproduced["grade-outstanding"] == 3
    assert "NOT MET grade-outstanding: 2 of 59 in the tables is 3%, published 5% (" in done.stderr


def test_a_process_of_its_own_prints_the_same_in_every_run(tmp_path: Path) -> None:
    first, second = (run("findings", "--json", folder=tmp_path, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first.returncode == 0 and first.stderr == ""
    assert first.stdout == second.stdout == check_claims().to_json()


def test_data_without_claims_are_held_against_those_of_the_package(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And it is said, before anything else, that other schools need not be as those were."""
    (broken / "claims.toml").unlink()
    (broken / "dictionary.csv").unlink()
    visits = broken / "visits.csv"
    others = re.sub(",(action|pitfall)(?=,)", ",neither", visits.read_text(encoding="utf-8"))
    visits.write_text(others, encoding="utf-8")
    for table, column in (("pupil_groups", "pupils"), ("costs", "amount_gbp")):
        frame = pd.read_csv(broken / f"{table}.csv", dtype={"gcse_entered": "Int64", "gcse_good_grade": "Int64"})
        frame.assign(**{column: frame[column] + 1}).to_csv(broken / f"{table}.csv", index=False)
    assert cli.main(["findings", "--data", str(broken), "--provenance", "observed"]) == 1
    out, err = capsys.readouterr()
    assert "NOT MET grade-outstanding" in err
    assert "; observed; " in out and "made up" not in out
    assert " ".join(out.split()).startswith(
        "This checks whether the visits of 'data' agree with what Ofsted published of its own 59 schools. 'Not met' "
        "says that they differ, and not that anything is wrong with them."
    )


def test_a_folder_without_a_dictionary_needs_to_be_told_its_provenance(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "dictionary.csv").unlink()
    assert cli.main(["findings", "--data", str(data)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert one_sentence(err).startswith(f"provenance must be said for the visits in '{data}', which has no dictionary")


def test_a_provenance_can_be_given_beside_a_dictionary(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not one above what the dictionary says: the shipped visits are no observed ones."""
    assert cli.main(["findings", "--data", str(data), "--provenance", "observed"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and one_sentence(err).startswith("provenance cannot be 'observed', for dictionary.csv in ")
    assert cli.main(["findings", "--data", str(data), "--provenance", "illustrative", "--json"]) == 0
    found = {record["id"]: record["provenance"] for record in json.loads(capsys.readouterr().out)}
    assert found["greater-range"] == found["grade-outstanding"] == "illustrative"
    assert (found["survey-year"], found["tuition-no-guarantee"]) == ("published", "derived")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--provenance", "observed"], "--provenance belongs to --data; name the folder that the data are in"),
        (
            ["--data", str(DATA), "--provenance", "obsrved"],
            "provenance must be one of 'observed', 'published', 'derived', 'reconstructed', 'illustrative', not "
            "'obsrved'; did you mean 'observed'?",
        ),
    ],
)
def test_a_provenance_that_means_nothing_is_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["findings", *arguments]) == 1
    out, err = capsys.readouterr()
    assert (out, one_sentence(err)) == ("", said)


# ------------------------------------------------------------------------------------------------------------ messages


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["findings", "--data", str(tmp_path / "nowhere")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert one_sentence(err) == f"{NO_FOLDER}'{tmp_path / 'nowhere'}'"


def test_a_file_in_place_of_the_folder(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = data / "visits.csv"
    assert cli.main(["findings", "--data", str(file)]) == 1
    assert one_sentence(capsys.readouterr().err) == (
        "visits.csv is one table; name the folder that holds visits.csv, pupil_groups.csv and costs.csv, or open it in "
        "a spreadsheet and save a copy as Excel Workbook (.xlsx)"
    )


@pytest.mark.parametrize("name", ["visits.csv", "pupil_groups.csv", "costs.csv"])
def test_a_table_that_is_missing_is_named(data: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (data / name).unlink()
    assert cli.main(["findings", "--data", str(data)]) == 1
    assert one_sentence(capsys.readouterr().err) == f"{name} is missing in the folder '{data}'; put it there"


def test_a_folder_in_place_of_a_table(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "costs.csv").unlink()
    (data / "costs.csv").mkdir()
    assert cli.main(["findings", "--data", str(data)]) == 1
    assert one_sentence(capsys.readouterr().err).startswith("costs.csv ")


def test_a_wrong_code_is_told_with_line_column_and_repair(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (data / "visits.csv").read_text(encoding="utf-8")
    (data / "visits.csv").write_text(text.replace(",outstanding,", ",oustanding,", 1), encoding="utf-8")
    assert cli.main(["findings", "--data", str(data)]) == 1
    err = one_sentence(capsys.readouterr().err)
    assert err.startswith("visits.csv, line ") and ", partnership_use: the code must be one of 'outstanding'" in err
    assert err.endswith("not 'oustanding'; did you mean 'outstanding'?")


def test_bad_claims_are_told_with_claim_and_field(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (data / "claims.toml").read_text(encoding="utf-8")
    (data / "claims.toml").write_text(text.replace("percent = 54\n", "percent = 154\n"), encoding="utf-8")
    assert cli.main(["findings", "--data", str(data)]) == 1
    err = one_sentence(capsys.readouterr().err)
    assert err == "claim 'grade-satisfactory', field 'percent' must be a whole number from 0 to 100, not 154"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["findigs"], "argument COMMAND: invalid choice: 'findigs'"),
        (["reproduce", "--data", "."], "unrecognized arguments: --data"),
        (["findings", "--provenance"], "argument --provenance: expected one argument"),
        (["findings", "--jsno"], "unrecognized arguments: --jsno"),
        (["findings", "--data"], "argument --data: expected one argument"),
        (["notebooks"], "the following arguments are required: FOLDER"),
        (["self-evaluation"], "the following arguments are required: FILE"),
    ],
)
def test_a_call_that_cannot_be_read_has_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    out, err = capsys.readouterr()
    assert stop.value.code == 2
    assert out == "" and said in err and err.startswith("usage: survey-analysis")


@pytest.mark.parametrize("verb", [[], ["findings"], ["reproduce"], ["notebooks"], ["self-evaluation"]])
def test_help_is_help(verb: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main([*verb, "--help"])
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith("usage: survey-analysis")


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"survey-analysis {version('survey-analysis')}\n"


def test_help_names_the_commands_and_says_what_the_data_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("usage: survey-analysis [-h] [--version] COMMAND ...")
    assert all(f" {command} " in said for command in ("findings", "reproduce", "notebooks", "self-evaluation"))
    assert "visits are reconstructed, pupils and pounds are invented" in said


def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "check_claims", stop)
    assert cli.main(["findings"]) == 130
    assert capsys.readouterr().err == "\nStopped; what was there before is unchanged.\n"


def test_a_failure_in_a_process_of_its_own_is_one_sentence_on_standard_error(tmp_path: Path) -> None:
    done = run("reproduce", "--notebooks", "nowhere", folder=tmp_path)
    assert done.returncode == 1
    assert one_sentence(done.stderr) == "there are no notebooks in the folder 'nowhere'; name one that has some"
    assert not (tmp_path / "report").exists()


# ----------------------------------------------------------------------------------------- pipes and other encodings


@pytest.mark.skipif(os.name == "nt", reason="there is no head and no SIGPIPE on Windows")
@pytest.mark.parametrize("arguments", [["findings"], ["findings", "--json"], ["notebooks", "copies"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_seen_enough_gets_no_traceback(tmp_path: Path, arguments: list[str], unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=tmp_path,
        env={**PLACES, "PYTHONUNBUFFERED": unbuffered},
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=300,
        check=False,
    )
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 0


@pytest.fixture
def foreign(data: Path) -> Path:
    """Claims with signs that neither ASCII nor Windows code pages have."""
    text = (data / "claims.toml").read_text(encoding="utf-8")
    old = '"Inspectors visited 59 schools."'
    assert old in text
    (data / "claims.toml").write_text(text.replace(old, '"£5 Zoë → 59 schools 音"'), encoding="utf-8")
    return data


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "utf-8"])
def test_a_terminal_that_lacks_a_sign_shows_the_rest(tmp_path: Path, foreign: Path, encoding: str) -> None:
    done = run("findings", "--data", str(foreign), folder=tmp_path, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    assert "59 schools" in done.stdout and "good-use-and-value" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_json_is_the_same_in_every_encoding(tmp_path: Path, foreign: Path, encoding: str) -> None:
    done = run("findings", "--json", "--data", str(foreign), folder=tmp_path, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    statements = {record["id"]: record["statement"] for record in json.loads(done.stdout)}
    assert statements["schools-visited"] == "£5 Zoë → 59 schools 音"


def test_a_message_about_a_folder_with_foreign_signs_is_printed(tmp_path: Path) -> None:
    done = run("findings", "--data", "Zoë 音", folder=tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert one_sentence(done.stderr).startswith(f"{NO_FOLDER}'Zo")


def test_the_notebooks_verb_prints_a_folder_with_foreign_signs(tmp_path: Path) -> None:
    done = run("notebooks", "Zoë 音", folder=tmp_path, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in (tmp_path / "Zoë 音").iterdir()) == [path.name for path in copies()]


# ----------------------------------------------------------------------------------------------------------- notebooks


def copies() -> list[Path]:
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def test_notebooks_are_copied_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "missing" / "mine"
    assert cli.main(["notebooks", str(folder)]) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in copies()
    }
    assert one_sentence(capsys.readouterr().out).endswith(f"jupyter lab {folder}")


def test_a_notebook_that_is_there_is_left_alone_and_no_other_is_copied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / copies()[-1].name
    mine.write_text("mine")
    assert cli.main(["notebooks", str(tmp_path)]) == 1
    assert one_sentence(capsys.readouterr().err) == (
        f"'{mine}' is there already and is left alone; name another folder"
    )
    assert mine.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [mine]


@pytest.mark.parametrize("inside", [False, True])
def test_notebooks_into_a_file_is_a_sentence(tmp_path: Path, inside: bool, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    folder = file / "folder" if inside else file
    assert cli.main(["notebooks", str(folder)]) == 1
    err = one_sentence(capsys.readouterr().err)
    assert err.startswith(f"the folder '{folder}' cannot be written (") and err.endswith("; name another")
    assert file.read_text() == "mine"


# -------------------------------------------------------------------------------------------------------- cold starts

LOADED = (
    "import contextlib, io, sys\n"
    "{code}\n"
    "slow = {slow!r}\n"
    "print(*sorted(name for name in sys.modules if name.startswith('jupyter') or name in slow))"
)
MAIN = "from survey_analysis.cli import main\nwith contextlib.redirect_stdout(io.StringIO()):\n    assert main({}) == 0"


@pytest.mark.parametrize(
    "code",
    [
        MAIN.format(["findings"]),
        MAIN.format(["findings", "--json"]),
        "import survey_analysis",
        "import survey_analysis as sa\nsa.load_survey()",
        "import survey_analysis as sa\nsa.proportion(sa.Tally(label='good', count=10, base=59))",
    ],
    ids=["findings", "findings --json", "import", "load_survey", "proportion"],
)
def test_neither_plots_nor_jupyter_nor_models_are_loaded(tmp_path: Path, code: str) -> None:
    script = LOADED.format(code=code, slow=SLOW)
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [], "")


def test_charts_are_loaded_when_they_are_first_used(tmp_path: Path) -> None:
    code = "import survey_analysis as sa\nassert 'seaborn' not in sys.modules\nassert sa.charts.schools"
    script = LOADED.format(code=code, slow=("matplotlib", "seaborn"))
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["matplotlib", "seaborn"], "")


@pytest.mark.parametrize("name", sa.__all__)
def test_every_name_in_all_is_there(name: str) -> None:
    assert getattr(sa, name) is not None


def test_all_is_without_doubles_and_is_what_is_offered() -> None:
    assert len(set(sa.__all__)) == len(sa.__all__)
    assert dir(sa) == sorted(sa.__all__)
    assert sa.charts is import_module("survey_analysis.charts")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'survey_analysis' has no attribute 'chart'"):
        sa.chart  # noqa: B018
