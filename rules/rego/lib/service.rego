# Services under judgement: how far they reach.
package seawall.lib.service

import data.seawall.lib.meta

type := meta.field(input.object.spec, "type", "ClusterIP")

# Annotations by which clouds make a load balancer of the private network.
internal_values := {
	"service.beta.kubernetes.io/aws-load-balancer-internal": {"true", "0.0.0.0/0"},
	"service.beta.kubernetes.io/aws-load-balancer-scheme": {"internal"},
	"service.beta.kubernetes.io/azure-load-balancer-internal": {"true"},
	"networking.gke.io/load-balancer-type": {"internal"},
	"cloud.google.com/load-balancer-type": {"internal"},
	"service.beta.kubernetes.io/openstack-internal-load-balancer": {"true"},
	"service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": {"private"},
	"service.beta.kubernetes.io/oci-load-balancer-internal": {"true"},
	"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": {"intranet"},
	"load-balancer.hetzner.cloud/disable-public-network": {"true"},
}

internal if {
	some key, values in internal_values
	lower(sprintf("%v", [meta.annotations[key]])) in values
}

restricted if {
	count(ranges) > 0
	count(ranges & {"0.0.0.0/0", "::/0"}) == 0
}

ranges contains range if some range in input.object.spec.loadBalancerSourceRanges

ranges contains trim_space(range) if {
	some range in split(meta.annotations["service.beta.kubernetes.io/load-balancer-source-ranges"], ",")
}

load_balancer_open if {
	type == "LoadBalancer"
	not internal
	not restricted
}

# Reachable from outside of the cluster: "NodePort", "LoadBalancer", "externalIPs".
outside contains type if type in {"NodePort", "LoadBalancer"}

outside contains "externalIPs" if meta.filled(input.object.spec.externalIPs)
