"""Pods: refused, warned about, judged whoever makes them."""

import json

from lib import objects
from lib.case import case
from lib.waiting import contains, equal, holds, lacks, until


@case
def privileged_pod_denied(env):
    """Gatekeeper's template and constraint; the message that kubectl shows names policy and container."""
    namespace = env.namespace()
    env.hook(env.seawall(policies=objects.no_privileged()))
    refused = env.refused("-n", namespace, "apply", "-f", "-", stdin=objects.privileged_pod(), says=[
        'Error from server (Forbidden): error when creating "STDIN": ',
        'admission webhook "validate.seawall.dev" denied the request: ',
        "gatekeeper/K8sPrivileged/no-privileged",
        "container web of Pod web is privileged; containers here may not be"])
    equal(len(refused.err.strip().splitlines()), 1, "lines that kubectl prints")
    equal(env.stored(namespace, "Pod", "web"), None, "the pod that was refused")
    env.good("-n", namespace, "apply", "-f", "-", stdin=objects.pod())
    holds(env.stored(namespace, "Pod", "web"), "the harmless pod is not stored")


@case
def several_policies_in_one_message(env):
    """A pod that breaks two policies is told of both at once."""
    policies = objects.no_privileged()
    policies["images.rego"] = """package images
deny contains msg if {
  some container in input.spec.containers
  not startswith(container.image, "registry.example.com/")
  msg := sprintf("image %s is not from registry.example.com", [container.image])
}
"""
    namespace = env.namespace()
    env.hook(env.seawall(policies=policies))
    broken = objects.pod(containers=[objects.container(image="nginx", securityContext={"privileged": True})])
    env.refused("-n", namespace, "create", "-f", "-", stdin=broken, says=[
        "container web of Pod web is privileged", "rego/images", "image nginx is not from registry.example.com"])


@case
def namespace_labels_from_a_file(env):
    """Pod Security by labels that are in a file of Namespaces."""
    strict, free = env.namespace(), env.namespace()
    labels = {"pod-security.kubernetes.io/enforce": "baseline"}
    path = env.path("namespaces.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(objects.namespace(strict, labels)))
        file.write("\n---\n" + json.dumps(objects.namespace(free)))
    env.hook(env.seawall({"namespaces": {"source": "file", "path": path}}))
    env.refused("-n", strict, "create", "-f", "-", stdin=objects.pod(hostNetwork=True), says=[
        'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)'])
    env.good("-n", free, "create", "-f", "-", stdin=objects.pod(hostNetwork=True))
    env.good("-n", strict, "create", "-f", "-", stdin=objects.pod())


@case
def namespace_labels_from_the_api(env):
    """Pod Security by labels as they are in the cluster, also when they change. Seawall may do no more
    than read Namespaces."""
    strict = env.namespace({"pod-security.kubernetes.io/enforce": "baseline"})
    later = env.namespace()
    env.hook(env.seawall(watching(env)))
    bad = objects.pod(hostNetwork=True)
    env.refused("-n", strict, "create", "-f", "-", stdin=bad, says=[
        'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)'])
    env.good("-n", later, "create", "--dry-run=server", "-f", "-", stdin=bad)

    env.good("label", "namespace", later, "pod-security.kubernetes.io/enforce=baseline")
    until("the label to be enforced", lambda: env.kubectl(
        "-n", later, "create", "--dry-run=server", "-f", "-", stdin=bad).status != 0)
    env.good("label", "namespace", strict, "pod-security.kubernetes.io/enforce-")
    until("the label not to be enforced any more", lambda: env.kubectl(
        "-n", strict, "create", "--dry-run=server", "-f", "-", stdin=bad).status == 0)

    # A namespace that was made a moment ago is known, or asked for.
    for _ in range(5):
        new = env.namespace({"pod-security.kubernetes.io/enforce": "baseline"})
        env.refused("-n", new, "create", "-f", "-", stdin=bad, says=['PodSecurity "baseline:latest"'])


@case
def wrong_namespace_label_denied(env):
    """A mistyped level would enforce nothing, so the label is refused."""
    namespace = env.namespace()
    env.hook(env.seawall())
    env.refused("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=basline", says=[
        "pod-security.kubernetes.io/enforce", "basline", "privileged", "baseline", "restricted"])


@case
def warnings_shown(env):
    """The rule library, in its default mode: the pod is made, kubectl shows what is not good about it."""
    namespace = env.namespace()
    env.hook(env.seawall({"rules": {"enabled": True, "mode": "warn"}}))
    result = env.good("-n", namespace, "create", "-f", "-", stdin=objects.privileged_pod())
    contains(result.err, "Warning: ", "privileged")
    contains(result.out, "pod/web created")
    for line in result.err.splitlines():
        holds(line.startswith("Warning: "), "kubectl prints %r beside the warnings" % line)


@case
def rules_enforced_by_severity(env):
    """The same library at enforce for what is severe."""
    namespace = env.namespace()
    env.hook(env.seawall({"rules": {"enabled": True, "mode": "warn",
                                    "settings": [{"severity": "high", "mode": "enforce"}]}}))
    result = env.refused("-n", namespace, "create", "-f", "-", stdin=objects.privileged_pod(), says=[
        "denied the request: ", "rules/", "privileged"])
    lacks(result.err, "rules/replicas")


@case
def warn_label_of_pod_security(env):
    strict = env.namespace({"pod-security.kubernetes.io/warn": "restricted",
                            "pod-security.kubernetes.io/audit": "restricted"})
    env.hook(env.seawall(watching(env)))
    result = env.good("-n", strict, "create", "-f", "-", stdin=objects.pod("warned"))
    contains(result.err, 'Warning: would violate PodSecurity "restricted:latest"',
             "allowPrivilegeEscalation != false")
    # The audit label, in the log of the API server.
    events = [e for e in env.server.audit() if e.get("objectRef", {}).get("namespace") == strict and
              e["objectRef"].get("resource") == "pods"]
    holds(events, "there is no audit event of the pod")
    contains(json.dumps(events[-1].get("annotations", {})), "allowPrivilegeEscalation != false")


@case
def forged_owner_buys_nothing(env):
    """A pod that says a ReplicaSet owns it is judged as any other."""
    namespace = env.namespace()
    env.hook(env.seawall(policies=objects.no_privileged()))
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "shop-7d9f", "controller": True,
             "uid": "9c0b3a3c-3c5e-4f0e-8f6e-6d4f5a9d6c1b"}
    env.refused("-n", namespace, "create", "-f", "-", stdin=objects.privileged_pod(owner=owner), says=[
        "container web of Pod web is privileged"])


