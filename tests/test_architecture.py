"""The plan of the house: who may import whom, what no room may hold, and that every door has a sign."""

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest

import survey_analysis as sa

PACKAGE = Path(sa.__file__).parent
ORDER = [
    "first_use",
    "errors",
    "resources",
    "rendering",
    "estimates",
    "readings",
    "claims",
    "claims_file",
    "surveys",
    "grade_scales",
    "problems",
    "sheets",
    "dictionaries",
    "personal_data",
    "cell_values",
    "workbook_layouts",
    "survey_checks",
    "row_checks",
    "outputs",
    "workbook_parts",
    "workbook_files",
    "workbook_sheets",
    "survey_origins",
    "survey_files",
    "resampling",
    "school_errors",
    "proportions",
    "exact_tests",
    "sensitivity",
    "interval_coverage",
    "score_intervals",
    "gaps",
    "strata",
    "stratified_gaps",
    "rank_gaps",
    "csv_tables",
    "prices",
    "pooling",
    "pupil_shares",
    "gap_changes",
    "school_gaps",
    "gap_tests",
    "simulated_coverage",
    "value_for_money",
    "value_criteria",
    "rubrics",
    "cost_bands",
    "cost_effectiveness",
    "themes",
    "theme_comparisons",
    "noise",
    "crisp_sets",
    "truth_tables",
    "raters",
    "coefficients",
    "agreement",
    "planning",
    "designs.specification",
    "designs.sources",
    "designs.measures",
    "designs.cell_keys",
    "designs.cells",
    "designs.domains",
    "designs.units",
    "designs.calibration",
    "designs.influence",
    "designs.linearisation",
    "designs.replication",
    "designs.design_intervals",
    "designs.survey_results",
    "designs.survey_estimates",
    "designs.survey_contrasts",
    "designs",
    "national_samples",
    "context",
    "lexicons",
    "quantities",
    "derivations",
    "events",
    "constraints",
    "programs",
    "count_tables",
    "components",
    "identification",
    "reconstruction",
    "claim_bounds",
    "prior_form",
    "school_classes",
    "count_states",
    "sampling",
    "ensembles",
    "prior_bands",
    "linked_counts",
    "hidden_ranges",
    "suppression_patterns",
    "disclosure",
    "release_counts",
    "releases",
    "release_judgements",
    "release_parts",
    "findings",
    "claim_checks",
    "self_evaluation.answer_files",
    "self_evaluation.statements",
    "self_evaluation.answers",
    "self_evaluation.several_answers",
    "self_evaluation.pupils_and_costs",
    "self_evaluation.profiles",
    "self_evaluation.hub_counts",
    "self_evaluation.hub_patterns",
    "charts.canvas",
    "charts.of_agreement",
    "charts.of_chance",
    "charts.of_cost_effectiveness",
    "charts.of_costs",
    "charts.of_gaps",
    "charts.of_kappas",
    "charts.of_known_truth",
    "charts.of_ranges",
    "charts.of_recipes",
    "charts.of_sensitivity",
    "charts.of_rankings",
    "charts.of_ranks",
    "charts.of_second_looks",
    "charts.of_rubrics",
    "charts.of_self_evaluation",
    "charts.of_shares",
    "charts.of_strata",
    "charts.of_themes",
    "charts.of_releases",
    "charts",
    "explorer",
    "pages",
    "workbook_notes",
    "workbook_styles",
    "workbook_forms",
    "workbook_guidance",
    "workbook_examples",
    "workbook_templates",
    "executions",
    "notebook_parameters",
    "page_guards",
    "page_templates",
    "page_layouts",
    "report",
    "single_pages",
    "self_evaluation.form_pages",
    "self_evaluation.result_pages",
    "self_evaluation.commands",
    "self_evaluation",
    "lessons.questions",
    "lessons.sliders",
    "lessons.answers",
    "lessons.how_many",
    "lessons.did_it_widen",
    "lessons.mix_of_schools",
    "lessons.good_value",
    "lessons.how_many_pupils",
    "lessons.do_actions_work",
    "lessons.do_they_agree",
    "lessons.which_schools",
    "lessons.which_denominator",
    "lessons.worst_schools",
    "lessons.catalogue",
    "lessons.guides",
    "lessons.checking",
    "lessons.student_copies",
    "lessons.handed_in",
    "lessons.marking",
    "lessons",
    "cli",
    "__init__",
    "__main__",
]


