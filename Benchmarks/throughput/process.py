"""CPU time and memory of a process, from /proc."""

import os

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of all the process's threads so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_megabytes(pid):
    """The largest resident size so far."""
    return _megabytes(pid, "VmHWM:")


def resident_megabytes(pid):
    """The resident size now."""
    return _megabytes(pid, "VmRSS:")


def _megabytes(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith(name):
                return int(line.split()[1]) / 1024
    return 0.0
