"""What an administrator sets up: the API server's own plugins, certificates, `seawall install`."""

import base64
import json
import os
import re
import subprocess

from lib import objects
from lib.case import case
from lib.waiting import Failure, equal, until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PAGE = os.path.join(ROOT, "docs", "image-policy-webhook.md")


def write_documented_files(env, seawall, client):
    """The YAML files of docs/image-policy-webhook.md, as they stand there but for the places of files and seawall's
    address, into the case's folder. A first line names each block's file; what "more of" it is, is appended."""
    with open(PAGE, encoding="utf-8") as page:
        blocks = re.findall(r"^```yaml\n# (/[^\s,]+).*\n((?:.*\n)*?)```", page.read(), re.M)
    address = "127.0.0.1:%d" % seawall.port
    places = {"/etc/kubernetes/seawall/seawall-ca.crt": seawall.authority.certificate,
              "/etc/kubernetes/seawall/client.crt": client[0], "/etc/kubernetes/seawall/client.key": client[1],
              "/etc/seawall/tls/tls.crt": seawall.certificate, "/etc/seawall/tls/tls.key": seawall.key,
              "/etc/seawall/tls/api-server-ca.crt": env.cluster.authority.certificate,
              "seawall.example.com:8443": address, "seawall.seawall.svc": address,
              'address: "::"': "address: 127.0.0.1\n  port: %d" % seawall.port}
    places.update((path, env.path(os.path.basename(path))) for path, _ in blocks)
    for path, text in blocks:
        for place, here in places.items():
            text = text.replace(place, here)
        with open(env.path(os.path.basename(path)), "a", encoding="utf-8") as file:
            file.write(text)
    equal(sorted({os.path.basename(path) for path, _ in blocks}),
          ["admission.yaml", "image-policy.kubeconfig", "serve.yaml", "webhooks.kubeconfig"], "files in " + PAGE)


@case
def image_policy_webhook_obeyed(env):
    """The API server's own plugin, configured with the documented files."""
    namespace = env.namespace()
    client = env.cluster.authority.issue("to-seawall", "kube-apiserver", usage="clientAuth")
    seawall = env.seawall()
    seawall.stop()
    write_documented_files(env, seawall, client)
    seawall.config_path, seawall.client_certificate = env.path("serve.yaml"), client
    seawall.config["tls"]["requireClient"] = True
    seawall.start()
    server = env.cluster.another_server("kube-apiserver-images", [
        "--enable-admission-plugins=ImagePolicyWebhook",
        "--admission-control-config-file=" + env.path("admission.yaml")])
    env.cleanups.append(server.stop)

    denied = env.refused("-n", namespace, "create", "-f", "-", server=server, stdin=objects.pod(
        containers=[objects.container(image="evil.example.org/shell:1")]), says=[
            'pods "web" is forbidden: image policy webhook backend denied one or more images: ',
            "evil.example.org/shell", "registry.example.com"])
    equal(len(denied.err.strip().splitlines()), 1, "lines that kubectl prints")
    env.refused("-n", namespace, "create", "-f", "-", server=server, stdin=objects.pod(
        containers=[objects.container(image="registry.example.com/web")]), says=["latest"])
    env.good("-n", namespace, "create", "-f", "-", server=server, stdin=objects.pod())
    env.good("-n", namespace, "create", "-f", "-", server=server, stdin=objects.configmap("not-a-pod"))
    equal(seawall.metric("seawall_decisions_total", path="/image-review"), 3, "questions that seawall was asked")

    # The webhook, by the same API server, which shows its certificate; the other one has none to show.
    env.hook(seawall, wait=False)
    until("the API server with a certificate to ask", lambda: env.kubectl(
        "-n", namespace, "create", "configmap", "asked", server=server).status == 0 and env.asked(seawall, "/admit"))
    until("the API server without one to be turned away", lambda: 'failed calling webhook "validate.seawall.dev"' in
          env.kubectl("-n", namespace, "create", "--dry-run=server", "configmap", "other").err)
    env.good("-n", namespace, "create", "configmap", "one-more", server=server)
    env.unhook()

    # Without seawall: defaultAllow is false. An image that was not asked about before is refused.
    seawall.stop()
    env.refused("-n", namespace, "create", "-f", "-", server=server, stdin=objects.pod(
        "other", [objects.container(image="registry.example.com/other:1")]), says=[
            'pods "other" is forbidden', "connection refused"])


