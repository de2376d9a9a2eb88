# METADATA
# title: Pod mounts a directory that gives the node away
# description: >-
#   These directories hold the node's configuration, credentials, devices or running system.
#   Whoever reads them can usually become the kubelet; whoever writes them is root on the node.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/
#   - https://attack.mitre.org/techniques/T1611/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: host-path-sensitive
#   severity: critical
#   remedy: >-
#     Remove the volume. If a node agent needs a file of it, mount that file alone, read-only.
#   kinds: [workload]
#   pod_security: [hostPathVolumes]
#   controls:
#     cis-kubernetes: ["5.2.12"]
#     mitre: ["T1611", "T1552"]
#   aliases:
#     kube-linter: ["sensitive-host-mounts"]
#     kubeaudit: ["mounts"]
package seawall.rules.host_path_sensitive

import data.seawall.lib.pod

# Directories that hold the system; what lies below those of `trees` counts as well.
exact := {
	"/", "/boot", "/dev", "/etc", "/home", "/lib", "/proc", "/root", "/run", "/sys", "/usr", "/var",
	"/var/lib", "/var/log", "/var/run", "/opt", "/mnt", "/srv", "/bin", "/sbin",
}

trees := [
	"/etc/kubernetes", "/etc/cni", "/etc/ssl", "/etc/ssh", "/etc/cron", "/etc/shadow", "/etc/passwd",
	"/var/lib/kubelet", "/var/lib/docker", "/var/lib/containerd", "/var/lib/containers", "/var/lib/etcd",
	"/root", "/home/kubernetes", "/proc", "/sys/fs/cgroup", "/sys/kernel/debug", "/boot", "/lib/modules",
]

sensitive(path) if trim_suffix(path, "/") in exact

sensitive("/")

sensitive(path) if {
	some tree in trees
	startswith(path, tree)
}

finding contains {
	"message": sprintf("volume %q mounts %v of the node", [v.name, path]),
	"path": pod.in_spec(["volumes", v.index, "hostPath", "path"]),
	"evidence": path,
	"key": v.name,
} if {
	some v in pod.host_paths
	path := v.value.hostPath.path
	sensitive(path)
}
