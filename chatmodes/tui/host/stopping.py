"""A program that is stopped and continued from outside has one reader of the terminal afterwards.

SIGTSTP makes Textual give the terminal back; SIGSTOP comes unheard. It takes every SIGCONT for the end of the former
and starts a thread that reads: after a few of the latter as many share the keys, what one of them reads is lost to the
others, and those that nobody ends keep the program from ending.
"""

from typing import Any

from textual.app import App


def read_once(app: App[None]) -> None:
    """Let the terminal's driver end the reader it has before it starts another.

    The names are Textual's own affair: a version without them is left as it is, and so is a driver without signals.
    """
    driver: Any = app.driver_class
    continued = getattr(driver, "_sigcont_application", None)
    if continued is None:
        return

    def continued_once(self: Any, *signal: Any) -> None:
        if not getattr(self, "_auto_restart", False):
            return  # an editor has the terminal
        if not _reads(self):
            continued(self, *signal)
        else:
            # From the loop: here the main thread may be in the middle of a write, whose lock it would wait for.
            self._loop.call_soon_threadsafe(_take_anew, self, continued)

    driver._sigcont_application = continued_once


def _reads(driver: Any) -> bool:
    reader = getattr(driver, "_key_thread", None)
    return reader is not None and reader.is_alive()


def _take_anew(driver: Any, continued: Any) -> None:
    """Set the terminal up again, whatever was done to it meanwhile; keys that wait to be read stay.

    The terminal is given back neither before nor after: from the background that would stop the program again.
    """
    if not _reads(driver):
        return
    driver.exit_event.set()
    driver._key_thread.join()
    driver.exit_event.clear()
    driver.write("\x1b[<u")  # the keyboard's protocol is asked for anew, and given up once
    driver.close()  # the writer, which is started anew as well
    before = driver.attrs_before
    driver._must_signal_resume = True  # so that the screen is drawn anew
    continued(driver)
    driver.attrs_before = before
