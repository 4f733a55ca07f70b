"""Notebooks that were handed in, read as data: the answers that stand in them, without running any of their code."""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from survey_analysis.executions import Notebook

_DEEPEST = 50  # of brackets in an answer; nobody writes more
_SIGNS: Mapping[type[ast.operator], Callable[[float, float], float]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.Pow: lambda one, other: float(one) ** float(other),
    }
)


@dataclass(frozen=True)
class AsCode:
    """An answer that only running the notebook would tell."""

    name: str


@dataclass(kw_only=True)
class HandedIn:
    """What stands in a notebook: answers by the names of their questions, predictions and seeds by those of lessons."""

    answers: dict[str, object] = field(default_factory=dict)
    predictions: dict[str, object] = field(default_factory=dict)
    seeds: dict[str, object] = field(default_factory=dict)


def read_handed_in(notebook: Notebook) -> HandedIn:
    """The answers, predictions and seeds of a notebook, as far as they are written as numbers or texts.

    A number may be written as a sum, such as 10 / 59. Whatever else stands there is `AsCode`, and never run.
    """
    found, values = HandedIn(), dict[str, object]()
    for statement in _statements(notebook):
        for call in (it for it in ast.walk(statement) if isinstance(it, ast.Call)):
            _note(found, call, values)
        if isinstance(statement, ast.Assign):
            values |= {name: _value(statement.value, name, values) for name in _names(statement.targets)}
        elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
            values |= {name: AsCode(name) for name in _names([statement.target])}
    return found


def _statements(notebook: Notebook) -> Iterator[ast.stmt]:
    """The statements of the cells in order; a cell that is no Python, such as a magic of Jupyter's, has none."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            try:
                yield from ast.parse(str(cell.source)).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue


def _names(targets: Sequence[ast.expr]) -> list[str]:
    return [it.id for target in targets for it in ast.walk(target) if isinstance(it, ast.Name)]


def _note(found: HandedIn, call: ast.Call, values: Mapping[str, object]) -> None:
    """What a call of lessons.check, lessons.predict or lessons.data tells."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if not call.args or name not in ("check", "predict", "data"):
        return
    of = _value(call.args[0], "", values)
    given = {it.arg: it.value for it in call.keywords}
    if name == "data":
        found.seeds[str(of)] = _value(given["seed"], "seed", values) if "seed" in given else 0
        return
    answer = call.args[1] if len(call.args) > 1 else given.get("answer", given.get("prediction"))
    notes = found.answers if name == "check" else found.predictions
    notes[str(of)] = None if answer is None else _value(answer, _named(answer), values)


def _named(value: ast.expr) -> str:
    return value.id if isinstance(value, ast.Name) else ""


def _value(value: ast.expr, name: str, values: Mapping[str, object], depth: int = 0) -> object:
    """What an expression is, if that can be told without running anything."""
    match value:
        case ast.Constant(value=bool() | str() | None | int() | float() as constant):
            return constant
        case ast.Constant(value=constant) if constant is ...:
            return None
        case ast.Name(id=other) if other in values:
            return values[other]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand) if depth < _DEEPEST:
            factor = -1.0 if isinstance(sign, ast.USub) else 1.0
            return _computed(operator.mul, factor, _value(operand, name, values, depth + 1), name)
        case ast.BinOp(left=left, op=op, right=right) if depth < _DEEPEST and type(op) in _SIGNS:
            one = _value(left, name, values, depth + 1)
            return _computed(_SIGNS[type(op)], one, _value(right, name, values, depth + 1), name)
    return AsCode(name)


def _computed(sign: Callable[[float, float], float], one: object, other: object, name: str) -> object:
    if not (isinstance(one, int | float) and isinstance(other, int | float)):
        return AsCode(name)
    try:
        found = sign(float(one), float(other))
    except (ArithmeticError, ValueError):
        return float("nan")
    return found if isinstance(found, float) else AsCode(name)
