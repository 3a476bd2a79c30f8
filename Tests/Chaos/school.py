"""`make school`: a day of a school through the gateway while every part of the platform is killed in turn; then the count."""

import argparse
import json
import random
import threading
import time
from collections import Counter

from databases import Databases
from platform_tools.bring_up import bring_up
from platform_tools.clickhouse_client import OPENER, ClickHouse
from platform_tools.layout import BINARY, PLATFORM, ROOT, Failure, read_settings, say
from platform_tools.roles import ROLES
from platform_tools.servers import NAMES, Servers
from platform_tools.session import Session, ended, only_one
from players import Gone, Player, School
from targets import Target

PROFILE = "school"
ROUND_SECONDS = 100  # within which every part has its turn
DESCRIPTION = """\
Starts the whole platform on ports of its own. While people register, make decks with pictures, study, take tests, log out and
in, and refresh their tokens in two tabs at once, every service, database, Redis, the S3 store, the broker and ClickHouse are
killed (kill -9), frozen or stopped in turn. Whoever is told that something is away tries again, under the same key.

Then everything heals, and it is proved, with SQL of the campaign's own, that the events in ClickHouse are those that the
databases committed, one for one by their ids; that tables and events say the same; that all that was acknowledged is there;
that no answer counted twice; and that the pictures still show. Any 5xx but a 502, 503 or 504 with a code, any end of a process
that nobody asked for, and a day on which nothing happened to some part, or nothing was done, fails the campaign.

Exit status 0: survived. 1: not. 2: it could not be run."""


