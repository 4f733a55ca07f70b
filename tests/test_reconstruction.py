"""What the published claims fix, bound and leave open; with proofs that are checked apart from the solver."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import survey_analysis as sa
from survey_analysis.claims_file import read_claims
from survey_analysis.constraints import compile_claims
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance
from survey_analysis.events import Event, Linear
from survey_analysis.quantities import Quantity
from survey_analysis.reconstruction import Bounds, ContradictionError
from survey_analysis.resources import DATA

CLAIMS = read_claims()
COLUMNS = packaged_dictionary()["visits"]
SUCCESSFUL, OTHERS = CLAIMS.groups["successful"], CLAIMS.groups["limited-effect"]
GOOD_USE = {"partnership_use": ["outstanding", "good"]}

ASKED: Mapping[str, tuple[Quantity, str, Fraction | int, Fraction | int]] = {
    "greater range": (sa.number_of({"greater_range": "yes"}), "depends on the reading", 30, 59),
    "good use and value": (sa.number_of(SUCCESSFUL), "fixed", 10, 10),
    "good use": (sa.number_of(GOOD_USE), "assumed", 10, 10),
    "inadequate": (sa.number_of({"partnership_use": "inadequate"}), "assumed", 17, 17),
    "good value": (sa.number_of({"value_for_money": ["outstanding", "good"]}), "bounded", 10, 58),
    "primary": (sa.number_of({"phase": "primary"}), "assumed", 0, 58),  # some secondary school used feeder schools
    "second grade": (sa.number_of({"second_partnership_use": "good"}), "open", 0, 59),
    "bought in, use below good": (
        sa.number_of({"partnership_forms": "bought_in_tuition", "partnership_use": ["satisfactory", "inadequate"]}),
        "bounded",
        43,
        49,
    ),
    "bought in among the others": (
        sa.share_of({"partnership_forms": "bought_in_tuition"}, among=OTHERS),
        "assumed",
        Fraction(43, 49),
        1,
    ),
    "not well managed": (
        sa.share_of({"well_managed": "no"}, among={"greater_range": "yes"}),
        "depends on the reading",
        Fraction(1, 59),
        1,
    ),
}


@cache
def answer(name: str) -> Bounds:
    return sa.bounds(ASKED[name][0])


@pytest.mark.parametrize("name", ASKED)
def test_the_ends_and_the_verdict(name: str) -> None:
    _, verdict, low, high = ASKED[name]
    found = answer(name)
    assert (found.low, found.high) == (low, high)
    assert found.verdict == verdict


def holds(event: Event, school: Mapping[str, str]) -> bool:
    return any(all(school[name] in codes for name, codes in it.items()) for it in event.conditions)


def total(constraint: Linear, survey: pd.DataFrame) -> int:
    schools = survey.to_dict("records")
    return sum(times * sum(holds(event, school) for school in schools) for times, event in constraint.terms)


def witnesses(found: Bounds) -> Iterator[tuple[Fraction, pd.DataFrame]]:
    yield found.low, found.witness_low
    yield found.high, found.witness_high


@pytest.mark.parametrize("name", ASKED)
def test_the_witnesses_meet_every_claim_and_attain_the_ends(name: str) -> None:
    quantity = ASKED[name][0]
    lexicon = sa.read_lexicons()["plain-english"].readings()
    model = compile_claims(CLAIMS, COLUMNS, lexicon=lexicon)
    over = model.event(quantity.of, quantity.among or ({},))
    for end, survey in witnesses(answer(name)):
        assert len(survey) == 59
        for it in model.constraints:
            value = total(it, survey)
            assert it.low is None or value >= it.low, it.claim
            assert it.high is None or value <= it.high, it.claim
        counted = total(Linear(terms=((1, over),)), survey)
        base = total(Linear(terms=((1, model.event(quantity.among)),)), survey) if quantity.among else 1
        assert Fraction(counted, base) == end


@pytest.mark.parametrize("name", ["greater range", "bought in, use below good", "inadequate"])
def test_what_binds_is_enough_and_nothing_of_it_can_be_spared(name: str) -> None:
    """Without one of the binding claims a survey goes beyond the end; with them alone none does."""
    quantity = ASKED[name][0]
    found = answer(name)
    for names, low in ((found.binding_low, True), (found.binding_high, False)):
        for left_out in names:
            if left_out not in CLAIMS:
                continue
            fewer = keep([it for it in names if it != left_out])
            beyond = sa.bounds(quantity, claims=fewer)
            assert beyond.low < found.low if low else beyond.high > found.high
        alone = sa.bounds(quantity, claims=keep(list(names)))
        assert (alone.low == found.low) if low else (alone.high == found.high)


def nobody(claim: sa.Claim) -> sa.Claim:
    """The claims with nobody but the music service giving tuition."""
    if claim.id == "tuition-music-service":
        return replace(claim, percent=100, count=59)
    return replace(claim, percent=0, count=0) if claim.id.startswith("tuition-") and claim.percent else claim


def keep(names: Sequence[str], claims: sa.Claims = CLAIMS) -> sa.Claims:
    return replace(claims, items=tuple(it for it in claims if it.id in (*names, "schools-visited")))


def test_an_assumption_that_is_switched_off_frees_what_rests_on_it() -> None:
    asked = sa.number_of({"partnership_use": "inadequate"})
    assert (sa.bounds(asked).low, sa.bounds(asked).high) == (17, 17)
    free = sa.bounds(asked, without=["tes-base-59"])
    assert (free.low, free.high) == (0, 49)
    assert sa.bounds(asked, without="tes-base-59") == free
    assert free.assumptions == ()
    tuition = sa.number_of({"partnership_forms": "bought_in_tuition"})
    assert sa.bounds(tuition).low == 53
    assert sa.bounds(tuition, without=["outside-tuition-is-bought-in"]).low < 53


def test_action_and_pitfall_exclude_each_other_only_by_assumption() -> None:
    both = sa.number_of({"monitoring": ["action"]})
    assert sa.bounds(both).high == 58
    assert sa.bounds(both, without=["action-excludes-pitfall"]).high == 59


def test_another_lexicon_gives_another_range() -> None:
    found = sa.bounds(sa.number_of({"greater_range": "yes"}), lexicon="education-scotland")
    assert (found.low, found.high) == (44, 53)
    assert found.readings == {"Plain English": (30, 59), "Education Scotland": (44, 53)}
    assert found.lexicon == "Education Scotland"


def test_a_comparison_is_held_exactly_when_its_cases_are_enumerated() -> None:
    """Poor value likelier with the pitfall: it cannot be met everywhere outside, whatever the size."""
    claims = keep(["poor-value-without-monitoring"])
    outside = {"value_for_money": "inadequate", "monitoring": ["action", "neither"]}
    weakest = sa.bounds(sa.number_of(outside), claims=claims)
    exact = sa.bounds(sa.number_of(outside), claims=claims, comparisons="enumerated")
    assert weakest.high == exact.high == 57
    inside = sa.share_of({"value_for_money": "inadequate"}, among={"monitoring": "pitfall"})
    assert sa.bounds(inside, claims=claims).low == sa.bounds(inside, claims=claims, comparisons="enumerated").low


def test_the_sign_of_the_contrast_in_actions_is_not_settled() -> None:
    found = sa.bounds(sa.share_difference({"monitoring": "action"}, among=SUCCESSFUL, against=OTHERS))
    assert found.low < 0 < found.high == 1


def test_claims_that_contradict_one_another_are_named_and_nothing_else_is(tmp_path: Path) -> None:
    text = (DATA / "claims.toml").read_text(encoding="utf-8")
    path = tmp_path / "claims.toml"
    doctored = text.replace("count = 10\nbase = 59", "count = 12\nbase = 59", 1)
    assert doctored != text
    path.write_text(doctored, encoding="utf-8")
    claims = read_claims(path)
    with pytest.raises(ContradictionError) as told:
        sa.bounds(sa.number_of({"phase": "primary"}), claims=claims)
    named = told.value.claims
    assert "good-use-and-value" in named and any(name.startswith("grade-") for name in named)
    assert "Ten of the 59 schools used partnerships well" in str(told.value)
    with pytest.raises(ContradictionError):
        sa.bounds(PRIMARY, claims=keep(named, claims))
    for left_out in named:
        assert sa.bounds(PRIMARY, claims=keep([it for it in named if it != left_out], claims)).high == 59


PRIMARY = sa.number_of({"phase": "primary"})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sa.bounds(sa.number_of({"phse": "primary"})), "did you mean 'phase'?"),
        (lambda: sa.bounds(sa.number_of({"phase": "prim"})), "the code for phase must be one of 'primary'"),
        (lambda: sa.bounds(PRIMARY, without=["tes"]), "without must be one of 'tes-base-59'"),
        (lambda: sa.bounds(PRIMARY, lexicon="x"), "lexicon must be one of 'plain-english'"),
        (lambda: sa.bounds(PRIMARY, comparisons="x"), "comparisons must be one of 'weakest', 'enumerated', not 'x'"),
        (
            lambda: sa.bounds(
                sa.share_of(
                    {"phase": "primary"}, among={"tuition_provider": "private", "partnership_forms": "ensembles"}
                ),
                claims=replace(CLAIMS, items=tuple(nobody(claim) for claim in CLAIMS)),
            ),
            "no survey that the claims allow has a visit in each group, so there is no value; ask about another group",
        ),
    ],
)
def test_a_bad_question_is_told_in_a_sentence(call: Callable[[], Bounds], message: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert message in str(told.value)


def test_bounds_are_told_as_bounds() -> None:
    found = sa.bounds(sa.number_of({"greater_range": "yes"}, label="greater <range>"))
    assert str(found) == "greater <range>: 30 to 59, depends on the reading, words by Plain English, of 59, derived"
    assert "greater &lt;range&gt;" in found._repr_html_()
    assert str(answer("inadequate")).endswith(
        ": 17, assumed, words by Plain English, of 59, derived, assuming tes-base-59 and tes-grade-is-use"
    )


def test_a_table_of_bounds_says_what_proves_each_end() -> None:
    table = sa.bounds_table(answer("greater range"), answer("inadequate"))
    assert list(table["least"]) == ["30", "17"]
    assert list(table["greatest"]) == ["59", "17"]
    assert list(table["least_rests_on"]) == ["greater-range", "grade-inadequate"]
    nothing, reason = table["greatest_rests_on"]
    assert nothing == "nothing"
    assert reason in ("grade-inadequate", "grade-satisfactory, good-use-and-value")
    assert list(table["assuming"]) == ["", "tes-base-59, tes-grade-is-use"]
    assert list(table["comparisons"]) == ["exact", "exact"]
    loose = sa.bounds(ASKED["greater range"][0], comparisons="weakest")
    assert list(sa.bounds_table(loose)["comparisons"]) == ["at their weakest"]
    assert set(table["provenance"]) == {"derived"}
    invented = replace(loose, provenance=Provenance.ILLUSTRATIVE)
    assert list(sa.bounds_table(loose, invented)["provenance"]) == ["derived", "illustrative"]
    with pytest.raises(
        InputError, match=r"^found must come from bounds\(\) or claim_ranges\(\), and is NoneType instead$"
    ):
        sa.bounds_table(None)  # type: ignore[arg-type]


def test_what_binds_a_difference_names_what_fixes_the_sizes_too() -> None:
    """The sizes 10 and 49 of the two groups by use rest on the newspaper's grades."""
    asked = sa.share_difference(
        {"value_for_money": ["outstanding", "good"]},
        among=GOOD_USE,
        against={"partnership_use": ["satisfactory", "inadequate"]},
    )
    found = sa.bounds(asked)
    assert {"tes-base-59", "tes-grade-is-use"} <= set(found.assumptions)
    trivial = sa.bounds(sa.share_difference({"second_partnership_use": "good"}, among=SUCCESSFUL, against=OTHERS))
    assert (trivial.low, trivial.high, trivial.verdict) == (-1, 1, "open")
    assert trivial.binding_low == trivial.binding_high == ()


