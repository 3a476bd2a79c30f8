"""How long messages of a quiet partition are in Kafka before ClickHouse has them, watched while something else goes wrong."""

import threading
import time
from collections import deque

from kafka_log import KafkaLog
from platform_tools.layout import Failure

TOPIC, NUMBER = "user.events", 1
QUIET = f"{TOPIC}/{NUMBER}"
PAUSE = 0.2
FIRST_SECONDS = 60


class LagWatch:
    """Use as a context around the time to watch; `longest` is the longest lag then, in seconds, None if nothing was seen."""

    def __init__(self, clickhouse, brokers):
        self.clickhouse, self.log = clickhouse, KafkaLog(brokers)
        self.longest = None
        self.over = threading.Event()
        self.thread = None

    def __enter__(self):
        self.over.clear()
        self.thread = threading.Thread(target=self._watch, name="lag", daemon=True)
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(30)

    def await_first(self):
        """Waits until the partition has rows in ClickHouse."""
        deadline = time.monotonic() + FIRST_SECONDS
        while not self._stored():
            if time.monotonic() > deadline:
                raise Failure(f"Nothing of {QUIET} was in ClickHouse after {FIRST_SECONDS} s.")
            time.sleep(PAUSE)

    def _stored(self):
        """The largest offset that is in, or 0."""
        place = f"WHERE topic = '{TOPIC}' AND kafka_partition = {NUMBER}"
        return self.clickhouse.number(
            f"SELECT greatest((SELECT max(kafka_offset) FROM events {place}), (SELECT max(kafka_offset) FROM dead_letters {place}))"
        )

    def _watch(self):
        seen = deque()  # (when, the end of the log then) of what is not in yet
        while not self.over.wait(PAUSE):
            end, now = self.log.end(TOPIC, NUMBER), time.monotonic()
            if end and (not seen or end > seen[-1][1]):
                seen.append((now, end))
            try:
                stored = self._stored()
            except (OSError, Failure):
                continue  # it may be on its way up again
            while seen and seen[0][1] - 1 <= stored:
                self._note(time.monotonic() - seen.popleft()[0])
        if seen:  # not in to this moment
            self._note(time.monotonic() - seen[0][0])

    def _note(self, lag):
        self.longest = max(self.longest or 0, round(lag, 1))
