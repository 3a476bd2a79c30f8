"""The benchmark's verdict: which thresholds are met, which are missed and named, and that each figure has one."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Benchmarks" / "throughput"))
from bounds import ENGINE, FLOOR_1, FLOOR_2, figures, judge, read_thresholds, table  # noqa: E402


def run(**changes):
    """The figures of three runs that meet everything, the middle one being the median; `changes` to the collector's."""
    ours = {"own": 1.1, "together": 3.0, "rate": 700_000, "memory": 200, "first_claim": 3.8, **changes}
    throughput = {
        "collector": [{key: value * factor for key, value in ours.items()} for factor in (0.9, 1, 1.1)],
        FLOOR_1: [{"together": 0.5, "rate": 600_000}],
        FLOOR_2: [{"together": 1.2, "rate": 800_000}],
        ENGINE: [{"together": 30.0, "rate": 60_000}],
    }
    return throughput, [{"p50": 0.5, "p99": 0.9, "inserts": 1.5}]


def missed(throughput, latency):
    return [verdict.threshold.name for verdict in judge(throughput, latency) if not verdict.met]


class Bounds(unittest.TestCase):
    def test_all_met(self):
        self.assertEqual(missed(*run()), [])

    def test_each_threshold_has_a_figure_and_each_figure_a_threshold(self):
        self.assertEqual(figures(*run()).keys(), read_thresholds().keys())

    def test_the_whole_is_a_ratio_of_both_floors(self):
        self.assertEqual(missed(*run(together=1.7 * 1.89)), [])
        self.assertEqual(missed(*run(together=1.7 * 1.91)), ["together"])
        (verdict,) = [verdict for verdict in judge(*run()) if verdict.threshold.name == "together"]
        self.assertIn("3.00 µs of 0.50 + 1.20", "\n".join(table([verdict])))

    def test_a_machine_twice_as_slow_misses_no_ratio(self):
        throughput, latency = run()
        for results in throughput.values():
            for result in results:
                for key in ("own", "together"):
                    result[key] = result.get(key, 0) * 2
                result["rate"] /= 1.3
        self.assertEqual(missed(throughput, latency), [])

    def test_several_are_named(self):
        self.assertEqual(missed(*run(own=1.3, rate=400_000, memory=250)), ["collector", "rate", "memory"])

    def test_memory_is_the_largest_of_all_runs(self):
        self.assertEqual(missed(*run(memory=235)), ["memory"])

    def test_what_was_not_measured_is_not_judged(self):
        throughput, _ = run()
        self.assertEqual([verdict.threshold.name for verdict in judge({"collector": throughput["collector"]}, [])], ["rate", "memory", "first_claim"])
        self.assertEqual(judge({}, []), [])
        self.assertEqual(table([]), [])

    def test_a_figure_without_a_threshold_is_an_error(self):
        with self.assertRaises(ValueError):
            judge(*run(), thresholds={})

    def test_a_threshold_is_most_or_least(self):
        for text in ('[a]\ntitle = "a"\n', '[a]\ntitle = "a"\nmost = 1\nleast = 2\n'):
            with self.assertRaises(ValueError):
                read_thresholds(text)


if __name__ == "__main__":
    unittest.main()
