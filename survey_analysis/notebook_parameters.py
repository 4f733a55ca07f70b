"""What a notebook is given before it runs: the plain values in its one cell tagged `parameters`."""

import ast
import math
from collections.abc import Mapping, Sequence

from survey_analysis.errors import InputError, nearest
from survey_analysis.executions import PARAMETERS, Notebook, copy_of

Value = str | int | float | bool | None

_PLAIN = (str, int, float, bool, type(None))
_IN_THE_CELL = "write one plain value a line there, such as threshold = 5"


def with_parameters(notebook: Notebook, values: Mapping[str, Value], *, name: str) -> Notebook:
    """A copy of a notebook in which the parameters have these values; the others keep their own.

    Parameters
    ----------
    notebook, values
        The notebook, and the new values by the names of the parameters.
    name
        What the notebook is called in an error.

    Raises
    ------
    InputError
        A notebook without such a cell, or with several; a cell that holds anything but assignments of plain values; a
        name that is not in it or is there twice; a value that is not plain.
    """
    notebook = copy_of(notebook)
    tagged = [cell for cell in notebook.cells if PARAMETERS in cell.metadata.get("tags", ())]
    if len(tagged) != 1 or tagged[0].cell_type != "code":
        found = "none" if not tagged else f"{len(tagged)}" if len(tagged) > 1 else "one of words"
        raise InputError(f"{name} must have one cell of code tagged {PARAMETERS!r}, and has {found}; tag one")
    [cell] = tagged
    places = _assigned(cell.source, name)
    for parameter, value in values.items():
        if parameter not in places:
            near = nearest(parameter, places)
            hint = f"; did you mean {near!r}?" if near else f"; add a line {parameter} = {value!r} there"
            raise InputError(f"{name} has no parameter {parameter!r} in the cell tagged {PARAMETERS!r}{hint}")
        if type(value) not in _PLAIN or (isinstance(value, float) and not math.isfinite(value)):
            raise InputError(
                f"the parameter {parameter!r} must be a text, a number, True, False or None, not {value!r}"
            )
    cell.source = _replaced(cell.source, {places[parameter]: value for parameter, value in values.items()})
    return notebook


def _assigned(source: str, name: str) -> dict[str, ast.expr]:
    """The values of a cell by the names that they are given."""
    try:
        statements: Sequence[ast.stmt] = ast.parse(source).body
    except (SyntaxError, ValueError):
        raise InputError(f"the cell tagged {PARAMETERS!r} of {name} is no Python; {_IN_THE_CELL}") from None
    places: dict[str, ast.expr] = {}
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=parameter)], value=value) if _is_plain(value):
                if parameter in places:
                    raise InputError(f"{name} gives the parameter {parameter!r} twice; keep one of them")
                places[parameter] = value
            case _:
                line = f"line {statement.lineno} of the cell tagged {PARAMETERS!r} of {name}"
                raise InputError(f"{line} is more than a plain value; {_IN_THE_CELL}")
    return places


def _is_plain(value: ast.expr) -> bool:
    try:
        return type(ast.literal_eval(value)) in _PLAIN
    except (ValueError, TypeError):
        return False


def _replaced(source: str, values: Mapping[ast.expr, Value]) -> str:
    """The source with these values in the places of the old ones, all else as it was, comments among it."""
    lines = source.encode("utf-8").splitlines(keepends=True)  # Python counts columns in bytes
    starts = [sum(map(len, lines[:number])) for number in range(len(lines))]
    text = b"".join(lines)
    for old, value in sorted(values.items(), key=lambda it: (it[0].lineno, it[0].col_offset), reverse=True):
        first = starts[old.lineno - 1] + old.col_offset
        last = starts[(old.end_lineno or old.lineno) - 1] + (old.end_col_offset or 0)
        text = text[:first] + repr(value).encode("utf-8") + text[last:]
    return text.decode("utf-8")
