"""`make bench`: what an event costs on its way from Kafka into ClickHouse, beside the alternatives, all in one run."""

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from bounds import ENGINE, FLOOR_1, FLOOR_2, judge, median, table
from latency import paced, print_latency
from measure import HERE, Bench
from platform_tools.clickhouse_client import ClickHouse
from platform_tools.layout import BINARY, PLATFORM, ROOT, Failure, read_settings, say
from platform_tools.servers import Servers
from platform_tools.session import Session, ended, only_one
from repeats import measure_repeats, print_repeats
from scaling import COLLECTORS, PARTITIONS, print_scaling, topics_file

PROFILE = "bench"
SECTIONS = ("collector", "engine", "floors", "latency", "repeats", "scaling", "stages")
MEMORY = Path("/dev/shm")
DESCRIPTION = """\
Loads events of the whole catalogue, a day of them, into Kafka (LZ4, the four topics' 14 partitions), then measures

  collector        kartoteka collector drains them into the migrated schema with all its rollups
  engine           ClickHouse's Kafka engine and a view do the same work into the same tables
  floors           1: librdkafka reads and discards them; 2: ClickHouse takes ready blocks, with the rollups and without
  latency          20,000 events/s, default settings: how long after its acknowledgement an event can be queried
  repeats          what leaving out events that a producer sent twice would cost, at the INSERT and in a question
  scaling          1, 2 and 4 collectors in the group; 14, 56 and 224 partitions
  stages           decode, encode and compress alone, each beside memcpy or liblz4

CPU time per event is the stable figure, events/s depends on what else the machine does. What the idle server uses is
measured first, and taken off. Servers of its own, on free ports, forgotten at the end; ClickHouse's files are in memory
where there is room (a disk's file system adds a cost of its own, which depends on what was deleted from it lately).
Exit status 1 when a threshold of Benchmarks/throughput/thresholds.toml is missed."""
COLUMNS = (("collector", "own"), ("ClickHouse", "server"), ("together", "together"))


