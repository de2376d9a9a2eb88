"""What is not the creation of an object: mutations, exec, ephemeral containers, deletions."""

from lib import objects
from lib.case import case
from lib.waiting import contains, equal, holds, lacks

MUTATORS = {"mutators.yaml": [
    {"apiVersion": "mutations.gatekeeper.sh/v1", "kind": "Assign", "metadata": {"name": "always-pull"},
     "spec": {"applyTo": [{"groups": [""], "kinds": ["Pod"], "versions": ["v1"]}],
              "location": "spec.containers[name: *].imagePullPolicy",
              "parameters": {"assign": {"value": "Always"}}}},
    {"apiVersion": "mutations.gatekeeper.sh/v1", "kind": "AssignMetadata", "metadata": {"name": "team"},
     "spec": {"match": {"scope": "Namespaced", "kinds": [{"apiGroups": ["*"], "kinds": ["Pod"]}]},
              "location": "metadata.labels.team", "parameters": {"assign": {"value": "shop"}}}},
]}

CONNECT = {"connect.rego": """package connect
deny contains msg if {
  input.request.operation == "CONNECT"
  input.request.resource.resource == "pods"
  msg := sprintf("%s into pod %s is not allowed to %s",
    [input.request.subResource, input.request.name, input.request.userInfo.username])
}
"""}


@case
def mutation_stored(env):
    """Gatekeeper's mutators: the object that is stored has what they assign."""
    namespace = env.namespace()
    seawall = env.seawall(policies=MUTATORS)
    env.hook(seawall, mutate=True)
    both = [objects.container("one", imagePullPolicy="IfNotPresent"), objects.container("two")]
    env.good("-n", namespace, "apply", "-f", "-", stdin=objects.pod(containers=both))
    stored = env.stored(namespace, "Pod", "web")
    equal([c["imagePullPolicy"] for c in stored["spec"]["containers"]], ["Always", "Always"], "imagePullPolicy")
    equal(stored["metadata"]["labels"], {"team": "shop"}, "labels")
    again = env.good("-n", namespace, "apply", "-f", "-", stdin=objects.pod(containers=both))
    contains(again.out, "pod/web ")
    equal(env.stored(namespace, "Pod", "web")["metadata"]["labels"], {"team": "shop"}, "labels after a second apply")
    # AssignMetadata does not overwrite.
    env.good("-n", namespace, "create", "-f", "-", stdin=objects.pod("own", labels={"team": "bank"}))
    equal(env.stored(namespace, "Pod", "own")["metadata"]["labels"], {"team": "bank"}, "labels of one with a team")


@case
def mutated_then_validated(env):
    """The validating webhook sees what the mutating one made."""
    policies = dict(MUTATORS)
    policies["pull.rego"] = """package pull
deny contains msg if {
  some container in input.spec.containers
  container.imagePullPolicy != "Always"
  msg := sprintf("container %s pulls %s", [container.name, container.imagePullPolicy])
}
"""
    namespace = env.namespace()
    seawall = env.seawall(policies=policies)
    env.hook(seawall)
    pod = objects.pod(containers=[objects.container(imagePullPolicy="Never")])
    env.refused("-n", namespace, "create", "-f", "-", stdin=pod, says=["container web pulls Never"])
    env.hook(seawall, mutate=True)
    env.good("-n", namespace, "create", "-f", "-", stdin=pod)


@case
def deployments_pods_mutated(env):
    """Pods that a controller makes are changed as well."""
    from lib.waiting import until
    namespace = env.namespace()
    env.hook(env.seawall(policies=MUTATORS), mutate=True)
    env.good("-n", namespace, "apply", "-f", "-", stdin=objects.deployment())
    labels = ("-n", namespace, "get", "pods", "-l", "app=shop", "-o", "jsonpath={.items[*].metadata.labels.team}")
    until("the Deployment's pod with its label", lambda: env.good(*labels).out == "shop")


@case
def exec_denied(env):
    """CONNECT: exec and attach. Without a node they would fail too, with another message."""
    namespace = env.namespace()
    seawall = env.seawall(policies=CONNECT)
    env.hook(seawall)
    env.good("-n", namespace, "create", "-f", "-", stdin=objects.pod())
    denied = 'admission webhook "validate.seawall.dev" denied the request: '
    env.refused("-n", namespace, "exec", "web", "--", "id", says=[
        denied, "exec into pod web is not allowed to admin"])
    env.refused("-n", namespace, "attach", "web", says=["attach into pod web is not allowed to admin"])
    seawall.remove_policy("connect.rego")
    from lib.waiting import until

    def allowed():
        return "does not have a host assigned" in env.kubectl("-n", namespace, "exec", "web", "--", "id").err
    until("exec to be allowed without the policy", allowed)


@case
def ephemeral_containers_judged(env):
    """The way into a running pod that needs no new pod: kubectl debug."""
    namespace = env.namespace()
    env.hook(env.seawall({"images": {"enabled": True, "allowed": ["registry.example.com"]}}))
    env.good("-n", namespace, "create", "-f", "-", stdin=objects.pod())
    env.refused("-n", namespace, "debug", "web", "--image=evil.example.org/shell", says=[
        "denied the request: ", "evil.example.org/shell", "registry.example.com"])
    lacks(env.good("-n", namespace, "get", "pod", "web", "-o", "yaml").out, "evil.example.org")
    env.good("-n", namespace, "debug", "web", "--image=registry.example.com/shell@sha256:" + "2" * 64)
    contains(env.good("-n", namespace, "get", "pod", "web", "-o", "yaml").out, "registry.example.com/shell")