def test_a_lexicon_that_was_not_chosen_cannot_spoil_the_answer() -> None:
    """57 with a greater range is no "most" in Education Scotland's terms, which ends at 53 of 59."""
    added = replace(
        CLAIMS["greater-range"], id="counted", kind="count", quantifier=None, count=57, statement="57 had it."
    )
    claims = replace(CLAIMS, items=(*CLAIMS, added))
    found = sa.bounds(sa.number_of({"greater_range": "yes"}), claims=claims)
    assert (found.low, found.high) == (57, 57)
    assert found.readings == {"Plain English": (57, 57), "Education Scotland": None}
    with pytest.raises(ContradictionError) as told:
        sa.bounds(sa.number_of({"greater_range": "yes"}), claims=claims, lexicon="education-scotland")
    assert set(told.value.claims) == {"counted", "greater-range"}


def test_the_lexicon_alone_is_no_assumption() -> None:
    asked = sa.number_of({"greater_range": "yes", "monitoring": ["action", "neither"]})
    assert sa.bounds(asked, lexicon="education-scotland").verdict == "depends on the reading"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"base": None, "count": None, "percent": 50}, "claim 'grade-good': no count of 59 is printed as 50%"),
        (
            {"base": None, "count": None, "among": ({"greater_range": ("yes",)},)},
            "claim 'grade-good', field 'base' is missing; a percentage of some visits needs it",
        ),
        ({"base": 58}, "claim 'grade-good', field 'base' is 58, and all 59 visits are looked at"),
    ],
)
def test_a_claim_that_cannot_be_a_constraint_is_told(change: dict[str, object], message: str) -> None:
    claims = replace(
        CLAIMS,
        items=tuple(replace(it, **change) if it.id == "grade-good" else it for it in CLAIMS),  # type: ignore[arg-type]
    )
    with pytest.raises(InputError) as told:
        sa.bounds(PRIMARY, claims=claims)
    assert message in str(told.value)


