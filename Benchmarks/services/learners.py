"""A school in the databases: decks with cards, and learners in the middle of them."""

import json
import os
import subprocess
from dataclasses import dataclass

from platform_tools.layout import Failure

DECKS, CARDS, LEARNERS = 2000, 40, 400
# Those who learn through our service, through the peer, and those who answer the first one of each, which is compared.
OURS, PEERS, FIRST = 100_001, 200_001, 300_001
FILL = f"""
INSERT INTO decks (owner_id, title, description, visibility, cards_amount, version, created_at, updated_at)
SELECT 1 + n % 50, 'Words of lesson ' || n, 'What the lesson needs: nouns, verbs, and how they go together', CASE WHEN n % 10 = 0 THEN 'private' ELSE 'public' END,
  {CARDS}, {CARDS} + 1, moment - n * interval '1 minute', moment - n * interval '1 second'
FROM generate_series(1, {DECKS}) n, date_trunc('milliseconds', now()) moment;
INSERT INTO cards (deck_id, front_text, back_text, order_index, created_at, updated_at)
SELECT d.id, 'Слово ' || n || ' of deck ' || d.id, 'its meaning, number ' || n || ', in a sentence', n, d.created_at, d.updated_at
FROM decks d, generate_series(1, {CARDS}) n ORDER BY d.id, n;
INSERT INTO deck_categories SELECT d.id, c.id FROM decks d JOIN categories c ON c.id = 1 + d.id % 9;
INSERT INTO deck_tags SELECT d.id, t FROM decks d, unnest(ARRAY['lesson', 'words ' || d.id % 20]) t;
"""
# Their day has begun, and its limits are far.
LEARN = """
INSERT INTO learners (user_id, new_per_day, reviews_per_day, day_from, day_to)
SELECT unnest(ARRAY[{people}]), 9999, 9999, day, day + interval '1 day'
FROM (SELECT (date_trunc('day', now() AT TIME ZONE 'UTC' - interval '4 hours') + interval '4 hours') AT TIME ZONE 'UTC' AS day) today
ON CONFLICT (user_id) DO UPDATE SET new_per_day = 9999, reviews_per_day = 9999, day_from = excluded.day_from, day_to = excluded.day_to;
INSERT INTO learning_sessions (user_id, deck_id, mode, started_at, last_activity_at)
SELECT u, 1 + u % {decks} / 10 * 10, 'due', now(), now() FROM unnest(ARRAY[{people}]) u;
"""


@dataclass(frozen=True)
class Learning:
    """Somebody's session, and the cards it may be asked for: all but the last, so that it never ends."""

    person: int
    session: int
    cards: tuple


class Database:
    def __init__(self, url):
        self.url = url

    def run(self, sql):
        """The rows of the last question, as tuples of text."""
        command = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t", "--set=ON_ERROR_STOP=1", "--dbname", self.url]
        done = subprocess.run(command, input=sql, capture_output=True, text=True, env={**os.environ, "PGCONNECT_TIMEOUT": "10"}, check=False)
        if done.returncode != 0:
            raise Failure(f"psql: {done.stderr.strip()}")
        return [tuple(line.split("\t")) for line in done.stdout.splitlines() if line]

    def number(self, sql):
        return int(self.run(sql)[0][0])


def fill(database):
    database.run(FILL + "ANALYZE;")


def begin(database, people):
    """Has the people begin to learn a deck each."""
    database.run(LEARN.format(people=",".join(f"{person}::bigint" for person in people), decks=DECKS))
    found = []
    rows = database.run(
        "SELECT s.user_id, s.id, json_agg(c.id ORDER BY c.order_index) FROM learning_sessions s JOIN cards c ON c.deck_id = s.deck_id"
        f" WHERE s.user_id IN ({','.join(map(str, people))}) GROUP BY s.user_id, s.id ORDER BY s.user_id"
    )
    for person, session, cards in rows:
        found.append(Learning(int(person), int(session), tuple(json.loads(cards)[:-1])))
    return found
