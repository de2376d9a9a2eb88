"""Workloads: their templates, the pods that controllers make of them, scaling."""

from lib import objects
from lib.case import case
from lib.waiting import contains, equal, holds, until

SCALE_LIMIT = {"scale.rego": """package scale
deny contains msg if {
  input.request.subResource == "scale"
  input.request.object.spec.replicas > 3
  msg := sprintf("%s may have 3 replicas, not %d", [input.request.name, input.request.object.spec.replicas])
}
"""}


def events(env, namespace):
    return env.good("-n", namespace, "get", "events", "-o", "jsonpath={range .items[*]}"
                    "{.involvedObject.kind} {.reason} {.message}{\"\\n\"}{end}").out


@case
def deployments_pods_denied(env):
    """The Deployment is stored, its pods are not; whoever asks is told why."""
    namespace = env.namespace()
    env.hook(env.seawall(policies=objects.no_privileged()))
    env.good("-n", namespace, "apply", "-f", "-", stdin=objects.deployment(
        containers=[objects.container(securityContext={"privileged": True})]))
    what = "container web of Pod"

    until("an event that says why", lambda: what in events(env, namespace))
    contains(events(env, namespace), "ReplicaSet FailedCreate Error creating: admission webhook", what)

    def condition():
        conditions = env.stored(namespace, "Deployment", "shop").get("status", {}).get("conditions", [])
        return [c for c in conditions if c["type"] == "ReplicaFailure" and what in c.get("message", "")]
    until("the Deployment's condition ReplicaFailure", condition)
    equal(env.good("-n", namespace, "get", "pods", "-o", "name").out, "", "pods")


@case
def deployments_template_denied(env):
    """A constraint that names Deployments refuses them at once."""
    namespace = env.namespace()
    env.hook(env.seawall(policies=objects.no_privileged(kinds=[("", "Pod"), ("apps", "Deployment")])))
    bad = objects.deployment(containers=[objects.container(securityContext={"privileged": True})])
    env.refused("-n", namespace, "apply", "-f", "-", stdin=bad, says=[
        "container web of Deployment shop is privileged"])
    env.good("-n", namespace, "apply", "-f", "-", stdin=objects.deployment())
    until("its pod", lambda: env.good("-n", namespace, "get", "pods", "-o", "name").out.startswith("pod/shop-"))


@case
def deployments_template_warned(env):
    """Pod Security enforces on pods and warns about templates."""
    namespace = env.namespace({"pod-security.kubernetes.io/enforce": "baseline",
                               "pod-security.kubernetes.io/warn": "baseline"})
    from cases.a_pods import watching
    env.hook(env.seawall(watching(env)))
    result = env.good("-n", namespace, "apply", "-f", "-", stdin=objects.deployment(hostNetwork=True))
    contains(result.err, 'Warning: would violate PodSecurity "baseline:latest": host namespaces')
    until("the ReplicaSet's pods to be refused", lambda: 'violates PodSecurity "baseline:latest"' in events(env, namespace))


@case
def scale_denied(env):
    """The subresource scale, as kubectl scale uses it."""
    namespace = env.namespace()
    env.hook(env.seawall(policies=SCALE_LIMIT))
    env.good("-n", namespace, "apply", "-f", "-", stdin=objects.deployment(replicas=0))
    env.refused("-n", namespace, "scale", "deployment/shop", "--replicas=9", says=[
        "shop may have 3 replicas, not 9"])
    env.good("-n", namespace, "scale", "deployment/shop", "--replicas=2")
    equal(env.stored(namespace, "Deployment", "shop")["spec"]["replicas"], 2, "replicas")


@case
def custom_resource_judged(env):
    """A kind that nobody knew when seawall was started."""
    namespace = env.namespace()
    env.hook(env.seawall(policies={"widgets.rego": """package widgets
deny contains "widgets here are small" if {
  input.request.kind.kind == "Widget"
  input.request.object.spec.size > 10
}
"""}))
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.e2e.seawall.dev"},
        "spec": {"group": "e2e.seawall.dev", "scope": "Namespaced",
                 "names": {"kind": "Widget", "plural": "widgets", "singular": "widget"},
                 "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                     "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}
    env.good("apply", "-f", "-", stdin=definition)
    env.cleanups.append(lambda: env.kubectl("delete", "crd", "widgets.e2e.seawall.dev", "--wait=false"))
    env.good("wait", "--for=condition=Established", "crd/widgets.e2e.seawall.dev")

    def widget(size):
        return {"apiVersion": "e2e.seawall.dev/v1", "kind": "Widget", "metadata": {"name": "w%d" % size},
                "spec": {"size": size}}
    until("the API server to serve widgets", lambda: env.kubectl(
        "-n", namespace, "create", "-f", "-", stdin=widget(1)).status == 0)
    env.refused("-n", namespace, "create", "-f", "-", stdin=widget(11), says=["widgets here are small"])


@case
def job_of_a_cronjob_judged(env):
    """Rules look into a CronJob's template, two levels down."""
    namespace = env.namespace()
    env.hook(env.seawall({"rules": {"enabled": True, "settings": [{"severity": "high", "mode": "enforce"}]}}))
    template = objects.deployment(containers=[objects.container(securityContext={"privileged": True})],
                                  restartPolicy="Never")["spec"]["template"]
    cronjob = {"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "nightly"},
               "spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": template}}}}
    env.refused("-n", namespace, "create", "-f", "-", stdin=cronjob, says=["denied the request: ", "privileged"])
    holds(env.kubectl("-n", namespace, "get", "cronjob", "nightly").status != 0, "the CronJob is stored")
