{{- define "looma.name" -}}
{{- printf "%s-%s" .root.Release.Name .role | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "looma.selector" -}}
app.kubernetes.io/name: looma
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- define "looma.labels" -}}
{{ include "looma.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "looma.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{/* What all pods have: an unprivileged user, no rights, nothing writable but its data and /tmp. */}}
{{- define "looma.pod" -}}
serviceAccountName: {{ .Release.Name }}-looma
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: data
    emptyDir: {sizeLimit: 1Gi}
  - name: tmp
    emptyDir: {sizeLimit: 256Mi}
{{- range .Values.files }}
  - name: {{ .name }}
    secret: {secretName: {{ .secret }}}
{{- end }}
{{- end -}}

{{- define "looma.container" -}}
image: {{ include "looma.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
envFrom:
  - configMapRef: {name: {{ .Release.Name }}-looma}
{{- range .Values.secrets }}
  - secretRef: {name: {{ . }}}
{{- end }}
volumeMounts:
  - {name: data, mountPath: /var/lib/looma}
  - {name: tmp, mountPath: /tmp}
{{- range .Values.files }}
  - {name: {{ .name }}, mountPath: /etc/looma/{{ .name }}, readOnly: true}
{{- end }}
{{- end -}}
