"""The relay: how fast it empties an outbox that is full, and how long an event is under way when a thousand come a second."""

import itertools
import re
import time

from background import Background
from learners import LEARNERS, OURS
from people import percentile
from platform_tools.clickhouse_client import OPENER
from platform_tools.layout import Failure, say
from process import cpu_seconds
from stage import GATEWAY_SECRET
from wrk import send

TOPIC = "learning.events"
FULL, RATE, CONNECTIONS = 100_000, 1000, 20
WRITERS = 4
PUBLISHED = re.compile(rb"^outbox_published_total (\d+)$", re.M)
EVENT_ID = re.compile(rb'"event_id":"([0-9a-f-]{36})"')
# As the service writes them: 330 bytes, of 400 people in turn.
ROW = f"""
SELECT id, '{TOPIC}', person, format('{{{{"event_id":"%s","event_type":"card_answered","event_version":1,"occured_at":"%s","producer":"decks-service",'
  '"payload":{{{{"session_id":1,"user_id":%s,"deck_id":1,"card_id":%s,"correct":true,"answer_time_ms":3500,"rating":3,"answered_at":"%s"}}}}}}}}', id, moment, person, n % 40 + 1, moment)
FROM (SELECT gen_random_uuid() AS id, ({OURS} + n % {LEARNERS})::text AS person, n, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS moment
  FROM {{rows}}) e ORDER BY n"""
FILL = f"INSERT INTO outbox (event_id, topic, key, value) {ROW.format(rows=f'generate_series(1, {FULL}) n')};"
# One of several sessions that each commit a row when it is due, and at once what is late.
COMMIT = f"""
CREATE OR REPLACE PROCEDURE commit_events(first int, step int, last int) LANGUAGE plpgsql AS $$
DECLARE start timestamptz := clock_timestamp(); due timestamptz; number int := first;
BEGIN
  WHILE number < last LOOP
    due := start + number * interval '1 second' / {RATE};
    IF clock_timestamp() < due THEN PERFORM pg_sleep(extract(epoch FROM due - clock_timestamp())); END IF;
    INSERT INTO outbox (event_id, topic, key, value) {ROW.format(rows="(SELECT number AS n) one")};
    COMMIT;
    number := number + step;
  END LOOP;
END $$;
"""
# Notes at the very end of a transaction when that was, and when the relay, told by Kafka that it has the event, takes its row away.
WATCH = """
CREATE TABLE IF NOT EXISTS committed (event_id uuid, at timestamptz);
TRUNCATE committed;
CREATE OR REPLACE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO committed VALUES (NEW.event_id, clock_timestamp()); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER note_commit AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_commit();
CREATE TABLE IF NOT EXISTS relayed (event_id uuid, at timestamptz);
TRUNCATE relayed;
CREATE OR REPLACE FUNCTION note_relay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO relayed VALUES (OLD.event_id, clock_timestamp()); RETURN NULL; END $$;
CREATE TRIGGER note_relay AFTER DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION note_relay();
"""


class Receiver:
    """Reads, once it is started, what has come to the topic since it was made. Not while times are taken: this broker looks through
    all batches of a partition for each fetch, and has the less time for those who produce the more there are."""

    def __init__(self, brokers):
        import confluent_kafka as kafka

        self.consumer = kafka.Consumer({"bootstrap.servers": brokers, "group.id": "bench-services", "enable.auto.commit": False})
        partitions = self.consumer.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions
        places = [kafka.TopicPartition(TOPIC, number) for number in partitions]
        for place in places:
            place.offset = self.consumer.get_watermark_offsets(place, timeout=10)[1]
        self.places = places

    def read(self, wanted, seconds):
        """Those of the wanted ids that do not come in so long."""
        self.consumer.assign(self.places)
        end = time.monotonic() + seconds
        while wanted and time.monotonic() < end:
            for message in self.consumer.consume(500, 0.1):
                if not message.error() and (found := EVENT_ID.search(message.value())):
                    wanted.discard(found[1].decode())
        return wanted

    def close(self):
        self.consumer.close()


