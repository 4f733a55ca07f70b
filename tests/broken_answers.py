"""Answers to the self-evaluation form as it would save them, and every way in which a file of them can be wrong."""

import json
from collections.abc import Callable
from typing import Any

from survey_analysis.self_evaluation.statements import read_statements
from survey_analysis.surveys import GROUPS

THEMES = [theme.id for theme in read_statements().themes]
Table = dict[str, Any]


def filled(**fields: object) -> Table:
    """Answers with something in every field; named fields are replaced."""
    judged = ["pitfall", "nearer_action", "action", "", "not_applicable"]
    answers = {
        theme: {
            "judgement": judgement,
            "confidence": confidence,
            "signs": ["seen", "not_seen", "not_looked"],
            "evidence": f'Notes of two visits, <b>{theme}</b> & "more".\nA second line.',
            "owner": "Music lead",
            "by": "2026-07-31",
            "next_step": "Count who stopped, by group.",
            "priority": priority,
        }
        for theme, judgement, confidence, priority in zip(
            THEMES, judged, ["low", "medium", "high", "", ""], [True, False, True, False, False], strict=True
        )
    }
    return {
        "format": "survey-analysis self-evaluation",
        "version": 1,
        "statements": {"title": read_statements().title, "version": read_statements().version},
        "school": "S07",
        "role": "governor",
        "date": "2026-02-28",
        "year": "2025-26",
        "consent_to_hub": True,
        "answers": answers,
        "participation": [
            {"characteristic": name, "group": group, "on_roll": 100 + n, "took_part": 20 + n}
            for name, pair in GROUPS.items()
            for n, group in enumerate(pair)
        ],
        "cost": [{"source": "school", "pounds": 4200}, {"source": "hub", "pounds": 0}],
        "pupils_reached": 45,
    } | fields


def empty(**fields: object) -> Table:
    """Answers in which nobody has said anything but who and when."""
    nothing = {"judgement": "", "confidence": "", "signs": ["not_looked"] * 3, "evidence": "", "owner": "", "by": ""}
    answers = {theme: {**nothing, "next_step": "", "priority": False} for theme in THEMES}
    blank: Table = {"school": "", "year": "", "consent_to_hub": False, "participation": [], "cost": []}
    return filled(**blank, answers=answers, pupils_reached=None) | fields


def _with(change: Callable[[Table], object]) -> bytes:
    table = filled()
    change(table)
    return json.dumps(table).encode()


def _theme(**fields: object) -> bytes:
    return _with(lambda it: it["answers"]["inclusion"].update(fields))


def _row(**fields: object) -> bytes:
    return _with(lambda it: it["participation"][1].update(fields))


WHOLE = json.dumps(filled())
SCRIPT = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
_OURS = "give one that the form saved"
_AT = ": answers, inclusion, "
_JUDGEMENTS = "'pitfall', 'nearer_pitfall', 'nearer_action', 'action', 'not_applicable', ''"
_ROW = ": participation, row 2, "

