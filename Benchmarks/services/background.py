"""Something that goes on while something else is done."""

import threading


class Background:
    def __init__(self, work):
        self.result, self.error = None, None
        self.thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self.thread.start()

    def _run(self, work):
        try:
            self.result = work()
        except Exception as error:  # noqa: BLE001: it is raised again by whoever waits
            self.error = error

    def is_over(self):
        if self.error:
            raise self.error
        return not self.thread.is_alive()

    def wait(self):
        """Waits for the end and returns what came of it."""
        self.thread.join()
        if self.error:
            raise self.error
        return self.result
