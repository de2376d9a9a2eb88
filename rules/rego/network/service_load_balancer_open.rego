# METADATA
# title: Load balancer is open to the internet
# description: >-
#   Without source ranges a cloud's load balancer takes connections from everywhere, straight to
#   the pods.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
#   - https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer
# custom:
#   id: service-load-balancer-open
#   severity: low
#   remedy: >-
#     Set spec.loadBalancerSourceRanges, make the load balancer internal with the annotation of
#     your cloud, or publish HTTP through an Ingress.
#   kinds: [Service]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1133", "T1190"]
#   example: |
#     spec:
#       type: LoadBalancer
#       loadBalancerSourceRanges: [192.0.2.0/24]
#   aliases:
#     kube-linter: [exposed-services]
#     kubescape: ["C-0256"]
package seawall.rules.service_load_balancer_open

import data.seawall.lib.meta
import data.seawall.lib.service

finding contains {
	"message": sprintf("%s is a load balancer that takes connections from everywhere", [meta.title]),
	"path": ["spec", "loadBalancerSourceRanges"],
} if {
	service.load_balancer_open
}
