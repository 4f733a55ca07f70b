"""Make the example of a hub: the answers of twenty invented schools to the self-evaluation form.

    python tools/make_hub_example.py [--out FOLDER]

Nothing in them was observed. The chances by which they are drawn are written below, and so is the seed. Only even draws
are taken from the generator, so that the files come out the same.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path

import numpy as np

from survey_analysis.self_evaluation.answers import FORMAT, VERSION
from survey_analysis.self_evaluation.statements import JUDGEMENTS, read_statements
from survey_analysis.surveys import INVENTED

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "self-evaluation-hub"
SEED = 61
SCHOOLS = 20
TWO_ANSWERED = range(1, 20, 2)  # in these schools the music lead as well as the head
NO_CONSENT = 20  # nobody of this school consents
ONE_CONSENTS = 9  # of this one the head alone
NEARER_ACTION: Mapping[str, float] = {
    "monitoring": 0.35,
    "inclusion": 0.5,
    "alignment": 0.6,
    "shared_practice": 0.45,
    "leadership": 0.7,
}
"""How likely the head of a school stands on the side of the action."""
AS_THE_HEAD = 0.4
"""How likely the music lead stands on the head's side."""
FARTHEST = 0.3
"""How likely somebody stands at the end of their side."""


def schools(rng: np.random.Generator) -> Iterator[tuple[str, dict[str, object]]]:
    """The name of each file, and what is in it."""
    for number in range(1, SCHOOLS + 1):
        head = {theme: rng.random() < chance for theme, chance in NEARER_ACTION.items()}
        yield f"{number:02}-head", answers(rng, number, "head", head)
        if number in TWO_ANSWERED:
            lead = {theme: side if rng.random() < AS_THE_HEAD else not side for theme, side in head.items()}
            yield f"{number:02}-music-lead", answers(rng, number, "music_lead", lead)


def answers(rng: np.random.Generator, number: int, role: str, sides: Mapping[str, bool]) -> dict[str, object]:
    """What somebody answers who stands on these sides; up to two nearer the pitfall are priorities."""
    statements = read_statements()
    low = [theme for theme, side in sides.items() if not side]
    chosen = sorted(low, key=lambda _: rng.random())[:2]
    return {
        "format": FORMAT,
        "version": VERSION,
        "statements": {"title": statements.title, "version": statements.version},
        "school": f"{INVENTED}-{number:02}",
        "role": role,
        "date": f"2026-0{5 + number % 3}-{9 + number:02}",
        "year": "",
        "consent_to_hub": number != NO_CONSENT and (number != ONE_CONSENTS or role == "head"),
        "answers": {
            theme: {
                "judgement": judgement(rng, nearer_action=side),
                "confidence": one(rng, {"low": 0.3, "medium": 0.5, "high": 0.2}),
                "signs": [one(rng, {"seen": 0.4, "not_seen": 0.3, "not_looked": 0.3}) for _ in range(3)],
                "evidence": "",
                "owner": "",
                "by": "",
                "next_step": "Invented: talk it over." if theme in chosen else "",
                "priority": theme in chosen,
            }
            for theme, side in sides.items()
        },
        "participation": [],
        "cost": [],
        "pupils_reached": None,
    }


def judgement(rng: np.random.Generator, *, nearer_action: bool) -> str:
    """The code of the end of a side, or of what is nearer to it."""
    pitfall, nearer_pitfall, nearer, action = JUDGEMENTS
    end, near = (action, nearer) if nearer_action else (pitfall, nearer_pitfall)
    return end if rng.random() < FARTHEST else near


def one(rng: np.random.Generator, chances: Mapping[str, float]) -> str:
    """One of the codes, by their chances."""
    even = rng.random()
    return next((code for code, edge in zip(chances, accumulate(chances.values()), strict=True) if even < edge), "")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=FOLDER, help="where the files are written")
    folder = parser.parse_args(arguments).out
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in schools(np.random.Generator(np.random.PCG64(SEED))):
        (folder / f"{name}.json").write_text(f"{json.dumps(content, indent=1)}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
