"""The services' benchmark: its verdict, and how it reads what Postgres logs."""

import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Benchmarks" / "throughput"), str(ROOT / "Benchmarks" / "services")]
from bounds import table  # noqa: E402
from figures import ENDPOINTS, figures, judge, thresholds  # noqa: E402
from wrk import summary  # noqa: E402
from people import percentile  # noqa: E402
from platform_tools.layout import Failure  # noqa: E402
from sameness import comparable, statements  # noqa: E402

COSTS = {"list ours": 50, "list peer": 220, "detail ours": 55, "detail peer": 240, "unchanged ours": 12, "unchanged peer": 110, "answer ours": 70, "answer peer": 390, "gateway ours": 40, "gateway peer": 20}


def run(**changes):
    """The figures of three runs that meet everything, the middle one being the median."""

    def three(**values):
        return [{key: value * factor for key, value in values.items()} for factor in (0.9, 1, 1.1)]

    costs = {**COSTS, **{name: value for name, value in changes.items() if name in COSTS}}
    return {
        **{name: three(cpu=value, relay=10) for name, value in costs.items()},
        "login": three(cpu=changes.get("login", 15_000), rate=100, p99_without=4, p99_during=changes.get("during", 8)),
        "drain": three(rate=changes.get("drain", 30_000), cpu=20),
        "committed": three(rate=1000, p50=changes.get("p50", 5), p99=changes.get("p99", 30)),
        "visible": three(p50=0.6, p99=changes.get("visible", 1.2)),
        "memory": {"gateway": {"resident": 30, "peak": 90}, "decks": {"resident": changes.get("memory", 60), "peak": 70}},
    }


def missed(found):
    return [verdict.threshold.name for verdict in judge(found) if not verdict.met]


class Figures(unittest.TestCase):
    def test_all_met(self):
        self.assertEqual(missed(run()), [])

    def test_each_threshold_has_a_figure_and_each_figure_a_threshold(self):
        self.assertEqual(figures(run()).keys(), thresholds().keys())

    def test_each_is_missed_alone(self):
        worse = {
            "list": {"list ours": 56}, "detail": {"detail peer": 210}, "unchanged": {"unchanged ours": 14}, "answer": {"answer ours": 80},
            "gateway": {"gateway ours": 51}, "login": {"login": 17_000}, "login_p99": {"during": 9.5}, "relay_rate": {"drain": 19_000},
            "relay_p50": {"p50": 11}, "relay_p99": {"p99": 51}, "visible_p99": {"visible": 1.7}, "memory": {"memory": 65},
        }  # fmt: skip
        self.assertEqual(worse.keys(), thresholds().keys())
        for name, changes in worse.items():
            self.assertEqual(missed(run(**changes)), [name])

    def test_a_machine_twice_as_slow_misses_no_ratio(self):
        found = run()
        for name in COSTS:
            for result in found[name]:
                result["cpu"] *= 2
        self.assertEqual(missed(found), [])

    def test_what_was_not_measured_is_not_judged(self):
        found = {name: results for name, results in run().items() if name.startswith("list")}
        self.assertEqual([verdict.threshold.name for verdict in judge(found)], ["list"])
        self.assertIn("220 µs, ours 50.0", "\n".join(table(judge(found))))

    def test_every_endpoint_is_compared(self):
        self.assertTrue({f"{name} {side}" for name in ENDPOINTS for side in ("ours", "peer")} <= COSTS.keys())


class Reading(unittest.TestCase):
    def test_statements_of_a_log(self):
        text = (
            "2026-11-26 00:56:39.626 UTC [23] LOG:  execute 3 decks.seen: SELECT a,\n\t  b\n\tFROM c\n"
            "2026-11-26 00:56:39.626 UTC [23] DETAIL:  parameters: $1 = 'x'\n"
            "2026-11-26 00:56:39.627 UTC [24] LOG:  execute <unnamed>: BEGIN\n"
            "2026-11-26 00:56:39.627 UTC [24] LOG:  statement: COMMIT\n"
            "2026-11-26 00:56:39.628 UTC [24] LOG:  checkpoint starting: time\n"
        )
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log"
            log.write_text("before\n" + text)
            self.assertEqual(statements(log, 7), [("decks.seen", "SELECT a,\n  b\nFROM c"), (None, "BEGIN"), (None, "COMMIT")])

    def test_times_are_compared_as_times(self):
        self.assertEqual(comparable([{"at": "2026-11-26T00:00:00.500Z"}]), comparable([{"at": "2026-11-26T00:00:00.500000Z"}]))
        self.assertNotEqual(comparable("2026-11-26T00:00:00.500Z"), comparable("2026-11-26T00:00:00.501Z"))

    def test_failed_requests_are_no_figures(self):
        good = '{"requests": 10, "seconds": 2.0, "failed": 0, "p50": 5, "p99": 9}'
        self.assertEqual(summary("x", f"Running …\n{good}\n")["rate"], 5)
        for output in (good.replace('"failed": 0', '"failed": 1'), good.replace('"requests": 10', '"requests": 0'), "unable to connect", ""):
            with self.assertRaises(Failure):
                summary("x", output)

    def test_percentile(self):
        self.assertEqual([percentile(range(1, 101), share) for share in (0.5, 0.99)], [51, 100])
        self.assertEqual(percentile([7], 0.99), 7)


if __name__ == "__main__":
    unittest.main()
