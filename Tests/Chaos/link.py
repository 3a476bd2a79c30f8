"""A TCP proxy between one collector and ClickHouse, which knows an INSERT when it sees one and can spoil it, or refuse those of
one partition for as long as it is asked to.

Requests of HTTP/1.1 with a Content-Length, one after another on a connection, which is what the collector sends; answers
go through unread.
"""

import contextlib
import re
import socket
import struct
import threading
import time
import urllib.parse
from dataclasses import dataclass, field

CHUNK = 1 << 16
# However the statement is written: spaces as %20, + or line ends, with TABLE or a database before the name, quoted or not.
GAP, QUOTE = rb"(?:\s|\+|%20|%0A)", rb"(?:`|%60)?"
INSERT = rb"%s*INSERT%s+INTO%s+(?:TABLE%s+)?(?:\w+\.)?%s(\w+)" % (GAP, GAP, GAP, GAP, QUOTE)
URL_INSERT = re.compile(rb"[?&]query=" + INSERT, re.I)
BODY_INSERT = re.compile(INSERT, re.I)
TOKEN = re.compile(rb"[?&]insert_deduplication_token=([^& ]+)")  # TOPIC/PARTITION/…
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
REFUSAL = b"Code: 252. DB::Exception: Too many parts (chaos). Merges are processing significantly slower than inserts. (TOO_MANY_PARTS)\n"
REFUSED = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=UTF-8\r\nX-ClickHouse-Exception-Code: 252\r\n"
    b"Connection: Keep-Alive\r\nContent-Length: %d\r\n\r\n%s" % (len(REFUSAL), REFUSAL)
)


@dataclass
class Spoil:
    """One spoilt INSERT, armed until a request comes that it fits."""

    kind: str
    table: str
    figures: dict
    taken: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    happened: bool = False


@dataclass
class Request:
    """A request's bytes so far, and what it is."""

    received: bytes
    length: int
    table: str | None
    partition: str | None  # TOPIC/PARTITION, as its token says


class Link:
    """Listens on a port of its own and leads to `port`, until closed."""

    def __init__(self, name, port):
        self.name, self.target = name, port
        self.lock = threading.Lock()
        self.armed = None
        self.refused = {}  # partition whose INSERTs are refused: how many have been
        self.inserting = threading.Condition()  # notified whenever an INSERT into events has gone out whole
        self.inserts = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, name=name, daemon=True).start()

    def close(self):
        self.listener.close()

    # For the lanes of faults.

    def spoil(self, spoil, seconds, ending):
        """Spoils the next INSERT into `spoil.table`; returns whether there was one within `seconds`, once it is all over."""
        with self.lock:
            self.armed = spoil
        deadline = time.monotonic() + seconds
        while not spoil.taken.wait(0.1):
            if time.monotonic() > deadline or ending.is_set():
                with self.lock:
                    if self.armed is spoil:
                        self.armed = None
                if not spoil.taken.is_set():
                    return False
        spoil.done.wait(60)
        return spoil.happened

    def refuse(self, partition):
        """From now on, INSERTs of `partition` (TOPIC/NUMBER) are answered as ClickHouse answers when it has too many parts."""
        with self.lock:
            self.refused[partition] = 0

    def allow(self, partition):
        """No longer; returns how many were refused."""
        with self.lock:
            return self.refused.pop(partition, 0)

    def await_insert(self, seconds):
        """Waits until an INSERT into events has just gone out; whether one did."""
        with self.inserting:
            seen = self.inserts
            return self.inserting.wait_for(lambda: self.inserts > seen, seconds)

    # Connections.

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), name=self.name, daemon=True).start()

    def _serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            return cut(client, reset=True)
        for end in (client, server):
            end.settimeout(None)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        exchange = Exchange(self, client, server)
        threading.Thread(target=exchange.answers, name=self.name, daemon=True).start()
        exchange.requests()

    def take(self, table):
        """The armed spoil, if it fits a request for `table`."""
        with self.lock:
            spoil = self.armed
            if spoil is None or spoil.table != table:
                return None
            self.armed = None
            spoil.taken.set()
            return spoil

    def refuses(self, partition):
        """Whether an INSERT of `partition` is refused now; it is then counted."""
        with self.lock:
            if partition not in self.refused:
                return False
            self.refused[partition] += 1
            return True

    def sent(self, table):
        if table == "events":
            with self.inserting:
                self.inserts += 1
                self.inserting.notify_all()


