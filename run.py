"""Runs one of the project's commands; Python 3.11 or newer is all that must be there.

    python3 run.py reproduce        the published statements beside what the analyses give
    python3 run.py lab              the notebooks, in JupyterLab; what follows goes to JupyterLab
    python3 run.py test             the tests; what follows goes to pytest
    python3 run.py COMMAND ...      any other: template, check and report for new visits, findings, notebooks;
                                    COMMAND --help explains it

On Windows write py instead of python3. The first run makes a folder .venv beside this file and puts the packages that
constraints.txt names into it, with uv where that is installed and with pip otherwise. Later runs start at once. Nothing
else on the machine is changed: to remove everything, delete .venv.
"""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

# An old Python must get as far as the sentence that turns it away: no syntax here that 3.6 cannot read.
VERSION = sys.version_info[:3]
WINDOWS = os.name == "nt"
FILE = Path(__file__).resolve()
HERE = FILE.parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
STAMP = VENV / "made-by-run.txt"
# A file's tests, and a notebook's cells, stay together and in order; more processes than four ask for much memory.
SIDE_BY_SIDE = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]
UNFINISHED = "unfinished\n"


def main(arguments: "list[str]") -> int:
    """Run the command that the arguments name and return its exit status."""
    if VERSION < (3, 11):
        found = ".".join(map(str, VERSION))
        sys.exit(f"This needs Python 3.11 or newer, not {found}: install a newer one, for example from python.org.")
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    try:
        prepare()
        return execute(*inner_command(arguments))
    except OSError as error:
        sys.exit(
            f"Cannot use {error.filename or HERE} ({error.strerror or error}): put the whole project into a folder "
            "that you may write to, close what still runs from its .venv, and run the same command there."
        )
    except KeyboardInterrupt:
        tell("\nStopped before the set-up was finished, and nothing half-made is kept: run the same command again.")
        return 130


def tell(sentence: str) -> None:
    """Say it where it does not mix with the output of the command."""
    print(sentence, file=sys.stderr, flush=True)


def prepare() -> None:
    """Make .venv what it should be; most often it is so already."""
    wanted = wanted_stamp()
    if outdated(wanted):
        with FILE.open("rb") as file:  # the lock is on this very file, and ends with whoever holds it
            take_turn(file.fileno())
            reason = outdated(wanted)  # again: another run may just have made it
            if reason:
                make_venv(wanted, reason, file.fileno())


def wanted_stamp() -> str:
    """What a finished .venv was made from. The folder counts because an editable install breaks when it is moved."""
    files = ("pyproject.toml", "constraints.txt")
    facts = {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in files}
    facts["the version of Python"] = sys.implementation.name + " " + ".".join(map(str, VERSION))
    facts["the project's folder"] = str(HERE)
    return "".join(f"{name}: {fact}\n" for name, fact in facts.items())


