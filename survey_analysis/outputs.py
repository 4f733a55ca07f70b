"""Where a file may be written: looked at before any work is done, and written whole or not at all."""

import os
import re
import stat
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from survey_analysis.errors import InputError

_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)  # by Windows, on any disk


def check_output(path: Path, *, suffix: str, inputs: Sequence[Path] = ()) -> Path:
    """The place for a file, whole, if one can be written there.

    Parameters
    ----------
    path
        Where the file is wanted. One that is there already will be replaced.
    suffix
        How its name must end, such as '.html'.
    inputs
        Files that must not be replaced, under whatever name they are reached.

    Raises
    ------
    InputError
        A folder, another ending, a folder around it that is not there, a name that Windows keeps for itself, a file
        that may not be written, one of the inputs.
    """
    if path.is_dir():
        raise InputError(f"{str(path)!r} is a folder; name a file in it, such as {str(path / f'report{suffix}')!r}")
    if path.suffix.lower() != suffix:
        raise InputError(f"{str(path)!r} must end in {suffix!r}; name it {path.stem + suffix!r}")
    if _RESERVED.fullmatch(path.name) or path.stem.endswith((".", " ")):
        raise InputError(f"{path.name!r} is a name that Windows cannot store; choose another")
    for given in inputs:
        if given.exists() and path.exists() and given.samefile(path):
            raise InputError(f"{str(path)!r} is the file that is read, and is never replaced; name another")
    try:
        whole = path.resolve()
        if not whole.parent.is_dir():
            raise InputError(f"the folder {str(path.parent)!r} is not there; make it first, or name another")
        exists = path.exists()
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written ({error.strerror}); name another file") from None
    if exists and not (path.is_file() and os.access(path, os.W_OK) and path.stat().st_mode & stat.S_IWUSR):
        raise InputError(f"{str(path)!r} may not be written; close it elsewhere, allow writing, or name another file")
    if not os.access(whole.parent, os.W_OK):
        raise InputError(f"nothing may be written in the folder {str(path.parent)!r}; name another")
    return whole


def write_aside(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there when it is whole, so that a failure leaves the old one.

    Raises
    ------
    InputError
        A place that cannot be written, or is in use.
    """
    aside: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.stem[:40]}-", delete=False) as file:
            aside = Path(file.name)
            file.write(content)
        aside.chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
        aside.replace(path)
    except OSError as error:
        raise InputError(
            f"{str(path)!r} cannot be written ({error.strerror}); close it elsewhere, or name another file"
        ) from None
    finally:
        if aside is not None:
            with suppress(OSError):
                aside.unlink()  # no longer there where all went well
