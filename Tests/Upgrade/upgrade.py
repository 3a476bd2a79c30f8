"""`make upgrade`: a database filled by an older version, with ranges half done, is taken over by this one.

A fixture (record.py) holds what the version before sent to ClickHouse and what was in Kafka. Its INSERTs are sent again to the
schema of then, under their own tokens and in their own shape, except that the last range of some partitions is left half done,
as a crash leaves it. Then this version migrates, finds the messages in Kafka, and collects. Each message must be in once, with
its own contents; rollups must agree; and the rows that the old version wrote must be as they were.
"""

import base64
import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Chaos"))
import verification  # noqa: E402
from kafka_log import KafkaLog  # noqa: E402
from link import BODY_INSERT, URL_INSERT, partition_of  # noqa: E402
from platform_tools.clickhouse_client import OPENER, ClickHouse  # noqa: E402
from platform_tools.layout import BINARY, PLATFORM, ROOT, Failure, read_settings, say  # noqa: E402
from platform_tools.servers import Servers  # noqa: E402
from platform_tools.session import Session, end, ended, only_one  # noqa: E402
from producer import produce  # noqa: E402

PROFILE, FIXTURE, LAST_MIGRATION = "upgrade", HERE / "735eae7", 6
# How the last range of a partition was left: which tables have it, and which of the views that `events` feeds have not.
NOTHING, ALL = set(), {"activity_hourly", "user_daily", "deck_daily", "course_daily"}
HALF_DONE = {
    "learning.events/0": (NOTHING, ALL),  # claimed, and no more
    "learning.events/1": ({"dead_letters"}, ALL),
    "learning.events/3": ({"dead_letters", "events"}, ALL),  # died between table and views
    "content.events/0": ({"dead_letters", "events"}, {"user_daily", "course_daily"}),  # between two views
    "content.events/1": ({"dead_letters", "events"}, NOTHING),  # in, and not committed
    "content.events/2": (NOTHING, ALL),  # marked by another version, which died before it inserted
    "learning.events/5": ({"dead_letters", "events"}, ALL),  # marked, and died between table and views
}
COLLECT_SECONDS = 420  # leases that an older version left without a row are waited for two minutes
# The lease was over long ago; here the INSERT is sent for the first time to a new server.
LEASE, NEVER = re.compile(rb"(now64\(3\) > fromUnixTimestamp64Milli\(toInt64\()\d+"), rb"\g<1>4102444800000"


def lines(name):
    with gzip.open(FIXTURE / name) as file:
        return [json.loads(line) for line in file]


def replay(clickhouse, requests):
    """Sends the old version's INSERTs, but for what the half-done ranges lack; returns how many it left out."""
    views = feeding_views(clickhouse)
    last = {}
    for request in requests:
        if partition := partition_of(request["address"].encode()):
            last[partition] = token_of(request)
    skipped = 0
    for request in requests:
        body = base64.b64decode(request["body"])
        table = (URL_INSERT.search(request["address"].encode()) or BODY_INSERT.match(body))[1].decode()
        partition = partition_of(request["address"].encode())
        done, without = HALF_DONE.get(partition, (None, NOTHING))
        if done is None or token_of(request) != last[partition]:
            send(clickhouse, request["address"], body, request.get("created_ms"))
        elif table in done:
            with detached(clickhouse, [view for view, target in views.items() if target in without and table == "events"]):
                send(clickhouse, request["address"], body)
        else:
            skipped += 1
    return skipped


def token_of(request):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(request["address"]).query)["insert_deduplication_token"][0]


def send(clickhouse, address, body, created_ms=None):
    """Sends one INSERT again; `created_ms`: a row of the ledger keeps its time, which the rows of a reconciled range bear too."""
    query = urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query)
    query = [(name, LEASE.sub(NEVER, value.encode()).decode()) for name, value in query] + [("database", clickhouse.database)]
    if BODY_INSERT.match(body):
        body = LEASE.sub(NEVER, body)
    if created_ms is not None:
        body = body.replace(b"writer, mark)", b"writer, mark, created_at)").replace(b"{mark:Bool}", b"{mark:Bool}, fromUnixTimestamp64Milli({created:Int64}, 'UTC')")
        query.append(("param_created", str(created_ms)))
    request = urllib.request.Request(f"{clickhouse.url}/?{urllib.parse.urlencode(query)}", data=body)
    with OPENER.open(request, timeout=60) as response:
        response.read()


def feeding_views(clickhouse):
    """{view: the rollup it writes to} of all that `events` feeds."""
    text = clickhouse.execute(
        "SELECT name, extract(create_table_query, ' TO [a-z_]+\\\\.([a-z_]+)') FROM system.tables"
        f" WHERE database = '{clickhouse.database}' AND engine = 'MaterializedView' FORMAT TabSeparated"
    ).decode()
    views = dict(line.split("\t") for line in text.splitlines())
    if set(views.values()) != ALL:
        raise Failure(f"events feeds {sorted(views.values())}, not {sorted(ALL)}")
    return views


@contextlib.contextmanager
def detached(clickhouse, views):
    for view in views:
        clickhouse.execute(f"DETACH TABLE {view}")
    try:
        yield
    finally:
        for view in views:
            clickhouse.execute(f"ATTACH TABLE {view}")


