"""Where a file may be written: looked at before any work is done, and written whole or not at all."""

import os
import re
import secrets
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from survey_analysis.errors import InputError

_RESERVED = re.compile(  # by Windows, on any disk
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]) *(?:\..*)?",
    re.IGNORECASE,
)


def check_output(path: Path, *, suffix: str, inputs: Sequence[Path] = (), replaces: bool = True) -> Path:
    """The place for a file, whole, if one can be written there.

    Parameters
    ----------
    path
        Where the file is wanted.
    suffix
        How its name must end, such as '.html'.
    inputs
        Files that must not be replaced, under whatever name they are reached.
    replaces
        Whether one that is there already will be replaced; otherwise it is refused.

    Raises
    ------
    InputError
        A folder, another ending, a folder around it that is not there, a name that Windows keeps for itself, a file
        that may not be written, one of the inputs, or one that is there already and will not be replaced.
    """
    try:
        whole = _checked(path, suffix, inputs)
        if not replaces and whole.exists():
            raise InputError(f"{str(path)!r} is there already and is left alone; name another file")
        return whole
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written ({error.strerror}); name another file") from None
    except ValueError:  # of a name with a character that no name can have
        raise InputError(f"{str(path)!r} cannot be the name of a file; choose another") from None


def _checked(path: Path, suffix: str, inputs: Sequence[Path]) -> Path:
    if path.is_dir():
        raise InputError(f"{str(path)!r} is a folder; name a file in it, such as {str(path / f'report{suffix}')!r}")
    if path.suffix.lower() != suffix:
        meant = Path(path.name.strip(" .")).stem
        raise InputError(f"{str(path)!r} must end in {suffix!r}; name it {meant + suffix!r}")
    if _RESERVED.fullmatch(path.name):
        raise InputError(f"{path.name!r} is a name that Windows cannot store; choose another")
    there = path.exists()
    for given in inputs:
        if there and given.exists() and given.samefile(path):
            raise InputError(f"{str(path)!r} is the file that is read, and is never replaced; name another")
    whole = path.resolve()
    if not whole.parent.is_dir():
        raise InputError(f"the folder {str(path.parent)!r} is not there; make it first, or name another")
    if there and not (path.is_file() and os.access(path, os.W_OK) and path.stat().st_mode & stat.S_IWUSR):
        raise InputError(f"{str(path)!r} may not be written; close it elsewhere, allow writing, or name another file")
    if not os.access(whole.parent, os.W_OK):
        raise InputError(f"nothing may be written in the folder {str(path.parent)!r}; name another")
    return whole


def write_aside(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there when it is whole, so that a failure leaves the old one.

    Who may read it stays as it was, or is as for any new file.

    Raises
    ------
    InputError
        A place that cannot be written, or is in use.
    """
    aside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with aside.open("xb") as file:
            file.write(content)
        if path.exists():
            aside.chmod(stat.S_IMODE(path.stat().st_mode))
        aside.replace(path)
    except OSError as error:
        raise InputError(
            f"{str(path)!r} cannot be written ({error.strerror}); close it elsewhere, or name another file"
        ) from None
    finally:
        with suppress(OSError):
            aside.unlink()  # no longer there where all went well
