# METADATA
# title: Environment variable changes which libraries are loaded
# description: >-
#   LD_PRELOAD and its like put code of somebody's choice into every program of the container;
#   often what is left of a test, sometimes of an attack.
# related_resources:
#   - https://attack.mitre.org/techniques/T1574/006/
# custom:
#   id: env-loader-override
#   severity: low
#   remedy: >-
#     Remove the variable; build what is needed into the image.
#   kinds: [workload]
#   controls:
#     mitre: ["T1036"]
package seawall.rules.env_loader_override

import data.seawall.lib.pod

names := {"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "PERL5OPT", "BASH_ENV", "RUBYOPT"}

finding contains {
	"message": sprintf("container %q sets %s", [c.name, e.name]),
	"container": c.name,
	"path": pod.at(c, ["env", i]),
	"evidence": e.value,
	"key": e.name,
} if {
	some c in pod.containers
	some i, e in c.value.env
	e.name in names
}
