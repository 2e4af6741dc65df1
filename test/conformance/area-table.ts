import type { TestCase, TestModule } from 'vitest/node';

export interface AreaCount {
  readonly area: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Cases by area, in the order of the suites. An area is the second describe of a case: the first says what is asked. */
export function areaCounts(modules: readonly TestModule[]): readonly AreaCount[] {
  const cases = modules.flatMap((module) => [...module.children.allTests()]);
  return [...Map.groupBy(cases, areaOf)].map(([area, ofArea]) => {
    const count = (state: string): number => ofArea.filter((each) => each.result().state === state).length;
    const [passed, failed] = [count('passed'), count('failed')];
    return { area, passed, failed, skipped: ofArea.length - passed - failed };
  });
}

function areaOf({ parent }: TestCase): string {
  const names: string[] = [];
  for (let suite = parent; suite.type === 'suite'; suite = suite.parent) names.unshift(suite.name);
  return names[1] ?? names[0] ?? '';
}

/** `watch   14 of 14`, and a line for the whole. */
export function areaTable(counts: readonly AreaCount[]): readonly string[] {
  const asked = counts.filter(({ passed, failed }) => passed + failed > 0);
  const sum = (member: 'passed' | 'failed' | 'skipped'): number => asked.reduce((total, each) => total + each[member], 0);
  const all = [...asked, { area: 'all', passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }];
  const width = Math.max(...all.map(({ area }) => area.length));
  return all.map(({ area, passed, failed, skipped }) => {
    const line = `  ${area.padEnd(width)}  ${String(passed).padStart(4)} of ${passed + failed}`;
    return `${line}${skipped === 0 ? '' : `, ${skipped} not asked`}`;
  });
}
