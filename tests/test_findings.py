"""The findings: their form, every published figure counted a second way, and what is said of doctored data."""

import csv
import json
import shutil
import tomllib
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NoReturn

import pytest
from statsmodels.stats.proportion import proportion_confint

from survey_analysis import cli
from survey_analysis.claims_file import read_claims
from survey_analysis.errors import InputError
from survey_analysis.findings import Finding, Findings, check_claims
from survey_analysis.resources import DATA
from survey_analysis.survey_files import read_survey

KEYS = [
    "id",
    "statement",
    "place",
    "published",
    "reproduced",
    "interval_low",
    "interval_high",
    "verdict",
    "assumptions",
    "provenance",
]
GRADE, BASE = ["tes-base-59", "tes-grade-is-use"], ["tes-base-59"]
FIGURES: dict[str, tuple[int | None, int | None, str, list[str]]] = {
    "tuition-no-guarantee": (None, 43, "assumed", BASE),
    "schools-visited": (59, 59, "fixed", []),
    "good-practice-visits": (6, None, "stated", []),
    "case-studies": (8, None, "stated", []),
    "good-use-and-value": (10, 10, "fixed", []),
    "grade-outstanding": (5, 5, "assumed", GRADE),
    "grade-good": (12, 12, "assumed", GRADE),
    "grade-satisfactory": (54, 54, "assumed", GRADE),
    "grade-inadequate": (29, 29, "assumed", GRADE),
    "tuition-music-service": (51, 51, "assumed", BASE),
    "tuition-music-service-and-private": (22, 22, "assumed", BASE),
    "tuition-private": (17, 17, "assumed", BASE),
    "tuition-own-staff-or-none": (10, 10, "assumed", BASE),
}
WORDS = {
    "greater-range": "most",
    "not-managed-well": "too many",
    "improved-outcomes": "too rarely",
    "tuition-most-frequent": "most frequent",
    "tuition-not-sufficient": "no guarantee",
    "widening-gaps": "often",
    "poor-value-without-monitoring": None,
    "action-monitoring": None,
    "pitfall-leadership": None,
    "times-outstanding": "one in 20",
}
GROUPS = [
    "What follows from the figures by logic alone",
    "Figures about the 59 schools",
    "Words about the 59 schools",
    "Published, and not counted here",
]
Row = dict[str, str]
Change = Callable[[list[Row]], None]


def refuse(word: str) -> NoReturn:
    raise AssertionError(f"{word} is no JSON")


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FILE: dict[str, Any] = tomllib.loads((DATA / "claims.toml").read_text(encoding="utf-8"))
RAW: list[dict[str, Any]] = FILE["claims"]
VISITS = rows_of(DATA / "visits.csv")


@pytest.fixture(scope="module")
def findings() -> Findings:
    return check_claims()


@pytest.fixture(scope="module")
def records(findings: Findings) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(findings.to_json(), parse_constant=refuse)
    return read


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def doctor(data: Path, change: Change) -> None:
    """Change the rows of visits.csv."""
    rows = rows_of(data / "visits.csv")
    change(rows)
    with (data / "visits.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def doctor_claims(data: Path, old: str, new: str) -> None:
    text = (data / "claims.toml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (data / "claims.toml").write_text(text.replace(old, new), encoding="utf-8")


def first(column: str, old: str, new: str) -> Change:
    """Change one cell: the first that holds `old`."""

    def change(rows: list[Row]) -> None:
        next(row for row in rows if row[column] == old)[column] = new

    return change


def every(**columns: str) -> Change:
    """The same value in every row."""

    def change(rows: list[Row]) -> None:
        for row in rows:
            row.update(columns)

    return change


def found_in(data: Path) -> dict[str, Finding]:
    return {finding.id: finding for finding in check_claims(read_claims(data / "claims.toml"), read_survey(data))}


def run(data: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str]]:
    """The exit status, and what is said of each claim that is not met."""
    status = cli.main(["findings", "--data", str(data)])
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith("NOT MET ") and ": " in line for line in lines)
    return status, dict(line.removeprefix("NOT MET ").split(": ", 1) for line in lines)


