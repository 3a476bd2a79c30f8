"""What the product promises of its speed: the figures of a run beside the thresholds of thresholds.toml."""

import statistics
import tomllib
from dataclasses import dataclass
from pathlib import Path

THRESHOLDS = Path(__file__).with_name("thresholds.toml")
FLOOR_1, FLOOR_2, ENGINE = "floor 1: librdkafka, discarding", "floor 2: INSERT of ready blocks", "Kafka engine + view"


@dataclass(frozen=True)
class Threshold:
    name: str
    title: str
    unit: str
    bound: float
    most: bool  # else it is the least

    def met(self, figure):
        return figure <= self.bound if self.most else figure >= self.bound


@dataclass(frozen=True)
class Verdict:
    threshold: Threshold
    figure: float
    beside: str  # absolute figures a ratio is made of

    @property
    def met(self):
        return self.threshold.met(self.figure)


def median(results, key):
    return statistics.median(result[key] for result in results)


def read_thresholds(text=None):
    """{name: Threshold} of thresholds.toml, or of `text`."""
    found = {}
    for name, entry in tomllib.loads(THRESHOLDS.read_text() if text is None else text).items():
        if len({"most", "least"} & entry.keys()) != 1:
            raise ValueError(f"threshold {name} needs one of `most` and `least`")
        most = "most" in entry
        found[name] = Threshold(name, entry["title"], entry.get("unit", ""), entry["most" if most else "least"], most)
    return found


def figures(throughput, latency):
    """{name: (figure, absolute figures beside it)} of everything that was measured."""
    ours, engine = throughput.get("collector"), throughput.get(ENGINE)
    floor1, floor2 = throughput.get(FLOOR_1), throughput.get(FLOOR_2)
    found = {}
    if ours and floor1 and floor2:
        together, first, second = median(ours, "together"), median(floor1, "together"), median(floor2, "together")
        found["together"] = together / (first + second), f"{together:.2f} µs of {first:.2f} + {second:.2f}"
    if ours and floor1:
        own, floor = median(ours, "own"), median(floor1, "together")
        found["collector"] = own / floor, f"{own:.2f} µs of {floor:.2f}"
    if ours:
        found["rate"] = median(ours, "rate"), ""
        found["memory"] = max(result["memory"] for result in ours), ""
        found["first_claim"] = median(ours, "first_claim"), ""
    if ours and engine:
        cost, rate = median(ours, "together"), median(ours, "rate")
        found["peer_cost"] = median(engine, "together") / cost, f"{median(engine, 'together'):.2f} µs, ours {cost:.2f}"
        found["peer_rate"] = rate / median(engine, "rate"), f"{median(engine, 'rate'):,.0f} events/s, ours {rate:,.0f}"
    if latency:
        for name, key in (("latency_p50", "p50"), ("latency_p99", "p99"), ("inserts", "inserts")):
            found[name] = median(latency, key), ""
    return found


def judge(throughput, latency, thresholds=None):
    """A verdict for each threshold whose figure was measured, in the file's order."""
    return verdicts(figures(throughput, latency), read_thresholds() if thresholds is None else thresholds)


def verdicts(found, thresholds):
    """The same of {name: (figure, absolute figures beside it)}."""
    if unknown := found.keys() - thresholds.keys():
        raise ValueError(f"thresholds.toml has nothing for {', '.join(sorted(unknown))}")
    return [Verdict(threshold, *found[name]) for name, threshold in thresholds.items() if name in found]


def table(verdicts):
    """Lines for a person: each bound beside its figure."""
    lines = [f"{'bound':46}{'asked':>12}{'measured':>12}"] if verdicts else []
    for verdict in verdicts:
        threshold = verdict.threshold
        asked = f"{'≤' if threshold.most else '≥'} {threshold.bound:,.15g}"
        figure = f"{verdict.figure:,.{0 if threshold.bound >= 100 else 2}f}"
        rest = " ".join(part for part in (threshold.unit, f"({verdict.beside})" if verdict.beside else "", "" if verdict.met else "MISSED") if part)
        lines.append(f"{threshold.title:46}{asked:>12}{figure:>12} {rest}".rstrip())
    return lines
