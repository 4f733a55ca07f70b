"use strict";
/* What is wrong with answers: the rules, and the sentences, of answers.py and answer_files.py in the package. */

/* A file's text as plain values, or an error whose message is the end of a sentence that begins with the file's name. */
function parsedAnswers(asked, text) {
  const token = /"[^"\\]*(?:\\[^][^"\\]*)*"?|[{}[\],:]/g;
  let depth = 0, deepest = 0;
  for (const [it] of text.matchAll(token)) {
    depth += (it === "{" || it === "[") - (it === "}" || it === "]");
    deepest = Math.max(deepest, depth);
  }
  if (deepest > asked.limits.depth) throw Error(`is nested deeper than any file of answers; ${asked.saved}`);
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw Error(`is not a whole file of answers; ${asked.saved}, and save it again if it was cut short`);
  }
  const names = [];
  let last = "";
  for (const [it] of text.matchAll(token)) {
    if (it === "{" || it === "[") names.push(new Set());
    else if (it === "}" || it === "]") names.pop();
    else if (it === ":") {
      const field = JSON.parse(last), known = names.at(-1);
      if (known.has(field)) throw Error(`has the field ${shownValue(field)} twice in one object; keep one of them`);
      known.add(field);
    }
    last = it;
  }
  return value;
}

/* A value as a message repeats it. */
function shownValue(value) {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value !== "string") return String(value);
  const signs = [...value.replace(/[\p{C}\p{Z}]/gu, sign => sign === " " ? sign : "?")];
  return `'${signs.slice(0, 40).join("")}${signs.length > 40 ? "..." : ""}'`;
}

