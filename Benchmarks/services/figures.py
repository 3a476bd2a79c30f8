"""What the services promise of their speed: the figures of a run beside the thresholds of thresholds.toml."""

from pathlib import Path

from bounds import median, read_thresholds, verdicts

THRESHOLDS = Path(__file__).with_name("thresholds.toml")
ENDPOINTS = ("list", "detail", "unchanged", "answer")


def thresholds():
    return read_thresholds(THRESHOLDS.read_text(encoding="utf-8"))


def figures(found):
    """{name: (figure, absolute figures beside it)} of everything that was measured."""
    result = {}
    for name in ENDPOINTS:
        if f"{name} ours" in found:
            ours, theirs = (median(found[f"{name} {side}"], "cpu") for side in ("ours", "peer"))
            relay = median(found[f"{name} ours"], "relay") if name == "answer" else 0
            result[name] = theirs / ours, f"{theirs:.0f} µs, ours {ours:.1f}{f', {relay:.1f} of it the relay' if relay else ''}"
    if "gateway ours" in found:
        ours, theirs = (median(found[f"gateway {side}"], "cpu") for side in ("ours", "peer"))
        result["gateway"] = ours / theirs, f"{ours:.1f} µs, nginx's {theirs:.1f}"
    if logins := found.get("login"):
        result["login"] = 1e6 / median(logins, "cpu"), f"{median(logins, 'rate'):.0f}/s on all cores, {median(logins, 'cpu') / 1000:.1f} ms each"
        before, during = median(logins, "p99_without"), median(logins, "p99_during")
        result["login_p99"] = during - before, f"{during:.1f} ms, without {before:.1f}"
    if drains := found.get("drain"):
        result["relay_rate"] = median(drains, "rate"), f"{median(drains, 'cpu'):.1f} µs an event"
    if committed := found.get("committed"):
        answers = found.get("paced")
        for name in ("p50", "p99"):
            beside = f"; behind {median(answers, 'rate'):,.0f} answers/s {median(answers, name):.1f} ms" if answers else ""
            result[f"relay_{name}"] = median(committed, name), f"at {median(committed, 'rate'):,.0f}/s{beside}"
    if visible := found.get("visible"):
        result["visible_p99"] = median(visible, "p99"), f"p50 {median(visible, 'p50'):.2f} s"
    if memory := found.get("memory"):
        sizes = ", ".join(f"{name} {size['resident']:.0f}, at its peak {size['peak']:.0f}" for name, size in memory.items())
        result["memory"] = max(size["resident"] for size in memory.values()), sizes
    return result


def judge(found, known=None):
    """A verdict for each threshold whose figure was measured, in the file's order."""
    return verdicts(figures(found), thresholds() if known is None else known)
