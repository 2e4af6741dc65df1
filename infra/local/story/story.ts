import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { JsonObject } from '../../../shared/api/json.ts';
import type { KubernetesObject } from '../../../shared/api/object-ref.ts';
import { readObjects } from '../stack/install.ts';
import { scriptSchema, type Script } from './script.ts';

/** A folder of test/fixtures/stories: a world, what happens to it, and the trail that must follow. */
export interface Story {
  readonly name: string;
  readonly cluster: readonly KubernetesObject[];
  /** Alertmanager notifications, posted one after another. */
  readonly notifications: readonly JsonObject[];
  /** A recorded answer for the scripted analysis provider; null: the embedded rules analyse. */
  readonly analysis: JsonObject | null;
  /** What it is about, and what people and Alertmanager do in it. */
  readonly script: Script;
  /** The golden trail; null while the story has none. */
  readonly trail: string | null;
  /** What it leaves in the cluster and in the audit; null while nobody has written it down. */
  readonly ending: string | null;
}

export class UnknownStory extends Error {
  override readonly name = 'UnknownStory';
}

export class StoryInvalid extends Error {
  override readonly name = 'StoryInvalid';
}

export const storiesFolder = 'test/fixtures/stories';

export function storyNames(root: string): readonly string[] {
  return readdirSync(join(root, storiesFolder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

/** Throws UnknownStory, naming the known ones, and StoryInvalid. */
export function readStory(root: string, name: string): Story {
  const known = storyNames(root);
  if (!known.includes(name)) throw new UnknownStory(`there is no story "${name}": choose one of ${known.join(', ')}`);
  const path = (file: string) => join(root, storiesFolder, name, file);
  const text = (file: string) => (existsSync(path(file)) ? readFileSync(path(file), 'utf8') : null);
  const objects = (file: string) => (existsSync(path(file)) ? readObjects(path(file)) : []);
  const script = readScript(path('story.yaml'));
  const world = script.world === undefined ? null : readStory(root, script.world);
  const alerts = text('alerts.json');
  const analysis = text('analysis.json');
  return {
    name,
    cluster: withOwn(world?.cluster ?? [], objects('cluster.yaml')),
    notifications: alerts === null ? (world?.notifications ?? []) : notificationsOf(JSON.parse(alerts) as JsonObject | readonly JsonObject[]),
    analysis: analysis === null ? (world?.analysis ?? null) : (JSON.parse(analysis) as JsonObject),
    script,
    trail: text('trail.txt'),
    ending: text('ending.txt'),
  };
}

function withOwn(cluster: readonly KubernetesObject[], own: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const idOf = ({ kind, metadata: { namespace = '', name } }: KubernetesObject) => `${kind} ${namespace}/${name}`;
  const replacing = new Map(own.map((object) => [idOf(object), object]));
  const kept = cluster.map((object) => replacing.get(idOf(object)) ?? object);
  return [...kept, ...own.filter((object) => !kept.includes(object))];
}

/** One line each: the name of a story and what it is about. */
export function storyLines(root: string): readonly string[] {
  const names = storyNames(root);
  const width = Math.max(...names.map(({ length }) => length));
  return names.map((name) => `${name.padEnd(width)}  ${readScript(join(root, storiesFolder, name, 'story.yaml')).description}`);
}

/** Throws StoryInvalid with the file, the field and what it must be. */
function readScript(path: string): Script {
  const parsed = scriptSchema.safeParse(parse(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StoryInvalid(`${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

function notificationsOf(alerts: JsonObject | readonly JsonObject[]): readonly JsonObject[] {
  return Array.isArray(alerts) ? (alerts as readonly JsonObject[]) : [alerts as JsonObject];
}
