"""A server that fails is one sentence: which, the last it said, its log's path."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

from platform_tools.daemon import Daemon, last_word
from platform_tools.layout import Failure

CLICKHOUSE = """\
2026.11.25 14:53:38.7 [ 25443 ] {} <Information> Application: starting up
2026.11.25 14:53:38.7 [ 25443 ] {} <Error> Application: DB::Exception: Effective user of the process (root) does not match the owner of the data (user). Run under 'sudo -u user'., Stack trace (when copying this message, always include the lines below):

0. DB::Exception::Exception(DB::Exception::MessageMasked&&, int, bool) @ 0x000000000db6a30b
1. Poco::Util::Application::run() @ 0x00000000202f1426
 (version 25.5.2.1)
2026.11.25 14:53:38.8 [ 25443 ] {} <Information> Application: shutting down
"""
SEAWEEDFS = """\
I1125 14:53:39.027754 master.go:200 current: 127.0.0.1
F1125 14:53:39.027754 filer.go:244 listen unix /tmp/seaweedfs-filer-19007.sock: bind: address already in use
goroutine 1 [running]:
main.main()
        /home/runner/work/main.go:1 +0x1d
created by net/http.error in goroutine 5
"""


class LastWord(unittest.TestCase):
    def test_clickhouse_without_its_frames_and_its_farewell(self):
        self.assertEqual(last_word(CLICKHOUSE), "<Error> Application: DB::Exception: Effective user of the process (root) does not match the owner of the data (user). Run under 'sudo -u user'.")

    def test_seaweedfs_without_its_goroutines(self):
        self.assertTrue(last_word(SEAWEEDFS).endswith("bind: address already in use"))

    def test_no_complaint_is_the_last_line(self):
        self.assertEqual(last_word("one\ntwo\n\n"), "two")
        self.assertIsNone(last_word("\n"))


class Failing(unittest.TestCase):
    def test_one_sentence(self):
        with tempfile.TemporaryDirectory() as folder:
            daemon = Daemon("it", "The server", folder, ["/bin/sh", "-c", "echo no space left; exit 3"], lambda: False, {})
            with self.assertRaises(Failure) as failed:
                daemon.start(tied=True)
            self.assertEqual(str(failed.exception), f"The server stopped while starting (exit status 3): no space left (log: {folder}/it.log).")


class Known(unittest.TestCase):
    def test_again_by_its_token_wherever_the_folder_is(self):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
            daemon = Daemon("it", "The server", folder, ["/bin/sleep", "60"], lambda: True, {})
            daemon.start(tied=True)
            os.rmdir(other)
            os.symlink(folder, other)
            same = Daemon("it", "it", other, [], None, {})
            self.assertEqual(same.pid(), daemon.process.pid)
            self.assertTrue((Path(folder) / "tmp" / "it").is_dir())
            (Path(folder) / "it.pid").write_text(f"{os.getpid()} 0123456789abcdef\n")  # a recycled pid
            self.assertIsNone(same.pid())
            daemon.process.kill()
            daemon.process.wait()
            os.unlink(other)
            os.mkdir(other)


if __name__ == "__main__":
    sys.exit(unittest.main())
