"""Who asks: two learners who must not see each other's things, and a manager."""

import json
import urllib.request

from platform_tools.layout import BINARY

PASSWORD = "correct-horse-battery-7"
LEARNERS = ("anna", "boris")
MANAGER = "clara"


def ask(method, url, body=None, headers=None):
    """The JSON that a request is answered with."""
    request = urllib.request.Request(url, data=json.dumps(body).encode() if body is not None else None, method=method)
    for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
        request.add_header(name, value)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
        return json.loads(answer.read() or b"null")


def address(name, service):
    return f"{name}@{service}.conformance.example"


def register(session, environment, gateway, service):
    """Makes the accounts for the run of one service; returns their ids."""
    for name in LEARNERS:
        person = {"name": name, "surname": "Conformance", "email": address(name, service), "password": PASSWORD}
        ask("POST", f"{gateway}/auth/register", person)
    command = [BINARY, "users", "add-manager", "--email", address(MANAGER, service), "--name", MANAGER, "--surname", "Conformance"]
    session.run(command, environment, text=PASSWORD + "\n")
    return [account_id(gateway, address(name, service)) for name in (*LEARNERS, MANAGER)]


def tokens(gateway, email):
    return ask("POST", f"{gateway}/auth/login", {"email": email, "password": PASSWORD})


def bearer(gateway, email):
    return {"Authorization": f"Bearer {tokens(gateway, email)['access']}"}


def account_id(gateway, email):
    return ask("GET", f"{gateway}/auth/me", headers=bearer(gateway, email))["id"]


def configuration(folder, gateway, service):
    """How Schemathesis logs them in: the next one where an operation refuses one with a 403."""
    # To a learner most of the accounts are not there, which is no refusal.
    names = (MANAGER, *LEARNERS) if service == "users" else (*LEARNERS, MANAGER)
    # In the format of Web Fuzzing Commons.
    file = folder / f"identities-{service}.json"
    file.write_text(json.dumps({"auth": [login(name, gateway, service) for name in names]}))
    return f"[auth.wfc]\npath = {json.dumps(str(file))}\npeers = {json.dumps(LEARNERS)}"


def login(name, gateway, service):
    return {
        "name": name,
        "loginEndpointAuth": {
            "externalEndpointURL": f"{gateway}/auth/login",
            "verb": "POST",
            "contentType": "application/json",
            "payloadUserPwd": {
                "username": address(name, service), "usernameField": "email", "password": PASSWORD, "passwordField": "password",
            },
            "token": {
                "extractFrom": "body", "extractSelector": "/access", "sendIn": "header", "sendName": "Authorization",
                "sendTemplate": "Bearer {token}",
            },
        },
    }
