"""How long shares of four groups of pupils take at national scale, with their errors, beside others, in one run.

    python benchmarks/national_scale.py [--peers PYTHON] [--rows 1e5 1e6 1e7] [--without svy samplics R] [--shuffled]
    python benchmarks/national_scale.py --crossing

Invented pupils of 20,000 schools in 10 regions, with weights that vary, in a Parquet file: those of a school together,
as in a register, or --shuffled. Schools were drawn within regions. Each of the six reads the file (R, which has no
reader of Parquet of its own, plain columns, which is faster), declares the design and estimates the share that takes
part in each group, its linearised error and its logit interval (the bare scan only adds up the columns):

- bare scan: the sum of each column, in DuckDB;
- by hand: totals for each region, school and group in DuckDB, the variance in numpy, and no checks: the yardstick;
- package: this package;
- svy, samplics: in the interpreter that --peers names, which has them, polars and pyarrow;
- R: `svyciprop` by group, of the package survey.

Each time is that of a fresh process, after the same on a small file, so that whatever is loaded late is there: the
start of the interpreter and imports are left out. CPU is the time of all cores together in the same span, which a busy
machine disturbs less. Peak memory is that of the whole process, imports and all. The runs take turns, three each, save
those that take long and did not have to wait for a core, and the fastest counts. --crossing counts instead what comes
over from the engine. Linux and macOS only.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep

# Nothing else is imported up here: the interpreter of the peers runs this file too, and a child's peak memory is never
# below that of the process which started it.

SEED = 2012
SCHOOLS, REGIONS = 20_000, 10
CHUNK = 1_000_000
ROW_GROUP = 122_880
ROUNDS = 3
SLOW = 20.0  # seconds, beyond which one run is enough, unless it had to wait
WAITED = 1.15  # times as long on the clock as on the cores: others had them
LIMIT = 600.0
KILO = 1 if sys.platform == "darwin" else 1024
NEEDED = {"svy": 400, "samplics": 200, "R": 420}  # bytes of memory for each row, measured
PEERS = {"svy": ("svy", "polars"), "samplics": ("samplics", "numpy", "pandas")}
OURS = ("duckdb", "numpy", "pandas", "pyarrow", "narwhals")
COLUMNS = ("region", "school", "group", "takes_part", "weight")
AIMS = {"by hand": 1.5, "svy": 20.0, "samplics": 60.0, "R": 150.0}
MOST_MEMORY = 500.0  # MB

Found = dict[str, list[float]]  # group -> share, standard error, lower and upper limit
Work = Callable[[Path], Found]

R_PROGRAM = """
suppressMessages(library(survey))
files <- commandArgs(TRUE)
estimated <- function(folder) {
  rows <- file.size(file.path(folder, "weight")) / 8
  column <- function(name, kind) readBin(file.path(folder, name), kind, n = rows)
  pupils <- data.frame(region = column("region", "integer"), school = column("school", "integer"),
    group = column("group", "integer"), takes_part = column("takes_part", "integer"),
    weight = column("weight", "double"))
  design <- svydesign(ids = ~school, strata = ~region, weights = ~weight, data = pupils)
  svyby(~takes_part, ~group, design, svyciprop, vartype = c("se", "ci"), method = "xlogit")
}
small <- estimated(files[1])
start <- proc.time()
found <- estimated(files[2])
taken <- proc.time() - start
rows <- sprintf('"%s": [%.17g, %.17g, %.17g, %.17g]', found[[1]], found[[2]], found[[3]], found[[4]], found[[5]])
cat(sprintf('{"seconds": %.17g, "cpu": %.17g, "found": {%s}}', taken[[3]], taken[[1]] + taken[[2]],
  paste(rows, collapse = ", ")))
