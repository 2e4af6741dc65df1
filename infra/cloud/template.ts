import { alarmsOf } from './alarms.ts';
import { databaseOf } from './database.ts';
import { dashboardOf } from './dashboard.ts';
import { accessEntriesOf } from './access-entries.ts';
import { alertTopicOf } from './alert-topic.ts';
import type { Resources } from './names.ts';
import { watcherRoleOf } from './watcher-role.ts';
import { networkOf } from './network.ts';
import { outputsOf } from './outputs.ts';
import { queuePoliciesOf } from './queue-policies.ts';
import { rolesOf } from './roles.ts';
import { environmentOf, settingsOf } from './settings.ts';
import { parseStage, StageInvalid, type Stage } from './stage.ts';

const pieces = [queuePoliciesOf, rolesOf, accessEntriesOf, watcherRoleOf, alertTopicOf, networkOf, databaseOf, alarmsOf, dashboardOf];

function resourcesOf(stage: Stage): Resources {
  return Object.fromEntries(pieces.flatMap((piece) => Object.entries(piece(stage))));
}

/** The parts that serverless.yml includes by `${file(infra/cloud/template.cjs):<part>}`. */
const parts = {
  settings: settingsOf,
  environment: environmentOf,
  stack: (stage: Stage) => ({
    Resources: resourcesOf(stage),
    Outputs: outputsOf(stage),
  }),
} satisfies Readonly<Record<string, (stage: Stage) => object>>;

export type Part = keyof typeof parts;

/** Throws StageInvalid from `settings` alone: the deployer asks for every part and prints what each throws, and once is enough. */
export function templatePart(part: Part, service: string, stage: string, parameters: unknown): object {
  try {
    return parts[part](parseStage(service, stage, parameters));
  } catch (error) {
    if (part !== 'settings' && error instanceof StageInvalid) return {};
    throw error;
  }
}
