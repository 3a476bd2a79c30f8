"""The campaign's proxy knows an INSERT however its statement is written, and whose partition it is of."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Chaos"))
from link import BODY_INSERT, URL_INSERT, partition_of  # noqa: E402


class Link(unittest.TestCase):
    def test_statements_in_the_address(self):
        for text in (
            b"POST /?database=analytics&query=INSERT%20INTO%20events%20%28topic%29%20SELECT%20topic%20FROM%20input%28%27%27%29 HTTP/1.1",
            b"POST /?query=INSERT%20INTO%20events%20%28lease%2C%20topic%29%20FORMAT%20Native&database=analytics HTTP/1.1",
            b"POST /?query=INSERT+INTO+analytics.events+FORMAT+Native HTTP/1.1",
            b"POST /?query=%0A%20insert%20into%20table%20%60events%60%20FORMAT%20Native HTTP/1.1",
        ):
            self.assertEqual(URL_INSERT.search(text)[1], b"events", text)
        self.assertIsNone(URL_INSERT.search(b"POST /?query=SELECT%20%27INSERT%20INTO%20events%27 HTTP/1.1"))

    def test_statements_in_the_body(self):
        self.assertEqual(BODY_INSERT.match(b"\n  INSERT INTO ranges\n  SELECT 1")[1], b"ranges")
        self.assertIsNone(BODY_INSERT.match(b"SELECT 1"))

    def test_the_token_names_the_partition(self):
        line = b"POST /?insert_deduplicate=1&insert_deduplication_token=learning.events%2F3%2F0-1000&query=INSERT%20INTO%20events HTTP/1.1"
        self.assertEqual(partition_of(line), "learning.events/3")
        self.assertIsNone(partition_of(b"POST /?query=INSERT%20INTO%20events HTTP/1.1"))


if __name__ == "__main__":
    unittest.main()