class Relaying:
    def __init__(self, session, environment, database, answers):
        self.session, self.database, self.answers = session, database, answers
        self.brokers, self.port = environment["KAFKA_BROKERS"], int(environment["DECKS_PORT"])
        self.pause = 1000 * CONNECTIONS / RATE - 3  # milliseconds
        self.rounds = itertools.count(1 << 20)

    @property
    def pid(self):
        return next(daemon.pid() for daemon in self.session.watched if daemon.name == "decks")

    def published(self):
        with OPENER.open(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            found = PUBLISHED.search(answer.read())
        return int(found[1]) if found else 0

    def drain(self, found):
        """From the commit of so many rows until all are in Kafka and gone."""
        before = self.published()
        cpu, end = cpu_seconds(self.pid), time.monotonic() + 120
        self.database.run(FILL)
        start = time.monotonic()
        while self.published() < before + FULL:
            if time.monotonic() > end:
                raise Failure(f"The relay has sent {self.published() - before:,} of {FULL:,} events in 120 s.")
            time.sleep(0.02)
        seconds = time.monotonic() - start
        result = {"rate": FULL / seconds, "cpu": (cpu_seconds(self.pid) - cpu) / FULL * 1e6}
        found.setdefault("drain", []).append(result)
        say(f"  relay: {result['rate']:,.0f} events/s, {result['cpu']:.1f} µs each")

    def committed(self, found, seconds):
        """The relay alone: rows that the bench itself commits at that rate, until Kafka has their events, in milliseconds.

        Nothing tells the relay of these commits: it finds them as it finds those of the service's other processes.
        """
        self.database.run(COMMIT)

        def write():
            writers = [Background(lambda first=first: self.database.run(f"CALL commit_events({first}, {WRITERS}, {RATE * seconds});")) for first in range(WRITERS)]
            for writer in writers:
                writer.wait()

        try:
            latencies, _ = self._latencies(write)
        finally:
            self.database.run("DROP PROCEDURE commit_events")
        self._note(found, "committed", latencies, "commits alone")

    def paced(self, found, seconds):
        """Answers at that rate through the service: from the commit of each until Kafka has its event, in milliseconds."""

        def answer():
            return send("answers.lua", self.port, [self.answers, next(self.rounds), GATEWAY_SECRET, max(0, round(self.pause))], seconds, CONNECTIONS)

        latencies, sent = self._latencies(answer)
        self.pause += 1000 * CONNECTIONS * (1 / RATE - 1 / sent["rate"])
        self._note(found, "paced", latencies, "answers")

    def _latencies(self, work):
        """[(when it was committed, how long until the relay knew that Kafka has it, and took its row away)] of every event that
        `work` has committed, all of which a consumer then reads; and its result."""
        self.database.run(WATCH)
        receiver = Receiver(self.brokers)
        try:
            result = work()
            committed, relayed = {}, {}
            end = time.monotonic() + 30
            while not committed or committed.keys() - relayed.keys():
                committed, relayed = self._times("committed"), self._times("relayed")
                if time.monotonic() > end:
                    raise Failure(f"The relay has not sent {len(committed.keys() - relayed.keys())} of {len(committed)} events in 30 s.")
                time.sleep(0.2)
            if missing := receiver.read(set(committed), 60):
                raise Failure(f"{len(missing)} of {len(committed)} events have not come through Kafka in 60 s.")
        finally:
            receiver.close()
            for name in ("commit", "relay"):
                self.database.run(f"DROP TRIGGER note_{name} ON outbox; DROP FUNCTION note_{name};")
        return [(at, (relayed[identity] - at) * 1000) for identity, at in committed.items()], result

    def _times(self, table):
        return {identity: float(at) for identity, at in self.database.run(f"SELECT event_id, extract(epoch FROM at) FROM {table}")}

    @staticmethod
    def _note(found, name, latencies, what):
        moments = [at for at, _ in latencies]
        times = [took for _, took in latencies]
        result = {"rate": len(moments) / (max(moments) - min(moments)), "p50": percentile(times, 0.5), "p99": percentile(times, 0.99)}
        found.setdefault(name, []).append(result)
        say(f"  commit to Kafka, {what}, at {result['rate']:,.0f}/s: p50 {result['p50']:.1f} ms, p99 {result['p99']:.1f} ms")
