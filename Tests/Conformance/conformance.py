"""`make conformance`: Schemathesis tries what every service declares in its OpenAPI, through the gateway, with all checks."""

import argparse
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from platform_tools import wheels
from platform_tools.bring_up import bring_up
from platform_tools.layout import BINARY, PLATFORM, ROOT, Failure, read_settings, say
from platform_tools.servers import NAMES, ON_DEMAND, Servers
from platform_tools.session import Session, ended, only_one

PROFILE = "conformance"
SERVICES = ("auth", "users", "decks", "analytics")
PASSWORD = "correct-horse-battery-7"

DESCRIPTION = """\
Starts the whole platform on ports of its own and has Schemathesis (pinned in scripts/wheels-schemathesis.txt) try every
operation of every service through the gateway, as a manager (of analytics with a key of its own): what the documents allow must be accepted, what they forbid
refused, every answer be one that is declared, and none a 5xx. Tests/Conformance/schemathesis.toml says which checks know
exceptions, and why.

Exit status 0: no failure. 1: some; they are printed with a curl line each. 2: it could not be run."""


def parser():
    top = argparse.ArgumentParser(prog="scripts/conformance", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("services", nargs="*", metavar="SERVICE", help=f"any of: {', '.join(SERVICES)} (default: all)")
    top.add_argument("--examples", type=int, default=20, metavar="N", help="generated requests of each kind for an operation (default 20)")
    top.add_argument("--seed", type=int, default=1, help="decides what is generated (default 1)")
    return top


def ask(method, url, body, headers=None):
    """The JSON that a request is answered with."""
    request = urllib.request.Request(url, data=json.dumps(body).encode() if body is not None else None, method=method)
    for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
        request.add_header(name, value)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
        return json.loads(answer.read() or b"null")


def for_services(base):
    """The operations that only the platform's own services may call: through the gateway there is nothing at their paths."""
    document = ask("GET", f"{base}/openapi.json", None)
    return [
        operation["operationId"] for path in document["paths"].values() for operation in path.values()
        if isinstance(operation, dict) and operation.get("security") == [{"service": []}]
    ]


def run_one(service, base, token, options, folder):
    """Whether a service does as it says."""
    say(f"Trying the {service} service")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", Path(__file__).with_name("schemathesis.toml")]
    command += ["run", f"{base}/openapi.json", "--url", base, "--checks", "all"]
    command += ["--max-examples", options.examples, "--seed", options.seed, "--request-timeout", "20", "--no-color"]
    command += ["--header", f"Authorization: Bearer {token}"]
    command += [f"--exclude-operation-id={name}" for name in for_services(base)]
    environment = {**os.environ, "PYTHONPATH": wheels.python_path(wheels.SCHEMATHESIS_PINS), "PYTHONDONTWRITEBYTECODE": "1", "NO_PROXY": "*"}
    return subprocess.run([str(part) for part in command], env=environment, cwd=folder, stdin=subprocess.DEVNULL).returncode == 0


def campaign(options):
    if not BINARY.is_file():
        raise Failure(f"{BINARY.relative_to(ROOT)} does not exist; run `make build` first.")
    for service in options.services:
        if service not in SERVICES:
            raise Failure(f"There is no service {service!r}; there are {', '.join(SERVICES)}.")
    settings = read_settings(path=ROOT / ".no-env-file")
    stale = Servers(PROFILE, settings)
    stale.stop()
    stale.forget()
    servers = Servers(PROFILE, settings)
    # So many requests, and some of them are logins, come from one address.
    settings = {**settings, "GATEWAY_RATE_LIMIT": "100000", "LOG_LEVEL": "warning"}
    failed = []
    with only_one(PLATFORM / "conformance-session", "`make conformance`"), Session() as session:
        environment = bring_up(session, servers, settings, [name for name in NAMES if name not in ON_DEMAND])
        gateway = f"http://127.0.0.1:{environment['GATEWAY_PORT']}"
        for service in options.services or SERVICES:
            if service == "analytics":  # it asks for a key of its own, which the gateway would take for a bad token
                base, token = f"http://127.0.0.1:{environment['ANALYTICS_PORT']}/api", "local-dashboard-key"
            else:
                # One for each service: some operations change or delete whoever calls them.
                manager = {"email": f"{service}@conformance.example", "password": PASSWORD}
                command = [BINARY, "users", "add-manager", "--email", manager["email"], "--name", "Con", "--surname", "Formance"]
                session.run(command, environment, text=PASSWORD + "\n")
                base, token = f"{gateway}/{service}", ask("POST", f"{gateway}/auth/login", manager)["access"]
            if not run_one(service, base, token, options, servers.folder):
                failed.append(service)
            session.check()
    if failed:
        say(f"Not as they say: {', '.join(failed)}; logs are in {servers.folder} until the next run")
        return 1
    servers.forget()
    say("Every service does as it says")
    return 0


def main():
    options = parser().parse_args()
    ended("scripts/conformance", lambda: campaign(options), failed=2)


if __name__ == "__main__":
    main()
