"""What a case is given: namespaces, seawalls and webhook configurations of its own in the shared cluster,
all gone when it ends."""

import base64
import itertools
import os
import shutil

from lib import objects
from lib.seawall import Seawall
from lib.waiting import Failure, contains, equal, until

ALL = [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"], "scope": "*"}]
COUNTER = itertools.count(1)


class Environment:
    def __init__(self, name, cluster, program, directory):
        self.name, self.cluster, self.program, self.directory = name, cluster, program, directory
        self.server = cluster.server
        self.seawalls, self.hooks, self.namespaces, self.cleanups = [], [], [], []
        os.makedirs(directory)

    def path(self, *parts):
        return os.path.join(self.directory, *parts)

    # ---- the cluster

    def kubectl(self, *arguments, stdin=None, server=None):
        return (server or self.server).kubectl(*arguments, stdin=stdin)

    def good(self, *arguments, stdin=None, server=None):
        """kubectl, which must succeed."""
        result = self.kubectl(*arguments, stdin=stdin, server=server)
        if result.status != 0:
            raise Failure("this should have succeeded:\n%s" % result)
        return result

    def refused(self, *arguments, says=(), stdin=None, server=None):
        """kubectl, which must fail, and what it must print on standard error."""
        result = self.kubectl(*arguments, stdin=stdin, server=server)
        if result.status == 0:
            raise Failure("this should have been refused:\n%s" % result)
        contains(result.err, *says)
        return result

    def namespace(self, labels=None):
        """A new namespace, ready for pods. The webhooks of the case are asked about it."""
        name = "%s-%d" % (self.name, next(COUNTER))
        self.namespaces.append(name)
        self.good("create", "-f", "-", stdin=objects.namespace(name, dict(labels or {}, e2e=self.name)))
        api = self.server.api()
        until("the service account of namespace %s" % name, lambda: api.request(
            "GET", "/api/v1/namespaces/%s/serviceaccounts/default" % name)[0] == 200)
        api.close()
        return name

    def stored(self, namespace, kind, name):
        """The object as it is stored, or None."""
        plural = objects.PLURALS[kind]
        api = self.server.api()
        status, document = api.request("GET", plural % {"namespace": namespace} + "/" + name)
        api.close()
        if status == 404:
            return None
        equal(status, 200, "status of reading %s %s/%s" % (kind, namespace, name))
        return document

    # ---- seawall

    def seawall(self, config=None, policies=None):
        seawall = Seawall(self.program, self.path("seawall-%d" % (len(self.seawalls) + 1)), config, policies)
        self.seawalls.append(seawall)
        return seawall

    def hook(self, seawall, mutate=False, failure="Fail", timeout=5, versions=("v1",), rules=None, wait=True):
        """Has the API server ask seawall about this case's namespaces, and waits until it does."""
        path = "/mutate" if mutate else "/admit"
        kind = "MutatingWebhookConfiguration" if mutate else "ValidatingWebhookConfiguration"
        name = "e2e-%s%s" % (self.name, path.replace("/", "-"))
        self.hooks.append((kind, name))
        with open(seawall.authority.certificate, "rb") as file:
            bundle = base64.b64encode(file.read()).decode()
        webhook = {
            "name": "%s.seawall.dev" % ("mutate" if mutate else "validate"),
            "clientConfig": {"url": "https://127.0.0.1:%d%s" % (seawall.port, path), "caBundle": bundle},
            "rules": rules or ALL, "failurePolicy": failure, "sideEffects": "None", "timeoutSeconds": timeout,
            "namespaceSelector": {"matchLabels": {"e2e": self.name}},
            "admissionReviewVersions": list(versions)}
        if mutate:
            webhook["reinvocationPolicy"] = "IfNeeded"
        self.good("apply", "-f", "-", stdin={"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
                                             "metadata": {"name": name}, "webhooks": [webhook]})
        if wait:
            self.wait_asked(seawall, path)

    def wait_asked(self, seawall, path="/admit"):
        """The API server learns of webhooks by watching them, a moment after it has stored them."""
        api, before = self.server.api(), self.asked(seawall, path)
        namespace = self.namespaces[0]

        def asked():
            api.create(namespace, "configmaps", objects.configmap("are-you-asked"), dry_run=True)
            return self.asked(seawall, path) > before
        until("the API server to ask seawall at %s" % path, asked)
        api.close()

    @staticmethod
    def asked(seawall, path):
        return seawall.metric("seawall_http_requests_total", path=path)

    def unhook(self):
        for kind, name in self.hooks:
            self.kubectl("delete", kind, name, "--ignore-not-found")
        self.hooks = []

    # ---- the end

    def close(self):
        """Webhooks first: nothing else could be deleted without them."""
        for cleanup in reversed(self.cleanups):
            cleanup()
        self.unhook()
        if self.namespaces:
            self.kubectl("delete", "namespace", "--wait=false", *self.namespaces)
        for seawall in self.seawalls:
            if seawall.process:
                seawall.process.kill()

    def logs(self):
        for seawall in self.seawalls:
            if seawall.process:
                yield "the end of the log of %s:\n%s" % (os.path.basename(seawall.directory), seawall.process.tail(15))

    def forget(self):
        shutil.rmtree(self.directory, ignore_errors=True)
