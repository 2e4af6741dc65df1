import { compareQuantities, parseQuantity } from '../../../shared/actions/quantity.ts';
import type { Container, Pod } from '../controllers/pod.ts';

const prefix = 'sandbox.kubernaut.io/';

/**
 * How a simulated container behaves, by annotations of its pod (so a template's annotations give every pod the same fault, and
 * annotating one live pod gives the fault to that one alone). Each is read anew at every look at the pod.
 *
 * | annotation (sandbox.kubernaut.io/…) | value | effect |
 * |---|---|---|
 * | start-after-seconds | number, = 1 | from placement to running: the pull |
 * | ready-after-seconds | number, = 1 | from running to ready |
 * | never-ready | "true" | runs, and its readiness probe never passes |
 * | becomes-unready-after-seconds | number | from running to not ready any more |
 * | runs-for-seconds | number, = 1 | from running to its end, where one of the following ends it |
 * | until-restarts | number | after so many restarts the fault is over |
 * | exit-code | 0 to 255 | ends with it each time |
 * | crash-loop | "true" | exit-code 1 |
 * | oom-killed | "true" | ends with 137, OOMKilled |
 * | needs-memory | quantity | OOMKilled while the memory limit is lower |
 * | fails-if-configmap | name/key=value | exit code 1 while the ConfigMap of its namespace has this value; a container that runs dies when it gets it |
 * | fails-if-image | image | exit code 1 while the container has this image |
 * | image-pull-fails | image, or "true" | ErrImagePull while the container has this image (any image) |
 * | log | text | what it writes at each start, line by line |
 * | container | name, = the first | the container that all of this is about; the others simply run |
 */
export interface Scenario {
  readonly container: string;
  readonly startAfterSeconds: number;
  readonly readyAfterSeconds: number;
  readonly neverReady: boolean;
  readonly becomesUnreadyAfterSeconds: number | undefined;
  readonly runsForSeconds: number;
  readonly untilRestarts: number;
  readonly exitCode: number | undefined;
  readonly oomKilled: boolean;
  readonly needsMemory: string | undefined;
  readonly failsIfConfigMap: ConfigMapFault | undefined;
  readonly failsIfImage: string | undefined;
  readonly imagePullFails: string | undefined;
  readonly log: readonly string[];
}

interface ConfigMapFault {
  readonly name: string;
  readonly key: string;
  readonly value: string;
}

const secondsMax = 86_400;
const logLinesMax = 100;

export function scenarioOf({ metadata, spec }: Pick<Pod, 'metadata' | 'spec'>): Scenario {
  return parseScenario(metadata.annotations, spec.containers[0]?.name ?? '');
}

function parseScenario(annotations: Readonly<Record<string, string>>, firstContainer: string): Scenario {
  const text = (name: string): string | undefined => annotations[`${prefix}${name}`];
  const isTrue = (name: string): boolean => text(name) === 'true';
  return {
    container: text('container') ?? firstContainer,
    startAfterSeconds: numberOf(text('start-after-seconds'), secondsMax) ?? 1,
    readyAfterSeconds: numberOf(text('ready-after-seconds'), secondsMax) ?? 1,
    neverReady: isTrue('never-ready'),
    becomesUnreadyAfterSeconds: numberOf(text('becomes-unready-after-seconds'), secondsMax),
    runsForSeconds: numberOf(text('runs-for-seconds'), secondsMax) ?? 1,
    untilRestarts: numberOf(text('until-restarts'), secondsMax) ?? Number.POSITIVE_INFINITY,
    exitCode: isTrue('crash-loop') ? 1 : numberOf(text('exit-code'), 255),
    oomKilled: isTrue('oom-killed'),
    needsMemory: text('needs-memory'),
    failsIfConfigMap: configMapFault(text('fails-if-configmap')),
    failsIfImage: text('fails-if-image'),
    imagePullFails: text('image-pull-fails'),
    log: (text('log') ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .slice(0, logLinesMax),
  };
}

/** Of a container that the scenario is not about: it starts, becomes ready and runs. */
export const undisturbed = parseScenario({}, '');

/** How a container's run ends, once it has lasted its time. */
export interface Ending {
  readonly exitCode: number;
  readonly reason: 'Completed' | 'Error' | 'OOMKilled';
  /** What it says last, for its log. */
  readonly lastWords: string;
}

/** Null: it runs on. `configValue`: what the ConfigMap that the scenario names holds now. */
export function endingOf(scenario: Scenario, container: Container, configValue: string | undefined): Ending | null {
  const { exitCode, failsIfConfigMap, failsIfImage } = scenario;
  if (scenario.oomKilled || limitIsTooLow(scenario, container)) return { exitCode: 137, reason: 'OOMKilled', lastWords: 'Out of memory' };
  if (configIsBad(scenario, configValue)) {
    const { name, key, value } = failsIfConfigMap ?? { name: '', key: '', value: '' };
    return { exitCode: 1, reason: 'Error', lastWords: `invalid configuration: ${key}=${value} (ConfigMap ${name})` };
  }
  if (failsIfImage !== undefined && failsIfImage === container.image) return { exitCode: 1, reason: 'Error', lastWords: 'panic: this version cannot start' };
  if (exitCode === undefined) return null;
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', lastWords: `exit code ${exitCode}` };
}

/** Such a fault kills a container at once, however long it has run. */
export function configIsBad({ failsIfConfigMap }: Scenario, configValue: string | undefined): boolean {
  return failsIfConfigMap !== undefined && configValue === failsIfConfigMap.value;
}

export function pullFails({ imagePullFails }: Scenario, { image }: Container): boolean {
  return imagePullFails === 'true' || (imagePullFails !== undefined && imagePullFails === image);
}

function limitIsTooLow({ needsMemory }: Scenario, { resources }: Container): boolean {
  const needed = parseQuantity(needsMemory ?? '');
  const limit = parseQuantity(resources.limits['memory'] ?? '');
  return needed !== null && limit !== null && compareQuantities(limit, needed) < 0;
}

function configMapFault(text: string | undefined): ConfigMapFault | undefined {
  const [, name, key, value] = /^([a-z0-9.-]+)\/([-._a-zA-Z0-9]+)=(.*)$/s.exec(text ?? '') ?? [];
  return name === undefined || key === undefined || value === undefined ? undefined : { name, key, value };
}

function numberOf(text: string | undefined, max: number): number | undefined {
  const value = Number(text ?? Number.NaN);
  return Number.isFinite(value) && value >= 0 ? Math.min(value, max) : undefined;
}
