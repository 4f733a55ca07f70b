"""Notebooks that were handed in, read as data: the answers that stand in them, without running any of their code."""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from survey_analysis.executions import Notebook

ASKING = ("check", "predict")
"""The functions of `lessons` that are given what a student answers; `data` is given the seed."""
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
_BODIES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)  # what is in them need never run


class AsCode:
    """What only running the notebook would tell."""

    def __repr__(self) -> str:
        return "written as code"


AS_CODE = AsCode()


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a call of `check` or `predict` was given: the name of a question or lesson, an answer, and a seed.

    `seed` is None where the call names none; then it is that of the last call of `data` for the lesson.
    """

    function: str
    name: object
    answer: object = None
    seed: object = None


def read_handed_in(notebook: Notebook) -> list[Given]:
    """What a notebook gives to `data`, `check` and `predict`, in order, as far as it is written as numbers or texts.

    A number may be written as a sum, such as 10 / 59. Whatever else stands there is `AS_CODE`, and never run.
    """
    values: dict[str, object] = {}
    given: list[Given] = []
    for statement in _statements(notebook):
        # Within a loop or a branch nobody can tell whether a call is made, or what a name then is.
        certain = isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign)
        calls = [_given(call, values) for call in _calls(statement) if _function(call) in (*ASKING, "data")]
        given += calls if certain else [replace(call, answer=AS_CODE) for call in calls]
        value = _value(statement.value, values) if isinstance(statement, ast.Assign) else AS_CODE
        alone = isinstance(statement, ast.Assign) and all(isinstance(it, ast.Name) for it in statement.targets)
        values |= dict.fromkeys(_bound(statement), value if alone else AS_CODE)
    return given


def source_of(notebook: Notebook) -> int:
    """How much code a notebook holds, in characters."""
    return sum(len(str(cell.source)) for cell in notebook.cells if cell.cell_type == "code")


def _statements(notebook: Notebook) -> Iterator[ast.stmt]:
    """The statements of the cells in order, without magics and shell commands of Jupyter's."""
    for cell in notebook.cells:
        source = str(cell.source) if cell.cell_type == "code" else ""
        if not source.lstrip().startswith("%%"):
            lines = ["" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines()]
            try:
                yield from ast.parse("\n".join(lines)).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls in a statement that run when it does, from the first to the last."""
    if isinstance(tree, _BODIES):
        return
    for child in ast.iter_child_nodes(tree):
        yield from _calls(child)
    if isinstance(tree, ast.Call):
        yield tree


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names to which a statement gives a value."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]


def _function(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _given(call: ast.Call, values: Mapping[str, object]) -> Given:
    named = {it.arg: _value(it.value, values) for it in call.keywords}
    first, second = [*(_value(it, values) for it in call.args[:2]), None, None][:2]
    name = first if call.args else named.get("question", named.get("lesson"))
    answer = second if len(call.args) > 1 else named.get("answer", named.get("prediction"))
    return Given(function=_function(call), name=name, answer=answer, seed=named.get("seed"))


def _value(value: ast.expr, values: Mapping[str, object], depth: int = 0) -> object:
    """What an expression is, if that can be told without running anything."""
    match value:
        case ast.Constant(value=bool() | str() | None | int() | float() as constant):
            return constant
        case ast.Constant(value=constant) if constant is ...:
            return None
        case ast.Name(id=name):
            return values.get(name, AS_CODE)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand) if depth < _DEEPEST:
            factor = -1 if isinstance(sign, ast.USub) else 1
            return _computed(operator.mul, [factor, _value(operand, values, depth + 1)])
        case ast.BinOp(left=left, op=op, right=right) if depth < _DEEPEST and type(op) in _SIGNS:
            return _computed(_SIGNS[type(op)], [_value(it, values, depth + 1) for it in (left, right)])
    return AS_CODE


def _computed(sign: Callable[[float, float], float], parts: Sequence[object]) -> object:
    numbers = [part for part in parts if isinstance(part, int | float)]
    if len(numbers) < len(parts):
        return AS_CODE
    try:
        found = sign(numbers[0], numbers[1])
    except OverflowError:
        return float("inf")
    except (ArithmeticError, ValueError):
        return float("nan")
    return found if isinstance(found, int | float) else AS_CODE
