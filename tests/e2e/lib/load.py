"""Requests to the API server that go on while something happens to seawall."""

import threading
import time
from collections import Counter

from lib.waiting import Failure, until


class Load:
    """Threads that send requests, each over a connection of its own, until told to stop.

        with Load(env.server, [lambda api: api.create(namespace, "pods", pod, dry_run=True)]) as load:
            load.go_on(100)          # that many more answers
        load.answers                 # (which request, status, message)

    Each thread goes through the requests in turn. An exception ends the load, and is the case's failure."""

    def __init__(self, server, requests, threads=3, pause=0.0):
        self.requests, self.server, self.pause = requests, server, pause
        self.answers, self.error = [], None
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(i,), daemon=True) for i in range(threads)]

    def work(self, number):
        api = self.server.api()
        try:
            turn = number
            while not self.ending.is_set():
                which = turn % len(self.requests)
                status, document = self.requests[which](api)
                self.answers.append((which, status, document.get("message", "") if status >= 300 else ""))
                turn += 1
                if self.pause:
                    time.sleep(self.pause)
        except Exception as error:  # pylint: disable=broad-except
            self.error = error
        finally:
            api.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join(60)
        if self.error:
            raise Failure("a request of the load failed: %r" % self.error)

    def go_on(self, count):
        """Returns after that many more answers."""
        target = len(self.answers) + count
        until("%d more answers under load" % count, lambda: self.error or len(self.answers) >= target, 60)

    def wait_for(self, what, wanted, seconds=30):
        """Returns once an answer that arrives from now on is what is wanted (of which, status, message)."""
        start = len(self.answers)
        until(what, lambda: self.error or any(wanted(*answer) for answer in self.answers[start:]), seconds)

    def mark(self):
        return len(self.answers)

    def since(self, mark):
        return self.answers[mark:]

    @staticmethod
    def summary(answers):
        counted = Counter((which, status, message) for which, status, message in answers)
        return "\n".join("%5d  request %d: %d %s" % (n, *key) for key, n in counted.most_common(12))
