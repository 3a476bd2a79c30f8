"""The relay: how fast it empties an outbox that is full, and how long an event is under way when a thousand come a second."""

import itertools
import os
import re
import signal
import time

from background import Background
from learners import LEARNERS, OURS
from platform_tools.clickhouse_client import OPENER
from platform_tools.layout import Failure, say
from process import cpu_seconds
from stage import GATEWAY_SECRET
from wrk import send

TOPIC = "learning.events"
FULL, RATE, CONNECTIONS = 100_000, 1000, 20
WRITERS = 4
PUBLISHED = re.compile(rb"^outbox_published_total (\d+)$", re.M)
DELIVERED = re.compile(rb'^outbox_delivery_seconds_bucket\{le="([^"]+)"\} (\d+)$', re.M)
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
# Which events were committed, and when, at the very end of their transactions.
WATCH = """
CREATE TABLE IF NOT EXISTS committed (event_id uuid, at timestamptz);
TRUNCATE committed;
CREATE OR REPLACE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO committed VALUES (NEW.event_id, clock_timestamp()); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER note_commit AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_commit();
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

    def pid(self, name):
        return next(daemon.pid() for daemon in self.session.watched if daemon.name == name)

    def metrics(self):
        with OPENER.open(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            return answer.read()

    def published(self):
        found = PUBLISHED.search(self.metrics())
        return int(found[1]) if found else 0

    def delivered(self):
        """{upper bound in seconds: how many events Kafka had no later than that after they were written}."""
        return {float(bound): int(count) for bound, count in DELIVERED.findall(self.metrics())}

    def drain(self, found):
        """From the commit of so many rows until all are in Kafka and gone."""
        before = self.published()
        cpu, end = cpu_seconds(self.pid("decks")), time.monotonic() + 120
        self.database.run(FILL)
        start = time.monotonic()
        while self.published() < before + FULL:
            if time.monotonic() > end:
                raise Failure(f"The relay has sent {self.published() - before:,} of {FULL:,} events in 120 s.")
            time.sleep(0.02)
        seconds = time.monotonic() - start
        result = {"rate": FULL / seconds, "cpu": (cpu_seconds(self.pid("decks")) - cpu) / FULL * 1e6}
        found.setdefault("drain", []).append(result)
        say(f"  relay: {result['rate']:,.0f} events/s, {result['cpu']:.1f} µs each")

    def committed(self, found, seconds):
        """The relay alone: rows that the bench itself writes and commits at that rate, until Kafka has their events.

        Nothing tells the relay of these commits: it finds them as it finds those of the service's other processes. The collector
        holds still meanwhile, for this broker has the less time for who writes the more there is to look through for who reads.
        """
        self.database.run(COMMIT)

        def write():
            writers = [Background(lambda first=first: self.database.run(f"CALL commit_events({first}, {WRITERS}, {RATE * seconds});")) for first in range(WRITERS)]
            for writer in writers:
                writer.wait()

        collector = self.pid("collector")
        os.kill(collector, signal.SIGSTOP)
        try:
            self._relayed(found, "committed", "commits alone", write)
        finally:
            os.kill(collector, signal.SIGCONT)
            self.database.run("DROP PROCEDURE commit_events")

    def paced(self, found, seconds):
        """Answers at that rate through the service: from when the event of each is written until Kafka has it."""

        def answer():
            return send("answers.lua", self.port, [self.answers, next(self.rounds), GATEWAY_SECRET, max(0, round(self.pause))], seconds, CONNECTIONS)

        sent = self._relayed(found, "paced", "answers", answer)
        self.pause += 1000 * CONNECTIONS * (1 / RATE - 1 / sent["rate"])

    def _relayed(self, found, name, what, work):
        """How long the relay says that the events which `work` commits were under way, in milliseconds; all must come out of Kafka."""
        self.database.run(WATCH)
        receiver, before = Receiver(self.brokers), self.delivered()
        try:
            result = work()
            committed = {identity: float(at) for identity, at in self.database.run("SELECT event_id, extract(epoch FROM at) FROM committed")}
            end = time.monotonic() + 30
            while (count := max((after := self.delivered()).values()) - max(before.values(), default=0)) < len(committed):
                if time.monotonic() > end:
                    raise Failure(f"The relay has sent {count} of {len(committed)} events in 30 s.")
                time.sleep(0.2)
            if missing := receiver.read(set(committed), 60):
                raise Failure(f"{len(missing)} of {len(committed)} events have not come through Kafka in 60 s.")
        finally:
            receiver.close()
            self.database.run("DROP TRIGGER note_commit ON outbox; DROP FUNCTION note_commit;")
        counts = [(bound, count - before.get(bound, 0)) for bound, count in sorted(after.items())]
        moments = committed.values()
        figures = {"rate": len(committed) / (max(moments) - min(moments)), "p50": quantile(counts, 0.5) * 1000, "p99": quantile(counts, 0.99) * 1000}
        found.setdefault(name, []).append(figures)
        say(f"  commit to Kafka, {what}, at {figures['rate']:,.0f}/s: p50 {figures['p50']:.1f} ms, p99 {figures['p99']:.1f} ms")
        return result


def quantile(counts, share):
    """Of a histogram's cumulative counts [(bound, count)], read as Prometheus reads it: evenly spread within a bucket."""
    wanted, low, below = counts[-1][1] * share, 0.0, 0
    for bound, count in counts:
        if count >= wanted:
            return bound if count == below or bound == float("inf") else low + (bound - low) * (wanted - below) / (count - below)
        low, below = bound, count
    return low