def parser():
    top = argparse.ArgumentParser(prog="scripts/bench", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--count", type=int, default=1_000_000, help="events (default 1000000)")
    top.add_argument("--runs", type=int, default=5, help="runs of each; the tables show medians (default 5)")
    top.add_argument("--seed", type=int, default=1, help="of the generated events (default 1)")
    top.add_argument("--span", default="24h", help="time the events cover (default 24h)")
    top.add_argument("--only", action="append", choices=SECTIONS, help="measure only this (may be repeated)")
    top.add_argument("--disk", action="store_true", help="keep ClickHouse's files on disk")
    top.add_argument("--paced-seconds", type=int, default=30, help="length of a run of `latency` (default 30)")
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


def put_in_memory(servers):
    """Lets ClickHouse keep its files in memory, where that has room; returns the folder to delete at the end."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < 4 << 30:
        return None
    folder = Path(tempfile.mkdtemp(prefix="kartoteka-bench-", dir=MEMORY))
    servers.data.mkdir(parents=True, exist_ok=True)
    (servers.data / "clickhouse").symlink_to(folder)
    return folder


def fill(session, servers, environment, options, factor=1):
    """Makes the topics, with so many times the partitions, and puts the events into them."""
    session.run([BINARY, "topics", "apply", "--file", topics_file(servers.folder, factor)], environment)
    result = servers.folder / "load.json"
    say(f"Sending {options.count:,} events to Kafka")
    load = [BINARY, "load", "--count", options.count, "--seed", options.seed, "--span", options.span, "--json", result]
    session.run(load, environment)
    return json.loads(result.read_text())


def restart_broker(session, servers):
    """It keeps its log in memory: the topics are gone."""
    session.stop("kafka")
    session.start(servers.daemon("kafka"))


def prepare(session, servers, options):
    """Starts the servers, migrates, and puts the events into Kafka."""
    for name in servers.wanted():
        session.start(servers.daemon(name))
    environment = {**read_settings(path=ROOT / ".no-env-file"), **servers.environment()}
    environment.pop("COLLECTOR_TOPICS", None)
    session.run([BINARY, "migrate", "up"], environment)
    return environment, fill(session, servers, environment, options)


def run(options):
    if not BINARY.is_file():
        raise Failure(f"{BINARY.relative_to(ROOT)} does not exist; run `make build` first.")
    settings = {name: value for name, value in read_settings(path=ROOT / ".no-env-file").items()}
    stale = Servers(PROFILE, settings)
    stale.stop()
    stale.forget()
    servers = Servers(PROFILE, settings, storage="memory")
    memory = None if options.disk else put_in_memory(servers)
    try:
        with Session() as session:
            found = measure(session, servers, options, options.only or SECTIONS)
        servers.forget()
    finally:
        if memory:
            shutil.rmtree(memory, ignore_errors=True)
    return found


def measure(session, servers, options, wanted):
    environment, load = prepare(session, servers, options)
    clickhouse = ClickHouse(environment["CLICKHOUSE_URL"], environment.get("CLICKHOUSE_DATABASE", "analytics"))
    bench = Bench(session, environment, clickhouse, servers.daemon("clickhouse").pid(), servers.folder, load["acked"])
    say(f"The idle server uses {bench.measure_idle():.3f} CPU seconds a second")
    consumer = compile_floor(servers.folder) if "floors" in wanted else None
    throughput, groups, latency, partitions = {}, [], [], []
    for number in range(options.runs):
        say(f"Run {number + 1} of {options.runs}")
        measure_once(bench, wanted, consumer, throughput)
        session.check()
    repeats = measure_repeats(bench, options.runs) if "repeats" in wanted else None
    if "scaling" in wanted:
        groups = [(f"{number} collectors", repeat(bench, options, f"{number} collectors", number), load["acked"]) for number in COLLECTORS]
    if "latency" in wanted:
        for number in range(options.runs):
            restart_broker(session, servers)
            session.run([BINARY, "topics", "apply"], environment)
            latency.append(paced(bench, options.paced_seconds))
            say(f"  paced: p50 {latency[-1]['p50']:.2f} s, p99 {latency[-1]['p99']:.2f} s")
    if "scaling" in wanted:
        for count in PARTITIONS:
            restart_broker(session, servers)
            bench.events = fill(session, servers, environment, options, count // PARTITIONS[0])["acked"]
            partitions.append((f"{count} partitions", repeat(bench, options, f"{count} partitions"), bench.events))
    return {"load": load, "throughput": throughput, "collectors": groups, "latency": latency, "partitions": partitions, "repeats": repeats}


def tell(name, result):
    say(f"  {name}: {result['together']:.2f} µs an event, {result['rate']:,.0f} events/s")
    return result


def repeat(bench, options, name, processes=1):
    return [tell(name, bench.collector(processes)) for _ in range(options.runs)]


def measure_once(bench, wanted, consumer, measured):
    def note(name, result):
        measured.setdefault(name, []).append(tell(name, result))

    if "collector" in wanted:
        note("collector", bench.collector())
    if "floors" in wanted:
        if not bench.rows():
            bench.collector()
        blocks = bench.ready_blocks()
        note(FLOOR_2, bench.insert(blocks))
        note("  the same without rollups", bench.insert(blocks, rollups=False))
        if consumer:
            note(FLOOR_1, bench.consume(consumer))
    if "engine" in wanted:
        note(ENGINE, bench.kafka_engine())


def print_throughput(load, measured, runs):
    print(f"\n{load['acked']:,} events of {load['bytes'] // load['acked']} bytes; CPU µs per event, median of {runs}")
    print(f"{'':36}{''.join(f'{title:>12}' for title, _ in COLUMNS)}{'events/s':>14}")
    order = ["collector", ENGINE, FLOOR_1, FLOOR_2, "  the same without rollups"]
    for name in order:
        if name not in measured:
            continue
        cells = "".join(f"{median(measured[name], key):12.2f}" if median(measured[name], key) else f"{'–':>12}" for _, key in COLUMNS)
        print(f"{name:36}{cells}{median(measured[name], 'rate'):14,.0f}")


def run_stages(runs):
    """The stages alone: a program of its own, which prints its table."""
    program = BINARY.parent / "stages"
    if not program.is_file():
        raise Failure(f"{program.relative_to(ROOT)} does not exist; run `make build` first.")
    print(flush=True)
    if subprocess.run([program, str(runs)], check=False).returncode != 0:
        raise Failure(f"{program.relative_to(ROOT)} failed (see above).")


def work(options):
    with only_one(PLATFORM / "bench-session", "`make bench`"):
        found = run(options) if set(options.only or SECTIONS) - {"stages"} else {}
        if "stages" in (options.only or SECTIONS):
            run_stages(options.runs)
    verdicts = judge(found["throughput"], found["latency"]) if found else []
    if options.json:
        found["bounds"] = {verdict.threshold.name: {"figure": verdict.figure, "bound": verdict.threshold.bound, "met": verdict.met} for verdict in verdicts}
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    if found.get("throughput"):
        print_throughput(found["load"], found["throughput"], options.runs)
    if found.get("collectors"):
        print_scaling("collectors in the group", found["collectors"])
        print_scaling("partitions", found["partitions"])
    if found.get("repeats"):
        print_repeats(found["repeats"], found["load"]["acked"])
    if found.get("latency"):
        print_latency(found["latency"])
    for line in ["", *table(verdicts)] if verdicts else []:
        print(line)
    if missed := [verdict.threshold.title for verdict in verdicts if not verdict.met]:
        raise Failure(f"missed: {'; '.join(missed)}.")
    return 0


def main():
    options = parser().parse_args()
    ended("scripts/bench", lambda: work(options))


if __name__ == "__main__":
    main()