"""


def simulate(path: Path, rows: int, schools: int = SCHOOLS, *, shuffled: bool = False) -> None:
    """Write the pupils as a Parquet file, and beside it a folder with each column as plain numbers, for R."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(SEED)
    sizes = random.gamma(4.0, size=schools)
    school_of = np.repeat(np.arange(schools), random.multinomial(rows, sizes / sizes.sum()))
    if shuffled:
        random.shuffle(school_of)
    region = random.permutation(np.arange(schools) % REGIONS)
    effect = random.normal(0.0, 0.5, schools)
    weight = random.lognormal(3.0, 0.4, schools)
    bounds = random.dirichlet([6.0, 4.0, 3.0, 2.0], schools).cumsum(axis=1)[:, :3]
    usual = np.array([-0.2, -0.5, -0.9, 0.1])
    plain = path.with_suffix("")
    plain.mkdir()
    schema = pa.schema([(name, pa.float64() if name == "weight" else pa.int64()) for name in COLUMNS])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, CHUNK):
            school = school_of[start : start + CHUNK]
            group = (random.random(len(school))[:, None] > bounds[school]).sum(axis=1)
            share = 1 / (1 + np.exp(-usual[group] - effect[school]))
            takes_part = (random.random(len(school)) < share).astype(np.int64)
            weights = weight[school] * random.uniform(0.6, 1.6, len(school))
            columns = dict(zip(COLUMNS, (region[school], school, group, takes_part, weights), strict=True))
            writer.write_table(pa.table(columns, schema=schema), row_group_size=ROW_GROUP)
            for name, values in columns.items():
                with (plain / name).open("ab") as file:
                    values.astype(np.float64 if name == "weight" else np.int32).tofile(file)


def bare_scan() -> Work:
    import duckdb

    def work(path: Path) -> Found:
        sums = ", ".join(f'sum("{name}")' for name in COLUMNS)
        with duckdb.connect() as engine:
            engine.execute(f"SELECT {sums} FROM read_parquet(?)", [str(path)]).fetchone()
        return {}

    return work


def by_hand() -> Work:
    import duckdb
    import numpy as np
    from scipy.special import expit, logit, stdtrit

    totals = """
        SELECT region, school, "group", sum(weight) AS weight, sum(weight * takes_part) AS takes_part
        FROM read_parquet(?) GROUP BY ALL
    """

    def work(path: Path) -> Found:
        with duckdb.connect() as engine:
            cells = engine.execute(totals, [str(path)]).fetchnumpy()
        weight, takes_part = cells["weight"], cells["takes_part"]
        names, group = np.unique(cells["group"], return_inverse=True)
        _, stratum = np.unique(cells["region"], return_inverse=True)
        _, first, cluster = np.unique(cells["school"], return_index=True, return_inverse=True)
        of, width = stratum[first], len(names)
        drawn = np.bincount(of)
        size = np.bincount(group, weight)
        share = np.bincount(group, takes_part) / size
        # A school without pupils of a group stays, with nothing.
        moves = np.zeros((len(of), width))
        moves[cluster, group] = (takes_part - share[group] * weight) / size[group]
        means = np.stack([np.bincount(of, column) / drawn for column in moves.T], axis=1)
        squares = ((moves - means[of]) ** 2 * (drawn / (drawn - 1))[of, None]).sum(axis=0)
        error = np.sqrt(squares)
        met = np.zeros((len(drawn), width), dtype=bool)
        met[stratum, group] = True
        degrees = np.bincount(group) - met.sum(axis=0)
        half = stdtrit(degrees, 0.975) * error / (share * (1 - share))
        ends = expit(logit(share) - half), expit(logit(share) + half)
        columns = np.stack([share, error, *ends], axis=1).tolist()
        return dict(zip(map(str, names), columns, strict=True))

    return work


def package() -> Work:
    from survey_analysis.designs.specification import Design
    from survey_analysis.designs.survey_estimates import survey_proportion

    def work(path: Path) -> Found:
        design = Design(strata="region", clusters="school", weights="weight")
        found = survey_proportion(str(path), "takes_part", design=design, by="group", method="logit")
        return {
            str(it.details["domain"]): [it.value, it.details["standard_error"], it.low, it.high]  # type: ignore[list-item]
            for it in found
        }

    return work


def with_svy() -> Work:
    import polars as pl
    import svy

    def work(path: Path) -> Found:
        design = svy.Design(stratum="region", psu="school", wgt="weight")
        sample = svy.Sample(pl.read_parquet(path), design)
        found = sample.estimation.prop("takes_part", by="group", ci_method="logit").to_polars()
        rows = found.filter(found["takes_part"].cast(pl.Int64) == 1)
        return {str(it["group"]): [it["est"], it["se"], it["lci"], it["uci"]] for it in rows.to_dicts()}

    return work


