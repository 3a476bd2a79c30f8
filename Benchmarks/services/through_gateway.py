"""What goes through the gateway: a request with a verified token beside nginx, logins, and answers until ClickHouse shows them."""

import subprocess
import time
import uuid

from background import Background
from learners import begin
from people import PASSWORD, paced, percentile, register, token
from platform_tools.layout import Failure, say
from process import cpu_seconds
from wrk import command, cost, summary

PEOPLE = 16
LOGIN_CLIENTS, LIST_RATE = 4, 100
ANSWER_RATE, SETTLE_SECONDS, POLL_SECONDS = 50, 30, 0.05


class ThroughGateway:
    def __init__(self, session, stage, environment, database, clickhouse):
        self.session, self.stage, self.database, self.clickhouse = session, stage, database, clickhouse
        self.port = int(environment["GATEWAY_PORT"])

    def pid(self, name):
        return next(daemon.pid() for daemon in self.session.watched if daemon.name == name)

    def prepare(self):
        for name in ("static", "proxy"):
            self.session.start(self.stage.nginx(name))
        self.people = register(self.port, PEOPLE)
        self.learnings = begin(self.database, [person.id for person in self.people])
        self.addresses = self.stage.folder / "addresses"
        self.addresses.write_text("".join(person.address + "\n" for person in self.people))

    def bearer(self, person):
        return {"Authorization": f"Bearer {token(self.port, person)}"}

    def proxied(self, found, seconds):
        """The same small answer of the same server through both."""
        bearer = self.bearer(self.people[0])
        for side, name, port in (("ours", "gateway", self.port), ("peer", "nginx-proxy", self.stage.proxy_port)):
            arguments = ["GET", "/teaching/bench", *next(iter(bearer.items()))]
            cost([self.pid(name)], "fixed.lua", port, arguments, 1)
            found.setdefault(f"gateway {side}", []).append(cost([self.pid(name)], "fixed.lua", port, arguments, seconds))
        say("  through the gateway: " + ", ".join(f"{side} {found[f'gateway {side}'][-1]['cpu']:.1f} µs" for side in ("ours", "peer")))

    def logins(self, found, seconds):
        """People who log in without a pause, and lists of decks before and meanwhile."""
        bearer = self.bearer(self.people[0])
        without = self.list_p99(bearer, seconds)
        pids = [self.pid(name) for name in ("gateway", "auth", "users")]
        before = [cpu_seconds(pid) for pid in pids]
        work = command("logins.lua", self.port, [self.addresses, PASSWORD], seconds + 1, LOGIN_CLIENTS)
        process = subprocess.Popen([str(part) for part in work], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
        time.sleep(0.5)
        during = self.list_p99(bearer, seconds)
        logins = summary("logins.lua", process.communicate()[0])
        used = sum(cpu_seconds(pid) - was for pid, was in zip(pids, before))
        logins |= {"cpu": used / logins["requests"] * 1e6, "p99_without": without, "p99_during": during}
        found.setdefault("login", []).append(logins)
        say(f"  logins: {logins['rate']:.0f}/s, {logins['cpu'] / 1000:.1f} ms each; a list's p99 {without:.1f} ms without, {during:.1f} during")

    def list_p99(self, bearer, seconds):
        """In milliseconds."""
        requests = [("GET", "/decks/decks/?limit=20", bearer, None)] * (LIST_RATE * seconds)
        return percentile([(end - start) * 1000 for _, start, end in paced(self.port, requests, LIST_RATE)], 0.99)

    def visible(self, found, seconds):
        """How long after it was to be sent an answer can be seen in ClickHouse."""
        bearers = [self.bearer(person) for person in self.people]
        places, requests = [], []
        for number in range(ANSWER_RATE * seconds):
            learning, turn = self.learnings[number % PEOPLE], number // PEOPLE
            card = learning.cards[turn % len(learning.cards)]
            places.append((learning.session, card))
            body = {"answer_id": str(uuid.uuid4()), "correct": True, "answer_time_seconds": 2.5}
            requests.append(("POST", f"/decks/learn/sessions/{learning.session}/cards/{card}/answer", bearers[number % PEOPLE], body))
        if len(set(places)) < len(places):
            raise Failure(f"There are too few cards for {seconds} s of answers.")
        watch = Watch(self.clickhouse, places)
        answers = Background(lambda: paced(self.port, requests, ANSWER_RATE))
        seen = watch.until(answers)
        latencies = [seen[places[place]] - intended for place, intended, _ in answers.result]
        found.setdefault("visible", []).append({"p50": percentile(latencies, 0.5), "p99": percentile(latencies, 0.99)})
        say(f"  answer to visible: p50 {percentile(latencies, 0.5):.2f} s, p99 {percentile(latencies, 0.99):.2f} s")


class Watch:
    """Asks ClickHouse again and again which answers it has."""

    def __init__(self, clickhouse, places):
        self.clickhouse, self.places = clickhouse, set(places)
        sessions = ",".join(str(session) for session in sorted({session for session, _ in places}))
        self.question = f"SELECT session_id, card_id FROM events WHERE event_type = 'card_answered' AND session_id IN ({sessions}) AND occurred_at >= fromUnixTimestamp64Milli({int(time.time() * 1000)}) FORMAT TSV"

    def until(self, answers):
        """{(session, card): when it was seen first}, once all are."""
        seen, end = {}, None
        while seen.keys() < self.places:
            rows = [tuple(map(int, line.split(b"\t"))) for line in self.clickhouse.lines(self.question)]
            now = time.time()
            for row in rows:
                seen.setdefault(row, now)
            if answers.is_over():
                end = end or now + SETTLE_SECONDS
                if now > end:
                    raise Failure(f"{len(self.places - seen.keys())} of {len(self.places)} answers are not in ClickHouse after {SETTLE_SECONDS} s.")
            time.sleep(POLL_SECONDS)
        answers.wait()
        return seen
