{{/* Labels of everything. */}}
{{- define "seawall.labels" -}}
app.kubernetes.io/name: seawall
app.kubernetes.io/instance: seawall
app.kubernetes.io/component: admission-webhook
app.kubernetes.io/part-of: seawall
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Labels that select the pods. */}}
{{- define "seawall.selector" -}}
app.kubernetes.io/name: seawall
app.kubernetes.io/instance: seawall
{{- end }}

{{/* metadata of an object called seawall in the release's namespace. */}}
{{- define "seawall.metadata" -}}
name: seawall
namespace: {{ .Release.Namespace | quote }}
labels:
  {{- include "seawall.labels" . | nindent 2 }}
{{- end }}

{{/* The same for one outside of namespaces. */}}
{{- define "seawall.clusterMetadata" -}}
name: seawall
labels:
  {{- include "seawall.labels" . | nindent 2 }}
{{- end }}

{{- define "seawall.image" -}}
{{- $image := .Values.image -}}
{{- required "image.repository: which image? There is no published one: build it with ./dev image and push it" $image.repository -}}
{{- with $image.tag }}:{{ . }}{{ end -}}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end }}

{{- define "seawall.pullPolicy" -}}
{{- $image := include "seawall.image" . -}}
{{- .Values.image.pullPolicy | default (ternary "IfNotPresent" "Always" (contains "@" $image)) -}}
{{- end }}

{{- define "seawall.port" -}}
{{- dig "listen" "port" 8443 .Values.config | int -}}
{{- end }}

{{- define "seawall.metricsPort" -}}
{{- dig "metrics" "port" 9443 .Values.config | int -}}
{{- end }}

{{/* "true" if metrics have a port of their own. */}}
{{- define "seawall.hasMetrics" -}}
{{- if and (dig "metrics" "enabled" true .Values.config) (dig "metrics" "address" "" .Values.config) -}}true{{- end -}}
{{- end }}

{{/* "true" if namespaces are read from the API server. */}}
{{- define "seawall.asksAPI" -}}
{{- if eq (dig "namespaces" "source" "none" .Values.config) "api" -}}true{{- end -}}
{{- end }}

{{/* Whole seconds of a duration such as 1m30s, rounded up. */}}
{{- define "seawall.seconds" -}}
{{- $hours := regexFind "[0-9]+h" . | trimSuffix "h" | int -}}
{{- $minutes := regexFind "[0-9]+m([^s]|$)" . | regexFind "[0-9]+" | int -}}
{{- $seconds := regexFind "[0-9]+s" . | trimSuffix "s" | int -}}
{{- $thousandths := regexFind "[0-9]+ms" . | trimSuffix "ms" | int -}}
{{- add (mul $hours 3600) (mul $minutes 60) $seconds (div (add $thousandths 999) 1000) -}}
{{- end }}

{{/* Everything that the server does after SIGTERM, and something for slow nodes. */}}
{{- define "seawall.grace" -}}
{{- $delay := include "seawall.seconds" (dig "limits" "shutdownDelay" "0s" .Values.config) | int -}}
{{- $drain := include "seawall.seconds" (dig "limits" "drain" "20s" .Values.config) | int -}}
{{- add $delay $drain 10 -}}
{{- end }}

{{/* A rule of a webhook: group, resources, operations, scope. */}}
{{- define "seawall.rule" -}}
- apiGroups: [{{ .group | quote }}]
  apiVersions: ["*"]
  resources: {{ toJson .resources }}
  operations: {{ toJson .operations }}
  scope: {{ .scope | quote }}
{{- end }}

{{/* All rules; context: root, mutating. */}}
{{- define "seawall.rules" -}}
{{- $deletes := and .root.Values.judgeDeletes (not .mutating) -}}
{{- $write := list "CREATE" "UPDATE" -}}
{{- $all := ternary (append $write "DELETE") $write $deletes -}}
{{- $rbac := "rbac.authorization.k8s.io" -}}
{{- $net := "networking.k8s.io" -}}
{{- $table := list
  (dict "group" "" "resources" (list "pods") "operations" $all "scope" "Namespaced" "mutated" true)
  (dict "group" "" "resources" (list "pods/ephemeralcontainers") "operations" (list "UPDATE") "scope" "Namespaced" "mutated" true)
  (dict "group" "" "resources" (list "pods/resize") "operations" (list "UPDATE") "scope" "Namespaced" "mutated" false)
  (dict "group" "" "resources" (list "pods/exec" "pods/attach" "pods/portforward") "operations" (list "CONNECT") "scope" "Namespaced" "mutated" false)
  (dict "group" "" "resources" (list "replicationcontrollers" "services") "operations" $all "scope" "Namespaced" "mutated" true)
  (dict "group" "apps" "resources" (list "deployments" "statefulsets" "daemonsets" "replicasets") "operations" $all "scope" "Namespaced" "mutated" true)
  (dict "group" "batch" "resources" (list "jobs" "cronjobs") "operations" $all "scope" "Namespaced" "mutated" true)
  (dict "group" $net "resources" (list "ingresses") "operations" $all "scope" "Namespaced" "mutated" true)
  (dict "group" $net "resources" (list "networkpolicies") "operations" $all "scope" "Namespaced" "mutated" false)
  (dict "group" $rbac "resources" (list "roles" "rolebindings") "operations" $all "scope" "Namespaced" "mutated" false)
  (dict "group" $rbac "resources" (list "clusterroles" "clusterrolebindings") "operations" $all "scope" "Cluster" "mutated" false)
  (dict "group" "" "resources" (list "persistentvolumes") "operations" $all "scope" "Cluster" "mutated" false)
-}}
{{- range $rule := $table }}
{{- if or $rule.mutated (not $.mutating) }}
{{ include "seawall.rule" $rule }}
{{- end }}
{{- end }}
{{- range .root.Values.judge }}
{{- $parts := splitn "/" 2 . }}
{{- $whole := splitn "." 2 $parts._0 }}
{{- $sub := $parts._1 | default "" }}
{{- if not (and $.mutating $sub) }}
{{ include "seawall.rule" (dict "group" ($whole._1 | default "") "resources" (list (ternary (printf "%s/%s" $whole._0 $sub) $whole._0 (ne $sub ""))) "operations" (ternary $write $all (ne $sub "")) "scope" "*") }}
{{- end }}
{{- end }}
{{- end }}

{{/* One webhook; context: root, name, path, ca, optOut, rules. */}}
{{- define "seawall.webhook" -}}
- name: {{ .name }}
  admissionReviewVersions: [v1, v1beta1]
  sideEffects: None
  matchPolicy: Equivalent
  failurePolicy: {{ .root.Values.failurePolicy }}
  timeoutSeconds: 5
  clientConfig:
    service:
      name: seawall
      namespace: {{ .root.Release.Namespace | quote }}
      path: {{ .path }}
      port: 443
    {{- with .ca }}
    caBundle: {{ . }}
    {{- end }}
  namespaceSelector:
    matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values: {{ concat (list "kube-system" .root.Release.Namespace) .root.Values.exemptNamespaces | toJson }}
    {{- if .optOut }}
    - key: admission.seawall.dev/ignore
      operator: NotIn
      values: ["true"]
    {{- end }}
  objectSelector: {}
  rules:
  {{- .rules | nindent 2 }}
{{- end }}
