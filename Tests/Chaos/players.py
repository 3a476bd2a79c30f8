"""People of a school, each a thread: they register, make decks with pictures, study them, take tests, and know to the last
answer what they were told was done. Nothing of the project's code is in here."""

import base64
import http.client
import json
import random
import threading
import time
import urllib.parse
import uuid
from collections import Counter

PATIENCE_SECONDS = 90  # how long one thing is tried again and again, while a part of the platform is away
KNOWN_SECONDS = 2  # after which the gateway refuses whoever it cannot know to be good
# What may be answered while something is away. Whatever else is above 499 is a complaint.
AWAY = {429, 502, 503, 504}
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
PASSWORD = "a-long-enough-sentence-9"


class Gone(Exception):
    """The school is over, or one thing could not be done within anybody's patience."""


class School:
    """What all have in common: where the gateway is, what was acknowledged, what went wrong."""

    def __init__(self, port, seed):
        self.port, self.seed = port, seed
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.statuses = Counter()
        self.problems = []
        self.slowest = 0.0
        self.users, self.decks, self.cards, self.sessions, self.results = {}, set(), set(), set(), set()
        self.answers = {}  # answer_id: session
        self.logins = Counter()
        self.pictures = []  # (deck, card, its bytes)

    def note(self, problem):
        with self.lock:
            if len(self.problems) < 50:
                self.problems.append(problem)

    def keep(self, kind, value):
        with self.lock:
            getattr(self, kind).add(value)


