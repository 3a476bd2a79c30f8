// What the page shows, kept in its address so that a link shows the same to everyone.

const PERIODS = ["today", "7d", "30d", "month", "12mo", "all"];
const DEFAULTS = { range: "30d", from: "", to: "", compare: "previous_period", timezone: "", metric: "active_users", deck: "", course: "" };

export const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export function readState() {
  const parameters = new URLSearchParams(location.search);
  const state = { ...DEFAULTS, timezone: browserZone() };
  for (const name of Object.keys(DEFAULTS)) {
    const value = parameters.get(name);
    if (value) state[name] = value;
  }
  if (state.from && state.to) state.range = "custom";
  else if (!PERIODS.includes(state.range)) state.range = DEFAULTS.range;
  for (const id of ["deck", "course"]) if (!/^\d{1,20}$/.test(state[id])) state[id] = "";
  return state;
}

export function writeState(state, replace = false) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (!value || value === DEFAULTS[name] || value === "custom") continue;
    if (name === "timezone" && value === browserZone()) continue;
    if ((name === "from" || name === "to") && state.range !== "custom") continue;
    parameters.set(name, value);
  }
  const query = parameters.toString();
  const address = location.pathname + (query ? `?${query}` : "");
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
}

/// The report's URL parameters for a state.
export function reportParameters(state) {
  const parameters = new URLSearchParams();
  parameters.set("date_range", state.range === "custom" ? `${state.from},${state.to}` : state.range);
  parameters.set("timezone", state.timezone);
  if (state.compare !== "none") parameters.set("compare", state.compare);
  const filters = [];
  // Ids travel as text: they may be longer than a JavaScript number is exact.
  if (state.deck) filters.push(["is", "deck_id", [state.deck]]);
  if (state.course) filters.push(["is", "course_id", [state.course]]);
  if (filters.length) parameters.set("filters", JSON.stringify(filters));
  return parameters;
}
