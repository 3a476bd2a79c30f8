"""The processes that suffer: each is killed, frozen or stopped on purpose, and comes back; an end of its own is noted."""

import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

from platform_tools.daemon import Daemon
from platform_tools.layout import BINARY

CATCHING_SECONDS = 5


class Target:
    """A daemon and whether its being down is our doing. `clock`, if it has one, is what it takes for the time."""

    def __init__(self, daemon, clock=None):
        daemon.keeps_log = True
        if clock:
            daemon.environment = {**daemon.environment, **clock.environment}
        self.daemon, self.clock = daemon, clock
        self.name = daemon.name
        self.lock = threading.RLock()  # held while a fault is being done to it
        self.complaints = []  # what it did that it must not

    @property
    def log_file(self):
        return self.daemon.log_file

    def start(self):
        self.daemon.start(tied=True)

    def kill(self):
        """kill -9. Whether it was alive to die of it."""
        if not self._signal(signal.SIGKILL):
            return False
        status = self.daemon.process.wait()
        if status != -signal.SIGKILL:
            self._complain(f"ended with status {status} just before it was killed")
        return status == -signal.SIGKILL

    def freeze(self):
        """kill -STOP. Whether it was alive."""
        return self._signal(signal.SIGSTOP)

    def thaw(self):
        return self._signal(signal.SIGCONT)

    def stop(self, seconds):
        """SIGTERM; whether it ended with status 0 within `seconds`. Anything else is a complaint.

        A process that has just been started for another fault is given the time to begin to listen to signals: before its
        first instruction nothing can.
        """
        if not self._await_catching(signal.SIGTERM) or not self._signal(signal.SIGTERM):
            return False
        try:
            status = self.daemon.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self._complain(f"had not stopped {seconds:.0f} s after SIGTERM")
            self.daemon.process.kill()
            self.daemon.process.wait()
            return False
        if status != 0:
            self._complain(f"ended with status {status} after SIGTERM")
        return status == 0

    def check(self):
        """Notes an end that nobody asked for, and brings the process back so that the campaign goes on."""
        if not self.lock.acquire(blocking=False):
            return
        try:
            if not self.alive():
                self._complain(f"ended by itself with status {self.daemon.process.returncode}")
                self.start()
        finally:
            self.lock.release()

    def alive(self):
        return self.daemon.process is not None and self.daemon.process.poll() is None

    def _await_catching(self, number):
        """Whether the process has a handler of this signal; not to have one after a while is a complaint."""
        deadline = time.monotonic() + CATCHING_SECONDS
        while self.alive():
            status = Path(f"/proc/{self.daemon.process.pid}/status").read_text()
            caught = int(re.search(r"^SigCgt:\s*([0-9a-f]+)", status, re.MULTILINE)[1], 16)
            if caught >> (number - 1) & 1:
                return True
            if time.monotonic() > deadline:
                self._complain(f"did not listen to {signal.Signals(number).name} {CATCHING_SECONDS} s after its start")
                return False
            time.sleep(0.01)
        return True

    def _signal(self, number):
        if not self.alive():
            self._complain(f"had ended by itself with status {self.daemon.process.returncode}")
            return False
        os.kill(self.daemon.process.pid, number)
        return True

    def _complain(self, what):
        self.complaints.append(f"{time.strftime('%H:%M:%S', time.gmtime())} {self.daemon.title} {what} (log: {self.log_file})")


class Collector(Target):
    """One of the group. `decoder` is a setting that changes the fingerprint of what it makes of messages, and nothing else
    that is compared."""

    def __init__(self, number, folder, environment, link, clock):
        self.environment = {**environment, "CLICKHOUSE_URL": f"http://127.0.0.1:{link.port}", "COLLECTOR_PORT": "0"}
        self.decoder = 0
        name = f"collector-{number}"
        # It is at work or not: nobody waits until it is.
        super().__init__(Daemon(name, f"Collector {number}", folder, [BINARY, "collector"], lambda: True, {}, dict(self.environment)), clock)
        self.link = link

    def upgrade(self):
        """From its next start on, another version of the decoder, as far as the ledger can tell."""
        self.decoder += 1
        self.daemon.environment["EMAIL_KEEP_ADDRESSES"] = "true" if self.decoder % 2 else "false"
