"""A Postgres server of a profile, from Debian's package: its cluster is made at its first start, with one role that owns one
database of the same name.

Postgres refuses to run as root; root runs it as the package's account `postgres`. It listens on 127.0.0.1 only, and has no
socket in the file system.
"""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

from .daemon import Daemon, last_word
from .layout import Failure

PACKAGED = Path("/usr/lib/postgresql")
# Where the account may go when it may not go to the clone.
ELSEWHERE = Path("/var/lib/postgresql/kartoteka")
OLDEST = 15
SETTINGS = {
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "64MB",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
# Survives the server's death, not the machine's: for data that is thrown away.
CARELESS = {"fsync": "off", "full_page_writes": "off"}


class PostgresServer:
    """The server `name` of a profile in `folder`, whose role and database are both called `database`."""

    def __init__(self, name, folder, database, password, port, keeps_data):
        self.name, self.folder, self.database, self.password, self.port = name, Path(folder), database, password, port
        self.settings = {**SETTINGS, "port": str(port), **({} if keeps_data else CARELESS)}
        self.account = "postgres" if os.geteuid() == 0 else None
        self.home = home(folder, name)
        self.cluster = self.home / "cluster"

    def url(self):
        return f"postgresql://{self.database}:{self.password}@127.0.0.1:{self.port}/{self.database}"

    def daemon(self):
        programs = installed()
        options = [part for setting in self.settings.items() for part in ("-c", "=".join(setting))]
        return Daemon(
            self.name,
            f"Postgres ({self.database})",
            self.folder,
            [programs / "postgres", "-D", self.cluster, *options],
            lambda: self._is_ready(programs),
            {f"Postgres, {self.database}": self.port},
            {"LC_ALL": "C.UTF-8"},
            stop_signal=signal.SIGINT,  # SIGTERM would wait until the last client goes
            prepare=lambda: self._prepare(programs),
            account=self.account,
            cwd=self.home,
        )

    def _is_ready(self, programs):
        command = [programs / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={self.port}", "--timeout=2"]
        return subprocess.run(command, stdin=subprocess.DEVNULL).returncode == 0

    def _prepare(self, programs):
        """Makes the cluster, if there is none; else waits until nothing of a server that was killed is left."""
        if self.cluster.is_dir():
            end_leftovers(self.cluster)
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)  # a recycled pid would look like a running server
            return
        self.home.mkdir(parents=True, exist_ok=True)
        partial, password = self.home / "partial", self.home / "password"
        shutil.rmtree(partial, ignore_errors=True)
        password.touch(mode=0o600)
        password.write_text(os.urandom(24).hex() + "\n")  # the administrator's, which nobody need know: --single asks none
        if self.account:
            shutil.chown(self.home, self.account, self.account)
            shutil.chown(password, self.account, self.account)
        self._run(
            [programs / "initdb", "--pgdata", partial, "--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
            + ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        )
        password.unlink()
        self._run(
            [programs / "postgres", "--single", "-D", partial, "-c", "log_min_messages=error", "postgres"],
            f"CREATE ROLE {self.database} LOGIN CREATEDB PASSWORD '{self.password}'\nCREATE DATABASE {self.database} OWNER {self.database}\n",
        )
        partial.rename(self.cluster)

    def _run(self, command, text=""):
        account = {"user": self.account, "group": self.account, "extra_groups": []} if self.account else {}
        done = subprocess.run(
            command, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.home, env={**os.environ, "LC_ALL": "C.UTF-8"}, **account
        )
        if done.returncode != 0 or "ERROR:" in done.stdout:
            log = self.folder / f"{self.name}.log"
            log.write_text(done.stdout)
            said = last_word(done.stdout) or "it said nothing"
            raise Failure(f"Postgres ({self.database}) could not be set up: {said.rstrip('.')} (log: {log}).")


def installed():
    """The folder of the newest packaged Postgres's programs."""
    found = [folder for folder in PACKAGED.glob("*/bin") if folder.parent.name.isdigit() and (folder / "postgres").is_file()]
    newest = max(found, key=lambda folder: int(folder.parent.name), default=None)
    if newest is None or int(newest.parent.name) < OLDEST:
        raise Failure(f"Postgres {OLDEST} is not in {PACKAGED}: run `make setup`, or name servers (USERS_DATABASE_URL and so on).")
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            raise Failure("Postgres refuses to run as root, and there is no account postgres: run `make setup`.") from None
    return newest


def home(folder, name):
    """Where the server's data is: in the profile's folder, or, where root's clone is closed to the account `postgres`, in a
    folder of that account's."""
    inside = Path(folder) / "data" / name
    closed = any(parent.exists() and not parent.stat().st_mode & 0o001 for parent in inside.parents)
    return elsewhere(folder) / name if os.geteuid() == 0 and closed else inside


def elsewhere(folder):
    return ELSEWHERE / hashlib.sha256(str(folder).encode()).hexdigest()[:12]


def processes(cluster):
    """The pids that work in a cluster; a killed postmaster's children end by themselves, soon."""
    try:
        place = os.stat(cluster)
    except OSError:
        return []
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.path.samestat(os.stat(process / "cwd"), place):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def end_leftovers(cluster, seconds=10):
    deadline = time.monotonic() + seconds
    while left := processes(cluster):
        if time.monotonic() > deadline:
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