class Browser:
    """One person's way to the gateway: tokens, and patience."""

    def __init__(self, school):
        self.school = school
        self.connection = None
        self.access = self.refresh = None
        self.tries = 0  # of what was asked last

    def once(self, method, path, body=None, headers=None):
        """(status, headers, JSON or bytes); status 0 when the connection broke: what was asked may have been done."""
        began = time.monotonic()
        headers = dict(headers or {})
        if self.access:
            headers["Authorization"] = f"Bearer {self.access}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.school.port, timeout=30)
            self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            with self.school.lock:
                self.school.statuses["broken"] += 1
            return 0, {}, None
        elapsed = time.monotonic() - began
        with self.school.lock:
            self.school.statuses[answer.status] += 1
            self.school.slowest = max(self.school.slowest, elapsed)
        if answer.will_close:
            self.close()
        kind = answer.headers.get("Content-Type", "")
        parsed = json.loads(content) if content and "json" in kind else content
        if answer.status >= 500 and answer.status not in AWAY:
            self.school.note(f"{method} {path} was answered {answer.status}: {content[:300]!r}")
        if answer.status in AWAY and not (isinstance(parsed, dict) and parsed.get("error", {}).get("code")):
            self.school.note(f"{method} {path} was answered {answer.status} without a code: {content[:300]!r}")
        return answer.status, answer.headers, parsed

    def ask(self, method, path, body=None, headers=None, fine=()):
        """Asks until it is answered; a 2xx or one of `fine`. Everything asked must bear being asked twice."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        refreshed = False
        self.tries = 0
        while not self.school.over.is_set():
            self.tries += 1
            status, answered, content = self.once(method, path, body, headers)
            if 200 <= status < 300 or status in fine:
                return status, content
            if status == 401 and self.refresh and not refreshed:
                refreshed = True
                self.renew()
                continue
            if status and status not in AWAY:
                self.school.note(f"{method} {path} was answered {status}: {content}")
                raise Gone
            if time.monotonic() > deadline:
                self.school.note(f"{method} {path} was not answered for {PATIENCE_SECONDS} s, the last time with {status}")
                raise Gone
            self.school.over.wait(min(2.0, float(answered.get("Retry-After", 0) or 0) or random.uniform(0.1, 0.5)))
        raise Gone

    def renew(self):
        self.access, token = None, self.refresh
        status, pair = self.ask("POST", "/auth/refresh", {"refresh": token}, fine=(401,))
        if status == 401:
            self.school.note(f"a refresh token was refused: {pair}")
            raise Gone
        self.access, self.refresh = pair["access"], pair["refresh"]

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class Player(threading.Thread):
    def __init__(self, school, number):
        super().__init__(name=f"player-{number}", daemon=True)
        self.school, self.number = school, number
        self.random = random.Random(f"{school.seed}/{number}")
        self.browser = Browser(school)

    def run(self):
        try:
            self.register()
            while not self.school.over.is_set():
                deck = self.make_deck() if self.random.random() < 0.3 else self.choose()
                self.study(deck) if self.random.random() < 0.8 else self.test(deck)
                if self.random.random() < 0.2:
                    self.two_tabs()
                if self.random.random() < 0.1:
                    self.leave_and_come_back()
        except Gone:
            pass
        except Exception as error:  # noqa: BLE001: whatever it is, it is the school's to know
            self.school.note(f"{self.name} broke off: {error!r}")

    # What they do.

    def register(self):
        self.address = f"player{self.number}.{self.school.seed}@school.example"
        person = {"name": "Player", "surname": f"Number {self.number}", "email": self.address, "password": PASSWORD}
        status, pair = self.browser.ask("POST", "/auth/register", person, fine=(409,))
        if status == 409:  # the first try came through, its answer did not
            return self.login()
        self.browser.access, self.browser.refresh = pair["access"], pair["refresh"]
        self.known()

    def login(self):
        self.browser.access = self.browser.refresh = None
        _, pair = self.browser.ask("POST", "/auth/login", {"email": self.address, "password": PASSWORD, "timezone": "Europe/Moscow"})
        self.browser.access, self.browser.refresh = pair["access"], pair["refresh"]
        with self.school.lock:
            self.school.logins[self.address] += 1
        self.known()

    def known(self):
        _, me = self.browser.ask("GET", "/auth/me")
        self.id = me["id"]
        with self.school.lock:
            self.school.users[self.address] = me["id"]

    def make_deck(self):
        title = f"Deck {uuid.UUID(int=self.random.getrandbits(128))}"
        _, deck = self.browser.ask("POST", "/decks/decks/", {"title": title, "visibility": self.random.choice(["public", "private"]), "tags": ["school"]})
        self.school.keep("decks", deck["id"])
        for number in range(self.random.randint(3, 8)):
            body = {"front_text": f"front {number}", "back_text": f"back {number}"}
            if self.random.random() < 0.3:
                body["front_image_url"] = self.upload()
            card = self.make_card(deck["id"], body)
            self.school.keep("cards", card["id"])
            if "front_image_url" in body:
                with self.school.lock:
                    self.school.pictures.append((self, deck["id"], card["id"], self.picture))
        if self.random.random() < 0.3:
            self.browser.ask("PATCH", f"/decks/decks/{deck['id']}/", {"description": f"changed {self.random.random()}"})
        return deck["id"]

    def make_card(self, deck, body):
        """An upload is taken once: who asks again, since no answer came, finds the card that has it."""
        path, upload = f"/decks/deck/{deck}/cards", body.get("front_image_url")
        status, card = self.browser.ask("POST", path, body, fine=(400,) if upload else ())
        if status != 400:
            return card
        if self.browser.tries > 1:
            _, detail = self.browser.ask("GET", f"/decks/decks/{deck}/")
            for made in detail["cards"]:
                if made["front_text"] == body["front_text"] and made["front_image_url"]:
                    return made
        self.school.note(f"POST {path} was answered 400 after {self.browser.tries} tries: {card}")
        raise Gone

    def upload(self):
        """The object's key, once its bytes are in the store."""
        self.picture = PNG + self.random.randbytes(20)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and not self.school.over.is_set():
            _, slot = self.browser.ask("POST", "/decks/deck/uploads/presign", {"filename": "dot.png", "content_type": "image/png", "size": len(self.picture)})
            url = urllib.parse.urlsplit(slot["put_url"])
            try:
                connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
                connection.request("PUT", f"{url.path}?{url.query}", self.picture, slot["headers"])
                status = connection.getresponse().status
                connection.close()
                if status == 200:
                    return slot["object_key"]
            except (OSError, http.client.HTTPException):
                pass
            self.school.over.wait(0.5)
        raise Gone

    def choose(self):
        _, decks = self.browser.ask("GET", "/decks/decks/?limit=20")
        decks = [deck["id"] for deck in decks if deck["cards_amount"]]
        return self.random.choice(decks) if decks else self.make_deck()

    def study(self, deck):
        status, session = self.browser.ask("POST", f"/decks/learn/deck/{deck}/sessions", {"mode": self.random.choice(["due", "all"])}, fine=(400, 404))
        if status >= 400:  # no cards yet, or not there any more
            return
        self.school.keep("sessions", session["id"])
        path = f"/decks/learn/sessions/{session['id']}"
        for _ in range(self.random.randint(1, 12)):
            asked = self.browser.ask("GET", f"{path}/next")[1]["next"]
            if asked is None:  # it is over, or there is nothing to ask now
                return
            answer = {"answer_id": asked["answer_id"], "correct": self.random.random() < 0.8, "answer_time_seconds": round(self.random.uniform(0.5, 20), 2)}
            place = f"{path}/cards/{asked['card']['id']}/answer"
            status, first = self.browser.ask("POST", place, answer, fine=(409,))
            if status == 409:
                return
            with self.school.lock:
                self.school.answers[asked["answer_id"]] = session["id"]
            if self.random.random() < 0.1:
                status, again = self.browser.ask("POST", place, answer)
                if again != first:
                    self.school.note(f"a repeated answer was answered otherwise: {first} and {again}")
        if self.random.random() < 0.6:
            self.browser.ask("POST", f"{path}/finish")

    def test(self, deck):
        status, deck = self.browser.ask("GET", f"/decks/decks/{deck}/", fine=(404,))
        if status == 404 or not deck["cards"]:
            return
        results = [{"card_id": card["id"], "correct": self.random.random() < 0.7, "answer_time_seconds": 3.5} for card in deck["cards"]]
        key = {"Idempotency-Key": str(uuid.UUID(int=self.random.getrandbits(128)))}
        status, result = self.browser.ask("POST", f"/decks/deck/{deck['id']}/results", {"total_time_seconds": 20, "card_results": results}, key, fine=(404, 400))
        if status < 300:
            self.school.keep("results", result["id"])

    def two_tabs(self):
        """Both tabs of one browser refresh at once with one token, and both go on."""
        tabs = [Browser(self.school), Browser(self.school)]
        for tab in tabs:
            tab.access, tab.refresh = None, self.browser.refresh

        def refresh(tab):
            try:
                tab.renew()
                tab.ask("GET", "/auth/me")
            except Gone:
                tab.access = None

        threads = [threading.Thread(target=refresh, args=(tab,)) for tab in tabs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        survivor = next((tab for tab in tabs if tab.access), None)
        if survivor is None:
            return self.login()
        self.browser.access, self.browser.refresh = survivor.access, survivor.refresh

    def leave_and_come_back(self):
        token = self.browser.access
        self.browser.ask("POST", "/auth/logout", {}, fine=(401,))
        self.browser.access, self.browser.refresh = token, None
        deadline = time.monotonic() + KNOWN_SECONDS
        while self.browser.once("GET", "/auth/me")[0] == 200:
            if time.monotonic() > deadline:
                self.school.note(f"a token lived on for {KNOWN_SECONDS} s after the logout")
                break
            time.sleep(0.05)
        self.login()
