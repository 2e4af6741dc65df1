import type { JsonObject } from '../../../../shared/api/json.ts';
import { filled, mapped, mappedItems } from './filled.ts';

const webhookDefaults: JsonObject = { failurePolicy: 'Fail', matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, timeoutSeconds: 10 };

/** Of both kinds of webhook configurations; a mutating webhook is asked once unless it says otherwise. */
export function defaultedWebhooks(configuration: JsonObject): JsonObject {
  const defaults = configuration['kind'] === 'MutatingWebhookConfiguration' ? { ...webhookDefaults, reinvocationPolicy: 'Never' } : webhookDefaults;
  return mappedItems(configuration, 'webhooks', (webhook) => {
    const whole = mappedItems(filled(webhook, defaults), 'rules', (rule) => filled(rule, { scope: '*' }));
    return mapped(whole, 'clientConfig', (clientConfig) => mapped(clientConfig, 'service', (service) => filled(service, { port: 443 })));
  });
}
