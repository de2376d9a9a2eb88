# METADATA
# title: Role gives direct access to kubelets
# description: >-
#   nodes/proxy leads to the kubelet's own API, which runs commands in every container of the
#   node, past admission and past the audit log. The verb get is enough: commands can be sent
#   through a WebSocket.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes
# custom:
#   id: role-nodes-proxy
#   severity: high
#   remedy: >-
#     Remove nodes/proxy. For metrics, nodes/metrics and nodes/stats are enough; for health and
#     configuration there are nodes/healthz and nodes/configz.
#   kinds: [rbac.authorization.k8s.io/ClusterRole]
#   controls:
#     cis-kubernetes: ["5.1.10"]
#     nsa: ["7.2"]
#     mitre: ["T1609"]
package seawall.rules.role_nodes_proxy

import data.seawall.lib.rbac

finding contains rbac.told(r, "nodes/proxy", verbs, "high") if {
	some r in rbac.rules
	verbs := rbac.gives(r, "", "nodes/proxy", {"get", "create", "update", "patch", "delete"})
}