def remember(clickhouse):
    """Keeps a hash of each row that is there, of the columns of today; returns how many rows."""
    for table in ("events", "dead_letters"):
        text = clickhouse.execute(
            "SELECT name FROM system.columns WHERE table = {table:String} AND database = currentDatabase()"
            " AND default_kind NOT IN ('EPHEMERAL', 'ALIAS') ORDER BY position FORMAT TabSeparated",
            param_table=table,
        ).decode()
        values = ", ".join(f"toString({name})" for name in text.split())
        clickhouse.execute(
            f"CREATE TABLE old_{table} ENGINE = MergeTree ORDER BY (topic, kafka_partition, kafka_offset) AS"
            f" SELECT topic, kafka_partition, kafka_offset, cityHash64({values}) AS hash FROM {table}"
        )
        clickhouse.execute(f"CREATE VIEW now_{table} AS SELECT topic, kafka_partition, kafka_offset, cityHash64({values}) AS hash FROM {table}")
    return verification.rows(clickhouse)


def touched(clickhouse):
    """How many of the remembered rows are no longer there as they were."""
    return sum(
        clickhouse.number(
            f"SELECT count() FROM old_{table} WHERE (topic, kafka_partition, kafka_offset, hash)"
            f" NOT IN (SELECT topic, kafka_partition, kafka_offset, hash FROM now_{table})"
        )
        for table in ("events", "dead_letters")
    )


def collect(session, environment, clickhouse, expected, folder):
    """This version's collector, until all is in; it must end with 0."""
    with (folder / "collector.log").open("wb") as log:
        collector = subprocess.Popen([BINARY, "collector"], env={**os.environ, **environment}, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + COLLECT_SECONDS
            while verification.rows(clickhouse) < expected and time.monotonic() < deadline and collector.poll() is None:
                time.sleep(0.3)
                session.check()
            time.sleep(3)  # time for what would be doubled to show
        finally:
            end(collector, 60)
    return collector.returncode


def run():
    settings = read_settings(path=ROOT / ".no-env-file")
    for name in ("CLICKHOUSE_URL", "KAFKA_BROKERS", "S3_ENDPOINT", "COLLECTOR_TOPICS", "COLLECTOR_GROUP"):
        settings.pop(name, None)
    stale = Servers(PROFILE, settings)
    stale.stop()
    stale.forget()
    servers = Servers(PROFILE, settings)
    messages, problems = lines("messages.jsonl.gz"), []
    with Session() as session:
        for name in servers.wanted():
            session.start(servers.daemon(name))
        # A short lease: what this version waits for before it reconciles is not what is tested here.
        environment = {**settings, **servers.environment(), "COLLECTOR_LEASE": "5s", "COLLECTOR_INSERT_TIMEOUT": "5s"}
        clickhouse = ClickHouse(environment["CLICKHOUSE_URL"], environment.get("CLICKHOUSE_DATABASE", "analytics"))
        with (servers.folder / "setup.log").open("wb") as output:
            session.run([BINARY, "migrate", "up", "--to", str(LAST_MIGRATION)], environment, output=output)
            session.run([BINARY, "topics", "apply"], environment, output=output)
            left_out = replay(clickhouse, lines("requests.jsonl.gz"))
            before = remember(clickhouse)
            marks = clickhouse.number("SELECT countIf(mark) FROM ranges")
            short = clickhouse.number("SELECT (SELECT count() FROM events) - (SELECT sum(events) FROM activity_hourly)")
            if not (left_out and short and marks):
                raise Failure("the fixture leaves nothing half done; record it again")
            say(f"{before} rows as {FIXTURE.name} left them, {len(HALF_DONE)} ranges half done, {left_out} INSERTs of theirs missing, a rollup short of {short} events")
            session.run([BINARY, "migrate", "up"], environment, output=output)
        produce(environment["KAFKA_BROKERS"], messages)
        log = KafkaLog(environment["KAFKA_BROKERS"])
        kafka = log.read(verification.TOPICS)
        offsets = {(topic, number): list(partition.offsets) + partition.tombstones for (topic, number), partition in kafka.items()}
        for message in messages:
            if message["offset"] not in offsets[message["topic"], message["partition"]]:
                raise Failure(f"{message['topic']}/{message['partition']} has no offset {message['offset']}, as it had when it was recorded")
        expected = sum(len(partition) for partition in kafka.values())
        status = collect(session, environment, clickhouse, expected, servers.folder)
        if status != 0:
            problems.append(f"the collector ended with status {status}")
        findings = verification.compare(kafka, log.type_names, clickhouse)
        changed = touched(clickhouse)
        say(f"{clickhouse.number('SELECT countIf(mark) FROM ranges') - marks} ranges were marked to be reconciled, others repeated under their tokens")
        audit = session.run([BINARY, "collector", "audit", "--settled"], environment, check=False)
    for count, what in (
        (changed, "no longer as the old version wrote them"),
        (findings.lost, "lost"),
        (findings.doubled, "doubled"),
        (findings.strange, "not what Kafka holds"),
    ):
        if count:
            problems.append(f"{count} messages are {what}: {'; '.join(findings.examples)}")
    problems += [f"rollup {sentence}" for sentence in findings.rollups]
    if audit != 0:
        problems.append(f"the audit ended with status {audit}")
    return servers, findings, problems


def work():
    with only_one(PLATFORM / "upgrade-session", "`make upgrade`"):
        servers, findings, problems = run()
        for problem in problems:
            print(f"PROBLEM {problem}", file=sys.stderr)
        if problems:
            raise Failure(f"logs are in {servers.folder}")
        servers.forget()
        say(f"All {findings.messages} messages are in once: {findings.events} events, {findings.dead_letters} dead letters; the old rows are as they were, the rollups agree")
    return 0


def main():
    ended("scripts/upgrade", work)


if __name__ == "__main__":
    main()
