"""`make bench-services`: what a request costs our services, beside FastAPI and nginx, and what becomes of the events, in one run."""

import argparse
import json
import sys
import time
from pathlib import Path

from bounds import median, table
from decks import SIDES, Decks
from figures import ENDPOINTS, judge
from learners import Database, fill
from platform_tools import wheels
from platform_tools.bring_up import bring_up
from platform_tools.clickhouse_client import ClickHouse
from platform_tools.layout import BINARY, PLATFORM, ROOT, Failure, read_settings, say
from platform_tools.servers import NAMES
from platform_tools.session import Session, ended, only_one
from process import peak_megabytes, resident_megabytes
from relaying import Relaying
from stage import Stage
from through_gateway import ThroughGateway

SECTIONS = ("decks", "gateway", "logins", "relay", "visible")
SERVICES = ("gateway", "auth", "users", "decks")
DESCRIPTION = """\
Starts the whole platform on ports of its own, a school in its database, and beside it FastAPI (uvicorn, uvloop, asyncpg, one
process) and nginx (one process), then measures in turn

  decks     a page of decks, a deck with 40 cards, the same unchanged (304), an answer to a card: the decks service and FastAPI,
            which runs the statements that the service is seen to run, on the same Postgres, with as many connections. Before
            it is measured, both are asked the same, and must answer, and store, the same
  gateway   2 kB through the gateway, with a verified token, and through nginx's proxy_pass
  logins    people who log in without a pause, and what becomes of a list's latency meanwhile
  relay     an outbox of 100,000 events emptied; from commit to Kafka at 1,000 a second, first of rows that only this program
            commits, straight into the service's database, then of answers that the service itself is given
  visible   from an answer through the gateway until ClickHouse shows it, 50 a second

CPU time of the process per request is the stable figure. Nobody writes access logs. Servers and peers are forgotten at the end.
Exit status 1 when a threshold of Benchmarks/services/thresholds.toml is missed."""


def parser():
    top = argparse.ArgumentParser(prog="scripts/bench-services", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--runs", type=int, default=5, help="runs of each; the table shows medians (default 5)")
    top.add_argument("--seconds", type=int, default=3, help="length of a run that counts CPU time (default 3)")
    top.add_argument("--only", action="append", choices=SECTIONS, help="measure only this (may be repeated)")
    top.add_argument("--json", type=Path, help="write every figure to this file")
    top.add_argument("--stay", action="store_true", help="keep everything up at the end until Ctrl-C, to look at it with perf")
    return top


def run(options):
    if not BINARY.is_file():
        raise Failure(f"{BINARY.relative_to(ROOT)} does not exist; run `make build` first.")
    sys.path.append(str(wheels.pins()["confluent-kafka"].folder))
    settings = read_settings(path=ROOT / ".no-env-file")
    stale = Stage(settings)
    stale.stop()
    stale.forget()
    stage = Stage(settings)
    with Session() as session:
        found = measure(session, stage, settings, options)
        if options.stay:
            say("Everything stays up until Ctrl-C")
            session.stay()
    stage.forget()
    return found


def measure(session, stage, settings, options):
    stage.logs_statements = True
    environment = bring_up(session, stage, {**settings, **stage.settings_of_roles()}, NAMES)
    database = Database(environment["DECKS_DATABASE_URL"])
    fill(database)
    decks = Decks(session, stage, environment, database)
    decks.prepare()
    stage.logs_statements = False
    session.stop("postgres-decks")
    session.start(stage.daemon("postgres-decks"))
    gateway = ThroughGateway(session, stage, environment, database, ClickHouse(environment["CLICKHOUSE_URL"], "analytics"))
    gateway.prepare()
    decks.warm_up()
    relaying = Relaying(session, environment, database, decks.files["ours"])
    wanted, found, memory = options.only or SECTIONS, {}, {}
    sections = {
        "decks": lambda: decks.measure(found, options.seconds),
        "gateway": lambda: gateway.proxied(found, options.seconds),
        "logins": lambda: gateway.logins(found, 5),
        "visible": lambda: gateway.visible(found, 10),
        "relay": lambda: (relaying.drain(found), relaying.committed(found, 5), relaying.paced(found, 5)),
    }
    for number in range(options.runs):
        say(f"Run {number + 1} of {options.runs}")
        for name, section in sections.items():
            if name in wanted:
                decks.drain()
                section()
                session.check()
        for name in SERVICES:
            memory.setdefault(name, []).append(resident_megabytes(gateway.pid(name)))
    require_valid(gateway.clickhouse, database)
    found["memory"] = {name: {"resident": max(sizes), "peak": peak_megabytes(gateway.pid(name))} for name, sizes in memory.items()}
    return found


def require_valid(clickhouse, database):
    """The peer's events, and those of our own making, are as good as the service's."""
    time.sleep(2)
    if letters := clickhouse.number("SELECT count() FROM dead_letters"):
        raise Failure(f"{letters} events of the benchmark are refused: {clickhouse.execute('SELECT reason FROM dead_letters LIMIT 1').decode().strip()}")
    if parked := database.number("SELECT count(*) FROM outbox_parked"):
        raise Failure(f"Kafka refused {parked} events.")


def print_requests(found, runs):
    print(f"\nCPU µs a request, median of {runs}{'':22}{'ours':>10}{'peer':>10}{'times':>10}")
    for name in (*ENDPOINTS, "gateway"):
        if f"{name} ours" in found:
            ours, theirs = (median(found[f"{name} {side}"], "cpu") for side in SIDES)
            print(f"{name:42}{ours:10.1f}{theirs:10.1f}{theirs / ours:10.2f}")


def work(options):
    with only_one(PLATFORM / "bench-services-session", "`make bench-services`"):
        found = run(options)
    verdicts = judge(found)
    if options.json:
        found["bounds"] = {verdict.threshold.name: {"figure": verdict.figure, "bound": verdict.threshold.bound, "met": verdict.met} for verdict in verdicts}
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    print_requests(found, options.runs)
    for line in ["", *table(verdicts)]:
        print(line)
    if missed := [verdict.threshold.title for verdict in verdicts if not verdict.met]:
        raise Failure(f"missed: {'; '.join(missed)}.")
    return 0


def main():
    options = parser().parse_args()
    ended("scripts/bench-services", lambda: work(options))


if __name__ == "__main__":
    main()
