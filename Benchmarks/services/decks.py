"""The decks service and the peer in turn: a list, a deck, a deck that has not changed, an answer."""

import itertools
import json
import time
import uuid

from figures import ENDPOINTS
from learners import DECKS, FIRST, LEARNERS, OURS, PEERS, begin
from platform_tools.layout import Failure, say
from sameness import answer_of, ask, comparable, counted, require_same, statements
from stage import GATEWAY_SECRET
from wrk import cost, relay_seconds

DECK = 1001  # a public one
SIDES = ("ours", "peer")
# All that a request of the benchmark has the database do; more runs beside, for the relay.
STATEMENTS = (
    "decks.list.0", "decks.seen", "cards.ofDeck", "decks.version", "learners.lock", "answers.byID", "answers.context", "window.remaining",
    "answers.write", "outbox.insert",
)  # fmt: skip
LIST, DETAIL = "/api/decks/?limit=20", f"/api/decks/{DECK}/"
SCHEDULE = """
SELECT phase, step, round(stability::numeric, 9), round(difficulty::numeric, 9), due_at - last_review_at, reviews, successes, failures, streak,
  round((weight_rank + 0.05 * extract(epoch FROM last_answered_at) / 3600)::numeric, 6),
  s.answers, s.cards_seen, s.cards_known, s.unasked_version, s.unasked_index, l.new_today, l.reviews_today
FROM schedules q JOIN learning_sessions s ON s.user_id = q.user_id JOIN learners l ON l.user_id = q.user_id WHERE q.user_id = {} ORDER BY q.card_id
"""


def headers(person):
    return {"X-Gateway-Auth": GATEWAY_SECRET, "X-User-Id": str(person), "X-User-Ismanager": "0"}


class Decks:
    def __init__(self, session, stage, environment, database):
        self.session, self.stage, self.database, self.environment = session, stage, database, environment
        self.ports = {"ours": int(environment["DECKS_PORT"]), "peer": stage.peer_port}
        self.rounds = itertools.count(1)

    def prepare(self):
        """Starts the peer with the statements that our service is seen to run, and has both do the same once."""
        names = {"ours": FIRST, "peer": FIRST + DECKS}  # they learn the same deck
        self.first = {side: begin(self.database, [person])[0] for side, person in names.items()}
        require_same("the cards", self.first["ours"].cards, self.first["peer"].cards)
        log = self.stage.daemon("postgres-decks").log_file
        place = log.stat().st_size
        ours = self.sample("ours")
        ran = statements(log, place)
        texts = {name: text for name, text in ran if name in STATEMENTS}
        file = self.stage.folder / "statements.json"
        file.write_text(json.dumps(texts, indent=1), encoding="utf-8")
        self.session.start(self.stage.peer(file, self.environment))
        place = log.stat().st_size
        theirs = self.sample("peer")
        for what in ours:
            require_same(what, ours[what], theirs[what])
        require_same("its statements", counted(ran, set(texts.values())), counted(statements(log, place), set(texts.values())))
        require_same("what is stored", *(self.database.run(SCHEDULE.format(names[side])) for side in SIDES))
        self.pids = {side: next(daemon.pid() for daemon in self.session.watched if daemon.name == name) for side, name in (("ours", "decks"), ("peer", "peer"))}
        learners = {"ours": OURS, "peer": PEERS}
        self.files = {}
        for side, first in learners.items():
            people = begin(self.database, range(first, first + LEARNERS))
            self.files[side] = self.stage.folder / f"answers-{side}"
            lines = [f"{one.person} {one.session} {one.cards[turn]}\n" for turn in range(len(people[0].cards)) for one in people]
            self.files[side].write_text("".join(lines))

    def warm_up(self):
        """Connections are opened, statements prepared."""
        for endpoint in ENDPOINTS:
            for side in SIDES:
                self.run(endpoint, side, 1)

    def sample(self, side):
        """What the side answers to one request of each kind and to each rating of an answer; and the statements it ran."""
        port, learning = self.ports[side], self.first[side]
        found = {}
        who = headers(learning.person)
        status, _, body = ask(port, "GET", LIST, who)
        found["list"] = status, comparable(body)
        status, answered, body = ask(port, "GET", DETAIL, who)
        self.tag = answered["ETag"]
        found["detail"] = status, self.tag, comparable(body)
        status, answered, body = ask(port, "GET", DETAIL, {**who, "If-None-Match": self.tag})
        found["unchanged"] = status, answered["ETag"], body
        for number, (turn, rating) in enumerate([(0, 3), (1, 1), (2, 2), (3, 4), (0, 3), (0, 1), (1, 3), (0, 4)]):
            given = {"answer_id": str(uuid.uuid4()), "correct": rating > 1, "answer_time_seconds": 3.5, "rating": rating}
            path = f"/api/learn/sessions/{learning.session}/cards/{learning.cards[turn]}/answer"
            found[f"answer {number}"] = answer_of(ask(port, "POST", path, who, given))
        if [result[0] for result in found.values()] != [200, 200, 304] + [200] * 8:
            raise Failure(f"The requests of the benchmark are refused: {found}")
        return found

    def run(self, endpoint, side, seconds):
        pid, port = self.pids[side], self.ports[side]
        if endpoint == "answer":
            before = relay_seconds(pid)
            found = cost([pid], "answers.lua", port, [self.files[side], next(self.rounds), GATEWAY_SECRET], seconds)
            return {**found, "relay": (relay_seconds(pid) - before) / found["requests"] * 1e6}
        more = {"If-None-Match": self.tag} if endpoint == "unchanged" else {}
        pairs = {**headers(FIRST), **more}.items()
        return cost([pid], "fixed.lua", port, ["GET", LIST if endpoint == "list" else DETAIL, *(part for pair in pairs for part in pair)], seconds)

    def measure(self, found, seconds):
        """One run of each, ours and the peer's in turn."""
        for endpoint in ENDPOINTS:
            for side in SIDES:
                self.drain()
                result = self.run(endpoint, side, seconds)
                found.setdefault(f"{endpoint} {side}", []).append(result)
            say(f"  {endpoint}: " + ", ".join(f"{side} {found[f'{endpoint} {side}'][-1]['cpu']:.1f} µs" for side in SIDES))

    def drain(self, seconds=60):
        """Waits until the relay has sent everything: it works in our service's process."""
        end = time.monotonic() + seconds
        while self.database.number("SELECT count(*) FROM (SELECT FROM outbox LIMIT 1) o"):
            if time.monotonic() > end:
                raise Failure(f"The relay has not emptied the outbox in {seconds} s.")
            time.sleep(0.1)
