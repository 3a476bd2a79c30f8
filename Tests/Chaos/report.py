"""What a person is told at the end, and the same as JSON."""

from lag_watch import QUIET

FAMILIES = {"collector": "collectors", "link": "INSERTs on their way", "clickhouse": "ClickHouse", "kafka": "the broker", "clock": "clock", "lasting": "one partition's INSERTs"}


def faults_table(happened, missed):
    lines = [f"{'fault':36}{'survived':>10}{'not met':>10}"]
    for key in sorted(happened | missed, key=lambda key: (list(FAMILIES).index(key.partition(":")[0]), key)):
        family, _, kind = key.partition(": ")
        lines.append(f"{FAMILIES[family] + ': ' + kind:36}{happened[key]:10}{missed[key]:10}")
    lines.append(f"{'in total':36}{sum(happened.values()):10}{sum(missed.values()):10}")
    return lines


def result(run):
    """The JSON document of a finished run."""
    findings, manifest = run.findings, run.manifest
    document = {
        "seed": run.options.seed,
        "duration_seconds": run.options.duration,
        "faults": sum(run.happened.values()),
        "faults_wanted": run.wanted,
        "faults_by_kind": dict(sorted(run.happened.items())),
        "problems": run.problems,
        "sent": manifest.sent,
        "acked": manifest.acked,
        "acked_without_offset": manifest.acked_without_offset,
        "uncertain": manifest.uncertain,
        "failures": dict(manifest.failures),
        "broker": run.broker,
        "seconds_to_heal": run.heal_seconds,
        "quiet_partition": {"name": QUIET, "longest_lag_beside_lasting_errors_seconds": run.calm_lag, "and_other_faults_seconds": run.campaign_lag},
        "ledger": run.ledger,
    }
    if findings:
        names = ("messages", "tombstones", "events", "dead_letters", "lost", "doubled", "strange", "repeated_ids", "rollups", "examples")
        document |= {name: getattr(findings, name) for name in names}
        document |= {"events_by_type": dict(sorted(findings.types.items())), "dead_letters_by_reason": dict(sorted(findings.reasons.items()))}
    return document


def text(run):
    findings, manifest = run.findings, run.manifest
    lines = ["", f"Seed {run.options.seed}, {run.options.duration} s", "", *faults_table(run.happened, run.missed), ""]

    def line(name, value):
        lines.append(f"{name:36}{value}")

    line("sent and acknowledged", f"{manifest.acked:,} of {manifest.sent:,} ({manifest.uncertain:,} of unknown fate)")
    if run.ledger:
        line("ranges", f"{run.ledger['ranges']:,}, claimed {run.ledger['claims']:,} times, {run.ledger['marks']:,} marks of reconciling")
    if findings:
        line("in Kafka", f"{findings.messages:,} messages")
        line("events", f"{findings.events:,} of {len(findings.types)} types")
        line("dead letters", f"{findings.dead_letters:,} for {len(findings.reasons)} reasons")
        line("lost", findings.lost)
        line("doubled", findings.doubled)
        line("not what Kafka holds", findings.strange)
        line("rollups", "equal to the raw table" if not findings.rollups else "; ".join(findings.rollups))
        lines += [f"  {example}" for example in findings.examples]
    if run.heal_seconds is not None:
        line("all in after the last fault", f"{run.heal_seconds:.1f} s")
    line(f"{QUIET}, a quiet partition", f"at most {run.calm_lag} s behind beside lasting errors, {run.campaign_lag} s with all other faults")
    line("audit", "holds" if run.audit_status == 0 else f"exit status {run.audit_status}")
    line("acknowledged, not in Kafka", f"{run.broker['lost']} (the broker's doing: it took {manifest.acked_without_offset} retried batches for doubles of what it had)")
    line("twice in Kafka", f"{run.broker['doubled']} (the broker's doing)")
    lines += ["", *(f"PROBLEM {problem}" for problem in run.problems)]
    lines.append(f"{'FAILED' if run.problems else 'survived'}: {sum(run.happened.values())} faults ({run.wanted} wanted), seed {run.options.seed}")
    return "\n".join(lines)