/* All problems of a value that should be answers, in the order of the file: each has a place and what is to be said. */
function answerProblems(asked, value) {
  const problems = [], {limits} = asked, unseen = new RegExp(asked.unseen, "u");
  const shown = it => {
    const found = typeof it === "string" && asked.contacts.find(([, shape]) => shape.test(it));
    return found ? `a text that looks like ${found[0]}` : shownValue(it);
  };
  const tell = (place, says) => { problems.push({place, says}); return false; };
  const isObject = it => it !== null && typeof it === "object" && !Array.isArray(it);
  const isWhole = it => typeof it === "number" && Number.isSafeInteger(it);
  const number = it => it.toLocaleString("en-GB");
  const has = (it, name) => Object.prototype.hasOwnProperty.call(it, name);

  if (!isObject(value) || value.format !== asked.format)
    return [{place: null, says: `does not say that it holds answers of this form; ${asked.saved}`}];
  if (value.version !== asked.version)
    return [{place: ["version"], says: `must be ${asked.version}, not ${shown(value.version)}; save it from a form of this version`}];

  const table = (it, fields, place) => {
    if (!isObject(it)) return tell(place, `must be an object with ${fields.join(", ")}, not ${shown(it)}`);
    for (const name of Object.keys(it))
      if (!fields.includes(name))
        return tell([...place, "field"], `must be one of ${fields.map(shown).join(", ")}, not ${shown(name)}`);
    for (const name of fields)
      if (!has(it, name)) return tell([...place, "field"], `${shown(name)} is missing; ${asked.saved}`);
    return true;
  };
  const code = (it, place, allowed) =>
    (typeof it === "string" && allowed.includes(it)) ||
    tell(place, `must be one of ${allowed.map(shown).join(", ")}, not ${shown(it)}`);
  const text = (it, place, longest, lines = true) => {
    if (typeof it !== "string") return tell(place, `must be a text, not ${shown(it)}`);
    const length = [...it].length;
    if (length > longest)
      return tell(place, `must have at most ${number(longest)} characters, not ${number(length)}; shorten it`);
    if (unseen.test(it)) return tell(place, "holds a character that cannot be seen; type it anew");
    if (!lines && it.includes("\n")) return tell(place, "has the end of a line in it; write it in one");
    const found = asked.contacts.find(([, shape]) => shape.test(it));
    return !found || tell(place, `holds what looks like ${found[0]}; leave it out`);
  };
  const yes = (it, place) => typeof it === "boolean" || tell(place, `must be true or false, not ${shown(it)}`);
  const whole = (it, place, most) =>
    (isWhole(it) && it >= 0 && it <= most) ||
    tell(place, `must be a whole number from 0 to ${number(most)}, not ${shown(it)}`);
  const day = (it, place) =>
    isDay(it) || tell(place, `must be a day such as '2026-01-31', not ${shown(it)}`);
  const rows = (it, place) => (Array.isArray(it) ? it : (tell(place, `must be a list, not ${shown(it)}`), []));

  const theme = (it, place) => {
    if (!table(it, OF_A_THEME, place)) return;
    code(it.judgement, [...place, "judgement"], asked.judgements);
    code(it.confidence, [...place, "confidence"], asked.confidence);
    if (!Array.isArray(it.signs) || it.signs.length !== 3)
      tell([...place, "signs"], `must be a list of three, not ${shown(it.signs)}`);
    else it.signs.forEach((sign, n) => code(sign, [...place, "signs", String(n + 1)], asked.signs));
    text(it.evidence, [...place, "evidence"], limits.evidence);
    text(it.owner, [...place, "owner"], limits.owner, false);
    if (it.by !== "") day(it.by, [...place, "by"]);
    text(it.next_step, [...place, "next_step"], limits.next_step);
    yes(it.priority, [...place, "priority"]);
  };
  const participation = (it, place, groups) => {
    if (!table(it, ["characteristic", "group", "on_roll", "took_part"], place)) return;
    const {characteristic, group} = it, names = Object.keys(asked.groups);
    if (!code(characteristic, [...place, "characteristic"], names)) return;
    if (!code(group, [...place, "group"], asked.groups[characteristic])) return;
    const known = [whole(it.on_roll, [...place, "on_roll"], limits.count), whole(it.took_part, [...place, "took_part"], limits.count)];
    if (known[0] && known[1] && it.took_part > it.on_roll)
      tell([...place, "took_part"], `must be at most on_roll, ${it.on_roll}, not ${it.took_part}; correct one of them`);
    if (groups.has(group)) tell([...place, "group"], `${shown(group)} is there already; keep one row for it`);
    groups.add(group);
  };
  const cost = (it, place, sources) => {
    if (!table(it, ["source", "pounds"], place)) return;
    if (!code(it.source, [...place, "source"], asked.sources)) return;
    whole(it.pounds, [...place, "pounds"], limits.pounds);
    if (sources.has(it.source)) tell([...place, "source"], `${shown(it.source)} is there already; keep one row for it`);
    sources.add(it.source);
  };
  const reached = (it, place, counted) => {
    if (it === null || !whole(it, place, limits.count)) return;
    for (const name of Object.keys(asked.groups)) {
      const known = counted.filter(row => isObject(row) && row.characteristic === name && isWhole(row.took_part));
      const sum = known.reduce((all, row) => all + row.took_part, 0);
      const by = asked.characteristics[name], rolls = known.map(row => row.on_roll).filter(isWhole);
      if (sum > it)
        return tell(place, `must be at least ${sum}, the pupils who took part by ${by}, not ${it}; correct one of them`);
      const roll = rolls.reduce((all, rolled) => all + rolled, 0);
      if (rolls.length === asked.groups[name].length && it > roll)
        return tell(place, `must be at most ${roll}, the pupils on roll by ${by}, not ${it}; correct one of them`);
    }
  };

  if (!table(value, FIELDS, [])) return problems;
  if (!table(value.statements, ["title", "version"], ["statements"])) return problems;
  const {title, version} = value.statements;
  if (title !== asked.statements.title || version !== asked.statements.version)
    tell(["statements"], `were ${shown(title)}, version ${shown(version)}, when they were answered, and are ` +
      `${shown(asked.statements.title)}, version ${asked.statements.version}; use those that the form was made with`);
  if (text(value.school, ["school"], limits.school) && !/^[A-Za-z0-9_-]*$/.test(value.school))
    tell(["school"], `must be a code of letters, digits, - and _, or empty, not ${shown(value.school)}`);
  const found = {participation: new Set(), cost: new Set()};
  rows(value.participation, ["participation"]).forEach((it, n) => participation(it, ["participation", `row ${n + 1}`], found.participation));
  code(value.role, ["role"], Object.keys(asked.roles));
  day(value.date, ["date"]);
  if (value.year !== "" && !isSchoolYear(value.year))
    tell(["year"], `must be a school year such as '2025-26', or empty, not ${shown(value.year)}`);
  yes(value.consent_to_hub, ["consent_to_hub"]);
  const themes = Object.keys(asked.themes);
  if (table(value.answers, themes, ["answers"])) {
    themes.forEach(name => theme(value.answers[name], ["answers", name]));
    const chosen = themes.filter(name => isObject(value.answers[name]) && value.answers[name].priority === true);
    if (chosen.length > limits.priorities)
      tell(["answers", chosen[limits.priorities], "priority"],
        `must be one of two at most, and ${chosen.length} themes have it; choose two`);
  }
  rows(value.cost, ["cost"]).forEach((it, n) => cost(it, ["cost", `row ${n + 1}`], found.cost));
  if (Array.isArray(value.participation)) reached(value.pupils_reached, ["pupils_reached"], value.participation);
  return problems;
}

const FIELDS = ["format", "version", "statements", "school", "role", "date", "year", "consent_to_hub", "answers",
  "participation", "cost", "pupils_reached"];
const OF_A_THEME = ["judgement", "confidence", "signs", "evidence", "owner", "by", "next_step", "priority"];

function isDay(text) {
  if (typeof text !== "string" || !/^20\d\d-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function isSchoolYear(text) {
  const found = typeof text === "string" && /^20(\d\d)-(\d\d)$/.exec(text);
  return Boolean(found) && (Number(found[1]) + 1) % 100 === Number(found[2]);
}

/* The first problem as one sentence, empty where there is none. */
function firstProblem(asked, value, file) {
  const [first] = answerProblems(asked, value);
  if (!first) return "";
  if (first.place === null) return `${file} ${first.says}`;
  return `${file}: ${first.place.join(", ")} ${first.says}`;
}