@case
def dry_run_is_judged(env):
    namespace = env.namespace()
    env.hook(env.seawall(policies=objects.no_privileged()))
    env.refused("-n", namespace, "apply", "--dry-run=server", "-f", "-", stdin=objects.privileged_pod(), says=[
        "is privileged"])


@case
def review_version_v1beta1(env):
    """A webhook configuration of old that names v1beta1 alone."""
    namespace = env.namespace()
    env.hook(env.seawall(policies=objects.no_privileged()), versions=("v1beta1",))
    env.refused("-n", namespace, "create", "-f", "-", stdin=objects.privileged_pod(), says=[
        "container web of Pod web is privileged"])
    env.good("-n", namespace, "create", "-f", "-", stdin=objects.pod())


@case
def large_object(env):
    """As large as the API server takes them."""
    namespace = env.namespace()
    env.hook(env.seawall(policies=objects.no_privileged()))
    env.good("-n", namespace, "create", "-f", "-", stdin=objects.configmap("large", text="x" * 1000000))
    equal(len(env.stored(namespace, "ConfigMap", "large")["data"]["text"]), 1000000, "length of the text")


def watching(env):
    """Configuration of a seawall that reads Namespaces from the API server, with no other right."""
    certificate = env.cluster.authority.issue("reader-" + env.name, "reader-" + env.name)
    name = "e2e-reader-" + env.name
    env.good("create", "clusterrole", name, "--verb=get,list,watch", "--resource=namespaces")
    env.cleanups.append(lambda: env.kubectl("delete", "clusterrole,clusterrolebinding", name))
    env.good("create", "clusterrolebinding", name, "--clusterrole=" + name, "--user=reader-" + env.name)
    kubeconfig = env.cluster.write_kubeconfig("reader-%s.kubeconfig" % env.name, env.server.port, certificate)
    return {"namespaces": {"source": "api", "kubeconfig": kubeconfig}}
