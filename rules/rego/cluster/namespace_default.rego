# METADATA
# title: Object is in the namespace default
# description: >-
#   What lands there by accident and what was meant to be there cannot be told apart; quotas,
#   policies and rights for an application have nowhere to stand.
# related_resources:
#   - https://www.cisecurity.org/benchmark/kubernetes
#   - https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
# custom:
#   id: namespace-default
#   severity: low
#   remedy: >-
#     Make a namespace for the application and name it.
#   kinds: [workload, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob, Service, ServiceAccount, ConfigMap, Secret, PersistentVolumeClaim, networking.k8s.io/Ingress, apps.openshift.io/DeploymentConfig]
#   controls:
#     cis-kubernetes: ["5.7.1", "5.7.4"]
#   aliases:
#     kube-linter: ["use-namespace"]
#     kubescape: ["C-0061"]
package seawall.rules.namespace_default

finding contains {
	"message": "the namespace is \"default\"",
	"path": ["metadata", "namespace"],
	"evidence": "default",
} if {
	input.object.metadata.namespace == "default"
	input.object.metadata.name != "kubernetes"
}
