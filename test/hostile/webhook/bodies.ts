import { gzipSync } from 'node:zlib';
import type { JsonObject } from '../../../shared/api/json.ts';
import { aNotification, anAlertWith } from './alerts.ts';

/** A body as it is sent, and what comes of it: a status with words of the reason. */
export interface BadBody {
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly words: string;
}

const whole = () => JSON.stringify(aNotification([anAlertWith({})]));
const withAlert = (overrides: JsonObject) => JSON.stringify(aNotification([anAlertWith({}), anAlertWith(overrides)]));
const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);
const megabytes = (count: number) => 'x'.repeat(count * 1_048_576);
const notJson = 'the body is not JSON';
const bytes = (...parts: readonly (string | readonly number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));

/** What cannot be a notification, each by a sentence. */
export const badBodies: Readonly<Record<string, BadBody>> = {
  nothing: { body: '', status: 400, words: notJson },
  blanks: { body: ' \n\t', status: 400, words: notJson },
  'cut off in the middle': { body: whole().slice(0, -40), status: 400, words: notJson },
  'two notifications': { body: whole() + whole(), status: 400, words: notJson },
  'a comment in it': { body: `/* hello */${whole()}`, status: 400, words: notJson },
  'a comma too many': { body: '{"version":"4",}', status: 400, words: notJson },
  NaN: { body: '{"version":NaN}', status: 400, words: notJson },
  'single quotes': { body: "{'version':'4'}", status: 400, words: notJson },
  'a null byte before it': { body: `\u0000${whole()}`, status: 400, words: notJson },
  'a raw null byte in a label': { body: whole().replace('production', 'pro\u0000duction'), status: 400, words: notJson },
  'a raw line break in a label': { body: whole().replace('production', 'pro\nduction'), status: 400, words: notJson },
  'bytes that are no UTF-8': { body: bytes('{"version":"', [0xff, 0xfe], '"}'), status: 400, words: 'not UTF-8' },
  'an overlong slash': { body: bytes('{"version":"', [0xc0, 0xaf], '"}'), status: 400, words: 'not UTF-8' },
  'half a surrogate pair in UTF-8': { body: bytes('{"version":"', [0xed, 0xa0, 0x80], '"}'), status: 400, words: 'not UTF-8' },
  'UTF-16': { body: Buffer.from(`\ufeff${whole()}`, 'utf16le'), status: 400, words: 'not UTF-8' },
  'UTF-16 without a mark': { body: Buffer.from(whole(), 'utf16le'), status: 400, words: notJson },
  gzip: { body: gzipSync(whole()), headers: { 'content-encoding': 'gzip' }, status: 415, words: 'content-encoding' },
  'gzip that says so to nobody': { body: gzipSync(whole()), status: 400, words: 'not UTF-8' },
  'deflate that is none': { body: whole(), headers: { 'content-encoding': 'deflate' }, status: 415, words: 'content-encoding' },
  'base64 over HTTP': { body: Buffer.from(whole()).toString('base64'), status: 400, words: notJson },
  'a form': { body: 'alerts=1&version=4', headers: { 'content-type': 'application/x-www-form-urlencoded' }, status: 400, words: notJson },
  XML: {
    body: '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    headers: { 'content-type': 'text/xml' },
    status: 400,
    words: notJson,
  },
  multipart: { body: '--x\r\n\r\n{}\r\n--x--', headers: { 'content-type': 'multipart/form-data; boundary=x' }, status: 400, words: notJson },
  YAML: { body: 'version: !!js/function "4"\nalerts: []', headers: { 'content-type': 'application/yaml' }, status: 400, words: notJson },
  null: { body: 'null', status: 400, words: '"body: ' },
  'a number': { body: '4', status: 400, words: '"body: ' },
  'a list': { body: '[]', status: 400, words: '"body: ' },
  'nothing in it': { body: '{}', status: 400, words: '"version: ' },
  'a number for a version': { body: JSON.stringify(aNotification([], { version: 4 })), status: 400, words: '"version: ' },
  'version 3': { body: JSON.stringify(aNotification([], { version: '3' })), status: 400, words: '"version: ' },
  'a group key that is an object': { body: JSON.stringify(aNotification([], { groupKey: {} })), status: 400, words: '"groupKey: ' },
  'a receiver that is null': { body: JSON.stringify(aNotification([], { receiver: null })), status: 400, words: '"receiver: ' },
  'fewer than no alerts left out': { body: JSON.stringify(aNotification([], { truncatedAlerts: -1 })), status: 400, words: '"truncatedAlerts: ' },
  'half an alert left out': { body: JSON.stringify(aNotification([], { truncatedAlerts: 0.5 })), status: 400, words: '"truncatedAlerts: ' },
  'more left out than a number holds': {
    body: JSON.stringify(aNotification([])).replace('"truncatedAlerts":0', '"truncatedAlerts":1e999'),
    status: 400,
    words: '"truncatedAlerts: ',
  },
  'alerts that are an object': { body: JSON.stringify(aNotification([], { alerts: { length: 1 } })), status: 400, words: '"alerts: ' },
  'an alert that is null': { body: JSON.stringify(aNotification([], { alerts: [null] })), status: 400, words: '"alerts[0]: ' },
  'an unknown status': { body: withAlert({ status: 'pending' }), status: 400, words: '"alerts[1].status: ' },
  'a number for a label': { body: withAlert({ labels: { severity: 1 } }), status: 400, words: '"alerts[1].labels.severity: ' },
  'an object for a label': { body: withAlert({ labels: { pod: { toString: 'x' } } }), status: 400, words: '"alerts[1].labels.pod: ' },
  'a list of labels': { body: withAlert({ labels: ['a'] }), status: 400, words: '"alerts[1].labels: ' },
  'a number for an annotation': { body: withAlert({ annotations: { summary: 1 } }), status: 400, words: '"alerts[1].annotations.summary: ' },
  'a start that is a number': { body: withAlert({ startsAt: 1 }), status: 400, words: '"alerts[1].startsAt: ' },
  'a start on the 30th of February': { body: withAlert({ startsAt: '2026-02-30T00:00:00Z' }), status: 400, words: '"alerts[1].startsAt: ' },
  'a start of ten decimals': { body: withAlert({ startsAt: '2026-01-15T10:34:00.0123456789Z' }), status: 400, words: '"alerts[1].startsAt: ' },
  'a start of a megabyte': { body: withAlert({ startsAt: `2026-01-15T10:34:00.${'0'.repeat(1_048_576)}Z` }), status: 400, words: '"alerts[1].startsAt: ' },
  'a start before the year 0': { body: withAlert({ startsAt: '0000-01-01T00:00:00+12:00' }), status: 400, words: '"alerts[1].startsAt: ' },
  'an end after the year 9999': { body: withAlert({ endsAt: '9999-12-31T23:59:59-12:00' }), status: 400, words: '"alerts[1].endsAt: ' },
  'a link that is a list': { body: withAlert({ generatorURL: [] }), status: 400, words: '"alerts[1].generatorURL: ' },
  'a fingerprint of 4 KiB': { body: withAlert({ fingerprint: 'f'.repeat(4_096) }), status: 400, words: '"alerts[1].fingerprint: ' },
  'a key of a megabyte': { body: withAlert({ labels: { [megabytes(1)]: 1 } }), status: 400, words: '"alerts[1].labels.xxx' },
  'a key twice': {
    body: whole().replace('"namespace":"production"', '"namespace":"production","namespace":"kube-system"'),
    status: 400,
    words: 'namespace: this key is there twice',
  },
  'a version twice': { body: whole().replace('{', '{"version":"3",'), status: 400, words: 'version: this key is there twice' },
  'a prototype for a notification': { body: '{"__proto__":{"version":"4","groupKey":"","alerts":[]}}', status: 400, words: '"version: ' },
  'a prototype for an alert': {
    body: JSON.stringify(aNotification([])).replace('"alerts":[]', '"alerts":[{"__proto__":{"status":"firing"}}]'),
    status: 400,
    words: '"alerts[0].status: ',
  },
  'a template of somebody’s': { body: JSON.stringify({ text: 'payment-api is down', blocks: [{ type: 'section' }] }), status: 400, words: '"alerts: ' },
  'an SNS envelope': { body: JSON.stringify({ Type: 'Notification', Message: whole() }), status: 400, words: '"alerts: ' },
  'lists 100,000 deep': { body: nested(100_000, '[', ']'), status: 400, words: 'nested deeper' },
  'objects 100,000 deep': { body: `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, status: 400, words: 'nested deeper' },
  'a label 100,000 deep': {
    body: withAlert({ labels: {} }).replace('"labels":{}', `"labels":{"a":${nested(100_000, '[', ']')}}`),
    status: 400,
    words: 'nested deeper',
  },
  'an unknown field 100,000 deep': { body: whole().replace('{', `{"note":${nested(100_000, '[', ']')},`), status: 400, words: 'nested deeper' },
  '11 MiB': { body: whole().replace('{', `{"note":"${megabytes(11)}",`), status: 413, words: 'larger than' },
  '11 MiB of nothing': { body: ' '.repeat(11 * 1_048_576), status: 413, words: 'larger than' },
  'fifty thousand alerts': {
    body: JSON.stringify(aNotification(Array.from({ length: 50_000 }, () => ({ status: 'firing', labels: {}, startsAt: '2026-01-15T10:34:00Z' })))),
    status: 400,
    words: '"alerts: must be at most 10000',
  },
};

/** What is odd and yet a notification: text is text, and what is not known is ignored. What arrives, of the alert's labels and annotations. */
export const oddBodies: Readonly<
  Record<string, { readonly body: string | Buffer; readonly headers?: Readonly<Record<string, string>>; readonly arrives: JsonObject }>
> = {
  'a byte order mark': { body: `\ufeff${JSON.stringify(aNotification([anAlertWith({ labels: { a: '1' } })]))}`, arrives: { labels: { a: '1' } } },
  'another content type': {
    body: JSON.stringify(aNotification([anAlertWith({ labels: { a: '2' } })])),
    headers: { 'content-type': 'text/html' },
    arrives: { labels: { a: '2' } },
  },
  'escaped null bytes': oddAlert({ labels: { a: 'b\u0000c' } }),
  'lone surrogates': oddAlert({ labels: { a: '\ud800', b: '\udfff\ud800' } }),
  noncharacters: oddAlert({ labels: { a: '\ufffe\uffff' } }),
  'control characters': oddAlert({ labels: { a: '\u001b[31m\r\n\u0007\u009b' }, annotations: { summary: '\u202eevil' } }),
  'keys of a prototype': oddAlert({ labels: { constructor: 'a', toString: 'b', hasOwnProperty: 'c' } }),
  templates: oddAlert({ labels: { a: '${jndi:ldap://x}', b: '{{ .Values }}', c: '$(id)', d: '`id`' } }),
  'unknown fields': {
    body: JSON.stringify({ ...aNotification([anAlertWith({ labels: { a: '3' }, x: {} })]), notification_reason: 'x' }),
    arrives: { labels: { a: '3' } },
  },
};

function oddAlert(overrides: JsonObject) {
  return { body: JSON.stringify(aNotification([anAlertWith(overrides)])), arrives: overrides };
}
