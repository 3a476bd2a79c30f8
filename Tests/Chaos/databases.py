"""What the databases say happened, held against what ClickHouse has; with SQL of our own, through psql."""

import os
import subprocess
import time
from collections import Counter

DATABASES = {"users": "USERS_DATABASE_URL", "decks": "DECKS_DATABASE_URL"}
# Copies each row of the outbox in its own transaction: what was committed is here for good, also once it was published.
WITNESS = """
CREATE TABLE witness (LIKE outbox);
CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO witness SELECT NEW.*; RETURN NULL; END $$;
CREATE TRIGGER witness AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION witness();
"""
# What tables say without the outbox: (event type, database, its keys in the table, its keys in ClickHouse).
HAPPENED = [
    ("user_registered", "users", "SELECT id FROM users", "user_id"),
    ("deck_created", "decks", "SELECT id, owner_id FROM decks", "deck_id, author_id"),
    ("card_created", "decks", "SELECT id, deck_id FROM cards", "card_id, deck_id"),
    ("learning_session_started", "decks", "SELECT id, user_id, deck_id FROM learning_sessions", "session_id, user_id, deck_id"),
    ("learning_session_finished", "decks", "SELECT id, user_id, deck_id FROM learning_sessions WHERE ended_at IS NOT NULL", "session_id, user_id, deck_id"),
    ("card_answered", "decks", "SELECT session_id, card_id, user_id, correct::int, answer_time_ms FROM answers", "session_id, card_id, user_id, correct, answer_time_ms"),
    ("test_completed", "decks", "SELECT id, user_id, deck_id, cards_total, cards_correct FROM test_results", "result_id, user_id, deck_id, cards_total, cards_correct"),
]
SETTLE_SECONDS = 120


class Databases:
    def __init__(self, environment, clickhouse):
        self.urls = {name: environment[setting] for name, setting in DATABASES.items()}
        self.clickhouse = clickhouse

    def rows(self, database, sql):
        """The rows of a question, as tuples of text."""
        command = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t", "--set=ON_ERROR_STOP=1", "--dbname", self.urls[database], "--command", sql]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env={**os.environ, "PGCONNECT_TIMEOUT": "10"})
        if done.returncode != 0:
            raise OSError(f"psql: {done.stderr.strip()}")
        return [tuple(line.split("\t")) for line in done.stdout.splitlines() if line]

    def watch(self):
        """From now on every event that is committed is known."""
        for database in self.urls:
            self.rows(database, WITNESS)

    def committed(self):
        """{event id: database}"""
        return {row[0]: name for name in self.urls for row in self.rows(name, "SELECT event_id FROM witness")}

    def pending(self):
        return sum(int(self.rows(name, "SELECT count(*) FROM outbox")[0][0]) for name in self.urls)

    def arrived(self):
        """The events that ClickHouse has of these services, each id once."""
        sql = "SELECT DISTINCT toString(event_id) FROM events WHERE producer IN ('auth-service', 'users-service', 'decks-service') FORMAT TSV"
        return {line.decode() for line in self.clickhouse.lines(sql)}

    def settle(self):
        """Waits until all that was committed has arrived, or for so long; returns the seconds, None when it has not."""
        began = time.monotonic()
        while time.monotonic() - began < SETTLE_SECONDS:
            if self.pending() == 0 and self.committed().keys() <= self.arrived():
                return time.monotonic() - began
            time.sleep(1)
        return None

    def differences(self):
        """What is in one place and not in the other, in words."""
        found = []
        committed, arrived = self.committed().keys(), self.arrived()
        if lost := committed - arrived:
            found.append(f"{len(lost)} events were committed and did not arrive, as {min(lost)}")
        if invented := arrived - committed:
            found.append(f"{len(invented)} events arrived that nobody committed, as {min(invented)}")
        for name in self.urls:
            if parked := int(self.rows(name, "SELECT count(*) FROM outbox_parked")[0][0]):
                found.append(f"{parked} events of {name} are parked")
        for kind, database, sql, columns in HAPPENED:
            table = Counter(self.rows(database, sql))
            question = f"SELECT {columns} FROM (SELECT DISTINCT event_id, {columns} FROM events WHERE event_type = '{kind}') FORMAT TSV"
            truth = {"true": "1", "false": "0"}
            events = Counter(tuple(truth.get(field, field) for field in line.decode().split("\t")) for line in self.clickhouse.lines(question))
            if kind in ("deck_created", "card_created"):  # what was deleted is in no table any more
                events = Counter({row: count for row, count in events.items() if row in table})
            if missing := table - events:
                found.append(f"{kind}: {missing.total()} rows have no event, as {min(missing)}")
            if extra := events - table:
                found.append(f"{kind}: {extra.total()} events have no row, as {min(extra)}")
        return found

    def unknown(self, school):
        """What people were told was done, and no table has."""
        found = []
        ids = {
            "decks": ("decks", "SELECT id FROM decks", school.decks),
            "cards": ("decks", "SELECT id FROM cards", school.cards),
            "sessions": ("decks", "SELECT id FROM learning_sessions", school.sessions),
            "results": ("decks", "SELECT id FROM test_results", school.results),
            "users": ("users", "SELECT id FROM users", set(school.users.values())),
        }
        for what, (database, sql, told) in ids.items():
            if gone := {str(number) for number in told} - {row[0] for row in self.rows(database, sql)}:
                found.append(f"{len(gone)} {what} that were acknowledged are not there, as {min(gone)}")
        answers = Counter(row[0] for row in self.rows("decks", "SELECT answer_id FROM answers"))
        if gone := school.answers.keys() - answers.keys():
            found.append(f"{len(gone)} answers that were acknowledged are not there, as {min(gone)}")
        logins = Counter()
        for line in self.clickhouse.lines("SELECT user_id, uniqExact(event_id) FROM events WHERE event_type = 'user_logged_in' GROUP BY user_id FORMAT TSV"):
            person, count = line.decode().split("\t")
            logins[int(person)] = int(count)
        for address, count in school.logins.items():
            if logins[school.users[address]] < count:
                found.append(f"{count} logins of one person were acknowledged, and {logins[school.users[address]]} are told of")
        return found
