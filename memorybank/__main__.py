"""The program: `bank`, and `python -m memorybank`."""

from __future__ import annotations

import gc
import sys

# Set before the imports: they make thousands of objects that all live on, and looking among them for ones that do
# not takes a fifteenth of a short command.
gc.set_threshold(50_000, 20, 20)

from memorybank.cli.main import run  # noqa: E402  see above


def main() -> None:
    """Run the command line and end with its status."""
    status = run(sys.argv[1:])
    # Python looks through everything once more as it ends, which takes a sixth of a short command; nothing needs it.
    gc.freeze()
    sys.exit(status)


if __name__ == "__main__":
    main()
