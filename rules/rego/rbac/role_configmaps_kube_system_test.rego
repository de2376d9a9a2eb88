package seawall.rules.role_configmaps_kube_system_test

import data.seawall.lib.testing
import data.seawall.rules.role_configmaps_kube_system.finding

role(kind, namespace, rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": "tool", "namespace": namespace}, "rules": [rule],
})

test_in_kube_system if {
	some f in finding with input as role("Role", "kube-system", {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["update", "get"]})
	f.message == `Role "tool" lets its holders update configmaps`
	f.severity == "medium"
}

test_everywhere if {
	some f in finding with input as role("ClusterRole", "", {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]})
	f.severity == "low"
}

test_a_namespace_where_none_belongs if {
	count(finding) == 1 with input as role("ClusterRole", "kube-system", {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]})
}

test_by_name if {
	some f in finding with input as role("Role", "kube-system", {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["patch"], "resourceNames": ["own", "aws-auth"]})
	f.message == `Role "tool" lets its holders patch ConfigMap "aws-auth" of the system`
}

test_its_own if {
	count(finding) == 0 with input as role("Role", "kube-system", {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["patch"], "resourceNames": ["own"]})
}

test_other_namespaces_and_verbs if {
	count(finding) == 0 with input as role("Role", "shop", {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["update"]})
	count(finding) == 0 with input as role("ClusterRole", "", {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]})
}
