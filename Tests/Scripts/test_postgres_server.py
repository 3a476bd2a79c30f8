"""Where a Postgres server keeps its data, and what is left of one that was killed."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from platform_tools import postgres_server
from platform_tools.daemon import last_word

LOG = """\
2026-11-25 18:00:00.000 UTC [1] LOG:  starting PostgreSQL 15.18
2026-11-25 18:00:00.001 UTC [1] FATAL:  could not create any TCP/IP sockets
2026-11-25 18:00:00.002 UTC [1] LOG:  database system is shut down
"""


class Home(unittest.TestCase):
    def test_in_the_profile_unless_roots_clone_is_closed(self):
        with tempfile.TemporaryDirectory() as folder:
            profile = Path(folder) / "clone" / ".platform" / "test"
            profile.mkdir(parents=True)
            os.chmod(folder, 0o755)
            inside = profile / "data" / "postgres-users"
            with mock.patch("os.geteuid", return_value=0):
                self.assertEqual(postgres_server.home(profile, "postgres-users"), inside)
                os.chmod(folder, 0o700)
                self.assertEqual(postgres_server.home(profile, "postgres-users"), postgres_server.elsewhere(profile) / "postgres-users")
            with mock.patch("os.geteuid", return_value=1000):
                self.assertEqual(postgres_server.home(profile, "postgres-users"), inside)


class Leftovers(unittest.TestCase):
    def test_what_works_in_the_cluster_is_ended(self):
        with tempfile.TemporaryDirectory() as cluster, tempfile.TemporaryDirectory() as other:
            ours, foreign = (subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], cwd=folder) for folder in (cluster, other))
            try:
                self.assertEqual(postgres_server.processes(cluster), [ours.pid])
                started = time.monotonic()
                with self.assertRaises(TimeoutError), mock.patch("time.sleep", side_effect=TimeoutError):
                    postgres_server.end_leftovers(cluster)
                self.assertIsNone(ours.poll())
                with mock.patch("time.sleep", side_effect=lambda _: ours.wait()):
                    postgres_server.end_leftovers(cluster, seconds=-1)
                self.assertEqual(ours.wait(), -9)
                self.assertIsNone(foreign.poll())
                self.assertLess(time.monotonic() - started, 30)
            finally:
                for process in (ours, foreign):
                    process.kill()
                    process.wait()

    def test_a_failure_is_told_by_its_fatal_line(self):
        self.assertIn("FATAL:  could not create any TCP/IP sockets", last_word(LOG))


if __name__ == "__main__":
    unittest.main()
