"""Paced load with default settings: how long after its acknowledgement an event can be queried."""

import json
import time
import urllib.error
import urllib.request

from platform_tools.layout import Failure

from measure import BINARY, TOPICS

RATE = 20_000


def await_ready(bench, collector, seconds=60):
    """Waits until the collector has its partitions."""
    address = f"http://127.0.0.1:{bench.environment['COLLECTOR_PORT']}/health/ready"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        bench.check(collector, "the collector")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise Failure(f"the collector was not ready in {seconds} s; see {bench.folder / 'collector.log'}")


def paced(bench, seconds):
    """Events at a constant rate into an idle collector and empty topics; latency in seconds, from the HDR histograms of
    `kartoteka load`."""
    bench.fresh_tables()
    collector = bench.start_collector()
    report = bench.folder / "paced.json"
    try:
        await_ready(bench, collector)
        started = bench.clickhouse.execute("SELECT now64(3)").decode().strip()
        begin = time.monotonic()
        command = [BINARY, "load", "--rate", RATE, "--duration", f"{seconds}s", "--verify", "--json", report]
        with (bench.folder / "paced.log").open("ab") as log:
            bench.session.run(command, bench.environment, output=log)
        elapsed = time.monotonic() - begin
        inserts = bench.clickhouse.number(
            "SELECT max(inserts) FROM (SELECT count() AS inserts FROM ranges"
            f" WHERE created_at >= '{started}' GROUP BY topic, kafka_partition)"
        )
    finally:
        collector.terminate()
        collector.wait(timeout=60)
    found = json.loads(report.read_text())
    queryable, intended = (found["verification"][name] for name in ("acked_to_queryable_ms", "intended_to_queryable_ms"))
    return {
        "p50": queryable["p50"] / 1000, "p99": queryable["p99"] / 1000, "max": queryable["max"] / 1000,
        "intended_p50": intended["p50"] / 1000, "intended_p99": intended["p99"] / 1000,
        "inserts": inserts / elapsed, "partitions": sum(TOPICS.values()),
    }  # fmt: skip


def print_latency(results):
    from bounds import median

    print(f"\nPaced at {RATE:,} events/s, default settings, seconds; median of {len(results)}")
    print(f"{'acked → queryable':36}p50 {median(results, 'p50'):.2f} · p99 {median(results, 'p99'):.2f} · max {median(results, 'max'):.2f}")
    print(f"{'intended → queryable':36}p50 {median(results, 'intended_p50'):.2f} · p99 {median(results, 'intended_p99'):.2f}")
    print(f"{'inserts a second, busiest partition':36}{median(results, 'inserts'):.2f}")
