import { vi } from 'vitest';

/** Lines that the process writes from now on, to either stream; nothing reaches the terminal. vi.restoreAllMocks ends it. */
export function capturedOutput(): readonly string[] {
  const lines: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk: unknown) => {
      lines.push(
        ...String(chunk)
          .split('\n')
          .filter((line) => line !== ''),
      );
      return true;
    });
  }
  return lines;
}
