# METADATA
# title: Service publishes an administrative or database port
# description: >-
#   These ports give shells, the container runtime, the cluster's state or data to whoever speaks
#   their protocol; they are what the internet is scanned for all day.
# related_resources:
#   - https://kubernetes.io/docs/reference/networking/ports-and-protocols/
#   - https://kubernetes.io/docs/concepts/security/security-checklist/
# custom:
#   id: service-sensitive-port
#   severity: high
#   remedy: >-
#     Use type ClusterIP, and reach the port through a VPN, a bastion or kubectl port-forward.
#     If it must be published, limit it with loadBalancerSourceRanges.
#   kinds: [Service]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1133", "T1190"]
package seawall.rules.service_sensitive_port

import data.seawall.lib.meta
import data.seawall.lib.service

sensitive := {
	22: "SSH", 23: "Telnet", 2375: "Docker", 2376: "Docker", 2379: "etcd", 2380: "etcd", 6443: "the API server",
	10250: "the kubelet", 10255: "the kubelet", 10257: "the controller manager", 10259: "the scheduler",
	3306: "MySQL", 5432: "PostgreSQL", 1433: "SQL Server", 1521: "Oracle", 27017: "MongoDB", 6379: "Redis",
	9200: "Elasticsearch", 9300: "Elasticsearch", 11211: "memcached", 5984: "CouchDB", 9042: "Cassandra",
	7000: "Cassandra", 2181: "ZooKeeper", 8500: "Consul", 9092: "Kafka", 3389: "Remote Desktop", 5900: "VNC",
	445: "SMB", 873: "rsync", 111: "portmapper", 2049: "NFS", 389: "LDAP", 44134: "Tiller", 8001: "kubectl proxy",
}

finding contains {
	"message": sprintf("%s publishes port %d (%s) as %s", [meta.title, number, sensitive[number], how]),
	"path": ["spec", "ports", i, field],
	"key": sprintf("%d", [number]),
	"evidence": number,
	"severity": severity,
} if {
	count(service.outside) > 0
	some i, port in input.object.spec.ports
	[field, number] := at_fault(port)
	how := concat(", ", sort([o | some o in service.outside]))
}

at_fault(port) := ["port", port.port] if {
	sensitive[port.port]
} else := ["targetPort", port.targetPort] if {
	sensitive[port.targetPort]
}

severity := "high" if {
	service.load_balancer_open
} else := "medium"
