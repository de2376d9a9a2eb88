# Which pods and namespaces are isolated by what was scanned together.
package seawall.lib.isolation

import data.seawall.lib.inventory
import data.seawall.lib.meta
import data.seawall.lib.network
import data.seawall.lib.selector

# With these in the set, NetworkPolicies are not the whole story.
cluster_wide_kinds := {
	"cilium.io/CiliumClusterwideNetworkPolicy",
	"projectcalico.org/GlobalNetworkPolicy", "crd.projectcalico.org/GlobalNetworkPolicy",
	"policy.networking.k8s.io/AdminNetworkPolicy", "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
	"policy.networking.k8s.io/ClusterNetworkPolicy",
}

namespaced_kinds := {
	"cilium.io/CiliumNetworkPolicy",
	"projectcalico.org/NetworkPolicy", "crd.projectcalico.org/NetworkPolicy",
}

policies := inventory.objects("networking.k8s.io/NetworkPolicy")

# Namespaces that policies of other kinds speak of: not judged.
elsewhere contains entry.namespace if {
	some kind in namespaced_kinds
	some entry in inventory.objects(kind)
}

cluster_wide if {
	some kind in cluster_wide_kinds
	count(inventory.objects(kind)) > 0
}

judged(namespace) if {
	not cluster_wide
	not namespace in elsewhere
}

# direction → namespace: all of its pods are isolated.
closed["Ingress"] contains p.namespace if {
	some p in policies
	network.selects_all(p.object.spec)
	"Ingress" in network.directions(p.object.spec)
	not network.allows_all(p.object.spec, "ingress")
}

closed["Egress"] contains p.namespace if {
	some p in policies
	network.selects_all(p.object.spec)
	"Egress" in network.directions(p.object.spec)
	not network.allows_all(p.object.spec, "egress")
}

# Namespaces with any policy.
namespaces contains p.namespace if some p in policies

# Does a policy for that direction select the pods of the workload? Policies are found by one of the labels
# that they ask for, so that many of them in one namespace cost little.
selected(workload, direction) if {
	some label_selector in without_labels[direction][workload.namespace]
	selector.matches(label_selector, workload.pod_labels)
}

selected(workload, direction) if {
	some key, value in workload.pod_labels
	some label_selector in with_label[direction][workload.namespace][key][value]
	selector.matches(label_selector, workload.pod_labels)
}

with_label[direction][p.namespace][key][value] contains p.object.spec.podSelector if {
	some p in policies
	labels := p.object.spec.podSelector.matchLabels
	count(labels) > 0
	key := min(object.keys(labels))
	value := labels[key]
	some direction in network.directions(p.object.spec)
}

# An absent podSelector selects everything, as an empty one does.
without_labels[direction][p.namespace] contains label_selector if {
	some p in policies
	label_selector := meta.field(p.object.spec, "podSelector", {})
	meta.empty(label_selector, "matchLabels")
	some direction in network.directions(p.object.spec)
}
