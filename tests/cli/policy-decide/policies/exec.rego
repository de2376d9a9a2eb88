package exec

import rego.v1

deny contains msg if {
	input.request.operation == "CONNECT"
	input.request.subResource == "exec"
	msg := sprintf("%s may not open a shell in %s", [input.request.userInfo.username, input.request.name])
}
