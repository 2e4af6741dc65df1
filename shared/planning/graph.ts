import { stepNamePattern, type WorkflowStep } from '../api/workflow-definition.ts';

/** What the graph knows of a step. */
export type Node = Pick<WorkflowStep, 'name' | 'dependencies'>;

/** Why the steps are no graph that can be run: the first fault as a sentence that names the field. Null for a sound graph. */
export function graphFault(steps: readonly Node[]): string | null {
  return nameFault(steps) ?? dependencyFault(steps) ?? cycleFault(steps);
}

function nameFault(steps: readonly Node[]): string | null {
  for (const [index, { name }] of steps.entries()) {
    const field = `workflowDefinition.steps[${index}].name`;
    if (!stepNamePattern.test(name)) {
      return `${field}: "${name}" must be lower case letters, digits and dashes, at most 40, beginning with a letter and ending without a dash`;
    }
    // `<workflow>-<step>-rollback` is the name of the execution that undoes a step.
    if (name.endsWith('-rollback')) return `${field}: "${name}" must not end in -rollback: the executions that undo a step are named so`;
    const first = steps.findIndex((step) => step.name === name);
    if (first < index) return `${field}: duplicate step name "${name}", already used by workflowDefinition.steps[${first}]`;
  }
  return null;
}

function dependencyFault(steps: readonly Node[]): string | null {
  const names = new Set(steps.map(({ name }) => name));
  for (const [index, { dependencies }] of steps.entries()) {
    const unknown = dependencies.findIndex((dependency) => !names.has(dependency));
    if (unknown >= 0) {
      return `workflowDefinition.steps[${index}].dependencies[${unknown}]: unknown dependency "${dependencies[unknown]}": no step has this name`;
    }
  }
  return null;
}

function cycleFault(steps: readonly Node[]): string | null {
  const cycle = cycleOf(steps);
  return cycle === null ? null : `workflowDefinition.steps: circular dependency: ${cycle.join(' → ')}`;
}

/** A cycle along the dependencies, its first step repeated at the end: ['a', 'b', 'a'] when a waits for b and b for a. */
export function cycleOf(steps: readonly Node[]): readonly string[] | null {
  const dependenciesOf = new Map(steps.map(({ name, dependencies }) => [name, dependencies]));
  const sound = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (sound.has(name)) return null;
    const found = firstOf(dependenciesOf.get(name) ?? [], (dependency) => visit(dependency, [...path, name]));
    if (found === null) sound.add(name);
    return found;
  };
  return firstOf(steps, ({ name }) => visit(name, []));
}

/** The first answer that is not null. */
export function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | null): Found | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

/** Every step that waits, directly or through others, for one of `names`, in the order of the definition; without those named. */
export function dependentsOf(steps: readonly Node[], names: ReadonlySet<string>): readonly string[] {
  const reached = new Set(names);
  let grown = true;
  while (grown) {
    const next = steps.filter(({ name, dependencies }) => !reached.has(name) && dependencies.some((dependency) => reached.has(dependency)));
    for (const { name } of next) reached.add(name);
    grown = next.length > 0;
  }
  return steps.map(({ name }) => name).filter((name) => reached.has(name) && !names.has(name));
}
