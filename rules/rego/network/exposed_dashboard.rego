# METADATA
# title: Admin interface is reachable from outside of the cluster
# description: >-
#   Dashboards and workflow engines run commands and show secrets for whoever opens them; several
#   have shipped without a login, and clusters were taken over through each of these.
# related_resources:
#   - https://www.microsoft.com/en-us/security/blog/2020/04/02/attack-matrix-kubernetes/
#   - https://kubernetes.io/docs/tasks/access-application-cluster/web-ui-dashboard/
# custom:
#   id: exposed-dashboard
#   severity: medium
#   remedy: >-
#     Make the Service a ClusterIP and use kubectl port-forward, or put a proxy with single
#     sign-on in front of it.
#   kinds: [Service, networking.k8s.io/Ingress, extensions/Ingress]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1133", "T1190"]
#   aliases:
#     kubescape: ["C-0021", "C-0047"]
package seawall.rules.exposed_dashboard

import data.seawall.lib.ingress
import data.seawall.lib.meta
import data.seawall.lib.service

interfaces := {
	"kubernetes-dashboard": "Kubernetes Dashboard",
	"kubernetes-dashboard-web": "Kubernetes Dashboard",
	"kubernetes-dashboard-kong-proxy": "Kubernetes Dashboard",
	"weave-scope-app": "Weave Scope",
	"octant": "Octant",
	"kubeview": "KubeView",
	"headlamp": "Headlamp",
	"argo-server": "Argo Workflows",
	"argo-workflows-server": "Argo Workflows",
	"workflow-controller-metrics": "Argo Workflows",
	"ml-pipeline-ui": "Kubeflow Pipelines",
	"centraldashboard": "Kubeflow",
	"jenkins": "Jenkins",
	"nifi": "Apache NiFi",
	"airflow-webserver": "Apache Airflow",
	"spark-master-svc": "Apache Spark",
	"flink-jobmanager": "Apache Flink",
	"longhorn-frontend": "Longhorn",
	"hubble-ui": "Hubble",
	"kiali": "Kiali",
	"tiller-deploy": "Helm's Tiller",
	"prometheus-server": "Prometheus",
	"prometheus-operated": "Prometheus",
	"alertmanager-operated": "Alertmanager",
	"phpmyadmin": "phpMyAdmin",
	"adminer": "Adminer",
	"pgadmin": "pgAdmin",
	"mongo-express": "mongo-express",
	"portainer": "Portainer",
	"polynote": "Polynote",
}

finding contains {
	"message": sprintf("%s exposes %s as %s", [meta.title, interfaces[meta.name], concat(", ", sort([o | some o in service.outside]))]),
	"path": ["spec", "type"],
} if {
	input.object.kind == "Service"
	interfaces[meta.name]
	count(service.outside) > 0
	not service.internal
}

finding contains {
	"message": sprintf("%s exposes %s", [meta.title, interfaces[b.name]]),
	"path": b.path,
	"key": b.name,
	"evidence": b.name,
} if {
	input.object.kind == "Ingress"
	some b in ingress.backends
	interfaces[b.name]
	not authenticated
}

# Somebody is asked for a password, a certificate, or to log in elsewhere.
authenticated if {
	some key in {"auth-url", "auth-secret", "auth-tls-secret"}
	ingress.nginx[key]
}

authenticated if meta.annotations["traefik.ingress.kubernetes.io/router.middlewares"]

authenticated if meta.annotations["alb.ingress.kubernetes.io/auth-type"] in {"oidc", "cognito"}
