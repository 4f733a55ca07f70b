"""run.py: what it does on a first run, on the next one, and when something is in the way.

The unit tests replace what starts other programs; the last ones start the real script with a stand-in for uv.
"""

import ast
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "run.py"
NO_ENSUREPIP = (
    "This Python comes without the module venv or ensurepip, which make .venv: install them (on Debian and Ubuntu with "
    "`sudo apt install python3-venv`), then run the same command again."
)
NOT_INSTALLED = (
    "The packages could not be installed: check the connection or the proxy, and that the disk is not full, then run "
    "the same command again.\nThe installer's last word: "
)
STOPPED = "\nStopped before the set-up was finished, and nothing half-made is kept: run the same command again.\n"
WAITING = "Another run is setting up .venv: waiting for it.\n"


def project(folder: Path) -> Path:
    """A folder with run.py and the two files that it reads."""
    folder.mkdir()
    shutil.copy(SCRIPT, folder)
    (folder / "pyproject.toml").write_text("[project]\n")
    (folder / "constraints.txt").write_text("numpy==2.4.6\n")
    return folder


def load(folder: Path) -> Any:
    """The run.py of that folder as a module."""
    spec = importlib.util.spec_from_file_location("run", folder / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class ExecutedError(Exception):
    """In place of the process that would have been replaced."""


@dataclass
class Machine:
    """A loaded run.py with stand-ins for the installer and for the command that it runs at the end."""

    runner: Any
    installed: list[list[str]] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)
    stamps: list[str] = field(default_factory=list)
    executed: list[tuple[list[str], dict[str, str], Path]] = field(default_factory=list)
    failure: "tuple[str, str] | None" = None
    interrupted: bool = False

    @property
    def venv(self) -> Path:
        return Path(self.runner.VENV)

    def install(self, command: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
        self.installed.append(command)
        self.options.append(options)
        self.stamps.append((self.venv / "made-by-run.txt").read_text())
        if "venv" in command:
            self.runner.PYTHON.parent.mkdir()
            self.runner.PYTHON.touch()
        if self.interrupted:
            raise KeyboardInterrupt
        step, output = self.failure or ("", "")
        return subprocess.CompletedProcess(command, int(bool(step) and step in command), output)

    def execute(self, program: str, command: list[str], environment: dict[str, str]) -> None:
        assert program == command[0]
        self.executed.append((command, environment, Path.cwd()))
        raise ExecutedError

    def run(self, *arguments: str) -> "int | str | None":
        """What the process would end with; None where the inner command takes its place."""
        try:
            return int(self.runner.main(list(arguments)))
        except ExecutedError:
            return None
        except SystemExit as end:
            return end.code


@pytest.fixture
def prepare_machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Machine]:
    def prepare(folder: Path, *, uv: "str | None" = "/tools/uv") -> Machine:
        machine = Machine(load(folder))
        monkeypatch.setattr(machine.runner, "WINDOWS", False)
        monkeypatch.setattr(subprocess, "run", machine.install)
        monkeypatch.setattr(os, "execve", machine.execute)
        monkeypatch.setattr(shutil, "which", {"uv": uv}.get)
        return machine

    return prepare


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepare_machine: Callable[..., Machine]) -> Machine:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return prepare_machine(project(tmp_path / "a project"))


def without_uv(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", {}.get)


# --- what an old Python, and somebody who asks for help, gets


def test_an_old_python_can_read_the_file() -> None:
    tree = ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 6))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    annotations = [note for f in functions for note in (f.returns, *(a.annotation for a in f.args.args))]
    assert len(annotations) > 20
    # Quoted, a plain name or None: list[str] and str | None fail on an old Python when the function is defined.
    assert {type(annotation) for annotation in annotations} <= {ast.Name, ast.Constant}


