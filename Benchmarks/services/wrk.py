"""Requests by wrk, and the CPU time that a process takes for one."""

import json
import shutil
import subprocess
from pathlib import Path

from platform_tools.layout import Failure
from process import TICKS, cpu_seconds

HERE = Path(__file__).resolve().parent
CONNECTIONS = 16


def command(script, port, arguments, seconds, connections):
    program = shutil.which("wrk")
    if not program:
        raise Failure("wrk is not installed: run `scripts/setup --bench`.")
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", HERE / script, f"http://127.0.0.1:{port}"]
    return [str(part) for part in [program, *options, "--", *arguments]]


def summary(script, output):
    """wrk's figures; every request must have been answered well."""
    try:
        found = json.loads(output.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise Failure(f"wrk ({script}) failed: {output.strip()}") from None
    if found["failed"] or not found["requests"]:
        raise Failure(f"wrk ({script}): {found['failed']} of {found['requests']} requests failed.")
    return {"rate": found["requests"] / found["seconds"], **found}


def send(script, port, arguments, seconds, connections=CONNECTIONS):
    done = subprocess.run(command(script, port, arguments, seconds, connections), capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    return summary(script, done.stdout + done.stderr)


def relay_seconds(pid):
    """CPU time so far of the threads by which the process relays events: our own and librdkafka's."""
    found = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name, _, rest = (task / "stat").read_text(errors="replace").partition("(")[2].rpartition(")")
        except OSError:  # it has just ended
            continue
        if name == "outbox" or name.startswith("rdk:"):
            fields = rest.split()
            found += int(fields[11]) + int(fields[12])
    return found / TICKS


def cost(pids, script, port, arguments, seconds, connections=CONNECTIONS):
    """wrk's figures, and CPU microseconds of the processes for a request."""
    before = [cpu_seconds(pid) for pid in pids]
    found = send(script, port, arguments, seconds, connections)
    used = sum(cpu_seconds(pid) - was for pid, was in zip(pids, before))
    return {"cpu": used / found["requests"] * 1e6, **found}
