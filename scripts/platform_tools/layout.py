"""Where things are: the clone, the download cache, a profile's folder; and the settings of the environment and `.env`."""

import os
import pwd
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PLATFORM = ROOT / ".platform"
BINARY = ROOT / ".build" / "release" / "kartoteka"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kartoteka"


class Failure(Exception):
    """Something a person has to know or do; its text is one clear sentence, perhaps followed by lines of a log."""


def require_ours(folder):
    """Refuses a folder of another user's, in which nothing could be started or stopped."""
    if folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        try:
            owner = pwd.getpwuid(folder.stat().st_uid).pw_name
        except KeyError:
            owner = f"user {folder.stat().st_uid}"
        raise Failure(f"{folder} belongs to {owner}: run this as {owner}, or use a clone of your own.")


def say(line):
    """Prints one line of progress, at once."""
    print(f"==> {line}", flush=True)


def read_settings(path=ROOT / ".env"):
    """The process's environment, completed by the `NAME=value` lines of `.env`; the environment wins."""
    settings = {}
    if path.is_file():
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            name, equals, value = line.removeprefix("export ").partition("=")
            if not equals or not name.strip().isidentifier():
                raise Failure(f"{path}:{number} is not of the form NAME=value.")
            settings[name.strip()] = value.strip().strip("\"'")
    settings.update(os.environ)
    return settings
