"""What it would cost to leave out events that a producer repeated: at the INSERT, and in a question."""

ROWS = 20_000  # a second's worth, at 20,000 events/s
DIFFERENT = "* REPLACE (generateUUIDv4() AS event_id)"
KNOWN = "event_id NOT IN (SELECT event_id FROM events WHERE occurred_at > now() - INTERVAL {})"
INSERTS = (("plain", "1"), ("not seen in the last hour", KNOWN.format("1 HOUR")), ("not seen in the last day", KNOWN.format("1 DAY")))
BY_DAY = "GROUP BY event_type, day FORMAT Null"
QUESTIONS = (
    ("rollup", f"SELECT event_type, toDate(hour) AS day, sum(events) FROM activity_hourly {BY_DAY}"),
    ("count()", f"SELECT event_type, toDate(occurred_at) AS day, count() FROM events {BY_DAY}"),
    ("uniqExact(event_id)", f"SELECT event_type, toDate(occurred_at) AS day, uniqExact(event_id) FROM events {BY_DAY}"),
    (
        "LIMIT 1 BY event_id",
        "SELECT event_type, toDate(occurred_at) AS day, count()"
        f" FROM (SELECT event_type, occurred_at FROM events LIMIT 1 BY event_id) {BY_DAY}",
    ),
)


def measure_repeats(bench, runs):
    """CPU seconds and peak bytes of each statement, by the server's log of queries; the ids that each INSERT looks among."""
    if not bench.rows():
        bench.collector()
    bench.settle()
    clickhouse = bench.clickhouse
    columns = "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'events' AND name != 'ingested_at' ORDER BY position"
    found = [line.decode().split("\t") for line in clickhouse.lines(f"{columns} FORMAT TabSeparatedRaw")]
    names = ", ".join(name for name, _ in found)
    structure = ", ".join(f"{name} {kind}" for name, kind in found).replace("'", "''")
    ids = {"in the last hour": "1 HOUR", "in the last day": "1 DAY"}
    known = {name: clickhouse.number(f"SELECT count() FROM events WHERE occurred_at > now() - INTERVAL {span}") for name, span in ids.items()}
    for _ in range(runs):
        for name, statement in QUESTIONS:
            clickhouse.execute(statement, log_queries=1, log_comment=f"repeats: {name}")
    for number in range(runs):
        for name, condition in INSERTS:
            block = clickhouse.execute(f"SELECT {names} FROM (SELECT {DIFFERENT} FROM events LIMIT {ROWS} OFFSET {number * ROWS}) FORMAT Native")
            statement = f"INSERT INTO events ({names}) SELECT {names} FROM input('{structure}') WHERE {condition} FORMAT Native"
            clickhouse.execute(statement, body=block, log_queries=1, log_comment=f"repeats: {name}", max_insert_block_size=1 << 20, min_insert_block_size_rows=1 << 20)
    clickhouse.execute("SYSTEM FLUSH LOGS")
    log = (
        "SELECT log_comment, quantileExact(0.5)(ProfileEvents['UserTimeMicroseconds'] + ProfileEvents['SystemTimeMicroseconds']),"
        " max(memory_usage) FROM system.query_log WHERE type = 'QueryFinish' AND startsWith(log_comment, 'repeats: ')"
        " GROUP BY log_comment FORMAT TabSeparatedRaw"
    )
    rows = [line.decode().removeprefix("repeats: ").split("\t") for line in clickhouse.lines(log)]
    return {"known": known, "statements": {name: {"cpu": int(cpu) / 1e6, "memory": int(memory)} for name, cpu, memory in rows}}


def print_repeats(found, events):
    known, statements = found["known"], found["statements"]
    print(f"\nRepeated events left out at the INSERT of {ROWS:,} rows; {known['in the last hour']:,} ids of the last hour, {known['in the last day']:,} of the day at first")
    _print_table([(name, statements[name]["cpu"] / ROWS * 1e6, statements[name]) for name, _ in INSERTS], "µs an event", "plain")
    print(f"\nRepeated events left out of a question: events by type and day, of {events:,}")
    _print_table([(name, statements[name]["cpu"] * 1e3, statements[name]) for name, _ in QUESTIONS], "ms", "count()")


def _print_table(rows, unit, one):
    base = next(value for name, value, _ in rows if name == one)
    print(f"{'':28}{'CPU ' + unit:>18}{one + ' = 1':>14}{'memory':>12}")
    for name, value, statement in rows:
        print(f"{name:28}{value:18.2f}{value / base:14.2f}{statement['memory'] / (1 << 20):8.0f} MiB")
