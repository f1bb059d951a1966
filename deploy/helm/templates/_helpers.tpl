{{/* Labels of one part, or of one role of it; what selects must never change. */}}
{{- define "tuan.select" -}}
app.kubernetes.io/name: tuan
app.kubernetes.io/instance: {{ .release }}
app.kubernetes.io/component: {{ .part }}
{{- with .role }}
tuan/role: {{ . }}
{{- end }}
{{- end }}

{{- define "tuan.labels" -}}
{{ include "tuan.select" . }}
app.kubernetes.io/version: {{ .chart.AppVersion | quote }}
app.kubernetes.io/managed-by: Helm
helm.sh/chart: {{ .chart.Name }}-{{ .chart.Version }}
{{- end }}

{{/* The user of every pod of ours, without rights. */}}
{{- define "tuan.nobody" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* The image, and what its container may not. */}}
{{- define "tuan.image" -}}
{{- $image := .root.Values.image -}}
image: {{ printf "%s@%s" $image.repository $image.digest | quote }}
imagePullPolicy: {{ $image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* One container of one role. The part's name is what the image is started with. */}}
{{- define "tuan.pod" -}}
{{- $values := .root.Values -}}
metadata:
  labels: {{- include "tuan.labels" . | nindent 4 }}
  annotations:
    prometheus.io/scrape: "true"
    prometheus.io/scheme: https
    prometheus.io/port: {{ ternary (add .port 6) .port (eq .part "web") | quote }}
    prometheus.io/path: /metrics
spec:
  serviceAccountName: {{ .release }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 30
  {{- include "tuan.nobody" . | nindent 2 }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "tuan.select" . | nindent 10 }}
  containers:
    - name: {{ .part }}
      {{- include "tuan.image" . | nindent 6 }}
      {{- if has .role (list "api" "consumer" "worker") | and (ne .part "web") }}
      args: [{{ .part }}, --role, {{ .role }}]
      {{- else }}
      args: [{{ .part }}]
      {{- end }}
      ports:
        - {name: https, containerPort: {{ .port }}}
        {{- if eq .part "web" }}
        - {name: metrics, containerPort: {{ add .port 6 }}}
        {{- end }}
      env: {{- include "tuan.environment" . | nindent 8 }}
      startupProbe:
        httpGet: {path: /health/live, port: https, scheme: HTTPS}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /health/live, port: https, scheme: HTTPS}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /health/ready, port: https, scheme: HTTPS}
        periodSeconds: 5
        timeoutSeconds: 5
      resources:
        requests: {cpu: {{ .settings.cpu | quote }}, memory: {{ .settings.memory }}}
        limits: {memory: {{ .settings.memory }}}
      volumeMounts:
        - {name: tls, mountPath: /run/tuan/tls, readOnly: true}
        {{- if ne .part "web" }}
        - {name: keys, mountPath: /run/tuan/keys, readOnly: true}
        {{- end }}
        - {name: scratch, mountPath: /tmp}
  volumes:
    - name: tls
      secret: {secretName: {{ $values.tlsSecretPrefix }}{{ .part }}, defaultMode: 0440}
    {{- if ne .part "web" }}
    - name: keys
      secret: {secretName: {{ $values.keysSecret }}, defaultMode: 0440}
    {{- end }}
    - name: scratch
      emptyDir: {sizeLimit: 1Gi}
{{- end }}

{{- define "tuan.environment" -}}
{{- $values := .root.Values -}}
- {name: TUAN_ENVIRONMENT, value: production}
- {name: TUAN_LOG_LEVEL, value: {{ $values.logLevel }}}
{{- with $values.tracesEndpoint }}
- {name: TUAN_TRACES_ENDPOINT, value: {{ . | quote }}}
- {name: TUAN_TRACES_SHARE, value: {{ $values.tracesShare | quote }}}
{{- end }}
- {name: TUAN_PEERS, value: "https://{{ .release }}-{service}:{port}"}
{{- if eq .part "web" }}
- {name: TUAN_CONSOLE_ORIGIN, value: {{ $values.consoleOrigin | quote }}}
{{- else }}
- {name: TUAN_KAFKA, value: {{ $values.kafka | quote }}}
- {name: TUAN_PARTITIONS, value: {{ $values.partitions | quote }}}
- {name: TUAN_REPLICATION, value: {{ $values.replication | quote }}}
{{- end }}
{{- if eq .part "identity" }}
- {name: TUAN_TRUSTED_CALLERS, value: {{ $values.trustedCallers | toJson | quote }}}
{{- end }}
{{- if eq .role "consumer" }}
# A lasting name: who comes back has its partitions again at once.
- name: TUAN_INSTANCE
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
{{- end }}
{{- end }}
