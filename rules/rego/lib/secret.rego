# What is a secret: by its name, by its form.
package seawall.lib.secret

# Names of variables, keys and options that hold secrets. What is behind them (a file, a Secret's name, a
# setting about secrets) is none.
is_name(name) if {
	regex.match(words, name)
	not regex.match(about, name)
}

words := concat("|", [
	`(?i)pass[-_.]?word`, `passwd`, `pass[-_.]?phrase`, `db[-_.]?pass$`, `secret`, `token`, `credential`, `bearer`,
	`(api|access|private|encryption|signing|batch|storage|account|shared|license|session|master)[-_.]?key`,
	`key[-_.]?content`, `connection[-_.]?string`, `^pwd$`, `^auth$`,
])

about := concat("", [
	`(?i)(file|path|dir|ur[li]|endpoint|name|length|ttl|expiry|expiration|lifetime|enabled|disabled|policy|header|`,
	`type|algorithm|rotation|timeout|interval|issuer|audience|ref|mount|namespace|store|provider|backend|size|count|`,
	`limit|[-_.]id|seconds|minutes|days|hours|version|format|prefix|required|age)$|`,
	`tokenizer|max[-_.]?token|num[-_.]?token|secretless|passwordless|public[-_.]?key`,
])

# A value that is the secret itself, not a place where it comes from or a blank.
is_literal(value) if {
	is_string(value)
	text := trim_space(value)
	text != ""
	not placeholder(text)
}

placeholder(text) if strings.any_prefix_match(text, places)

placeholder(text) if contains(text, "$(")

placeholder(text) if contains(text, "${")

placeholder(text) if contains(text, "{{")

placeholder(text) if lower(text) in blanks

placeholder(text) if regex.match(`^([0-9]{1,4}[smhd]?|x{6,}|\*+|\.+)$`, text)

# Files, variables, and what secret stores and encrypting tools write.
places := ["/", "$", "<", "%(", "vault:", "ref+", "arn:", "file:", "secretref:", "ENC[", "***", "projects/"]

blanks := {"true", "false", "yes", "no", "none", "null", "nil", "on", "off", "required", "optional", "redacted", "changeme-by-installer"}

# What kind of credential a text is; undefined if it is none. One expression tells that most texts are none.
kind(text) := found[0] if {
	is_string(text)
	regex.match(signs, text)
	found := [f[0] | some f in formats; contains(text, f[1]); regex.match(f[2], text)]
}

signs := concat("|", [
	`PRIVATE KEY`, `AKIA`, `ASIA`, `gh[pousr]_`, `github_pat_`, `glpat-`, `xox[abeoprs]-`, `hooks\.slack\.com/services/T`,
	`k_live_`, `AIza`, `"private_key_id"`, `sk-`, `SG\.`, `npm_`, `pypi-`, `dckr_pat_`, `do[opr]_v1_`, `hv[sbr]\.`,
	`AccountKey=`, `SharedAccessKey=`, `eyJ`, `://[^/\s]*@`,
])

# What it is called, what it must contain, and how it looks; the first that fits is told.
formats := [
	["a private key", "BEGIN ", `-{3,5}BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-{3,5}`],
	["an AWS access key", "IA", `\b(AKIA|ASIA)[0-9A-Z]{16}\b`],
	["a GitHub token", "gh", `\bgh[pousr]_[0-9A-Za-z]{36,}`],
	["a GitHub token", "github_pat_", `\bgithub_pat_[0-9A-Za-z_]{22,}`],
	["a GitLab token", "glpat-", `\bglpat-[0-9A-Za-z_-]{20}`],
	["a Slack token", "xox", `\bxox[abeoprs]-[0-9A-Za-z-]{10,}`],
	["a Slack webhook", "hooks.slack.com/services/T", `hooks\.slack\.com/services/T[0-9A-Za-z_]+/B`],
	["a Stripe key", "k_live_", `\b[sr]k_live_[0-9A-Za-z]{16,}`],
	["a Google API key", "AIza", `\bAIza[0-9A-Za-z_-]{35}`],
	["a Google service account key", "\"private_key_id\"", `"private_key_id"\s*:\s*"[0-9a-f]`],
	["an OpenAI or Anthropic key", "sk-", `\bsk-(ant-|proj-)?[0-9A-Za-z_-]{32,}`],
	["a SendGrid key", "SG.", `\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}`],
	["an npm token", "npm_", `\bnpm_[0-9A-Za-z]{36}`],
	["a PyPI token", "pypi-", `\bpypi-AgE[0-9A-Za-z_-]{50,}`],
	["a Docker Hub token", "dckr_pat_", `\bdckr_pat_[0-9A-Za-z_-]{20,}`],
	["a DigitalOcean token", "_v1_", `\bdo[opr]_v1_[0-9a-f]{64}`],
	["a HashiCorp Vault token", "hv", `\bhv[sbr]\.[0-9A-Za-z_-]{24,}`],
	["an Azure storage key", "AccountKey=", `AccountKey=[0-9A-Za-z+/]{40,}`],
	["an Azure shared access key", "SharedAccessKey=", `SharedAccessKey=[0-9A-Za-z+/]{43}=`],
	["a JSON Web Token", "eyJ", `\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}`],
	["a URL with a password", "://", `[a-z][a-z0-9+.-]*://[^/\s:@$({]+:[^/\s:@$({<%*]{3,}@[^/\s@]`],
]
