"""The measurements, each of the same events in Kafka, into tables made afresh by the migrations."""

import json
import re
import subprocess
import time
from pathlib import Path

from platform_tools.layout import BINARY, Failure
from process import cpu_seconds, peak_megabytes

HERE = Path(__file__).resolve().parent
TOPICS = {"learning.events": 6, "course.events": 3, "content.events": 3, "user.events": 2}
HASH_KEY = "(toUInt64(7739845463432492396), toUInt64(3199091801866889248))"  # any: the cost is the same
BLOCK_ROWS = 262144
POLL_SECONDS = 0.1  # a question costs the server about 0.5 ms


class Bench:
    """One set of servers with the events already in Kafka."""

    def __init__(self, session, environment, clickhouse, server_pid, folder, events):
        self.session, self.environment, self.clickhouse = session, environment, clickhouse
        self.server_pid, self.folder, self.events = server_pid, folder, events
        self.round = 0
        self.idle = 0.0  # CPU seconds a second that the server uses for itself

    def fresh_tables(self):
        """Drops everything in ClickHouse and migrates again; then waits until the server is quiet."""
        self.clickhouse.drop()
        with (self.folder / "migrate.log").open("ab") as log:
            status = subprocess.run([BINARY, "migrate", "up"], env=self.environment, stdout=log, stderr=log, check=False).returncode
        if status != 0:
            raise Failure(f"`kartoteka migrate up` failed; see {self.folder / 'migrate.log'}")
        self.settle()
        self.round += 1

    def measure_idle(self, seconds=5):
        """What the server with its empty tables uses while nobody asks anything; every measurement is less that."""
        self.fresh_tables()
        before, start = cpu_seconds(self.server_pid), time.monotonic()
        time.sleep(seconds)
        self.idle = (cpu_seconds(self.server_pid) - before) / (time.monotonic() - start)
        return self.idle

    def server_cpu(self, before, since):
        """The server's CPU seconds since then, less what it would have used idle; `since` is of the monotonic clock."""
        return cpu_seconds(self.server_pid) - before - self.idle * (time.monotonic() - since)

    def settle(self, seconds=20):
        """Waits until the server merges nothing and uses next to no CPU."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            before = cpu_seconds(self.server_pid)
            time.sleep(0.5)
            if cpu_seconds(self.server_pid) - before < 0.1 and self.clickhouse.number("SELECT count() FROM system.merges") == 0:
                return

    def rows(self):
        return self.clickhouse.number("SELECT count() FROM events")  # kept by the server: costs nothing

    def await_rows(self, alive, seconds):
        """Waits until every event is queryable; returns the wall clock then, and (clock, rows) when the first were seen."""
        first, end = None, time.monotonic() + seconds
        while time.monotonic() < end:
            rows, now = self.rows(), time.time()
            if first is None and rows:
                first = now, rows
            if rows >= self.events:
                return now, first
            alive()
            time.sleep(POLL_SECONDS if first else 5 * POLL_SECONDS)
        raise Failure(f"Only {self.rows():,} of {self.events:,} events arrived in {seconds} s; logs are in {self.folder}")

    def start_collector(self, number=1, **settings):
        """Starts one `kartoteka collector` of a group of its own for this round; further ones have a port of their own."""
        port = int(self.environment["COLLECTOR_PORT"]) + 2 * (number - 1)
        environment = {**self.environment, "COLLECTOR_GROUP": f"bench-{self.round}", "LOG_LEVEL": "warning", "COLLECTOR_PORT": str(port)}
        with (self.folder / "collector.log").open("ab") as log:
            return subprocess.Popen([BINARY, "collector"], env={**environment, **settings}, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def collector(self, processes=1):
        """`kartoteka collector` drains Kafka. Its CPU time is that of the whole process; the clock starts with its first
        claim of a range, since joining the group takes seconds and costs nothing."""
        self.fresh_tables()
        before, start, started = cpu_seconds(self.server_pid), time.monotonic(), time.time()
        running = [self.start_collector(number + 1) for number in range(processes)]

        def alive():
            for process in running:
                self.check(process, "the collector")

        try:
            last, _ = self.await_rows(alive, 300)
            own = sum(cpu_seconds(process.pid) for process in running)
            server = self.server_cpu(before, start)
            memory = max(peak_megabytes(process.pid) for process in running)
            first = self.clickhouse.number("SELECT toUnixTimestamp64Milli(min(created_at)) FROM ranges") / 1000
            ranges = self.clickhouse.number("SELECT count() FROM ranges")
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(timeout=60)
        return self.result(own, server, last - first, memory=memory, ranges=ranges, first_claim=first - started)

    def check(self, process, what):
        if process.poll() is not None:
            raise Failure(f"{what} ended with status {process.returncode}; see {self.folder / 'collector.log'}")

    def kafka_engine(self):
        """The Kafka engine and a view do the same. The clock starts with its first rows, and those are not counted: so neither
        is its joining of the group."""
        self.fresh_tables()
        text = re.sub(r"^--.*$", "", (HERE / "kafka_engine.sql").read_text(encoding="utf-8"), flags=re.M)
        values = {"{brokers}": self.environment["KAFKA_BROKERS"], "{group}": f"engine-{self.round}-{time.time_ns()}", "{hash_key}": HASH_KEY}
        for name, value in values.items():
            text = text.replace(name, value)
        source, view = [part for part in text.split(";") if part.strip()]
        before, start = cpu_seconds(self.server_pid), time.monotonic()
        self.clickhouse.execute(source)
        self.clickhouse.execute(view)
        last, (first, early) = self.await_rows(lambda: None, 600)
        server = self.server_cpu(before, start)
        self.clickhouse.execute("DROP TABLE kafka_events_view SYNC")
        self.clickhouse.execute("DROP TABLE kafka_events SYNC")
        seconds = (last - first) * self.events / (self.events - early) if early < self.events else POLL_SECONDS
        return self.result(0.0, server, seconds)

    def consume(self, program):
        """Floor 1: librdkafka reads and discards."""
        places = [f"{topic}:{count}" for topic, count in TOPICS.items()]
        done = subprocess.run([program, self.environment["KAFKA_BROKERS"], str(self.events), *places], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"the consumer of floor 1 failed: {done.stderr.strip() or done.stdout.strip()}")
        found = json.loads(done.stdout)
        return self.result(found["cpu"], 0.0, found["seconds"], bytes=found["bytes"])

    def ready_blocks(self):
        """Native blocks in LZ4 frames of all events, as the collector cuts them; to be taken while the tables are full."""
        blocks = []
        for topic, count in TOPICS.items():
            for partition in range(count):
                place = f"topic = '{topic}' AND kafka_partition = {partition}"
                low, high = self.clickhouse.execute(f"SELECT min(kafka_offset), max(kafka_offset) FROM events WHERE {place}").split()
                for start in range(int(low), int(high) + 1, BLOCK_ROWS):
                    blocks.append(
                        self.clickhouse.execute(
                            f"SELECT * EXCEPT (ingested_at) FROM events WHERE {place} AND kafka_offset >= {start}"
                            f" AND kafka_offset < {start + BLOCK_ROWS} ORDER BY kafka_offset FORMAT Native",
                            compress=1, max_block_size=BLOCK_ROWS, preferred_block_size_bytes=1 << 30, max_threads=1,
                        )
                    )  # fmt: skip
        return blocks

    def insert(self, blocks, rollups=True):
        """Floor 2: the INSERT of ready blocks, with the settings the collector uses; into all the tables or only `events`."""
        self.fresh_tables()
        if not rollups:
            views = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'MaterializedView'"
            for view in self.clickhouse.execute(views).decode().split():
                self.clickhouse.execute(f"DROP VIEW {view} SYNC")
        columns = self.clickhouse.execute(
            "SELECT arrayStringConcat(groupArray(name), ', ') FROM (SELECT name FROM system.columns"
            " WHERE database = currentDatabase() AND table = 'events' AND name != 'ingested_at' ORDER BY position)"
        ).decode().strip()
        before, start = cpu_seconds(self.server_pid), time.monotonic()
        for number, block in enumerate(blocks):
            self.clickhouse.execute(
                f"INSERT INTO events ({columns}) FORMAT Native", body=block, decompress=1, insert_deduplicate=1,
                deduplicate_blocks_in_dependent_materialized_views=1, insert_deduplication_token=f"floor-{self.round}-{number}",
                async_insert=0, max_insert_block_size=1 << 20, max_partitions_per_insert_block=0, optimize_on_insert=0,
            )  # fmt: skip
        seconds = time.monotonic() - start
        server = self.server_cpu(before, start)
        if self.rows() != self.events:
            raise Failure(f"floor 2 inserted {self.rows():,} of {self.events:,} events")
        return self.result(0.0, server, seconds)

    def result(self, own, server, seconds, **more):
        """Per event: microseconds of CPU time; and events a second."""
        scale = 1e6 / self.events
        return {"own": own * scale, "server": server * scale, "together": (own + server) * scale, "rate": self.events / seconds, **more}
