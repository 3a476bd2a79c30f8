"""The servers' binaries that Debian's packages bring."""

import shutil
from pathlib import Path

from .layout import PLATFORM, Failure

CHECK_RDB = Path("/usr/bin/redis-check-rdb")


def redis_server():
    """Redis's server: the one on PATH, else the one in Debian's redis-tools.

    There the server is called redis-check-rdb: it is one program, which is what its name says. Debian's redis-server adds
    another name, and a service that starts by itself, which nobody asked for.
    """
    path = shutil.which("redis-server")
    if path:
        return path
    if not CHECK_RDB.exists():
        raise Failure("Redis is not installed: run `make setup`.")
    link = PLATFORM / "bin" / "redis-server"
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to(CHECK_RDB)
    except FileExistsError:
        pass
    return link
