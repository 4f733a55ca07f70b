"""The findings: their form, every published figure counted a second way, and what is said of doctored data."""

import csv
import json
import re
import shutil
import tomllib
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from pathlib import Path
from typing import Any, NoReturn

import pytest
from made_surveys import called
from statsmodels.stats.proportion import proportion_confint

from survey_analysis import cli
from survey_analysis.claim_bounds import compute_bounds, published_bounds
from survey_analysis.claim_checks import check_claims
from survey_analysis.claims_file import read_claims
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.errors import InputError
from survey_analysis.findings import COLUMNS, VERDICTS, Finding, Findings
from survey_analysis.lexicons import read_lexicons
from survey_analysis.resources import DATA
from survey_analysis.survey_files import load_survey, read_survey

KEYS = [
    "id",
    "statement",
    "place",
    "published",
    "reproduced",
    "interval_low",
    "interval_high",
    "bound_low",
    "bound_high",
    "verdict",
    "lexicon",
    "binding",
    "assumptions",
    "provenance",
]
GRADE, BASE = ["tes-base-59", "tes-grade-is-use"], ["tes-base-59"]
FIGURES: dict[str, tuple[int | str | None, int | None, str, list[str]]] = {
    "tuition-no-guarantee": (None, None, "bounded", BASE),
    "good-use-is-good-value": (None, None, "assumed", GRADE),
    "wider-choice-no-guarantee": (None, None, "depends on the reading", []),
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
    "times-outstanding": ("one in 20", 3, "assumed", GRADE),
}
DERIVED = ["tuition-no-guarantee", "good-use-is-good-value", "wider-choice-no-guarantee"]
WORDS = {
    "greater-range": ("most", "depends on the reading", 30, 59),
    "not-managed-well": ("too many", "depends on the reading", 1, 59),
    "improved-outcomes": ("too rarely", "bounded", 0, 29),
    "tuition-most-frequent": ("most frequent", "assumed", 53, 53),
    "tuition-not-sufficient": ("no guarantee", "bounded", 1, 53),
    "widening-gaps": ("often", "assumed", 1, 58),
    "poor-value-without-monitoring": (None, "assumed", 1 / 870, 1.0),
    "action-monitoring": (None, "bounded", 1, 10),
    "action-monitoring-value": (None, "assumed", 10, 10),
    "pitfall-leadership": (None, "bounded", 1, 49),
    "times-inadequate": ("more than a quarter", "assumed", 17, 17),
}
GROUPS = [
    "What follows by logic, once any assumption named is granted",
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
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("NOT MET ")]
    return status, dict(line.removeprefix("NOT MET ").split(": ", 1) for line in lines)


# ------------------------------------------------------------------------------------------------------------ the form


def test_every_object_has_these_keys_in_this_order(records: list[dict[str, Any]]) -> None:
    assert len(records) == len(RAW) + len(DERIVED)
    assert [list(record) for record in records] == [KEYS] * len(records)


def test_ids_are_those_of_the_claims_and_of_the_derived_findings_each_once(records: list[dict[str, Any]]) -> None:
    assert sorted(record["id"] for record in records) == sorted([it["id"] for it in RAW] + DERIVED)


def test_what_follows_by_logic_stands_first(records: list[dict[str, Any]]) -> None:
    assert records[0] == {
        "id": "tuition-no-guarantee",
        "statement": "30 + 13 + 10 = 53 schools had additional tuition from outside; at most 10 of all the schools "
        "made good use of partnerships at good value; so at least 43 of those 53 had such tuition without both.",
        "place": "derived from tuition-music-service, tuition-music-service-and-private, tuition-private, "
        "good-use-and-value",
        "published": None,
        "reproduced": None,
        "interval_low": None,
        "interval_high": None,
        "bound_low": 43,
        "bound_high": 49,
        "verdict": "bounded",
        "lexicon": "plain-english",
        "binding": [
            "tuition-music-service",
            "tuition-music-service-and-private",
            "tuition-private",
            "good-use-and-value",
        ],
        "assumptions": ["tes-base-59"],
        "provenance": "derived",
    }


@pytest.mark.parametrize(("name", "expected"), FIGURES.items())
def test_a_figure_has_what_was_published_and_what_comes_out(
    records: list[dict[str, Any]], name: str, expected: tuple[int | str | None, int | None, str, list[str]]
) -> None:
    [record] = [record for record in records if record["id"] == name]
    assert (record["published"], record["reproduced"], record["verdict"], record["assumptions"]) == expected


