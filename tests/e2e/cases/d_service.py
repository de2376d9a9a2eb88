"""Seawall as a service: policies that change, certificates that change, servers that go and come back."""

import json
import os
import ssl
import socket

from lib import objects
from lib.case import case
from lib.load import Load
from lib.waiting import Failure, contains, equal, holds, until

CALLING_FAILED = 'failed calling webhook "validate.seawall.dev"'


def name_policy(forbidden):
    return """package names
deny contains msg if {
  input.kind == "ConfigMap"
  input.metadata.name == "%s"
  msg := "the name %s is taken"
}
""" % (forbidden, forbidden)


def config(namespace, name):
    """A request of a load: the creation of a ConfigMap, of which nothing is stored."""
    return lambda api: api.create(namespace, "configmaps", objects.configmap(name), dry_run=True)


def pod(namespace, document):
    return lambda api: api.create(namespace, "pods", document, dry_run=True)


def never(load, answers, wrong, what):
    bad = [answer for answer in answers if wrong(*answer)]
    holds(not bad, "%s, %d times of %d:\n%s" % (what, len(bad), len(answers), load.summary(bad)))


@case
def policies_change_under_load(env):
    """Added, changed, broken, mended, removed, while requests run. Each answer is by the old or the new
    policies, never by none and never an error."""
    namespace = env.namespace()
    seawall = env.seawall(policies=objects.no_privileged())
    env.hook(seawall)
    requests = [config(namespace, "red"), config(namespace, "blue"),
                pod(namespace, objects.privileged_pod()), pod(namespace, objects.pod())]

    def denied(which, text):
        return lambda w, status, message: w == which and status == 403 and text in message

    def allowed(which):
        return lambda w, status, _: w == which and status == 201

    with Load(env.server, requests, threads=3) as load:
        load.go_on(20)
        seawall.write_policy("names.rego", name_policy("red"))
        load.wait_for("the new policy to be obeyed", denied(0, "the name red is taken"))
        seawall.write_policy("names.rego", name_policy("blue"))
        load.wait_for("the changed policy to be obeyed", denied(1, "the name blue is taken"))
        load.wait_for("what it denied to be allowed", allowed(0))

        seawall.write_policy("names.rego", "package names\ndeny contains msg if { input.kind ==\n")
        until("/metrics to tell of the failed load",
              lambda: seawall.metric("seawall_policy_load_failed") == 1)
        mark = load.mark()
        load.go_on(60)
        answers = load.since(mark)
        holds(any(denied(1, "the name blue is taken")(*a) for a in answers), "broken policies: nobody was denied")
        never(load, answers, allowed(1), "the policy before the broken one was not in force any more")
        contains(seawall.process.text(), "names.rego")
        equal(seawall.get("/readyz")[0], 200, "status of /readyz with broken policies on disk")

        seawall.write_policy("names.rego", name_policy("red"))
        load.wait_for("the mended policy to be obeyed", denied(0, "the name red is taken"))
        equal(seawall.metric("seawall_policy_load_failed"), 0, "seawall_policy_load_failed after mending")
        seawall.remove_policy("names.rego")
        load.wait_for("what the removed policy denied to be allowed", allowed(0))
        load.go_on(20)
    never(load, load.answers, lambda _, status, message: status not in (201, 403), "errors while policies changed")
    never(load, load.answers, allowed(2), "a privileged pod was allowed")
    never(load, load.answers, lambda which, status, _: which == 3 and status != 201, "a harmless pod was refused")


@case
def policies_swapped_as_a_configmap_volume(env):
    """The way a mounted ConfigMap changes: a link to a new directory, renamed over the old one."""
    namespace = env.namespace()
    seawall = env.seawall()
    mount = env.path("mount")

    def publish(version, forbidden):
        os.makedirs(os.path.join(mount, version), exist_ok=True)
        with open(os.path.join(mount, version, "names.rego"), "w", encoding="utf-8") as file:
            file.write(name_policy(forbidden))
        link = os.path.join(mount, "..data_tmp")
        os.symlink(version, link)
        os.rename(link, os.path.join(mount, "..data"))
    publish("..2026_1", "red")
    os.symlink("..data/names.rego", os.path.join(mount, "names.rego"))
    seawall.stop()
    seawall.config["policies"]["paths"] = [mount]
    seawall.write_config()
    seawall.start()
    env.hook(seawall)
    env.refused("-n", namespace, "create", "configmap", "red", says=["the name red is taken"])
    publish("..2026_2", "blue")
    # kubelet removes the old directory now; if it is stopped in between, never.
    until("the new version to be obeyed", lambda: env.kubectl(
        "-n", namespace, "create", "configmap", "blue", "--dry-run=server").status != 0)
    env.refused("-n", namespace, "create", "configmap", "blue", says=["the name blue is taken"])
    env.good("-n", namespace, "create", "configmap", "red")


