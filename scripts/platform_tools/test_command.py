"""`scripts/test`: runs the built tests beside servers of their own, on ports of their own, with data that is thrown away."""

import signal
import subprocess
import sys

from .layout import BINARY, PLATFORM, ROOT, Failure, read_settings, say
from .servers import TEST_PROFILE as PROFILE
from .servers import Servers
from .session import Interrupted, Session, end, ended, only_one

RECORDED = ROOT.parent / "shared" / "data" / "oulad" / "events.ndjson.gz"


def profiles():
    """The profiles that exist beside the one people use."""
    return {file.parent.name for file in PLATFORM.glob("*/state.json")}


def test_scripts():
    """The tests of the scripts themselves; they need no server and end in a moment."""
    status = subprocess.run([sys.executable, "-m", "unittest", "discover", "--start-directory", str(ROOT / "Tests" / "Scripts")]).returncode
    if status != 0:
        raise Failure("The tests of the scripts failed (see above).")


def run(arguments):
    if not arguments:
        test_scripts()
    settings = read_settings(path=ROOT / ".no-env-file")  # tests must not depend on one developer's .env
    Servers(PROFILE, settings).stop()
    Servers(PROFILE, settings).forget()
    servers = Servers(PROFILE, settings)
    external = servers.external()
    before = profiles()
    with Session() as session:
        for name in servers.wanted(external):
            session.start(servers.daemon(name, external))
        environment = {**settings, **servers.environment(external)}
        # Whoever sends to a topic that is not there makes one, with as many partitions as the broker likes.
        with (servers.folder / "topics.log").open("wb") as output:
            session.run([BINARY, "topics", "apply"], environment, output=output)
        if RECORDED.is_file():
            environment.setdefault("KARTOTEKA_OULAD", str(RECORDED))
        command = ["swift", "test", "--configuration", "release", "--skip-build", "--no-parallel", *arguments]
        say(f"Running: {' '.join(command)}")
        try:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
            status = process.wait()
        except Interrupted:
            end(process)
            raise
        finally:
            for name in profiles() - before:  # made by tests that crash servers of their own
                Servers(name, settings).stop()
                Servers(name, settings).forget()
    if status < 0:
        raise Failure(f"The tests were ended by {signal.Signals(-status).name}.")
    if status == 0:
        servers.forget()
    else:
        say(f"The servers' logs are in {servers.folder} until the next run")
    return status


def work():
    with only_one(PLATFORM, "`make test`"):
        return run(sys.argv[1:])


def main():
    ended("scripts/test", work)


if __name__ == "__main__":
    main()