@pytest.mark.parametrize(("name", "expected"), WORDS.items())
def test_a_word_has_a_range_and_no_interval(
    records: list[dict[str, Any]], name: str, expected: tuple[str | None, str, float, float]
) -> None:
    [record] = [record for record in records if record["id"] == name]
    assert (record["published"], record["verdict"], record["bound_low"], record["bound_high"]) == expected
    assert record["interval_low"] is record["interval_high"] is None
    assert record["lexicon"] == "plain-english"


def test_nothing_about_the_59_that_is_counted_is_without_a_range(findings: Findings) -> None:
    for finding in findings:
        has_range = finding.verdict != "stated"
        assert (finding.bound_low is not None) is (finding.bound_high is not None) is has_range, finding.id
        assert (finding.lexicon is not None) is has_range
        if finding.reproduced is not None and finding.bound_low is not None and finding.bound_high is not None:
            assert finding.bound_low <= finding.reproduced <= finding.bound_high, finding.id
    assert "unquantified" not in str(findings)


def test_another_lexicon_gives_another_range(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["findings", "--json", "--lexicon", "education-scotland"]) == 0
    records = {it["id"]: it for it in json.loads(capsys.readouterr().out)}
    found = records["greater-range"]
    assert (found["bound_low"], found["bound_high"], found["lexicon"]) == (44, 53, "education-scotland")
    mine = data / "mine.toml"
    mine.write_text(
        '[mine]\ntitle = "Mine"\nsource = "ours"\nthresholds = "exact shares"\n[mine.terms]\n'
        "most = { low = 60, low_included = true, high = 80, high_included = true }\n",
        encoding="utf-8",
    )
    assert cli.main(["findings", "--json", "--lexicon", str(mine)]) == 1  # 44 of 54 are more than four in five
    out, err = capsys.readouterr()
    found = {it["id"]: it for it in json.loads(out)}["greater-range"]
    assert (found["bound_low"], found["bound_high"], found["lexicon"]) == (36, 47, "mine")
    assert err.startswith("NOT MET greater-range: 44 of 54 is not 'most' by Mine")
    assert cli.main(["findings", "--lexicon", str(DATA / "lexicons.toml")]) == 1
    assert capsys.readouterr().err.strip().endswith("lexicons.toml holds 2 lexicons; leave one of them in it")


