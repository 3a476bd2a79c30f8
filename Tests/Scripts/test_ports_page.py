"""The README's ports are those that the scripts and the roles use, all of them, and Prometheus looks at the same."""

import re
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from platform_tools.layout import ROOT
from platform_tools.roles import ROLES
from platform_tools.servers import DATABASES, NAMES, Servers

TO_COME = {"operations page": 8080}


def table():
    """{port: what the README says of it}"""
    section = (ROOT / "README.md").read_text().partition("## Ports")[2].partition("\n## ")[0]
    found = {}
    for cells, what in re.findall(r"^\| ([\d, –]+) \| (.+) \|$", section, re.MULTILINE):
        for cell in cells.split(", "):
            first, _, last = cell.partition("–")
            for port in range(int(first), int(last or first) + 1):
                if port in found:
                    raise AssertionError(f"the README has port {port} twice")
                found[port] = what
    return found


class Ports(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        patch = mock.patch("platform_tools.servers.PLATFORM", Path(folder.name))
        patch.start()
        self.addCleanup(patch.stop)

    def test_the_readme_has_those_of_the_platform(self):
        servers = Servers("local", {})
        used = {port for _, _, port, _ in ROLES.values()} | set(TO_COME.values()) | set(servers.ports.values())
        with mock.patch("platform_tools.servers.packages.redis_server", return_value="redis"), mock.patch("platform_tools.servers.wheels") as wheels:
            wheels.system_clickhouse.return_value = "clickhouse"
            for name in NAMES:
                if name not in DATABASES:
                    used |= set(servers.daemon(name).ports.values())
        self.assertEqual(sorted(table()), sorted(used))

    def test_it_says_which_is_whose(self):
        says = table()
        for role, (_, _, port, _) in ROLES.items():
            self.assertTrue(says[port].startswith(role), f"{port}: {says[port]}")
        for what, port in TO_COME.items():
            self.assertRegex(says[port], f"{what}.*to come")

    def test_prometheus_looks_at_each_role(self):
        text = (ROOT / "prometheus" / "prometheus.yaml").read_text()
        jobs = re.findall(r'job_name: kartoteka-(\w+)\n +static_configs:\n +- targets: \["localhost:(\d+)"\]', text)
        self.assertEqual({role: int(port) for role, port in jobs}, {role: port for role, (_, _, port, _) in ROLES.items()})


if __name__ == "__main__":
    sys.exit(unittest.main())
