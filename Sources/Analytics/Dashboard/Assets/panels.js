// Tiles and tables, made of a report's panels.

import { sparkline } from "./chart.js";
import { byId, html } from "./elements.js";
import * as format from "./format.js";

export const TILES = [
  { metric: "active_users", label: "Active learners", unit: "count" },
  { metric: "sessions_finished", label: "Sessions finished", unit: "count" },
  { metric: "completion_rate", label: "Completion rate", unit: "ratio" },
  { metric: "study_seconds", label: "Study time", unit: "seconds" },
  { metric: "cards_learned", label: "Cards learned", unit: "count" },
  { metric: "correct_rate", label: "Correct answers", unit: "ratio" },
  { metric: "registrations", label: "New registrations", unit: "count" },
  { metric: "enrollments", label: "Enrolments", unit: "count" },
];

/// A panel's rows as objects by name; `then` has the compared metrics.
export function rows(panel) {
  const { metrics, dimensions } = panel.query;
  return panel.results.map((row) => ({
    dimensions: Object.fromEntries(dimensions.map((name, index) => [name, row.dimensions[index]])),
    now: Object.fromEntries(metrics.map((name, index) => [name, row.metrics[index]])),
    then: row.comparison ? Object.fromEntries(metrics.map((name, index) => [name, row.comparison.metrics[index]])) : null,
  }));
}

export function showTileSkeletons() {
  byId("tiles").replaceChildren(...TILES.map((tile) =>
    html("li", {}, html("button", { class: "tile", type: "button", disabled: "" },
      html("span", { class: "tile-label" }, tile.label), html("span", { class: "tile-value" }, html("span", { class: "skeleton" }))))));
}

export function showTiles(report, chosen, choose) {
  const [totals] = rows(report.panels.kpis);
  const series = rows(report.panels.series);
  byId("tiles").replaceChildren(...TILES.map((tile) => {
    const now = totals.now[tile.metric];
    const shown = format.value(now, tile.unit);
    const [number, ...unit] = shown.split(" ");
    const button = html("button", { class: "tile", type: "button", "aria-pressed": String(tile.metric === chosen), onclick: () => choose(tile.metric) },
      html("span", { class: "tile-label" }, tile.label),
      html("span", { class: "tile-value", "data-metric": tile.metric, "data-value": now === null ? "" : String(now) }, number,
        unit.length ? html("small", {}, ` ${unit.join(" ")}`) : null));
    if (totals.then) {
      const change = format.change(now, totals.then[tile.metric], tile.unit);
      button.append(html("span", { class: `change ${change.direction}`, title: `Before: ${format.value(totals.then[tile.metric], tile.unit)}` },
        change.text, html("span", { class: "visually-hidden" }, ` against ${format.value(totals.then[tile.metric], tile.unit)} before`)));
    }
    button.append(sparkline(series.map((row) => row.now[tile.metric]), tile.metric));
    return html("li", {}, button);
  }));
}

export function showSeriesTable(model) {
  const head = html("tr", {}, html("th", { scope: "col" }, "Period"), html("th", { scope: "col" }, model.name));
  if (model.isCompared) head.append(html("th", { scope: "col" }, "Before"), html("th", { scope: "col" }, "Change"));
  const body = model.rows.map((row) => {
    const line = html("tr", {}, html("th", { scope: "row" }, format.period(row.time, model.grain)), html("td", {}, format.value(row.now, model.unit)));
    if (model.isCompared) line.append(html("td", {}, format.value(row.then, model.unit)), html("td", {}, format.change(row.now, row.then, model.unit).text));
    return line;
  });
  byId("series-table").replaceChildren(html("table", {}, html("caption", { class: "visually-hidden" }, model.label), html("thead", {}, head), html("tbody", {}, ...body)));
}

const DECKS = [
  { metric: "active_users", label: "Learners", unit: "count", bar: true },
  { metric: "sessions_finished", label: "Sessions", unit: "count" },
  { metric: "completion_rate", label: "Completed", unit: "ratio" },
  { metric: "cards_learned", label: "Cards learned", unit: "count" },
  { metric: "correct_rate", label: "Correct", unit: "ratio" },
];
const COURSES = [
  { metric: "enrollments", label: "Enrolments", unit: "count", bar: true },
  { metric: "completions", label: "Completed", unit: "count" },
  { metric: "avg_progress", label: "Mean progress", unit: "percent" },
];

export const showDecks = (panel, choose) =>
  showTop(byId("decks"), panel, { name: "Deck", dimension: "deck_id", columns: DECKS, empty: "No deck was studied in these dates." }, choose);
export const showCourses = (panel, choose) =>
  showTop(byId("courses"), panel, { name: "Course", dimension: "course_id", columns: COURSES, empty: "Nothing happened in courses in these dates." }, choose);

function showTop(place, panel, { name, dimension, columns, empty }, choose) {
  const found = rows(panel);
  if (!found.length) return place.replaceChildren(html("p", { class: "panel-empty" }, empty));
  const largest = Math.max(...found.map((row) => row.now[columns[0].metric]), 1);
  const head = html("tr", {}, html("th", { scope: "col" }, name), ...columns.map((column) => html("th", { scope: "col" }, column.label)));
  const body = found.map((row) => {
    const id = String(row.dimensions[dimension]);
    const line = html("tr", { "data-id": id }, html("th", { scope: "row" },
      html("button", { class: "row-button", type: "button", onclick: () => choose(id), "aria-label": `${name} ${id}: show only its numbers` }, `${name} ${id}`)));
    for (const column of columns) {
      const now = row.now[column.metric];
      const text = format.value(now, column.unit);
      const attributes = { "data-metric": column.metric, "data-value": now === null ? "" : String(now) };
      if (!column.bar) { line.append(html("td", attributes, text)); continue; }
      const bar = html("span", { class: "bar", "aria-hidden": "true" });
      bar.style.width = `${(now / largest) * 100}%`;
      line.append(html("td", { class: "bar-cell", ...attributes }, html("div", {}, html("span", { class: "bar-track" }, bar), text)));
    }
    return line;
  });
  place.replaceChildren(html("table", {}, html("caption", { class: "visually-hidden" }, `Top ${name.toLowerCase()}s`), html("thead", {}, head), html("tbody", {}, ...body)));
}

export function showGlossary(vocabulary) {
  const wanted = [...TILES, { metric: "avg_progress", label: "Mean progress" }, { metric: "completions", label: "Courses completed" }];
  const meanings = new Map(vocabulary.metrics.map((metric) => [metric.name, metric.meaning]));
  byId("glossary").replaceChildren(...wanted.flatMap((entry) => [html("dt", {}, entry.label), html("dd", {}, meanings.get(entry.metric) ?? "")]));
}
