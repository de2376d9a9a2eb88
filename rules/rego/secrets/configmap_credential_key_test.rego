package seawall.rules.configmap_credential_key_test

import data.seawall.lib.testing
import data.seawall.rules.configmap_credential_key.finding

config_map(data_) := testing.object_input({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config"}, "data": data_})

test_names if {
	some f in finding with input as config_map({"db_username": "postgres", "db_password": "abc123"})
	f.message == `ConfigMap "config" holds a value under "db_password"`
	f.path == ["data", "db_password"]
	not "evidence" in object.keys(f)
}

test_more_names if {
	every name in ["AWS_SECRET_ACCESS_KEY", "AZURE_BATCH_KEY", "OCI_CLI_KEY_CONTENT", "apiKey", "github.token", "clientSecret", "DB_PASSWD", "connection-string"] {
		count(finding) == 1 with input as config_map({name: "xxyyz"})
	}
}

test_where_the_credential_is if {
	every name in ["PASSWORD_FILE", "secretName", "TOKEN_URL", "token_ttl", "passwordMinLength", "public_key", "token.expiry", "secret-store", "MAX_TOKENS"] {
		count(finding) == 0 with input as config_map({name: "xxyyz"})
	}
}

test_references_and_switches if {
	every value in ["", "  ", "$(DB_PASSWORD)", "${TOKEN}", "{{ .Values.token }}", "vault:secret/db#password", "/run/secrets/token", "true", "15m", "<none>"] {
		count(finding) == 0 with input as config_map({"db_password": value})
	}
}

test_ordinary_names if {
	count(finding) == 0 with input as config_map({"message": "This is a test", "db_user": "postgres", "monkey": "x", "keyboard": "qwertz"})
}

test_odd_shapes if {
	count(finding) == 0 with input as config_map(null)
	count(finding) == 0 with input as config_map(["password"])
	count(finding) == 0 with input as config_map({"password": 5, "token": null})
}
