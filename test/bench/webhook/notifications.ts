import { sha256Hex } from '../../../shared/api/digest.ts';

const namespaces = ['production', 'staging', 'shop', 'payments'];

/** An Alertmanager notification of that many alerts, each of another workload: about 900 bytes an alert, as real ones have. */
export function aNotificationOf(alertCount: number): Buffer {
  const alerts = Array.from({ length: alertCount }, (_, index) => anAlert(`payment-api-${index}`, namespaces[index % namespaces.length] ?? 'production'));
  const notification = {
    receiver: 'kubernaut',
    status: 'firing',
    alerts,
    groupLabels: { alertname: 'PodMemoryHigh' },
    commonLabels: { alertname: 'PodMemoryHigh', severity: 'critical', cluster: 'primary-cluster' },
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example:9093',
    version: '4',
    groupKey: '{}:{alertname="PodMemoryHigh"}',
    truncatedAlerts: 0,
  };
  return Buffer.from(JSON.stringify(notification));
}

function anAlert(deployment: string, namespace: string) {
  return {
    status: 'firing',
    labels: {
      alertname: 'PodMemoryHigh',
      cluster: 'primary-cluster',
      container: 'app',
      deployment,
      namespace,
      pod: `${deployment}-6d5f9c7b8d-x2x9z`,
      prometheus: 'monitoring/k8s',
      severity: 'critical',
    },
    annotations: {
      summary: `Memory of ${deployment} is above 90 % of its limit`,
      description: 'Containers of this workload were killed for memory in the last ten minutes: it needs a higher limit, or more replicas.',
      runbook_url: 'https://runbooks.example/workloads/memory',
    },
    startsAt: '2026-01-15T10:33:30.118Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example:9090/graph?g0.expr=container_memory_working_set_bytes+%2F+container_spec_memory_limit_bytes+%3E+0.9&g0.tab=1',
    fingerprint: sha256Hex(`${namespace}/${deployment}`).slice(0, 16),
  };
}
