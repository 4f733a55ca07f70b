"""The intervals hold the true share about as often as they say, in small domains too."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def simulation() -> Any:
    """The benchmark of coverage, which the guide's figures come from."""
    spec = importlib.util.spec_from_file_location("design_coverage", ROOT / "benchmarks" / "design_coverage.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["design_coverage"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
def test_intervals_under_a_design_hold_in_small_domains(simulation: Any, share: float) -> None:
    """Of 40 samples, 34 or more hold with a chance of 99.7% where the level is kept."""
    found = simulation.coverage(40, shares=[share])
    assert len(found) == 12
    for row in found:
        assert row.held >= 0.85, row
        assert row.without < 10, row
    exact = [row.held for row in found if row.method == "korn-graubard"]
    assert min(exact) >= 0.9
    widths = {row.domain: row.width for row in found if row.method == "wilson"}
    assert widths["all"] < widths["few pupils"] < 1
