"""`scripts/platform`: the whole platform in the foreground, with a demonstration load or without."""

import argparse
import contextlib
import json
import os
import subprocess
import time

from .bring_up import bring_up
from .layout import BINARY, ROOT, Failure, read_settings, say
from .report import summary
from .servers import Servers
from .services import port_of
from .session import Interrupted, Session, ended, only_one

EVENTS, SPAN = 200_000, "30d"
MANAGER, PASSWORD = "head@school.example", "local-demo-password"  # of the school, unless the settings say otherwise
SETTLE_SECONDS = 30  # how long the audit may find a range that is still on its way

DESCRIPTION = """\
Starts ClickHouse, the S3 store, the broker, Redis and the databases, migrates, creates topics, starts collector, analytics
and the services behind the gateway, and stays up until Ctrl-C, which stops all it started. Data is kept in .platform/local."""


def parser():
    top = argparse.ArgumentParser(prog="scripts/platform", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--demo", action="store_true", help=f"make a school through the gateway (once: later its events are asked for again), generate {EVENTS:,} events over the last {SPAN}, verify all and report")
    top.add_argument("--exit", action="store_true", help="with --demo: end after the report, with status 0 only if all was verified")
    return top


def demonstrate(session, servers, environment):
    """School, load, verification and audit; returns whether every event arrived exactly once."""
    school = make_school(session, servers, environment)
    result = servers.folder / "load.json"
    result.unlink(missing_ok=True)
    say(f"Generating {EVENTS:,} events over the last {SPAN} and waiting until every one can be queried")
    command = [BINARY, "load", "--count", EVENTS, "--span", SPAN, "--verify", "--json", result]
    verified = session.run(command, environment, check=False) == 0
    session.check()
    say("Auditing every partition: no offset missing, none twice, rollups equal to the raw table")
    audited = audit(session, servers, environment)
    print(summary(json.loads(result.read_text()) if result.is_file() else {}, school, verified, audited), flush=True)
    return school is not None and verified and audited


def make_school(session, servers, environment):
    """Makes a school through the gateway, or verifies again the one that is there; returns what is true of it, None when
    something is missing."""
    record = servers.folder / "school.json"
    before = record.read_bytes() if record.is_file() else None
    if before:
        say("Asking for every event of the school, which an earlier run has made")
    else:
        say("Making a school through the gateway, if there is none: six weeks of 200 learners, teachers, decks with pictures")
    add_manager(environment)
    gateway = f"http://localhost:{port_of('gateway', environment)}"
    status = session.run([BINARY, "seed-demo", "--gateway", gateway, "--verify", "--record", record], environment, check=False)
    session.check()
    if status != 0:
        return None
    if not record.is_file():
        return "was there already; its events were not asked for, since no record of them was kept"
    if record.read_bytes() == before:
        return "was there already; every event in its record was found again"
    return "is made, and its events have arrived"


def add_manager(environment):
    """The manager in whose name the school is made, if he is not there."""
    email = environment.get("DEMO_MANAGER_EMAIL") or MANAGER
    command = [str(BINARY), "users", "add-manager", "--email", email, "--name", "Ada", "--surname", "Marlow"]
    password = (environment.get("DEMO_PASSWORD") or PASSWORD) + "\n"
    process = subprocess.run(command, env={**os.environ, **environment}, input=password, capture_output=True, text=True, timeout=60)
    if process.returncode != 0 and "is registered with this" not in process.stderr:
        raise Failure(f"The school's manager cannot be made: {process.stderr.strip()}")


def audit(session, servers, environment):
    """Prints `kartoteka collector audit`, once the last ranges are in; returns whether it holds."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        with (servers.folder / "audit.txt").open("w+") as output:
            command = [BINARY, "collector", "audit", "--settled"]
            status = session.run(command, environment, check=False, output=output)
            session.check()
            if status == 2 and time.monotonic() < deadline:
                time.sleep(1)
                continue
            output.seek(0)
            print(output.read(), flush=True)
            return status == 0


def work(options):
    settings = read_settings()
    servers = Servers("local", settings)
    if not BINARY.is_file():
        raise Failure(f"{BINARY.relative_to(ROOT)} does not exist; run `make build` first.")
    with only_one(servers.folder, "`make demo` or `make run`"), Session() as session:
        environment = bring_up(session, servers, settings)
        status = 0 if not options.demo or demonstrate(session, servers, environment) else 1
        print(f"\nDashboard:  http://localhost:{port_of('analytics', environment)}/", flush=True)
        key = settings.get("ANALYTICS_SERVICE_KEYS") or "dashboard:local-dashboard-key"
        if not settings.get("ANALYTICS_SERVICE_KEYS"):
            print(f"API key:    {key.partition(':')[2]}", flush=True)
        if options.demo:
            password = "DEMO_PASSWORD" if settings.get("DEMO_PASSWORD") else PASSWORD
            print(f"Gateway:    http://localhost:{port_of('gateway', environment)}/, the password of everybody at school is {password}", flush=True)
        if not (options.demo and options.exit):
            say("Everything runs; Ctrl-C stops it")
            # That is how it ends, whatever the demo's verdict was.
            with contextlib.suppress(Interrupted):
                session.stay()
        return status


def main():
    options = parser().parse_args()
    ended("scripts/platform", lambda: work(options))


if __name__ == "__main__":
    main()
