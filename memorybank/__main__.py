"""The program: `bank`, and `python -m memorybank`.

Ctrl-C ends it with status 130 and the word `interrupted`, also while its modules are loaded. Before Python has come
as far as this file, Python and the system decide: a traceback of Python's own, or the signal's status.
"""

from __future__ import annotations

# the C module: loading what `signal` adds takes milliseconds in which nothing guards the program yet
import _signal as signal  # type: ignore[import-not-found]  # it has no stubs
import gc
import os
import sys

# Set before the imports: they make thousands of objects that all live on, and looking among them for ones that do
# not takes a fifteenth of a short command.
gc.set_threshold(50_000, 20, 20)

INTERRUPTED = 130


def main() -> None:
    """Run the command line and end with its status."""
    status = INTERRUPTED
    # a program that was started with Ctrl-C ignored, as in the background, goes on ignoring it
    guarded = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if guarded:
        signal.signal(signal.SIGINT, lambda *_: _end(INTERRUPTED))
    _speak_utf8()
    if sys.argv[1:2] == ["mcp"]:
        # a client starts it for each session: what reads command lines is only loaded for words it does not know
        from memorybank.serve.mcp.start import fast

        fast(sys.argv[2:])
    if sys.argv[1:3] == ["merge-driver", "--"]:
        # git starts it for each file of a merge
        from memorybank.facade.team.merge_driver import as_git_calls

        done = as_git_calls(sys.argv[3:])
        if done is not None:
            sys.exit(done)
    from memorybank.cli.main import run

    try:
        if guarded:
            # from here on an interrupt is an exception: what was typed is kept before the program ends
            signal.signal(signal.SIGINT, signal.default_int_handler)
            sys.unraisablehook = _not_lost
        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        _end(INTERRUPTED)
    if guarded:
        # What is done is done: an interrupt must not turn its status into another. As Python ends it puts the system's
        # handler in place of a function, and leaves this one.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Python looks through everything once more as it ends, which takes a sixth of a short command; nothing needs it.
    gc.freeze()
    sys.exit(status)


def _not_lost(fault: sys.UnraisableHookArgs) -> None:
    """End on an interrupt that came where Python drops every exception: in a callback, as its imports use, say."""
    if fault.exc_type is KeyboardInterrupt:
        _end(INTERRUPTED)
    sys.__unraisablehook__(fault)


def _end(status: int, word: str = "interrupted\n") -> None:
    """End at once, from wherever the program is."""
    try:
        sys.stderr.write(word)
        sys.stderr.flush()
    finally:
        os._exit(status)


def _speak_utf8() -> None:
    """Begin again in UTF-8 where the locale is another: words, file names and what programs answer are UTF-8.

    Words of the command line that are no UTF-8 are read as the locale has them, as a Latin-1 terminal types them.
    """
    if os.name != "posix" or sys.flags.utf8_mode or sys.getfilesystemencoding() == "utf-8" or not sys.executable:
        return
    before = sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv) + 1]
    head = [os.fsencode(each) for each in (sys.executable, "-X", "utf8", *before)]
    try:
        os.execv(sys.executable, head + [_as_utf8(word) for word in sys.argv[1:]])  # noqa: S606  the same program again
    except OSError:
        # too many words, say: the program goes on in the locale it has, and refuses what it cannot read
        return


def _as_utf8(word: str) -> bytes:
    data = os.fsencode(word)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # the name of a file that is there stays the bytes that it is
        if not os.path.lexists(data):
            try:
                return word.encode("utf-8")
            except UnicodeEncodeError:
                return data
    return data


if __name__ == "__main__":
    main()
