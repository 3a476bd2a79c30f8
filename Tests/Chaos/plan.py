"""Which fault comes next, to whom, and how long after the one before: decided by the seed alone.

Each target has a lane of its own, and lanes run side by side, so faults overlap. What a fault meets (which INSERT, which
instruction) depends on the machine; that it is tried, in which order and with which figures, repeats with the seed.
"""

import random
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    lane: str
    number: int  # in its lane, from 1
    pause: float  # seconds after the lane's fault before
    kind: str
    figures: dict = field(default_factory=dict)

    def __str__(self):
        figures = " ".join(f"{name}={value}" for name, value in self.figures.items())
        return f"{self.lane} #{self.number} after {self.pause:.2f} s: {self.kind} {figures}".rstrip()


@dataclass(frozen=True)
class Times:
    """What the faults' lengths are measured against, in seconds: the settings the collectors run with."""

    session: float
    lease: float


QUICK = Times(session=2, lease=8)
DEFAULT = Times(session=6, lease=60)  # as users run them


def choose(dice, weights):
    return dice.choices(list(weights), list(weights.values()))[0]


def collector(dice, times):
    kind = choose(dice, {"kill": 50, "freeze": 22, "upgrade": 13, "stop": 15})
    figures = {}
    if kind in ("kill", "upgrade"):
        # Half of them wait for an INSERT on its way, the others hit whatever there is: decoding, a claim, a commit, the start.
        figures = {"aimed": dice.random() < 0.5, "delay": round(dice.expovariate(60), 4), "down": round(dice.choice((0, 0.3, 2.5)), 1)}
    if kind == "freeze":
        figures = {"aimed": dice.random() < 0.7, "delay": round(dice.expovariate(60), 4), "seconds": round(times.session * dice.uniform(1.3, 2.4), 2)}
    return dice.uniform(2, 9), kind, figures


def link(dice, times):
    kind = choose(dice, {"cut request": 30, "cut reply": 22, "cut waiting": 18, "stall": 14, "black hole": 6, "late request": 10})
    table = choose(dice, {"events": 70, "dead_letters": 12, "ranges": 18})
    figures = {"table": table, "reset": dice.random() < 0.5}
    if kind in ("cut request", "stall", "black hole"):
        figures["part"] = round(dice.random(), 3)  # of the request that goes through before
    if kind == "cut waiting":
        figures["delay"] = round(dice.expovariate(100), 4)
    if kind == "stall":
        figures["seconds"] = round(dice.uniform(0.5, 4), 2)
    if kind == "black hole":
        figures["seconds"] = round(dice.uniform(2, 1.3 * times.lease), 2)
    if kind == "late request":
        figures["seconds"] = round(dice.uniform(0.1, 1.6 * times.lease), 2)
    return dice.uniform(0.3, 3), kind, figures


def clickhouse(dice, times):
    kind = choose(dice, {"kill": 60, "kill with upgrade": 20, "freeze": 20})
    if kind != "freeze":
        figures = {"aimed": dice.random() < 0.8, "delay": round(dice.expovariate(100), 4), "down": round(dice.choice((0, 0, 1, 4)), 1)}
    else:
        figures = {"aimed": True, "delay": round(dice.expovariate(100), 4), "seconds": round(dice.uniform(0.5, 0.8 * times.lease), 2)}
    return dice.uniform(7, 18), kind, figures


def broker(dice, times):
    kind = choose(dice, {"kill": 80, "freeze": 20})
    figures = {"down": round(dice.choice((0, 0, 1, 4)), 1)} if kind == "kill" else {"seconds": round(dice.uniform(0.5, 1.5 * times.session), 2)}
    return dice.uniform(12, 26), kind, figures


def clock(dice, times):
    """A collector's wall clock jumps to so many seconds beside the real time: it may read anything, at any time."""
    kind = choose(dice, {"forward": 45, "back": 45, "right again": 10})
    sign = {"forward": 1, "back": -1, "right again": 0}[kind]
    return dice.uniform(2, 12), kind, {"seconds": round(sign * dice.choice((dice.uniform(0.1, 2), times.lease * dice.uniform(0.5, 3), 3600, 400 * 86400)), 2)}


def server_clock(dice, times):
    """ClickHouse's goes forward from where it is. Not back: leases count by it, and one that was over would hold again."""
    return dice.uniform(15, 40), "ClickHouse's forward", {"seconds": round(dice.choice((0.5, 1, 2.5)) * times.lease, 2)}


def lasting(dice, times):
    """ClickHouse refuses every INSERT of one partition, for long."""
    topic, number = dice.choice(("learning.events/0", "learning.events/3", "learning.events/5", "course.events/1", "content.events/2")).split("/")
    return dice.uniform(4, 12), "refused", {"partition": f"{topic}/{number}", "seconds": round(dice.uniform(2, 5) * times.lease, 1)}


def lanes(collectors):
    """The targets, and who rolls the dice for each."""
    named = {f"collector-{number}": collector for number in range(1, collectors + 1)}
    named |= {f"link-{number}": link for number in range(1, collectors + 1)}
    named |= {f"clock-{number}": clock for number in range(1, collectors + 1)}
    return named | {"clock-clickhouse": server_clock, "lasting": lasting, "clickhouse": clickhouse, "kafka": broker}


def faults(seed, lane, roll, times):
    """The faults of one lane, without end."""
    dice = random.Random(f"{seed}/{lane}")
    number = 0
    while True:
        number += 1
        pause, kind, figures = roll(dice, times)
        yield Fault(lane, number, pause, kind, figures)
