package seawall.rules.pod_security_policy_test

import data.seawall.lib.testing
import data.seawall.rules.pod_security_policy.finding

test_current if {
	some f in finding with input as testing.object_input({"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy", "metadata": {"name": "restricted"}})
	f.message == `PodSecurityPolicy "restricted" has no effect on clusters from 1.25 on`
}

test_older_group if {
	count(finding) == 1 with input as testing.object_input({"apiVersion": "extensions/v1beta1", "kind": "PodSecurityPolicy", "metadata": {"name": "a"}, "spec": null})
}

test_nameless if {
	count(finding) == 1 with input as testing.object_input({"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy"})
}
