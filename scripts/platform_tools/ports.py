"""TCP ports: is one free, who holds it, and blocks of free ones for profiles beside the documented one."""

import os
import socket
from pathlib import Path

BLOCK = 32
FIRST_BLOCK, LAST_BLOCK = 12000, 18976


def is_free(port):
    """Whether a server could listen on 127.0.0.1:`port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def holder(port):
    """`name (pid N)` of the process listening on `port`, or None when it belongs to someone whose files we may not read."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in (line.split() for line in lines):
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(link) in inodes for link in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:
            continue
    return None


def free_block(taken):
    """The first port of a block of free ones, none of whose blocks is in `taken`; the ports 10000 above are free too."""
    count = (LAST_BLOCK - FIRST_BLOCK) // BLOCK
    start = os.getpid() % count
    for step in range(count):
        base = FIRST_BLOCK + (start + step) % count * BLOCK
        ports = [base + offset for offset in range(BLOCK)]
        if base not in taken and all(is_free(port) and is_free(port + 10000) for port in ports):
            return base
    return None
