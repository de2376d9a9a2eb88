"""serving: starts `seawall serve` and its clients, for benchmarks and tests.

Everything is on loopback and below one folder, which the caller makes and removes.
"""

import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import time

START = 60  # seconds, with sanitizers on a busy machine


class Failed(Exception):
    pass


def wait_for(what, condition, seconds=START):
    """Until condition() is true; returns what it gave."""
    end = time.monotonic() + seconds
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > end:
            raise Failed("%s: not within %d s" % (what, seconds))
        time.sleep(0.002)


def unverified():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Process:
    """A server: what it costs, and its end."""

    def __init__(self, arguments, folder, name, environment=None):
        self.error_path = os.path.join(folder, name + ".err")
        self.output_path = os.path.join(folder, name + ".out")
        with open(self.output_path, "wb") as out, open(self.error_path, "wb") as err:
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                            env=environment)

    def cpu(self):
        """Seconds of all its threads, those that have ended too, in user space and kernel."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def resident(self):
        """KiB."""
        with open("/proc/%d/status" % self.process.pid, encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def read(self, path):
        with open(path, encoding="utf-8", errors="replace") as told:
            return told.read()

    def errors(self):
        return self.read(self.error_path)

    def must_run(self):
        if self.process.poll() is not None:
            raise Failed("%s ended with %s:\n%s" %
                         (self.process.args[0], self.process.returncode, self.errors()[-4000:]))

    def stop(self, with_signal=signal.SIGTERM, seconds=START):
        """Its exit status; None: it had to be killed."""
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None


class Echo(Process):
    def __init__(self, program, folder, certificates, sizes, workers):
        super().__init__([program, os.path.join(certificates, "tls.crt"),
                          os.path.join(certificates, "tls.key"), str(workers)] +
                         ["%d:%d" % size for size in sizes], folder, "echo")
        wait_for("https_echo listens", lambda: self.must_run() or self.read(self.output_path).endswith("\n"))
        self.port = int(self.read(self.output_path).rsplit(":", 1)[1])


class Seawall(Process):
    """Metrics have a listener of their own, without TLS."""

    def __init__(self, program, folder, certificates, policies=(), settings=(), wrapper=(),
                 environment=None):
        arguments = list(wrapper) + [program, "serve"]
        for path in policies:
            arguments += ["--policies", path]
        # A path of policies that holds nothing keeps the example policies out.
        for setting in ["listen.address=127.0.0.1", "listen.port=0", "log.format=json",
                        "metrics.address=127.0.0.1", "metrics.port=0",
                        "tls.certificate=" + os.path.join(certificates, "tls.crt"),
                        "tls.key=" + os.path.join(certificates, "tls.key")] + list(settings):
            arguments += ["--set", setting]
        super().__init__(arguments, folder, "seawall", environment)
        self.scraper = None
        self.port = self.listening("listening")
        self.metrics_port = self.listening("metrics")

    def told(self, message):
        """The lines of its log with this message."""
        lines = []
        for line in self.errors().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and entry.get("msg") == message:
                lines.append(entry)
        return lines

    def listening(self, message):
        lines = wait_for("seawall tells where it listens", lambda: self.must_run() or self.told(message))
        return int(lines[0]["address"].rsplit(":", 1)[1])

    def scrape(self):
        """The text of /metrics, over a connection that is kept."""
        if not self.scraper:
            self.scraper = http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=START)
        self.scraper.request("GET", "/metrics")
        answer = self.scraper.getresponse()
        text = answer.read().decode("utf-8")
        if answer.status != 200:
            raise Failed("/metrics: %d %s" % (answer.status, text))
        return text

    def metrics(self):
        """{'name{label="value"}': number}"""
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
                for line in self.scrape().splitlines() if line and not line.startswith("#")}

    def ask(self, body, path="/admit?timeout=10s"):
        """(status, what the JSON of the answer holds, its size)"""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=START, context=unverified())
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text), len(text)


def make_certificate(program, folder):
    os.makedirs(folder, exist_ok=True)
    subprocess.run([program, folder], check=True)
    return folder


def load_arguments(program, port, reviews, options):
    arguments = [program, "--port", str(port)]
    for review in reviews:
        arguments += ["--review", review]
    for name, value in options.items():
        arguments += ["--" + name, str(value)]
    return arguments


def load(program, port, reviews, **options):
    """Runs https_load to its end: its figures."""
    done = subprocess.run(load_arguments(program, port, reviews, options), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise Failed("https_load: %s%s" % (done.stderr.decode(), done.stdout.decode()))
    return json.loads(done.stdout.splitlines()[-1])


class Load:
    """https_load that is told things while it runs."""

    def __init__(self, program, port, reviews, **options):
        self.process = subprocess.Popen(load_arguments(program, port, reviews, options),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)

    def tell(self, line):
        self.process.stdin.write((line + "\n").encode("ascii"))
        self.process.stdin.flush()

    def runs(self):
        return self.process.poll() is None

    def stop(self):
        """(figures, what it complained about)"""
        if self.runs():
            self.tell("stop")
        out, err = self.process.communicate(timeout=START)
        if not out:
            raise Failed("https_load ended with %s: %s" % (self.process.returncode, err.decode()))
        return json.loads(out.splitlines()[-1]), err.decode("utf-8", "replace")