# ------------------------------------------------------------------------------------------------------------ the form


def test_every_object_has_these_keys_in_this_order(records: list[dict[str, Any]]) -> None:
    assert len(records) == len(RAW) + 1
    assert [list(record) for record in records] == [KEYS] * len(records)


def test_ids_are_those_of_the_claims_and_of_the_derived_finding_each_once(records: list[dict[str, Any]]) -> None:
    assert sorted(record["id"] for record in records) == sorted([it["id"] for it in RAW] + ["tuition-no-guarantee"])


def test_what_follows_by_logic_alone_stands_first(records: list[dict[str, Any]]) -> None:
    assert records[0] == {
        "id": "tuition-no-guarantee",
        "statement": "53 schools had additional tuition from outside; at most 10 of all the schools succeeded; so at "
        "least 43 of those 53 had such tuition without success.",
        "place": "derived from tuition-music-service, tuition-music-service-and-private, tuition-private, "
        "good-use-and-value",
        "published": None,
        "reproduced": 43,
        "interval_low": None,
        "interval_high": None,
        "verdict": "assumed",
        "assumptions": ["tes-base-59"],
        "provenance": "derived",
    }


@pytest.mark.parametrize(("name", "expected"), FIGURES.items())
def test_a_figure_has_what_was_published_and_what_comes_out(
    records: list[dict[str, Any]], name: str, expected: tuple[int | None, int | None, str, list[str]]
) -> None:
    [record] = [record for record in records if record["id"] == name]
    assert (record["published"], record["reproduced"], record["verdict"], record["assumptions"]) == expected


@pytest.mark.parametrize(("name", "word"), WORDS.items())
def test_a_word_is_unquantified_and_has_no_interval(records: list[dict[str, Any]], name: str, word: str | None) -> None:
    [record] = [record for record in records if record["id"] == name]
    assert (record["published"], record["verdict"]) == (word, "unquantified")
    assert record["interval_low"] is record["interval_high"] is None


def test_numbers_are_bare_numbers_in_the_unit_of_the_claim(records: list[dict[str, Any]]) -> None:
    kinds = {it["id"]: it["kind"] for it in RAW}
    for record in records[1:]:
        wanted = float if kinds[record["id"]] == "comparison" else int
        assert record["reproduced"] is None or type(record["reproduced"]) is wanted, record["id"]
        assert type(record["published"]) is not float


def test_what_is_only_stated_is_not_reproduced(records: list[dict[str, Any]]) -> None:
    stated = [record for record in records if record["verdict"] == "stated"]
    assert {it["id"] for it in RAW if it["scope"] != "the 59"} == {record["id"] for record in stated}
    for record in stated:
        assert (record["reproduced"], record["interval_low"], record["interval_high"]) == (None, None, None)
        assert record["provenance"] == "published"


def test_good_use_and_value_has_the_wilson_interval(records: list[dict[str, Any]]) -> None:
    [record] = [record for record in records if record["id"] == "good-use-and-value"]
    assert record["interval_low"] == pytest.approx(0.095, abs=0.0005)
    assert record["interval_high"] == pytest.approx(0.285, abs=0.0005)


def test_intervals_are_those_of_statsmodels(records: list[dict[str, Any]]) -> None:
    counts = {it["id"]: it["count"] for it in RAW if it.get("base") == 59 and "count" in it and it["scope"] == "the 59"}
    with_interval = {record["id"]: record for record in records if record["interval_low"] is not None}
    assert with_interval.keys() == counts.keys() and len(counts) == 9
    for name, record in with_interval.items():
        limits = proportion_confint(counts[name], 59, method="wilson")
        assert (record["interval_low"], record["interval_high"]) == pytest.approx(limits, abs=1e-12)


