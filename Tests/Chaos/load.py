"""`kartoteka load`, one run after another for as long as it is asked, and the sum of what the runs say."""

import json
import subprocess
import threading
import time
from collections import Counter

from platform_tools.layout import BINARY
from platform_tools.session import end

RUN_SECONDS = 30
POISON_A_SECOND = 8


class Manifest:
    """What the generator knows: acknowledged messages by type and reason, and how many have an unknown fate."""

    def __init__(self):
        self.events, self.dead_letters, self.failures = Counter(), Counter(), Counter()
        self.sent = self.acked = self.acked_without_offset = self.failed = self.unknown = self.runs = 0
        self.broken = []  # runs without a result

    def add(self, result):
        self.runs += 1
        self.events.update(result["by_type"])
        self.dead_letters.update(result["dead_letters"])
        self.failures.update(result["failures"])
        for name in ("sent", "acked", "acked_without_offset", "failed", "unknown"):
            setattr(self, name, getattr(self, name) + result[name])

    @property
    def uncertain(self):
        """Messages that may be in Kafka or not: refused, or no word on them."""
        return self.failed + self.unknown


class Load(threading.Thread):
    """Sends `rate` events a second for `seconds`, in runs of their own seeds."""

    def __init__(self, seed, rate, seconds, environment, folder):
        super().__init__(name="load", daemon=True)
        self.seed, self.rate, self.seconds = seed, rate, seconds
        self.environment, self.folder = environment, folder
        self.manifest = Manifest()
        self.process = None
        self.stopped = False

    def run(self):
        over = time.monotonic() + self.seconds
        number = 0
        while not self.stopped and (left := over - time.monotonic()) > 1:
            number += 1
            self._run(number, min(RUN_SECONDS, left))

    def _run(self, number, seconds):
        count, poison = max(1, int(seconds * self.rate)), max(1, int(seconds * POISON_A_SECOND))
        result = self.folder / f"load-{number}.json"
        # Ninety days in each run: blocks span months, so that an INSERT makes several parts.
        options = {"count": count, "rate": self.rate + POISON_A_SECOND, "poison": poison, "seed": (self.seed * 1000 + number) % (1 << 53), "span": "90d", "json": result}
        command = [BINARY, "load", *(f"--{name}={value}" for name, value in options.items())]
        with (self.folder / "load.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            status = self.process.wait()
        try:
            self.manifest.add(json.loads(result.read_text()))
        except (OSError, ValueError, KeyError) as error:
            if not self.stopped:
                self.manifest.broken.append(f"run {number} of `kartoteka load` ended with status {status} and no result ({error})")

    def stop(self):
        self.stopped = True
        if self.process:
            end(self.process)
