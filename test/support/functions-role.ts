import { createApiClient } from '../../infra/local/controllers/api-client.ts';
import type { JsonObject } from '../../shared/api/json.ts';
import type { Transport } from '../../shared/kubernetes/request.ts';

const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles/kubernaut-functions';

type Rule = JsonObject & { readonly resources: readonly string[] };

/** Takes a resource of the whole cluster from the functions. Answers what gives it back. */
export async function forbidFunctions(admin: Transport, resource: string): Promise<() => Promise<void>> {
  const client = createApiClient(admin, 'kubectl');
  const role = (await client.send({ method: 'GET', path })) as unknown as { readonly rules: readonly Rule[] };
  const write = async (rules: readonly Rule[]) => {
    await client.send({ method: 'PATCH', path, patchType: 'application/merge-patch+json', body: { rules } });
  };
  const narrowed = role.rules.map((rule) => ({ ...rule, resources: rule.resources.filter((each) => each !== resource) }));
  await write(narrowed.filter(({ resources }) => resources.length > 0));
  return () => write(role.rules);
}
