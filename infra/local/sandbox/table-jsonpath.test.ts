import { describe, expect, it } from 'vitest';
import { isJsonPath, parseJsonPath } from './table-jsonpath.ts';

const object = {
  metadata: { labels: { 'app.kubernetes.io/name': 'kubernaut', plain: 'x' } },
  status: {
    phase: 'executing',
    replicas: 0,
    conditions: [
      { type: 'Ready', status: 'False' },
      { type: 'Succeeded', status: 'Unknown' },
    ],
  },
};

describe('a path', () => {
  it.each([
    ['.status.phase', ['executing']],
    ['.status.replicas', [0]],
    ['.status.absent.deeper', []],
    ['.status.conditions[?(@.type=="Succeeded")].status', ['Unknown']],
    [".status.conditions[?(@.type=='Ready')].status", ['False']],
    ['.status.conditions[?(@.type!="Ready")].type', ['Succeeded']],
    ['.status.conditions[0].type', ['Ready']],
    ['.status.conditions[-1].type', ['Succeeded']],
    ['.status.conditions[*].type', ['Ready', 'Succeeded']],
    ['.metadata.labels.app\\.kubernetes\\.io/name', ['kubernaut']],
    [".metadata.labels['app.kubernetes.io/name']", ['kubernaut']],
    ['$.metadata.labels.plain', ['x']],
  ])('%s', (path, values) => {
    expect(parseJsonPath(path)(object)).toEqual(values);
  });

  it.each(['status', '.status..phase', '.a[?(@.b>1)]', '.a[1:2]'])('is refused when nothing here reads it: %s', (path) => {
    expect(isJsonPath(path)).toBe(false);
    expect(() => parseJsonPath(path)).toThrow(RangeError);
  });
});
