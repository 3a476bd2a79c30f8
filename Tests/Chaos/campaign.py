"""Does the faults of the plan, each lane in a thread of its own, and counts those that really happened."""

import threading
import time
import traceback
from collections import Counter

import plan
from link import Spoil

AIM_SECONDS = 3  # how long a fault waits for the INSERT it is aimed at, before it strikes anyway
STOP_SECONDS = 60  # SIGTERM to exit: the collector's own deadline is shorter, but ClickHouse may be frozen meanwhile


class Campaign:
    def __init__(self, seed, times, targets, links, lag, journal):
        self.seed, self.times, self.targets, self.links, self.lag = seed, times, targets, links, lag
        self.journal = journal
        self.ending = threading.Event()
        self.released = threading.Event()  # lanes outlive the faults: a process is tied to the thread that started it
        self.happened, self.missed = Counter(), Counter()
        self.errors = []
        self.lock = threading.Lock()
        self.begin = time.monotonic()
        self.lanes = []

    def start(self):
        self.begin = time.monotonic()
        collectors = sum(name.startswith("collector-") for name in self.targets)
        for lane, roll in plan.lanes(collectors).items():
            thread = Threaded(self, lane, plan.faults(self.seed, lane, roll, self.times))
            self.lanes.append(thread)
            thread.start()

    def end(self, seconds):
        """No more faults; waits until the last ones are healed. Returns the lanes that are not back by then."""
        self.ending.set()
        deadline = time.monotonic() + seconds
        return [lane.name for lane in self.lanes if not lane.finished.wait(max(0, deadline - time.monotonic()))]

    def total(self):
        with self.lock:
            return sum(self.happened.values())

    def note(self, fault, happened):
        family = fault.lane.rpartition("-")[0] or fault.lane
        with self.lock:
            (self.happened if happened else self.missed)[f"{family}: {fault.kind}"] += 1
            self.journal.write(f"{time.monotonic() - self.begin:8.2f} {'did ' if happened else 'miss'} {fault}\n")
            self.journal.flush()

    # The faults themselves; each returns whether it happened, and leaves its target healed.

    def do(self, fault):
        if fault.lane in self.links:
            return self._spoil(self.links[fault.lane], fault)
        if fault.lane == "lasting":
            with self.lag:
                return refused(self.links.values(), [fault.figures["partition"]], fault.figures["seconds"], self.ending) >= 2
        if fault.lane.startswith("clock-"):
            return self._step(fault)
        target = self.targets[fault.lane]
        with target.lock:
            return getattr(self, "_" + fault.kind.replace(" ", "_"))(target, fault.figures)

    def _step(self, fault):
        _, _, name = fault.lane.partition("-")
        target = self.targets.get(f"collector-{name}") or self.targets[name]
        clock, seconds = target.clock, fault.figures["seconds"]
        clock.step(clock.seconds + seconds if name == "clickhouse" else seconds)
        return target.alive()

    def _spoil(self, link, fault):
        return link.spoil(Spoil(fault.kind, fault.figures["table"], fault.figures), 6, self.ending)

    def _aim(self, target, figures):
        if figures.get("aimed"):
            links = [target.link] if hasattr(target, "link") else list(self.links.values())
            # Any link's next INSERT will do; waiting at one of them, in turn, is enough.
            links[self.total() % len(links)].await_insert(AIM_SECONDS)
            time.sleep(figures["delay"])

    def _kill(self, target, figures):
        self._aim(target, figures)
        happened = target.kill()
        self.ending.wait(figures["down"])
        target.start()
        return happened

    def _upgrade(self, target, figures):
        target.upgrade()
        return self._kill(target, figures)

    def _kill_with_upgrade(self, target, figures):
        """ClickHouse dies in an INSERT, and whoever repeats that range makes other rows of it, as far as the ledger knows."""
        self._aim(target, figures)
        happened = target.kill()
        for collector in self.targets.values():
            if hasattr(collector, "upgrade"):
                with collector.lock:
                    collector.upgrade()
                    collector.kill()
                    collector.start()
        self.ending.wait(figures["down"])
        target.start()
        return happened

    def _freeze(self, target, figures):
        self._aim(target, figures)
        if not target.freeze():
            target.start()
            return False
        time.sleep(figures["seconds"])
        return target.thaw()

    def _stop(self, target, figures):
        happened = target.stop(STOP_SECONDS)
        target.start()
        return happened


def refused(links, partitions, seconds, ending):
    """ClickHouse refuses the INSERTs of `partitions` for so long; returns how many of them."""
    for link in links:
        for partition in partitions:
            link.refuse(partition)
    ending.wait(seconds)
    return sum(link.allow(partition) for link in links for partition in partitions)


class Threaded(threading.Thread):
    """One lane."""

    def __init__(self, campaign, lane, faults):
        super().__init__(name=lane, daemon=True)
        self.campaign, self.faults = campaign, faults
        self.finished = threading.Event()

    def run(self):
        campaign = self.campaign
        try:
            for fault in self.faults:
                if campaign.ending.wait(fault.pause):
                    break
                campaign.note(fault, campaign.do(fault))
        except Exception:  # whatever it is, the campaign must end with it
            with campaign.lock:
                campaign.errors.append(f"The lane {self.name} broke off: {traceback.format_exc().strip()}")
        self.finished.set()
        campaign.released.wait()
