# METADATA
# title: File in a ConfigMap sets a password
# description: >-
#   A configuration file with the password written in it makes the ConfigMap a Secret that nobody
#   treats as one.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/secret/
# custom:
#   id: configmap-embedded-password
#   severity: medium
#   remedy: >-
#     Let the program read the password from an environment variable or a mounted file, and keep
#     that in a Secret. Or keep the whole file in a Secret.
#   kinds: [ConfigMap]
#   controls:
#     cis-kubernetes: ["5.4.2"]
#     nsa: ["6.3"]
#     mitre: ["T1552"]
#   aliases:
#     kubescape: ["C-0012"]
package seawall.rules.configmap_embedded_password

import data.seawall.lib.meta
import data.seawall.lib.secret

# password = "..." in INI, properties, YAML and JSON; not references, not words that stand for none.
pattern := `(?i)(?:^|[\s{,"'])[\w.-]*(?:password|passwd|secret[_-]?key|client[_-]?secret|api[_-]?key|access[_-]?token|auth[_-]?token)["']?[ \t]*[:=][ \t]*["']?([^\s"'$<>{%*/\[(,;#&|]{6,})["']?(?:\s|$|,|;|\})`

markers := {"pass", "Pass", "PASS", "secret", "Secret", "SECRET", "key", "Key", "KEY", "token", "Token", "TOKEN"}

finding contains {
	"message": sprintf("%s: the file %q sets a password or key", [meta.title, key]),
	"path": ["data", key],
	"key": key,
} if {
	some key, value in input.object.data
	is_string(value)
	contains(value, "\n")
	some_marker(value)
	some match in regex.find_all_string_submatch_n(pattern, value, 20)
	not stands_for_none(lower(match[1]))
	not secret.kind(value)
}

some_marker(value) if {
	some m in markers
	contains(value, m)
}

stands_for_none(word) if word in {"required", "optional", "default", "string", "secret", "password", "disabled", "enabled", "changeit!", "false", "never", "always", "unspecified", "undefined", "redacted", "placeholder", "credentials", "process.env", "getenv"}

stands_for_none(word) if strings.any_prefix_match(word, ["env.", "os.", "process.env", "your", "example", "xxx", "...", "env:", "file:", "vault:"])

stands_for_none(word) if regex.match(`(_file|_path|_name|_env)$|^[a-z_.]*(password|secret|token|key)$`, word)
