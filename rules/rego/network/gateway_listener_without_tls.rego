# METADATA
# title: Gateway listens without TLS
# description: >-
#   Without TLS everybody on the way reads and changes what is sent. A listener for plain HTTP is
#   of use only to redirect to HTTPS.
# related_resources:
#   - https://gateway-api.sigs.k8s.io/guides/tls/
# custom:
#   id: gateway-listener-without-tls
#   severity: medium
#   remedy: >-
#     Use protocol HTTPS with certificateRefs, and for plain HTTP a route that redirects.
#   kinds: [gateway.networking.k8s.io/Gateway]
#   controls:
#     nsa: ["2.2"]
#     mitre: ["T1040", "T1557"]
#   example: |
#     listeners:
#       - name: https
#         protocol: HTTPS
#         port: 443
#         tls:
#           certificateRefs:
#             - name: shop-tls
package seawall.rules.gateway_listener_without_tls

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s: listener %q takes plain %s", [meta.title, meta.field(listener, "name", ""), listener.protocol]),
	"path": ["spec", "listeners", i, "protocol"],
	"key": sprintf("%v", [meta.field(listener, "name", "")]),
	"evidence": listener.protocol,
	"severity": severity,
} if {
	some i, listener in input.object.spec.listeners
	listener.protocol in {"HTTP", "TCP"}
}

finding contains {
	"message": sprintf("%s: listener %q ends TLS but names no certificate", [meta.title, meta.field(listener, "name", "")]),
	"path": ["spec", "listeners", i, "tls"],
	"key": sprintf("%v", [meta.field(listener, "name", "")]),
} if {
	some i, listener in input.object.spec.listeners
	listener.protocol in {"HTTPS", "TLS"}
	meta.field(listener, "tls", {}).mode != "Passthrough"
	meta.empty(meta.field(listener, "tls", {}), "certificateRefs")
	meta.empty(meta.field(listener, "tls", {}), "options")
}

finding contains {
	"message": sprintf("%s: listener %q ends TLS but names no certificate", [meta.title, meta.field(listener, "name", "")]),
	"path": ["spec", "listeners", i, "tls"],
	"key": sprintf("%v", [meta.field(listener, "name", "")]),
} if {
	some i, listener in input.object.spec.listeners
	listener.protocol in {"HTTPS", "TLS"}
	meta.lacks(meta.field(listener, "tls", {}), "mode")
	meta.empty(meta.field(listener, "tls", {}), "certificateRefs")
	meta.empty(meta.field(listener, "tls", {}), "options")
}

# Beside HTTPS, plain HTTP usually redirects.
severity := "info" if {
	some listener in input.object.spec.listeners
	listener.protocol == "HTTPS"
} else := "medium"
