# METADATA
# title: Pod mounts the socket of the container runtime
# description: >-
#   Whoever can talk to the container runtime can start a privileged container with the node's
#   root directory mounted: the node is given away.
# related_resources:
#   - https://docs.docker.com/engine/security/
#   - https://attack.mitre.org/techniques/T1611/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: host-path-runtime-socket
#   severity: critical
#   remedy: >-
#     Remove the volume. To build images use a builder without a daemon (BuildKit rootless,
#     Kaniko, Buildah); to watch containers use the Kubernetes API or the CRI through an agent
#     you trust.
#   kinds: [workload]
#   pod_security: [hostPathVolumes]
#   controls:
#     cis-kubernetes: ["5.2.12"]
#     mitre: ["T1611", "T1609", "T1612"]
#   aliases:
#     kube-linter: ["docker-sock"]
#     kubeaudit: ["mounts"]
#     kubescape: ["C-0074"]
package seawall.rules.host_path_runtime_socket

import data.seawall.lib.pod

sockets := {
	"/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock",
	"/var/run/containerd/containerd.sock", "/run/containerd", "/var/run/containerd",
	"/run/k3s/containerd/containerd.sock", "/run/crio/crio.sock", "/var/run/crio/crio.sock", "/run/crio",
	"/var/run/crio", "/run/podman/podman.sock", "/var/run/podman/podman.sock", "/var/run/cri-dockerd.sock",
	"/run/cri-dockerd.sock", "/run/dockershim.sock", "/var/run/dockershim.sock",
}

finding contains {
	"message": sprintf("volume %q mounts the container runtime's socket %v", [v.name, path]),
	"path": pod.in_spec(["volumes", v.index, "hostPath", "path"]),
	"evidence": path,
	"key": v.name,
} if {
	some v in pod.host_paths
	path := v.value.hostPath.path
	trim_suffix(path, "/") in sockets
}
