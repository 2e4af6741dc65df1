import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Kysely } from 'kysely';
import type { Database } from '../../../shared/audit/tables.ts';
import type { FunctionPorts as SharedPorts, Variables } from '../../../shared/function-ports.ts';
import type { QueueFunction } from './event-source.ts';
import type { FunctionDefinition } from './serverless-file.ts';

/** Everything that any function may be given from outside; each takes what it knows. */
export interface FunctionPorts extends SharedPorts {
  readonly database: Kysely<Database>;
  /** Analysis providers beside the embedded rules, by name. */
  readonly providers?: Readonly<Record<string, unknown>>;
  /** The secret segments of the admission-webhook's path, in the place of those in its file. */
  readonly segments?: () => Promise<readonly string[]>;
}

type Compose<Handler> = (variables: Variables, ports: FunctionPorts) => Promise<Handler> | Handler;

/** The same entry that the cloud loads, composed with local ports: `handler` in serverless.yml names the module. */
export function loadQueueFunction(
  root: string,
  definition: FunctionDefinition,
  given: { readonly variables: Variables; readonly ports: FunctionPorts },
): Promise<QueueFunction> {
  return composed<QueueFunction>(root, definition, given);
}

export function loadScheduledFunction(
  root: string,
  definition: FunctionDefinition,
  given: { readonly variables: Variables; readonly ports: FunctionPorts },
): Promise<() => Promise<unknown>> {
  return composed<() => Promise<unknown>>(root, definition, given);
}

/** The webhook's app answers fetch requests, whatever server carries them. */
export async function loadHttpFunction(
  root: string,
  definition: FunctionDefinition,
  { variables, ports }: { readonly variables: Variables; readonly ports: FunctionPorts },
): Promise<(request: Request) => Promise<Response>> {
  const { composeApp } = (await import(moduleUrl(root, definition))) as {
    readonly composeApp: Compose<{ fetch(request: Request): Response | Promise<Response> }>;
  };
  const app = await composeApp({ ...definition.environment, ...variables }, ports);
  return async (request) => app.fetch(request);
}

async function composed<Handler>(
  root: string,
  definition: FunctionDefinition,
  { variables, ports }: { readonly variables: Variables; readonly ports: FunctionPorts },
): Promise<Handler> {
  const { compose } = (await import(moduleUrl(root, definition))) as { readonly compose: Compose<Handler> };
  return compose({ ...definition.environment, ...variables }, ports);
}

function moduleUrl(root: string, { module }: FunctionDefinition): string {
  return pathToFileURL(join(root, `${module}.ts`)).href;
}
