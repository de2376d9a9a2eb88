# Images of the pod's containers, taken apart once.
package seawall.lib.image

import data.seawall.lib.pod

# {"container", "image", "registry", "repository", "tag", "digest"}: tag and digest are "" if there is
# none, registry is "docker.io" where the reference names none.
all := [object.union({"container": c, "image": c.value.image}, parts) |
	some c in pod.containers
	parts := parse(c.value.image)
]

parse(reference) := {
	"registry": registry(name),
	"repository": repository(name),
	"tag": tag,
	"digest": digest,
} if {
	is_string(reference)
	reference != ""
	pieces := split(reference, "@")
	digest := second(pieces)
	named := pieces[0]
	tag := tag_of(named)
	name := trim_suffix(named, concat("", [":", tag]))
}

# A colon behind the last slash begins the tag; others belong to a port.
tag_of(named) := second(split(last(split(named, "/")), ":"))

last(parts) := parts[count(parts) - 1]

second(parts) := parts[1] if {
	count(parts) > 1
} else := ""

# The first part is a registry if it looks like a host.
has_registry(name) if {
	contains(name, "/")
	is_host(split(name, "/")[0])
}

is_host("localhost")

is_host(part) if contains(part, ".")

is_host(part) if contains(part, ":")

registry(name) := split(name, "/")[0] if {
	has_registry(name)
} else := "docker.io"

repository(name) := concat("/", array.slice(split(name, "/"), 1, 100)) if {
	has_registry(name)
} else := concat("", ["library/", name]) if {
	not contains(name, "/")
} else := name
