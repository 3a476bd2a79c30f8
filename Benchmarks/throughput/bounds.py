"""What the product promises of its speed, each a bound that a run of the benchmark meets or misses."""

import statistics


def median(results, key):
    return statistics.median(result[key] for result in results)


def figures(throughput, latency):
    """(what, unit, bound, "≤" or "≥", figure) of everything that was measured."""
    ours = throughput.get("collector")
    engine, floor = throughput.get("Kafka engine + view"), throughput.get("floor 1: librdkafka, discarding")
    if ours and floor:
        yield "collector, times floor 1", "", 2.5, "≤", median(ours, "own") / median(floor, "together")
    if ours:
        yield "collector and ClickHouse", "µs an event", 2.2, "≤", median(ours, "together")
        yield "drain", "events/s", 500_000, "≥", median(ours, "rate")
        yield "collector's memory at its peak", "MB", 256, "≤", max(result["memory"] for result in ours)
        yield "start to first claim", "s", 5, "≤", median(ours, "first_claim")
    if ours and engine:
        yield "cost, Kafka engine over ours", "times", 6, "≥", median(engine, "together") / median(ours, "together")
        yield "rate, ours over Kafka engine", "times", 4, "≥", median(ours, "rate") / median(engine, "rate")
    if latency:
        yield "acked to queryable at 20,000/s, p50", "s", 0.7, "≤", median(latency, "p50")
        yield "acked to queryable at 20,000/s, p99", "s", 1.5, "≤", median(latency, "p99")
        yield "inserts a second, busiest partition", "", 2, "≤", median(latency, "inserts")


def print_bounds(throughput, latency):
    """Prints each bound beside its figure; returns the names of those missed."""
    missed = []
    found = list(figures(throughput, latency))
    if not found:
        return missed
    print(f"\n{'bound':44}{'asked':>14}{'measured':>14}")
    for what, unit, bound, sense, figure in found:
        met = figure <= bound if sense == "≤" else figure >= bound
        if not met:
            missed.append(what)
        digits = 0 if bound >= 100 else 2
        print(f"{what:44}{sense + ' ' + format(bound, ',.15g'):>14}{figure:>14,.{digits}f} {unit}{'' if met else '   MISSED'}")
    return missed
