"""What is installed: dependencies in step, one version everywhere, licences in place, and a wheel that stands alone."""

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA_NAMES = {"ortools": "ortools-python", "build": "python-build", "duckdb": "python-duckdb"}
OGL = "Contains public sector information licensed under the Open Government Licence v3.0."
ENVIRONMENT: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def requirements() -> dict[str, SpecifierSet]:
    lines = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
    return {it.name: it.specifier for it in map(Requirement, lines)}


def pins() -> dict[str, list[Requirement]]:
    found: dict[str, list[Requirement]] = {}
    for line in text("constraints.txt").splitlines():
        pin = Requirement(line)
        found.setdefault(pin.name, []).append(pin)
    return found


# -------------------------------------------------------------------------------------------------------- in step


def test_the_conda_environment_has_the_same_packages_with_the_same_bounds() -> None:
    *packages, last = ENVIRONMENT["dependencies"]
    found = {it.name: it.specifier for it in map(Requirement, packages)}
    wanted = {CONDA_NAMES.get(name, name): bounds for name, bounds in requirements().items()}
    assert found == wanted | {"python": SpecifierSet(PROJECT["requires-python"]), "pip": SpecifierSet()}
    assert len(packages) == len(found)
    assert last == {"pip": ["-e ."]}


def test_the_conda_environment_has_the_names_of_conda_forge_and_no_smaller_variants() -> None:
    names = {Requirement(it).name for it in ENVIRONMENT["dependencies"] if isinstance(it, str)}
    assert {"matplotlib", "seaborn"} <= names
    assert not {"matplotlib-base", "seaborn-base"} & names


def test_the_conda_environment_comes_from_conda_forge_alone() -> None:
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]
    assert ENVIRONMENT["name"] == PROJECT["name"]


@pytest.mark.parametrize("name", requirements())
def test_a_dependency_has_a_lower_bound_and_a_pin_that_meets_it(name: str) -> None:
    assert [it.operator for it in requirements()[name] if it.operator != "!="] == [">="]  # and releases known as bad
    assert pins()[name]
    for pin in pins()[name]:
        [exact] = pin.specifier
        assert exact.operator == "==" and "*" not in exact.version
        assert requirements()[name].contains(Version(exact.version))


