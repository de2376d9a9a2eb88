package seawall.rules.annotation_credential_test

import data.seawall.lib.testing
import data.seawall.rules.annotation_credential.finding

object_(annotations) := testing.object_input({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "annotations": annotations}})

test_token if {
	some f in finding with input as object_({"a": "b", "example.com/hook": concat("", ["glpat-", "abcdefghij0123456789"])})
	f.message == `Service "web" holds a GitLab token in the annotation example.com/hook`
	not "evidence" in object.keys(f)
}

test_url if {
	count(finding) == 1 with input as object_({"example.com/db": concat("", ["mysql://root:", "hunter22@db/shop"])})
}

test_ordinary if {
	count(finding) == 0 with input as object_({"a": "b", "example.com/url": "https://example.com/", "prometheus.io/scrape": "true"})
}

test_odd_shapes if {
	count(finding) == 0 with input as object_(null)
	count(finding) == 0 with input as object_({"a": 5, "b": null})
}