def name_of(path: Path) -> str:
    """A module's name within the package; a folder's face bears the folder's name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


FILES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
MAY_DRAW = {
    "self_evaluation.result_pages",
    "report",
    "explorer",
    "lessons.sliders",
    "lessons.did_it_widen",
    "lessons.do_they_agree",
    "lessons.which_schools",
    "__init__",
}
SPEAK_TO_JUPYTER = {"executions", "page_templates", "page_layouts", "explorer", "lessons.sliders"}
LONGEST_FUNCTION = 45  # lines without its docstring
LONGEST_MODULE = 300  # lines of code, without docstrings and blank lines
Function = ast.FunctionDef | ast.AsyncFunctionDef


def imports(tree: ast.Module) -> set[str]:
    """Every module that is imported anywhere in a file, by its full name."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write the whole name in an import"
            module = node.module or ""
            names |= {f"{module}.{alias.name}" for alias in node.names} if module == "survey_analysis" else {module}
    return names


def functions(tree: ast.Module) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def lines_of(function: Function) -> int:
    first = function.body[0]
    has_docstring = ast.get_docstring(function) is not None and first.end_lineno is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def code_lines(module: str) -> int:
    texts = [node.value for node in ast.walk(TREES[module]) if isinstance(node, ast.Expr)]
    prose = {
        line for it in texts if isinstance(it, ast.Constant) for line in range(it.lineno, (it.end_lineno or 0) + 1)
    }
    lines = FILES[module].read_text(encoding="utf-8").splitlines()
    return sum(bool(line.strip()) and number not in prose for number, line in enumerate(lines, start=1))


def test_the_order_names_every_module_once() -> None:
    assert sorted(ORDER) == sorted(TREES)


@pytest.mark.parametrize("module", ORDER)
def test_imports_go_from_later_to_earlier_only(module: str) -> None:
    ours = {name.removeprefix("survey_analysis.") for name in imports(TREES[module]) if name.startswith("survey_ana")}
    assert "survey_analysis" not in ours, "import the module, not its face"
    assert ours <= set(ORDER[: ORDER.index(module)])


@pytest.mark.parametrize("module", ORDER)
def test_only_the_room_that_draws_draws(module: str) -> None:
    plotting = {
        name for name in imports(TREES[module]) if re.match(r"matplotlib|seaborn|survey_analysis\.charts", name)
    }
    if module.split(".")[0] == "charts":
        assert plotting, "a room of charts draws"
        assert "matplotlib.pyplot" not in plotting, "pyplot keeps figures for ever"
    else:
        assert plotting <= ({"survey_analysis.charts"} if module in MAY_DRAW else set())


@pytest.mark.parametrize("module", ORDER)
def test_only_the_rooms_that_run_notebooks_and_lay_out_pages_speak_to_jupyter(module: str) -> None:
    found = {name for name in imports(TREES[module]) if re.match(r"IPython|nb|jupyter|traitlets|jinja2|ipy", name)}
    assert bool(found) is (module in SPEAK_TO_JUPYTER)


@pytest.mark.parametrize("module", ORDER)
def test_no_module_is_a_drawer_for_everything(module: str) -> None:
    assert not re.search(r"util|helper|base|config|common|misc|tools", module)


