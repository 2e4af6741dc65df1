{{/* The actions that are switched on, as a YAML list: each as in generated/access.yaml, and the namespaces it is held to (none: it acts in all). */}}
{{- define "kubernaut.enabledActions" -}}
{{- $access := .Files.Get "generated/access.yaml" | fromYaml }}
{{- range $action := $access.actions }}
{{- $own := get $.Values.actions.byName $action.name | default dict }}
{{- $enabled := $.Values.actions.enabled }}
{{- if hasKey $own "enabled" }}{{ $enabled = $own.enabled }}{{ end }}
{{- $namespaces := $.Values.actions.namespaces }}
{{- if hasKey $own "namespaces" }}{{ $namespaces = $own.namespaces }}{{ end }}
{{- /* A binding in a namespace gives nothing on what belongs to the whole cluster. */}}
{{- if and $enabled (not (and $namespaces (eq $action.scope "cluster"))) }}
- {{ merge (dict "namespaces" $namespaces) $action | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{/* User names of the functions, as a JSON list. */}}
{{- define "kubernaut.functionsUsers" -}}
{{- $users := .Values.functions.users }}
{{- if .Values.functions.serviceAccount.create }}
{{- $users = prepend $users (printf "system:serviceaccount:%s:kubernaut-functions" .Release.Namespace) }}
{{- end }}
{{- toJson $users }}
{{- end }}

{{/* Subjects of the functions' bindings. */}}
{{- define "kubernaut.functionsSubjects" -}}
{{- $functions := .Values.functions }}
{{- if not (or $functions.serviceAccount.create $functions.users $functions.groups) }}
{{- fail "functions: nobody could act: set functions.serviceAccount.create, or name whom your cluster maps the functions' IAM role to in functions.users or functions.groups" }}
{{- end }}
{{- if $functions.serviceAccount.create }}
- kind: ServiceAccount
  name: kubernaut-functions
  namespace: {{ .Release.Namespace }}
{{- end }}
{{- range $functions.users }}
- kind: User
  apiGroup: rbac.authorization.k8s.io
  name: {{ . | quote }}
{{- end }}
{{- range $functions.groups }}
- kind: Group
  apiGroup: rbac.authorization.k8s.io
  name: {{ . | quote }}
{{- end }}
{{- end }}
