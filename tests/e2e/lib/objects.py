"""Objects and policies for cases."""

PLURALS = {
    "Pod": "/api/v1/namespaces/%(namespace)s/pods",
    "ConfigMap": "/api/v1/namespaces/%(namespace)s/configmaps",
    "Deployment": "/apis/apps/v1/namespaces/%(namespace)s/deployments",
    "ReplicaSet": "/apis/apps/v1/namespaces/%(namespace)s/replicasets",
}


def namespace(name, labels=None):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels or {}}}


def configmap(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def container(name="web", image="registry.example.com/web@sha256:" + "1" * 64, **fields):
    return dict({"name": name, "image": image}, **fields)


def pod(name="web", containers=None, labels=None, owner=None, **spec):
    metadata = {"name": name, "labels": labels or {}}
    if owner:
        metadata["ownerReferences"] = [owner]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata,
            "spec": dict({"containers": containers or [container()]}, **spec)}


def privileged_pod(name="web", **more):
    return pod(name, [container(securityContext={"privileged": True})], **more)


def deployment(name="shop", replicas=1, containers=None, **spec):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": {"app": name}},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
                     "template": {"metadata": {"labels": {"app": name}},
                                  "spec": dict({"containers": containers or [container()]}, **spec)}}}


# ---- policies

def template(kind, rego, properties=None):
    return {"apiVersion": "templates.gatekeeper.sh/v1", "kind": "ConstraintTemplate",
            "metadata": {"name": kind.lower()},
            "spec": {"crd": {"spec": {"names": {"kind": kind}, "validation": {
                "openAPIV3Schema": {"type": "object", "properties": properties or {}}}}},
                "targets": [{"target": "admission.k8s.gatekeeper.sh", "rego": rego}]}}


def constraint(kind, name, kinds, parameters=None, action="deny"):
    """kinds: pairs of API group and kind."""
    return {"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": kind, "metadata": {"name": name},
            "spec": {"enforcementAction": action, "parameters": parameters or {}, "match": {
                "kinds": [{"apiGroups": [group], "kinds": [one]} for group, one in kinds]}}}


PRIVILEGED_REGO = """
package k8sprivileged

violation[{"msg": msg}] {
  container := containers[_]
  container.securityContext.privileged
  msg := sprintf("container %s of %s %s is privileged; containers here may not be",
                 [container.name, input.review.kind.kind, input.review.object.metadata.name])
}

containers[c] { c := input.review.object.spec.containers[_] }
containers[c] { c := input.review.object.spec.initContainers[_] }
containers[c] { c := input.review.object.spec.ephemeralContainers[_] }
containers[c] { c := input.review.object.spec.template.spec.containers[_] }
"""


def no_privileged(kinds=(("", "Pod"),), action="deny"):
    """Gatekeeper's way of refusing privileged containers: files for a policy directory."""
    return {"no-privileged.yaml": [
        template("K8sPrivileged", PRIVILEGED_REGO),
        constraint("K8sPrivileged", "no-privileged", kinds, action=action)]}
