"""`make chaos`: real processes, faults without mercy, and then the count: nothing lost, nothing doubled."""

import argparse
import itertools
import json
import math
import random
import signal
import sys
import time

import plan
import report
import verification
from campaign import Campaign
from kafka_log import KafkaLog
from link import Link
from load import Load
from platform_tools.clickhouse_client import ClickHouse
from platform_tools.layout import BINARY, PLATFORM, ROOT, Failure, read_settings, say
from platform_tools.servers import Servers
from platform_tools.session import Interrupted, Session, only_one, raise_on_signals
from targets import Collector, Target

PROFILE = "chaos"
SECONDS_A_FAULT = 3
HEAL_SECONDS = 240
DESCRIPTION = """\
Starts ClickHouse, the broker on its S3 storage, and two collectors of one group, each behind a TCP proxy. While
`kartoteka load` sends events and poison, for so many seconds

  collectors       are killed (kill -9), frozen past their session's end (kill -STOP, -CONT), stopped (SIGTERM: must exit 0),
                   and killed to come back with another decoder's fingerprint
  INSERTs          are cut after some bytes, cut before the reply, cut while ClickHouse works, stalled, swallowed, or
                   delivered long after their collector saw the connection break
  ClickHouse       is killed, mostly in the middle of an INSERT, or frozen
  the broker       is killed or frozen; the S3 server below it lives

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


class Run:
    """One campaign from the first server to the verdict."""

    def __init__(self, options):
        self.options = options
        self.times = plan.Times(session=6, lease=60) if options.default_settings else plan.Times(session=2, lease=8)
        self.wanted = 0 if options.default_settings else math.ceil(options.duration / SECONDS_A_FAULT)
        self.problems, self.broker = [], {"lost": 0, "doubled": 0}
        self.findings = self.heal_seconds = self.audit_status = None
        self.ledger = {}

    def settings(self):
        """What collectors are told beside their servers."""
        settings = {"COLLECTOR_STOP_DEADLINE": "20s", "LOG_LEVEL": "info", "LOG_FORMAT": "text"}
        if not self.options.default_settings:
            settings |= {
                "COLLECTOR_FLUSH_INTERVAL": "500ms",
                "COLLECTOR_LEASE": f"{self.times.lease}s",
                "COLLECTOR_INSERT_TIMEOUT": f"{self.times.lease}s",
                "KAFKA_PROPERTIES": f"session.timeout.ms={self.times.session * 1000},heartbeat.interval.ms={self.times.session * 200}",
            }
        return settings

    def go(self):
        settings = read_settings(path=ROOT / ".no-env-file")
        for name in ("CLICKHOUSE_URL", "KAFKA_BROKERS", "S3_ENDPOINT", "COLLECTOR_TOPICS", "COLLECTOR_GROUP"):
            settings.pop(name, None)
        stale = Servers(PROFILE, settings)
        stale.stop()
        stale.forget()
        self.servers = Servers(PROFILE, settings, storage="s3")
        self.folder = self.servers.folder
        with Session() as session:
            try:
                self._go(session, settings)
            finally:
                self._thaw_all()

    def _go(self, session, settings):
        daemons = {name: self.servers.daemon(name) for name in self.servers.wanted()}
        for daemon in daemons.values():
            session.start(daemon)
        environment = {**settings, **self.servers.environment()}
        with (self.folder / "setup.log").open("wb") as output:
            session.run([BINARY, "migrate", "up"], environment, output=output)
            session.run([BINARY, "topics", "apply"], environment, output=output)
        self.clickhouse = ClickHouse(environment["CLICKHOUSE_URL"], environment.get("CLICKHOUSE_DATABASE", "analytics"))
        links = {f"link-{n}": Link(f"link-{n}", self.servers.ports["clickhouse_http"]) for n in range(1, self.options.collectors + 1)}
        self.collectors = [
            Collector(n, self.folder, {**environment, **self.settings()}, link) for n, link in enumerate(links.values(), start=1)
        ]
        servers = [Target(daemons["clickhouse"]), Target(daemons["kafka"])]
        self.targets = {target.name: target for target in [*self.collectors, *servers]}
        for collector in self.collectors:
            session.start(collector.daemon)
        session.watched.clear()  # from now on they die by our hand
        # The broker keeps a batch as an object of its own in S3, and reads them back one by one: let them be few.
        sender = {**environment, "KAFKA_PROPERTIES": "linger.ms=300"}
        load = Load(self.options.seed, self.options.rate, self.options.duration, sender, self.folder)
        with (self.folder / "faults.log").open("w") as journal:
            campaign = Campaign(self.options.seed, self.times, self.targets, links, journal)
            try:
                load.start()
                campaign.start()
                self._watch(campaign, daemons["s3"])
                self._heal(campaign, load)
            finally:
                load.stop()
                campaign.ending.set()
        self.happened, self.missed, self.manifest = campaign.happened, campaign.missed, load.manifest
        self.problems += campaign.errors + load.manifest.broken
        self._prove(environment)
        self._judge(session, environment)

    def _watch(self, campaign, s3):
        """Until the time is over: what ends unasked is noted and started again."""
        over, told = campaign.begin + self.options.duration, campaign.begin
        while (now := time.monotonic()) < over:
            time.sleep(0.25)
            for target in self.targets.values():
                target.check()
            s3.check_alive()
            if campaign.errors:
                return
            if now - told >= 15:
                told = now
                say(f"{now - campaign.begin:.0f} s: {campaign.total()} faults survived so far")

    def _heal(self, campaign, load):
        say(f"{campaign.total()} faults; healing")
        self.healed_from = time.monotonic()
        for name in campaign.end(90):
            self.problems.append(f"the lane {name} did not come back from its last fault")
        load.join(150)
        if load.is_alive():
            self.problems.append("`kartoteka load` had not ended 150 s after the last fault")

    def _prove(self, environment):
        """Reads Kafka, waits until ClickHouse has as many rows, stops the collectors, compares."""
        log = KafkaLog(environment["KAFKA_BROKERS"])
        say("Reading Kafka")
        kafka = log.read(verification.TOPICS)
        messages = sum(len(partition) for partition in kafka.values())
        say(f"Waiting until all {messages:,} messages are in")
        deadline = self.healed_from + HEAL_SECONDS
        while (rows := verification.rows(self.clickhouse)) < messages and time.monotonic() < deadline:
            time.sleep(0.5)
            for target in self.targets.values():
                target.check()
        if rows >= messages:
            self.heal_seconds = round(time.monotonic() - self.healed_from, 1)
        else:
            self.problems.append(f"{messages - rows:,} messages were still not in {HEAL_SECONDS} s after the last fault")
        time.sleep(self.times.lease / 2)  # time for a late INSERT to show
        for collector in self.collectors:
            with collector.lock:
                collector.stop(60)
        say("Comparing")
        self.findings = verification.compare(kafka, log.type_names, self.clickhouse)
        ranges, claims, marks = self.clickhouse.execute(
            "SELECT uniqExactIf((topic, kafka_partition, from_offset), NOT mark), countIf(NOT mark), countIf(mark) FROM ranges FORMAT TabSeparated"
        ).split()
        self.ledger = {"ranges": int(ranges), "claims": int(claims), "marks": int(marks)}

    def _judge(self, session, environment):
        with (self.folder / "audit.log").open("wb") as output:
            self.audit_status = session.run([BINARY, "collector", "audit", "--settled"], environment, check=False, output=output)
        findings = self.findings
        for count, what in ((findings.lost, "lost"), (findings.doubled, "doubled"), (findings.strange, "not what Kafka holds")):
            if count:
                self.problems.append(f"{count} messages are {what}")
        self.problems += [f"rollup {sentence}" for sentence in findings.rollups]
        if self.audit_status != 0:
            self.problems.append(f"the audit ended with status {self.audit_status}: {self.folder / 'audit.log'}")
        if not (findings.lost or findings.doubled or findings.strange):
            self.broker["lost"], sentences = verification.against_manifest(self.manifest, findings)
            self.problems += [f"against the manifest: {sentence}" for sentence in sentences]
        self.broker["doubled"] = findings.repeated_ids
        if any(self.broker.values()) and not self.happened["kafka: kill"]:
            self.problems.append("the broker lost or doubled messages without having been killed")
        for target in self.targets.values():
            self.problems += target.complaints
        if (survived := sum(self.happened.values())) < self.wanted:
            self.problems.append(f"only {survived} faults happened in {self.options.duration} s, {self.wanted} are wanted")

    def _thaw_all(self):
        for target in getattr(self, "targets", {}).values():
            if target.alive():
                target.daemon.process.send_signal(signal.SIGCONT)


def print_plan(options):
    times = plan.Times(session=6, lease=60) if options.default_settings else plan.Times(session=2, lease=8)
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
    raise_on_signals()
    try:
        status = campaign(options)
    except Interrupted:
        status = 130
    except Failure as failure:
        print(f"scripts/chaos: {failure} (seed {options.seed})", file=sys.stderr, flush=True)
        status = 2
    sys.exit(status)


if __name__ == "__main__":
    main()
