import { selfSubjectAccessReview, subjectAccessReview } from './access-review.ts';
import { crdValidator } from './crd-validator.ts';
import { openApi } from './discovery-openapi.ts';
import { serverHealth, serverVersion } from './discovery-server.ts';
import { discovery } from './discovery.ts';
import type { Extensions, WebhookClient } from './extension.ts';
import { impersonator } from './impersonation.ts';
import { rbacAuthorizer } from './rbac-authorizer.ts';
import { tableRenderer } from './table.ts';
import { tokenRequest } from './token-request.ts';
import type { TokenIssuer } from './token.ts';
import { httpsWebhookClient } from './webhooks/https-client.ts';

/** The parts that make a store an API server like any other: RBAC, definitions, Tables, discovery. `tokens` is also what the HTTPS front verifies with. */
export function standardExtensions(tokens: TokenIssuer, webhooks: WebhookClient = httpsWebhookClient()): Extensions {
  return {
    authorizer: rbacAuthorizer(),
    impersonator: impersonator(),
    validator: crdValidator(),
    tables: tableRenderer(),
    webhooks,
    endpoints: [subjectAccessReview, selfSubjectAccessReview, tokenRequest(tokens), discovery, openApi, serverVersion, serverHealth],
  };
}
