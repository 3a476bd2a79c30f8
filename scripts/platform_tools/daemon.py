"""One server process: started with a pid file and a log, waited for until ready, stopped by pid once it is surely ours."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import time
import uuid
import urllib.error
import urllib.request
from pathlib import Path

from .layout import Failure
from .ports import holder, is_free

PR_SET_PDEATHSIG = 1
MARK = "KARTOTEKA_DAEMON"


# What programs print after the sentence that says what is wrong: Go's goroutines, ClickHouse's frames.
GOROUTINES = re.compile(r"^(goroutine \d+ \[|\[signal )", re.M)
FRAME = re.compile(r"(\s|\d+\. |\(version |$)")
COMPLAINT = re.compile(r"<(Error|Fatal|Critical)>|Exception|[EF]\d{4} |panic|\b(error|fatal)\b", re.I)
STAMP = re.compile(r"[\d.: ]+\[ \d+ \] \{[^}]*\} ")


def last_word(log):
    """The last complaint in a log, else its last line; stack traces are left out. At most 300 characters; None if it is empty."""
    if dump := GOROUTINES.search(log):
        log = log[: dump.start()]
    said = [line for line in log.splitlines() if not FRAME.match(line)]
    complaints = [line for line in said if COMPLAINT.search(line)]
    if not said:
        return None
    return STAMP.sub("", (complaints or said)[-1].partition(", Stack trace")[0], count=1).strip()[:300]


def answers(url):
    """Whether a GET of `url` is answered with a 2xx."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=2) as response:
            return 200 <= response.status < 300
    except (OSError, urllib.error.URLError, ValueError):
        return False


class Daemon:
    """A named process in `folder`: `NAME.pid` holds its pid and a token, `NAME.log` what it printed (`NAME.log.1` the run
    before). The token is in its environment too, so that it is known again, wherever the clone is mounted."""

    def __init__(self, name, title, folder, command, ready, ports, environment=None, start_seconds=60, stop_seconds=30, stop_signal=signal.SIGTERM, prepare=None, account=None, cwd=None):
        self.name = name
        self.title = title
        self.folder = Path(folder)
        self.command = [str(part) for part in command]
        self.ready = ready
        self.ports = ports  # {what it is for: number}
        self.environment = environment or {}
        self.start_seconds = start_seconds
        self.stop_seconds = stop_seconds
        self.stop_signal = stop_signal
        self.prepare = prepare  # called before each start
        self.account = account  # whom it runs as, if not as whoever starts it
        self.cwd = cwd or self.folder
        self.pid_file = self.folder / f"{name}.pid"
        self.log_file = self.folder / f"{name}.log"
        self.keeps_log = False  # True: a restart writes on in the same log
        self.process = None

    def pid(self):
        """The pid of this daemon if it runs, else None. A recycled pid is not mistaken for it: its environment tells."""
        if self.process and self.process.poll() is None:
            return self.process.pid
        try:
            pid, token = self.pid_file.read_text().split()
            for _ in range(50):
                environment = Path(f"/proc/{pid}/environ").read_bytes()
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
                if environment or state in "ZX":
                    break
                time.sleep(0.01)  # for a moment of its exec a process has no environment
        except (OSError, ValueError):
            return None
        return int(pid) if f"{MARK}={token}".encode() in environment.split(b"\0") else None

    def _failure(self, what):
        """One sentence: what became of it, the last it said, and where its log is."""
        try:
            with self.log_file.open("rb") as log:
                log.seek(max(0, self.log_file.stat().st_size - 65536))
                said = last_word(log.read().decode(errors="replace"))
        except OSError:
            said = None
        return Failure(f"{self.title} {what}{': ' + said.rstrip('.') if said else ', and said nothing'} (log: {self.log_file}).")

    def start(self, tied):
        """Starts it and waits until it is ready; returns False when it ran already.

        A `tied` daemon is told to stop when this process ends, however that happens.
        """
        if self.pid() is not None:
            self.wait_until_ready()
            return False
        for purpose, port in self.ports.items():
            if not is_free(port):
                by = holder(port) or "another process"
                raise Failure(f"Port {port} ({purpose}) is taken by {by}; stop it or choose another port (.env.example).")
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.log_file.exists() and not self.keeps_log:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        temporary = self.folder / "tmp" / self.name
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        if self.prepare:
            self.prepare()
        token = uuid.uuid4().hex
        parent = os.getpid()

        def tie():
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, self.stop_signal)
            if os.getppid() != parent:
                os._exit(1)

        account = {"user": self.account, "group": self.account, "extra_groups": []} if self.account else {}
        with self.log_file.open("ab") as log:
            try:
                self.process = subprocess.Popen(
                    self.command,
                    env={**os.environ, "TMPDIR": str(temporary), **self.environment, MARK: token},
                    cwd=self.cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    process_group=0,  # Ctrl-C is ours to handle: servers stop in order; in one session, for Linux lets niceness count within one only (autogroup)
                    preexec_fn=tie if tied else None,
                    **account,
                )
            except OSError as error:
                raise Failure(f"{self.title} cannot be started: {self.command[0]}: {error.strerror}.") from error
        self.pid_file.write_text(f"{self.process.pid} {token}\n")
        self.wait_until_ready()
        return True

    def wait_until_ready(self):
        deadline = time.monotonic() + self.start_seconds
        while True:
            self.check_alive("stopped while starting")
            if self.ready():
                return
            if time.monotonic() > deadline:
                raise self._failure(f"was not ready after {self.start_seconds} s")
            time.sleep(0.1)

    def check_alive(self, what="stopped unexpectedly"):
        """Raises a Failure with the log's last sentence when the process is gone."""
        status = self.process.poll() if self.process else None
        if status is None and self.pid() is not None:
            return
        if status is None:
            cause = ""
        elif status < 0:
            cause = f" (signal {signal.Signals(-status).name})"
        else:
            cause = f" (exit status {status})"
        raise self._failure(f"{what}{cause}")

    def stop(self):
        """Stops it by its signal, and SIGKILL when that does not help in time. Returns False when it did not run."""
        pid = self.pid()
        if pid is None:
            self.pid_file.unlink(missing_ok=True)
            return False
        for number, seconds in ((self.stop_signal, self.stop_seconds), (signal.SIGKILL, 10)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                if self.pid() is None:
                    self.pid_file.unlink(missing_ok=True)
                    return True
                time.sleep(0.05)
        raise Failure(f"{self.title} (pid {pid}) does not stop, not even when killed.")
