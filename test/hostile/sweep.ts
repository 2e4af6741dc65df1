import fc from 'fast-check';

/** Of every sweep of this run; the same seed plays the same values again. */
export const seed = seedOf(process.env['KUBERNAUT_HOSTILE_SEED']);

function seedOf(text = '1'): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`KUBERNAUT_HOSTILE_SEED: "${text}" is no whole number from 1: give the one that was printed`);
  return Number(text);
}

/** One line of what a file has shown, beside vitest's own summary. */
export function tell(line: string): void {
  process.stdout.write(`hostile: ${line}\n`);
}

/** So many runs, by the seed, without shrinking into the small hours. */
export async function expectAlways<Given>(name: string, runs: number, given: fc.Arbitrary<Given>, holds: (given: Given) => Promise<void>): Promise<void> {
  tell(`${name}: ${runs} runs, KUBERNAUT_HOSTILE_SEED=${seed}`);
  await fc.assert(fc.asyncProperty(given, holds), { seed, numRuns: runs, interruptAfterTimeLimit: 90_000, markInterruptAsFailure: true });
}
