# METADATA
# title: Role lets its holders change ConfigMaps of the system
# description: >-
#   ConfigMaps in kube-system steer the cluster: coredns says where names lead, aws-auth who is an
#   administrator, kubeadm-config and kube-proxy how nodes are set up.
# related_resources:
#   - https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/
#   - https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
# custom:
#   id: role-configmaps-kube-system
#   severity: medium
#   remedy: >-
#     Give the rights in a Role of the application's own namespace, or name the ConfigMaps in
#     resourceNames.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     nsa: ["7.2", "1.12"]
#     mitre: ["T1557", "T1098"]
#   aliases:
#     kubescape: ["C-0037"]
package seawall.rules.role_configmaps_kube_system

import data.seawall.lib.meta
import data.seawall.lib.rbac

steering := {"coredns", "coredns-custom", "kube-dns", "aws-auth", "kubeadm-config", "kube-proxy", "kubelet-config", "extension-apiserver-authentication"}

finding contains rbac.told(r, "configmaps", verbs, severity) if {
	some r in rbac.rules
	not r.limited
	verbs := rbac.gives(r, "", "configmaps", rbac.changing)
	severity := reach
}

# A ClusterRole may be bound in a single namespace.
reach := "medium" if {
	meta.namespace == "kube-system"
} else := "low" if input.object.kind == "ClusterRole"

finding contains {
	"message": sprintf("%s lets its holders %s ConfigMap %q of the system", [meta.title, rbac.words(verbs), name]),
	"path": ["rules", r.index, "resourceNames"],
	"key": name,
	"evidence": name,
} if {
	some r in rbac.rules
	r.limited
	verbs := rbac.gives(r, "", "configmaps", rbac.changing)
	reach
	some name in input.object.rules[r.index].resourceNames
	name in steering
}
