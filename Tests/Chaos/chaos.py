"""`make chaos`: real processes, faults without mercy, and then the count: nothing lost, nothing doubled."""

import argparse
import itertools
import json
import random

import plan
import report
from platform_tools.layout import BINARY, PLATFORM, ROOT, Failure, say
from platform_tools.session import ended, only_one
from run import Run

DESCRIPTION = """\
Starts ClickHouse, the broker on its S3 storage, and two collectors of one group, each behind a TCP proxy. While
`kartoteka load` sends events and poison, for so many seconds

  collectors       are killed (kill -9), frozen past their session's end (kill -STOP, -CONT), stopped (SIGTERM: must exit 0),
                   and killed to come back with another decoder's fingerprint
  INSERTs          are cut after some bytes, cut before the reply, cut while ClickHouse works, stalled, swallowed, or
                   delivered long after their collector saw the connection break
  one partition's  INSERTs are refused (TOO_MANY_PARTS) again and again, for seconds or most of a minute
  clocks           of the collectors jump forward and back, by moments or by a year; ClickHouse's forward only
  ClickHouse       is killed, mostly in the middle of an INSERT, or frozen
  the broker       is killed or frozen; the S3 server below it lives

Before all that, INSERTs of four partitions are refused, and nothing else: a quiet partition must be at most 5 s behind.
Then everything heals, and it is proved that each message that is in Kafka (read by librdkafka, without the project's code) is in events or
dead_letters once and with its own contents, that rollups equal the raw table, that counts agree with the generator's
manifest, and that `kartoteka collector audit` says so too. Servers of its own, on free ports; forgotten if all is well,
else logs, data and report stay in .platform/chaos until the next run.

Exit status 0: survived. 1: something was lost or doubled, a rollup differs, a process ended by itself or did not stop
when asked, or fewer than one fault in 3 s was survived. 2: the campaign itself could not be run."""


def parser():
    top = argparse.ArgumentParser(prog="scripts/chaos", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--duration", type=int, default=600, metavar="SECONDS", help="how long faults are made (default 600)")
    top.add_argument("--seed", type=int, help="decides the plan of faults and the events (default: random, and printed)")
    top.add_argument("--rate", type=int, default=2000, help="events a second (default 2000)")
    top.add_argument("--collectors", type=int, default=2, help="in the group (default 2)")
    top.add_argument("--default-settings", action="store_true", help="collectors as users run them: longer sessions and leases, so fewer faults in the time")
    top.add_argument("--plan", type=int, metavar="N", help="print the first N faults of each lane and end")
    top.add_argument("--keep", action="store_true", help="keep logs and data in .platform/chaos even if all is well")
    return top


def print_plan(options):
    times = plan.DEFAULT if options.default_settings else plan.QUICK
    for lane, roll in plan.lanes(options.collectors).items():
        for fault in itertools.islice(plan.faults(options.seed, lane, roll, times), options.plan):
            print(fault)


def campaign(options):
    if not BINARY.is_file():
        raise Failure(f"{BINARY.relative_to(ROOT)} does not exist; run `make build` first.")
    say(f"Seed {options.seed}: SEED={options.seed} repeats the plan of faults")
    run = Run(options)
    with only_one(PLATFORM / "chaos-session", "`make chaos`"):
        run.go()
        print(report.text(run), flush=True)
        (run.folder / "report.json").write_text(json.dumps(report.result(run), indent=1) + "\n")
        if run.problems or options.keep:
            print(f"Logs, faults.log, report.json and the servers' data are in {run.folder} until the next run.", flush=True)
        else:
            run.servers.forget()
    return 1 if run.problems else 0


def main():
    options = parser().parse_args()
    if options.seed is None:
        options.seed = random.randrange(1, 1 << 31)
    if options.plan is not None:
        return print_plan(options)
    ended(f"scripts/chaos, seed {options.seed}", lambda: campaign(options), failed=2)


if __name__ == "__main__":
    main()
