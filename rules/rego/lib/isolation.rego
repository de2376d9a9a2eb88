# Which pods and namespaces are isolated by what was scanned together.
package seawall.lib.isolation

import data.seawall.lib.inventory
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

selected(workload, direction) if {
	some p in inventory.objects_in("networking.k8s.io/NetworkPolicy", workload.namespace)
	direction in network.directions(p.object.spec)
	matches(p.object.spec, workload.pod_labels)
}

# An absent podSelector selects everything, as an empty one does.
matches(spec, labels) if selector.matches(object.get(spec, "podSelector", {}), labels)

namespace_name(entry) := sprintf("namespace %q", [entry.namespace]) if {
	entry.namespace != ""
} else := "the namespace that the manifest leaves open"