def with_samplics() -> Work:
    import pyarrow.parquet as pq
    from samplics.estimation import TaylorEstimator
    from samplics.utils.types import PopParam

    def work(path: Path) -> Found:
        table = pq.read_table(path)
        region, school, group, takes_part, weight = (table[name].to_numpy() for name in COLUMNS)
        found = TaylorEstimator(PopParam.prop)
        found.estimate(y=takes_part, samp_weight=weight, stratum=region, psu=school, domain=group)
        parts = (found.point_est, found.stderror, found.lower_ci, found.upper_ci)
        return {str(name): [float(part[name][1]) for part in parts] for name in found.point_est}

    return work


WORKS: Mapping[str, Callable[[], Work]] = {
    "bare scan": bare_scan,
    "by hand": by_hand,
    "package": package,
    "svy": with_svy,
    "samplics": with_samplics,
}
WHO = (*WORKS, "R")


def timed(who: str, small: Path, large: Path) -> dict[str, object]:
    """What a process of its own says: how long the work took, and what it found."""
    work = WORKS[who]()
    work(small)
    before, start = getrusage(RUSAGE_SELF), perf_counter()
    found = work(large)
    seconds, after = perf_counter() - start, getrusage(RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "cpu": cpu, "found": found}


def crossed(path: Path) -> dict[str, object]:
    """Rows and columns of each answer of the engine to the package, and how many there should be."""
    import duckdb

    from survey_analysis.designs import sources

    work, collected, answers = package(), sources.collected, []

    def counting(frame: sources.Frame) -> object:
        answer = collected(frame)
        answers.append([*answer.shape, int(answer.to_native().memory_usage(deep=True).sum())])
        return answer

    for name, module in list(sys.modules.items()):
        if name.startswith("survey_analysis.") and getattr(module, "collected", None) is collected:
            module.collected = counting  # type: ignore[attr-defined]
    work(path)
    cells = 'SELECT count(*) FROM (SELECT DISTINCT region, school, "group" FROM read_parquet(?))'
    schools = "SELECT count(DISTINCT school) FROM read_parquet(?)"
    with duckdb.connect() as engine:
        counts = [engine.execute(it, [str(path)]).fetchone() for it in (cells, schools)]
    return {"answers": answers, "cells": counts[0][0], "schools": counts[1][0]}  # type: ignore[index]


@dataclass
class Run:
    """One process: seconds of wall clock and of CPU, megabytes at its peak, what it found; or why there is none."""

    seconds: float = float("nan")
    cpu: float = float("nan")
    memory: float = float("nan")
    found: Found | None = None
    failure: str = ""

    @property
    def waited(self) -> bool:
        """Whether the clock ran much longer than all cores together, so that others must have had them."""
        return self.seconds > WAITED * self.cpu


def run(command: Sequence[str], limit: float) -> tuple[str, float, str]:
    """What a process printed, its peak of memory in megabytes, and why it failed, if it did."""
    with TemporaryDirectory() as folder:
        said, complaint = Path(folder) / "said", Path(folder) / "complaint"
        with said.open("wb") as out, complaint.open("wb") as err:
            process = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL)
            end, failure = monotonic() + limit, ""
            while True:
                done, status, usage = os.wait4(process.pid, os.WNOHANG)
                if done:
                    break
                if monotonic() > end and not failure:
                    failure = f"more than {limit:g} s"
                    process.kill()
                sleep(0.02)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode and not failure:
            lines = complaint.read_text(errors="replace").strip().splitlines()
            failure = f"ended with {process.returncode}: {lines[-1][:90] if lines else 'killed'}"
        return said.read_text(errors="replace"), usage.ru_maxrss * KILO / 1e6, failure


def itself(python: str, *arguments: str) -> list[str]:
    """The command that has an interpreter do a part of this file."""
    return [python, "-P", "-W", "ignore", str(Path(__file__).resolve()), "--part", *arguments]


def measured(who: str, pythons: Mapping[str, str], small: Path, large: Path, limit: float) -> Run:
    if who == "R":
        command = ["Rscript", "-e", R_PROGRAM, str(small.with_suffix("")), str(large.with_suffix(""))]
    else:
        command = itself(pythons.get(who, sys.executable), "timed", who, str(small), str(large))
    said, memory, failure = run(command, limit)
    if failure:
        return Run(failure=failure, memory=memory)
    return Run(memory=memory, **json.loads(said.splitlines()[-1]))


