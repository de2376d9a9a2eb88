"""The program that is tested, as a webhook on loopback."""

import http.client
import json
import os
import re
import signal
import socket
import ssl

from lib.certificates import Authority
from lib.processes import Process, free_port
from lib.waiting import Failure, until

SERIES = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Connection(http.client.HTTPSConnection):
    """To loopback, whatever the name is that the certificate is held against."""

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


def merge(base, over):
    """base with what over says besides or instead, mappings joined."""
    joined = dict(base)
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(joined.get(key), dict):
            value = merge(joined[key], value)
        joined[key] = value
    return joined


class Seawall:
    """`seawall serve` with a configuration, certificates and policies of its own in a directory."""

    def __init__(self, program, directory, config=None, policies=None):
        self.program, self.directory = program, directory
        self.process = None
        self.host_name = "127.0.0.1"  # that its certificate is asked for
        os.makedirs(self.path("policies"))
        for name, content in (policies or {}).items():
            self.write_policy(name, content)
        self.port = free_port()
        self.authority = Authority(self.path("tls"), "e2e seawall")
        self.certificate, self.key = self.new_certificate("seawall")
        self.config = merge({
            "apiVersion": "seawall.dev/v1", "kind": "ServeConfig",
            "listen": {"port": self.port, "workers": 2},
            "tls": {"certificate": self.certificate, "key": self.key},
            "policies": {"paths": [self.path("policies")], "reload": "100ms"},
            "rules": {"enabled": False},
            "decisionLog": {"enabled": True, "path": self.path("decisions.json")},
        }, config or {})
        self.config_path = self.path("serve.yaml")
        self.write_config()
        self.start()

    def path(self, *parts):
        return os.path.join(self.directory, *parts)

    def write_config(self):
        with open(self.config_path, "w", encoding="utf-8") as file:
            json.dump(self.config, file, indent=1)  # which YAML reads too

    def new_certificate(self, name):
        return self.authority.issue(name, "seawall.test", hosts=["IP:127.0.0.1", "DNS:seawall.test"],
                                    usage="serverAuth")

    # ---- policies: written beside and renamed, as an editor or a deployment does

    def write_policy(self, name, content):
        text = content if isinstance(content, str) else "---\n".join(json.dumps(o) + "\n" for o in content)
        path = self.path("policies", name)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(path + ".new", path)

    def remove_policy(self, name):
        os.unlink(self.path("policies", name))

    # ---- the process

    def start(self, ready=True):
        self.process = Process("seawall", [self.program, "serve", "--config", self.config_path],
                               self.path("seawall.log"), env={"PATH": "/usr/bin:/bin", "HOME": self.directory})
        if ready:
            self.wait_ready()

    def wait_ready(self):
        until("seawall to be ready", self.ready)

    def ready(self):
        self.process.must_run()
        return self.get("/readyz")[0] == 200

    def stop(self):
        """SIGTERM; it must drain and end well."""
        status = self.process.stop()
        if status != 0:
            raise Failure("seawall ended with status %s after SIGTERM; the end of its log:\n%s" %
                          (status, self.process.tail()))

    def kill(self):
        self.process.signal(signal.SIGKILL)
        self.process.wait()

    # ---- asking it

    def client_context(self):
        context = ssl.create_default_context(cafile=self.authority.certificate)
        if self.config["tls"].get("requireClient"):
            context.load_cert_chain(*self.client_certificate)
        return context

    def get(self, path):
        return self.ask("GET", path)

    def ask(self, method, path, body=None):
        connection = Connection(self.host_name, self.port, context=self.client_context(), timeout=30)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def metric(self, name, **labels):
        """The sum of the series with that name and at least these labels; 0 if there is none."""
        status, text = self.get("/metrics")
        if status != 200:
            raise Failure("/metrics answered %d: %s" % (status, text))
        total = 0.0
        for line in text.splitlines():
            series = SERIES.match(line)
            if series and series.group(1) == name:
                has = dict(LABEL.findall(series.group(2) or ""))
                if all(has.get(key) == value for key, value in labels.items()):
                    total += float(series.group(3))
        return total

    def decisions(self, **fields):
        """The lines of the decision log that say this."""
        with open(self.path("decisions.json"), encoding="utf-8") as log:
            lines = [json.loads(line) for line in log if line.endswith("\n")]
        return [line for line in lines if all(line.get(key) == value for key, value in fields.items())]