def outdated(wanted: str) -> str:
    """Why .venv must be made, as a clause; empty when it need not be."""
    try:
        found = STAMP.read_text("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return "there is none yet"
    if found == wanted:
        return "" if PYTHON.exists() else "the Python that it was made with is gone"
    if found.count("\n") != wanted.count("\n"):
        return "the last set-up was not finished"
    changed = [line.split(":")[0] for line in wanted.splitlines() if line not in found.splitlines()]
    return " and ".join(changed) + " changed"


def take_turn(lock: int) -> None:
    """Wait until no other run holds the lock, so that two runs started at once do not make one .venv."""
    told = False
    while True:
        try:
            if sys.platform == "win32":
                import msvcrt

                os.lseek(lock, 1 << 30, os.SEEK_SET)  # beyond the end: others could not read a locked byte
                return msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
            import fcntl

            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            if not told:
                tell("Another run is setting up .venv: waiting for it.")
            told = True
            time.sleep(0.1)
        except OSError:
            return None  # some network folders have no locks; without one is better than not at all


def make_venv(wanted: str, reason: str, lock: int) -> None:
    """Make .venv afresh; on any failure nothing of it is left."""
    ours = VENV.is_dir() and not VENV.is_symlink() and (STAMP.is_file() or not any(VENV.iterdir()))
    if os.path.lexists(VENV) and not ours:  # an empty folder passes: a run killed before it wrote the stamp leaves one
        sys.exit(f"{VENV} was not made by run.py, so it is left as it is: rename or remove it, then run again.")
    uv = shutil.which("uv")
    if not uv and not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit(
            "This Python comes without the module venv or ensurepip, which make .venv: install them (on Debian and "
            "Ubuntu with `sudo apt install python3-venv`), then run the same command again."
        )
    duration = "about 10 seconds with uv" if uv else "a minute or two with pip"
    tell(f"Setting up .venv ({reason}): {duration}, longer on a slow connection.")
    remove_venv()
    try:
        VENV.mkdir(exist_ok=True)
        STAMP.write_text(UNFINISHED)
        for command in installation(uv):
            install(command, lock)
        STAMP.write_text(wanted, "utf-8", "surrogateescape")
    except BaseException:
        with contextlib.suppress(OSError):  # what cannot be removed now has its stamp still, and goes at the next run
            remove_venv()
        raise


def remove_venv() -> None:
    """Remove .venv, and its stamp last: while anything is there, it can be seen to be ours and unfinished."""
    if not VENV.is_dir():
        return
    STAMP.write_text(UNFINISHED)
    for entry in list(VENV.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry != STAMP:
            entry.unlink()
    STAMP.unlink()
    VENV.rmdir()


def installation(uv: "str | None") -> "list[list[str]]":
    """The commands that fill .venv, run in the project's folder."""
    # Started from .venv itself, sys.executable is about to be removed: make the new one with the Python behind it.
    base = getattr(sys, "_base_executable", None) or sys.executable
    packages = ["-c", "constraints.txt", "-e", ".[test]"]
    if uv:
        return [
            [uv, "venv", "--allow-existing", "--python", base, str(VENV)],
            [uv, "pip", "install", "--python", str(PYTHON), *packages],
        ]
    return [[base, "-m", "venv", str(VENV)], [str(PYTHON), "-m", "pip", "install", "--no-input", *packages]]


def install(command: "list[str]", lock: int) -> None:
    """Run one of these commands quietly; a failure becomes a sentence with the line that tells most."""
    # The installer holds the lock too, so that no run starts afresh beside one that outlived a killed run.py.
    done = subprocess.run(
        command,
        cwd=HERE,
        check=False,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=() if WINDOWS else (lock,),
    )
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()] or ["(nothing)"]
        telling = [line for line in lines if line.startswith("ERROR:")] or lines  # pip's own is not always its last
        sys.exit(
            "The packages could not be installed: check the connection or the proxy, and that the disk is not full, "
            f"then run the same command again.\nThe installer's last word: {telling[-1]}"
        )


def environment() -> "dict[str, str]":
    """What activating .venv would set, without what would make Python or pip look or write elsewhere."""
    elsewhere = ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
    kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
    path = str(PYTHON.parent) + os.pathsep + kept.get("PATH", os.defpath)
    return dict(kept, VIRTUAL_ENV=str(VENV), PATH=path)


def inner_command(arguments: "list[str]") -> "tuple[list[str], Path]":
    """What the Python of .venv is to run, and in which folder."""
    if arguments[0] == "test":
        return ["-m", "pytest", *(arguments[1:] or SIDE_BY_SIDE)], HERE
    if arguments[0] == "lab":
        return ["-m", "jupyterlab", "notebooks", *arguments[1:]], HERE
    # In the user's folder, for the files that they name; -P, so that a random.py there is not imported.
    return ["-P", "-m", "survey_analysis", *arguments], Path()


def execute(arguments: "list[str]", folder: Path) -> int:
    """Run it in place of this process, or beside it on Windows, where that cannot be done."""
    command = [str(PYTHON), *arguments]
    os.chdir(folder)
    ours = dict(environment(), SURVEY_ANALYSIS_COMMAND="py run.py" if WINDOWS else "python3 run.py")
    surroundings = ours if "survey_analysis" in arguments else environment()
    if not WINDOWS:
        os.execve(command[0], command, surroundings)
    with subprocess.Popen(command, env=surroundings) as child:
        while True:
            with contextlib.suppress(KeyboardInterrupt):  # the command hears Ctrl-C as well, and decides
                return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