def test_the_figures_themselves_are_never_called_evidence_of_more_than_a_reconstruction(findings: Findings) -> None:
    for finding in findings:
        if finding.reproduced is not None:
            assert finding.provenance in ("derived", "reconstructed", "illustrative"), finding.id
    assert "no evidence" in str(findings).replace("\n", " ") and "no evidence" in findings._repr_html_()


def test_csv_parses_back_to_the_same_records(findings: Findings, records: list[dict[str, Any]]) -> None:
    read = list(csv.DictReader(findings.to_csv().splitlines()))
    assert list(read[0]) == KEYS
    expected = [
        {key: ";".join(value) if key == "assumptions" else "" if value is None else str(value) for key, value in it}
        for it in (record.items() for record in records)
    ]
    assert read == expected


def test_two_calls_give_the_same_bytes(findings: Findings) -> None:
    again = check_claims()
    assert again.to_json() == findings.to_json()
    assert again.to_csv() == findings.to_csv()
    assert "\r" not in findings.to_csv() + findings.to_json()


def test_the_frame_has_a_row_for_each_finding(findings: Findings) -> None:
    frame = findings.to_frame()
    assert list(frame.columns) == KEYS
    assert list(frame["id"]) == [finding.id for finding in findings]


def test_a_slice_is_findings_again(findings: Findings) -> None:
    part = findings[1:3]
    assert isinstance(part, Findings)
    assert [finding.id for finding in part] == ["schools-visited", "good-use-and-value"]
    assert findings[0].id == "tuition-no-guarantee"


@pytest.mark.parametrize("upper", [True, False])
def test_groups_follow_one_another_in_text_and_on_the_page(findings: Findings, upper: bool) -> None:
    shown = str(findings) if upper else findings._repr_html_()
    places = [shown.index(title.upper() if upper else f">{title}<") for title in GROUPS]
    assert places == sorted(places)


def test_the_page_says_in_every_row_where_the_number_comes_from(findings: Findings) -> None:
    rows = [row for row in findings._repr_html_().split("<tr>") if 'scope="row"' in row]
    assert len(rows) == len(findings)
    for row, finding in zip(rows, findings, strict=True):
        assert f'<td data-label="provenance">{finding.provenance.value}</td>' in row


def test_the_summary_counts_what_was_compared(findings: Findings) -> None:
    countable = sum("counts" in it for it in RAW)
    assert findings.summary() == (
        f"{len(findings)} findings; the tables agree with {countable} of the {countable} that can be counted in them."
    )


def test_a_claim_is_shown_as_text_whatever_signs_it_holds(data: Path) -> None:
    doctor_claims(data, '"Inspectors visited 59 schools."', '"<b>59</b> schools & £5 & $x$."')
    doctor_claims(data, 'title = "By the numbers - Music tuition"', 'title = "<i>Numbers</i>"')
    shown = check_claims(read_claims(data / "claims.toml"), read_survey(data))._repr_html_()
    assert "&lt;b&gt;59&lt;/b&gt; schools &amp; £5" in shown and "<b>" not in shown
    assert "&lt;i&gt;Numbers&lt;/i&gt;: grades of partnership work" in shown and "<i>" not in shown


# -------------------------------------------------------------------------------------------- counted a second way


def counted(claim: dict[str, Any], among: list[dict[str, list[str]]]) -> tuple[int, int]:
    """Count and base from the file alone: rows in the group in which every column that is counted was judged."""
    conditions = claim["counts"] if isinstance(claim["counts"], list) else [claim["counts"]]
    columns = {column for condition in conditions for column in condition}

    def holds(row: Row, condition: dict[str, list[str]]) -> bool:
        return all(set(row[column].split(";")) & set(codes) for column, codes in condition.items())

    group = [row for row in VISITS if any(holds(row, condition) for condition in among)]
    base = [row for row in group if not {row[column] for column in columns} & {"not_seen", "not_applicable"}]
    return sum(any(holds(row, condition) for condition in conditions) for row in base), len(base)


