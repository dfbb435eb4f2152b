{{/* CEL: who is asking the API server. */}}

{{- define "workstation.is-scheduler" -}}
request.userInfo.username == "system:serviceaccount:{{ .Release.Namespace }}:scheduler"
{{- end }}

{{/* Whoever may `operate` the queues of the whole cluster; full rights in one namespace do not give it. */}}
{{- define "workstation.is-operator" -}}
authorizer.group("workstation").resource("queues").check("operate").allowed()
{{- end }}

{{/* The cluster's own parts, whether its controllers run under accounts of their own or under one. */}}
{{- define "workstation.is-control-plane" -}}
request.userInfo.username in [
  "system:kube-controller-manager",
  "system:kube-scheduler",
  {{- range .Values.policies.controllers }}
  "system:serviceaccount:kube-system:{{ . }}",
  {{- end }}
  {{- range .Values.policies.otherControllers }}
  {{ . | quote }},
  {{- end }}
  {{- if .Values.policies.workloadCreators }}
  "system:serviceaccount:kube-system:deployment-controller",
  "system:serviceaccount:kube-system:replicaset-controller",
  "system:serviceaccount:kube-system:statefulset-controller",
  {{- end }}
] || "system:nodes" in request.userInfo.groups
{{- end }}

{{/* Who makes the pods of jobs. */}}
{{- define "workstation.is-pod-maker" -}}
request.userInfo.username in [
  "system:kube-controller-manager",
  "system:serviceaccount:kube-system:job-controller",
  {{- if .Values.policies.workloadCreators }}
  "system:serviceaccount:kube-system:replicaset-controller",
  "system:serviceaccount:kube-system:statefulset-controller",
  {{- end }}
]
{{- end }}

{{/* What such pods belong to. */}}
{{- define "workstation.pod-owners" -}}
"Job"
{{- if .Values.policies.workloadCreators }}, "ReplicaSet", "StatefulSet"{{ end }}
{{- end }}

{{/* Who starts other things than jobs for users, such as the portal of desktops. */}}
{{- define "workstation.is-workload-creator" -}}
request.userInfo.username in {{ .Values.policies.workloadCreators | toJson }}
{{- end }}
