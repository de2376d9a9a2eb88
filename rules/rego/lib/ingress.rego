# The Ingress under judgement, in all versions of its API.
package seawall.lib.ingress

import data.seawall.lib.meta

# {"index", "host"}: "" where a rule names none.
hosts := [{"index": i, "host": meta.field(rule, "host", "")} |
	some i, rule in input.object.spec.rules
	is_object(rule)
]

# Certificates that a cloud's load balancer adds by itself.
cloud_tls_annotations := {
	"alb.ingress.kubernetes.io/certificate-arn",
	"ingress.gcp.kubernetes.io/pre-shared-cert",
	"networking.gke.io/managed-certificates",
	"networking.gke.io/v1beta1.FrontendConfig",
	"appgw.ingress.kubernetes.io/appgw-ssl-certificate",
}

cloud_tls if {
	some annotation in cloud_tls_annotations
	meta.annotations[annotation]
}

tls := meta.list(input.object.spec, "tls")

# {"path", "name"}: Services that it sends traffic to.
backends := array.concat(
	[b |
		some i, rule in input.object.spec.rules
		some j, path in rule.http.paths
		some key in ["service", "serviceName"]
		b := {"path": ["spec", "rules", i, "http", "paths", j, "backend", key], "name": service_name(path.backend, key)}
	],
	[b |
		some field in ["defaultBackend", "backend"]
		some key in ["service", "serviceName"]
		b := {"path": ["spec", field, key], "name": service_name(input.object.spec[field], key)}
	],
)

service_name(backend, "service") := backend.service.name

service_name(backend, "serviceName") := backend.serviceName

# Annotations of ingress-nginx, by their last part, whichever prefix the controller was set to.
nginx[key] contains value if {
	some annotation, value in meta.annotations
	some prefix in ["nginx.ingress.kubernetes.io/", "nginx.org/", "ingress.kubernetes.io/"]
	startswith(annotation, prefix)
	key := trim_prefix(annotation, prefix)
}
