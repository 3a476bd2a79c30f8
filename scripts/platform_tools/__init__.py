"""The local platform: fetching its servers, starting and stopping them, and the runs built on that (demo, tests).

Python's standard library only. The commands are `scripts/setup`, `scripts/servers`, `scripts/demo` and `scripts/test`.
"""