def test_claims_that_do_not_say_how_many_schools_are_told() -> None:
    claims = replace(CLAIMS, items=tuple(it for it in CLAIMS if it.id != "schools-visited"))
    message = "no claim says how many schools were visited; add one with id schools-visited and its count"
    with pytest.raises(InputError, match=f"^{message}$"):
        sa.bounds(PRIMARY, claims=claims)
    found = sa.check_claims(claims)
    assert found.contradiction == message and "no range" in {finding.verdict for finding in found}


@pytest.mark.parametrize("empty", [{"phase": []}, [], {"monitoring": ()}, {"phase": 5}])
def test_a_question_about_nothing_is_refused(empty: object) -> None:
    with pytest.raises(InputError):
        sa.bounds(sa.number_of(empty))  # type: ignore[arg-type]


def test_a_visit_has_at_least_one_form_by_the_form_of_the_table() -> None:
    forms = list(COLUMNS["partnership_forms"].judgements)
    found = sa.bounds(sa.number_of({"partnership_forms": forms}), without=list(CLAIMS.assumptions))
    assert (found.low, found.high) == (59, 59)


def test_a_column_is_not_applicable_where_it_is_not_asked_and_only_there() -> None:
    free = list(CLAIMS.assumptions)
    primary = {"phase": "primary", "feeder_primaries_used": ["yes", "no"]}
    assert sa.bounds(sa.number_of(primary), without=free).high == 0
    asked = sa.number_of({"feeder_primaries_used": ["yes", "no"]}, among={"phase": "secondary"})
    secondary = sa.share_of({"feeder_primaries_used": ["yes", "no"]}, among={"phase": "secondary"})
    assert (sa.bounds(asked, without=free).low, sa.bounds(secondary, without=free).low) == (0, 1)


