"""Tables where they lie: a data frame of any engine, or a file that DuckDB reads; nothing is loaded here."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import narwhals as nw

from survey_analysis.errors import InputError, nearest, unknown

Frame = nw.LazyFrame[Any] | nw.DataFrame[Any]
_READERS = {".parquet": "read_parquet", ".csv": "read_csv"}
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
        frame = nw.from_native(table)
    except TypeError:
        raise InputError(f"table must be {_FRAMES}, not {type(table).__name__}") from None
    if not isinstance(frame, (nw.LazyFrame, nw.DataFrame)):
        raise InputError(f"table must be {_FRAMES}, not one column of it")
    yield frame


def collected(frame: Frame) -> nw.DataFrame[Any]:
    """What an engine was asked for, in memory; an engine's own complaint becomes a sentence."""
    if isinstance(frame, nw.DataFrame):
        return frame
    if frame.implementation.is_spark_like() and find_spec("pyarrow") is None:
        raise InputError(
            "answers of Spark come over by pyarrow, which is not installed: install survey-analysis[spark]"
        )
    try:
        if frame.implementation.is_duckdb():
            return frame.collect("pandas")  # as it comes, whether pyarrow is there or not
        return frame.collect("pyarrow") if frame.implementation.is_spark_like() else frame.collect()
    except Exception as error:
        raise InputError(f"the engine that holds the table could not answer: {_first_line(error)}") from error


def column(frame: Frame, name: str) -> nw.Expr:
    """A column by its name, whatever is in it: Spark would take a dot for a part of a column."""
    return nw.col("`" + name.replace("`", "``") + "`" if frame.implementation.is_spark_like() else name)


def checked_columns(frame: Frame, wanted: Iterable[tuple[str, str]]) -> None:
    """Refuse a column, told with what it is for, that the table does not have or has twice."""
    there = frame.collect_schema().names() if isinstance(frame, nw.LazyFrame) else frame.columns
    for role, name in wanted:
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
        raise unknown("ending of the path", kind, _READERS, where=f"{path!r}: ")
    if not Path(path).is_file():
        raise InputError(f"there is no file {path!r}: give the path of a Parquet or CSV file")
    try:
        import duckdb
    except ImportError:
        raise InputError("files are read by duckdb, which is not installed: install survey-analysis") from None
    with duckdb.connect(config=dict(_OFFLINE)) as engine:
        engine.execute("SET enable_progress_bar = false")
        try:
            relation = getattr(engine, _READERS[kind])(path)
        except duckdb.Error as error:
            raise InputError(f"{path!r} cannot be read as {kind[1:]}: {_first_line(error)}") from error
        yield nw.from_native(relation)


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__
