{{/* The namespaces that hold jobs. */}}
{{- define "workstation.managed" -}}
namespaceSelector:
  matchLabels:
    workstation.managed: "true"
{{- end }}

{{/* The binding of a policy: (list . "name" "Validating" or "Mutating", and the name of its parameter or ""). */}}
{{- define "workstation.binding" -}}
{{- $root := index . 0 }}
apiVersion: admissionregistration.k8s.io/v1
kind: {{ index . 2 }}AdmissionPolicyBinding
metadata:
  name: {{ index . 1 }}
  labels: {{- include "workstation.labels" $root | nindent 4 }}
spec:
  policyName: {{ index . 1 }}
  {{- if eq (index . 2) "Validating" }}
  validationActions: [Deny]
  {{- end }}
  {{- with index . 3 }}
  paramRef: { name: {{ . }}, namespace: {{ $root.Release.Namespace }}, parameterNotFoundAction: Deny }
  {{- end }}
{{- end }}

{{- define "workstation.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "workstation.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: scheduler
{{- end }}

{{- define "workstation.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The Secret with the scheduler's certificate. */}}
{{- define "workstation.certificate" -}}
{{ .Values.tls.secret | default "scheduler-tls" }}
{{- end }}
