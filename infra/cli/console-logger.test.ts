import { describe, expect, it } from 'vitest';
import { createConsoleLogger } from './console-logger.ts';

function aLogger(verbose: boolean) {
  const lines: string[] = [];
  return { lines, logger: createConsoleLogger((line) => void lines.push(line), { verbose }) };
}

describe('log lines for people', () => {
  it('say where, what and why, and then the rest, without the stack', () => {
    const { lines, logger } = aLogger(false);
    logger.warn('message retried', {
      function: 'ai-analysis',
      error: 'no answer',
      errorClass: 'Error',
      stack: 'at …',
      kind: 'AIAnalysis',
      name: 'rr-1',
      attempt: 2,
    });
    logger.error('invocation failed');
    expect(lines).toEqual(['warn  ai-analysis: message retried: no answer (kind=AIAnalysis name=rr-1 attempt=2)', 'error invocation failed']);
  });

  it('are warnings and worse, or everything', () => {
    const [quiet, verbose] = [aLogger(false), aLogger(true)];
    for (const { logger } of [quiet, verbose]) {
      logger.debug('d');
      logger.info('pass', { effects: { PatchStatus: 1 }, empty: undefined });
    }
    expect([quiet.lines, verbose.lines]).toEqual([[], ['debug d', 'info  pass (effects={"PatchStatus":1})']]);
  });

  it('take the pass of a resource for no password', () => {
    const { lines, logger } = aLogger(true);
    logger.info('pass', { function: 'workflow-execution', reason: 'step_execution_failed' });
    expect(lines).toEqual(['info  workflow-execution: pass: step_execution_failed']);
  });

  it('show no secret', () => {
    const { lines, logger } = aLogger(false);
    logger.error('refused', { error: 'Authorization: Bearer abcdefghijklmnop1234' });
    expect(lines.join()).not.toContain('abcdefghijklmnop1234');
  });
});
