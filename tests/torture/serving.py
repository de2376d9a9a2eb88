"""Starts `seawall serve` for a fault, talks to it, and ends it whatever happens."""

import contextlib
import http.client
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

SEAWALL = os.environ["SEAWALL"]

POLICY = """package labels
import rego.v1
deny contains "no bad labels" if input.metadata.labels.bad
"""

QUIET = {"rules": {"enabled": False}, "podSecurity": {"enabled": False}}


def review(labels=None, uid="u-1", **extra):
    """An AdmissionReview of a ConfigMap."""
    return json.dumps({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": uid, "kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
            "resource": {"group": "", "version": "v1", "resource": "configmaps"},
            "name": "c", "namespace": "shop", "operation": "CREATE",
            "userInfo": {"username": "ann"},
            "object": {"apiVersion": "v1", "kind": "ConfigMap",
                       "metadata": {"name": "c", "namespace": "shop", "labels": labels or {}},
                       "data": {}},
            **extra}}).encode()


BAD = review({"bad": "yes"})
GOOD = review({"good": "yes"})


def wait_for(condition, what, seconds=20):
    """Waits until the condition is true; what it gave is returned."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = condition()
        if got:
            return got
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


class Serving:
    """One process, its configuration, policies and log in a folder of its own."""

    def __init__(self, config=None, policies=None, limits=None, env=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="seawall-faults-"))
        self.policies = self.folder / "policies"
        self.policies.mkdir()
        for name, text in (policies or {"a.rego": POLICY}).items():
            (self.policies / name).write_text(text)
        self.config = {**QUIET, "listen": {"port": 0, "workers": 2}, "log": {"format": "json"},
                       "policies": {"paths": [str(self.policies)], "reload": "50ms"}}
        for key, value in (config or {}).items():
            self.config[key] = {**self.config.get(key, {}), **value}
        self.limits = limits or {}
        self.env = {**os.environ, **(env or {})}
        self.log = self.folder / "log"
        self.process = None
        self.port = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        file = self.folder / "serve.yaml"
        file.write_text(json.dumps(self.config))
        self.log.unlink(missing_ok=True)

        def limit():
            for what, value in self.limits.items():
                resource.setrlimit(what, (value, value))

        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [SEAWALL, "serve", "--config", str(file), "--state", str(self.folder / "state")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env, preexec_fn=limit)

        def address():
            assert self.process.poll() is None, self.log.read_text()
            said = [line for line in self.lines() if line.get("msg") == "listening"]
            return said and said[0]["address"]

        self.port = int(wait_for(address, "it listens").rsplit(":", 1)[1])

    def lines(self):
        """What it has logged."""
        lines = []
        for line in self.log.read_text().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                lines.append(json.loads(line))
        return lines

    def alive(self):
        assert self.process.poll() is None, f"it ended with {self.process.returncode}"

    def connect(self, timeout=20):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=context)

    def tcp(self, timeout=20):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def ask(self, body=BAD, path="/admit?timeout=5s", connection=None, method="POST"):
        """Status and text of an answer."""
        own = connection or self.connect()
        try:
            own.request(method, path, body=body)
            answer = own.getresponse()
            return answer.status, answer.read()
        finally:
            if not connection:
                own.close()

    def metric(self, name):
        text = self.ask(None, "/metrics", method="GET")[1].decode()
        for line in text.splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError(f"there is no metric {name}")

    def still_right(self, connection=None):
        """It answers as it should."""
        self.alive()
        status, text = self.ask(BAD, connection=connection)
        assert status == 200 and b'"allowed":false' in text and b"no bad labels" in text, text
        status, text = self.ask(GOOD, connection=connection)
        assert status == 200 and b'"allowed":true' in text, text

    def terminate(self, seconds=60):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


def never_allowed(text):
    assert b'"allowed":true' not in text.replace(b" ", b""), text