@case
def own_certificate_authority(env):
    """Seawall with nothing configured but a port: the API server trusts the authority that it makes for itself."""
    namespace = env.namespace()
    seawall = env.seawall(policies=objects.no_privileged())
    seawall.stop()
    del seawall.config["tls"]["certificate"], seawall.config["tls"]["key"]
    seawall.write_config()
    seawall.start(ready=False)
    seawall.authority.certificate = os.path.join(seawall.directory, ".local/state/seawall/ca.crt")
    until("the authority's certificate", lambda: os.path.exists(seawall.authority.certificate))
    seawall.wait_ready()
    env.hook(seawall)
    env.refused("-n", namespace, "create", "-f", "-", stdin=objects.privileged_pod(), says=["is privileged"])


# ---- seawall install

NAME_LABEL = "kubernetes.io/metadata.name"  # every Namespace has it from 1.21 on


def installation(env, *options):
    """The objects of `seawall install`, as far as an API server of 1.20 knows them."""
    done = subprocess.run([env.program, "install", "--format", "json", "--image",
                           "registry.example.com/seawall@sha256:" + "1" * 64] + list(options),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", check=False)
    if done.returncode:
        raise Failure("seawall install ended with status %d: %s" % (done.returncode, done.stderr))
    items = json.loads(done.stdout)["items"]
    for item in items:
        if item["kind"] == "Namespace":
            item["metadata"]["labels"][NAME_LABEL] = item["metadata"]["name"]
        if item["kind"] == "PodDisruptionBudget":
            item["apiVersion"] = "policy/v1beta1"
            item["spec"].pop("unhealthyPodEvictionPolicy", None)
    return items


def as_list(items):
    return {"apiVersion": "v1", "kind": "List", "items": items}


def existing(env, kind):
    return set(env.good("get", kind, "-o", "name").out.split())


@case
def install_applied(env):
    """kubectl apply takes all of it, twice; its own pods and kube-system do not wait for seawall, which cannot run
    here; everybody else does; and all is as before when it is deleted."""
    env.good("label", "--overwrite", "namespace", "kube-system", NAME_LABEL + "=kube-system")
    other = env.namespace()
    kinds = "clusterrole,clusterrolebinding,priorityclass,validatingwebhookconfiguration,mutatingwebhookconfiguration"
    before = existing(env, kinds)
    secret = env.path("secret.yaml")
    items = installation(env, "--secret", secret)
    if not any(item["kind"] == "Secret" for item in items):
        env.good("apply", "-f", "-", stdin=as_list([i for i in items if i["kind"] == "Namespace"]))
        env.good("apply", "-f", secret)
    # First what judges, so that it is gone first.
    env.cleanups.append(lambda: env.kubectl("delete", "--ignore-not-found", "--wait=false", "-f", "-",
                                            stdin=as_list(items[::-1])))
    env.good("apply", "-f", "-", stdin=as_list([i for i in items if i["kind"] == "Namespace"]))
    env.good("apply", "--dry-run=server", "-f", "-", stdin=as_list(items))
    applied = env.good("apply", "-f", "-", stdin=as_list(items))
    equal(applied.err, "", "what kubectl apply complains of")
    again = env.good("apply", "-f", "-", stdin=as_list(installation(env, "--secret", secret)))
    changed = [line for line in again.out.splitlines() if not line.endswith(" unchanged")]
    equal(changed, [], "what a second apply changes")

    pods = ("-n", "seawall", "get", "pods", "-o", "name")
    until("seawall's own pods to be made without seawall", lambda: len(env.good(*pods).out.split()) == 2)
    env.good("-n", "kube-system", "create", "--dry-run=server", "-f", "-", stdin=objects.pod())
    until("the API server to ask", lambda: env.kubectl(
        "-n", other, "create", "--dry-run=server", "-f", "-", stdin=objects.pod()).status != 0)
    env.refused("-n", other, "create", "-f", "-", stdin=objects.pod(), says=["failed calling webhook", "seawall.dev"])
    # Nobody is locked out: what is not a workload, and the webhooks themselves.
    env.good("-n", other, "create", "configmap", "still-possible")
    env.good("delete", "--wait=false", "-f", "-", stdin=as_list(items[::-1]))
    until("nothing to be left of it", lambda: existing(env, kinds) == before)
    until("pods to be possible again", lambda: env.kubectl(
        "-n", other, "create", "--dry-run=server", "-f", "-", stdin=objects.pod()).status == 0)


@case
def installed_webhooks_judge(env):
    """The webhook configurations of `seawall install`, and its certificate: what they send to seawall is enough for
    its policies. The Service leads to loopback instead of pods."""
    namespace = env.namespace({NAME_LABEL: "judged"})
    items = installation(env, "--namespace", "seawall-here")
    policies = objects.no_privileged(kinds=[("", "Pod"), ("apps", "Deployment")])
    policies["exec.rego"] = """package connect
deny contains "nobody gets in" if input.request.operation == "CONNECT"
"""
    policies["mutators.yaml"] = [{
        "apiVersion": "mutations.gatekeeper.sh/v1", "kind": "AssignMetadata", "metadata": {"name": "team"},
        "spec": {"location": "metadata.labels.team", "parameters": {"assign": {"value": "shop"}}}}]
    seawall = env.seawall({"images": {"enabled": True, "allowed": ["registry.example.com"]}}, policies)
    secret = next(item for item in items if item["kind"] == "Secret")
    for name, path in (("ca.crt", seawall.authority.certificate), ("tls.key", seawall.key),
                       ("tls.crt", seawall.certificate)):
        with open(path, "wb") as file:
            file.write(base64.b64decode(secret["data"][name]))
    seawall.stop()
    seawall.host_name = "seawall.seawall-here.svc"
    seawall.start()

    chosen = [item for item in items if item["kind"] in (
        "Namespace", "Service", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")]
    equal(len(chosen), 4, "Namespace, Service and webhook configurations")
    for item in chosen:
        if item["kind"] == "Service":
            item["spec"] = {"type": "ExternalName", "externalName": "localhost", "ports": [
                {"port": seawall.port, "name": "https"}]}
        for webhook in item.get("webhooks", []):
            webhook["clientConfig"]["service"]["port"] = seawall.port
            webhook["namespaceSelector"]["matchExpressions"].append(
                {"key": "e2e", "operator": "In", "values": [env.name]})
    env.cleanups.append(lambda: env.kubectl("delete", "--wait=false", "-f", "-", stdin=as_list(chosen[::-1])))
    env.good("apply", "-f", "-", stdin=as_list(chosen))

    def both_asked():
        env.kubectl("-n", namespace, "create", "--dry-run=server", "-f", "-", stdin=objects.pod())
        return env.asked(seawall, "/admit") and env.asked(seawall, "/mutate")
    until("both webhooks to be asked", both_asked)
    bad = [objects.container(securityContext={"privileged": True})]
    env.refused("-n", namespace, "create", "-f", "-", stdin=objects.pod(containers=bad), says=["Pod web is privileged"])
    env.refused("-n", namespace, "create", "-f", "-", stdin=objects.deployment(containers=bad),
                says=["Deployment shop is privileged"])
    env.good("-n", namespace, "create", "-f", "-", stdin=objects.pod())
    equal(env.stored(namespace, "Pod", "web")["metadata"]["labels"], {"team": "shop"}, "labels of the stored pod")
    env.refused("-n", namespace, "exec", "web", "--", "id", says=["nobody gets in"])
    env.refused("-n", namespace, "debug", "web", "--image=evil.example.org/shell", says=["evil.example.org/shell"])
    # The way out for a namespace, for an emergency.
    env.good("label", "namespace", namespace, "admission.seawall.dev/ignore=true")
    until("the namespace to be left alone", lambda: env.kubectl(
        "-n", namespace, "create", "--dry-run=server", "-f", "-", stdin=objects.pod("free", bad)).status == 0)
