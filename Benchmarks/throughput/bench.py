"""`make bench`: what an event costs on its way from Kafka into ClickHouse, beside the alternatives, all in one run."""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from clickhouse import ClickHouse
from measure import HERE, Bench
from platform_tools.layout import BINARY, PLATFORM, ROOT, Failure, read_settings, say
from platform_tools.servers import Servers
from platform_tools.session import Interrupted, Session, only_one, raise_on_signals

PROFILE = "bench"
DESCRIPTION = """\
Loads events of the whole catalogue into Kafka (LZ4, the four topics' 14 partitions), then measures on the same servers

  collector        kartoteka collector drains them into the migrated schema with all its rollups
  Kafka engine     ClickHouse's Kafka engine and a view do the same work into the same tables
  floor 1          librdkafka reads and discards them
  floor 2          ClickHouse takes ready blocks: the INSERTs alone, with the rollups and without

CPU time per event is the stable figure, events/s depends on what else the machine does. Servers of its own, on free
ports, forgotten at the end. Exit status 1 when the collector is not ahead of the Kafka engine."""
COLUMNS = (("collector", "own"), ("ClickHouse", "server"), ("together", "together"))


def parser():
    top = argparse.ArgumentParser(prog="scripts/bench", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--count", type=int, default=1_000_000, help="events (default 1000000)")
    top.add_argument("--runs", type=int, default=1, help="runs of each; the table shows medians (default 1)")
    top.add_argument("--seed", type=int, default=1, help="of the generated events (default 1)")
    top.add_argument("--only", action="append", choices=("collector", "engine", "floors"), help="measure only this (may be repeated)")
    top.add_argument("--json", type=Path, help="write every figure to this file")
    return top


def compile_floor(folder):
    """Builds floor 1's consumer with the clang of the Swift toolchain."""
    compiler = shutil.which("clang") or shutil.which("cc")
    if not compiler:
        return None
    program, library = folder / "consume_floor", PLATFORM / "lib"
    flags = ["-lrdkafka", f"-Wl,-rpath,{library}"]
    done = subprocess.run([compiler, "-O2", "-o", program, HERE / "consume_floor.c", *flags], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"cannot compile Benchmarks/throughput/consume_floor.c: {done.stderr.strip()}")
    return program


def prepare(session, servers, options):
    """Starts the servers, migrates, and puts the events into Kafka."""
    for name in servers.wanted():
        session.start(servers.daemon(name))
    environment = {**read_settings(path=ROOT / ".no-env-file"), **servers.environment()}
    environment.pop("COLLECTOR_TOPICS", None)
    session.run([BINARY, "migrate", "up"], environment)
    session.run([BINARY, "topics", "apply"], environment)
    result = servers.folder / "load.json"
    say(f"Sending {options.count:,} events to Kafka")
    session.run([BINARY, "load", "--count", options.count, "--seed", options.seed, "--json", result], environment)
    return environment, json.loads(result.read_text())


def run(options):
    if not BINARY.is_file():
        raise Failure(f"{BINARY.relative_to(ROOT)} does not exist; run `make build` first.")
    settings = {name: value for name, value in read_settings(path=ROOT / ".no-env-file").items()}
    stale = Servers(PROFILE, settings)
    stale.stop()
    stale.forget()
    servers = Servers(PROFILE, settings, storage="memory")
    wanted = options.only or ["collector", "engine", "floors"]
    measured = {}
    with Session() as session:
        environment, load = prepare(session, servers, options)
        clickhouse = ClickHouse(environment["CLICKHOUSE_URL"], environment.get("CLICKHOUSE_DATABASE", "analytics"))
        bench = Bench(session, environment, clickhouse, servers.daemon("clickhouse").pid(), servers.folder, load["acked"])
        consumer = compile_floor(servers.folder) if "floors" in wanted else None
        for number in range(options.runs):
            say(f"Run {number + 1} of {options.runs}")
            measure_once(bench, wanted, consumer, measured)
            session.check()
    servers.forget()
    return load, measured


def measure_once(bench, wanted, consumer, measured):
    def note(name, result):
        measured.setdefault(name, []).append(result)
        say(f"  {name}: {result['together']:.2f} µs an event, {result['rate']:,.0f} events/s")

    if "collector" in wanted:
        note("collector", bench.collector())
    if "floors" in wanted:
        if not bench.rows():
            bench.collector()
        blocks = bench.ready_blocks()
        note("floor 2: INSERT of ready blocks", bench.insert(blocks))
        note("  the same without rollups", bench.insert(blocks, rollups=False))
        if consumer:
            note("floor 1: librdkafka, discarding", bench.consume(consumer))
    if "engine" in wanted:
        note("Kafka engine + view", bench.kafka_engine())


def median(results, key):
    return statistics.median(result[key] for result in results)


def print_table(load, measured, runs):
    print(f"\n{load['acked']:,} events of {load['bytes'] // load['acked']} bytes; CPU µs per event, median of {runs}")
    print(f"{'':36}{''.join(f'{title:>12}' for title, _ in COLUMNS)}{'events/s':>14}")
    order = ["collector", "Kafka engine + view", "floor 1: librdkafka, discarding", "floor 2: INSERT of ready blocks", "  the same without rollups"]
    for name in order:
        if name not in measured:
            continue
        cells = "".join(f"{median(measured[name], key):12.2f}" if median(measured[name], key) else f"{'–':>12}" for _, key in COLUMNS)
        print(f"{name:36}{cells}{median(measured[name], 'rate'):14,.0f}")
    ours, peer = measured.get("collector"), measured.get("Kafka engine + view")
    if ours:
        print(f"\nCollector's memory at its peak: {max(result['memory'] for result in ours):.0f} MB")
    if not (ours and peer):
        return True
    cost = median(peer, "together") / median(ours, "together")
    rate = median(ours, "rate") / median(peer, "rate")
    print(f"Collector and ClickHouse together cost 1/{cost:.1f} of the Kafka engine, at {rate:.1f} times its rate.")
    return cost > 1 and rate > 1


def main():
    options = parser().parse_args()
    raise_on_signals()
    status = 0
    try:
        with only_one(PLATFORM / "bench-session", "`make bench`"):
            load, measured = run(options)
        ahead = print_table(load, measured, options.runs)
        if options.json:
            options.json.write_text(json.dumps({"load": load, "runs": measured}, indent=1) + "\n")
        if not ahead:
            print("\nscripts/bench: the collector is not ahead of the Kafka engine.", file=sys.stderr)
            status = 1
    except Interrupted:
        status = 130
    except Failure as failure:
        print(f"scripts/bench: {failure}", file=sys.stderr, flush=True)
        status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