def group(claim: dict[str, Any]) -> list[dict[str, list[str]]]:
    """The visits that form the base: a table, a list of tables, or the name of a group; all visits without one."""
    among = claim.get("among", {})
    among = FILE["groups"][among] if isinstance(among, str) else among
    return among if isinstance(among, list) else [among]


def others(claim: dict[str, Any]) -> list[dict[str, list[str]]]:
    [among] = group(claim)
    [(column, codes)] = among.items()
    rest = {row[column] for row in VISITS} - set(codes) - {"not_seen", "not_applicable"}
    return [{column: sorted(rest)}]


@pytest.mark.parametrize("claim", [it for it in RAW if "counts" in it], ids=lambda it: str(it["id"]))
def test_reproduced_is_what_an_independent_count_of_the_file_gives(findings: Findings, claim: dict[str, Any]) -> None:
    [finding] = [finding for finding in findings if finding.id == claim["id"]]
    count, base = counted(claim, group(claim))
    if claim["kind"] == "percent":
        expected: Any = int((Decimal(100 * count) / base).quantize(Decimal(1), ROUND_HALF_UP))
    elif claim["kind"] == "comparison":
        rest, rest_base = counted(claim, others(claim))
        expected = pytest.approx(count / base - rest / rest_base)
    else:
        expected = count
    assert finding.reproduced == expected
    assert finding.discrepancy == ""


def test_the_reconstruction_satisfies_what_follows_by_logic() -> None:
    outside = [row for row in VISITS if row["tuition_provider"] != "own_staff_or_none"]
    good = ("outstanding", "good")
    without = [row for row in outside if not (row["partnership_use"] in good and row["value_for_money"] in good)]
    assert len(outside) == 53
    assert len(without) >= 43


# ------------------------------------------------------------------------------------------------------- doctored data


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            first("partnership_use", "outstanding", "satisfactory"),
            {
                "good-use-and-value": "9 in the tables, published 10",
                "grade-outstanding": "2 of 59 in the tables is 3%, published 5%",
                "grade-satisfactory": "33 of 59 in the tables is 56%, published 54%",
                "times-outstanding": "2 of 59 is not 'one in 20'",
            },
        ),
        (
            first("tuition_provider", "private", "music_service"),
            {
                "tuition-private": "9 of 59 in the tables is 15%, published 17%",
                "tuition-music-service": "31 of 59 in the tables is 53%, published 51%",
            },
        ),
        (
            first("partnership_use", "inadequate", "not_seen"),
            {
                name: f"{count} of 58 in the tables, published of 59"
                for name, count in {
                    "good-use-and-value": 10,
                    "grade-outstanding": 3,
                    "grade-good": 7,
                    "grade-satisfactory": 32,
                    "grade-inadequate": 16,
                }.items()
            }
            | {"times-outstanding": "3 of 58 is not 'one in 20'"},
        ),
    ],
    ids=["a grade", "a provider", "a grade not seen"],
)
def test_one_cell_changed_is_named_by_its_claims_and_the_exit_status_is_1(
    data: Path, capsys: pytest.CaptureFixture[str], change: Change, said: dict[str, str]
) -> None:
    doctor(data, change)
    status, lines = run(data, capsys)
    places = {it["id"]: it["place"] for it in RAW}
    assert status == 1
    assert lines.keys() == said.keys()
    for name, line in lines.items():
        assert line.startswith(f"{said[name]} (") and line.endswith(f"{places[name]})")


