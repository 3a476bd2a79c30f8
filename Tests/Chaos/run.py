"""One campaign from the first server to the verdict."""

import math
import signal
import time

import plan
import verification
from campaign import Campaign, refused
from clock import Clock, build_shim
from kafka_log import KafkaLog
from lag_watch import QUIET, LagWatch
from link import Link
from load import Load
from platform_tools.clickhouse_client import ClickHouse
from platform_tools.layout import BINARY, ROOT, read_settings, say
from platform_tools.servers import Servers
from platform_tools.session import Session
from row_watch import RowWatch
from targets import Collector, Target

PROFILE = "chaos"
SECONDS_A_FAULT = 3
HEAL_SECONDS = 240
# Before all other faults: INSERTs of so many partitions are refused, as many in each half of the assignment as a collector has
# workers, for so long, and a quiet one must not be further behind than this.
LASTING = ["learning.events/0", "learning.events/1", "learning.events/3", "learning.events/4"]
LASTING_SECONDS, QUIET_LAG_SECONDS = 20, 5


class Run:
    """What is asked of it, and after `go` what came of it: `problems` is empty when all was survived."""

    def __init__(self, options):
        self.options = options
        self.times = plan.DEFAULT if options.default_settings else plan.QUICK
        self.wanted = 0 if options.default_settings else math.ceil(options.duration / SECONDS_A_FAULT)
        self.problems, self.broker = [], {"lost": 0, "doubled": 0}
        self.findings = self.heal_seconds = self.audit_status = None
        self.ledger = {}
        self.calm_lag = self.campaign_lag = None

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
        shim = build_shim(self.folder)
        servers = [Target(daemons["clickhouse"], Clock(self.folder / "clickhouse.clock", shim)), Target(daemons["kafka"])]
        for daemon in daemons.values():
            session.start(daemon)
        environment = {**settings, **self.servers.environment()}
        with (self.folder / "setup.log").open("wb") as output:
            session.run([BINARY, "migrate", "up"], environment, output=output)
            session.run([BINARY, "topics", "apply"], environment, output=output)
        self.clickhouse = ClickHouse(environment["CLICKHOUSE_URL"], environment.get("CLICKHOUSE_DATABASE", "analytics"))
        links = {f"link-{n}": Link(f"link-{n}", self.servers.ports["clickhouse_http"]) for n in range(1, self.options.collectors + 1)}
        self.collectors = [
            Collector(n, self.folder, {**environment, **self.settings()}, link, Clock(self.folder / f"collector-{n}.clock", shim))
            for n, link in enumerate(links.values(), start=1)
        ]
        self.targets = {target.name: target for target in [*self.collectors, *servers]}
        for collector in self.collectors:
            session.start(collector.daemon)
        session.watched.clear()  # from now on they die by our hand
        # The broker keeps each batch as an object of its own in S3, and looks through all of a partition's to find the next:
        # were there many, everything would wait for it.
        sender = {**environment, "KAFKA_PROPERTIES": "linger.ms=2000"}
        load = Load(self.options.seed, self.options.rate, self.options.duration + LASTING_SECONDS, sender, self.folder)
        lag = LagWatch(self.clickhouse, environment["KAFKA_BROKERS"])
        with (self.folder / "faults.log").open("w") as journal:
            campaign = Campaign(self.options.seed, self.times, self.targets, links, lag, journal)
            try:
                load.start()
                self._refuse_some(lag, links, campaign.ending)
                campaign.start()
                self._watch(campaign, daemons["s3"])
                self._heal(campaign, load)
            finally:
                load.stop()
                campaign.ending.set()
        self.campaign_lag = lag.longest
        self.happened, self.missed, self.manifest = campaign.happened, campaign.missed, load.manifest
        self.problems += campaign.errors + load.manifest.broken
        self._prove(environment)
        self._judge(session, environment)

    def _refuse_some(self, lag, links, ending):
        """A lasting error for as many lanes as there are workers, and nothing else: the quiet partition must go on."""
        lag.await_first()
        say(f"INSERTs of {', '.join(LASTING)} are refused for {LASTING_SECONDS} s")
        with lag:
            count = refused(links.values(), LASTING, LASTING_SECONDS, ending)
        self.calm_lag, lag.longest = lag.longest, None
        if count < len(LASTING) * 2:
            self.problems.append(f"only {count} INSERTs of {', '.join(LASTING)} came to be refused")
        if self.calm_lag is None or self.calm_lag > QUIET_LAG_SECONDS:
            self.problems.append(f"{QUIET} was {self.calm_lag} s behind while others had a lasting error; {QUIET_LAG_SECONDS} s are allowed")

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
        with RowWatch(self.clickhouse) as watch:
            kafka = log.read(verification.TOPICS)
            messages = sum(len(partition) for partition in kafka.values())
            say(f"Waiting until all {messages:,} messages are in")
            deadline = time.monotonic() + HEAL_SECONDS
            while watch.rows < messages and time.monotonic() < deadline:
                time.sleep(0.5)
                for target in self.targets.values():
                    target.check()
        if watch.rows >= messages:
            self.heal_seconds = round(max(0, watch.changed - self.healed_from), 1)
        else:
            self.problems.append(f"{messages - watch.rows:,} messages were still not in {HEAL_SECONDS} s after all had been read from Kafka")
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
