"""What a process takes for the wall clock: the real one and so many seconds, changed while it runs."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

from platform_tools.layout import Failure


def build_shim(folder):
    """Compiles clock_step.c, which is LD_PRELOADed, into `folder`."""
    compiler = shutil.which("clang") or shutil.which("cc")
    if not compiler:
        raise Failure("There is no C compiler to build Tests/Chaos/clock_step.c with; Swift's toolchain has clang.")
    library = folder / "clock_step.so"
    flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    done = subprocess.run([compiler, *flags, "-o", library, Path(__file__).with_name("clock_step.c")], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"Tests/Chaos/clock_step.c does not compile: {done.stderr.strip()}")
    return library


class Clock:
    """`environment` gives it to a process; a step is seen at once, and kept through restarts."""

    def __init__(self, file, shim):
        self.file, self.seconds = file, 0.0
        file.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": str(shim), "CHAOS_CLOCK_FILE": str(file)}

    def step(self, seconds):
        """From now on it is `seconds` beside the real time."""
        self.seconds = seconds
        with self.file.open("r+b", buffering=0) as file:  # in place: it is mapped
            os.pwrite(file.fileno(), struct.pack("<q", int(seconds * 1e9)), 0)
