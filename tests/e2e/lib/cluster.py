"""A control plane on loopback: etcd, the API server, the controller manager. No node, no scheduler: pods
stay Pending, which is enough to see what was stored and what was refused."""

import http.client
import json
import os
import signal
import ssl
import subprocess
import threading

from lib.certificates import Authority, openssl
from lib.processes import Process, free_port
from lib.waiting import Failure, until

UP_SECONDS = 90  # an API server needs 5 s on a machine that has nothing else to do

# Requests that the API server does itself at its start, and those of controllers, are not interesting.
AUDIT_POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  users: [admin]
  verbs: [create, update, patch, delete]
- level: None
"""


class Result:
    """What a command said."""

    def __init__(self, arguments, done):
        self.command = " ".join(arguments)
        self.status = done.returncode
        self.out, self.err = done.stdout, done.stderr

    def __str__(self):
        return "%s\nexit status %d\n%s%s" % (self.command, self.status, self.out, self.err)


class Api:
    """A client of one API server that keeps its connection: many requests are made with it. One thread
    uses it."""

    def __init__(self, server, certificate=None):
        self.port = server.port
        self.context = ssl.create_default_context(cafile=server.cluster.authority.certificate)
        self.context.load_cert_chain(*(certificate or server.cluster.admin))
        self.connection = None

    def request(self, method, path, body=None, content="application/json"):
        """Returns status and document. A connection that was closed in between is opened anew, once, as
        clients do it."""
        text = json.dumps(body) if body is not None else None
        fresh = self.connection is None
        try:
            return self.once(method, path, text, content)
        except (OSError, http.client.HTTPException):
            self.close()
            if fresh:
                raise
        return self.once(method, path, text, content)

    def once(self, method, path, text, content):
        if self.connection is None:
            self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context,
                                                          timeout=60)
        self.connection.request(method, path, text, {"Content-Type": content} if text else {})
        answer = self.connection.getresponse()
        data = answer.read()
        self.warnings = answer.headers.get_all("Warning") or []
        try:
            return answer.status, json.loads(data)
        except ValueError:
            return answer.status, {"message": data.decode(errors="replace")}

    def create(self, namespace, what, document, dry_run=False):
        path = "/api/v1/namespaces/%s/%s" % (namespace, what)
        return self.request("POST", path + ("?dryRun=All" if dry_run else ""), document)

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class ApiServer:
    """One kube-apiserver of the cluster."""

    def __init__(self, cluster, name, options=()):
        self.cluster, self.name, self.options = cluster, name, list(options)
        self.port = free_port()
        self.process = None
        self.audit_log = cluster.path("%s-audit.json" % name)
        self.kubeconfig = cluster.write_kubeconfig("%s.kubeconfig" % name, self.port, cluster.admin)
        self.start()

    def start(self):
        c = self.cluster
        plugins = ["MutatingAdmissionWebhook", "ValidatingAdmissionWebhook"]
        self.process = Process(self.name, [
            c.program("kube-apiserver"),
            "--etcd-servers=http://127.0.0.1:%d" % c.etcd_port,
            "--bind-address=127.0.0.1", "--secure-port=%d" % self.port, "--insecure-port=0",
            "--endpoint-reconciler-type=none",
            "--cert-dir=%s" % c.path("run"),
            "--tls-cert-file=%s" % c.serving[0], "--tls-private-key-file=%s" % c.serving[1],
            "--client-ca-file=%s" % c.authority.certificate,
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file=%s" % c.service_account_key,
            "--service-account-signing-key-file=%s" % c.service_account_key,
            "--service-cluster-ip-range=10.96.0.0/24",
            "--authorization-mode=RBAC",
            "--allow-privileged=true",
            "--feature-gates=EphemeralContainers=true",
            "--profiling=false",
            "--audit-log-path=%s" % self.audit_log, "--audit-log-mode=blocking",
            "--audit-policy-file=%s" % c.path("audit-policy.yaml"),
        ] + (self.options or ["--enable-admission-plugins=" + ",".join(plugins)]),
            c.path("%s.log" % self.name))
        until("the API server %s to be ready" % self.name, self.ready, UP_SECONDS, 0.1)

    def ready(self):
        self.process.must_run()
        api = self.api()
        try:
            return api.request("GET", "/readyz")[0] == 200
        finally:
            api.close()

    def restart(self, patience=3):
        """Those who keep a connection (watches, the controller manager's first of all) are cut off after
        some seconds, as whoever runs the server does it: by itself it waits for them for a minute."""
        self.process.signal(signal.SIGTERM)
        try:
            self.process.child.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.start()

    def stop(self):
        if self.process:
            self.process.kill()

    def api(self):
        return Api(self)

    def kubectl(self, *arguments, stdin=None):
        """Runs kubectl; the caller looks at the status. stdin: text, or what becomes JSON."""
        c = self.cluster
        if stdin is not None and not isinstance(stdin, str):
            stdin = json.dumps(stdin)
        command = ["kubectl"] + list(arguments)
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": c.directory,
               "KUBECONFIG": self.kubeconfig}
        done = subprocess.run([c.program("kubectl"), "--cache-dir=%s" % c.path("kubectl-cache")] +
                              list(arguments), input=stdin if stdin is not None else "", env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=120,
                              encoding="utf-8", errors="replace")
        return Result(command, done)

    def audit(self):
        """The events of the audit log."""
        with open(self.audit_log, encoding="utf-8") as log:
            return [json.loads(line) for line in log if line.endswith("\n")]


class Cluster:
    def __init__(self, programs, directory):
        self.programs, self.directory = programs, directory
        self.etcd = self.controllers = self.server = None
        self.others = []
        self.lock = threading.Lock()
        os.makedirs(self.path("run"), exist_ok=True)

    def path(self, *parts):
        return os.path.join(self.directory, *parts)

    def program(self, name):
        return os.path.join(self.programs, name)

    def start(self):
        self.make_credentials()
        with open(self.path("audit-policy.yaml"), "w", encoding="utf-8") as file:
            file.write(AUDIT_POLICY)
        self.etcd_port, peers = free_port(), free_port()
        clients = "http://127.0.0.1:%d" % self.etcd_port
        self.etcd = Process("etcd", [
            "etcd", "--data-dir", self.path("etcd"), "--unsafe-no-fsync", "--log-level", "warn",
            "--listen-client-urls", clients, "--advertise-client-urls", clients,
            "--listen-peer-urls", "http://127.0.0.1:%d" % peers,
            "--initial-advertise-peer-urls", "http://127.0.0.1:%d" % peers,
            "--initial-cluster", "default=http://127.0.0.1:%d" % peers], self.path("etcd.log"))
        until("etcd to be ready", self.etcd_ready, UP_SECONDS)
        self.server = ApiServer(self, "kube-apiserver")
        self.controllers = Process("kube-controller-manager", [
            self.program("kube-controller-manager"),
            "--kubeconfig=%s" % self.server.kubeconfig, "--leader-elect=false", "--port=0", "--secure-port=0",
            "--use-service-account-credentials=false",
            "--service-account-private-key-file=%s" % self.service_account_key,
            "--root-ca-file=%s" % self.authority.certificate,
            "--controllers=deployment,replicaset,namespace,serviceaccount,serviceaccount-token,"
            "garbagecollector,daemonset,job,cronjob,statefulset,root-ca-cert-publisher"], self.path("kube-controller-manager.log"))

    def etcd_ready(self):
        self.etcd.must_run()
        connection = http.client.HTTPConnection("127.0.0.1", self.etcd_port, timeout=5)
        try:
            connection.request("GET", "/health")
            return json.loads(connection.getresponse().read()).get("health") == "true"
        finally:
            connection.close()

    def make_credentials(self):
        self.authority = Authority(self.path("ca"), "e2e cluster")
        self.serving = self.authority.issue("apiserver", "kube-apiserver",
                                            hosts=["IP:127.0.0.1", "DNS:localhost", "DNS:kubernetes.default.svc"])
        self.admin = self.authority.issue("admin", "admin", organization="system:masters")
        self.service_account_key = self.path("ca", "service-accounts.key")
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048",
                "-out", self.service_account_key)

    def write_kubeconfig(self, name, port, certificate):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({
                "apiVersion": "v1", "kind": "Config", "current-context": "e2e",
                "clusters": [{"name": "e2e", "cluster": {
                    "server": "https://127.0.0.1:%d" % port,
                    "certificate-authority": self.authority.certificate}}],
                "users": [{"name": "e2e", "user": {
                    "client-certificate": certificate[0], "client-key": certificate[1]}}],
                "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": "e2e"}}]}, file, indent=1)
        os.chmod(path, 0o600)
        return path

    def another_server(self, name, options):
        """A second API server on the same etcd, with options of its own."""
        server = ApiServer.__new__(ApiServer)
        self.others.append(server)
        server.process = None
        ApiServer.__init__(server, self, name, options)
        return server

    def stop(self):
        """Ends everything. What is stored is thrown away, so nobody is asked to finish."""
        for one in self.others + [self.server]:
            if one:
                one.stop()
        for process in (self.controllers, self.etcd):
            if process:
                process.kill()

    def problems(self):
        """What of the cluster has died."""
        for process in (self.etcd, self.controllers, self.server and self.server.process):
            if process and not process.running():
                yield "%s is not running any more; the end of its log:\n%s" % (process.name, process.tail())


__all__ = ["Api", "ApiServer", "Cluster", "Failure", "Result"]