def versions(python: str, names: Sequence[str]) -> str:
    """The versions of some packages in an interpreter; nothing when one is missing."""
    wanted = f"from importlib.metadata import version; print(', '.join(f'{{it}} {{version(it)}}' for it in {names!r}))"
    if not shutil.which(python):
        return ""
    said, _, failure = run([python, "-P", "-c", wanted], 60)
    return "" if failure else said.strip()


def r_version() -> str:
    if not shutil.which("Rscript"):
        return ""
    wanted = 'cat("survey", as.character(packageVersion("survey")), "of", R.version.string)'
    said, _, failure = run(["Rscript", "-e", wanted], 60)
    return "" if failure else said.strip()


def available() -> float:
    """Bytes of memory that a process could have."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return float("inf")
    return next((float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), float("inf"))


def all_measured(
    whos: Sequence[str], pythons: Mapping[str, str], small: Path, large: Path, rows: int, limit: float
) -> dict[str, Run]:
    """The fastest run of each, with the most memory of any; the runs take turns."""
    best: dict[str, Run] = {}
    for turn in range(ROUNDS):
        for who in whos:
            if turn and (best[who].failure or (best[who].seconds > SLOW and not best[who].waited)):
                continue
            if (needs := NEEDED.get(who, 0) * rows) > (there := available()):
                best[who] = Run(failure=f"needs some {needs / 1e9:.1f} GB of memory, {there / 1e9:.1f} are there")
                continue
            now = measured(who, pythons, small, large, limit)
            old = best.get(who, now)
            memory = max(old.memory, now.memory)
            best[who] = now if now.failure or now.seconds < old.seconds else old
            best[who].memory = memory
    return best


def apart(found: Found, yardstick: Found, places: Sequence[int]) -> float:
    """The largest relative difference of some numbers of all groups."""
    if found.keys() != yardstick.keys():
        return float("nan")
    pairs = [(found[name][place], yardstick[name][place]) for name in yardstick for place in places]
    return max(abs(one / other - 1) for one, other in pairs)


def show(best: Mapping[str, Run]) -> None:
    yardstick = best["by hand"].found
    print(f"  {'':10}{'seconds':>10}{'CPU':>9}{'peak MB':>9}   differs from by hand: share, error, limits")
    for who, it in best.items():
        if it.failure:
            print(f"  {who:10}{it.failure:>10}")
            continue
        differs = ""
        if it.found and yardstick and who != "by hand":
            differs = "".join(f"{apart(it.found, yardstick, places):11.1e}" for places in ((0,), (1,), (2, 3)))
        mark = "*" if it.waited else " "
        print(f"  {who:10}{it.seconds:10.3f}{mark}{it.cpu:8.3f}{it.memory:9,.0f}   {differs}")
    if any(it.waited for it in best.values()):
        print("  * had to wait for a core: the machine was busy, and this is no time to go by; of CPU is")


def show_ratios(best: Mapping[str, Run], *, with_aims: bool) -> None:
    ours, hand = best["package"], best["by hand"]
    if ours.failure or hand.failure:
        return
    ratio = ours.seconds / hand.seconds
    verdict = f", aim at most {AIMS['by hand']:g}: {met(ratio <= AIMS['by hand'], ours, hand)}" if with_aims else ""
    print(f"  package / by hand   {ratio:7.2f} (of CPU {ours.cpu / hand.cpu:.2f}){verdict}")
    for who in ("svy", "samplics", "R"):
        if who in best and (it := best[who]) and not it.failure:
            ratio = it.seconds / ours.seconds
            verdict = f", aim at least {AIMS[who]:g}: {met(ratio >= AIMS[who], it, ours)}" if with_aims else ""
            print(f"  {who + ' / package':20}{ratio:7.1f} (of CPU {it.cpu / ours.cpu:.1f}){verdict}")
    if with_aims:
        print(f"  package, peak MB    {ours.memory:7,.0f}, aim below {MOST_MEMORY:g}: {met(ours.memory < MOST_MEMORY)}")


def met(is_met: bool, *runs: Run) -> str:
    if any(it.waited for it in runs):
        return "not settled, one of the two had to wait"
    return "met" if is_met else "missed"


def show_growth(results: Mapping[int, Mapping[str, Run]]) -> None:
    """What each further row costs, from one number of rows to the next."""
    sizes = sorted(results)
    for fewer, more in pairwise(sizes):
        print(f"each further row from {fewer:,} to {more:,}, in nanoseconds:")
        for who, it in results[more].items():
            if who in results[fewer] and not it.failure and not results[fewer][who].failure:
                each = 1e9 * (it.seconds - results[fewer][who].seconds) / (more - fewer)
                print(f"  {who:10}{each:9.1f}, in all {1e9 * it.seconds / more:.1f} a row")


def show_crossing(path: Path, limit: float) -> None:
    said, _, failure = run(itself(sys.executable, "crossed", str(path)), limit)
    if failure:
        print(f"  {failure}")
        return
    counted = json.loads(said.splitlines()[-1])
    for rows, columns, size in counted["answers"]:
        print(f"  an answer of {rows:,} rows and {columns} columns, {size / 1e6:.1f} MB")
    came = sum(rows for rows, *_ in counted["answers"])
    verdict = "one row for each" if came == counted["cells"] else "NOT one row for each"
    print(f"  {counted['schools']:,} schools, {counted['cells']:,} pairs of school and group: {verdict}")


def simulated(folder: Path, rows: int, schools: int, *, shuffled: bool) -> Path:
    """The path of a new file of pupils, made by a process of its own so that this one stays small."""
    path = folder / f"pupils-{rows}.parquet"
    _, _, failure = run(itself(sys.executable, "simulate", str(path), str(rows), str(schools), str(int(shuffled))), 600)
    if failure:
        raise SystemExit(f"no pupils could be made: {failure}")
    return path


def part(name: str, *given: str) -> None:
    """What a process of its own does."""
    if name == "simulate":
        simulate(Path(given[0]), int(given[1]), int(given[2]), shuffled=given[3] == "1")
    elif name == "timed":
        print(json.dumps(timed(given[0], Path(given[1]), Path(given[2]))))
    else:
        print(json.dumps(crossed(Path(given[0]))))


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", nargs="+", type=float, default=[1e5, 1e6, 1e7], help="how many pupils, each in turn")
    parser.add_argument("--without", nargs="+", default=[], choices=WHO[3:], help="whom to leave out")
    parser.add_argument("--peers", default="", metavar="PYTHON", help="the interpreter that has svy and samplics")
    parser.add_argument("--shuffled", action="store_true", help="pupils in no order, not school by school")
    parser.add_argument("--crossing", action="store_true", help="count what comes over from the engine instead")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds after which a process is ended")
    return parser.parse_args()


def main() -> None:
    if sys.argv[1:2] == ["--part"]:
        part(*sys.argv[2:])
        return
    chosen = options()
    there = {who: versions(chosen.peers, names) for who, names in PEERS.items()} | {"R": r_version()}
    print(f"Python {sys.version.split()[0]}, {versions(sys.executable, OURS) or 'packages missing'}")
    if not chosen.crossing:
        for who, version in there.items():
            print(f"{who}: {'left out' if who in chosen.without else version or 'not there'}")
    print(f"{os.cpu_count()} cores, busy with {os.getloadavg()[0]:.1f}; pupils {order(chosen.shuffled)}")
    whos = [who for who in WHO if who not in chosen.without and there.get(who, "ours")]
    pythons = dict.fromkeys(PEERS, chosen.peers)
    results: dict[int, dict[str, Run]] = {}
    with TemporaryDirectory() as folder:
        small = simulated(Path(folder), 5_000, 100, shuffled=chosen.shuffled)
        for rows in sorted({int(it) for it in chosen.rows}):
            large = simulated(Path(folder), rows, SCHOOLS, shuffled=chosen.shuffled)
            print(f"{rows:,} pupils, {large.stat().st_size / 1e6:,.0f} MB", flush=True)
            if chosen.crossing:
                show_crossing(large, chosen.limit)
            else:
                results[rows] = all_measured(whos, pythons, small, large, rows, chosen.limit)
                show(results[rows])
                show_ratios(results[rows], with_aims=rows >= 10_000_000)
            large.unlink()
            shutil.rmtree(large.with_suffix(""))
    show_growth(results)
    print(f"busy with {os.getloadavg()[0]:.1f} at the end")


def order(shuffled: bool) -> str:
    return "in no order" if shuffled else "school by school"


if __name__ == "__main__":
    main()
