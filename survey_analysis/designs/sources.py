"""Tables where they lie: a data frame of any engine, or a file that DuckDB reads; nothing is loaded here."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from glob import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import narwhals as nw
import numpy as np
import pandas as pd

from survey_analysis.errors import InputError, nearest

Frame = nw.LazyFrame[Any] | nw.DataFrame[Any]
_READERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    ".parquet": ("read_parquet", {}),
    # Nothing, or as R writes it; all rows are looked at before a column is taken for numbers.
    ".csv": ("read_csv", {"na_values": ["", "NA", "NaN"], "sample_size": -1}),
}
_ENGINES = frozenset({"narwhals", "duckdb", "_duckdb", "polars", "pyarrow", "pyspark", "py4j"})
_FRAMES = "a data frame of pandas, Polars, PyArrow, DuckDB or Spark, or a path to a Parquet or CSV file"
# A file is read and nothing else: no extension of the engine is fetched for it.
_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


@contextmanager
def opened(table: object) -> Iterator[Frame]:
    """A table as narwhals sees it, for as long as it is asked.

    Raises
    ------
    InputError
        What is no table, a path that is remote, not there, of another kind or that cannot be read, or an engine that is
        not installed.
    """
    if isinstance(table, (str, Path)):
        with _read(str(table)) as frame:
            yield frame
        return
    try:
        with engine_errors():
            frame = nw.from_native(table)
    except TypeError:
        raise InputError(f"table must be {_FRAMES}, not {type(table).__name__}") from None
    if not isinstance(frame, (nw.LazyFrame, nw.DataFrame)):
        raise InputError(f"table must be {_FRAMES}, not one column of it")
    with engine_errors():
        yield frame


@contextmanager
def engine_errors(*, also: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turn what an engine complains of into a sentence; `also` are kinds of errors that can be nobody else's here."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        if isinstance(error, also) or type(error).__module__.split(".")[0] in _ENGINES:
            raise InputError(f"the engine that holds the table could not answer: {_first_line(error)}") from error
        raise


def collected(frame: Frame) -> nw.DataFrame[Any]:
    """What an engine was asked for, in memory; an engine's own complaint becomes a sentence."""
    if isinstance(frame, nw.DataFrame):
        return frame
    if frame.implementation.is_spark_like() and find_spec("pyarrow") is None:
        raise InputError(
            "answers of Spark come over by pyarrow, which is not installed: install survey-analysis[spark]"
        )
    with engine_errors(also=(Exception,)):
        if frame.implementation.is_duckdb():
            return _as_it_came(frame.to_native())
        return frame.collect("pyarrow") if frame.implementation.is_spark_like() else frame.collect()


def _as_it_came(relation: Any) -> nw.DataFrame[Any]:
    """An answer of DuckDB, in which a whole number beside a gap stays a whole number."""
    columns: dict[str, Any] = {}
    for name, found in relation.fetchnumpy().items():
        array: Any = np.ma.asarray(found)
        plain: Any = np.where(np.ma.getmaskarray(array), None, array.data) if np.ma.is_masked(array) else array.data
        columns[name] = pd.Series(plain, dtype=plain.dtype)  # texts stay as they came
    return nw.from_native(pd.DataFrame(columns), eager_only=True)


def column(frame: Frame, name: str) -> nw.Expr:
    """A column by its name, whatever is in it: Spark would take a dot for a part of a column."""
    return nw.col("`" + name.replace("`", "``") + "`" if frame.implementation.is_spark_like() else name)


def checked_columns(frame: Frame, wanted: Iterable[tuple[str, str]]) -> None:
    """Refuse a column, told with what it is for, that the table does not have."""
    there = [str(name) for name in frame.collect_schema().names()]
    for role, name in wanted:
        if not isinstance(name, str):
            raise InputError(f"{role.split()[0]} must be the name of a column, a text, not {name!r:.60}")
        if name not in there:
            near = nearest(name, there)
            hint = f"did you mean {near!r}?" if near else f"it has {', '.join(map(repr, there[:10]))}"
            raise InputError(f"{role.split()[0]} names the column {name!r}, which the table does not have; {hint}")


@contextmanager
def _read(path: str) -> Iterator[Frame]:
    """A file as DuckDB reads it, a piece at a time."""
    if "://" in path or (len(urlsplit(path).scheme) > 1 and not Path(path).exists()):
        raise InputError(f"{path!r} is not a file on this machine: fetch it first, and give the path of the copy")
    kind = Path(path).suffix.lower()
    if kind not in _READERS:
        raise InputError(
            f"{path!r} is neither Parquet nor CSV by its ending: save it as one of these, or read it into a data frame"
        )
    if not Path(path).is_file():
        raise InputError(f"there is no file {path!r}: give the path of a Parquet or CSV file")
    try:
        import duckdb
    except ImportError:
        raise InputError("files are read by duckdb, which is not installed: install survey-analysis") from None
    with duckdb.connect(config=dict(_OFFLINE)) as engine:
        _without_progress(engine)
        try:
            reader, options = _READERS[kind]
            relation = getattr(engine, reader)(escape(path), **options)  # a star in a name is a star
        except duckdb.Error as error:
            raise InputError(f"{path!r} cannot be read as {kind[1:]}: {_first_line(error)}") from error
        with engine_errors():
            yield nw.from_native(relation)


def _without_progress(engine: Any) -> None:
    """No bar beside the answer. It is off already in a notebook without widgets, and there not even that can be set."""
    [(is_on,)] = engine.execute("SELECT current_setting('enable_progress_bar')").fetchall()
    if is_on:
        engine.execute("SET enable_progress_bar = false")


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__