@case
def ephemeral_privileged_denied(env):
    """Pod Security on an ephemeral container."""
    from cases.a_pods import watching
    namespace = env.namespace({"pod-security.kubernetes.io/enforce": "baseline"})
    env.hook(env.seawall(watching(env)))
    env.good("-n", namespace, "create", "-f", "-", stdin=objects.pod())
    path = "/api/v1/namespaces/%s/pods/web/ephemeralcontainers" % namespace
    api = env.server.api()
    status, document = api.request("GET", path)
    equal(status, 200, "reading ephemeralcontainers")
    fine = objects.container("shell", terminationMessagePolicy="File", imagePullPolicy="Always")
    document["ephemeralContainers"] = [dict(fine, securityContext={"privileged": True})]
    status, answer = api.request("PUT", path, document)
    # 1.20 itself refuses a securityContext there; an API server of another version must hear seawall.
    holds(status in (403, 422), "a privileged ephemeral container: status %d, %s" % (status, answer))
    contains(answer["message"], "rivileged" if status == 403 else "securityContext")
    document["ephemeralContainers"] = [fine]
    status, answer = api.request("PUT", path, document)
    equal((status, answer.get("message")), (200, None), "a harmless ephemeral container")


@case
def delete_denied(env):
    """A DELETE is judged by what is there."""
    namespace = env.namespace()
    env.hook(env.seawall(policies={"keep.rego": """package keep
deny contains msg if {
  input.request.operation == "DELETE"
  input.request.oldObject.metadata.labels.keep == "yes"
  msg := sprintf("%s %s is labelled keep=yes", [input.request.kind.kind, input.request.name])
}
"""}))
    for name, keep in (("kept", "yes"), ("spare", "no")):
        config = objects.configmap(name)
        config["metadata"]["labels"] = {"keep": keep}
        env.good("-n", namespace, "create", "-f", "-", stdin=config)
    env.good("-n", namespace, "delete", "configmap", "spare")
    env.refused("-n", namespace, "delete", "configmap", "kept", says=["ConfigMap kept is labelled keep=yes"])
    holds(env.stored(namespace, "ConfigMap", "kept"), "what may not be deleted is gone")
    # All at once is one DELETE for each.
    env.refused("-n", namespace, "delete", "configmap", "--all", says=["ConfigMap kept is labelled keep=yes"])
    holds(env.stored(namespace, "ConfigMap", "kept"), "what may not be deleted is gone with all others")


@case
def update_judged_by_both(env):
    """An UPDATE with the old object beside the new one: a field that may not change."""
    namespace = env.namespace()
    env.hook(env.seawall(policies={"fixed.rego": """package fixed
deny contains "owner may not change" if {
  input.request.operation == "UPDATE"
  input.request.object.data.owner != input.request.oldObject.data.owner
}
"""}))
    env.good("-n", namespace, "create", "-f", "-", stdin=objects.configmap("one", owner="a", text="b"))
    env.good("-n", namespace, "patch", "configmap", "one", "-p", '{"data":{"text":"c"}}')
    env.refused("-n", namespace, "patch", "configmap", "one", "-p", '{"data":{"owner":"d"}}', says=[
        "owner may not change"])


@case
def policy_that_does_not_end(env):
    """The answer is seawall's, in time and with the policy's name; not the API server's, of a timeout."""
    namespace = env.namespace()
    env.hook(env.seawall({"policies": {"steps": 10 ** 12}}, {"slow.rego": """package slow
all := numbers.range(1, 50000)
deny contains "never" if {
  input.request.object.metadata.name == "slow"
  some a in all
  some b in all
  a * b == 0
}
"""}), timeout=3)
    env.refused("-n", namespace, "create", "-f", "-", stdin=objects.configmap("slow"), says=[
        'admission webhook "validate.seawall.dev" denied the request: ', "rego/slow", "could not be decided"])
    quick = objects.configmap("quick")
    env.good("-n", namespace, "create", "-f", "-", stdin=quick)


@case
def opas_own_way_of_answering(env):
    """A package system that makes the whole AdmissionReview, as policies for OPA as a webhook are written: one
    webhook with a patch, and a denial."""
    namespace = env.namespace()
    seawall = env.seawall(policies={"main.rego": """package system

main := {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}

response := {"uid": input.request.uid, "allowed": false, "status": {"message": concat(", ", reasons)}} if {
  count(reasons) > 0
} else := {"uid": input.request.uid, "allowed": true, "patchType": "JSONPatch", "patch": base64.encode(json.marshal(
  [{"op": "add", "path": "/metadata/annotations", "value": {"seen": "yes"}}]))}

reasons contains "no pets" if startswith(input.request.object.metadata.name, "pet-")
"""})
    env.hook(seawall)
    env.hook(seawall, mutate=True)
    env.refused("-n", namespace, "create", "configmap", "pet-cat", says=["no pets"])
    env.good("-n", namespace, "create", "configmap", "cattle")
    equal(env.stored(namespace, "ConfigMap", "cattle")["metadata"].get("annotations"), {"seen": "yes"}, "annotations")


@case
def many_at_once(env):
    """More requests at a time than the API server keeps idle connections to a webhook, so that each wave needs
    handshakes."""
    from lib.load import Load
    namespace = env.namespace()
    env.hook(env.seawall(policies=objects.no_privileged()))
    with Load(env.server, [
            lambda api: api.create(namespace, "pods", objects.pod(), dry_run=True),
            lambda api: api.create(namespace, "pods", objects.privileged_pod(), dry_run=True)], threads=60) as load:
        load.go_on(600)
    wrong = [a for a in load.answers if a[1] != (201, 403)[a[0]]]
    holds(not wrong, "%d wrong answers of %d:\n%s" % (len(wrong), len(load.answers), load.summary(wrong)))
