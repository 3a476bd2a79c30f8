"""For each operation of a service one request that must succeed, with what it needs made for it: chance alone hardly comes to an
answer to a card of a session of one's own, and what an operation answers then would stay unknown."""

import base64
import pathlib
import uuid

import identities
import known

# Exported by Anki.
PACKAGE = pathlib.Path(__file__).parent.parent / "Support/AnkiMaking/Real/latest.apkg"
NEW_PASSWORD = "wrong-horse-battery-8"


class Person:
    """Somebody who is logged in, for some requests that succeed."""

    def __init__(self, gateway, service, name):
        self.gateway, self.email = gateway, identities.address(name, service)
        tokens = identities.tokens(gateway, self.email)
        self.refresh = tokens["refresh"]
        self.headers = {"Authorization": f"Bearer {tokens['access']}"}

    def asks(self, body=None, query=None, headers=None, media_type="application/json", **path):
        """A request, as Schemathesis makes a case of it."""
        request = {"path_parameters": path, "query": query or {}, "headers": {**self.headers, **(headers or {})}}
        return request if body is None else {**request, "body": body, "media_type": media_type}

    def does(self, method, path, body=None):
        return identities.ask(method, self.gateway + path, body, self.headers)


def newcomer(gateway, service, name):
    """Somebody who is there for one request."""
    person = {"name": name, "surname": "Prepared", "email": identities.address(name, service), "password": identities.PASSWORD}
    identities.ask("POST", f"{gateway}/auth/register", person)
    return Person(gateway, service, name)


def auth(gateway, service):
    def log_in():
        return Person(gateway, service, identities.LEARNERS[0])

    anna, leaving = log_in(), log_in()
    sessions = {session["id"]: session["is_current"] for session in leaving.does("GET", "/auth/sessions")}
    fresh = {"name": "Dora", "surname": "Prepared", "email": identities.address("dora", service), "password": identities.PASSWORD}
    change = {"old_password": identities.PASSWORD, "new_password": NEW_PASSWORD}
    nobody = {"headers": {}, "media_type": "application/json"}
    return {
        "register": {**nobody, "body": fresh},
        "login": {**nobody, "body": {"email": anna.email, "password": identities.PASSWORD}},
        "refresh": {**nobody, "body": {"refresh": log_in().refresh}},
        "logout": log_in().asks({}),
        "changePassword": newcomer(gateway, service, "emil").asks(change),
        "getMe": anna.asks(),
        "listSessions": anna.asks(),
        "endSession": anna.asks(id=next(name for name, is_current in sessions.items() if is_current)),
    }


def users(gateway, service):
    anna, clara = (Person(gateway, service, name) for name in (identities.LEARNERS[0], identities.MANAGER))
    changed, deleted, lost = (newcomer(gateway, service, name) for name in ("dora", "emil", "fritz"))
    number = {person: person.does("GET", "/auth/me")["id"] for person in (anna, changed, deleted, lost)}
    code = clara.does("POST", f"/users/users/{number[lost]}/reset_code")["code"]
    reset = {"email": lost.email, "code": code, "new_password": NEW_PASSWORD}
    added = {"name": "Gerda", "surname": "Prepared", "email": identities.address("gerda", service), "password": identities.PASSWORD}
    return {
        "listUsers": clara.asks(),
        "addUser": clara.asks(added),
        "getUser": anna.asks(id=number[anna]),
        "getUserByEmail": anna.asks(email=anna.email),
        "exportMe": anna.asks(),
        "changeUser": changed.asks({"surname": "Changed"}, id=number[changed]),
        "deleteUser": deleted.asks(id=number[deleted]),
        "addResetCode": clara.asks(id=number[changed]),
        "resetPassword": {"headers": {}, "body": reset, "media_type": "application/json"},
    }


