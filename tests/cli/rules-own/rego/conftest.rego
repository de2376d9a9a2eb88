package main

deny contains msg if {
	input.kind == "Deployment"
	not input.metadata.labels.team
	msg := sprintf("%s has no team", [input.metadata.name])
}

warn contains {"msg": "one replica"} if input.spec.replicas == 1
