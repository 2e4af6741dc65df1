import { afterEach, describe, expect, it, vi } from 'vitest';
import { capturedOutput } from '../../test/support/output.ts';
import { createLogger, errorFields, silentLogger } from './logger.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a line', () => {
  it('is one JSON object with the function, the message and its fields', () => {
    const lines = capturedOutput();
    createLogger('ai-analysis', 'info').info('pass', { kind: 'AIAnalysis', effects: { PatchStatus: 1 }, missing: undefined, names: ['a', 'b'] });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'INFO',
      service: 'ai-analysis',
      message: 'pass',
      kind: 'AIAnalysis',
      effects: { PatchStatus: 1 },
      names: ['a', 'b'],
    });
  });

  it('holds no secret and no novel', () => {
    const lines = capturedOutput();
    createLogger('x', 'info').warn('message retried', {
      error: 'Authorization: Bearer abcdefgh12345678',
      list: ['password=hunter2'],
      long: 'y'.repeat(10_000),
    });
    expect(lines[0]).not.toMatch(/abcdefgh12345678|hunter2/);
    expect(lines[0]?.length).toBeLessThan(5_000);
  });

  it('below the level is not written', () => {
    const lines = capturedOutput();
    createLogger('x', 'warn').info('quiet');
    createLogger('x', 'info').debug('quiet');
    createLogger('x', 'silent').error('quiet');
    silentLogger.error('quiet');
    expect(lines).toEqual([]);
  });
});

describe('an error in a line', () => {
  it('is its class, its words, its stack and what caused it', () => {
    const fields = errorFields(new TypeError('outer', { cause: new Error('inner') }));
    expect(fields).toMatchObject({ errorClass: 'TypeError', error: 'outer', cause: 'inner', stack: expect.stringContaining('logger.test.ts') });
  });

  it('may be anything that was thrown', () => {
    expect(errorFields('just text')).toEqual({ error: 'just text', errorClass: 'string' });
  });
});
