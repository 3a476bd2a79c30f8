"""That the peer does what our service does: the same statements of the database, the same answer to the same request."""

import json
import re
import time
import urllib.error
import urllib.request
from collections import Counter
from datetime import datetime

from platform_tools.clickhouse_client import OPENER
from platform_tools.layout import Failure

STATEMENT = re.compile(r"^\S+ \S+ \S+ \[\d+\] LOG:  (?:execute (?P<name>[^:]+): |statement: )(?P<sql>.*(?:\n\t.*)*)", re.M)
IDENTITY = ("id", "session_id", "card_id", "answer_id")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def ask(port, method, path, headers, body=None):
    """(status, headers, JSON)"""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=data, method=method, headers=headers)
    if data:
        request.add_header("Content-Type", "application/json")
    try:
        with OPENER.open(request, timeout=20) as answer:
            return answer.status, answer.headers, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.loads(error.read() or b"null")


def statements(log, since):
    """(name or None, text) of each statement that a Postgres server's log has after byte `since`."""
    time.sleep(0.2)
    with log.open("rb") as file:
        file.seek(since)
        text = file.read().decode()
    found = []
    for match in STATEMENT.finditer(text):
        name = (match["name"] or "").split(" ")[-1]
        found.append((name if "." in name else None, match["sql"].replace("\n\t", "\n")))
    return found


def comparable(value):
    """Times as times, for one is written with milliseconds and the other as few digits as do."""
    if isinstance(value, dict):
        return {key: comparable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [comparable(each) for each in value]
    return datetime.fromisoformat(value) if isinstance(value, str) and MOMENT.fullmatch(value) else value


def counted(found, wanted):
    """How often each of the wanted statements ran."""
    return Counter(text for _, text in found if text in wanted)


def require_same(what, ours, theirs):
    if ours != theirs:
        raise Failure(f"The peer does not do what the service does; {what}:\n{str(ours)[:2000]}\n{str(theirs)[:2000]}")


def answer_of(reply):
    """An answer without what differs between two people who do the same a moment apart."""
    status, _, body = reply
    if status != 200:
        return status, body
    body = comparable(body)
    moment = body.pop("answered_at")
    return status, {name: value for name, value in body.items() if name not in IDENTITY} | {"due_at": body["due_at"] - moment}
