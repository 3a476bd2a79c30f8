// The learning overview: reads the address, asks for one report, shows it.

import * as api from "./api.js";
import { Chart } from "./chart.js";
import { byId, html } from "./elements.js";
import * as format from "./format.js";
import * as panels from "./panels.js";
import { browserZone, readState, reportParameters, writeState } from "./state.js";

let state = readState();
let report = null;
let running = null;

const announce = (text) => { byId("announcement").textContent = text; };
const chart = new Chart(byId("chart"), announce);

function change(parts, replace = false) {
  const asksAgain = Object.keys(parts).some((name) => name !== "metric");
  state = { ...state, ...parts };
  writeState(state, replace);
  showControls();
  if (asksAgain) load();
  else show();
}

async function load() {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  document.body.classList.add("loading");
  document.body.dataset.state = "loading";
  try {
    const fresh = await api.overview(reportParameters(state), signal);
    report = fresh;
    byId("error").hidden = true;
    show();
    document.body.dataset.state = "ready";
  } catch (error) {
    if (signal.aborted) return;
    if (error.status === 401) askForKey(error.code === "unauthorized" && Boolean(sessionStorage.getItem("kartoteka-key")));
    else showError(error);
    document.body.dataset.state = "failed";
  } finally {
    if (!signal.aborted) document.body.classList.remove("loading");
  }
}

function showError(error) {
  byId("error-title").textContent = error.status ? "The numbers could not be loaded." : "The server cannot be reached.";
  byId("error-text").textContent = error.status ? error.message : "Check that it runs, then try again.";
  byId("error").hidden = false;
}

function askForKey(wasWrong) {
  api.forgetKey();
  byId("key-error").hidden = !wasWrong;
  if (!byId("key-dialog").open) byId("key-dialog").showModal();
}

function show() {
  if (!report) return;
  const { kpis, series, top_decks: decks, top_courses: courses } = report.panels;
  const tile = panels.TILES.find((entry) => entry.metric === state.metric) ?? panels.TILES[0];
  const grain = series.query.dimensions[0].slice("time:".length);
  const isCompared = Boolean(series.meta.compared_with);
  const model = {
    name: tile.label, unit: tile.unit, grain, isCompared,
    label: `${tile.label} by ${grain}, ${format.span(series.query.date_range)}`,
    rows: panels.rows(series).map((row) => ({
      time: row.dimensions[`time:${grain}`], now: row.now[tile.metric], then: row.then?.[tile.metric] ?? null,
    })),
  };
  panels.showTiles(report, tile.metric, (metric) => change({ metric }, true));
  byId("series-title").textContent = tile.label;
  byId("series-sub").textContent = `${{ hour: "By hour", day: "By day", week: "By week, from Monday", month: "By month" }[grain]}. Choose a number above to see its course.`;
  byId("legend").replaceChildren(html("li", {}, html("i"), format.span(series.query.date_range)),
    ...(isCompared ? [html("li", {}, html("i", { class: "then" }), format.span(series.meta.compared_with))] : []));
  chart.set(model);
  panels.showSeriesTable(model);
  panels.showDecks(decks, (deck) => change({ deck }));
  panels.showCourses(courses, (course) => change({ course }));
  showSpan(kpis);
  showFreshness(report.meta.fresh_to);
  const [totals] = panels.rows(kpis);
  const isEmpty = totals.now.events === 0;
  byId("empty").hidden = !isEmpty;
  byId("empty-text").textContent = report.meta.fresh_to
    ? `The newest event is from ${format.moment(report.meta.fresh_to, state.timezone)}.` : "No event has arrived yet.";
  byId("show-all").hidden = !report.meta.fresh_to || state.range === "all";
  announce(`${format.span(kpis.query.date_range)}: ${format.value(totals.now.active_users, "count")} active learners, ${format.value(totals.now.sessions_finished, "count")} sessions finished.`);
  for (const link of document.querySelectorAll("a.csv")) link.href = api.csvAddress(reportParameters(state), link.dataset.panel);
}

function showSpan(kpis) {
  const compared = kpis.meta.compared_with ? `, compared with ${format.span(kpis.meta.compared_with)}` : "";
  byId("span").textContent = format.span(kpis.query.date_range) + compared;
  const chips = [["deck", "Deck"], ["course", "Course"]].filter(([name]) => state[name]).map(([name, label]) =>
    html("span", { class: "chip" }, `${label} ${state[name]}`,
      html("button", { type: "button", "aria-label": `Remove the filter ${label} ${state[name]}`, onclick: () => change({ [name]: "" }) }, "×")));
  byId("chips").replaceChildren(...chips);
}

function showFreshness(freshTo) {
  byId("freshness").hidden = !freshTo;
  if (!freshTo) return;
  byId("freshness").classList.toggle("stale", Date.now() - new Date(freshTo) > 3600_000);
  byId("freshness-text").textContent = `Data as of ${format.moment(freshTo, state.timezone)}`;
}

function showControls() {
  const { elements } = byId("controls");
  elements.range.value = state.range;
  elements.compare.value = state.compare;
  elements.timezone.value = state.timezone;
  byId("dates").hidden = state.range !== "custom";
  if (state.from) elements.from.value = state.from;
  if (state.to) elements.to.value = state.to;
}

function listZones() {
  const known = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
  const zones = [...new Set(["UTC", browserZone(), state.timezone, ...known])];
  byId("controls").elements.timezone.replaceChildren(...zones.map((zone) => html("option", { value: zone }, zone.replaceAll("_", " "))));
}

function watchControls() {
  const controls = byId("controls");
  const { elements } = controls;
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("change", (event) => {
    switch (event.target.name) {
      case "range": {
        if (event.target.value !== "custom") return change({ range: event.target.value, from: "", to: "" });
        // Starts from the dates on show.
        const [from, to] = (report?.panels.kpis.query.date_range ?? ["", ""]).map((bound) => bound.slice(0, 10));
        if (from && to) return change({ range: "custom", from, to });
        byId("dates").hidden = false;
        return undefined;
      }
      case "from": case "to":
        if (elements.from.value && elements.to.value && elements.from.value <= elements.to.value) {
          change({ range: "custom", from: elements.from.value, to: elements.to.value });
        }
        return undefined;
      default: return change({ [event.target.name]: event.target.value });
    }
  });
  byId("retry").addEventListener("click", () => load());
  byId("show-all").addEventListener("click", () => change({ range: "all", from: "", to: "" }));
  window.addEventListener("popstate", () => { state = readState(); showControls(); load(); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.csv");
    if (!link) return;
    event.preventDefault();
    api.download(api.csvAddress(reportParameters(state), link.dataset.panel)).catch(showError);
  });
  byId("key-dialog").addEventListener("cancel", (event) => event.preventDefault());
  byId("key-form").addEventListener("submit", (event) => {
    api.setKey(new FormData(event.target).get("key").trim());
    event.target.reset();
    load();
    loadGlossary();
  });
}

const loadGlossary = () => api.meta().then(panels.showGlossary, () => {});

api.takeKeyFromAddress();
listZones();
showControls();
watchControls();
panels.showTileSkeletons();
load();
loadGlossary();
setInterval(() => { if (!document.hidden && document.body.dataset.state === "ready") load(); }, 60_000);
