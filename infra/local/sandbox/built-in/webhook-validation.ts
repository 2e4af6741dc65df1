import { isJsonObject, type JsonObject, type JsonValue } from '../../../../shared/api/json.ts';
import { duplicateValue, forbiddenField, invalidValue, requiredValue, tooMany } from '../crd-causes.ts';
import type { Cause } from '../extension.ts';
import { listAt, numberAt, objectAt, stringAt } from '../object.ts';
import { compileCondition } from '../webhooks/match-conditions.ts';
import { choiceCauses, requiredText } from './field-checks.ts';
import { ruleCauses } from './webhook-rule-validation.ts';

const reviewVersions = ['v1', 'v1beta1'];
const harmless = ['None', 'NoneOnDryRun'];

/** What a kube-apiserver refuses of a MutatingWebhookConfiguration or ValidatingWebhookConfiguration that is new. */
export function webhookConfigurationCauses(configuration: JsonObject): readonly Cause[] {
  const webhooks = listAt(configuration, 'webhooks').filter(isJsonObject);
  const names = webhooks.map((webhook) => stringAt(webhook, 'name'));
  return webhooks.flatMap((webhook, index) => {
    const field = `webhooks[${index}]`;
    const isTaken = names[index] !== '' && names.indexOf(names[index] ?? '') < index;
    return [...webhookCauses(webhook, field), ...versionCauses(webhook, field), ...(isTaken ? [duplicateValue(`${field}.name`, names[index] ?? '')] : [])];
  });
}

function webhookCauses(webhook: JsonObject, field: string): readonly Cause[] {
  return [
    ...nameCauses(webhook, field),
    ...listAt(webhook, 'rules').flatMap((rule, index) => (isJsonObject(rule) ? ruleCauses(rule, `${field}.rules[${index}]`) : [])),
    ...choiceCauses(webhook, field, 'failurePolicy', ['Fail', 'Ignore']),
    ...choiceCauses(webhook, field, 'matchPolicy', ['Equivalent', 'Exact']),
    ...(webhook['sideEffects'] === undefined ? [requiredValue(`${field}.sideEffects`, `must specify one of ${harmless.join(', ')}`)] : []),
    ...choiceCauses(webhook, field, 'sideEffects', harmless),
    ...timeoutCauses(webhook, field),
    ...selectorCauses(webhook, `${field}.namespaceSelector`, 'namespaceSelector'),
    ...selectorCauses(webhook, `${field}.objectSelector`, 'objectSelector'),
    ...choiceCauses(webhook, field, 'reinvocationPolicy', ['IfNeeded', 'Never']),
    ...clientCauses(objectAt(webhook, 'clientConfig'), `${field}.clientConfig`),
    ...conditionCauses(webhook, `${field}.matchConditions`),
  ];
}

const domain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const domainWords =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

function nameCauses(webhook: JsonObject, field: string): readonly Cause[] {
  const name = stringAt(webhook, 'name');
  if (name === '') return requiredText(webhook, field, 'name');
  if (!domain.test(name)) return [invalidValue(`${field}.name`, name, domainWords)];
  if (name.split('.').length >= 3) return [];
  return [invalidValue(`${field}.name`, name, 'should be a domain with at least three segments separated by dots')];
}

function timeoutCauses(webhook: JsonObject, field: string): readonly Cause[] {
  const seconds = numberAt(webhook, 'timeoutSeconds') ?? 10;
  return seconds >= 1 && seconds <= 30 ? [] : [invalidValue(`${field}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds')];
}

function versionCauses(webhook: JsonObject, field: string): readonly Cause[] {
  const versions = listAt(webhook, 'admissionReviewVersions');
  const path = `${field}.admissionReviewVersions`;
  if (versions.length === 0) return [requiredValue(path, `must specify one of ${reviewVersions.join(', ')}`)];
  const twice = versions.flatMap((version, index) =>
    versions.indexOf(version) < index ? [invalidValue(`${path}[${index}]`, version, 'duplicate version')] : [],
  );
  const isKnown = versions.some((version) => reviewVersions.some((known) => known === version));
  return [...twice, ...(isKnown ? [] : [invalidValue(path, versions, `must include at least one of ${reviewVersions.join(', ')}`)])];
}

const urlForm = '; desired format: https://host[/path]';

function clientCauses(clientConfig: JsonObject, field: string): readonly Cause[] {
  const { url, service } = clientConfig;
  if ((url === undefined) === (service === undefined)) return [requiredValue(field, 'exactly one of url or service is required')];
  if (isJsonObject(service)) return [...requiredText(service, `${field}.service`, 'name'), ...requiredText(service, `${field}.service`, 'namespace')];
  return urlCauses(typeof url === 'string' ? url : '', `${field}.url`);
}

function urlCauses(text: string, field: string): readonly Cause[] {
  if (!URL.canParse(text)) return [requiredValue(field, `url must be a valid URL${urlForm}`)];
  const url = new URL(text);
  const scheme = url.protocol.replace(/:$/, '');
  const user = url.password === '' ? url.username : `${url.username}:${url.password}`;
  return [
    ...(scheme === 'https' ? [] : [invalidValue(field, scheme, `'https' is the only allowed URL scheme${urlForm}`)]),
    ...(url.host === '' ? [invalidValue(field, '', `host must be specified${urlForm}`)] : []),
    ...(user === '' ? [] : [invalidValue(field, user, 'user information is not permitted in the URL')]),
    ...(url.hash === '' ? [] : [invalidValue(field, url.hash.slice(1), 'fragments are not permitted in the URL')]),
    ...(url.search === '' ? [] : [invalidValue(field, url.search.slice(1), 'query parameters are not permitted in the URL')]),
  ];
}

function selectorCauses(webhook: JsonObject, field: string, member: string): readonly Cause[] {
  return listAt(objectAt(webhook, member), 'matchExpressions').flatMap((expression, index) =>
    isJsonObject(expression) ? requirementCauses(expression, `${field}.matchExpressions[${index}]`) : [],
  );
}

function requirementCauses(expression: JsonObject, field: string): readonly Cause[] {
  const operator = stringAt(expression, 'operator');
  const count = listAt(expression, 'values').length;
  switch (operator) {
    case 'In':
    case 'NotIn':
      return count > 0 ? [] : [requiredValue(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return count === 0 ? [] : [forbiddenField(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    default:
      return [invalidValue(`${field}.operator`, operator, 'not a valid selector operator')];
  }
}

const conditionsMax = 64;

function conditionCauses(webhook: JsonObject, field: string): readonly Cause[] {
  const conditions = listAt(webhook, 'matchConditions').filter(isJsonObject);
  const names: readonly JsonValue[] = conditions.map((condition) => stringAt(condition, 'name'));
  return [
    ...(conditions.length > conditionsMax ? [tooMany(field, conditions.length, conditionsMax)] : []),
    ...conditions.flatMap((condition, index) => [
      ...expressionCauses(stringAt(condition, 'expression'), `${field}[${index}].expression`),
      ...requiredText(condition, `${field}[${index}]`, 'name'),
      ...(names[index] !== '' && names.indexOf(names[index] ?? '') < index ? [duplicateValue(`${field}[${index}].name`, names[index] ?? '')] : []),
    ]),
  ];
}

function expressionCauses(expression: string, field: string): readonly Cause[] {
  if (expression.trim() === '') return [requiredValue(field)];
  const compiled = compileCondition(expression.trim());
  return compiled.kind === 'program' ? [] : [invalidValue(field, expression.trim(), `compilation failed: ${compiled.message}`)];
}