class Exchange:
    """One connection through the proxy: two threads, one a direction."""

    def __init__(self, link, client, server):
        self.link, self.client, self.server = link, client, server
        self.swallow = None  # the spoil whose answer must not arrive
        self.detached = False  # the client is gone, the server is still talked to

    def answers(self):
        with contextlib.suppress(OSError):
            while data := self.server.recv(CHUNK):
                spoil = self.swallow
                if spoil:
                    spoil.happened = True
                    self._cut(spoil.figures["reset"])
                    spoil.done.set()
                    return
                if not self.detached:
                    self.client.sendall(data)
        if self.swallow:
            self.swallow.done.set()
        self._cut(reset=False)

    def requests(self):
        left = b""
        with contextlib.suppress(OSError):
            while request := self._next(left):
                if request.partition and self.link.refuses(request.partition):
                    left = self._whole(request)[request.length :]
                    self.client.sendall(REFUSED)
                    continue
                spoil = self.link.take(request.table) if request.table else None
                if spoil is None:
                    left = self._pass(request)
                    continue
                try:
                    go_on = self._spoil(spoil, request)
                except OSError:
                    go_on = False
                    self._cut(reset=False)
                if not self.swallow:
                    spoil.done.set()
                if not go_on:
                    return
                left = b""
        if not self.swallow:
            self._cut(reset=False)

    def _next(self, data):
        """Reads up to the end of a request's header, and as much of its body as tells what it is."""
        while b"\r\n\r\n" not in data:
            more = self.client.recv(CHUNK)
            if not more:
                return None
            data += more
        header = data[: data.index(b"\r\n\r\n")]
        found = LENGTH.search(header)
        length = len(header) + 4 + (int(found[1]) if found else 0)
        line = header[: header.index(b"\r\n")]
        insert = URL_INSERT.search(line)
        if not insert:
            while len(data) < min(length, len(header) + 4 + 40):
                data += self.client.recv(CHUNK) or b"\0" * CHUNK
            insert = BODY_INSERT.match(data[len(header) + 4 :])
        return Request(data, length, insert[1].decode() if insert else None, partition_of(line) if insert else None)

    def _pass(self, request):
        """Sends the whole request on as it comes; returns what has come after it."""
        data, rest = request.received[: request.length], request.received[request.length :]
        self.server.sendall(data)
        sent = len(data)
        while sent < request.length:
            data = self._more(request.length - sent)
            self.server.sendall(data)
            sent += len(data)
        self.link.sent(request.table)
        return rest

    def _more(self, most):
        data = self.client.recv(min(CHUNK, most))
        if not data:
            raise ConnectionResetError
        return data

    def _whole(self, request):
        data = request.received
        while len(data) < request.length:
            data += self._more(request.length - len(data))
        return data

    def _spoil(self, spoil, request):
        """Does it; returns whether the connection lives on. `happened` is set once there is no way back."""
        figures = spoil.figures
        if spoil.kind == "cut reply":
            self.swallow = spoil
            self._pass(request)
            return False  # the other thread sees the answer, or the server's end
        if spoil.kind == "cut waiting":
            self._pass(request)
            time.sleep(figures["delay"])
            spoil.happened = True
            self._cut(figures["reset"])
            return False
        data = self._whole(request)
        if spoil.kind == "late request":
            self.detached = spoil.happened = True
            cut(self.client, figures["reset"])
            time.sleep(figures["seconds"])
            self.server.sendall(data)
            self.link.sent(request.table)
            time.sleep(1)  # long enough for it to begin; the server does not need a reader to go on
            cut(self.server, reset=False)
            return False
        through = min(len(data) - 1, int(len(data) * figures["part"]))
        self.server.sendall(data[:through])
        spoil.happened = True
        time.sleep(figures.get("seconds", 0))
        if spoil.kind == "stall":
            self.server.sendall(data[through:])
            self.link.sent(request.table)
            return True
        self._cut(figures["reset"])
        return False

    def _cut(self, reset):
        if not self.detached:
            cut(self.client, reset)
            cut(self.server, reset)


def partition_of(line):
    """TOPIC/NUMBER, the beginning of the token in a request's first line; None without a token."""
    token = TOKEN.search(line)
    return "/".join(urllib.parse.unquote(token[1].decode()).split("/")[:2]) if token else None


def cut(end, reset):
    """Ends a connection at once: with RST, or with FIN after what is on its way."""
    with contextlib.suppress(OSError):
        if reset:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)
    end.close()
