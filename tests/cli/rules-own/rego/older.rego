package kubernetes.admission

deny[msg] {
	input.request.kind.kind == "Deployment"
	msg := sprintf("not in %v", [input.request.namespace])
}