@case
def reload_on_sighup(env):
    """With watching switched off, a signal has policies read again."""
    import signal
    namespace = env.namespace()
    seawall = env.seawall({"policies": {"reload": "0s"}})
    env.hook(seawall)
    seawall.write_policy("names.rego", name_policy("red"))
    env.good("-n", namespace, "create", "configmap", "red", "--dry-run=server")
    seawall.process.signal(signal.SIGHUP)
    until("the policy to be obeyed", lambda: env.kubectl(
        "-n", namespace, "create", "configmap", "red", "--dry-run=server").status != 0)
    env.refused("-n", namespace, "create", "configmap", "red", says=["the name red is taken"])


@case
def no_policies_no_permission(env):
    """Started with policies that cannot be loaded, it is not ready, and nothing is let through."""
    namespace = env.namespace()
    seawall = env.seawall()
    env.hook(seawall)
    seawall.stop()
    seawall.write_policy("broken.rego", "package broken\ndeny contains\n")
    seawall.start(ready=False)
    until("an answer at /healthz", lambda: seawall.process.must_run() and seawall.get("/healthz")[0] == 200)
    equal(seawall.get("/readyz")[0], 503, "status of /readyz")
    result = env.refused("-n", namespace, "create", "configmap", "one", says=[CALLING_FAILED])
    contains(result.err, "polic")
    seawall.remove_policy("broken.rego")
    seawall.wait_ready()
    env.good("-n", namespace, "create", "configmap", "one")


@case
def stopped_with_failure_policy_fail(env):
    namespace = env.namespace()
    seawall = env.seawall(policies=objects.no_privileged())
    env.hook(seawall, failure="Fail")
    seawall.stop()
    env.refused("-n", namespace, "create", "-f", "-", stdin=objects.pod(), says=[
        "Error from server (InternalError)", CALLING_FAILED, "connection refused"])
    # What the webhook is not asked about goes on.
    env.good("-n", "default", "create", "configmap", "elsewhere", "--dry-run=server")
    seawall.start()
    env.good("-n", namespace, "create", "-f", "-", stdin=objects.pod())


@case
def stopped_with_failure_policy_ignore(env):
    namespace = env.namespace()
    seawall = env.seawall(policies=objects.no_privileged())
    env.hook(seawall, failure="Ignore")
    env.refused("-n", namespace, "create", "-f", "-", stdin=objects.privileged_pod(), says=["is privileged"])
    seawall.stop()
    env.good("-n", namespace, "create", "-f", "-", stdin=objects.privileged_pod())
    seawall.start()
    env.refused("-n", namespace, "create", "-f", "-", stdin=objects.privileged_pod("next"), says=["is privileged"])


@case
def drained_under_load(env):
    """SIGTERM while requests run: those that have begun are answered; later ones find nobody."""
    namespace = env.namespace()
    seawall = env.seawall(policies=objects.no_privileged())
    env.hook(seawall)
    good, bad = pod(namespace, objects.pod()), pod(namespace, objects.privileged_pod())
    with Load(env.server, [good, bad], threads=6) as load:
        for _ in range(3):
            load.go_on(60)
            seawall.stop()
            load.wait_for("a request that finds nobody", lambda _, status, __: status == 500)
            seawall.start()
            load.wait_for("an answer after the start", lambda which, status, _: which == 0 and status == 201)
    fine = "connect: connection refused"
    never(load, load.answers, lambda _, status, message: status not in (201, 403) and fine not in message,
          "requests broke off while seawall drained")
    never(load, load.answers, lambda which, status, _: which == 1 and status == 201, "a privileged pod was allowed")
    never(load, load.answers, lambda which, status, _: which == 0 and status == 403, "a harmless pod was denied")


@case
def killed_under_load(env):
    """kill -9: nothing that should be refused is let through, and after a start all is as before."""
    namespace = env.namespace()
    seawall = env.seawall(policies=objects.no_privileged())
    env.hook(seawall)
    good, bad = pod(namespace, objects.pod()), pod(namespace, objects.privileged_pod())
    with Load(env.server, [good, bad], threads=4) as load:
        for _ in range(3):
            load.go_on(40)
            seawall.kill()
            load.wait_for("a request that finds nobody", lambda _, status, __: status == 500)
            seawall.start()
            load.wait_for("an answer after the start", lambda which, status, _: which == 0 and status == 201)
    never(load, load.answers, lambda which, status, _: which == 1 and status == 201, "a privileged pod was allowed")
    never(load, load.answers, lambda which, status, _: which == 0 and status == 403, "a harmless pod was denied")
    lines = seawall.decisions()
    holds(lines, "the decision log is empty after three kills")
    with open(seawall.path("decisions.json"), encoding="utf-8") as log:
        for line in log:
            json.loads(line)


def served(seawall):
    """The certificate that seawall shows now."""
    with socket.create_connection(("127.0.0.1", seawall.port), timeout=10) as connection:
        with seawall.client_context().wrap_socket(connection, server_hostname="127.0.0.1") as tls:
            return ssl.DER_cert_to_PEM_cert(tls.getpeercert(binary_form=True))


