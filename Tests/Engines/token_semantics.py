"""Does a range's INSERT keep its token? Tried inside one ClickHouse engine: token_semantics.py PIN < plan.json (PIN: a name
of scripts/wheels-tests.txt).

The plan is what ships, as EngineTests.swift prints it: the migrations' statements, the INSERTs' texts and settings, the
blocks' columns. The engine (a chdb wheel, unpacked) is no server, so `input()` becomes `file()`; the rest is used as it is.
Prints a line of JSON a step, {"step", "ok", "found"}; status 1 when one is not ok.
"""

import json
import os
import sys
import tempfile
import types
from pathlib import Path


class Absent(types.ModuleType):
    """Stands in for pyarrow, which the wheel imports for results that nobody asks for here."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return object


sys.modules["pyarrow"] = Absent("pyarrow")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from platform_tools import wheels  # noqa: E402

FOLDER = wheels.pins(wheels.TEST_PINS)[sys.argv[1]].folder
if not FOLDER.is_dir():
    sys.exit(f"{sys.argv[1]} is not installed: run `scripts/setup --tests`.")
sys.path.insert(0, str(FOLDER))
from chdb import session  # noqa: E402

PLAN = json.load(sys.stdin)
ROWS = 40_000
VALUES = {
    "topic": "'learning.events'", "kafka_offset": "number", "event_version": "1", "event_id": "generateUUIDv4()",
    "event_type": "['card_answered', 'learning_session_finished', 'course_progress_updated', 'user_logged_in', 'deck_created'][1 + number % 5]",
    "occurred_at": "toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + number * 300", "user_id": "1 + number % 500",
    "deck_id": "1 + number % 50", "course_id": "1 + number % 5", "duration_sec": "number % 900", "reason": "'bad_time'",
}
ROLLUPS = ("activity_hourly", "user_daily", "deck_daily", "course_daily")

folder = tempfile.mkdtemp(prefix="engine-")
engine = session.Session(f"{folder}/data")
failed = False


def ask(sql):
    return str(engine.query(sql, "TSV")).strip()


def blocks(table, name, start, end, rows):
    """A Native file of the offsets start ..< end, in blocks of so many rows."""
    path = f"{folder}/{table}-{name}.native"
    columns = ", ".join(f"CAST({VALUES.get(c, f'defaultValueOfTypeName($t${t}$t$)')} AS {t}) AS {c}" for c, t in PLAN["columns"][table])
    ask(f"INSERT INTO FUNCTION file('{path}', 'Native') SELECT {columns} FROM numbers({start}, {end - start})"
        f" SETTINGS max_block_size = {rows}, max_threads = 1, min_insert_block_size_rows = 0, min_insert_block_size_bytes = 0")
    return path


def run(sql, token, path=None):
    """The statement with the shipped settings; the engine's words when it refuses."""
    if path:
        sql = sql.replace("FROM input(", f"FROM file('{path}', 'Native', ").removesuffix(" FORMAT Native")
        assert "input(" not in sql and "file(" in sql, sql
    values = {**PLAN["settings"], "insert_deduplication_token": token}
    settings = ", ".join(f"{name} = " + (value if value.isdigit() else f"'{value}'") for name, value in sorted(values.items()))
    try:
        ask(f"{sql} SETTINGS {settings}")
    except Exception as error:  # the wheel raises plain ones
        return str(error)
    return None


def state():
    found = {"events": ask("SELECT concat(toString(count()), '/', toString(uniqExact(kafka_offset))) FROM events")}
    for rollup in ROLLUPS:
        select = ask(f"SELECT as_select FROM system.tables WHERE database = currentDatabase() AND name = '{rollup}_view' FORMAT TSVRaw")
        found[rollup] = ask(f"SELECT sum(events) FROM {rollup}") + "/" + ask(f"SELECT sum(events) FROM ({select})")
    return found


