
/* The page: what is in it as a value, a value put into it, and its three buttons. Texts go in as texts, never as HTML. */
(() => {
  const asked = JSON.parse(document.getElementById("asked").textContent);
  asked.contacts = asked.contacts.map(([kind, shape, flags]) => [kind, new RegExp(shape, flags)]);
  const at = id => document.getElementById(id);
  const all = selector => [...document.querySelectorAll(selector)];
  const chosen = name => document.querySelector(`input[name="${name}"]:checked`)?.value ?? "";
  const choose = (name, value) => all(`input[name="${name}"]`).forEach(it => { it.checked = it.value === value; });
  const themes = Object.keys(asked.themes);
  const SIGNS = [1, 2, 3];
  let changed = false;

  /* A typed text without the signs that nobody sees, which come along when something is pasted. */
  const typed = id => at(id).value.trim().replace(new RegExp(asked.unseen, "gu"), "");
  /* A number where digits alone were typed (commas and a pound sign are no mistake), else what was typed. */
  const numeral = id => {
    const text = typed(id);
    if (text === "") return null;
    return /^£?\s*(\d{1,15}|\d{1,3}([,\s]\d{3})+)$/.test(text) ? Number(text.replace(/[£,\s]/g, "")) : text;
  };
  /* A day; a date that was begun and is not whole is no empty one. */
  const dayOf = id => (at(id).validity.badInput ? "a date that is not whole" : at(id).value);

  const today = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 10);

  const collected = () => ({
    format: asked.format,
    version: asked.version,
    statements: asked.statements,
    school: typed("school"),
    role: chosen("role"),
    date: dayOf("date"),
    year: typed("year"),
    consent_to_hub: at("consent_to_hub").checked,
    answers: Object.fromEntries(themes.map(theme => {
      const id = `answers-${theme}`;
      return [theme, {
        judgement: chosen(`${id}-judgement`),
        confidence: chosen(`${id}-confidence`),
        signs: SIGNS.map(n => chosen(`${id}-signs-${n}`)),
        evidence: typed(`${id}-evidence`),
        owner: typed(`${id}-owner`),
        by: dayOf(`${id}-by`),
        next_step: typed(`${id}-next_step`),
        priority: at(`${id}-priority`).checked,
      }];
    })),
    participation: all("tr[data-group]").map(row => ({
      characteristic: row.dataset.characteristic,
      group: row.dataset.group,
      on_roll: numeral(`participation-${row.dataset.group}-on_roll`),
      took_part: numeral(`participation-${row.dataset.group}-took_part`),
    })).filter(row => row.on_roll !== null || row.took_part !== null),
    cost: all("tr[data-source]").map(row => ({
      source: row.dataset.source,
      pounds: numeral(`cost-${row.dataset.source}-pounds`),
    })).filter(row => row.pounds !== null),
    pupils_reached: numeral("pupils_reached"),
  });

  const filledWith = value => {
    at("form").reset();
    for (const id of ["school", "date", "year"]) at(id).value = value[id];
    choose("role", value.role);
    at("consent_to_hub").checked = value.consent_to_hub;
    for (const theme of themes) {
      const id = `answers-${theme}`, answer = value.answers[theme];
      choose(`${id}-judgement`, answer.judgement);
      choose(`${id}-confidence`, answer.confidence);
      SIGNS.forEach(n => choose(`${id}-signs-${n}`, answer.signs[n - 1]));
      for (const field of ["evidence", "owner", "by", "next_step"]) at(`${id}-${field}`).value = answer[field];
      at(`${id}-priority`).checked = answer.priority;
    }
    for (const row of value.participation)
      for (const field of ["on_roll", "took_part"]) at(`participation-${row.group}-${field}`).value = row[field];
    for (const row of value.cost) at(`cost-${row.source}-pounds`).value = row.pounds;
    at("pupils_reached").value = value.pupils_reached ?? "";
  };

  /* ---------------------------------------------------------------------------------------------- what is told */

  const say = (id, text) => { if (at(id).textContent !== text) at(id).textContent = text; };
  const told = (text, isFault = false) => { say("said", text); at("said").classList.toggle("fault", isFault); };

  const shown = () => {
    const judged = themes.filter(theme => chosen(`answers-${theme}-judgement`) !== "");
    const aside = judged.filter(theme => chosen(`answers-${theme}-judgement`) === "not_applicable").length;
    say("progress", `${judged.length} of ${themes.length} themes judged` + (aside ? `, ${aside} of them not applicable.` : "."));
    for (const it of all(".state")) it.textContent = judged.includes(it.dataset.of) ? "(judged)" : "(not judged yet)";
    for (const it of all(".on-paper")) it.textContent = at(it.dataset.of).value;
    for (const it of all("textarea")) {
      it.style.height = "auto";
      if (it.value) it.style.height = `${it.scrollHeight + 4}px`;
    }
  };

  /* The field that a problem is about, and what it is called there. */
  const fieldOf = ([...place], value) => {
    if (place[1]?.startsWith("row ")) {
      const row = value[place[0]][Number(place[1].slice(4)) - 1];
      place[1] = row.group ?? row.source;
    }
    return at(place.join("-"));
  };
  const nameOf = field => {
    const labels = field.getAttribute("aria-labelledby");
    if (labels) return labels.split(" ").map(id => at(id).textContent).join(", ");
    const label = field.tagName === "FIELDSET" ? field.querySelector("legend") : field.labels[0];
    const theme = field.closest(".theme")?.querySelector("h2");
    return (theme ? `${theme.textContent}: ` : "") + label.textContent.replace(/\(needed.*\)/, "").trim();
  };
  const IN_WORDS = [
    [/^must be one of '.*, not ''$/, "choose one"],
    [/^must be a day .*, not ''$/, "give a day"],
    [/^must be a day .*/, "give a whole date from 2000 to 2099"],
    [/, not nothing$/, ", and is empty; give it, or empty the other number"],
    [/at most on_roll, (\d+)/, "at most the number on roll, $1"],
  ];
  const inWords = says => IN_WORDS.reduce((text, [pattern, words]) => text.replace(pattern, words), says);

  const withoutFaults = () => {
    at("faults").hidden = true;
    for (const it of all("form .fault")) { it.hidden = true; it.textContent = ""; }
    for (const it of all("[aria-invalid]")) it.removeAttribute("aria-invalid");
  };
  const withFaults = (problems, value) => {
    const list = at("faults").querySelector("ul");
    list.replaceChildren(...problems.map(({place, says}) => {
      const field = fieldOf(place, value), target = field.tagName === "FIELDSET" ? field.querySelector("input") : field;
      const item = document.createElement("li"), link = document.createElement("a"), words = inWords(says);
      target.setAttribute("aria-invalid", "true");
      const beside = at(`${field.id}-fault`);
      beside.textContent = `Mend this: ${words}.`;
      beside.hidden = false;
      link.href = `#${field.id}`;
      link.textContent = `${nameOf(field)}: ${words}`;
      link.addEventListener("click", event => { event.preventDefault(); target.focus(); });
      item.append(link);
      return item;
    }));
    at("faults").hidden = false;
    at("faults").focus({preventScroll: true});
    at("faults").scrollIntoView();
    told(`Nothing was saved: ${problems.length === 1 ? "one thing is" : `${problems.length} things are`} to be mended first.`, true);
  };

  /* ------------------------------------------------------------------------------------------- save, load, print */

  const save = () => {
    withoutFaults();
    const value = collected(), problems = answerProblems(asked, value);
    if (isDay(value.date) && value.date > today()) problems.push({place: ["date"], says: "must not be after today; correct it"});
    if (problems.length) return withFaults(problems, value);
    const name = `self-evaluation-${[value.school, value.role, value.date].filter(Boolean).join("-")}.json`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${JSON.stringify(value, null, 2)}\n`], {type: "application/json"}));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    changed = false;
    told(`Handed to your browser as ${name}; look in your downloads, and give the file to whoever puts the answers together.`);
  };

  const load = async file => {
    const name = file.name;
    try {
      if (file.size > asked.limits.bytes) throw Error(`is larger than 1 MB, which no file of answers is; ${asked.saved}`);
      let text;
      try {
        text = new TextDecoder("utf-8", {fatal: true}).decode(await file.arrayBuffer());
      } catch {
        throw Error(`is not text in UTF-8; ${asked.saved}`);
      }
      const value = parsedAnswers(asked, text), problem = firstProblem(asked, value, name);
      if (problem) return told(`${problem}.`, true);
      if (changed && !confirm("Loading replaces what is on the page, and that has changes that are not saved. Load?")) return;
      withoutFaults();
      filledWith(value);
      changed = false;
      shown();
      told(`Loaded ${name}: answers of "${asked.roles[value.role]}". Saving writes a new file.`);
    } catch (error) {
      told(`${name} ${error.message}.`, true);
    }
  };

  at("save").addEventListener("click", save);
  at("load").addEventListener("click", () => at("file").click());
  at("print").addEventListener("click", () => print());
  at("file").addEventListener("change", async event => {
    const [file] = event.target.files;
    if (file) await load(file);
    event.target.value = "";
  });
  at("form").addEventListener("submit", event => event.preventDefault());
  at("form").addEventListener("input", () => {
    changed = true;
    told("Changes are not saved.");
    shown();
  });
  addEventListener("beforeunload", event => {
    if (!changed) return;
    event.preventDefault();
    event.returnValue = ""; // older browsers ask because of this
  });
  at("form").addEventListener("focusin", event => event.target.scrollIntoView({block: "nearest"})); // not behind the bar
  addEventListener("resize", shown);
  at("form").reset();
  shown();
  told("Nothing is saved yet.");
})();