def test_claims_that_contradict_one_another_are_reported_and_the_rest_is_shown(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    doctor_claims(
        data, "count = 10\nbase = 59\ncounts = { partnership_use", "count = 12\nbase = 59\ncounts = { partnership_use"
    )
    assert cli.main(["findings", "--data", str(data)]) == 1
    shown = capsys.readouterr()
    assert "no survey meets all of the claims" in shown.err and "  good-use-and-value: " in shown.err
    assert "no range" in shown.out and "grade-outstanding: Partnership work was outstanding" in shown.out


def test_the_table_of_bounds_is_what_is_computed() -> None:
    columns = packaged_dictionary()["visits"]
    for lexicon in read_lexicons().values():
        kept, computed = published_bounds(lexicon), compute_bounds(read_claims(), columns, lexicon)
        assert kept is not None and kept.keys() == computed.keys()
        for name, found in computed.items():
            told = kept[name]
            assert (told.low, told.high, told.verdict) == (found.low, found.high, found.verdict), name


def test_numbers_are_bare_numbers_in_the_unit_of_the_claim(records: list[dict[str, Any]]) -> None:
    kinds = {it["id"]: it["kind"] for it in RAW}
    for record in records[len(DERIVED) :]:
        wanted = float if kinds[record["id"]] == "comparison" else int
        assert record["reproduced"] is None or type(record["reproduced"]) is wanted, record["id"]
        assert type(record["published"]) is not float


def test_what_is_only_stated_is_not_reproduced(records: list[dict[str, Any]]) -> None:
    stated = [record for record in records if record["verdict"] == "stated"]
    without = {it["id"] for it in RAW if it["scope"] != "the 59" or "counts" not in it}
    assert without == {record["id"] for record in stated}
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
        {key: ";".join(value) if isinstance(value, list) else "" if value is None else str(value) for key, value in it}
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
    part = findings[3:5]
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


def test_the_lexicon_is_named_with_the_words_that_it_reads_and_the_counts_it_has_none_for(findings: Findings) -> None:
    weakest = "Other words are taken to say as little as they can, and a bare plural, such as 'schools', at least one."
    plain = f"Plain English reads 'most' as 30 to 59 of 59; it has no word for 0 to 29. {weakest}"
    assert plain in " ".join(str(findings).split())
    scottish = check_claims(lexicon="education-scotland")
    assert scottish.words == (
        "Education Scotland reads 'almost all' as 54 to 59, 'most' as 44 to 53, 'majority' as 30 to 43, 'less than "
        f"half' as 10 to 29, 'few' as 0 to 9 of 59. {weakest}"
    )
    for without in (findings.of_kind("fact"), findings[:1], findings.of_kind("percent")):
        assert without.words and "Plain English" not in str(without), "no range here rests on a word"
    assert "Plain English" in " ".join(str(findings[:3]).split())


def test_how_comparisons_are_held_is_said_where_one_is_shown(findings: Findings) -> None:
    for part in (findings, findings.of_kind("comparison"), findings.of_kind("count"), findings.of_kind("fact")):
        wanted = any(it.kind == "comparison" for it in part)
        assert ("Comparisons are held exactly" in " ".join(str(part).split())) is wanted


def test_a_table_on_a_page_has_no_column_without_anything_in_it(findings: Findings) -> None:
    heads = {
        name: re.findall(r'<th scope="col">([^<]*)</th>', part._repr_html_())
        for name, part in (("all", findings), ("logic", findings[:3]), ("facts", findings.of_kind("fact")))
    }
    assert heads["all"] == [
        *("claim", "published", "claims allow", "reproduced", "interval", "provenance", "verdict", "where it stands")
    ]
    assert heads["logic"] == ["claim", "claims allow", "provenance", "verdict", "where it stands"]
    assert "interval" not in heads["facts"] and "published" in heads["facts"]


def test_only_other_visits_than_those_of_the_package_are_said_to_be_others(findings: Findings, data: Path) -> None:
    assert findings.about == "" and check_claims(survey=read_survey(data)).about == ""
    doctor(data, first("phase", "primary", "special"))
    found = check_claims(survey=read_survey(data))
    assert found.about.startswith(
        "This checks whether the visits of 'data' agree with what Ofsted published of its own"
    )
    assert str(found[:2]).startswith("This checks whether") and found[:2].about == found.about
    assert found._repr_html_().startswith('<p class="finding">This checks whether')


def test_the_summary_counts_figures_and_words_apart(findings: Findings) -> None:
    kinds = [it["kind"] for it in RAW if "counts" in it]
    figures = sum(kind in ("count", "percent") for kind in kinds)
    words = len(kinds) - figures
    assert (figures, words) == (10, 26)
    assert findings.summary() == (
        "104 findings; 10 of 10 published figures are met, and 26 of 26 statements in words are not contradicted by "
        "the tables."
    )
    assert findings[3:6].summary() == "3 findings; 3 of 3 published figures are met."
    words_alone = "12 findings; 5 of 5 statements in words are not contradicted by the tables."
    assert findings.of_kind("pitfall").summary() == words_alone
    assert findings.of_kind("fact").summary() == f"{len(findings.of_kind('fact'))} findings."


def test_a_finding_has_the_kind_of_its_claim_and_can_be_chosen_by_it(findings: Findings) -> None:
    kinds = {it["id"]: it["kind"] for it in RAW}
    assert [it.kind for it in findings] == ["logic"] * 3 + [kinds[it.id] for it in findings[3:]]
    chosen = findings.of_kind("action", "pitfall")
    assert isinstance(chosen, Findings)
    assert [it.id for it in chosen] == [it.id for it in findings if it.kind in ("action", "pitfall")]
    assert [it.id for it in findings.of_kind("logic")] == DERIVED
    assert len(findings.of_kind()) == 0


def test_nothing_at_all_can_be_shown(findings: Findings) -> None:
    nothing = findings.of_kind("rumour")
    assert str(nothing).strip() == nothing.summary() == "0 findings."
    assert 'class="note"' not in nothing._repr_html_()
    assert (nothing.to_json(), nothing.to_csv()) == ("[]\n", ",".join(KEYS) + "\n")
    assert list(nothing.to_frame().columns) == KEYS


def test_a_tally_and_a_note_are_for_reading_and_in_no_file(findings: Findings) -> None:
    assert list(COLUMNS) == KEYS
    for finding in findings:
        if finding.tally is None:
            assert finding.discrepancy is None, "what was not counted is not compared"
        elif finding.kind not in ("percent", "comparison"):
            assert finding.tally.count == finding.reproduced
    assert {it["id"] for it in RAW if "counts" in it} == {it.id for it in findings if it.tally is not None}
    assert {it["id"]: it["note"] for it in RAW if "note" in it} == {it.id: it.note for it in findings if it.note}


def test_a_note_stands_in_brackets_behind_the_statement(findings: Findings) -> None:
    text, page = " ".join(str(findings).split()), findings._repr_html_()
    for claim in RAW:
        note = f" [{' '.join(claim['note'].split())}]" if "note" in claim else ""
        assert f"{claim['id']}: {claim['statement']}{note} " in text
        assert f'<th scope="row">{escape(claim["statement"] + note)}</th>' in page


@pytest.mark.parametrize("claim", [it for it in RAW if "counts" in it], ids=lambda it: str(it["id"]))
def test_a_number_is_shown_with_its_base_and_with_what_was_not_seen(findings: Findings, claim: dict[str, Any]) -> None:
    [finding] = [finding for finding in findings if finding.id == claim["id"]]
    count, base = counted(claim, group(claim))
    looked = [row for row in VISITS if "not_applicable" not in {row[it] for it in columns_of(claim["counts"])}]
    in_group, outside = ([row for row in looked if answer(row, group(claim)) is wanted] for wanted in (True, False))
    unseen = len(looked) - len(outside) - base
    assert len(in_group) >= base
    if claim["kind"] == "percent":
        shown = f"{finding.reproduced}%"
    elif claim["kind"] == "comparison":
        shown = f"{finding.reproduced:+.2f} (difference of shares)"
    elif unseen:
        shown = f"{count} of {base}, {unseen} not seen"
    else:
        shown = str(count) if count == base else f"{count} of {base}"
    [text] = [it for it in blocks(findings) if it.startswith(f"{claim['id']}: ")]
    assert f"reproduced {shown}; " in text
    [row] = [it for it in findings._repr_html_().split("<tr>") if f">{escape(claim['statement'])}" in it]
    assert f'<td data-label="reproduced">{shown}</td>' in row


def test_what_was_not_seen_is_said_for_one_that_is_known(findings: Findings) -> None:
    assert "published most; claims allow 30 to 59; reproduced 44 of 54, 5 not seen; illustrative; depends on" in str(
        findings
    )
    assert '<td data-label="reproduced">44 of 54, 5 not seen</td>' in findings._repr_html_()


MADE_UP = "made up to meet the published figures"


@pytest.mark.parametrize("provenance", ["observed", "published", "derived", "reconstructed", "illustrative"])
def test_visits_are_called_made_up_only_where_they_are(provenance: str) -> None:
    found = check_claims(survey=called(load_survey(), provenance))
    given = {it.provenance.value for it in found if it.tally is not None}
    # of a reconstruction that names no published counts, what is counted over several columns is illustrative
    assert given == ({provenance, "illustrative"} if provenance == "reconstructed" else {provenance})
    for shown in (str(found), found._repr_html_()):
        assert (MADE_UP in " ".join(shown.split())) is (provenance in ("reconstructed", "illustrative"))


def test_what_counts_nothing_is_not_called_made_up(findings: Findings) -> None:
    assert MADE_UP not in " ".join(str(findings.of_kind("fact")).split())


def test_the_note_gives_the_meaning_of_every_verdict_that_is_shown_and_of_no_other(findings: Findings) -> None:
    for part in (findings, findings[:5], findings.of_kind("fact"), findings.of_kind("action")):
        shown = {finding.verdict for finding in part}
        text, page = " ".join(str(part).split()).lower(), part._repr_html_().lower()
        for verdict, meaning in VERDICTS.items():
            said = f"{verdict}: {meaning}".lower()
            assert (said in text) is (escape(said) in page) is (verdict in shown)
    assert {finding.verdict for finding in findings} == set(VERDICTS) - {"open", "no range"}


def test_the_warning_about_intervals_stands_only_where_there_are_some(findings: Findings) -> None:
    for part, there in ((findings[:3], False), (findings[:5], True), (findings.of_kind("action"), False)):
        assert ("the 59 were not." in " ".join(str(part).split())) is there


def test_a_place_names_the_source_and_says_what_was_read_at_second_hand(findings: Findings) -> None:
    places = {finding.id: finding.place for finding in findings}
    for claim in RAW:
        title = FILE["sources"][claim["source"]]["title"]
        where = claim["place"] if claim["source"] == "summary" else f"{title}: {claim['place']}"
        assert places[claim["id"]] == where + (" (second-hand)" if claim.get("second_hand") else "")
    assert places["licence"] == "Open Government Licence v3.0: whole licence (second-hand)"


def test_claims_about_actions_and_pitfalls_name_their_assumptions(findings: Findings) -> None:
    groups = {"successful": "successful-are-the-ten", "limited-effect": "limited-effect-is-the-rest"}
    counted_ones = [it for it in RAW if it["kind"] in ("action", "pitfall") and "counts" in it]
    assert len(counted_ones) > 10
    for claim in counted_ones:
        [finding] = [finding for finding in findings if finding.id == claim["id"]]
        assert claim["among"] == ("successful" if claim["kind"] == "action" else "limited-effect")
        assert finding.assumptions == (groups[claim["among"]], "themes-are-of-the-59")
        assert f"{finding.verdict} ({', '.join(finding.assumptions)})" in str(findings)


def test_a_claim_is_shown_as_text_whatever_signs_it_holds(data: Path) -> None:
    doctor_claims(data, '"Inspectors visited 59 schools."', '"<b>59</b> schools & £5 & $x$."')
    doctor_claims(data, 'title = "By the numbers - Music tuition"', 'title = "<i>Numbers</i>"')
    shown = check_claims(read_claims(data / "claims.toml"), read_survey(data))._repr_html_()
    assert "&lt;b&gt;59&lt;/b&gt; schools &amp; £5" in shown and "<b>" not in shown
    assert "&lt;i&gt;Numbers&lt;/i&gt;: grades of partnership work" in shown and "<i>" not in shown


# -------------------------------------------------------------------------------------------- counted a second way


def columns_of(counts: Any) -> set[str]:
    return {column for condition in (counts if isinstance(counts, list) else [counts]) for column in condition}


def answer(row: Row, conditions: list[dict[str, list[str]]]) -> bool | None:
    """Whether a visit belongs to a group: that it does, that it does not, or None where it was not seen."""
    answers = []
    for condition in conditions:
        cells = [None if row[it] == "not_seen" else row[it] in codes for it, codes in condition.items()]
        answers.append(False if False in cells else None if None in cells else True)
    return True if True in answers else None if None in answers else False


def blocks(findings: Findings) -> list[str]:
    """Each finding as it is printed, on one line."""
    lines = str(findings).splitlines()
    starts = [number for number, line in enumerate(lines) if re.match(r"[a-z0-9-]+: ", line)]
    return [" ".join(" ".join(lines[a:b]).split()) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]


def counted(claim: dict[str, Any], among: list[dict[str, list[str]]]) -> tuple[int, int]:
    """Count and base from the file alone: rows in the group in which every column that is counted was judged."""
    conditions = claim["counts"] if isinstance(claim["counts"], list) else [claim["counts"]]
    columns = columns_of(claim["counts"])

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


def test_a_comparison_leaves_out_the_visits_of_which_the_group_was_not_seen(data: Path) -> None:
    def change(rows: list[Row]) -> None:
        for number, row in enumerate(rows):
            row["monitoring"] = "pitfall" if number < 20 else "action" if number < 30 else "not_seen"
            row["value_for_money"] = "inadequate" if number < 5 or number >= 30 else "good"

    doctor(data, change)
    finding = found_in(data)["poor-value-without-monitoring"]
    assert (finding.reproduced, finding.discrepancy) == (0.25, "")
    assert finding.tally is not None
    assert (finding.tally.count, finding.tally.base, finding.tally.group_not_seen) == (5, 20, 29)


def test_an_ordering_looks_only_at_the_visits_that_it_is_about(data: Path) -> None:
    def change(rows: list[Row]) -> None:
        for number, row in enumerate(rows):
            row["phase"] = "special" if number < 9 else "primary"
            row["feeder_primaries_used"] = "not_applicable"
            row["partnership_forms"] = "workshops" if number < 5 else "bought_in_tuition"

    doctor(data, change)
    assert found_in(data)["tuition-most-frequent"].discrepancy == ""
    old = 'counts = { partnership_forms = ["bought_in_tuition"] }\n\n'
    doctor_claims(data, old, old.removesuffix("\n") + 'among = { phase = ["special"] }\n\n')
    finding = found_in(data)["tuition-most-frequent"]
    assert (finding.reproduced, finding.discrepancy) == (4, "4 in the tables, and workshops has 5")


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
    assert "; 8 of 10 published figures are met, and 26 of 26 statements in words are not" in findings.summary()
    doctor(data, every(greater_range="no"))
    words = check_claims(survey=read_survey(data))
    assert "; 8 of 10 published figures are met, and 24 of 26 statements in words are not" in words.summary()


def test_a_percentage_of_another_base_is_shown_as_a_percentage(data: Path) -> None:
    doctor(data, first("partnership_use", "inadequate", "not_seen"))
    findings = check_claims(survey=read_survey(data))
    [finding] = [finding for finding in findings if finding.id == "grade-inadequate"]
    assert (finding.reproduced, finding.discrepancy) == (28, "16 of 58 in the tables, published of 59")
    assert "published 29%; claims allow 29%; reproduced 28%; " in str(findings)
    assert '<td data-label="reproduced">28%</td>' in findings._repr_html_()


def test_what_follows_by_logic_looks_at_no_table(data: Path) -> None:
    doctor(data, every(tuition_provider="own_staff_or_none"))
    assert found_in(data)["tuition-no-guarantee"].bound_low == 43


def test_what_follows_by_logic_follows_the_published_counts(data: Path) -> None:
    doctor_claims(data, "percent = 17\ncount = 10", "percent = 19\ncount = 11")
    doctor_claims(data, "percent = 10\ncount = 6", "percent = 8\ncount = 5")
    derived = found_in(data)["tuition-no-guarantee"]
    assert derived.bound_low == 44
    assert derived.statement.startswith("30 + 13 + 11 = 54 schools")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id = "tuition-private"', 'id = "tuition-tutors"'),
        ("percent = 17\ncount = 10\nbase = 59", "percent = 17\ncount = 10\nbase = 60"),
        ("percent = 17\ncount = 10\nbase = 59\nbase_inferred = true", "percent = 17"),
        ("count = 10\nbase = 59\ncounts = { partnership_use", "count = 10\nbase = 58\ncounts = { partnership_use"),
        (
            'sentence 4"\nscope = "the 59"\nkind = "count"\ncount = 10',
            'sentence 4"\nscope = "context"\nkind = "count"\ncount = 10',
        ),
    ],
    ids=["no such claim", "another base", "no count", "another base of success", "another scope"],
)
def test_without_its_premises_on_one_base_nothing_follows(data: Path, old: str, new: str) -> None:
    doctor_claims(data, old, new)
    text = (data / "claims.toml").read_text(encoding="utf-8")
    (data / "claims.toml").write_text(text.replace('    "tuition-private",\n', ""), encoding="utf-8")
    found = check_claims(read_claims(data / "claims.toml"), read_survey(DATA))
    assert "tuition-no-guarantee" not in {finding.id for finding in found}


