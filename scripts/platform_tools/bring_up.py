"""All of the platform, in the order in which its parts need each other."""

from .layout import BINARY, say
from .roles import ROLES, WITH_DATABASE
from .services import service


def bring_up(session, servers, settings, names=None):
    """Starts the servers `names` (by default those the profile wants) and every role; returns the environment that leads
    programs to them."""
    external = servers.external()
    for name in sorted(external):
        say(f"Using the {name} that the settings name; starting none")
    for name in names or servers.wanted(external):
        if name not in external:
            session.start(servers.daemon(name, external))
    environment = {**settings, **servers.environment(external)}
    say("Migrating ClickHouse")
    session.run([BINARY, "migrate", "up"], environment)
    for role in WITH_DATABASE:
        say(f"Migrating the database of the {role} service")
        session.run([BINARY, role, "migrate"], environment)
    say("Applying kafka/topics.yaml")
    session.run([BINARY, "topics", "apply"], environment)
    for role in ROLES:
        session.start(service(role, servers, environment))
    return environment
