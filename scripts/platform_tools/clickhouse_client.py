"""Benchmarks' and the fault campaign's own way to ClickHouse: plain HTTP as the administrator of the test server."""

import urllib.error
import urllib.parse
import urllib.request

from .layout import Failure

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ClickHouse:
    def __init__(self, url, database):
        self.url, self.database = url, database

    def execute(self, sql, body=None, **settings):
        """Runs one statement and returns the answer's bytes; `body` is the data of an INSERT."""
        with self._open(sql, body, settings) as response:
            return response.read()

    def lines(self, sql, **settings):
        """Runs one question and yields the lines of its answer, as bytes, while they come."""
        with self._open(sql, None, settings) as response:
            for line in response:
                yield line.rstrip(b"\n")

    def number(self, sql, **settings):
        return int(self.execute(sql, **settings))

    def drop(self):
        """Drops the database; from another, since this one may not exist."""
        ClickHouse(self.url, "default").execute(f"DROP DATABASE IF EXISTS {self.database} SYNC")

    def _open(self, sql, body, settings):
        query = urllib.parse.urlencode({"database": self.database, "log_queries": 0, **settings, **({"query": sql} if body is not None else {})})
        request = urllib.request.Request(f"{self.url}/?{query}", data=sql.encode() if body is None else body)
        try:
            return OPENER.open(request, timeout=300)
        except urllib.error.HTTPError as error:
            raise Failure(f"ClickHouse refused a statement: {error.read().decode(errors='replace').strip()}") from None
