# API versions that are deprecated, and those that are gone: by apiVersion and kind, the minor of v1 that
# deprecated it, the first that no longer serves it, and what to use.
# https://kubernetes.io/docs/reference/using-api/deprecation-guide/
package seawall.lib.apis

import data.seawall.lib.config

table := {
	"admissionregistration.k8s.io/v1alpha1": {
		"MutatingAdmissionPolicy": [35, 38, "admissionregistration.k8s.io/v1"],
		"MutatingAdmissionPolicyBinding": [35, 38, "admissionregistration.k8s.io/v1"],
		"ValidatingAdmissionPolicy": [29, 32, "admissionregistration.k8s.io/v1"],
		"ValidatingAdmissionPolicyBinding": [29, 32, "admissionregistration.k8s.io/v1"],
	},
	"admissionregistration.k8s.io/v1beta1": {
		"MutatingAdmissionPolicy": [37, 40, "admissionregistration.k8s.io/v1"],
		"MutatingAdmissionPolicyBinding": [37, 40, "admissionregistration.k8s.io/v1"],
		"MutatingWebhookConfiguration": [16, 22, "admissionregistration.k8s.io/v1"],
		"ValidatingAdmissionPolicy": [31, 34, "admissionregistration.k8s.io/v1"],
		"ValidatingAdmissionPolicyBinding": [31, 34, "admissionregistration.k8s.io/v1"],
		"ValidatingWebhookConfiguration": [16, 22, "admissionregistration.k8s.io/v1"],
	},
	"apiextensions.k8s.io/v1beta1": {"CustomResourceDefinition": [16, 22, "apiextensions.k8s.io/v1"]},
	"apiregistration.k8s.io/v1beta1": {"APIService": [19, 22, "apiregistration.k8s.io/v1"]},
	"apps/v1beta1": {
		"ControllerRevision": [8, 16, "apps/v1"],
		"Deployment": [8, 16, "apps/v1"],
		"StatefulSet": [8, 16, "apps/v1"],
	},
	"apps/v1beta2": {
		"ControllerRevision": [9, 16, "apps/v1"],
		"DaemonSet": [9, 16, "apps/v1"],
		"Deployment": [9, 16, "apps/v1"],
		"ReplicaSet": [9, 16, "apps/v1"],
		"StatefulSet": [9, 16, "apps/v1"],
	},
	"auditregistration.k8s.io/v1alpha1": {"AuditSink": [19, 19, "none"]},
	"authentication.k8s.io/v1beta1": {"TokenReview": [19, 22, "authentication.k8s.io/v1"]},
	"authorization.k8s.io/v1beta1": {
		"SubjectAccessReview": [19, 22, "authorization.k8s.io/v1"],
		"LocalSubjectAccessReview": [19, 22, "authorization.k8s.io/v1"],
		"SelfSubjectAccessReview": [19, 22, "authorization.k8s.io/v1"],
	},
	"autoscaling/v2beta1": {"HorizontalPodAutoscaler": [22, 25, "autoscaling/v2"]},
	"autoscaling/v2beta2": {"HorizontalPodAutoscaler": [23, 26, "autoscaling/v2"]},
	"batch/v1beta1": {"CronJob": [21, 25, "batch/v1"]},
	"batch/v2alpha1": {"CronJob": [20, 21, "batch/v1"]},
	"certificates.k8s.io/v1alpha1": {
		"ClusterTrustBundle": [34, 37, "certificates.k8s.io/v1"],
		"PodCertificateRequest": [35, 35, "certificates.k8s.io/v1"],
	},
	"certificates.k8s.io/v1beta1": {
		"CertificateSigningRequest": [19, 22, "certificates.k8s.io/v1"],
		"ClusterTrustBundle": [37, 40, "certificates.k8s.io/v1"],
		"PodCertificateRequest": [37, 40, "certificates.k8s.io/v1"],
	},
	"coordination.k8s.io/v1alpha1": {"LeaseCandidate": [32, 32, "coordination.k8s.io/v1beta1"]},
	"coordination.k8s.io/v1alpha2": {"LeaseCandidate": [35, 38, "coordination.k8s.io/v1beta1"]},
	"coordination.k8s.io/v1beta1": {"Lease": [19, 22, "coordination.k8s.io/v1"], "LeaseCandidate": [36, 39, "none"]},
	"discovery.k8s.io/v1alpha1": {"EndpointSlice": [17, 21, "discovery.k8s.io/v1"]},
	"discovery.k8s.io/v1beta1": {"EndpointSlice": [21, 25, "discovery.k8s.io/v1"]},
	"events.k8s.io/v1beta1": {"Event": [22, 25, "events.k8s.io/v1"]},
	"extensions/v1beta1": {
		"DaemonSet": [8, 16, "apps/v1"],
		"Deployment": [8, 16, "apps/v1"],
		"Ingress": [14, 22, "networking.k8s.io/v1"],
		"NetworkPolicy": [9, 16, "networking.k8s.io/v1"],
		"PodSecurityPolicy": [10, 16, "none: use Pod Security"],
		"ReplicaSet": [8, 16, "apps/v1"],
	},
	"flowcontrol.apiserver.k8s.io/v1alpha1": {
		"FlowSchema": [20, 21, "flowcontrol.apiserver.k8s.io/v1"],
		"PriorityLevelConfiguration": [20, 21, "flowcontrol.apiserver.k8s.io/v1"],
	},
	"flowcontrol.apiserver.k8s.io/v1beta1": {
		"FlowSchema": [23, 26, "flowcontrol.apiserver.k8s.io/v1"],
		"PriorityLevelConfiguration": [23, 26, "flowcontrol.apiserver.k8s.io/v1"],
	},
	"flowcontrol.apiserver.k8s.io/v1beta2": {
		"FlowSchema": [26, 29, "flowcontrol.apiserver.k8s.io/v1"],
		"PriorityLevelConfiguration": [26, 29, "flowcontrol.apiserver.k8s.io/v1"],
	},
	"flowcontrol.apiserver.k8s.io/v1beta3": {
		"FlowSchema": [29, 32, "flowcontrol.apiserver.k8s.io/v1"],
		"PriorityLevelConfiguration": [29, 32, "flowcontrol.apiserver.k8s.io/v1"],
	},
	"lifecycle.k8s.io/v1alpha1": {"EvictionRequest": [40, 43, "none"]},
	"networking.k8s.io/v1alpha1": {
		"ClusterCIDR": [28, 29, "none"],
		"IPAddress": [30, 33, "networking.k8s.io/v1"],
		"ServiceCIDR": [30, 33, "networking.k8s.io/v1"],
	},
	"networking.k8s.io/v1beta1": {
		"IPAddress": [34, 37, "networking.k8s.io/v1"],
		"Ingress": [19, 22, "networking.k8s.io/v1"],
		"IngressClass": [19, 22, "networking.k8s.io/v1"],
		"ServiceCIDR": [34, 37, "networking.k8s.io/v1"],
	},
	"node.k8s.io/v1alpha1": {"RuntimeClass": [20, 24, "node.k8s.io/v1"]},
	"node.k8s.io/v1beta1": {"RuntimeClass": [22, 25, "node.k8s.io/v1"]},
	"policy/v1beta1": {
		"PodDisruptionBudget": [21, 25, "policy/v1"],
		"PodSecurityPolicy": [21, 25, "none: use Pod Security"],
	},
	"rbac.authorization.k8s.io/v1alpha1": {
		"ClusterRole": [17, 23, "rbac.authorization.k8s.io/v1"],
		"ClusterRoleBinding": [17, 23, "rbac.authorization.k8s.io/v1"],
		"Role": [17, 23, "rbac.authorization.k8s.io/v1"],
		"RoleBinding": [17, 23, "rbac.authorization.k8s.io/v1"],
	},
	"rbac.authorization.k8s.io/v1beta1": {
		"ClusterRole": [17, 22, "rbac.authorization.k8s.io/v1"],
		"ClusterRoleBinding": [17, 22, "rbac.authorization.k8s.io/v1"],
		"Role": [17, 22, "rbac.authorization.k8s.io/v1"],
		"RoleBinding": [17, 22, "rbac.authorization.k8s.io/v1"],
	},
	"resource.k8s.io/v1alpha1": {
		"ResourceClaim": [27, 27, "resource.k8s.io/v1"],
		"ResourceClaimTemplate": [27, 27, "resource.k8s.io/v1"],
		"ResourceClass": [27, 27, "resource.k8s.io/v1alpha2"],
	},
	"resource.k8s.io/v1alpha2": {
		"ResourceClaim": [31, 31, "resource.k8s.io/v1"],
		"ResourceClaimTemplate": [31, 31, "resource.k8s.io/v1"],
		"ResourceClass": [31, 31, "none"],
	},
	"resource.k8s.io/v1alpha3": {
		"DeviceClass": [32, 34, "resource.k8s.io/v1"],
		"DeviceTaintRule": [36, 39, "resource.k8s.io/v1"],
		"ResourceClaim": [32, 34, "resource.k8s.io/v1"],
		"ResourceClaimTemplate": [32, 34, "resource.k8s.io/v1"],
		"ResourcePoolStatusRequest": [39, 42, "none"],
	},
	"resource.k8s.io/v1beta1": {
		"DeviceClass": [35, 38, "resource.k8s.io/v1"],
		"ResourceClaim": [35, 38, "resource.k8s.io/v1"],
		"ResourceClaimTemplate": [35, 38, "resource.k8s.io/v1"],
		"ResourceSlice": [35, 38, "resource.k8s.io/v1"],
	},
	"resource.k8s.io/v1beta2": {
		"DeviceClass": [36, 39, "resource.k8s.io/v1"],
		"DeviceTaintRule": [39, 42, "resource.k8s.io/v1"],
		"ResourceClaim": [36, 39, "resource.k8s.io/v1"],
		"ResourceClaimTemplate": [36, 39, "resource.k8s.io/v1"],
		"ResourceSlice": [36, 39, "resource.k8s.io/v1"],
	},
	"scheduling.k8s.io/v1alpha1": {"PriorityClass": [14, 23, "scheduling.k8s.io/v1"]},
	"scheduling.k8s.io/v1beta1": {
		"PodGroup": [40, 43, "none"],
		"PriorityClass": [14, 22, "scheduling.k8s.io/v1"],
		"Workload": [40, 43, "none"],
	},
	"settings.k8s.io/v1alpha1": {"PodPreset": [20, 20, "none"]},
	"storage.k8s.io/v1alpha1": {
		"CSIStorageCapacity": [21, 24, "storage.k8s.io/v1"],
		"VolumeAttachment": [21, 24, "storage.k8s.io/v1"],
		"VolumeAttributesClass": [32, 35, "storage.k8s.io/v1"],
	},
	"storage.k8s.io/v1beta1": {
		"CSIDriver": [19, 22, "storage.k8s.io/v1"],
		"CSINode": [17, 22, "storage.k8s.io/v1"],
		"CSIStorageCapacity": [24, 27, "storage.k8s.io/v1"],
		"StorageClass": [19, 22, "storage.k8s.io/v1"],
		"VolumeAttachment": [19, 22, "storage.k8s.io/v1"],
		"VolumeAttributesClass": [34, 37, "storage.k8s.io/v1"],
	},
	"storagemigration.k8s.io/v1alpha1": {"StorageVersionMigration": [33, 35, "storagemigration.k8s.io/v1"]},
	"storagemigration.k8s.io/v1beta1": {"StorageVersionMigration": [37, 40, "storagemigration.k8s.io/v1"]},
}

