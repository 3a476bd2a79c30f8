"""`make load-test`: many overviews at once. Each is answered in time or refused, and none is late."""

import argparse
import asyncio
import collections
import datetime
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

# The scripts' folder is on the path too: scripts/load-test puts it there.
from asking import SLACK, all_at_once  # noqa: E402
from events import fill  # noqa: E402
from platform_tools.clickhouse_client import OPENER, ClickHouse  # noqa: E402
from platform_tools.layout import BINARY, PLATFORM, ROOT, Failure, read_settings, say  # noqa: E402
from platform_tools.ports import is_free  # noqa: E402
from platform_tools.servers import Servers  # noqa: E402
from platform_tools.services import service  # noqa: E402
from platform_tools.session import Session, ended, only_one  # noqa: E402

PROFILE = "questions"
KEY = "local-dashboard-key"
ZONES = ["UTC", "Europe/Moscow", "Asia/Kolkata", "America/New_York", "Asia/Tokyo"]
DESCRIPTION = f"""\
Fills ClickHouse with events of the last year, starts the analytics service, and asks it for many overviews of twelve
months at the same moment, each over a connection of its own:

  equal       all the same
  different   each with other dates, in one of {len(ZONES)} zones

answered: 200. refused: 503 with Retry-After. expired: 504 at the deadline. late: more than {SLACK:g} s after the deadline, or
no answer at all. /health/ready is asked meanwhile. Exit status 1 when one is late, an equal one is not answered, a refusal
has no Retry-After, none of the different ones is answered, or /health/ready fails."""


def parser():
    top = argparse.ArgumentParser(prog="scripts/load-test", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--events", type=int, default=20_000_000, help="events in the table (default 20000000)")
    top.add_argument("--questions", type=int, default=200, help="asked at once (default 200)")
    top.add_argument("--deadline", type=int, default=20, help="of the service, in seconds, at most 30 (default 20)")
    return top


def paths(count):
    """The two rounds' questions."""
    today = datetime.datetime.now(datetime.timezone.utc).date()

    def overview(first, last, zone):
        return f"/api/v1/reports/overview?date_range={first},{last}&timezone={zone}"

    year = today - datetime.timedelta(days=364)
    different = [overview(year + datetime.timedelta(days=number % 100), today - datetime.timedelta(days=number // 100), ZONES[number % len(ZONES)]) for number in range(count)]
    return {"equal": [overview(year, today, "Europe/Moscow")] * count, "different": different}


def counters(port):
    """The service's counters of statements, by name."""
    text = OPENER.open(urllib.request.Request(f"http://127.0.0.1:{port}/metrics"), timeout=10).read().decode()
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("analytics_")]
    return collections.Counter({name: float(value) for name, value in lines})


def faults(name, outcomes, health, deadline):
    kinds = collections.Counter(outcome.kind(deadline) for outcome in outcomes)
    found = []
    if kinds["late"]:
        found.append(f"{name}: {kinds['late']} late")
    if name == "equal" and kinds["answered"] < len(outcomes):
        found.append(f"{name}: {len(outcomes) - kinds['answered']} not answered")
    if name == "different" and not kinds["answered"]:
        found.append(f"{name}: none answered")
    if strange := [kind for kind in kinds if kind.startswith("status")]:
        found.append(f"{name}: {', '.join(strange)}")
    if any(outcome.status == 503 and not outcome.retry_after for outcome in outcomes):
        found.append(f"{name}: a refusal without Retry-After")
    if unready := [outcome for outcome in health if outcome.status != 200]:
        found.append(f"{name}: /health/ready failed {len(unready)} of {len(health)} times")
    return found


def print_row(name, outcomes, health, deadline, statements):
    kinds = collections.Counter(outcome.kind(deadline) for outcome in outcomes)

    def slowest(*wanted):
        return max((outcome.seconds for outcome in outcomes if outcome.kind(deadline) in wanted), default=0)

    def half(*wanted):
        times = sorted(outcome.seconds for outcome in outcomes if outcome.kind(deadline) in wanted)
        return times[len(times) // 2] if times else 0

    print(
        f"{name:10}{kinds['answered']:>9}{kinds['refused']:>9}{kinds['expired']:>9}{kinds['late']:>6}"
        f"{half('answered'):>10.2f}{slowest('answered'):>8.2f}{half('refused'):>10.2f}{slowest('refused'):>8.2f}"
        f"{statements['sent']:>10.0f}{statements['shared']:>8.0f}{max(outcome.seconds for outcome in health):>9.2f}"
    )


def run(options):
    if not BINARY.is_file():
        raise Failure(f"{BINARY.relative_to(ROOT)} does not exist; run `make build` first.")
    settings = dict(read_settings(path=ROOT / ".no-env-file"))
    Servers(PROFILE, settings).stop()
    Servers(PROFILE, settings).forget()
    servers = Servers(PROFILE, settings)
    with Session() as session:
        session.start(servers.daemon("clickhouse"))
        environment = {**settings, **servers.environment(), "ANALYTICS_QUERY_DEADLINE": f"{options.deadline}s"}
        environment["ANALYTICS_PORT"] = str(next(port for port in range(19100, 19900) if is_free(port)))
        session.run([BINARY, "migrate", "up"], environment)
        clickhouse = ClickHouse(environment["CLICKHOUSE_URL"], environment.get("CLICKHOUSE_DATABASE", "analytics"))
        fill(clickhouse, options.events, lambda done: say(f"{done:,} events"))
        session.start(service("analytics", servers, environment))
        missed = measure(options, int(environment["ANALYTICS_PORT"]), clickhouse)
    servers.forget()
    return missed


def measure(options, port, clickhouse):
    print(f"\n{options.questions} overviews of 12 months at once over {options.events:,} events, deadline {options.deadline} s")
    print(f"{'':10}{'answered':>9}{'refused':>9}{'expired':>9}{'late':>6}{'answered s':>18}{'refused s':>18}{'statements':>18}{'health':>9}")
    print(f"{'':43}{'half':>10}{'all':>8}{'half':>10}{'all':>8}{'sent':>10}{'shared':>8}{'max s':>9}")
    missed = []
    for name, questions in paths(options.questions).items():
        before, sent = counters(port), sent_statements(clickhouse)
        outcomes, health = asyncio.run(all_at_once(port, KEY, questions, options.deadline))
        shared = counters(port)["analytics_statements_shared_total"] - before["analytics_statements_shared_total"]
        statements = {"sent": sent_statements(clickhouse) - sent, "shared": shared}
        print_row(name, outcomes, health, options.deadline, statements)
        missed += faults(name, outcomes, health, options.deadline)
    return missed


def sent_statements(clickhouse):
    """Those that ClickHouse began for the reader, readiness apart."""
    clickhouse.execute("SYSTEM FLUSH LOGS")
    return clickhouse.number("SELECT count() FROM system.query_log WHERE type = 'QueryStart' AND user = 'analytics_reader' AND log_comment NOT IN ('health', '')")


def work(options):
    with only_one(PLATFORM / "questions-session", "`make load-test`"):
        missed = run(options)
    if missed:
        raise Failure("; ".join(missed) + ".")
    return 0


def main():
    options = parser().parse_args()
    ended("scripts/load-test", lambda: work(options))


if __name__ == "__main__":
    main()