@case
def certificates_rotated_under_load(env):
    """Five certificates one after the other, key first as a careless tool does it; no request is lost.
    The API server opens connections all the time, since each one's idle time is short."""
    namespace = env.namespace()
    seawall = env.seawall({"limits": {"idle": "1s"}}, objects.no_privileged())
    env.hook(seawall)
    good, bad = pod(namespace, objects.pod()), pod(namespace, objects.privileged_pod())
    with Load(env.server, [good, bad], threads=8) as load:
        for i in range(5):
            certificate, key = seawall.new_certificate("next-%d" % i)
            with open(certificate, encoding="ascii") as file:
                wanted = file.read()
            os.rename(key, seawall.key)
            load.go_on(20)
            os.rename(certificate, seawall.certificate)
            until("certificate %d to be served" % (i + 1), lambda w=wanted: w.strip() == served(seawall).strip())
            load.go_on(40)
    never(load, load.answers, lambda which, status, _: status != (201, 403)[which], "requests were lost or wrong")


@case
def api_server_restarted(env):
    """Its connections break, and new ones come; the watch on Namespaces is taken up again."""
    from cases.a_pods import watching
    namespace = env.namespace({"pod-security.kubernetes.io/enforce": "baseline"})
    later = env.namespace()
    seawall = env.seawall(watching(env), objects.no_privileged())
    env.hook(seawall)
    bad = objects.pod(hostNetwork=True)
    says = ['violates PodSecurity "baseline:latest"']
    env.refused("-n", namespace, "create", "-f", "-", stdin=bad, says=says)
    env.server.restart()
    env.refused("-n", namespace, "create", "-f", "-", stdin=bad, says=says)
    env.refused("-n", namespace, "create", "-f", "-", stdin=objects.privileged_pod(), says=["is privileged"])
    env.good("label", "namespace", later, "pod-security.kubernetes.io/enforce=baseline")
    until("a label that was set after the restart to be enforced", lambda: env.kubectl(
        "-n", later, "create", "--dry-run=server", "-f", "-", stdin=bad).status != 0)
    env.refused("-n", later, "create", "-f", "-", stdin=bad, says=says)


@case
def metrics_and_decision_log(env):
    """What an administrator finds afterwards: counters, and a line for each decision, without secrets."""
    namespace = env.namespace()
    seawall = env.seawall({"decisionLog": {"objects": True}}, objects.no_privileged())
    env.hook(seawall)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token"},
              "stringData": {"password": "correct-horse-battery"}}
    env.good("-n", namespace, "create", "-f", "-", stdin=secret)
    before = seawall.metric("seawall_decisions_total", path="/admit", decision="denied")
    env.refused("-n", namespace, "create", "-f", "-", stdin=objects.privileged_pod(), says=["is privileged"])
    equal(seawall.metric("seawall_decisions_total", path="/admit", decision="denied") - before, 1,
          "growth of seawall_decisions_total")
    line = until("the denial in the decision log",
                 lambda: seawall.decisions(namespace=namespace, name="web", allowed=False))[0]
    equal((line.get("operation"), line.get("user")), ("CREATE", "admin"), "operation and user in the decision log")
    contains(json.dumps(line), "gatekeeper/K8sPrivileged/no-privileged")
    until("the Secret in the decision log", lambda: seawall.decisions(namespace=namespace, name="token"))
    with open(seawall.path("decisions.json"), encoding="utf-8") as log:
        text = log.read()
    holds("correct-horse-battery" not in text, "the Secret's value is in the decision log")
    import base64
    holds(base64.b64encode(b"correct-horse-battery").decode() not in text, "the Secret's value is in the log, encoded")


@case
def asked_as_opa_is(env):
    """curl, as what asks OPA today does it."""
    import subprocess
    seawall = env.seawall(policies={"authz.rego": """package app.authz
default allow := false
allow if input.user == "alice"
reasons contains "nobody is let in at night" if input.hour < 6
""", "data.json": json.dumps({"app": {"limits": {"size": 7}}})})

    def curl(path, *more):
        done = subprocess.run(["curl", "-sS", "--cacert", seawall.authority.certificate,
                               "https://127.0.0.1:%d%s" % (seawall.port, path)] + list(more),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", check=False)
        if done.returncode:
            raise Failure("curl %s: %s" % (path, done.stderr))
        return json.loads(done.stdout)
    ask = ("-H", "Content-Type: application/json", "-d")
    equal(curl("/v1/data/app/authz/allow", *ask, '{"input": {"user": "alice"}}').get("result"), True, "alice")
    equal(curl("/v1/data/app/authz/allow", *ask, '{"input": {"user": "eve"}}').get("result"), False, "eve")
    equal(curl("/v1/data/app/authz", *ask, '{"input": {"user": "eve", "hour": 3}}').get("result"),
          {"allow": False, "reasons": ["nobody is let in at night"]}, "the whole package")
    equal(curl("/v1/data/app/limits/size").get("result"), 7, "a base document")
    equal("result" in curl("/v1/data/app/nothing"), False, "a document that does not exist has a result")
