"""Whether ClickHouse holds what Kafka holds: each coordinate once, with its own contents, and rollups that agree.

Asks in SQL of its own and shares nothing with `kartoteka collector audit`, so that each checks the other.
"""

from collections import Counter
from dataclasses import dataclass, field

from rollups import differences

TOPICS = {"learning.events": 6, "course.events": 3, "content.events": 3, "user.events": 2}
EXAMPLES = 5


@dataclass
class Findings:
    messages: int = 0  # in Kafka
    tombstones: int = 0
    events: int = 0  # rows
    dead_letters: int = 0
    lost: int = 0  # in Kafka, in neither table
    doubled: int = 0  # rows beyond the first of their coordinates, in both tables together
    strange: int = 0  # rows whose coordinates Kafka does not have, or whose contents are not those there
    types: Counter = field(default_factory=Counter)  # rows by event type
    reasons: Counter = field(default_factory=Counter)  # rows by dead letters' reason
    repeated_ids: int = 0  # messages in Kafka whose event_id an earlier one has: the producer's or broker's doing
    examples: list = field(default_factory=list)
    rollups: list = field(default_factory=list)  # one sentence a rollup that differs

    def example(self, kind, topic, number, offset):
        if sum(text.startswith(kind) for text in self.examples) < EXAMPLES:
            self.examples.append(f"{kind}: {topic}/{number} offset {offset}")

    @property
    def exact(self):
        return not (self.lost or self.doubled or self.strange or self.rollups)


def rows(clickhouse):
    """Rows in both tables now."""
    return clickhouse.number("SELECT (SELECT count() FROM events) + (SELECT count() FROM dead_letters)")


def compare(kafka, type_names, clickhouse):
    findings = Findings()
    seen = set()
    for (topic, number), partition in kafka.items():
        findings.messages += len(partition)
        findings.tombstones += len(partition.tombstones)
        compare_partition(topic, number, partition, type_names, clickhouse, findings)
        for at in range(0, len(partition.ids), 16):
            one = bytes(partition.ids[at : at + 16])
            if any(one):
                findings.repeated_ids += one in seen
                seen.add(one)
    known = ", ".join(f"('{topic}', {number})" for topic, number in kafka)
    elsewhere = clickhouse.number(
        f"SELECT count() FROM (SELECT topic, kafka_partition FROM events UNION ALL SELECT topic, kafka_partition FROM dead_letters) WHERE (topic, kafka_partition) NOT IN ({known})"
    )
    findings.strange += elsewhere
    findings.rollups = differences(clickhouse)
    return findings


def compare_partition(topic, number, partition, type_names, clickhouse, findings):
    """Walks Kafka's messages and ClickHouse's rows side by side, both in the order of offsets."""
    place = f"topic = '{topic}' AND kafka_partition = {number}"
    answer = clickhouse.lines(
        "SELECT * FROM ("
        f"SELECT kafka_offset, 'e', replaceAll(toString(event_id), '-', ''), toString(event_type) FROM events WHERE {place}"
        f" UNION ALL SELECT kafka_offset, 'd', toString(CRC32(value)), toString(reason) FROM dead_letters WHERE {place}"
        ") ORDER BY kafka_offset FORMAT TabSeparated"
    )
    at, previous = 0, None
    for line in answer:
        text, table, proof, name = line.split(b"\t")
        offset = int(text)
        if table == b"e":
            findings.events += 1
            findings.types[name.decode()] += 1
        else:
            findings.dead_letters += 1
            findings.reasons[name.decode()] += 1
        if offset == previous:
            findings.doubled += 1
            findings.example("doubled", topic, number, offset)
            continue
        previous = offset
        while at < len(partition) and partition.offsets[at] < offset:
            findings.lost += 1
            findings.example("lost", topic, number, partition.offsets[at])
            at += 1
        if at == len(partition) or partition.offsets[at] != offset:
            findings.strange += 1
            findings.example("not in Kafka", topic, number, offset)
            continue
        if table == b"e":
            same = bytes.fromhex(proof.decode()) == partition.ids[at * 16 : at * 16 + 16] and name.decode() == type_names[partition.types[at]]
        else:
            same = int(proof) == partition.checksums[at]
        if not same:
            findings.strange += 1
            findings.example("other contents than in Kafka", topic, number, offset)
        at += 1
    for rest in range(at, len(partition)):
        findings.lost += 1
        findings.example("lost", topic, number, partition.offsets[rest])


def against_manifest(manifest, findings):
    """What the generator was promised, beside what is there: (acknowledged messages that Kafka does not have, sentences on
    counts that this does not explain). `findings` must be exact, so that its rows are Kafka's messages."""
    missing, more, sentences = 0, 0, []
    for title, promised, found in (("events of type", manifest.events, findings.types), ("dead letters for", manifest.dead_letters, findings.reasons)):
        for name in sorted(promised.keys() | found.keys()):
            difference = found[name] - promised[name]
            missing += max(0, -difference)
            more += max(0, difference)
            if difference > manifest.uncertain:
                sentences.append(f"{found[name]} {title} {name} where {promised[name]} were acknowledged")
    if more > manifest.uncertain and not sentences:
        sentences.append(f"{more} messages more than were acknowledged, and only {manifest.uncertain} are of unknown fate")
    return missing, sentences