def test_a_visit_too_few_is_seen(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (data / "visits.csv").open(encoding="utf-8") as file:
        lines = file.readlines()
    (data / "visits.csv").write_text("".join(lines[:-1]), encoding="utf-8")
    last = lines[-1].split(",")[0]
    for name in ("pupil_groups.csv", "costs.csv"):
        kept = [it for it in (data / name).read_text(encoding="utf-8").splitlines() if not it.startswith(f"{last},")]
        (data / name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    status, said = run(data, capsys)
    assert status == 1
    assert said["schools-visited"].startswith("58 in the tables, published 59 (")


def test_untouched_data_are_met(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    doctor(data, lambda rows: None)
    assert run(data, capsys) == (0, {})


@pytest.mark.parametrize(
    ("old", "new", "name", "said"),
    [
        (
            "count = 10\nbase = 59\ncounts = { partnership_use",
            "count = 11\nbase = 59\ncounts = { partnership_use",
            "good-use-and-value",
            "10 in the tables, published 11 (Key findings, paragraph 1, sentence 4)",
        ),
        (
            "count = 10\nbase = 59\ncounts = { partnership_use",
            "count = 10\nbase = 60\ncounts = { partnership_use",
            "good-use-and-value",
            "10 of 59 in the tables, published of 60 (Key findings, paragraph 1, sentence 4)",
        ),
        (
            "percent = 12\ncount = 7",
            "percent = 14\ncount = 8",
            "grade-good",
            "7 of 59 in the tables is 12%, published 14% (By the numbers - Music tuition: grades of partnership work)",
        ),
        ('quantifier = "one in 20"', 'quantifier = "a third"', "times-outstanding", "3 of 59 is not 'a third' ("),
        (
            'partnership_forms = ["bought_in_tuition"] }\n\n',
            'partnership_forms = ["ensembles"] }\n\n',
            "tuition-most-frequent",
            " in the tables, and bought in tuition has 53 (",
        ),
    ],
)
def test_a_doctored_claim_is_named(
    data: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, name: str, said: str
) -> None:
    doctor_claims(data, old, new)
    status, lines = run(data, capsys)
    assert status == 1
    assert list(lines) == [name] and said in lines[name]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("greater-range", every(greater_range="no"), "0 of 59 is not 'most'"),
        ("not-managed-well", every(greater_range="yes", well_managed="yes"), "0 of 59 is not 'too many'"),
        ("improved-outcomes", every(long_term_outcomes="yes", all_groups_benefit="yes"), "59 of 59 is not 'to"),
        (
            "tuition-most-frequent",
            every(partnership_forms="workshops;ensembles"),
            "0 in the tables, and ensembles has 59",
        ),
        ("tuition-not-sufficient", every(long_term_outcomes="yes"), "0 of 59 is not 'no guarantee'"),
        (
            "widening-gaps",
            every(inclusion="pitfall", gap_widened_participation="no", gap_widened_achievement="no"),
            "0 of 59 is not 'often'",
        ),
        ("widening-gaps-achievement", every(inclusion="pitfall", gap_widened_achievement="no"), "0 of 59 is not 'o"),
        ("times-inadequate", every(partnership_use="satisfactory"), "0 of 59 is not 'more than a quarter'"),
        (
            "action-monitoring",
            every(monitoring="neither", value_for_money="good", partnership_use="good"),
            "no visit of 59, though it was published that there were some",
        ),
        ("pitfall-leadership", every(leadership="action"), "no visit of 49, though it was published that there were"),
        ("poor-value-without-monitoring", every(monitoring="pitfall"), "the tables have no visit to compare with"),
        ("greater-range", every(greater_range="not_seen"), "the tables have no visit in which it was seen"),
        ("good-use-and-value", every(partnership_use="not_seen"), "the tables have no visit in which it was seen"),
        ("grade-good", every(partnership_use="not_seen"), "the tables have no visit in which it was seen"),
    ],
)
def test_words_are_held_at_their_weakest_reading(data: Path, name: str, change: Change, said: str) -> None:
    doctor(data, change)
    finding = found_in(data)[name]
    assert finding.discrepancy is not None and finding.discrepancy.startswith(said)


def first_ones(column: str, yes: int) -> Change:
    """So many times yes, and no in the other rows."""

    def change(rows: list[Row]) -> None:
        for number, row in enumerate(rows):
            row[column] = "yes" if number < yes else "no"

    return change


@pytest.mark.parametrize(
    ("name", "column", "met", "broken"),
    [("greater-range", "greater_range", 30, 29), ("improved-outcomes", "long_term_outcomes", 29, 30)],
)
def test_a_word_turns_at_half(data: Path, name: str, column: str, met: int, broken: int) -> None:
    for yes, agrees in ((met, True), (broken, False)):
        doctor(data, every(all_groups_benefit="yes"))
        doctor(data, first_ones(column, yes))
        finding = found_in(data)[name]
        assert finding.reproduced == yes
        assert (finding.discrepancy == "") is agrees


@pytest.mark.parametrize(("worse", "agrees"), [(True, True), (False, False)])
def test_a_comparison_is_met_when_the_group_named_has_more_of_it(data: Path, worse: bool, agrees: bool) -> None:
    def change(rows: list[Row]) -> None:
        for number, row in enumerate(rows):
            pitfall = number < 20
            row["monitoring"] = "pitfall" if pitfall else "action"
            row["value_for_money"] = "inadequate" if pitfall is worse else "good"

    doctor(data, change)
    finding = found_in(data)["poor-value-without-monitoring"]
    assert finding.reproduced == (1.0 if worse else -1.0)
    assert (finding.discrepancy == "") is agrees


def test_equal_shares_are_not_more(data: Path) -> None:
    doctor(data, every(value_for_money="inadequate"))
    doctor(data, first("monitoring", "action", "pitfall"))
    finding = found_in(data)["poor-value-without-monitoring"]
    assert finding.reproduced == 0.0 and finding.discrepancy


def test_what_is_not_met_is_said_beside_it_in_text_and_on_the_page(data: Path) -> None:
    doctor(data, first("tuition_provider", "private", "music_service"))
    findings = check_claims(survey=read_survey(data))
    said = "NOT MET (9 of 59 in the tables is 15%, published 17%); assumed (tes-base-59)"
    assert [finding.id for finding in findings.unmet] == ["tuition-music-service", "tuition-private"]
    assert said in str(findings) and said in findings._repr_html_()
    total = sum("counts" in it for it in RAW)
    assert findings.summary().endswith(f"agree with {total - 2} of the {total} that can be counted in them.")


def test_what_follows_by_logic_looks_at_no_table(data: Path) -> None:
    doctor(data, every(tuition_provider="own_staff_or_none"))
    assert found_in(data)["tuition-no-guarantee"].reproduced == 43


def test_what_follows_by_logic_follows_the_published_counts(data: Path) -> None:
    doctor_claims(data, "percent = 17\ncount = 10", "percent = 19\ncount = 11")
    derived = found_in(data)["tuition-no-guarantee"]
    assert derived.reproduced == 44
    assert derived.statement.startswith("54 schools")


def test_without_its_premises_nothing_follows(data: Path) -> None:
    text = (data / "claims.toml").read_text(encoding="utf-8")
    text = text.replace('id = "tuition-private"', 'id = "tuition-tutors"').replace('"tuition-private",', "")
    (data / "claims.toml").write_text(text, encoding="utf-8")
    assert "tuition-no-guarantee" not in found_in(data)


def test_no_doctored_table_puts_a_nan_into_the_json(data: Path) -> None:
    doctor(data, every(partnership_use="not_seen", monitoring="not_seen", inclusion="not_seen"))
    text = check_claims(survey=read_survey(data)).to_json()
    assert len(json.loads(text, parse_constant=refuse)) == len(RAW) + 1


def test_a_claim_that_counts_in_no_column_is_an_error(data: Path) -> None:
    doctor_claims(data, 'counts = { greater_range = ["yes"] }', 'counts = { greater_rnage = ["yes"] }')
    with pytest.raises(InputError, match=r"claim 'greater-range', field 'counts': column must be one of .* did you"):
        found_in(data)
