"""How long `check` takes on 10,000 visits, beside a plain `pandas.read_excel` of the same workbook, in one run.

    python benchmarks/check.py [VISITS]

Each is a process of its own, with its imports. The workbook has twelve rows of pupils and five of costs for each visit.
"""

import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import openpyxl
import pandas as pd

from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.surveys import GROUPS, NOT_APPLICABLE, TIMES
from survey_analysis.workbook_layouts import TABLE_SHEETS, about_fields, columns_of_sheet

OURS = "import survey_analysis as sa; said = sa.check_survey(path).summary()"
PANDAS = "import pandas as pd; said = f'{sum(map(len, pd.read_excel(path, sheet_name=None).values())):,} rows'"
AROUND = (
    "import resource, sys; path = sys.argv[1]; {body}; "
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, said, sep='|')"
)
ABOUT = {"schema_version": "1", "grade_scale": "ofsted-to-august-2012", "provenance": "illustrative"}


def rows_of(table: str, visits: int) -> Iterator[dict[str, object]]:
    for number in range(visits):
        visit = {"visit_id": f"V{number:05d}"}
        if table == "visits":
            columns = packaged_dictionary()["visits"].values()
            codes = {it.name: it.judgements[number % len(it.judgements)] for it in columns if it.judgements}
            yield (
                visit
                | codes
                | {"visit_date": "2026-03-05", "inspector": "A", "feeder_primaries_used": NOT_APPLICABLE}
                | {"phase": "primary"}
            )
        elif table == "costs":
            for source in packaged_dictionary()["costs"]["source"].codes:
                yield visit | {"year": "2025-26", "source": source, "amount_gbp": 100 + number}
        else:
            for time, (characteristic, groups) in product(TIMES, GROUPS.items()):
                for group in groups:
                    counts = {"pupils": 90 + number % 7, "taking_part": 40, "achieving": 20, "sustained": 10}
                    yield visit | {"time": time, "characteristic": characteristic, "group": group} | counts


def write(path: Path, visits: int) -> None:
    book = openpyxl.Workbook(write_only=True)
    for table, names in TABLE_SHEETS.items():
        for name in names:
            columns = columns_of_sheet(packaged_dictionary(), table, name)
            sheet = book.create_sheet(name)
            sheet.append([column.label for column in columns.values()])
            for row in rows_of(table, visits):
                sheet.append([row.get(it) for it in columns])
    sheet = book.create_sheet("About")
    sheet.append(["Field", "Value"])
    for field in about_fields():
        sheet.append([field.label, ABOUT.get(field.name)])
    book.save(path)


def run(body: str, path: Path) -> float:
    started = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", AROUND.format(body=body), str(path)], capture_output=True, text=True, check=True
    )
    took = perf_counter() - started
    memory, said = done.stdout.strip().split("|", 1)
    print(f"  {body.split()[1]:16} {took:6.1f} s  {int(memory):5,} MB  {said}")
    return took


def main() -> None:
    visits = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(f"openpyxl {openpyxl.__version__}, pandas {pd.__version__}, Python {sys.version.split()[0]}")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "visits.xlsx"
        write(path, visits)
        print(f"{visits:,} visits, {path.stat().st_size / 1e6:.1f} MB")
        ours, plain = run(OURS, path), run(PANDAS, path)
        print(f"check takes {ours / plain:.2f} times as long as pandas.read_excel")


if __name__ == "__main__":
    main()