def step(name, events, refused=None, error=None, whole=True):
    """`events` are in the table, once each, and behind every view (`whole`); the statement was refused, or was not."""
    global failed
    found = {**state(), **({"error": error.splitlines()[0][:300]} if error else {})}
    ok = found["events"] == f"{events}/{events}" and (refused in error if refused and error else not refused and not error)
    if whole:
        ok = ok and all(left == right for left, right in (found[rollup].split("/") for rollup in ROLLUPS))
    failed = failed or not ok
    print(json.dumps({"step": name, "ok": ok, "found": found}), flush=True)


ask("CREATE DATABASE analytics ENGINE = Atomic")
ask("USE analytics")
for statement in PLAN["migrations"]:
    ask(statement)
version = ask("SELECT version()")
print(json.dumps({"step": "version", "ok": True, "found": {"version": version}}), flush=True)

insert = PLAN["insert"]["events"]
first, other, one = (blocks("events", name, 0, ROWS, rows) for name, rows in (("first", 16_384), ("other", 5_000), ("one", ROWS)))
with open(first, "rb") as file:
    content = file.read()
cut = f"{folder}/cut.native"
with open(cut, "wb") as file:
    file.write(content[: len(content) // 2])  # the first block whole, the second not

step("a lease that is over", 0, refused="395", error=run(PLAN["insert"]["over"], "range", first))
step("no run is named yet", 0, refused="395", error=run(insert, "range", first))
ask(f"INSERT INTO recoveries (number, recoverer, incarnation) SELECT 1, generateUUIDv4(), '{PLAN['run']}'")
step("a lease of another run", 0, refused="395", error=run(PLAN["insert"]["of another run"], "range", first))
step("a body that ends early", 0, refused="Code:", error=run(insert, "range", cut))
step("the range", ROWS, error=run(insert, "range", first))
step("the same borders again", ROWS, error=run(insert, "range", first))
step("other borders", ROWS, error=run(insert, "range", other))
step("one block", ROWS, error=run(insert, "range", one))
step("sent again from the table", ROWS, error=run(PLAN["insert"]["resending"], "range"))

# A view that missed a range takes it when the range is repeated, or sent again from the table.
for number, (name, again) in enumerate((("repeated", True), ("sent again from the table", False)), start=1):
    start, token = ROWS * number, f"short {number}"
    path = blocks("events", f"short{number}", start, start + ROWS, 16_384)
    ask("DETACH TABLE user_daily_view")
    error = run(insert, token, path)
    ask("ATTACH TABLE user_daily_view")
    step(f"a view is short ({name})", start + ROWS, error=error, whole=False)
    place = PLAN["insert"]["resending"].replace("kafka_offset >= 0", f"kafka_offset >= {start}")
    for attempt in ("", ", twice"):
        error = run(insert, token, path) if again else run(place, token)
        step(f"the view has it ({name}{attempt})", start + ROWS, error=error)

end = 3 * ROWS
for name, rows in (("missing", 16_384), ("missing again", 5_000)):
    error = run(PLAN["insert"]["missing"], "reconciled", blocks("events", name.replace(" ", "-"), end - 1_000, end + 9_000, rows))
    step(f"rows that are {name}", end + 9_000, error=error)

# What the version before sent without an order, and died: on 25.x, all it was tried on, the token holds all the same.
if version.startswith("25."):
    path = blocks("events", "before", end + 9_000, end + 19_000, 5_000)
    step("as the version before", end + 19_000, error=run(insert.replace(" ORDER BY ALL", ""), "before", path))
    step("taken over by this one", end + 19_000, error=run(insert, "before", path))

letters = [blocks("dead_letters", name, 0, 9_000, rows) for name, rows in (("first", 4_000), ("other", 700))]
for name, path in zip(("dead letters", "the same again", "other borders"), (letters[0], letters[0], letters[1])):
    error = run(PLAN["insert"]["dead_letters"], "letters", path)
    count = ask("SELECT count() FROM dead_letters")
    failed = failed or error is not None or count != "9000"
    print(json.dumps({"step": f"dead letters: {name}", "ok": error is None and count == "9000", "found": {"rows": count, "error": error}}), flush=True)

sys.stdout.flush()
os.system(f"rm -rf '{folder}'")
os._exit(1 if failed else 0)  # the engine's own threads would keep the interpreter