def parser():
    top = argparse.ArgumentParser(prog="scripts/school", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--duration", type=int, default=300, metavar="SECONDS", help="how long the day is (default 300)")
    top.add_argument("--seed", type=int, help="decides the faults and what people do (default: random, and printed)")
    top.add_argument("--people", type=int, default=12, help="(default 12)")
    top.add_argument("--calm", action="store_true", help="without faults")
    top.add_argument("--keep", action="store_true", help="keep logs and data even if all is well")
    return top


class Faults(threading.Thread):
    """Kills, freezes and stops one part after the other, all of them in each round."""

    def __init__(self, targets, seed):
        super().__init__(name="faults", daemon=True)
        self.targets, self.random = targets, random.Random(seed)
        self.over, self.finished, self.released = threading.Event(), threading.Event(), threading.Event()
        self.happened, self.suffered, self.errors = Counter(), set(), []

    def run(self):
        try:
            while not self.over.is_set():
                for target in self.random.sample(self.targets, len(self.targets)):
                    if self.over.wait(self.random.uniform(0.5, 2.5)):
                        break
                    self.do(target)
        except Exception as error:  # noqa: BLE001: the campaign must end with it
            self.errors.append(f"The faults broke off: {error!r}")
        self.finished.set()
        self.released.wait()  # a process is tied to the thread that started it

    def do(self, target):
        kind = self.random.choices(["kill", "freeze", "stop"], [6, 2, 2 if target.name in ROLES else 0])[0]
        with target.lock:
            if kind == "freeze":
                happened = target.freeze()
                self.over.wait(self.random.uniform(0.5, 4))
                target.thaw()
            elif kind == "stop":
                happened = target.stop(60)
                target.start()
            else:
                happened = target.kill()
                self.over.wait(self.random.choice([0, 0, 1, 3]))
                target.start()
        if happened:
            self.happened[f"{target.name}: {kind}"] += 1
            self.suffered.add(target.name)


def shows(school):
    """How many pictures do not show any more."""
    broken = 0
    for person in {person for person, *_ in school.pictures}:
        person.login()
    for person, deck, card, content in school.pictures:
        try:
            _, detail = person.browser.ask("GET", f"/decks/decks/{deck}/")
            url = next(entry["front_image_url"] for entry in detail["cards"] if entry["id"] == card)
            with OPENER.open(url, timeout=20) as answer:
                broken += answer.read() != content
        except (Gone, OSError):
            broken += 1
    return broken


def day(options, session, servers, settings):
    environment = bring_up(session, servers, settings, NAMES)
    clickhouse = ClickHouse(environment["CLICKHOUSE_URL"], "analytics")
    databases = Databases(environment, clickhouse)
    databases.watch()
    targets = [Target(daemon) for daemon in session.watched]
    session.watched.clear()  # from now on they die by our hand
    school = School(int(environment["GATEWAY_PORT"]), options.seed)
    people = [Player(school, number) for number in range(options.people)]
    faults = Faults([] if options.calm else targets, options.seed)
    say(f"A day of {options.duration} s with {options.people} people{', and nothing happens' if options.calm else ''}")
    for person in people:
        person.start()
    if not options.calm:
        faults.start()
    end = time.monotonic() + options.duration
    while time.monotonic() < end and not faults.errors:
        time.sleep(1)
        for target in targets:
            target.check()
    problems = []
    if not options.calm:
        faults.over.set()
        if not faults.finished.wait(120):
            problems.append("the last fault was not healed within 120 s")
        problems += faults.errors
    time.sleep(5)  # what people are in the middle of may still end well
    school.over.set()
    for person in people:
        person.join(60)
    school.over.clear()
    say("Waiting until all that was committed has arrived")
    settled = databases.settle()
    if settled is None:
        problems.append("not all that was committed arrived in time")
    problems += databases.differences() + databases.unknown(school)
    if broken := shows(school):
        problems.append(f"{broken} of {len(school.pictures)} pictures do not show")
    for target in targets:
        problems += target.complaints
    problems += school.problems
    if not options.calm and options.duration >= ROUND_SECONDS:
        problems += [f"nothing happened to {target.name}" for target in targets if target.name not in faults.suffered]
    counts = {"events": len(databases.committed()), "answers": len(school.answers), "decks": len(school.decks), "pictures": len(school.pictures), "tests": len(school.results)}
    problems += [f"there were no {name}" for name, count in counts.items() if not count]
    report = {"seed": options.seed, "faults": dict(faults.happened), "statuses": {str(key): count for key, count in school.statuses.items()}, "slowest_s": round(school.slowest, 2), "settled_s": settled, **counts, "problems": problems}
    (servers.folder / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    print(f"faults      {faults.happened.total()}: {', '.join(f'{name} {count}' for name, count in sorted(faults.happened.items()))}")
    print(f"answered    {', '.join(f'{status} {count}' for status, count in sorted(school.statuses.items(), key=str))}; the slowest after {school.slowest:.1f} s")
    print(f"happened    {', '.join(f'{count} {name}' for name, count in counts.items())}; all there {settled if settled is None else round(settled, 1)} s after the last fault")
    for problem in problems:
        print(f"PROBLEM     {problem}")
    print(f"verdict     {'NOT SURVIVED' if problems else 'survived: databases and ClickHouse agree on every event'}", flush=True)
    return problems


def campaign(options):
    if not BINARY.is_file():
        raise Failure(f"{BINARY.relative_to(ROOT)} does not exist; run `make build` first.")
    say(f"Seed {options.seed}")
    settings = read_settings(path=ROOT / ".no-env-file")
    for name in ("CLICKHOUSE_URL", "KAFKA_BROKERS", "S3_ENDPOINT", "REDIS_URL", "USERS_DATABASE_URL", "DECKS_DATABASE_URL"):
        settings.pop(name, None)
    stale = Servers(PROFILE, settings)
    stale.stop()
    stale.forget()
    servers = Servers(PROFILE, settings, storage="s3")
    # All people have one address here.
    settings = {**settings, "GATEWAY_RATE_LIMIT": "100000", "LOG_LEVEL": "info", "LOG_FORMAT": "text"}
    with only_one(PLATFORM / "school-session", "`make school`"), Session() as session:
        problems = day(options, session, servers, settings)
    if not problems and not options.keep:
        servers.forget()
    else:
        print(f"Logs, report.json and the servers' data are in {servers.folder} until the next run.", flush=True)
    return 1 if problems else 0


def main():
    options = parser().parse_args()
    if options.seed is None:
        options.seed = random.randrange(1, 1 << 31)
    ended(f"scripts/school, seed {options.seed}", lambda: campaign(options), failed=2)


if __name__ == "__main__":
    main()
