{{- define "soketify.name" -}}
{{- if contains "soketify" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-soketify" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "soketify.selector" -}}
app.kubernetes.io/name: soketify
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "soketify.labels" -}}
{{ include "soketify.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "soketify.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "soketify.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{/* One variable whose value is a key of a Secret: list NAME { existingSecret, key } */}}
{{- define "soketify.secretVariable" -}}
{{- $name := index . 0 }}{{ $from := index . 1 }}
{{- if $from.existingSecret }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $from.existingSecret }}
      key: {{ $from.key }}
{{- end }}
{{- end }}

{{/* Refuses values that cannot work when Helm renders the chart. Otherwise the pods would restart again and again. */}}
{{- define "soketify.check" -}}
{{- $isMany := or (gt (int .Values.replicas) 1) .Values.autoscaling.enabled }}
{{- if and $isMany (not (and .Values.database.existingSecret .Values.redis.existingSecret .Values.masterKey.existingSecret)) }}
{{- fail "More than one replica needs database.existingSecret (PostgreSQL or MySQL), redis.existingSecret and masterKey.existingSecret" }}
{{- end }}
{{- if and .Values.database.existingSecret (not .Values.masterKey.existingSecret) }}
{{- fail "database.existingSecret needs masterKey.existingSecret: otherwise the key would be lost with the pod" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "ingress.enabled needs ingress.host, such as ws.example.com" }}
{{- end }}
{{- end }}

{{- define "soketify.usesVolume" -}}
{{- if not .Values.database.existingSecret }}yes{{ end }}
{{- end }}
