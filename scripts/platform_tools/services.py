"""Kartoteka's own roles as daemons of the local platform."""

from .daemon import Daemon, answers
from .layout import BINARY, Failure
from .roles import ROLES
from .servers import Servers


def port_of(role, settings):
    _, name, default, _ = ROLES[role]
    text = settings.get(name) or str(default)
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Failure(f"{name} must be a port number, not {text!r}.")
    return int(text)


def service(role, servers: Servers, environment):
    """The daemon running `kartoteka ROLE`; ready when its /health/ready says so."""
    title, _, _, purpose = ROLES[role]
    port = port_of(role, environment)
    return Daemon(
        role,
        title,
        servers.folder,
        [BINARY, role],
        lambda: answers(f"http://127.0.0.1:{port}/health/ready"),
        {purpose: port},
        environment,
        start_seconds=90,
    )