def test_what_follows_presumes_what_any_of_its_premises_presumes(data: Path) -> None:
    old = "count = 10\nbase = 59\ncounts = { partnership_use"
    doctor_claims(data, old, f'assumptions = ["successful-are-the-ten"]\n{old}')
    derived = found_in(data)["tuition-no-guarantee"]
    assert sorted(derived.assumptions) == ["successful-are-the-ten", "tes-base-59"]
    assert derived.verdict == "assumed"


def test_what_follows_from_figures_without_assumptions_names_none(data: Path) -> None:
    text = (data / "claims.toml").read_text(encoding="utf-8")
    text = text.replace('assumptions = ["tes-base-59"]\ncounts = { tuition', "counts = { tuition")
    (data / "claims.toml").write_text(text, encoding="utf-8")
    derived = found_in(data)["tuition-no-guarantee"]
    assert (derived.verdict, derived.assumptions) == ("bounded", ())


def test_no_doctored_table_puts_a_nan_into_the_json(data: Path) -> None:
    doctor(data, every(partnership_use="not_seen", monitoring="not_seen", inclusion="not_seen"))
    text = check_claims(survey=read_survey(data)).to_json()
    assert len(json.loads(text, parse_constant=refuse)) == len(RAW) + len(DERIVED)


def test_a_claim_that_counts_in_no_column_is_an_error(data: Path) -> None:
    doctor_claims(data, 'counts = { greater_range = ["yes"] }', 'counts = { greater_rnage = ["yes"] }')
    with pytest.raises(InputError, match=r"claim 'greater-range', field 'counts': column must be one of .* did you"):
        found_in(data)
