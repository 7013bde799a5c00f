"use strict";
(() => {
// Everything shown is written with textContent or Plotly's escaped text, so no headline can run as script.
let DATA, M, PEOPLE, COUNTRIES;
async function unpack() {
  const bytes = Uint8Array.from(atob(document.getElementById("data").textContent), (c) => c.charCodeAt(0));
  DATA = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  M = DATA.meetings; PEOPLE = DATA.persons; COUNTRIES = DATA.countries;
}
const MARK = "#0b5c8a", STATUS_COLOUR = { held: "#2a7f62", planned: "#b7791f", cancelled: "#b23b3b" };
const PAGE = 40;
const form = document.getElementById("filters");
let ids = null;          // a set of meetings chosen by clicking a figure, or null
let idsLabel = "";
let shown = PAGE;

const $ = (selector) => document.querySelector(selector);
function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (key === "onclick") node.addEventListener("click", value);
    else if (key === "class") node.className = value;
    else node.setAttribute(key, value);
  }
  for (const child of children) if (child !== null && child !== undefined && child !== "") node.append(child);
  return node;
}
const safe = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const countryName = (code) => COUNTRIES[code] || code;
const words = (code) => code.replaceAll("_", " ");
const plural = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many || one + "s"}`;
function count(values) { const c = new Map(); for (const v of values) c.set(v, (c.get(v) || 0) + 1); return c; }
const most = (counts, n) => [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, n);
const countriesOf = (m) => [...new Set(m.parties.map((p) => p.country).filter(Boolean))].sort();
const partyLabel = (p) => p.person !== null ? PEOPLE[p.person] : p.organization || [p.country ? countryName(p.country) : "", p.role || p.kind].filter(Boolean).join(", ");
const dayOf = (m) => m.date || m.reported;
function whenText(m) {
  if (!m.date) return `reported ${m.reported || "with no date"}`;
  if (m.precision === "year") return m.date.slice(0, 4);
  if (m.precision === "month") return m.date.slice(0, 7);
  return m.end ? `${m.date} to ${m.end}` : m.date;
}
const whereText = (m) => [m.venue, m.city, m.country ? countryName(m.country) : ""].filter(Boolean).join(", ");

// ── filtering ─────────────────────────────────────────────────────────────────
function chosen() {
  const f = Object.fromEntries(new FormData(form));
  const who = f.person.trim().toLowerCase();
  return M.filter((m) => (ids === null || ids.has(m.id))
    && (!f.country || m.parties.some((p) => p.country === f.country))
    && (!who || m.parties.some((p) => p.person !== null && PEOPLE[p.person].toLowerCase().includes(who)))
    && (!f.topic || m.topics.includes(f.topic))
    && (!f.event || m.event === f.event)
    && (!f.status || m.status === f.status)
    && (!f.from || (dayOf(m) || "") >= f.from) && (!f.to || ((dayOf(m) || "9999") <= f.to)));
}
function setFilter(name, value) { form.elements[name].value = value; refresh(); }
function pick(meetings, label) { ids = new Set(meetings.map((m) => m.id)); idsLabel = label; refresh(); $("#records").scrollIntoView({ behavior: "smooth" }); }

// ── pieces ────────────────────────────────────────────────────────────────────
const statusTag = (m) => el("span", { class: "tag " + m.status }, m.status);
function line(m) {
  return el("li", {}, el("span", { class: "when" }, whenText(m) + " "), statusTag(m), el("br"),
    el("button", { class: "link", type: "button", onclick: () => pick([m], partiesText(m)) }, partiesText(m)),
    el("div", { class: "when" }, [whereText(m), m.event, m.topics.slice(0, 3).map(words).join(", ")].filter(Boolean).join(" · ")));
}
function partiesText(m) {
  return m.parties.map((p) => partyLabel(p) + (p.person !== null && p.country ? ` (${p.country})` : "")).join(" – ");
}
function fillList(id, meetings, n, none) {
  const list = $(`#${id} .list`); list.replaceChildren(...meetings.slice(0, n).map(line));
  if (!meetings.length) list.append(el("li", { class: "empty" }, none));
  else if (meetings.length > n) list.append(el("li", {}, el("button", { class: "link", type: "button", onclick: () => pick(meetings, $(`#${id} h2`).textContent.toLowerCase()) }, `all ${meetings.length.toLocaleString("en")}`)));
}
function card(m) {
  const body = el("div");
  const node = el("details", { class: "card", id: "m-" + m.id }, el("summary", {}, el("span", { class: "when" }, whenText(m) + " "), statusTag(m), " ",
    m.mode !== "in_person" ? el("span", { class: "tag quiet" }, words(m.mode) + " ") : null, " ", partiesText(m)), body);
  node.addEventListener("toggle", () => { if (node.open && !body.hasChildNodes()) body.append(...details(m)); });
  return node;
}
function details(m) {
  const facts = [["Where", whereText(m)], ["Beside", m.event], ["About", m.topics.map(words).join(", ")], ["Confidence", m.confidence === null ? "" : m.confidence.toFixed(2)]];
  return [el("ul", { class: "parties" }, ...m.parties.map((p) => el("li", {}, partyLabel(p), " ",
      el("small", {}, [p.person !== null ? p.role : "", p.country ? countryName(p.country) : "", p.person !== null ? p.organization : ""].filter(Boolean).join(", "))))),
    el("p", { class: "when" }, facts.filter((f) => f[1]).map((f) => `${f[0]}: ${f[1]}`).join(" · ")),
    ...m.outcomes.map((o) => el("p", {}, el("span", { class: "tag quiet" }, words(o.kind)), " " + o.text)),
    ...m.reports.map((r) => el("div", { class: "said" }, el("blockquote", {}, r.sentence || "(no sentence)"),
      el("small", {}, [r.publisher, r.published].filter(Boolean).join(", ") + " — ",
        /^https?:\/\//.test(r.url) ? el("a", { href: r.url, rel: "noopener noreferrer" }, r.title || r.url) : el("span", {}, r.title || r.url))))];
}
function table(node, heads, rows) {
  node.replaceChildren(el("thead", {}, el("tr", {}, ...heads.map((h) => el("th", h.n ? { class: "n" } : {}, h.text)))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((cell, i) => el("td", heads[i].n ? { class: "n" } : {}, cell))))));
}
const BASE = { margin: { l: 40, r: 10, t: 10, b: 40 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { family: "system-ui, DejaVu Sans, sans-serif", size: 12, color: "#1c2430" }, showlegend: false };
const CONFIG = { displayModeBar: false, responsive: true };
function draw(id, traces, layout, onclick) {
  const node = document.getElementById(id);
  Plotly.react(node, traces, { ...BASE, ...layout }, CONFIG);
  node.removeAllListeners("plotly_click");
  if (onclick) node.on("plotly_click", (event) => onclick(event.points[0]));
}
function nothing(id) { draw(id, [], { xaxis: { visible: false }, yaxis: { visible: false }, annotations: [{ text: "Nothing to show", showarrow: false, font: { color: "#5b6675" } }] }); }

// ── charts ────────────────────────────────────────────────────────────────────
function pairsOf(meetings) {
  const pairs = new Map();
  for (const m of meetings) {
    const cs = countriesOf(m);
    for (let i = 0; i < cs.length; i++) for (let j = i + 1; j < cs.length; j++) {
      const key = cs[i] + " " + cs[j]; if (!pairs.has(key)) pairs.set(key, []); pairs.get(key).push(m);
    }
  }
  return pairs;
}
function drawNetwork(meetings, pairs) {
  const strongest = [...pairs].sort((a, b) => b[1].length - a[1].length).slice(0, 120);
  if (!strongest.length) return nothing("network-chart");
  const degree = new Map();
  for (const [key, ms] of strongest) for (const c of key.split(" ")) degree.set(c, (degree.get(c) || 0) + ms.length);
  const thickest = strongest[0][1].length;
  const lines = strongest.map(([key, ms]) => { const [a, b] = key.split(" ").map((c) => DATA.layout[c]);
    return { x: [a[0], b[0]], y: [a[1], b[1]], mode: "lines", hoverinfo: "skip", line: { width: 1 + 7 * Math.sqrt(ms.length / thickest) - 0.5, color: "rgba(11,92,138,.28)" } }; });
  const nodes = [...degree].sort((a, b) => b[1] - a[1]), biggest = nodes[0][1];
  const dots = { x: nodes.map((n) => DATA.layout[n[0]][0]), y: nodes.map((n) => DATA.layout[n[0]][1]), mode: "markers+text",
    text: nodes.map((n) => n[0]), textposition: "top center", textfont: { size: 11 }, customdata: nodes.map((n) => n[0]),
    hovertext: nodes.map((n) => `${safe(countryName(n[0]))}: ${n[1]} pairings`), hoverinfo: "text",
    marker: { size: nodes.map((n) => 8 + 22 * Math.sqrt(n[1] / biggest)), color: MARK, line: { color: "#fff", width: 1.5 } } };
  const axis = { visible: false, range: [-1.15, 1.15], fixedrange: true };
  draw("network-chart", [...lines, dots], { margin: { l: 0, r: 0, t: 0, b: 0 }, xaxis: axis, yaxis: axis, hovermode: "closest" },
    (p) => { if (p.customdata) setFilter("country", p.customdata); });
}
function drawPeople(meetings) {
  const country = form.elements.country.value;
  const counts = count(meetings.flatMap((m) => m.parties.filter((p) => p.person !== null && (!country || p.country === country)).map((p) => p.person)));
  $("#people h3").textContent = country ? `People of ${countryName(country)}` : "People who met most";
  table($("#people table"), [{ text: "Name" }, { text: "Meetings", n: true }], most(counts, 14).map(([p, n]) =>
    [el("button", { class: "link", type: "button", onclick: () => setFilter("person", PEOPLE[p]) }, PEOPLE[p]), n.toLocaleString("en")]));
}
function drawCalendar(meetings) {
  const days = new Map();
  for (const m of meetings) if (m.date && m.precision === "day") { if (!days.has(m.date)) days.set(m.date, []); days.get(m.date).push(m); }
  if (!days.size) return nothing("calendar-chart");
  const all = [...days.keys()].sort(), last = new Date(all[all.length - 1] + "T00:00Z"), weeksBack = 53;
  const first = new Date(Math.max(new Date(all[0] + "T00:00Z"), last - weeksBack * 7 * 864e5));
  first.setUTCDate(first.getUTCDate() - (first.getUTCDay() + 6) % 7);
  const cols = Math.max(10, Math.ceil((last - first) / (7 * 864e5)) + 1);
  const z = Array.from({ length: 7 }, () => Array(cols).fill(null)), name = Array.from({ length: 7 }, () => Array(cols).fill("")), ticks = [], labels = [];
  for (let c = 0; c < cols; c++) for (let d = 0; d < 7; d++) {
    const day = new Date(+first + (c * 7 + d) * 864e5), key = day.toISOString().slice(0, 10);
    if (d === 0 && day.getUTCDate() <= 7) { ticks.push(c); labels.push(day.toLocaleString("en", { month: "short", year: "2-digit", timeZone: "UTC" })); }
    if (day <= last) z[d][c] = (days.get(key) || []).length;
    name[d][c] = key;
  }
  draw("calendar-chart", [{ type: "heatmap", z, customdata: name, xgap: 2, ygap: 2, showscale: false, hovertemplate: "%{customdata}: %{z}<extra></extra>",
    colorscale: [[0, "#eef1f4"], [0.001, "#cfe3ee"], [1, MARK]] }],
    { margin: { l: 36, r: 6, t: 6, b: 28 }, xaxis: { tickvals: ticks, ticktext: labels, showgrid: false, zeroline: false, fixedrange: true },
      yaxis: { tickvals: [0, 2, 4, 6], ticktext: ["Mon", "Wed", "Fri", "Sun"], autorange: "reversed", showgrid: false, zeroline: false, fixedrange: true } },
    (p) => { if (days.has(p.customdata)) pick(days.get(p.customdata), "on " + p.customdata); });
}
function drawMatrix(meetings, pairs) {
  const sums = new Map();
  for (const [key, ms] of pairs) for (const c of key.split(" ")) sums.set(c, (sums.get(c) || 0) + ms.length);
  const cs = most(sums, 18).map((c) => c[0]);
  if (!cs.length) return nothing("matrix-chart");
  const at = (a, b) => pairs.get([a, b].sort().join(" ")) || [];
  draw("matrix-chart", [{ type: "heatmap", x: cs, y: cs, z: cs.map((a) => cs.map((b) => a === b ? null : at(a, b).length)), xgap: 1, ygap: 1, showscale: false,
    hovertemplate: "%{x} – %{y}: %{z}<extra></extra>", colorscale: [[0, "#eef1f4"], [0.001, "#cfe3ee"], [1, MARK]] }],
    { margin: { l: 44, r: 6, t: 6, b: 44 }, xaxis: { tickangle: -60, fixedrange: true, type: "category" }, yaxis: { autorange: "reversed", fixedrange: true, type: "category" } },
    (p) => { const ms = at(p.x, p.y); if (ms.length) pick(ms, `${countryName(p.x)} with ${countryName(p.y)}`); });
}
function drawTopics(meetings) {
  const best = most(count(meetings.flatMap((m) => m.topics)), 8).map((t) => t[0]);
  const months = [...new Set(meetings.map((m) => (dayOf(m) || "").slice(0, 7)).filter(Boolean))].sort().slice(-24);
  if (!best.length || !months.length) return nothing("topics-chart");
  const colours = ["#0b5c8a", "#d9822b", "#2a7f62", "#a23e6a", "#6c5fb0", "#8a7a2c", "#4b8fb3", "#8b8f98"];
  const cells = new Map();
  for (const m of meetings) for (const t of m.topics) { const key = t + " " + (dayOf(m) || "").slice(0, 7); if (!cells.has(key)) cells.set(key, []); cells.get(key).push(m); }
  const inCell = (t, month) => cells.get(t + " " + month) || [];
  draw("topics-chart", best.map((t, i) => ({ type: "bar", name: words(t), x: months, y: months.map((month) => inCell(t, month).length), marker: { color: colours[i] }, customdata: months.map(() => t),
    hovertemplate: `${words(t)}, %{x}: %{y}<extra></extra>` })),
    { barmode: "stack", showlegend: true, legend: { orientation: "h", y: -0.18, font: { size: 11 } }, xaxis: { type: "category", fixedrange: true, tickangle: months.length > 8 ? -45 : 0 }, yaxis: { fixedrange: true, gridcolor: "#eef1f4" } },
    (p) => pick(inCell(p.customdata, p.x), `${words(p.customdata)}, ${p.x}`));
}
function drawEvents(meetings) {
  const best = most(count(meetings.map((m) => m.event).filter(Boolean)), 12).reverse();
  if (!best.length) return nothing("events-chart");
  const narrow = document.getElementById("events-chart").clientWidth < 420, longest = narrow ? 20 : 34;
  const short = (name) => name.length > longest ? name.slice(0, longest - 1) + "…" : name;
  draw("events-chart", [{ type: "bar", orientation: "h", x: best.map((e) => e[1]), y: best.map((e) => safe(short(e[0]))), customdata: best.map((e) => e[0]), marker: { color: MARK },
    hovertemplate: "%{x} meetings<extra></extra>" }],
    { margin: { l: narrow ? 140 : 225, r: 10, t: 6, b: 28 }, xaxis: { fixedrange: true, gridcolor: "#eef1f4", tickformat: "d", nticks: narrow ? 4 : 8 }, yaxis: { fixedrange: true, automargin: true } }, (p) => setFilter("event", p.customdata));
}

// ── the page ──────────────────────────────────────────────────────────────────
function drawFigures(meetings) {
  const byStatus = (s) => meetings.filter((m) => m.status === s);
  const held = byStatus("held"), planned = byStatus("planned"), off = byStatus("cancelled"), people = new Set(meetings.flatMap((m) => m.parties.map((p) => p.person).filter((p) => p !== null)));
  const many = meetings.filter((m) => m.sources > 1);
  const figure = (n, label, ms) => el("button", { class: "figure", type: "button", onclick: () => pick(ms, label) }, el("b", {}, n.toLocaleString("en")), el("span", {}, label));
  $("#figures").replaceChildren(figure(meetings.length, "meetings", meetings), figure(held.length, "held", held), figure(planned.length, "planned", planned), figure(off.length, "called off", off),
    figure(people.size, "people", meetings), figure(new Set(meetings.flatMap(countriesOf)).size, "countries", meetings), figure(many.length, "told by several outlets", many));
}
function drawRecords(meetings) {
  $("#records .count").textContent = `(${meetings.length.toLocaleString("en")})`;
  $("#records .cards").replaceChildren(...meetings.slice(0, shown).map((m) => el("li", {}, card(m))));
  const only = $("#records .cards details"); if (meetings.length === 1 && only) only.open = true;
  const more = $("#records .more"); more.hidden = meetings.length <= shown; more.textContent = `Show ${Math.min(PAGE, meetings.length - shown)} more of ${meetings.length.toLocaleString("en")}`;
}
function drawConflicts(meetings) {
  const have = new Map(meetings.map((m) => [m.id, m]));
  const rows = DATA.conflicts.filter((c) => have.has(c.id)).slice(0, 50).map((c) => [
    el("button", { class: "link", type: "button", onclick: () => pick([have.get(c.id)], "a conflict") }, partiesText(have.get(c.id))), c.field, c.values.join("  /  ")]);
  if (rows.length) table($("#conflicts table"), [{ text: "Meeting" }, { text: "What" }, { text: "Told as" }], rows);
  else $("#conflicts table").replaceChildren(el("tbody", {}, el("tr", {}, el("td", { class: "empty" }, "No two outlets contradict each other on these meetings."))));
}
function refresh() {
  const meetings = chosen(), pairs = pairsOf(meetings);
  const also = $("#also"); also.hidden = ids === null;
  also.replaceChildren("Only: " + idsLabel + "  ", el("button", { type: "button", onclick: () => { ids = null; refresh(); } }, "show all"));
  shown = PAGE;
  drawFigures(meetings);
  fillList("new", meetings.filter((m) => m.status === "held"), 6, "None among these.");
  const today = DATA.today;
  fillList("coming", meetings.filter((m) => m.status === "planned" && (!m.date || m.date >= today || m.precision !== "day")).sort((a, b) => (a.date || "9999") < (b.date || "9999") ? -1 : 1), 6, "No meeting to come among these.");
  fillList("cancelled", meetings.filter((m) => m.status === "cancelled"), 6, "None was called off.");
  drawRecords(meetings); drawConflicts(meetings); drawPeople(meetings);
  requestAnimationFrame(() => { drawNetwork(meetings, pairs); drawCalendar(meetings); drawMatrix(meetings, pairs); drawTopics(meetings); drawEvents(meetings); document.body.dataset.ready = "yes"; });
}
function start() {
  const add = (name, pairs) => form.elements[name].append(...pairs.map(([value, text]) => el("option", { value }, text)));
  add("country", [...count(M.flatMap(countriesOf)).keys()].map((c) => [c, countryName(c)]).sort((a, b) => a[1].localeCompare(b[1])));
  add("topic", [...count(M.flatMap((m) => m.topics)).keys()].sort().map((t) => [t, words(t)]));
  add("event", [...count(M.map((m) => m.event).filter(Boolean)).keys()].sort().map((e) => [e, e]));
  add("status", Object.keys(STATUS_COLOUR).map((s) => [s, s]));
  $("#persons").append(...most(count(M.flatMap((m) => m.parties.map((p) => p.person).filter((p) => p !== null))), 400).map(([p]) => el("option", { value: PEOPLE[p] })));
  $("#span").textContent = DATA.span;
  $("#colophon").textContent = DATA.colophon;
  table($("#sources table"), [{ text: "Source" }, { text: "Country" }, { text: "Articles", n: true }, { text: "Meetings", n: true }, { text: "Newest article" }, { text: "Health" }],
    DATA.sources.map((s) => [s.name, s.country ? countryName(s.country) : "international", s.articles.toLocaleString("en"), s.meetings.toLocaleString("en"), s.newest || "–", s.health]));
  $("#records .more").addEventListener("click", () => { shown += PAGE; drawRecords(chosen()); });
  form.addEventListener("input", () => refresh());
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => { ids = null; setTimeout(refresh); });
  refresh();
}
unpack().then(start);
})();
