"""How much memory hostile workbooks take: our check of each, beside `pandas.read_excel`, each in a process of its own.

python benchmarks/hostile.py [GIGABYTES]

The workbooks are written to a folder that goes when the script ends. Each process may take so many gigabytes of memory
(4 when absent) before the system refuses it more; what it did then stands beside its peak. Linux and macOS only.
"""

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import openpyxl
import pandas as pd

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
HEAD, FOOT = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(), b"</sheetData></worksheet>"
WAIT = 600
OURS = """
from pathlib import Path
import survey_analysis as sa
problems = sa.check_survey(Path(path))
said = f"{len(problems)} problems"
"""
PANDAS = """
import pandas as pd
said = f"{len(pd.read_excel(path)):,} rows"
"""
AROUND = """
import resource, sys
path, cap = sys.argv[1], int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (cap, cap))
try:
{body}
except BaseException as error:
    said = f"{{type(error).__name__}}: {{error}}".splitlines()[0].replace(path, "")[:110]
print(said)
"""
KILO = 1 if sys.platform == "darwin" else 1024


def spaces(count: int) -> Iterator[bytes]:
    """Megabytes of nothing."""
    yield HEAD
    for _ in range(count):
        yield b" " * 1_000_000
    yield FOOT


def rows(count: int, cells: str) -> Iterator[bytes]:
    """The same row again and again."""
    yield HEAD
    for start in range(1, count + 1, 10_000):
        yield "".join(f'<row r="{it}">{cells}</row>' for it in range(start, start + 10_000)).encode()
    yield FOOT


def one_row(elements: int) -> Iterator[bytes]:
    """A row without an end, and in it no cell but what a parser has to keep until it ends."""
    yield HEAD + b"<row>"
    for number in range(elements // 100_000):
        yield (b"<a/>" + f"<!--{number}-->".encode()) * 100_000
    yield b"</row>" + FOOT


BOMBS: Mapping[str, Callable[[], Iterator[bytes]]] = {
    "4 GB of spaces": lambda: spaces(4_000),
    "a million equal rows": lambda: rows(1_000_000, "<c><v>1</v></c>" * 8),
    "a million rows, one cell": lambda: rows(1_000_000, "<c><v>1</v></c>"),
    "one row of 10 million": lambda: one_row(10_000_000),
    "190 MB of empty rows": lambda: rows(1_040_000, "<c/><c/>" * 16),
}


def write(path: Path, pieces: Iterator[bytes]) -> None:
    """A workbook whose sheet is made of these pieces."""
    buffer = BytesIO()
    openpyxl.Workbook().save(buffer)
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != SHEET:
                new.writestr(name, old.read(name))
        with new.open(SHEET, "w", force_zip64=True) as part:
            for piece in pieces:
                part.write(piece)


def measured(body: str, path: Path, cap: int) -> tuple[float, float, str]:
    """Megabytes at the peak, seconds, and what a process said."""
    program = AROUND.format(body="\n".join(f"    {line}" for line in body.splitlines()))
    program += f"print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * {KILO})"
    start = perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program, str(path), str(cap)],
            capture_output=True,
            text=True,
            timeout=WAIT,
        )
    except subprocess.TimeoutExpired:
        return float("nan"), perf_counter() - start, f"did not end in {WAIT} s"
    lines = done.stdout.splitlines()
    if len(lines) < 2:
        return float("nan"), perf_counter() - start, "was killed"
    return int(lines[-1]) / 1e6, perf_counter() - start, lines[0]


def main() -> None:
    cap = int(float(sys.argv[1]) * 1e9) if len(sys.argv) > 1 else 4_000_000_000
    print(f"openpyxl {openpyxl.__version__}, pandas {pd.__version__}, a process may take {cap / 1e9:g} GB")
    with TemporaryDirectory() as folder:
        for name, pieces in BOMBS.items():
            path = Path(folder) / "visits.xlsx"
            write(path, pieces())
            with zipfile.ZipFile(path) as parts:
                unpacked = sum(it.file_size for it in parts.infolist())
            print(f"{name}: {path.stat().st_size / 1e6:.1f} MB, unpacked {unpacked / 1e6:,.0f} MB")
            for who, body in (("ours", OURS), ("pandas", PANDAS)):
                peak, taken, said = measured(body, path, cap)
                print(f"  {who:7}{peak:8,.0f} MB {taken:7.1f} s  {said}")


if __name__ == "__main__":
    main()
