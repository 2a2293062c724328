"""What clients run at their events: `python -I hook.py EVENT [--client NAME]`, with the event as JSON on its input.

Most events ask for nothing, and every tool call of an agent may be one: so little is here, since a script is compiled
each time it runs, and the package is imported only for an event that asks for something. It never fails the client:
whatever goes wrong ends with status 0 and no output.
"""

import os
import sys

_LARGEST = 64 << 20
# seconds: clients wait for ten, and for the end of a session, which is only marked, for three
_LONGEST = 8.0


class TookTooLongError(Exception):
    """What an event ends with that takes too long; no `OSError`, which is caught in many places."""


def main(words: list[str]) -> int:
    """Answer one event; the status is always 0."""
    try:
        data = _read()
        folder = os.path.dirname(os.path.abspath(__file__))
        # not as a part of its package, whose other files would be read too
        sys.path.insert(0, folder)
        import glance  # type: ignore[import-not-found]  # beside this file

        sys.path.remove(folder)
        event = words[0] if words else ""
        if glance.is_idle(glance.kind_of(event), data):
            return 0
        sys.path.insert(0, folder.rsplit(os.sep, 3)[0])
        import gc

        gc.set_threshold(50_000, 20, 20)
        _stop_in_time()
        from memorybank.serve.hooks.run import answer

        out = answer(
            event, data, client=words[2] if words[1:2] == ["--client"] and words[2:] else "", environ=os.environ
        )
        while out:
            out = out[sys.stdout.buffer.raw.write(out) :]  # type: ignore[union-attr]  # a process has bytes
    except Exception:  # noqa: BLE001, S110  the client goes on, whatever is wrong here
        pass
    return 0


def _stop_in_time() -> None:
    """Let an event end in time, whatever holds it: what was begun ends as with any fault, or as with a crash."""
    import _signal  # type: ignore[import-not-found]  # what `signal` wraps, without its enums

    if not hasattr(_signal, "setitimer"):
        return
    ends: list[bool] = []

    def end(*_: object) -> None:
        if ends:
            os._exit(0)
        ends.append(True)
        raise TookTooLongError

    _signal.signal(_signal.SIGALRM, end)
    _signal.setitimer(_signal.ITIMER_REAL, _LONGEST, 1.0)


def _read() -> bytes:
    """Return what the client says. All of it is read, however long: a client may not expect a closed pipe."""
    parts, size = [], 0
    try:
        while part := os.read(0, 1 << 20):
            size += len(part)
            if size <= _LARGEST:
                parts.append(part)
    except OSError:
        return b""
    return b"".join(parts) if size <= _LARGEST else b""


if __name__ == "__main__":
    # all is written: to take the modules apart again would cost more than some events do
    os._exit(main(sys.argv[1:]))