def test_a_comparison_held_exactly_is_that_of_all_surveys_one_by_one() -> None:
    """Four schools, poor or not and with the pitfall or not: 35 surveys, counted by hand."""
    claims = replace(
        keep(["poor-value-without-monitoring"]),
        items=(
            replace(CLAIMS["schools-visited"], count=4),
            CLAIMS["poor-value-without-monitoring"],
        ),
        assumptions={},
    )
    values = []
    for inside, outside, poor_inside, poor_outside in (
        (group, 4 - group, one, other)
        for group in range(1, 4)
        for one in range(group + 1)
        for other in range(4 - group + 1)
    ):
        if Fraction(poor_inside, inside) > Fraction(poor_outside, outside):
            values.append(Fraction(poor_inside, inside))
    asked = sa.share_of({"value_for_money": "inadequate"}, among={"monitoring": "pitfall"})
    found = sa.bounds(asked, claims=replace(claims, assumptions=CLAIMS.assumptions), comparisons="enumerated")
    assert (found.low, found.high) == (min(values), max(values))
    poor = sa.number_of({"value_for_money": "inadequate"})
    exact = sa.bounds(poor, claims=replace(claims, assumptions=CLAIMS.assumptions), comparisons="enumerated")
    assert (exact.low, exact.high) == (1, 3)


