"""How many rows ClickHouse has, and since when: watched beside other work."""

import threading
import time

from platform_tools.layout import Failure
from verification import rows


class RowWatch:
    """Use as a context; `rows` is the latest count, `changed` the monotonic time at which it was first seen."""

    def __init__(self, clickhouse):
        self.clickhouse = clickhouse
        self.rows, self.changed = 0, time.monotonic()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch, name="rows", daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(10)

    def _watch(self):
        while not self.over.wait(0.5):
            try:
                count = rows(self.clickhouse)
            except (OSError, Failure):
                continue  # it may be on its way up again
            if count != self.rows:
                self.rows, self.changed = count, time.monotonic()
