"""Records the fixture of the upgrade test from a build of an older commit; run by hand when there is a new one to upgrade from.

    PYTHONPATH=scripts python3 Tests/Upgrade/record.py BINARY CLICKHOUSE_FOLDER FIXTURE

BINARY is that commit's `kartoteka`, CLICKHOUSE_FOLDER its migrations. FIXTURE becomes a folder with
  messages.jsonl.gz   every message of the four topics: topic, partition, offset, timestamp, key, value (base64, or null)
  requests.jsonl.gz   every INSERT that the old collectors sent, in order: its address and its body (base64), and, for a row of
                      the ledger, when ClickHouse took it
The collector is then ended in the middle of ranges, which another one, with other settings, reconciles. Both files are replayed by upgrade.py, so that tables, tokens and the ledger become what the old version made of them.
"""

import base64
import ctypes
import gzip
import http.client
import http.server
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Chaos"))
from kafka_log import KafkaLog  # noqa: E402
from link import BODY_INSERT, REFUSAL, URL_INSERT, partition_of  # noqa: E402
from platform_tools.clickhouse_client import ClickHouse  # noqa: E402
from platform_tools.layout import ROOT, read_settings  # noqa: E402
from platform_tools.servers import Servers  # noqa: E402
from platform_tools.session import Session, end  # noqa: E402
from verification import TOPICS, rows  # noqa: E402

PROFILE = "record"
# What is stored by the old collector, in two goes, so that each partition has a chain of ranges; and what it never sees.
GOES, UNSEEN = (500, 350, 300), 250
# Their INSERTs are refused in the last go, so that the next collector, whose settings make other rows, reconciles their ranges.
RECONCILED = {"content.events/2", "learning.events/4", "learning.events/5"}


class Recorder(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    target, requests, refused, lock = None, [], set(), threading.Lock()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if partition_of(self.path.encode()) in self.refused:
            self.send_response(500)
            self.send_header("X-ClickHouse-Exception-Code", "252")
            self.send_header("Content-Length", str(len(REFUSAL)))
            self.end_headers()
            self.wfile.write(REFUSAL)
            return
        if URL_INSERT.search(self.path.encode()) or BODY_INSERT.match(body[:400]):
            with self.lock:
                self.requests.append({"address": self.path, "body": base64.b64encode(body).decode()})
        connection = http.client.HTTPConnection("127.0.0.1", self.target)
        connection.request("POST", self.path, body, {name: value for name, value in self.headers.items() if name.lower() not in ("host", "expect")})
        answer = connection.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection", "keep-alive"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, *_):
        pass


def messages(log, topics):
    """Every message there is, as the fixture has it."""
    found, take = [], log._take

    def note(partition, message):
        value = ctypes.string_at(message.payload, message.length) if message.payload else None
        key = ctypes.string_at(message.key, message.key_length) if message.key else None
        kind = ctypes.c_int()
        log.library.rd_kafka_message_timestamp.restype = ctypes.c_int64
        timestamp = log.library.rd_kafka_message_timestamp(ctypes.byref(message), ctypes.byref(kind))
        topic = log.library.rd_kafka_topic_name(ctypes.c_void_p(message.topic)).decode()
        text = {name: None if bytes_ is None else base64.b64encode(bytes_).decode() for name, bytes_ in (("key", key), ("value", value))}
        found.append({"topic": topic, "partition": message.partition, "offset": message.offset, "timestamp": timestamp, **text})
        take(partition, message)

    log._take = note
    log.read(topics)
    return sorted(found, key=lambda one: (one["topic"], one["partition"], one["offset"]))


def write(path, lines):
    with gzip.GzipFile(path, "wb", compresslevel=9, mtime=0) as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")


def main():
    binary, migrations, fixture = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    settings = read_settings(path=ROOT / ".no-env-file")
    Servers(PROFILE, settings).stop()
    Servers(PROFILE, settings).forget()
    servers = Servers(PROFILE, settings)
    with Session() as session:
        for name in servers.wanted():
            session.start(servers.daemon(name))
        environment = {**settings, **servers.environment(), "COLLECTOR_FLUSH_INTERVAL": "300ms", "COLLECTOR_LEASE": "5s", "COLLECTOR_INSERT_TIMEOUT": "5s"}
        session.run([binary, "migrate", "up", "--directory", migrations], environment)
        session.run([binary, "topics", "apply", "--file", ROOT / "kafka" / "topics.yaml"], environment)
        Recorder.target = servers.ports["clickhouse_http"]
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        clickhouse = ClickHouse(environment["CLICKHOUSE_URL"], "analytics")
        proxied = {**os.environ, **environment, "CLICKHOUSE_URL": f"http://127.0.0.1:{server.server_port}"}
        collector = subprocess.Popen([binary, "collector"], env=proxied)
        try:
            for number, count in enumerate(GOES, start=1):
                Recorder.refused = RECONCILED if number == len(GOES) else set()
                send(session, binary, environment, number, count)
                settle(clickhouse)
            collector.kill()
            collector.wait()
            Recorder.refused = set()
            collector = subprocess.Popen([binary, "collector"], env={**proxied, "EMAIL_KEEP_ADDRESSES": "true"})
            time.sleep(20)  # the dead one's session and leases
            settle(clickhouse)
        finally:
            end(collector)
        for request in Recorder.requests:
            note_time(clickhouse, request)
        send(session, binary, environment, len(GOES) + 1, UNSEEN)
        fixture.mkdir(parents=True, exist_ok=True)
        write(fixture / "messages.jsonl.gz", messages(KafkaLog(environment["KAFKA_BROKERS"]), TOPICS))
        write(fixture / "requests.jsonl.gz", Recorder.requests)
    servers.forget()


def settle(clickhouse, seconds=5):
    """Waits until no more rows have come for so long, and there are some."""
    count, since = 0, time.monotonic()
    while not count or time.monotonic() - since < seconds:
        time.sleep(0.2)
        if (now := rows(clickhouse)) != count:
            count, since = now, time.monotonic()


def note_time(clickhouse, request):
    """Adds to an INSERT into the ledger when ClickHouse took its row."""
    values = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request["address"]).query))
    if "param_mark" in values:
        place = "topic = {topic:String} AND kafka_partition = {partition:Int32} AND from_offset = {from:Int64} AND mark = {mark:Bool} AND writer = {writer:UUID}"
        given = {name: values[name] for name in ("param_topic", "param_partition", "param_from", "param_mark", "param_writer")}
        request["created_ms"] = clickhouse.number(f"SELECT toUnixTimestamp64Milli(min(created_at)) FROM ranges WHERE {place}", **given)


def send(session, binary, environment, seed, count):
    session.run([binary, "load", "--count", count, "--poison", count // 20, "--seed", seed, "--span", "70d", "--users", 40, "--decks", 10], environment)


if __name__ == "__main__":
    main()