def test_a_word_about_a_column_that_is_not_asked_of_all_is_about_those_of_which_it_is() -> None:
    """Most looked at feeder schools: more than half of the secondary schools, however many there are."""
    most = replace(CLAIMS["greater-range"], id="most-used", base=None, counts=({"feeder_primaries_used": ("yes",)},))
    claims = replace(keep([]), items=(CLAIMS["schools-visited"], most), assumptions={})
    share = sa.share_of({"feeder_primaries_used": "yes"}, among={"phase": "secondary"})
    assert sa.bounds(share, claims=claims).low == Fraction(30, 59)
    assert sa.bounds(sa.number_of({"phase": "primary"}, label="primary"), claims=claims).high == 58
    compared = replace(CLAIMS["poor-value-without-monitoring"], counts=({"feeder_primaries_used": ("yes",)},))
    with pytest.raises(InputError, match="compares by a column that is not asked of all visits"):
        sa.bounds(share, claims=replace(claims, items=(*claims.items, compared)))


def test_a_share_of_alternatives_is_of_the_visits_to_which_all_of_them_apply() -> None:
    either = [{"feeder_primaries_used": "yes"}, {"monitoring": "action"}]
    found = sa.bounds(sa.share_of(either, among={}), without=list(CLAIMS.assumptions))
    assert (found.low, found.high) == (0, 1)


def test_one_value_by_a_lexicon_alone_is_not_fixed(tmp_path: Path) -> None:
    path = tmp_path / "all.toml"
    path.write_text(
        '[plain-english]\ntitle = "Plain English"\nsource = "ours"\nthresholds = "exact shares"\n'
        "[plain-english.terms]\n"
        "most = { low = 100, low_included = true, high = 100, high_included = true }\n",
        encoding="utf-8",
    )
    mine = sa.read_lexicons(path)["plain-english"]
    found = sa.bounds(sa.number_of({"greater_range": "yes"}), lexicon=mine)
    assert (found.low, found.high, found.verdict) == (59, 59, "depends on the reading")
    assert found.readings == {"Plain English": (59, 59), "Education Scotland": (44, 53)}
    [finding] = [it for it in sa.check_claims(lexicon=mine) if it.id == "greater-range"]
    assert (finding.bound_low, finding.bound_high) == (59, 59)  # not those of the lexicon of the same name
    assert finding.discrepancy == "44 of 54 is not 'most' by Plain English"


def test_comparisons_are_held_exactly_unless_asked_otherwise() -> None:
    asked = sa.share_difference({"value_for_money": "inadequate"}, among={"monitoring": "pitfall"})
    found = sa.bounds(asked)
    assert (found.low, found.high, found.comparisons) == (Fraction(1, 870), 1, "enumerated")
    assert sa.bounds(asked, comparisons="weakest").low < 0


@pytest.mark.parametrize("claims", ["claims.toml", 3, [1]])
def test_claims_are_claims(claims: object) -> None:
    with pytest.raises(InputError, match=r"^claims must come from read_claims\(\), and is "):
        sa.bounds(PRIMARY, claims=claims)  # type: ignore[arg-type]
