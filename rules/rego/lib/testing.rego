# Inputs for tests of rules, as rule_library.c makes them.
package seawall.lib.testing

# A Deployment with a pod spec.
pod_input(spec) := workload_input("apps/v1", "Deployment", {}, spec)

# A Deployment with one container.
container_input(container) := pod_input({"containers": [container]})

# A workload of a kind whose template is at spec.template; `fields` are further ones of its spec.
workload_input(api_version, kind, fields, spec) := {
	"object": {
		"apiVersion": api_version, "kind": kind,
		"metadata": {"name": "web", "namespace": "shop"},
		"spec": object.union(fields, {"template": {"metadata": {}, "spec": spec}}),
	},
	"pod": {"spec": spec, "metadata": {}, "path": ["spec", "template"]},
	"config": {},
}

# A bare pod.
bare_pod_input(spec) := {
	"object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec},
	"pod": {"spec": spec, "metadata": {"name": "web"}, "path": []},
	"config": {},
}

# A CronJob; `fields` are further ones of its spec.
cron_job_input(fields, spec) := {
	"object": {
		"apiVersion": "batch/v1", "kind": "CronJob",
		"metadata": {"name": "report", "namespace": "shop"},
		"spec": object.union(fields, {"jobTemplate": {"spec": {"template": {"spec": spec}}}}),
	},
	"pod": {"spec": spec, "path": ["spec", "jobTemplate", "spec", "template"]},
	"config": {},
}

# Any object without pods.
object_input(object) := {"object": object, "config": {}}