REFUSED: dict[str, tuple[bytes, str]] = {
    # what is told after the name of the file, by the package and by the page alike, as far as it is given here
    "huge": (b" " * 1_000_001, f" is larger than 1 MB, which no file of answers is; {_OURS}"),
    "no text": (b"\xff\xfe{\x00}\x00", f" is not text in UTF-8; {_OURS}"),
    "empty": (b"", " is not a whole file of answers"),
    "cut short": (WHOLE[:700].encode(), " is not a whole file of answers"),
    "a page": (f"<html>{SCRIPT}".encode(), " is not a whole file of answers"),
    "not a number": (WHOLE.replace("4200", "NaN").encode(), " is not a whole file of answers"),
    "deep": (b"[" * 200_000 + b"]" * 200_000, f" is nested deeper than any file of answers; {_OURS}"),
    "deep and quoted": (b'"' + b'\\"' * 400_000, " is not a whole file of answers"),
    "twice": (
        WHOLE.replace('"role": "governor"', '"role": "head", "role": "governor"').encode(),
        " has the field 'role' twice in one object; keep one of them",
    ),
    "a list": (b"[]", f" does not say that it holds answers of this form; {_OURS}"),
    "another format": (
        _with(lambda it: it.update(format="x")),
        f" does not say that it holds answers of this form; {_OURS}",
    ),
    "another version": (
        _with(lambda it: it.update(version=2)),
        ": version must be 1, not 2; save it from a form of this version",
    ),
    "no version": (
        _with(lambda it: it.update(version=True)),
        ": version must be 1, not true; save it from a form of this version",
    ),
    "other statements": (
        _with(lambda it: it["statements"].update(version=9)),
        ": statements were 'Looking at our music partnership', version 9, when they were answered, and are "
        "'Looking at our music partnership', version 1; use those that the form was made with",
    ),
    "a field more": (
        _with(lambda it: it.update(score=12)),
        ": field must be one of 'format', 'version', 'statements', ",
    ),
    "a field less": (_with(lambda it: it.pop("year")), f": field 'year' is missing; {_OURS}"),
    "the prototype": (WHOLE.replace('"year"', '"__proto__"').encode(), ": field must be one of 'format', "),
    "a script as school": (
        _with(lambda it: it.update(school="<script>a")),
        ": school must be a code of letters, digits, - and _, or empty, not '<script>a'",
    ),
    "a long school": (
        _with(lambda it: it.update(school="S" * 21)),
        ": school must have at most 20 characters, not 21; shorten it",
    ),
    "an unknown role": (
        _with(lambda it: it.update(role="chief")),
        ": role must be one of 'head', 'music_lead', 'visiting_musician', 'governor', 'other', not 'chief'",
    ),
    "no role": (_with(lambda it: it.update(role="")), ": role must be one of 'head', "),
    "a script as role": (_with(lambda it: it.update(role=SCRIPT)), ": role must be one of 'head', "),
    "the prototype as role": (_with(lambda it: it.update(role="constructor")), ": role must be one of 'head', "),
    "no day": (
        _with(lambda it: it.update(date="2026-02-30")),
        ": date must be a day such as '2026-01-31', not '2026-02-30'",
    ),
    "no school year": (
        _with(lambda it: it.update(year="2025-27")),
        ": year must be a school year such as '2025-26', or empty, not '2025-27'",
    ),
    "consent in words": (
        _with(lambda it: it.update(consent_to_hub="yes")),
        ": consent_to_hub must be true or false, not 'yes'",
    ),
    "an unknown theme": (
        _with(lambda it: it["answers"].update(singing=it["answers"].pop("inclusion"))),
        ": answers, field must be one of 'monitoring', 'inclusion', 'alignment', 'shared_practice', 'leadership', not "
        "'singing'",
    ),
    "no theme": (
        _with(lambda it: it["answers"].update(inclusion=None)),
        ": answers, inclusion must be an object with judgement, confidence, signs, evidence, owner, by, next_step, "
        "priority, not nothing",
    ),
    "a grade": (
        _theme(judgement="good"),
        f"{_AT}judgement must be one of {_JUDGEMENTS}, not 'good'",
    ),
    "a number as judgement": (
        _theme(judgement=4),
        f"{_AT}judgement must be one of {_JUDGEMENTS}, not 4",
    ),
    "an unknown confidence": (
        _theme(confidence="certain"),
        f"{_AT}confidence must be one of 'low', 'medium', 'high', '', not 'certain'",
    ),
    "two signs": (_theme(signs=["seen", "seen"]), f"{_AT}signs must be a list of three, not a list"),
    "a sign of another kind": (
        _theme(signs=["seen", "seen", True]),
        f"{_AT}signs, 3 must be one of 'not_looked', 'seen', 'not_seen', not true",
    ),
    "a long text": (
        _theme(evidence="\U0001f3b5" * 1501),
        f"{_AT}evidence must have at most 1,500 characters, not 1,501; shorten it",
    ),
    "no text as evidence": (_theme(evidence={"a": 1}), f"{_AT}evidence must be a text, not an object"),
    "a turned text": (
        _theme(next_step="a\u202eb"),
        f"{_AT}next_step holds a character that cannot be seen; type it anew",
    ),
    **{
        f"what nobody sees, {sign!a}": (
            _theme(evidence=f"a{sign}b"),
            f"{_AT}evidence holds a character that cannot be seen; type it anew",
        )
        for sign in "\u200b\u061c\u2028\xad\U000e0041\x07"
    },
    "half a character": (
        _theme(next_step="a\ud800b"),
        f"{_AT}next_step holds a character that cannot be seen; type it anew",
    ),
    "a telephone number": (
        _theme(evidence="ring 020 7946 0123"),
        f"{_AT}evidence holds what looks like a telephone number; leave it out",
    ),
    **{
        f"a telephone number as {number}": (
            _theme(evidence=f"ring {number} at noon"),
            f"{_AT}evidence holds what looks like a telephone number; leave it out",
        )
        for number in ("(020) 7946 0123", "020.7946.0123", "+44 (0)20 7946 0123", "07700 900123")
    },
    "a telephone number beside a letter of another alphabet": (
        _theme(evidence="né020 7946 0123é"),
        f"{_AT}evidence holds what looks like a telephone number; leave it out",
    ),
    "an owner in two lines": (_theme(owner="Head\nHub"), f"{_AT}owner has the end of a line in it; write it in one"),
    "more reached than are on roll": (
        _with(lambda it: it.update(pupils_reached=202)),
        ": pupils_reached must be at most 201, the pupils on roll by free school meals, not 202; correct one of them",
    ),
    "an address": (_theme(owner="ada@example.org"), f"{_AT}owner holds what looks like an email address; leave it out"),
    "a late day": (_theme(by="soon"), f"{_AT}by must be a day such as '2026-01-31', not 'soon'"),
    "a priority in words": (_theme(priority=1), f"{_AT}priority must be true or false, not 1"),
    "three priorities": (
        _theme(priority=True),
        ": answers, alignment, priority must be one of two at most, and 3 themes have it; choose two",
    ),
    "rows that are none": (
        _with(lambda it: it.update(participation={})),
        ": participation must be a list, not an object",
    ),
    "an unknown characteristic": (
        _row(characteristic="age"),
        f"{_ROW}characteristic must be one of 'fsm', 'sen', 'sex', not 'age'",
    ),
    "a group of another": (_row(group="girls"), f"{_ROW}group must be one of 'not_fsm', 'fsm', not 'girls'"),
    "a group twice": (_row(group="not_fsm"), f"{_ROW}group 'not_fsm' is there already; keep one row for it"),
    "a half pupil": (_row(on_roll=100.5), f"{_ROW}on_roll must be a whole number from 0 to 99,999, not 100.5"),
    "fewer than nobody": (_row(took_part=-1), f"{_ROW}took_part must be a whole number from 0 to 99,999, not -1"),
    "a count in words": (_row(took_part="12"), f"{_ROW}took_part must be a whole number from 0 to 99,999, not '12'"),
    "a count that is true": (
        _row(took_part=True),
        f"{_ROW}took_part must be a whole number from 0 to 99,999, not true",
    ),
    "no count": (_row(took_part=None), f"{_ROW}took_part must be a whole number from 0 to 99,999, not nothing"),
    "more than on roll": (
        _row(took_part=102),
        f"{_ROW}took_part must be at most on_roll, 101, not 102; correct one of them",
    ),
    "endless digits": (
        WHOLE.replace("4200", "9" * 5000).encode(),
        ": cost, row 1, pounds must be a whole number from 0 to 999,999,999, not ",
    ),
    "an endless exponent": (
        WHOLE.replace("4200", "1e999").encode(),
        ": cost, row 1, pounds must be a whole number from 0 to 999,999,999, not ",
    ),
    "an unknown source": (
        _with(lambda it: it["cost"][0].update(source="lottery")),
        ": cost, row 1, source must be one of 'school', 'hub', 'parents', 'grant', 'in_kind', not 'lottery'",
    ),
    "a source twice": (
        _with(lambda it: it["cost"][1].update(source="school")),
        ": cost, row 2, source 'school' is there already; keep one row for it",
    ),
    "pence": (
        _with(lambda it: it["cost"][0].update(pounds=1.5)),
        ": cost, row 1, pounds must be a whole number from 0 to 999,999,999, not 1.5",
    ),
    "fewer reached than took part": (
        _with(lambda it: it.update(pupils_reached=40)),
        ": pupils_reached must be at least 41, the pupils who took part by free school meals, not 40; correct one of "
        "them",
    ),
    "a number of pupils in words": (
        _with(lambda it: it.update(pupils_reached="many")),
        ": pupils_reached must be a whole number from 0 to 99,999, not 'many'",
    ),
}

ACCEPTED: dict[str, bytes] = {
    # what page and package take alike
    "whole": WHOLE.encode(),
    "with a byte order mark": b"\xef\xbb\xbf" + WHOLE.encode(),
    "a version as another program writes it": WHOLE.replace('"version": 1', '"version": 1.0').encode(),
    "pounds as another program writes them": WHOLE.replace("4200", "4.2e3").encode(),
    "digits that are no telephone number": _theme(
        evidence="0\u0662\u0660\u0667\u0669 \u0664\u0666\u0660\u0661\u0662\u0663"
    ),
    "a sign of Kelvin": _theme(evidence="\u212a123456789012"),
    "every pupil reached": _with(lambda it: it.update(pupils_reached=201)),
    "a joined sign": _theme(evidence="\U0001f469\u200d\U0001f3a4 sings"),
}