# From which minor on a version of a kind is served; those of v1.19 and later.
introduced := {
	"admissionregistration.k8s.io/v1": {
		"MutatingAdmissionPolicy": 36,
		"MutatingAdmissionPolicyBinding": 36,
		"ValidatingAdmissionPolicy": 30,
		"ValidatingAdmissionPolicyBinding": 30,
	},
	"admissionregistration.k8s.io/v1alpha1": {
		"MutatingAdmissionPolicy": 32,
		"MutatingAdmissionPolicyBinding": 32,
		"ValidatingAdmissionPolicy": 26,
		"ValidatingAdmissionPolicyBinding": 26,
	},
	"admissionregistration.k8s.io/v1beta1": {
		"MutatingAdmissionPolicy": 34,
		"MutatingAdmissionPolicyBinding": 34,
		"ValidatingAdmissionPolicy": 28,
		"ValidatingAdmissionPolicyBinding": 28,
	},
	"autoscaling/v2": {"HorizontalPodAutoscaler": 23},
	"batch/v1": {"CronJob": 21},
	"certificates.k8s.io/v1": {"CertificateSigningRequest": 19, "ClusterTrustBundle": 37, "PodCertificateRequest": 37},
	"certificates.k8s.io/v1alpha1": {"ClusterTrustBundle": 26, "PodCertificateRequest": 34},
	"certificates.k8s.io/v1beta1": {"ClusterTrustBundle": 33, "PodCertificateRequest": 35},
	"coordination.k8s.io/v1alpha1": {"LeaseCandidate": 31},
	"coordination.k8s.io/v1alpha2": {"LeaseCandidate": 32},
	"coordination.k8s.io/v1beta1": {"LeaseCandidate": 33},
	"discovery.k8s.io/v1": {"EndpointSlice": 21},
	"events.k8s.io/v1": {"Event": 19},
	"flowcontrol.apiserver.k8s.io/v1": {"FlowSchema": 29, "PriorityLevelConfiguration": 29},
	"flowcontrol.apiserver.k8s.io/v1beta1": {"FlowSchema": 20, "PriorityLevelConfiguration": 20},
	"flowcontrol.apiserver.k8s.io/v1beta2": {"FlowSchema": 23, "PriorityLevelConfiguration": 23},
	"flowcontrol.apiserver.k8s.io/v1beta3": {"FlowSchema": 26, "PriorityLevelConfiguration": 26},
	"lifecycle.k8s.io/v1alpha1": {"EvictionRequest": 37},
	"networking.k8s.io/v1": {"IPAddress": 33, "Ingress": 19, "IngressClass": 19, "ServiceCIDR": 33},
	"networking.k8s.io/v1alpha1": {"ClusterCIDR": 25, "IPAddress": 27, "ServiceCIDR": 29},
	"networking.k8s.io/v1beta1": {"IPAddress": 31, "ServiceCIDR": 31},
	"node.k8s.io/v1": {"RuntimeClass": 20},
	"policy/v1": {"PodDisruptionBudget": 21},
	"resource.k8s.io/v1": {
		"DeviceClass": 34,
		"DeviceTaintRule": 37,
		"ResourceClaim": 34,
		"ResourceClaimTemplate": 34,
		"ResourceSlice": 34,
	},
	"resource.k8s.io/v1alpha1": {"ResourceClaim": 26, "ResourceClaimTemplate": 26, "ResourceClass": 26},
	"resource.k8s.io/v1alpha2": {"ResourceClaim": 27, "ResourceClaimTemplate": 27, "ResourceClass": 27},
	"resource.k8s.io/v1alpha3": {
		"DeviceClass": 31,
		"DeviceTaintRule": 33,
		"ResourceClaim": 31,
		"ResourceClaimTemplate": 31,
		"ResourcePoolStatusRequest": 36,
	},
	"resource.k8s.io/v1beta1": {
		"DeviceClass": 32,
		"ResourceClaim": 32,
		"ResourceClaimTemplate": 32,
		"ResourceSlice": 32,
	},
	"resource.k8s.io/v1beta2": {
		"DeviceClass": 33,
		"DeviceTaintRule": 36,
		"ResourceClaim": 33,
		"ResourceClaimTemplate": 33,
		"ResourceSlice": 33,
	},
	"scheduling.k8s.io/v1beta1": {"PodGroup": 37, "Workload": 37},
	"storage.k8s.io/v1": {"CSIStorageCapacity": 24, "VolumeAttributesClass": 34},
	"storage.k8s.io/v1alpha1": {"CSIStorageCapacity": 19, "VolumeAttributesClass": 29},
	"storage.k8s.io/v1beta1": {"CSIStorageCapacity": 21, "VolumeAttributesClass": 31},
	"storagemigration.k8s.io/v1": {"StorageVersionMigration": 37},
	"storagemigration.k8s.io/v1alpha1": {"StorageVersionMigration": 30},
	"storagemigration.k8s.io/v1beta1": {"StorageVersionMigration": 35},
}

# Of the object under judgement; undefined for most.
entry := table[input.object.apiVersion][input.object.kind]

# Where nothing but the version changes, it can be written over.
same := {
	"rbac.authorization.k8s.io/v1alpha1", "rbac.authorization.k8s.io/v1beta1", "batch/v1beta1", "coordination.k8s.io/v1beta1",
	"scheduling.k8s.io/v1beta1", "node.k8s.io/v1beta1", "storage.k8s.io/v1beta1", "autoscaling/v2beta2",
}

fix := {"fix": [{"op": "replace", "path": ["apiVersion"], "value": entry[2]}]} if {
	input.object.apiVersion in same
} else := {}

# The minor to judge by; "latest", and what is no version, is the newest that this program knows.
default minor := 37

minor := to_number(found[0][1]) if {
	found := regex.find_all_string_submatch_n(`^v?1\.([0-9]{1,3})(\D|$)`, config.target_version, 1)
	count(found) > 0
}
