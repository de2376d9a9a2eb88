"""Programs that run beside the cases: started, watched, and always ended."""

import os
import signal
import socket
import subprocess

from lib.waiting import Failure

STOP_SECONDS = 30


def free_port():
    """A port of loopback that nobody listens on. Somebody else may take it before it is used; with the
    ports that the kernel gives out going round, that takes thousands of them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A program in the background; its output is in the file `log`."""

    def __init__(self, name, arguments, log, env=None):
        self.name, self.log, self.arguments = name, log, [str(a) for a in arguments]
        # setpriv: should this program die without a chance to clean up, the kernel ends the others.
        with open(log, "ab") as out:
            self.child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--"] + self.arguments,
                                          stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env,
                                          start_new_session=True)

    @property
    def pid(self):
        return self.child.pid

    def running(self):
        return self.child.poll() is None

    def must_run(self):
        if not self.running():
            raise Failure("%s ended with status %s; the end of its log:\n%s" %
                          (self.name, self.child.returncode, self.tail()))
        return True

    def tail(self, lines=30):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-lines:])

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def signal(self, number):
        if self.running():
            os.kill(self.pid, number)

    def wait(self, seconds=STOP_SECONDS):
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure("%s did not end within %d s; the end of its log:\n%s" %
                          (self.name, seconds, self.tail())) from None

    def stop(self):
        """SIGTERM, and its exit status."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self.signal(signal.SIGKILL)
        self.child.wait()
