"""The last lines of a demonstration: rates, latencies and the verdict."""


def summary(result, school, verified, audited):
    """A few lines for a person; `result` is the JSON object of `kartoteka load`, empty when it wrote none, and `school` what is
    true of the school, None when something is missing."""
    verification = result.get("verification") or {}
    lines = ["", "Summary"]

    def line(name, text):
        lines.append(f"  {name:<18} {text}")

    line("school", school or "IS NOT WHOLE (see above)")
    if "acked" in result:
        line("sent", f"{result['acked']:,} events in {result['seconds']:.1f} s, {result['acked_per_second']:,.0f} a second")
    for name, latency in (
        ("sent → stored", result.get("intended_to_acked_ms")),
        ("stored → queryable", verification.get("acked_to_queryable_ms")),
    ):
        if latency:
            line(name, f"p50 {latency['p50']:,.0f} ms, p99 {latency['p99']:,.0f} ms, longest {latency['max']:,.0f} ms")
    if verification:
        line("queryable", f"{verification['found']:,} of {verification['expected']:,}")
    line("verified", "yes: every event arrived, once, as it was sent" if verified else "NO (see above)")
    line("audit", "holds" if audited else "DOES NOT HOLD (see above)")
    return "\n".join(lines)
