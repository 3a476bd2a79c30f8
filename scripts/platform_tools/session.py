"""A foreground run on the platform: daemons it started, commands it runs meanwhile, and an end that leaves nothing behind."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time

from .layout import Failure, require_ours, say


class Interrupted(BaseException):
    """Someone asked us to end: Ctrl-C, SIGTERM or a closed terminal."""


def raise_on_signals():
    """Turns SIGINT, SIGTERM and SIGHUP into `Interrupted` in the main thread."""

    def interrupt(number, frame):
        raise Interrupted(signal.Signals(number).name)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def ended(script, work, failed=1):
    """Does a script's work and exits with the status that it returns, with 130 when it was interrupted, and with `failed`
    after a `Failure`, which is told under the script's name."""
    raise_on_signals()
    try:
        status = work()
    except Interrupted:
        status = 130
    except (Failure, OSError) as failure:
        print(f"{script}: {failure}", file=sys.stderr, flush=True)
        status = failed
    sys.exit(status)


@contextlib.contextmanager
def only_one(folder, what):
    """Holds the lock of `folder` for the time of the block; a second holder is refused."""
    require_ours(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "session.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise Failure(f"Another {what} runs in this folder (pid {lock.read().strip()}); stop it first.") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


class Session:
    """Daemons to watch and to stop. Use as a context: however the block ends, what was started here is stopped."""

    def __init__(self):
        self.started = []  # ours to stop, in order of start
        self.watched = []  # must live as long as we do

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # stopping is bounded in time, and a second Ctrl-C would cut it short
        for daemon in reversed(self.started):
            say(f"Stopping {daemon.title}")
            daemon.stop()

    def start(self, daemon):
        """Starts one daemon, or uses it where it is running already (and then leaves it running at the end)."""
        if daemon.pid() is None:
            self.started.append(daemon)
        fresh = daemon.start(tied=True)
        self.watched.append(daemon)
        say(f"{daemon.title} {'is ready' if fresh else 'runs already'} (pid {daemon.pid()}, log {daemon.log_file})")

    def stop(self, name):
        """Stops the daemon `name` before the end."""
        for daemon in [daemon for daemon in self.watched if daemon.name == name]:
            self.watched.remove(daemon)
            daemon.stop()
            if daemon in self.started:
                self.started.remove(daemon)

    def run(self, command, environment, check=True, output=None, text=None):
        """Runs a command to its end and returns its status; fails early when a daemon dies meanwhile.

        What it prints is seen as it comes, or goes to the open file `output`; `text` is what it reads.
        """
        command = [str(part) for part in command]
        source = subprocess.DEVNULL if text is None else subprocess.PIPE
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdin=source, stdout=output)
        try:
            if text is not None:
                process.stdin.write(text.encode())
                process.stdin.close()
            while True:
                try:
                    status = process.wait(timeout=0.5)
                    break
                except subprocess.TimeoutExpired:
                    self.check()
        except BaseException:
            end(process)
            raise
        if check and status != 0:
            self.check()
            raise Failure(f"`{' '.join([os.path.basename(command[0]), *command[1:]])}` failed with exit status {status} (see above).")
        return status

    def check(self):
        for daemon in self.watched:
            daemon.check_alive()

    def stay(self):
        """Returns never: watches the daemons until a signal comes or one of them dies."""
        while True:
            self.check()
            time.sleep(0.5)


def end(process, seconds=20):
    """Ends a child process of ours: SIGTERM, then SIGKILL."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
