// The time series: one line, the compared period dashed behind it, read by pointer or arrow keys.

import { byId, html, svg } from "./elements.js";
import * as format from "./format.js";

const MARGIN = { top: 10, right: 12, bottom: 26, left: 54 };

/// At most five steps of 1, 2 or 5 times a power of ten (of an hour, for times), from 0 past the largest value.
function scale(largest, unit) {
  if (unit === "ratio") return [0, 0.25, 0.5, 0.75, 1];
  const base = unit === "seconds" ? (largest >= 7200 ? 3600 : 60) : 1;
  const goal = Math.max(largest / base, unit === "count" ? 4 : 1) / 4;
  const power = 10 ** Math.floor(Math.log10(goal));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= goal && (base !== 1 || size % 1 === 0)) ?? 10 * power;
  const steps = Math.max(1, Math.ceil(largest / base / step));
  return Array.from({ length: steps + 1 }, (_, index) => index * step * base);
}

/// Pieces of a line, broken where there is no number.
function pieces(points) {
  const found = [];
  let piece = [];
  for (const point of points) {
    if (point) piece.push(point);
    else if (piece.length) { found.push(piece); piece = []; }
  }
  if (piece.length) found.push(piece);
  return found;
}

const path = (points) => points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
const line = (points) => pieces(points).map((piece) => (piece.length > 1 ? path(piece) : `${path(piece)}h0.01`)).join("");

export function sparkline(values, name) {
  const known = values.filter((value) => value !== null);
  const largest = Math.max(...known, 0);
  const smallest = Math.min(...known, largest);
  const height = largest - smallest || 1;
  const points = values.map((value, index) =>
    value === null ? null : [(index / Math.max(values.length - 1, 1)) * 84, 31 - ((value - smallest) / height) * 27]);
  const drawing = svg("svg", { class: "tile-spark", viewBox: "0 0 84 34", "aria-hidden": "true", "data-spark": name });
  if (known.length < 2) return drawing;
  for (const piece of pieces(points)) {
    if (piece.length > 1) drawing.append(svg("path", { class: "spark-area", d: `${path(piece)}L${piece.at(-1)[0].toFixed(1)} 34L${piece[0][0].toFixed(1)} 34Z` }));
  }
  drawing.append(svg("path", { class: "spark-line", d: line(points) }));
  return drawing;
}

/// Draws `rows` of `{time, now, then}` into `place`, and again whenever its width changes.
export class Chart {
  constructor(place, announce) {
    this.place = place;
    this.announce = announce;
    this.at = null;
    place.addEventListener("pointermove", (event) => this.point(event));
    place.addEventListener("pointerleave", () => this.show(null));
    place.addEventListener("keydown", (event) => this.step(event));
    place.addEventListener("blur", () => this.show(null));
    new ResizeObserver(() => this.draw()).observe(place);
  }

  set(model) {
    this.model = model;
    this.at = null;
    this.draw();
  }