def decks(gateway, service):
    anna, clara = (Person(gateway, service, name) for name in (identities.LEARNERS[0], identities.MANAGER))

    def deck():
        """One with two cards: its id and theirs."""
        number = anna.does("POST", "/decks/decks/", {"title": "Prepared"})["id"]
        cards = [{"front_text": side, "back_text": side} for side in ("one", "two")]
        return number, [anna.does("POST", f"/decks/deck/{number}/cards", card)["id"] for card in cards]

    def session():
        number, cards = deck()
        return anna.does("POST", f"/decks/learn/deck/{number}/sessions", {"mode": "all"})["id"], cards[0]

    def category(slug):
        return clara.does("POST", "/decks/categories/", {"slug": slug, "name": slug})["id"]

    (read, cards), (dropped, _), (changed, asked), (answering, card) = deck(), deck(), deck(), session()
    answer = {"answer_id": str(uuid.uuid4()), "correct": True, "answer_time_seconds": 2.5}
    result = {"total_time_seconds": 9, "card_results": [{"card_id": cards[0], "correct": True, "answer_time_seconds": 4}]}
    picture = known.upload(gateway, anna.headers)
    return {
        "listDecks": anna.asks(),
        "getDeck": anna.asks(id=read),
        "createDeck": anna.asks({"title": "Prepared"}),
        "changeDeck": anna.asks({"title": "Changed"}, id=changed),
        "deleteDeck": anna.asks(id=dropped),
        "createCard": anna.asks({"front_text": "", "back_text": "three", "front_image_url": picture}, deck_id=changed),
        "changeCard": anna.asks({"back_text": "uno"}, deck_id=changed, card_id=asked[0]),
        "deleteCard": anna.asks(deck_id=changed, card_id=asked[1]),
        "changeCards": anna.asks({"cards": [{"front_text": "four", "back_text": "four"}]}, headers={"If-Match": "*"}, deck_id=changed),
        "presignUpload": anna.asks({"filename": "a.png", "content_type": "image/png", "size": 100}),
        "importCards": anna.asks("front,back\nfive,five\n", media_type="text/csv", id=changed),
        "importPackage": anna.asks(base64.b64encode(PACKAGE.read_bytes()).decode(), media_type="application/x-apkg", id=changed),
        "exportDeck": anna.asks(id=read),
        "copyDeck": anna.asks(id=read),
        "listCategories": anna.asks(),
        "createCategory": clara.asks({"slug": "prepared", "name": "Prepared"}),
        "renameCategory": clara.asks({"name": "Renamed"}, id=category("prepared-renamed")),
        "deleteCategory": clara.asks(id=category("prepared-deleted")),
        "getLearningSettings": anna.asks(),
        "changeLearningSettings": anna.asks({"timezone": "Europe/Moscow"}),
        "getDue": anna.asks(),
        "startSession": anna.asks({"mode": "due"}, deck_id=deck()[0]),
        "getSession": anna.asks(session_id=answering),
        "getNextCard": anna.asks(session_id=answering),
        "getProgress": anna.asks(session_id=answering),
        "answerCard": anna.asks(answer, session_id=answering, card_id=card),
        "finishSession": anna.asks(session_id=session()[0]),
        "addResult": anna.asks(result, deck_id=read),
        "listResults": anna.asks(deck_id=read),
        "getDeckStats": anna.asks(id=read),
    }


def teaching(gateway, service):
    anna, boris = (Person(gateway, service, name) for name in identities.LEARNERS)

    def deck():
        return anna.does("POST", "/decks/decks/", {"title": "Prepared"})["id"]

    def course():
        """A published one of Anna's."""
        number = anna.does("POST", "/teaching/courses/", {"title": "Prepared"})["id"]
        anna.does("POST", f"/teaching/courses/{number}/publish/")
        return number

    def place(number):
        """Of a deck in a course."""
        return anna.does("POST", f"/teaching/courses/{number}/decks/", {"deck_id": deck()})["id"]

    def enrolment(number):
        """Of Boris."""
        return boris.does("POST", "/teaching/enrollments/", {"course": number})["id"]

    read, changed = course(), course()
    kept, moved, studied, taken = place(read), place(changed), place(read), place(changed)
    code = anna.does("POST", f"/teaching/courses/{changed}/join_codes/", {})["code"]
    return {
        "listCourses": anna.asks(),
        "getCourse": boris.asks(id=read),
        "createCourse": anna.asks({"title": "Prepared", "description": "For all"}),
        "changeCourse": anna.asks({"title": "Changed"}, id=changed),
        "deleteCourse": anna.asks(id=course()),
        "publishCourse": anna.asks(id=changed),
        "unpublishCourse": anna.asks(id=course()),
        "listCourseDecks": boris.asks(id=read),
        "getCourseDeck": boris.asks(id=read, rel=kept),
        "addCourseDeck": anna.asks({"deck_id": deck()}, id=changed),
        "addCourseDecks": anna.asks([{"deck_id": deck()}, {"deck_id": deck()}], id=changed),
        "reorderCourseDecks": anna.asks([{"id": moved, "order_index": 4}], id=changed),
        "moveCourseDeck": anna.asks({"order_index": 5}, id=changed, rel=moved),
        "removeCourseDeck": anna.asks(id=changed, rel=taken),
        "addJoinCode": anna.asks({"expires_at": "2100-01-01T00:00:00Z"}, id=changed),
        "listJoinCodes": anna.asks(id=changed),
        "revokeJoinCode": anna.asks(id=changed, code=code),
        "enrollMany": anna.asks({"emails": [boris.email, "nobody@conformance.example"]}, id=changed),
        "listEnrollments": boris.asks(),
        "enroll": boris.asks({"course": course()}),
        "unenroll": boris.asks(id=enrolment(course())),
        "completeDeck": boris.asks(id=enrolment(read), rel=studied),
    }


def analytics(gateway, service):
    clara = Person(gateway, service, identities.MANAGER)
    return {
        "postQuery": clara.asks({"metrics": ["answers"], "date_range": "7d"}),
        "getQuery": clara.asks(query={"query": '{"metrics":["answers"],"date_range":"7d"}'}),
        "getMeta": clara.asks(),
        "getOverview": clara.asks(),
    }


SERVICES = {"auth": auth, "users": users, "decks": decks, "teaching": teaching, "analytics": analytics}


def requests(gateway, service):
    """By the operations' ids."""
    return SERVICES[service](gateway, service)
