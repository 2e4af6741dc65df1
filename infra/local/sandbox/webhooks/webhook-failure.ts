import { isJsonObject, type JsonValue } from '../../../../shared/api/json.ts';
import type { WebhookAnswer } from '../extension.ts';
import { stringAt } from '../object.ts';

const textMax = 2_048; // of an answer that is an error, no more is repeated

/** Why an answer is none, in the words of the client that a kube-apiserver calls webhooks with; null when it is one. */
export function failureOf(answer: WebhookAnswer, url: string): string | null {
  if (answer.kind === 'unreached') return `Post ${JSON.stringify(url)}: ${answer.why}`;
  const { status, text, contentType } = answer;
  const body = parsed(text);
  if (status >= 200 && status <= 206) return unreadable(body, text);
  if (isJsonObject(body) && body['kind'] === 'Status') return stringAt(body, 'message');
  return wordsOf(status, contentType === '' || contentType.startsWith('text/') ? text.slice(0, textMax).trim() : 'unknown');
}

function unreadable(body: JsonValue | undefined, text: string): string | null {
  if (body === undefined) return "couldn't get version/kind; json parse error: the answer is no JSON";
  const missing = ['kind', 'apiVersion'].find((member) => !isJsonObject(body) || stringAt(body, member) === '');
  return missing === undefined ? null : `Object '${missing === 'kind' ? 'Kind' : missing}' is missing in '${text}'`;
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

const words: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

function wordsOf(status: number, text: string): string {
  if (status === 403 || status === 415) return text;
  const known = words[status];
  if (known !== undefined) return known;
  if (status >= 500) return `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`;
  return `the server responded with the status code ${status} but did not return more information`;
}
