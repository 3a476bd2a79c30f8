"""Questions asked at the same moment, each over a connection of its own, and what became of them."""

import asyncio
import dataclasses
import time

SLACK = 1.0  # seconds beyond the deadline that client and network may take of the same machine


@dataclasses.dataclass
class Outcome:
    status: int  # 0: no answer
    seconds: float
    retry_after: str | None

    def kind(self, deadline):
        if self.status == 0 or self.seconds > deadline + SLACK:
            return "late"
        return {200: "answered", 503: "refused", 504: "expired"}.get(self.status, f"status {self.status}")


async def ask(port, key, path, patience):
    start = time.monotonic()
    status, retry_after = 0, None
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n".encode())
                answer = await reader.read(-1)
            finally:
                writer.close()
        head = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        if head[0].startswith("HTTP/1.1 "):
            status = int(head[0].split()[1])
        for line in head[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "retry-after":
                retry_after = value.strip()
    except (OSError, TimeoutError):
        pass
    return Outcome(status, time.monotonic() - start, retry_after)


async def all_at_once(port, key, paths, deadline):
    """The outcomes of the questions, and of /health/ready asked meanwhile, every half second."""
    health, done = [], asyncio.Event()

    async def watch():
        while not done.is_set():
            health.append(await ask(port, key, "/health/ready", 10))
            await asyncio.sleep(0.5)

    watching = asyncio.create_task(watch())
    outcomes = await asyncio.gather(*(ask(port, key, path, deadline * 2 + 10) for path in paths))
    done.set()
    await watching
    return outcomes, health
