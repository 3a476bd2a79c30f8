"""Which servers a profile starts, and the environment that leads to them."""

import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from platform_tools.layout import Failure
from platform_tools.servers import DATABASES, Servers


class Profiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.platform = Path(folder.name)
        patch = mock.patch("platform_tools.servers.PLATFORM", self.platform)
        patch.start()
        self.addCleanup(patch.stop)

    def test_the_platform_has_all(self):
        self.assertEqual(Servers("local", {}).wanted(), ["clickhouse", "s3", "kafka", "redis", *DATABASES])
        self.assertEqual(Servers("mine", {}).wanted(), ["clickhouse", "kafka"])

    def test_tests_have_all(self):
        self.assertEqual(Servers("test", {}).wanted(), ["clickhouse", "s3", "kafka", "redis", *DATABASES])

    def test_a_server_that_is_named_is_not_started(self):
        servers = Servers("test", {"REDIS_URL": "redis://redis.internal", "S3_ENDPOINT": "http://s3.internal"})
        external = servers.external()
        self.assertEqual(servers.wanted(external), ["clickhouse", "kafka", *DATABASES])
        self.assertFalse({"REDIS_URL", "S3_ENDPOINT"} & servers.environment(external).keys())

    def test_services_are_found_by_their_ports(self):
        mine = Servers("mine", {})
        environment = mine.environment()
        self.assertEqual(environment["DECKS_PORT"], str(mine.ports["decks"]))
        self.assertEqual(environment["DECKS_URL"], f"http://127.0.0.1:{mine.ports['decks']}")
        self.assertNotIn("DECKS_PORT", Servers("local", {}).environment())

    def test_no_service_waits_for_traffic_to_turn_elsewhere(self):
        self.assertEqual(Servers("local", {}).environment()["DRAIN_SECONDS"], "0")
        self.assertNotIn("DRAIN_SECONDS", Servers("local", {"DRAIN_SECONDS": "3"}).environment())

    def test_a_profile_with_too_few_ports_is_refused(self):
        Servers("mine", {})
        file = self.platform / "mine" / "state.json"
        state = json.loads(file.read_text())
        state["ports"] = {f"old{i}": state["base"] + i for i in range(30)}
        file.write_text(json.dumps(state))
        with self.assertRaises(Failure):
            Servers("mine", {})

    def test_redis_is_told_of(self):
        self.assertEqual(Servers("local", {}).environment()["REDIS_URL"], "redis://127.0.0.1:6378")
        mine = Servers("mine", {})
        self.assertEqual(mine.environment()["REDIS_URL"], f"redis://127.0.0.1:{mine.ports['redis']}")
        self.assertEqual(len(set(mine.ports.values())), len(mine.ports))

    def test_a_profile_of_an_earlier_version_gets_the_ports_it_lacks(self):
        before = Servers("mine", {}).ports
        file = self.platform / "mine" / "state.json"
        state = json.loads(file.read_text())
        del state["ports"]["redis"]
        file.write_text(json.dumps(state))
        after = Servers("mine", {}).ports
        self.assertEqual(after.keys(), before.keys())
        self.assertEqual(len(set(after.values())), len(after))
        self.assertEqual({**after, "redis": 0}, {**before, "redis": 0})


if __name__ == "__main__":
    sys.exit(unittest.main())