def test_constraints_are_plain_pins_for_every_machine() -> None:
    lines = text("constraints.txt").splitlines()
    assert len(lines) > 50
    for line in lines:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9.]*(?: ; [A-Za-z_' <>=!.0-9()-]+)?", line), line
    assert lines == sorted(lines, key=lambda line: line.split("==")[0])
    for name, found in pins().items():
        assert len(found) == 1 or all(pin.marker for pin in found), name


def test_what_is_installed_here_is_what_is_pinned() -> None:
    from importlib.metadata import version

    for name in requirements():
        [pin] = [it for it in pins()[name] if it.marker is None or it.marker.evaluate()]
        assert pin.specifier.contains(version(name)), name


def test_what_the_package_imports_is_declared() -> None:
    """Or comes with what is: nbformat, jinja2, markupsafe and traitlets are parts of nbconvert."""
    import ast

    with_nbconvert = {"nbformat", "jinja2", "markupsafe", "traitlets"}
    found = set()
    for path in (ROOT / "survey_analysis").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").split(".")[0])
    outside = found - sys.stdlib_module_names - {"survey_analysis"}
    extras = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *extras["parquet"], *extras["explore"]]
    declared = {Requirement(line).name for line in lines}
    assert outside - with_nbconvert <= declared
    assert declared - outside <= {"jupyterlab"}, "jupyterlab is what readers start"


# ------------------------------------------------------------------------------------------- version and licences


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load(text("CITATION.cff"))
    newest = re.search(r"^## (\S+) \((\d+ \w+ \d{4})\)$", text("CHANGELOG.md"), re.MULTILINE)
    assert newest is not None
    assert PROJECT["version"] == citation["version"] == newest[1]
    assert Version(PROJECT["version"])
    date = citation["date-released"]
    assert f"{date.day} {date:%B} {date.year}" == newest[2]


def test_the_citation_says_what_is_cited() -> None:
    citation = yaml.safe_load(text("CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["license"] == PROJECT["license"] == "MIT"
    assert citation["title"] and citation["authors"] and citation["message"]
    assert citation["references"][0]["number"] == "120282"


def test_the_licence_is_mit() -> None:
    licence = text("LICENSE")
    assert licence.startswith("MIT License\n")
    assert "Permission is hereby granted, free of charge" in licence
    assert 'THE SOFTWARE IS PROVIDED "AS IS"' in licence
    assert PROJECT["license-files"] == ["LICENSE"]


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "data/README.md",
        "data/self_evaluation.toml",
        "survey_analysis/templates/layout.html.j2",
        "survey_analysis/templates/self_evaluation/form.html.j2",
    ],
)
def test_the_open_government_licence_is_named_where_its_information_is_used(name: str) -> None:
    assert OGL in " ".join(text(name).split())


def test_line_endings_are_fixed_whatever_machine_checks_out() -> None:
    lines = [line.split() for line in text(".gitattributes").splitlines()]
    assert ["*", "text=auto", "eol=lf"] in lines
    assert ["*.png", "binary"] in lines


@pytest.mark.parametrize("name", ["uv.lock", "pylock.toml", ".venv/", "/report/", "*.egg-info/", "__pycache__/"])
def test_what_is_made_here_stays_out_of_git(name: str) -> None:
    assert name in text(".gitignore").splitlines()


def test_the_command_is_where_the_project_says() -> None:
    from survey_analysis import cli

    assert PROJECT["scripts"] == {"survey-analysis": "survey_analysis.cli:main"}
    assert callable(cli.main)


# ------------------------------------------------------------------------------------------------------- the wheel


def clean_environment() -> dict[str, str]:
    """Nothing that could lead back to the checkout."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON") and "VIRTUAL" not in name
    }


def run(command: list[str | Path], folder: Path, **options: Any) -> str:
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=clean_environment(), capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == options.get("status", 0), f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as users get it: built from the source distribution, which is built from the checkout."""
    out = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--outdir", out, ROOT], out)
    [found] = out.glob("*.whl")
    assert len(list(out.glob("*.tar.gz"))) == 1
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of an environment into which nothing but the wheel was installed."""
    place = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(place, with_pip=True)
    programs = place / ("Scripts" if os.name == "nt" else "bin")
    run([programs / "python", "-m", "pip", "install", "-c", ROOT / "constraints.txt", wheel], place)
    return programs


@pytest.mark.wheel
def test_the_wheel_holds_data_notebooks_templates_and_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"survey_analysis/{path.relative_to(ROOT).as_posix()}"
        for folder in ("data", "examples", "notebooks")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    } | {
        "survey_analysis/docs/glossary.md",
        *(
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / "survey_analysis").rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        ),
    }
    inside = {name for name in names if ".dist-info/" not in name}
    assert inside == wanted
    assert {"survey_analysis/data/visits.csv", "survey_analysis/notebooks/00-start-here.ipynb"} <= inside
    assert {"survey_analysis/py.typed", "survey_analysis/templates/layout.html.j2"} <= inside
    assert {f"survey_analysis/templates/report/{name}" for name in ("conf.json", "index.html.j2")} <= inside
    assert {f"survey_analysis/templates/self_evaluation/form.{it}" for it in ("html.j2", "css", "js")} <= inside
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.wheel
def test_the_installed_package_uses_its_own_files(installed: Path, tmp_path: Path) -> None:
    code = "from survey_analysis import resources as r; print(r.__file__, r.DATA, r.NOTEBOOKS, sep='\\n')"
    for line in run([installed / "python", "-c", code], tmp_path).splitlines():
        assert Path(line).resolve().is_relative_to(installed.parent.resolve())
        assert not Path(line).resolve().is_relative_to(ROOT)


@pytest.mark.wheel
def test_the_installed_command_prints_the_findings(installed: Path, tmp_path: Path) -> None:
    from survey_analysis.claim_checks import check_claims

    out = run([installed / "survey-analysis", "findings", "--json"], tmp_path)
    assert json.loads(out) == json.loads(check_claims().to_json())
    assert list(tmp_path.iterdir()) == []
    assert run([installed / "survey-analysis", "--version"], tmp_path) == f"survey-analysis {PROJECT['version']}\n"


@pytest.mark.wheel
def test_the_installed_command_makes_the_report(installed: Path, tmp_path: Path) -> None:
    out = run([installed / "survey-analysis", "reproduce", "--out", "r"], tmp_path)
    assert (tmp_path / "r" / "index.html").as_uri() in out
    pages = list((tmp_path / "r").glob("*.html"))
    assert len(pages) == 2 + len(list((ROOT / "notebooks").glob("*.ipynb")))
    drawn = [page for page in pages if page.stem != "glossary"]
    assert all("<figcaption>Provenance: " in page.read_text(encoding="utf-8") for page in drawn)
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


@pytest.mark.wheel
def test_the_installed_command_copies_notebooks_that_run_where_they_are(installed: Path, tmp_path: Path) -> None:
    run([installed / "survey-analysis", "notebooks", "nb"], tmp_path)
    copies = sorted(path.name for path in (tmp_path / "nb").iterdir())
    assert copies == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    run([installed / "survey-analysis", "reproduce", "--notebooks", "nb", "--out", "r"], tmp_path)
    assert len(list((tmp_path / "r" / "notebooks").iterdir())) == len(copies)
