"""Where the data, the glossary and the notebooks lie: inside an installed package, or beside it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def _folder(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


DATA = _folder("data")
"""The folder with the claims, the three tables, their dictionary and the codebook of the themes."""

GLOSSARY = _folder("docs") / "glossary.md"
"""What the words of the field mean."""

EXAMPLES = _folder("examples")
"""The folder with invented visits: a workbook, the same as CSV tables, and the report made from it."""

NOTEBOOKS = _folder("notebooks")
"""The folder with the notebooks, in reading order."""
