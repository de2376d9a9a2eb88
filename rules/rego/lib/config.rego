# The parameters of rules: what a user may set in .seawall.yaml under rules.parameters, and what holds
# if nothing is said. Rules ask here, never input.config.
package seawall.lib.config

# METADATA
# title: Registries that images may come from
# description: >-
#   Hosts, or hosts with the beginning of a path (registry.example.com, ghcr.io/example). Empty: any.
# custom:
#   parameter: allowedRegistries
#   type: strings
default allowed_registries := []

allowed_registries := input.config.allowedRegistries

# METADATA
# title: Kubernetes version to judge API versions and features by
# description: >-
#   A release like v1.32, or latest: the newest that this program knows.
# custom:
#   parameter: targetVersion
#   type: string
default target_version := "latest"

target_version := input.config.targetVersion

# METADATA
# title: Replicas that a Deployment must have at least
# description: Fewer than this and the rule replicas speaks.
# custom:
#   parameter: minimumReplicas
#   type: number
default minimum_replicas := 2

minimum_replicas := input.config.minimumReplicas

# METADATA
# title: How many times its request a limit may be
# description: Above it the rules memory-limit-ratio and cpu-limit-ratio speak.
# custom:
#   parameter: maximumLimitRatio
#   type: number
default maximum_limit_ratio := 4

maximum_limit_ratio := input.config.maximumLimitRatio

# METADATA
# title: Least memory limit of a container
# description: A quantity such as 100Mi or 500m. Empty is any.
# custom:
#   parameter: minimumMemoryLimit
#   type: string
default minimum_memory_limit := ""

minimum_memory_limit := input.config.minimumMemoryLimit

# METADATA
# title: Greatest memory limit of a container
# description: A quantity such as 100Mi or 500m. Empty is any.
# custom:
#   parameter: maximumMemoryLimit
#   type: string
default maximum_memory_limit := ""

maximum_memory_limit := input.config.maximumMemoryLimit

# METADATA
# title: Least CPU limit of a container
# description: A quantity such as 100Mi or 500m. Empty is any.
# custom:
#   parameter: minimumCpuLimit
#   type: string
default minimum_cpu_limit := ""

minimum_cpu_limit := input.config.minimumCpuLimit

# METADATA
# title: Greatest CPU limit of a container
# description: A quantity such as 100Mi or 500m. Empty is any.
# custom:
#   parameter: maximumCpuLimit
#   type: string
default maximum_cpu_limit := ""

maximum_cpu_limit := input.config.maximumCpuLimit

# METADATA
# title: Priority classes that pods may have
# description: Empty is any.
# custom:
#   parameter: allowedPriorityClasses
#   type: strings
default allowed_priority_classes := []

allowed_priority_classes := input.config.allowedPriorityClasses

# METADATA
# title: Labels that every workload must have
# description: Keys, or key=value. The rule required-labels looks at the object itself.
# custom:
#   parameter: requiredLabels
#   type: strings
default required_labels := []

required_labels := input.config.requiredLabels

# METADATA
# title: Annotations that every workload must have
# description: Keys, or key=value.
# custom:
#   parameter: requiredAnnotations
#   type: strings
default required_annotations := []

required_annotations := input.config.requiredAnnotations

# METADATA
# title: Annotations that no object may have
# description: A key, key=value, or key!~expression where the value must match an expression.
# custom:
#   parameter: forbiddenAnnotations
#   type: strings
default forbidden_annotations := []

forbidden_annotations := input.config.forbiddenAnnotations

# METADATA
# title: Annotations that every volume claim template of a StatefulSet must have
# description: Keys.
# custom:
#   parameter: requiredClaimAnnotations
#   type: strings
default required_claim_annotations := []

required_claim_annotations := input.config.requiredClaimAnnotations
