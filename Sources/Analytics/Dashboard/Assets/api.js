// Talks to the analytics API on the same origin.

const KEY = "kartoteka-key";
// The key every local platform has; elsewhere the service refuses to start with it.
const LOCAL_KEY = "local-dashboard-key";

export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/// A key may come once in the fragment, which browsers never send: http://host:8003/#key=…
export function takeKeyFromAddress() {
  const match = /^#key=(.+)$/.exec(location.hash);
  if (!match) return;
  setKey(decodeURIComponent(match[1]));
  history.replaceState(null, "", location.pathname + location.search);
}

export const setKey = (key) => sessionStorage.setItem(KEY, key);
export const forgetKey = () => sessionStorage.removeItem(KEY);
export const key = () =>
  sessionStorage.getItem(KEY) ?? (document.documentElement.dataset.local === "true" ? LOCAL_KEY : null);

async function get(path, signal) {
  if (!key()) throw new Refusal(401, "unauthorized", "A service key is needed.");
  const response = await fetch(path, { headers: { Authorization: `Bearer ${key()}` }, signal });
  if (response.ok) return response;
  let error = {};
  try { error = (await response.json()).error ?? {}; } catch { /* not from the service itself */ }
  throw new Refusal(response.status, error.code ?? "unknown", error.message ?? `The server answered ${response.status}.`);
}

/// An id may be longer than a number here is exact; it stays the text it was, where the browser gives it.
const exact = (_, value, context) =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && context?.source ? context.source : value;

export const overview = async (parameters, signal) =>
  JSON.parse(await (await get(`/api/v1/reports/overview?${parameters}`, signal)).text(), exact);
export const meta = async () => (await get("/api/v1/meta")).json();

export const csvAddress = (parameters, panel) => `/api/v1/reports/overview?${parameters}&panel=${panel}&format=csv`;

export async function download(address) {
  const response = await get(address);
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "overview.csv";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
