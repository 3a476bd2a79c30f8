"""People with accounts: they come in through the gateway, as everybody does."""

import http.client
import json
import threading
import time
from dataclasses import dataclass

from platform_tools.layout import Failure
from sameness import ask

PASSWORD = "a-long-enough-sentence-9"


@dataclass(frozen=True)
class Person:
    id: int
    address: str


def register(gateway, count):
    found = []
    for number in range(count):
        body = {"name": "Bench", "surname": f"Number {number}", "email": f"person{number}@bench.example", "password": PASSWORD}
        status, _, pair = ask(gateway, "POST", "/auth/register", {}, body)
        if status != 201:
            raise Failure(f"Nobody can register: {status} {pair}")
        _, _, me = ask(gateway, "GET", "/auth/me", {"Authorization": f"Bearer {pair['access']}"})
        found.append(Person(me["id"], body["email"]))
    return found


def token(gateway, person):
    """An access token, which is good for 15 minutes."""
    status, _, pair = ask(gateway, "POST", "/auth/login", {}, {"email": person.address, "password": PASSWORD})
    if status // 100 != 2:
        raise Failure(f"Nobody can log in: {status} {pair}")
    return pair["access"]


def paced(port, requests, rate, threads=4):
    """Sends the requests, `(method, path, headers, body)`, so many a second, whatever becomes of those before.

    Returns [(request's place, when it was to be sent, when its answer was there)], by the wall clock. As each thread waits for
    its answer, a slow one counts for those behind it too: their time runs from when they were to be sent.
    """
    start = time.time() + 0.05
    found, problems = [], []

    def work(first):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            for place in range(first, len(requests), threads):
                method, path, headers, body = requests[place]
                intended = start + place / rate
                time.sleep(max(0, intended - time.time()))
                connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json", **headers})
                answer = connection.getresponse()
                content = answer.read()
                if answer.status != 200:
                    raise Failure(f"{method} {path} was answered {answer.status}: {content[:300]}")
                found.append((place, intended, time.time()))
        except (Failure, OSError, http.client.HTTPException) as problem:
            problems.append(problem)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if problems:
        raise Failure(str(problems[0]))
    return found


def percentile(values, share):
    """The value that at least so much of all is not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
