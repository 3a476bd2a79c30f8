"""`scripts/servers`: starts, stops and shows the local platform's servers."""

import argparse
import shlex
import signal
import sys

from .layout import Failure, read_settings, say
from .servers import NAMES, Servers

DESCRIPTION = """\
Starts, stops and shows the servers of a profile.

  local (default)  the platform people use: documented ports, data kept in .platform/local
  any other name   a separate platform on free ports with its data in .platform/NAME, for tests

A server that the environment or .env names (CLICKHOUSE_URL, KAFKA_BROKERS, S3_ENDPOINT, REDIS_URL, USERS_DATABASE_URL, …) is
not started for `local`.
Pids are in .platform/PROFILE/NAME.pid, logs in .platform/PROFILE/NAME.log."""


def parser():
    top = argparse.ArgumentParser(prog="scripts/servers", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    texts = {
        "start": "start servers (by default all; what events need on their way for other profiles) and wait until each is ready; one that runs is left alone",
        "stop": "stop servers (all by default)",
        "status": "say which servers run; exit 0 if all do, 2 if not",
        "env": "print `export NAME=value` lines that lead programs to the profile's servers",
        "forget": "delete the data, logs and ports of a stopped profile",
    }
    for name, text in texts.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--profile", default="local", help="local (default) or a name of your choice")
        if name in ("start", "stop"):
            command.add_argument("servers", nargs="*", metavar="SERVER", help=f"any of: {', '.join(NAMES)}")
        if name == "start":
            command.add_argument("--storage", choices=("memory", "s3"), help="where the broker keeps its log; fixed at a profile's first start (default: memory; local: always s3)")
        if name == "forget":
            command.add_argument("--stop", action="store_true", help="stop its servers first")
    return top


def run(options):
    settings = read_settings()
    servers = Servers(options.profile, settings, getattr(options, "storage", None))
    external = servers.external() if servers.is_local else frozenset()
    for name in getattr(options, "servers", []):
        if name not in NAMES:
            raise Failure(f"There is no server {name!r}; there are {', '.join(NAMES)}.")
    if options.command == "start":
        started = []
        try:
            for name, fresh, daemon in servers.start(options.servers or servers.wanted(external), external=external, started=started):
                say(f"{daemon.title} {'is ready' if fresh else 'runs already'} (pid {daemon.pid()})")
        except BaseException:
            for daemon in reversed(started):
                daemon.stop()
            raise
    elif options.command == "stop":
        for name in servers.stop(options.servers or NAMES):
            say(f"{name} stopped")
    elif options.command == "status":
        running = dict(servers.running())
        for name in servers.wanted(external):
            print(f"{name}: {'pid ' + str(running[name]) if name in running else 'not running'}")
        return 0 if set(servers.wanted(external)) <= set(running) else 2
    elif options.command == "env":
        for name, value in servers.environment(external).items():
            print(f"export {name}={shlex.quote(value)}")
    elif options.command == "forget":
        if options.stop:
            servers.stop()
        servers.forget()
    return 0


def main():
    # A test's thread has signals blocked, which its children inherit: a server would not hear that it is to stop, and be killed
    # after 30 s.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    try:
        sys.exit(run(parser().parse_args()))
    except Failure as failure:
        sys.exit(f"scripts/servers: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