def test_an_old_python_is_turned_away_in_one_sentence(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.runner, "VERSION", (3, 10, 13))
    assert machine.run("test") == (
        "This needs Python 3.11 or newer, not 3.10.13: install a newer one, for example from python.org."
    )
    assert not machine.venv.exists()


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_help_names_the_commands_and_installs_nothing(
    machine: Machine, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert machine.run(*arguments) == 0
    said = capsys.readouterr().out
    assert all(f"python3 run.py {command} " in said for command in ("reproduce", "lab", "test"))
    assert machine.installed == []
    assert machine.executed == []


# --- the first run and the next


def test_the_first_run_installs_with_uv(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.run("reproduce")
    base = getattr(sys, "_base_executable")  # noqa: B009 (mypy does not know it)
    assert machine.installed == [
        ["/tools/uv", "venv", "--allow-existing", "--python", base, str(machine.venv)],
        [
            "/tools/uv",
            "pip",
            "install",
            "--python",
            str(machine.runner.PYTHON),
            "-c",
            "constraints.txt",
            "-e",
            ".[test]",
        ],
    ]
    assert {options["cwd"] for options in machine.options} == {machine.venv.parent}
    assert capsys.readouterr().err == (
        "Setting up .venv (there is none yet): about 10 seconds with uv, longer on a slow connection.\n"
    )


def test_the_first_run_installs_with_pip_where_uv_is_not(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without_uv(machine, monkeypatch)
    machine.run("reproduce")
    python = str(machine.runner.PYTHON)
    assert machine.installed == [
        [getattr(sys, "_base_executable"), "-m", "venv", str(machine.venv)],  # noqa: B009
        [python, "-m", "pip", "install", "--no-input", "-c", "constraints.txt", "-e", ".[test]"],
    ]
    assert "a minute or two with pip" in capsys.readouterr().err


def test_the_second_run_installs_nothing_and_says_nothing(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.run("reproduce")
    capsys.readouterr()
    machine.run("reproduce")
    assert len(machine.installed) == 2
    assert len(machine.executed) == 2
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["constraints.txt"], "constraints.txt changed"),
        (["pyproject.toml"], "pyproject.toml changed"),
        (["constraints.txt", "pyproject.toml"], "pyproject.toml and constraints.txt changed"),
    ],
)
def test_a_changed_file_installs_afresh(
    machine: Machine, capsys: pytest.CaptureFixture[str], names: list[str], reason: str
) -> None:
    machine.run("reproduce")
    (machine.venv / "left over").touch()
    for name in names:
        (machine.venv.parent / name).write_text("something else\n")
    capsys.readouterr()
    machine.run("reproduce")
    assert len(machine.installed) == 4
    assert not (machine.venv / "left over").exists()
    assert capsys.readouterr().err.startswith(f"Setting up .venv ({reason}): about")


def test_another_python_installs_afresh(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.run("reproduce")
    monkeypatch.setattr(machine.runner, "VERSION", (3, 99, 0))
    machine.run("reproduce")
    assert len(machine.installed) == 4
    assert "Setting up .venv (the version of Python changed): " in capsys.readouterr().err


def test_a_moved_project_installs_afresh(
    machine: Machine, prepare_machine: Callable[..., Machine], capsys: pytest.CaptureFixture[str]
) -> None:
    machine.run("reproduce")
    moved = prepare_machine(machine.venv.parent.rename(machine.venv.parent.parent / "moved"))
    moved.run("reproduce")
    assert len(moved.installed) == 2
    assert "Setting up .venv (the project's folder changed): " in capsys.readouterr().err


def test_a_venv_without_its_python_is_made_afresh(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.run("reproduce")
    machine.runner.PYTHON.unlink()
    machine.run("reproduce")
    assert len(machine.installed) == 4
    assert "Setting up .venv (the Python that it was made with is gone): " in capsys.readouterr().err


# --- what is in the way


def test_the_stamp_says_unfinished_until_all_is_installed(machine: Machine) -> None:
    machine.run("reproduce")
    assert machine.stamps == ["unfinished\n", "unfinished\n"]
    assert (machine.venv / "made-by-run.txt").read_text() == machine.runner.wanted_stamp()


@pytest.mark.parametrize("stamp", ["unfinished\n", ""])
def test_an_unfinished_venv_is_made_afresh(machine: Machine, capsys: pytest.CaptureFixture[str], stamp: str) -> None:
    (machine.venv / "lib" / "half").mkdir(parents=True)
    (machine.venv / "made-by-run.txt").write_text(stamp)
    machine.run("reproduce")
    assert len(machine.executed) == 1
    assert not (machine.venv / "lib").exists()
    assert "Setting up .venv (the last set-up was not finished): " in capsys.readouterr().err


def test_an_empty_venv_is_used(machine: Machine) -> None:
    machine.venv.mkdir()
    machine.run("reproduce")
    assert len(machine.executed) == 1


def in_use(path: Path) -> None:
    raise PermissionError(13, "Permission denied", str(path))


def test_a_removal_that_stops_half_way_leaves_the_stamp(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.run("reproduce")

    (machine.venv.parent / "constraints.txt").write_text("something else\n")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", in_use)
        assert "close what still runs from its .venv" in str(machine.run("reproduce"))
    assert (machine.venv / "made-by-run.txt").read_text() == "unfinished\n"
    machine.run("reproduce")
    assert len(machine.executed) == 2


def a_folder(venv: Path) -> None:
    venv.mkdir()
    (venv / "pyvenv.cfg").write_text("home = somewhere\n")


def a_file(venv: Path) -> None:
    venv.write_text("something\n")


def a_link(venv: Path) -> None:
    target = venv.parent / "another"
    target.mkdir()
    (target / "made-by-run.txt").write_text("unfinished\n")
    venv.symlink_to(target)


def a_link_to_nothing(venv: Path) -> None:
    venv.symlink_to(venv.parent / "nothing")


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in files}


@pytest.mark.parametrize("make", [a_folder, a_file, a_link, a_link_to_nothing])
def test_a_venv_of_somebody_else_is_left_as_it_is(machine: Machine, make: Callable[[Path], None]) -> None:
    make(machine.venv)
    before = contents(machine.venv.parent)
    assert machine.run("reproduce") == (
        f"{machine.venv} was not made by run.py, so it is left as it is: rename or remove it, then run again."
    )
    assert contents(machine.venv.parent) == before
    assert os.path.lexists(machine.venv)
    assert machine.installed == []


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_without_ensurepip_and_uv_one_sentence_says_what_to_install(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    without_uv(machine, monkeypatch)
    monkeypatch.setitem(sys.modules, module, None)  # this is how a module is made to be missing
    assert machine.run("test") == NO_ENSUREPIP
    assert not machine.venv.exists()
    assert machine.installed == []


def test_with_uv_ensurepip_is_not_needed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    machine.run("test")
    assert len(machine.executed) == 1


@pytest.mark.parametrize("step", ["venv", "install"])
@pytest.mark.parametrize(
    ("output", "last_word"),
    [
        (
            "WARNING: Retrying\n  ERROR: Could not find a version of x\n  ERROR: No matching distribution found for x\n"
            "error: subprocess-exited-with-error\n\nnote: This error originates from a subprocess\n",
            "ERROR: No matching distribution found for x",
        ),
        (
            "error: Request failed\n  cause: Connection refused (os error 111)\n\n",
            "cause: Connection refused (os error 111)",
        ),
        ("", "(nothing)"),
    ],
)
def test_a_failed_installation_says_so_and_leaves_nothing(
    machine: Machine, step: str, output: str, last_word: str
) -> None:
    machine.failure = (step, output)
    assert machine.run("test") == NOT_INSTALLED + last_word
    assert not machine.venv.exists()
    assert machine.executed == []
    machine.failure = None
    machine.run("test")
    assert len(machine.executed) == 1


def test_a_failure_that_cannot_be_cleared_away_is_still_told(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.failure = ("install", "ERROR: no space left\n")
    monkeypatch.setattr(shutil, "rmtree", in_use)
    assert machine.run("test") == NOT_INSTALLED + "ERROR: no space left"
    assert (machine.venv / "made-by-run.txt").read_text() == "unfinished\n"


def test_ctrl_c_during_the_set_up_leaves_nothing(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.interrupted = True
    assert machine.run("test") == 130
    assert capsys.readouterr().err.endswith(STOPPED)
    assert not machine.venv.exists()
    assert machine.executed == []


def test_a_folder_that_cannot_be_written_gets_a_sentence(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", read_only)
    assert machine.run("test") == (
        f"Cannot use {machine.venv} (Permission denied): put the whole project into a folder that you may write to, "
        "close what still runs from its .venv, and run the same command there."
    )


def test_a_missing_file_is_named(machine: Machine) -> None:
    missing = machine.venv.parent / "constraints.txt"
    missing.unlink()
    said = str(machine.run("test"))
    assert said.startswith(f"Cannot use {missing} (No such file or directory): put the whole project into a folder")


# --- two runs at once


def test_a_run_waits_for_another_and_uses_what_it_made(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    naps = 0

    def nap(_: float) -> None:
        nonlocal naps
        naps += 1
        if naps == 3:
            machine.runner.PYTHON.parent.mkdir(parents=True)
            machine.runner.PYTHON.touch()
            (machine.venv / "made-by-run.txt").write_text(machine.runner.wanted_stamp())
            other.close()

    with (machine.venv.parent / "run.py").open("rb") as other:
        machine.runner.take_turn(other.fileno())
        monkeypatch.setattr(time, "sleep", nap)
        machine.run("test")
    assert naps == 3
    assert capsys.readouterr().err == WAITING
    assert machine.installed == []
    assert len(machine.executed) == 1


def test_ctrl_c_while_waiting_leaves_the_venv_of_the_other_run(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    machine.venv.mkdir()
    (machine.venv / "made-by-run.txt").write_text("unfinished\n")
    with (machine.venv.parent / "run.py").open("rb") as other:
        machine.runner.take_turn(other.fileno())
        monkeypatch.setattr(time, "sleep", interrupt)
        assert machine.run("test") == 130
    assert (machine.venv / "made-by-run.txt").exists()


# --- the inner command


@pytest.mark.parametrize(
    ("arguments", "command", "in_project"),
    [
        (["test"], ["-m", "pytest", "-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"], True),
        (["test", "-k", "a b"], ["-m", "pytest", "-k", "a b"], True),
        (["lab"], ["-m", "jupyterlab", "notebooks"], True),
        (["lab", "--no-browser"], ["-m", "jupyterlab", "notebooks", "--no-browser"], True),
        (["reproduce"], ["-P", "-m", "survey_analysis", "reproduce"], False),
        (["findings", "--help"], ["-P", "-m", "survey_analysis", "findings", "--help"], False),
    ],
)
def test_what_is_run_and_in_which_folder(
    machine: Machine, arguments: list[str], command: list[str], in_project: bool
) -> None:
    here = Path.cwd()
    machine.run(*arguments)
    [(executed, _, folder)] = machine.executed
    assert executed == [str(machine.runner.PYTHON), *command]
    assert folder == (machine.venv.parent if in_project else here)


def test_another_active_environment_leads_nothing_astray(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/another")
    monkeypatch.setenv("PATH", os.pathsep.join(["/another/bin", "/bin"]))
    for name in ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"):
        monkeypatch.setenv(name, "/another")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    machine.run("reproduce")
    environments = [options["env"] for options in machine.options] + [machine.executed[0][1]]
    assert len(environments) == 3
    for environment in environments:
        assert environment["VIRTUAL_ENV"] == str(machine.venv)
        assert environment["PATH"].split(os.pathsep) == [str(machine.runner.PYTHON.parent), "/another/bin", "/bin"]
        assert environment["HTTPS_PROXY"] == "http://proxy.example:3128"
        assert not {"PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"} & set(environment)


def test_on_windows_the_exit_status_and_the_folder_are_passed_on(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine.runner, "WINDOWS", True)
    monkeypatch.setattr(machine.runner, "PYTHON", Path(sys.executable))
    program = (
        "import os, pathlib, sys; "
        "pathlib.Path('written').write_text(sys.argv[1] + ', ' + os.environ['VIRTUAL_ENV'], 'utf-8'); sys.exit(7)"
    )
    assert machine.runner.execute(["-c", program, "a b"], machine.venv.parent) == 7
    assert (machine.venv.parent / "written").read_text("utf-8") == f"a b, {machine.venv}"


def test_on_windows_ctrl_c_is_left_to_the_command(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Child:
        """A command that asks before it stops, as JupyterLab does."""

        def __init__(self, command: list[str], **_: object) -> None:
            self.presses = 2

        def __enter__(self) -> "Child":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def wait(self) -> int:
            self.presses -= 1
            if self.presses >= 0:
                raise KeyboardInterrupt
            return 5

    monkeypatch.setattr(machine.runner, "WINDOWS", True)
    monkeypatch.setattr(subprocess, "Popen", Child)
    assert machine.runner.execute(["-m", "jupyterlab"], machine.venv.parent) == 5


# --- the real script, with a stand-in for uv

UV = """#!/bin/sh
echo "$1" >> "$UV_LOG"
case "$1" in
venv)
    for folder; do :; done
    mkdir -p "$folder/bin"
    printf '#!/bin/sh\\necho "$PWD: $*"\\nexit 7\\n' > "$folder/bin/python"
    chmod +x "$folder/bin/python"
    ;;
pip)
    case "$UV_DOES" in
    fail) echo "error: no route to host" >&2; exit 2 ;;
    kill) kill -9 "$PPID"; until test -e "$UV_LOG.go"; do sleep 0.05; done ;;
    interrupt) kill -INT "$PPID"; exec sleep 60 ;;
    esac
    ;;
esac
"""
posix = pytest.mark.skipif(os.name != "posix", reason="the stand-in for uv is a shell script")


@dataclass
class Shell:
    """A project, a folder to stand in, and a PATH on which the stand-in is found."""

    folder: Path
    elsewhere: Path
    log: Path
    tools: Path

    def start(self, *arguments: str, does: str = "work") -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, str(self.folder / "run.py"), *arguments],
            cwd=self.elsewhere,
            env={"PATH": f"{self.tools}:/bin:/usr/bin", "UV_LOG": str(self.log), "UV_DOES": does},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, does: str = "work") -> tuple[int, str, str]:
        with self.start(*arguments, does=does) as process:
            out, err = process.communicate(timeout=60)
        return process.returncode, out, err


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(project(tmp_path / "a project"), tmp_path / "elsewhere", tmp_path / "log", tmp_path / "tools")
    shell.elsewhere.mkdir()
    shell.tools.mkdir()
    (shell.tools / "uv").write_text(UV)
    (shell.tools / "uv").chmod(0o755)
    return shell


@posix
def test_two_real_runs(shell: Shell) -> None:
    said = "Setting up .venv (there is none yet): about 10 seconds with uv, longer on a slow connection.\n"
    first = shell.run("findings", "--data", "my visits")
    assert first == (7, f"{shell.elsewhere.resolve()}: -P -m survey_analysis findings --data my visits\n", said)
    assert shell.run("test", "-q") == (7, f"{shell.folder.resolve()}: -m pytest -q\n", "")
    assert shell.log.read_text().split() == ["venv", "pip"]


@posix
def test_a_real_failure_shows_no_traceback(shell: Shell) -> None:
    status, out, err = shell.run("test", does="fail")
    assert (status, out) == (1, "")
    assert err.split("\n", 1)[1] == NOT_INSTALLED + "error: no route to host\n"
    assert not (shell.folder / ".venv").exists()


@posix
def test_a_real_interruption(shell: Shell) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # where it is ignored, children ignore it too
    try:
        status, out, err = shell.run("test", does="interrupt")
    finally:
        signal.signal(signal.SIGINT, before)
    assert (status, out) == (130, "")
    assert err.split("\n", 1)[1] == STOPPED
    assert not (shell.folder / ".venv").exists()


@posix
def test_a_real_run_after_one_that_was_killed_lets_its_installer_end_and_starts_afresh(shell: Shell) -> None:
    assert shell.run("test", does="kill")[0] == -9
    assert (shell.folder / ".venv" / "bin").exists()
    with shell.start("test") as process:
        assert process.stderr is not None
        first_line = process.stderr.readline()
        Path(f"{shell.log}.go").touch()
        _, err = process.communicate(timeout=60)
    assert first_line == WAITING
    assert process.returncode == 7
    assert err.startswith("Setting up .venv (the last set-up was not finished): ")


@posix
def test_two_real_runs_at_once_install_once(shell: Shell) -> None:
    with shell.start("one") as one, shell.start("two") as two:
        outputs = [process.communicate(timeout=60)[0] for process in (one, two)]
    assert (one.returncode, two.returncode) == (7, 7)
    assert [output.split()[-1] for output in outputs] == ["one", "two"]
    assert shell.log.read_text().split() == ["venv", "pip"]