  draw() {
    const { place, model } = this;
    const width = place.clientWidth;
    const height = place.clientHeight;
    if (!model || !width) return;
    place.setAttribute("aria-label", model.label);
    if (!model.rows.some((row) => row.now || row.then)) {
      place.replaceChildren(html("p", { class: "chart-empty" }, "Nothing happened in these dates."));
      this.points = [];
      return;
    }
    const { rows, unit, grain } = model;
    const steps = scale(Math.max(...rows.map((row) => Math.max(row.now ?? 0, row.then ?? 0))), unit);
    const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
    const x = (index) => MARGIN.left + (rows.length === 1 ? inner.width / 2 : (index / (rows.length - 1)) * inner.width);
    const y = (number) => MARGIN.top + inner.height - (number / steps.at(-1)) * inner.height;
    const now = rows.map((row, index) => (row.now === null ? null : [x(index), y(row.now)]));
    const then = rows.map((row, index) => (row.then === null || row.then === undefined ? null : [x(index), y(row.then)]));
    const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
      svg("defs", {}, svg("linearGradient", { id: "area-fill", x1: 0, y1: 0, x2: 0, y2: 1 },
        svg("stop", { class: "area-top", offset: 0 }), svg("stop", { class: "area-bottom", offset: 1 }))));
    for (const step of steps) {
      drawing.append(
        svg("line", { class: step ? "grid-line" : "grid-line zero", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(step), y2: y(step) }),
        svg("text", { class: "axis", x: MARGIN.left - 10, y: y(step) + 4, "text-anchor": "end" }, format.axis(step, unit)));
    }
    const every = Math.max(1, Math.ceil(rows.length / Math.max(2, Math.floor(inner.width / 92))));
    for (let index = 0; index < rows.length; index += every) {
      const anchor = index === 0 && rows.length > 1 ? "start" : rows.length - 1 - index < every / 2 && rows.length > 1 ? "end" : "middle";
      drawing.append(svg("text", { class: "axis", x: x(index), y: height - 6, "text-anchor": anchor }, format.tick(rows[index].time, grain)));
    }
    const floor = y(0).toFixed(1);
    for (const piece of pieces(now)) {
      if (piece.length > 1) drawing.append(svg("path", { class: "area", d: `${path(piece)}L${piece.at(-1)[0].toFixed(1)} ${floor}L${piece[0][0].toFixed(1)} ${floor}Z` }));
    }
    drawing.append(svg("path", { class: "series-line then", d: line(then) }), svg("path", { class: "series-line", d: line(now) }));
    this.marks = svg("g");
    drawing.append(this.marks);
    this.tooltip = html("div", { class: "tooltip", hidden: "" });
    place.replaceChildren(drawing, this.tooltip);
    this.points = rows.map((row, index) => ({ x: x(index), now: now[index], then: then[index] }));
    this.floor = y(0);
    this.show(this.at);
  }

  point(event) {
    if (!this.points?.length) return;
    const at = event.clientX - this.place.getBoundingClientRect().left;
    let nearest = 0;
    this.points.forEach((point, index) => {
      if (Math.abs(point.x - at) < Math.abs(this.points[nearest].x - at)) nearest = index;
    });
    this.show(nearest);
  }

  step(event) {
    const last = (this.points?.length ?? 0) - 1;
    if (last < 0) return;
    const moves = { ArrowLeft: (this.at ?? last + 1) - 1, ArrowRight: (this.at ?? -1) + 1, Home: 0, End: last };
    if (event.key === "Escape") return this.show(null);
    if (!(event.key in moves)) return;
    event.preventDefault();
    this.show(Math.min(last, Math.max(0, moves[event.key])));
    const row = this.model.rows[this.at];
    const compared = row.then === null || row.then === undefined ? "" : `, before: ${format.value(row.then, this.model.unit)}`;
    this.announce(`${format.period(row.time, this.model.grain)}: ${format.value(row.now, this.model.unit)}${compared}`);
  }

  show(at) {
    this.at = at;
    if (!this.marks) return;
    this.marks.replaceChildren();
    this.tooltip.hidden = at === null;
    if (at === null || !this.points[at]) return;
    const { x, now, then } = this.points[at];
    const { rows, unit, grain } = this.model;
    this.marks.append(svg("line", { class: "crosshair", x1: x, x2: x, y1: MARGIN.top, y2: this.floor }));
    if (then) this.marks.append(svg("circle", { class: "dot then", cx: then[0], cy: then[1], r: 3.5 }));
    if (now) this.marks.append(svg("circle", { class: "dot", cx: now[0], cy: now[1], r: 4.5 }));
    const numbers = html("dl", {}, html("dt", {}, "This period"), html("dd", {}, format.value(rows[at].now, unit)));
    if (this.model.isCompared) numbers.append(html("dt", {}, "Before"), html("dd", {}, format.value(rows[at].then, unit)));
    this.tooltip.replaceChildren(html("b", {}, format.period(rows[at].time, grain)), numbers);
    const room = this.place.clientWidth - this.tooltip.offsetWidth - 4;
    const beside = x + 16 > room ? x - this.tooltip.offsetWidth - 16 : x + 16;
    this.tooltip.style.left = `${Math.max(0, beside)}px`;
  }
}

export const chartPlace = () => byId("chart");
