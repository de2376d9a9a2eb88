package seawall.rules.configmap_embedded_password_test

import data.seawall.lib.testing
import data.seawall.rules.configmap_embedded_password.finding

config_map(data_) := testing.object_input({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config"}, "data": data_})

test_properties if {
	some f in finding with input as config_map({"application.properties": "spring.datasource.url=jdbc:a\nspring.datasource.password=hunter22\n"})
	f.message == `ConfigMap "config": the file "application.properties" sets a password or key`
	not "evidence" in object.keys(f)
}

test_yaml_and_json if {
	count(finding) == 1 with input as config_map({"a.yaml": "db:\n  user: shop\n  password: \"hunter22\"\n"})
	count(finding) == 1 with input as config_map({"a.json": "{\n  \"api_key\": \"0a1b2c3d4e\"\n}\n"})
}

test_references if {
	every line in [
		"password: ${DB_PASSWORD}", "password: $DB_PASSWORD", "password: {{ .password }}", "password_file: /run/secrets/db",
		"password: ''", "password:", "apiKey: <your key>", "password = process.env.DB_PASSWORD", "existingSecretPasswordKey: db-password",
	] {
		count(finding) == 0 with input as config_map({"a.yaml": sprintf("a: b\n%s\nc: d\n", [line])})
	}
}

test_single_values_are_another_rule if {
	count(finding) == 0 with input as config_map({"password": "hunter22"})
}

test_odd_shapes if {
	count(finding) == 0 with input as config_map(null)
	count(finding) == 0 with input as config_map({"a": 1})
}
