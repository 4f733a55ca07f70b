"""Notebooks read, run from top to bottom in a fresh kernel, and written again. It knows nothing of what they show."""

import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from copy import deepcopy
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from tqdm import tqdm
from traitlets.config import Config

from survey_analysis.errors import InputError

Notebook = NotebookNode

PRIVATE, PARAMETERS = "not-for-sharing", "parameters"
"""The tags of cells that do not go out: what only the holder of the data may see, and what a run was given."""

_TIMEOUT = 300  # seconds for one cell


class FailedCellError(InputError):
    """A cell that fails; `kind` and `told` are the name and the words of its error."""

    def __init__(self, message: str, *, kind: str, told: str) -> None:
        super().__init__(message)
        self.kind, self.told = kind, told


def execute(
    notebook: Notebook,
    name: str,
    *,
    files: Mapping[str, bytes] | None = None,
    first: Sequence[str] = (),
    go_on: bool = False,
    progress: bool = False,
) -> Notebook:
    """Run a notebook from top to bottom in a fresh kernel of this Python, in a folder of its own.

    Parameters
    ----------
    notebook, name
        The notebook, and what it is called in an error.
    files
        What lies in the folder, by relative names; nothing otherwise. So a notebook that is to read a file needs no
        path of this machine, which it could tell.
    first
        Lines of Python that the kernel runs before the notebook, of which nothing stays in it.
    go_on
        Run the cells after one that fails as well, and leave its error in it.
    progress
        Show on the standard error how many cells have run.

    Returns
    -------
    NotebookNode
        A copy with outputs, without times or versions of the machine, so that two runs give the same file.

    Raises
    ------
    InputError
        A cell that fails, with its number and the error in one line.
    """
    notebook = copy_of(notebook)
    cells = sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in notebook.cells)
    with (
        tempfile.TemporaryDirectory() as folder,
        tqdm(desc=name, total=cells, unit="cell", disable=not progress, leave=False) as bar,
    ):
        _put(Path(folder), files or {})
        client = NotebookClient(
            notebook,
            timeout=_TIMEOUT,
            kernel_name="python3",
            record_timing=False,
            allow_errors=go_on,
            resources={"metadata": {"path": folder}},
            extra_arguments=[f"--IPKernelApp.exec_lines={line}" for line in first],
            on_cell_executed=lambda **_: bar.update(),
            # The kernel listens on this machine alone; without this, ipykernel 7 warns of it in every run.
            config=Config({"AsyncKernelManager": {"transport_encryption": "auto"}}),
        )
        try:
            asyncio.run(client.async_execute())  # closes its event loop, which client.execute() leaves open
        except CellExecutionError as error:
            raise _failed(notebook, name, error) from None
        except CellTimeoutError:
            raise InputError(f"{name} failed: a cell ran for more than {_TIMEOUT} seconds") from None
        except DeadKernelError:
            raise InputError(
                f"{name} failed: its Python stopped, perhaps for lack of memory; close programs, try again"
            ) from None
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    return notebook


def execute_all(notebooks: Sequence[Path], *, progress: bool = False) -> dict[Path, Notebook]:
    """`execute` the notebooks side by side, one on each core, in the order in which they were given."""
    read = {path: read_notebook(path) for path in notebooks}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        running = {pool.submit(execute, notebook, path.name): path for path, notebook in read.items()}
        done = {}
        try:
            for future in tqdm(
                as_completed(running),
                "notebooks",
                total=len(running),
                unit="notebook",
                disable=not progress,
                leave=False,
            ):
                done[running[future]] = future.result()
        finally:
            for future in running:
                future.cancel()
    return {path: done[path] for path in notebooks}


def read_notebook(path: Path) -> Notebook:
    """A notebook from its file.

    Raises
    ------
    InputError
        A file that is not there, or is no notebook.
    """
    try:
        notebook: Notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError):
        raise InputError(f"{str(path)!r} cannot be read as a notebook; correct it, or move it elsewhere") from None
    return notebook


def copy_of(notebook: Notebook) -> Notebook:
    """A notebook that can be changed without the one that it was made from."""
    copy: Notebook = nbformat.from_dict(deepcopy(notebook))
    return copy


def code_cell(source: str) -> Notebook:
    """A cell of code, to be put into a notebook."""
    cell: Notebook = nbformat.v4.new_code_cell(source)
    return cell


def notebook_text(notebook: Notebook) -> str:
    """A notebook as the text of its file."""
    text: str = nbformat.writes(notebook)
    return text.rstrip("\n") + "\n"


def _put(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def _failed(notebook: Notebook, name: str, error: CellExecutionError) -> FailedCellError:
    """The error for the cell that holds one; cells are counted from 1, those of words among them."""
    number = next(
        (
            number
            for number, cell in enumerate(notebook.cells, start=1)
            if any(output.output_type == "error" for output in cell.get("outputs", []))
        ),
        len(notebook.cells),  # an error that cannot be written down is in none of them
    )
    told = error.evalue.strip()
    last = told.splitlines()[-1] if told else "no message"
    return FailedCellError(f"{name} failed in cell {number}: {error.ename}: {last}", kind=error.ename, told=told)
