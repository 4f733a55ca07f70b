"""One call, whatever engine holds the table: the same numbers, and never a row that crosses over."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
from sampled_pupils import DIFFICULT, sampled_pupils

import survey_analysis as sa
from survey_analysis.designs import cells

PUPILS = sampled_pupils()
DESIGN = sa.Design(strata="region", clusters="school", weights="weight", population="schools")
AWKWARD = sa.Design(
    strata=DIFFICULT["region"],
    clusters=DIFFICULT["school"],
    weights=DIFFICULT["weight"],
    population=DIFFICULT["schools"],
)


def as_parquet(frame: pd.DataFrame, folder: Path) -> str:
    path = folder / "pupils of 2012.parquet"
    pyarrow.parquet.write_table(pa.Table.from_pandas(frame), path)
    return str(path)


def as_csv(frame: pd.DataFrame, folder: Path) -> Path:
    path = folder / "pupils.csv"
    frame.to_csv(path, index=False)
    return path


ENGINES: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "pandas": lambda frame, _: frame,
    "pandas, categories": lambda frame, _: frame.astype({"region": "category", "group": "category"}),
    "pandas, nullable": lambda frame, _: frame.convert_dtypes(),
    "Polars": lambda frame, _: pl.from_pandas(frame),
    "Polars, categories": lambda frame, _: pl.from_pandas(frame).cast(
        {"group": pl.Categorical, "region": pl.Categorical}
    ),
    "Polars, lazy": lambda frame, _: pl.from_pandas(frame).lazy(),
    "PyArrow": lambda frame, _: pa.Table.from_pandas(frame),
    "DuckDB": lambda frame, _: duckdb.connect().from_df(frame),
    "Parquet": as_parquet,
    "CSV": as_csv,
}


def asked(table: Any, design: sa.Design = DESIGN, names: dict[str, str] | None = None) -> list[sa.Estimates]:
    """Every kind of estimate, by group."""
    at = {name: name for name in DIFFICULT} if names is None else names
    options: dict[str, Any] = {"design": design, "by": at["group"], "label": "it"}
    return [
        sa.survey_proportion(table, at["takes_part"], **options),
        sa.survey_proportion(table, at["grade"], codes=["good", "fair", "poor", "superb"], **options),
        sa.survey_proportion(table, at["takes_part"], among={at["region"]: ["north", "south"]}, **options),
        sa.survey_mean(table, at["hours"], **options),
        sa.survey_mean(table, at["hours"], by=at["region"], label="it"),
        sa.survey_total(table, at["takes_part"], **options),
        sa.survey_ratio(table, at["cost"], at["hours"], **options),
    ]


def assert_alike(found: list[sa.Estimates], expected: list[sa.Estimates]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert [it.label for it in one] == [it.label for it in other]
        assert [it.method for it in one] == [it.method for it in other]
        numbers = ["value", "low", "high", "base", "standard_error", "df", "not_seen", "weighted", "design_effect"]
        frames = [it.to_frame()[numbers].astype(float) for it in (one, other)]
        np.testing.assert_allclose(*frames, rtol=1e-9, atol=1e-12)


EXPECTED = asked(PUPILS)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same(engine: str, tmp_path: Path) -> None:
    assert_alike(asked(ENGINES[engine](PUPILS, tmp_path)), EXPECTED)


@pytest.mark.parametrize("engine", [name for name in ENGINES if "," not in name or "lazy" in name])
def test_any_name_of_a_column_is_safe(engine: str, tmp_path: Path) -> None:
    table = ENGINES[engine](PUPILS.rename(columns=DIFFICULT), tmp_path)
    assert_alike(asked(table, AWKWARD, DIFFICULT), EXPECTED)


@pytest.mark.parametrize("engine", ["pandas", "Polars, lazy", "DuckDB", "Parquet"])
def test_truths_and_whole_numbers_are_outcomes_too(engine: str, tmp_path: Path) -> None:
    for kind in ("bool", "int8"):
        table = ENGINES[engine](PUPILS.astype({"takes_part": kind}), tmp_path)
        [it] = sa.survey_proportion(table, "takes_part", design=DESIGN)
        assert it.value == pytest.approx(sa.survey_proportion(PUPILS, "takes_part", design=DESIGN)[0].value)


@pytest.mark.parametrize("engine", ["pandas", "Polars, lazy", "PyArrow", "DuckDB", "Parquet", "CSV"])
def test_one_row_for_each_cluster_and_domain_comes_over_and_no_more(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crossed: list[int] = []

    def counted(frame: Any) -> Any:
        found = nw.to_native(cells_collected(frame))
        crossed.append(len(found))
        return nw.from_native(found)

    cells_collected = cells.collected
    monkeypatch.setattr(cells, "collected", counted)
    frame = pd.concat([PUPILS] * 20, ignore_index=True)
    sa.survey_proportion(ENGINES[engine](frame, tmp_path), "takes_part", design=DESIGN, by="group")
    assert crossed == [len(PUPILS[["school", "group"]].drop_duplicates())]


@pytest.mark.parametrize("engine", ["pandas", "Polars", "DuckDB"])
def test_an_argument_is_left_as_it_was(engine: str, tmp_path: Path) -> None:
    table = ENGINES[engine](PUPILS.copy(), tmp_path)
    before = nw.to_native(nw.from_native(table)) if engine == "DuckDB" else None
    asked(table)
    if engine == "pandas":
        pd.testing.assert_frame_equal(table, PUPILS)
    elif engine == "Polars":
        assert table.equals(pl.from_pandas(PUPILS))
    else:
        assert before is not None and before.shape == PUPILS.shape


NOT_A_NUMBER: dict[str, Callable[[dict[str, Any], Path], Any]] = {
    "pandas": lambda columns, _: pd.DataFrame(columns),
    "Polars": lambda columns, _: pl.DataFrame(columns),
    "Polars, lazy": lambda columns, _: pl.LazyFrame(columns),
    "PyArrow": lambda columns, _: pa.table(columns),
    "DuckDB": lambda columns, _: duckdb.connect().from_arrow(pa.table(columns)),
    "Parquet": lambda columns, folder: as_file(columns, folder),
    "DuckDB on Parquet": lambda columns, folder: duckdb.connect().read_parquet(as_file(columns, folder)),
}


def as_file(columns: dict[str, Any], folder: Path) -> str:
    pyarrow.parquet.write_table(pa.table(columns), folder / "numbers.parquet")
    return str(folder / "numbers.parquet")


@pytest.mark.parametrize("engine", NOT_A_NUMBER)
def test_what_is_no_number_was_not_seen_whatever_the_engine(engine: str, tmp_path: Path) -> None:
    """As nothing and as "not a number" alike: some engines tell them apart, and DuckDB folds the question away."""
    columns = {"y": np.array([0.0, 1.0, np.nan] * 64), "c": np.array(["a", "b", "c"] * 64)}
    table = NOT_A_NUMBER[engine](columns, tmp_path)
    for it in (sa.survey_mean(table, "y")[0], sa.survey_proportion(table, "y")[0]):
        assert (it.value, it.base, it.details["not_seen"]) == (0.5, 128, 64)
    [it] = sa.survey_proportion(table, "y", codes=1.0)
    assert (it.value, it.base) == (0.5, 128)
    weights = NOT_A_NUMBER[engine]({"w": columns["y"], "y": np.ones(192)}, tmp_path)
    with pytest.raises(sa.InputError, match=r"weights 'w' is empty or no number in (64 rows|a row)"):
        sa.survey_mean(weights, "y", design=sa.Design(weights="w"))


@pytest.mark.parametrize("engine", ["Polars", "Polars, lazy", "PyArrow", "DuckDB", "Parquet"])
def test_a_whole_number_beside_a_gap_stays_a_domain_of_its_own(engine: str, tmp_path: Path) -> None:
    large = 2**53
    table = pa.table({"k": [large, large + 1, None] * 20, "y": [1.5, 10.5, 3.0] * 20})
    native: Any = {"Polars": pl.from_arrow(table), "Polars, lazy": pl.DataFrame(table).lazy()}.get(engine, table)
    if engine in ("DuckDB", "Parquet"):
        pyarrow.parquet.write_table(table, tmp_path / "k.parquet")
        path = str(tmp_path / "k.parquet")
        native = duckdb.connect().read_parquet(path) if engine == "DuckDB" else path
    found = sa.survey_mean(native, "y", by="k")
    assert {it.details["domain"]: it.value for it in found} == {str(large): 1.5, str(large + 1): 10.5}


@pytest.mark.parametrize("engine", ["pandas", "Polars", "Polars, lazy", "PyArrow", "DuckDB"])
def test_a_part_is_looked_at_by_the_kind_of_its_column(engine: str, tmp_path: Path) -> None:
    frame = PUPILS.assign(is_large=PUPILS["cost"] > 300, whole=PUPILS["takes_part"].astype(int))
    table = ENGINES[engine](frame, tmp_path)
    for among in ({"takes_part": [0, 1]}, {"is_large": 1}, {"whole": 1.0}, {"whole": np.array([1])}, {"whole": {1, 0}}):
        assert sa.survey_mean(table, "cost", among=among)[0].base > 0


def test_gaps_as_r_writes_them_are_gaps(tmp_path: Path) -> None:
    frame = PUPILS.assign(takes_part=PUPILS["takes_part"].where(PUPILS["hours"].notna()))
    frame.to_csv(tmp_path / "r.csv", na_rep="NA", index=False)
    [it] = sa.survey_proportion(tmp_path / "r.csv", "takes_part", design=DESIGN)
    [expected] = sa.survey_proportion(frame, "takes_part", design=DESIGN)
    assert it.value == pytest.approx(expected.value) and it.details["not_seen"] == expected.details["not_seen"]


def test_a_path_is_a_name_and_no_pattern(tmp_path: Path) -> None:
    for name, value in (("p1.parquet", 1.0), ("p[1].parquet", 0.25), ("q2.parquet", 1.0), ("q*.parquet", 0.25)):
        pyarrow.parquet.write_table(pa.table({"y": [value] * 4, "x": [1.0, 2.0, 3.0, 4.0]}), tmp_path / name)
    for name in ("p[1].parquet", "q*.parquet"):
        [it] = sa.survey_mean(tmp_path / name, "y")
        assert (it.value, it.base) == (0.25, 4)


def test_a_column_that_is_there_twice_and_a_closed_connection_get_a_sentence() -> None:
    twice = pd.concat([PUPILS, PUPILS[["cost"]]], axis=1)
    with pytest.raises(sa.InputError):
        sa.survey_mean(twice, "hours")
    engine = duckdb.connect()
    relation = engine.from_df(PUPILS)
    engine.close()
    with pytest.raises(sa.InputError, match="could not answer"):
        sa.survey_mean(relation, "hours")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None:
        pytest.skip("Java is not there, so Spark cannot run: install Java 17")
    session = pytest.importorskip("pyspark.sql", reason="pyspark is not installed").SparkSession
    found = (
        session.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.execution.arrow.pyspark.enabled", "false")
        .getOrCreate()
    )
    found.sparkContext.setLogLevel("OFF")
    yield found
    found.stop()


def on_spark(session: Any, frame: pd.DataFrame, folder: Path) -> Any:
    """The frame as Spark reads it from a file, as a cluster would."""
    return session.read.parquet(as_parquet(frame, folder))


def test_spark_gives_the_same(spark: Any, tmp_path: Path) -> None:
    assert_alike(asked(on_spark(spark, PUPILS, tmp_path)), EXPECTED)


def test_any_name_of_a_column_is_safe_on_spark(spark: Any, tmp_path: Path) -> None:
    table = on_spark(spark, PUPILS.rename(columns=DIFFICULT), tmp_path)
    assert_alike(asked(table, AWKWARD, DIFFICULT), EXPECTED)


def test_a_mistake_on_spark_is_told_in_a_sentence(spark: Any, tmp_path: Path) -> None:
    table = on_spark(spark, PUPILS, tmp_path)
    with pytest.raises(sa.InputError, match="did you mean 'school'"):
        sa.survey_proportion(table, "takes_part", design=sa.Design(clusters="schol"))