@pytest.mark.parametrize("module", ORDER)
def test_no_public_function_bears_the_name_of_a_module(module: str) -> None:
    named = [node for node in TREES[module].body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assert module.split(".")[-1] not in {node.name for node in named}


def test_no_exported_name_hides_a_module() -> None:
    assert set(sa.__all__) & set(ORDER) == {"charts"}
    assert inspect.ismodule(sa.charts)


@pytest.mark.parametrize("module", ORDER)
def test_there_is_no_assert_no_print_and_no_bare_except(module: str) -> None:
    for node in ast.walk(TREES[module]):
        line = f"line {getattr(node, 'lineno', 0)}"
        assert not isinstance(node, ast.Assert), f"{line}: input is checked with InputError"
        assert not (isinstance(node, ast.ExceptHandler) and node.type is None), line
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and module != "cli":
            assert node.func.id != "print", f"{line}: only the command line prints"


@pytest.mark.parametrize("module", ORDER)
def test_nothing_global_is_set(module: str) -> None:
    source = FILES[module].read_text(encoding="utf-8")
    assert not re.search(
        r"set_option|options\.(mode|display)|rcParams\[|filterwarnings|simplefilter|random\.seed", source
    )
    assert not any(isinstance(node, ast.Global) for node in ast.walk(TREES[module]))


@pytest.mark.parametrize("module", ORDER)
def test_functions_and_modules_stay_short(module: str) -> None:
    too_long = {it.name: lines_of(it) for it in functions(TREES[module]) if lines_of(it) > LONGEST_FUNCTION}
    assert too_long == {}
    assert code_lines(module) <= LONGEST_MODULE


@pytest.mark.parametrize("module", ORDER)
def test_a_module_begins_with_what_it_is_for(module: str) -> None:
    docstring = ast.get_docstring(TREES[module])
    assert docstring and docstring.splitlines()[0].endswith((".", ":"))


# ------------------------------------------------------------------------------------------------------- docstrings


def test_what_is_imported_later_is_named_alike_in_all_three_places() -> None:
    """For the type checker, for the reader who asks for it, and in the list of what there is."""
    [block] = [it for it in TREES["__init__"].body if isinstance(it, ast.If)]
    typed = {
        alias.name: (node.module or "").removeprefix("survey_analysis.")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed.pop("charts") == "survey_analysis"
    assert typed == sa._LATER
    assert set(typed) | {"charts"} <= set(sa.__all__)


EXPORTED = [name for name in sa.__all__ if inspect.isfunction(getattr(sa, name)) or inspect.isclass(getattr(sa, name))]
DRAWING = [
    name
    for name, it in vars(sa.charts).items()
    if inspect.isfunction(it) and it.__module__.startswith(sa.charts.__name__)
]
FUNCTIONS: dict[str, FunctionType] = {name: getattr(sa, name) for name in EXPORTED if name[0].islower()} | {
    f"charts.{name}": getattr(sa.charts, name) for name in DRAWING
}
SECTIONS = {"Parameters", "Returns", "Raises", "Examples", "Notes", "References"}


def sections(docstring: str) -> dict[str, list[str]]:
    """Section -> its lines."""
    found: dict[str, list[str]] = {"": []}
    lines = docstring.splitlines()
    for line, rule in zip(lines, [*lines[1:], ""], strict=True):
        if re.fullmatch(r"-{3,}", rule):
            found[line] = []
        elif not re.fullmatch(r"-{3,}", line):
            found[list(found)[-1]].append(line)
    return found


@pytest.mark.parametrize("name", [*EXPORTED, *FUNCTIONS])
def test_a_door_has_a_sign(name: str) -> None:
    docstring = inspect.getdoc(FUNCTIONS.get(name) or getattr(sa, name))
    assert docstring
    first = docstring.split("\n\n")[0].replace("\n", " ")
    assert first[0].isupper() or first.startswith("`")
    assert first.endswith((".", ":")), first
    assert set(sections(docstring)) - {""} <= SECTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_explains_what_it_takes(name: str) -> None:
    """Every parameter under Parameters; or an example, or a sibling in backticks whose parameters it shares."""
    function = FUNCTIONS[name]
    docstring = inspect.getdoc(function) or ""
    parameters = list(inspect.signature(function).parameters)
    parts = sections(docstring)
    if "Parameters" in parts:
        heads = [line for line in parts["Parameters"] if line and not line.startswith(" ")]
        assert sorted(it for head in heads for it in head.split(", ")) == sorted(parameters)
    elif parameters:
        sibling = re.search(r"`(\w+)`", docstring)
        known = sibling is not None and sibling.group(1) in FUNCTIONS
        assert "Examples" in parts or known or "Returns" in parts


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_function_raises_of_its_own_is_said(name: str) -> None:
    function = FUNCTIONS[name]
    source = inspect.getsource(function)
    docstring = inspect.getdoc(function) or ""
    if "raise InputError" in source and "Parameters" in sections(docstring):
        assert "InputError" in docstring


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_data_come_first_and_the_rest_by_name(name: str) -> None:
    positional = [it for it in inspect.signature(FUNCTIONS[name]).parameters.values() if it.kind is not it.KEYWORD_ONLY]
    assert len(positional) <= 3
    for it in positional[1:]:
        assert it.default is it.empty or name == "check_claims", "what has a default is given by name"


@pytest.mark.parametrize("module", ORDER[:-1])
def test_a_module_can_be_imported_by_itself(module: str) -> None:
    name = "survey_analysis" if module == "__init__" else f"survey_analysis.{module}"
    assert import_module(name).__doc__
