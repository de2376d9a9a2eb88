# METADATA
# title: Namespace has no ResourceQuota
# description: >-
#   A ResourceQuota bounds what the namespace may use altogether. Without one an application, or
#   whoever gets into it, can use up the cluster.
# related_resources:
#   - https://kubernetes.io/docs/concepts/policy/resource-quotas/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: namespace-quota
#   severity: info
#   remedy: >-
#     Add a ResourceQuota to the namespace.
#   kinds: [Namespace]
#   scope: set
#   needs: [Namespace, ResourceQuota]
#   controls:
#     nsa: ["4.0"]
#     mitre: ["T1496", "T1499"]
package seawall.rules.namespace_quota

import data.seawall.lib.inventory

finding contains {
	"message": sprintf("no ResourceQuota in what was scanned bounds namespace %q", [n.name]),
	"about": n.id,
	"path": [],
} if {
	some n in inventory.objects("Namespace")
	not n.name in {"kube-system", "kube-public", "kube-node-lease", "default"}
	not bounded(n)
}

bounded(n) if {
	some o in inventory.objects("ResourceQuota")
	o.namespace == n.name
}
