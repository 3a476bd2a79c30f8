"""`make conformance`: Schemathesis tries what every service declares in its OpenAPI, through the gateway, with all checks."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import identities
import known
import prepared
from platform_tools import wheels
from platform_tools.bring_up import bring_up
from platform_tools.layout import BINARY, PLATFORM, ROOT, Failure, read_settings, say
from platform_tools.servers import NAMES, Servers
from platform_tools.session import Session, ended, only_one

PROFILE = "conformance"
SERVICES = ("auth", "users", "decks", "teaching", "analytics")
# For one service, in seconds; a minute is usual.
LONGEST = 900
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")

DESCRIPTION = """\
Starts the whole platform on ports of its own and has Schemathesis (pinned in scripts/wheels-schemathesis.txt) try every
operation of every service through the gateway, as a learner, as nobody and as a manager: what the documents allow must be
accepted, what they forbid refused, every answer be one that is declared, none a 5xx, and no learner see what is another's.
Each operation has a request besides that must succeed (Tests/Conformance/prepared.py). Tests/Conformance/schemathesis.toml says
which checks know exceptions, and why.

Exit status 0: no failure. 1: some; they are printed with a curl line each. 2: it could not be run."""


def parser():
    top = argparse.ArgumentParser(prog="scripts/conformance", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("services", nargs="*", metavar="SERVICE", help=f"any of: {', '.join(SERVICES)} (default: all)")
    top.add_argument("--examples", type=int, default=20, metavar="N", help="generated requests of each kind for an operation (default 20)")
    top.add_argument("--seed", type=int, default=1, help="decides what is generated (default 1)")
    return top


def operations(document):
    """Those of an OpenAPI document, by their ids."""
    return {operation["operationId"]: operation for path in document["paths"].values() for operation in path.values()}


def for_services(document):
    """The operations that only the platform's own services may call: through the gateway there is nothing at their paths."""
    return [name for name, operation in operations(document).items() if operation.get("security") == [{"service": []}]]


def run_one(service, base, identity, requests, accounts, options, folder):
    """Whether a service does as it says.

    - Parameters:
      - identity: who asks, as a part of the configuration.
      - requests: the prepared ones.
      - accounts: their ids.
    """
    say(f"Trying the {service} service")
    document = identities.ask("GET", f"{base}/openapi.json")
    excluded = for_services(document)
    configuration = folder / f"schemathesis-{service}.toml"
    configuration.write_text(f"{CONFIGURATION.read_text()}\n{identity}\n")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", configuration, "run", f"{base}/openapi.json", "--url", base]
    command += ["--checks", "all", "--max-examples", options.examples, "--seed", options.seed, "--no-color"]
    command += [f"--exclude-operation-id={name}" for name in excluded]
    prepared_file, answers = (folder / f"{name}-{service}.json" for name in ("prepared", "answers"))
    prepared_file.write_text(json.dumps(requests))
    answers.write_text("{}")
    path = os.pathsep.join([str(CONFIGURATION.parent), wheels.python_path(wheels.SCHEMATHESIS_PINS)])  # of hooks.py, and of what it needs
    environment = {
        **os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "NO_PROXY": "*",
        "CONFORMANCE_PREPARED": str(prepared_file), "CONFORMANCE_ANSWERS": str(answers), "CONFORMANCE_ACCOUNTS": json.dumps(accounts),
    }
    command = [str(part) for part in command]
    try:
        status = subprocess.run(command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, timeout=LONGEST).returncode
    except subprocess.TimeoutExpired:
        raise Failure(f"The {service} service was not through within {LONGEST} s.") from None
    # Without a success little is known of what an operation answers.
    missed = without_success(set(operations(document)) - set(excluded), json.loads(answers.read_text()))
    for line in missed:
        say(f"{line} (of the {service} service: Tests/Conformance/prepared.py)")
    return status == 0 and not missed


def without_success(names, answers):
    """The operations whose prepared request did not succeed, a line each.

    - Parameter answers: by operation, the status and the text.
    """
    lines = []
    for name in sorted(names):
        status, text = answers.get(name, (None, None))
        if status is None:
            lines.append(f"{name} has no request that must succeed, or it was not sent")
        elif not 200 <= status < 300:
            lines.append(f"{name} was to succeed, and was answered {status} {text}")
    return lines


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
    # So many requests, and some of them are logins that fail, come from one address.
    settings = {**settings, "GATEWAY_RATE_LIMIT": "100000", "AUTH_FAILURES_PER_ADDRESS": "1000000", "LOG_LEVEL": "warning"}
    failed = []
    with only_one(PLATFORM / "conformance-session", "`make conformance`"), Session() as session:
        environment = bring_up(session, servers, settings, NAMES)
        gateway = f"http://127.0.0.1:{environment['GATEWAY_PORT']}"
        for service in options.services or SERVICES:
            accounts = identities.register(session, environment, gateway, service)
            identity = identities.configuration(servers.folder, gateway, service) + "\n" + known.configuration(gateway, service)
            requests = prepared.requests(gateway, service)
            if not run_one(service, f"{gateway}/{service}", identity, requests, accounts, options, servers.folder):
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
