{{/* On everything that the chart installs. */}}
{{- define "kubernaut.labels" -}}
app.kubernetes.io/name: kubernaut
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* By which the watcher's pods are found; they never change, because a Deployment's selector cannot. */}}
{{- define "kubernaut.watcherSelector" -}}
app.kubernetes.io/name: kubernaut-watcher
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
