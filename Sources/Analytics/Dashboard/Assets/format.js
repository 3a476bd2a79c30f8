// Numbers and dates as people read them.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const tenth = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function duration(seconds) {
  if (seconds < 60) return `${whole.format(seconds)} s`;
  if (seconds < 3600) return `${whole.format(seconds / 60)} min`;
  const hours = seconds / 3600;
  return hours < 100 ? `${tenth.format(hours)} h` : `${whole.format(hours)} h`;
}

export function value(number, unit) {
  if (number === null || number === undefined) return "–";
  switch (unit) {
    case "ratio": return `${tenth.format(number * 100)} %`;
    case "percent": return `${tenth.format(number)} %`;
    case "seconds": return duration(number);
    default: return whole.format(number);
  }
}

export function axis(number, unit) {
  switch (unit) {
    case "ratio": return `${whole.format(number * 100)} %`;
    case "seconds": return number === 0 ? "0" : number < 3600 ? `${compact.format(number / 60)} min` : `${compact.format(number / 3600)} h`;
    default: return number >= 10_000 ? compact.format(number) : whole.format(number);
  }
}

/// How a number changed: shares in percentage points, everything else in percent. A change too small to mean anything
/// has no direction.
export function change(now, then, unit) {
  if (now === null || then === null || then === undefined) return { text: "no comparison", direction: "" };
  if (unit === "ratio") {
    const points = (now - then) * 100;
    return { text: `${arrow(points)}${tenth.format(Math.abs(points))} pts`, direction: direction(points, 0.5) };
  }
  if (then === 0) return now === 0 ? { text: "±0 %", direction: "" } : { text: "new", direction: "up" };
  const percent = ((now - then) / then) * 100;
  const size = Math.abs(percent);
  const text = size >= 10 ? whole.format(size) : size < 0.05 ? "0" : tenth.format(size);
  return { text: `${arrow(percent)}${text} %`, direction: direction(percent, 1) };
}

const arrow = (number) => (Math.abs(number) < 0.05 ? "±" : number > 0 ? "▲ " : "▼ ");
const direction = (number, edge) => (number >= edge ? "up" : number <= -edge ? "down" : "");

const dates = {
  tick: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }),
  month: new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" }),
  full: new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }),
  plain: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }),
};
const day = (text) => new Date(`${text.slice(0, 10)}T00:00:00Z`);

export const plainDate = (text) => dates.plain.format(day(text));

export function span(range) {
  const [first, last] = range.map((bound) => bound.slice(0, 10));
  return first === last ? plainDate(first) : `${plainDate(first)} – ${plainDate(last)}`;
}

export function tick(text, grain) {
  if (grain === "hour") return text.slice(11, 16);
  return grain === "month" ? dates.month.format(day(text)) : dates.tick.format(day(text));
}

export function period(text, grain) {
  switch (grain) {
    case "hour": return `${dates.tick.format(day(text))}, ${text.slice(11, 16)}`;
    case "week": return `Week of ${plainDate(text)}`;
    case "month": return dates.month.format(day(text));
    default: return dates.full.format(day(text));
  }
}

export function moment(text, timeZone) {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone }).format(new Date(text));
}
