import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Ends processes of ours when this one has died without doing so: killed, crashed, out of memory. */
export interface Guard {
  watch(pid: number): void;
  /** Nothing is left to be ended. */
  dismiss(): Promise<void>;
}

// Its input ends when this process does, however that happens; the process ids are all that is ever written to it.
const script = `
while read -r pid; do pids="$pids $pid"; done
kill -TERM $pids
sleep 5
kill -KILL $pids
`;

export async function startGuard(): Promise<Guard> {
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], env: { PATH: '/usr/bin:/bin' }, cwd: '/', detached: true });
  await once(child, 'spawn');
  const gone = once(child, 'exit');
  child.stdin.on('error', () => undefined); // somebody ended the guard: then there is none
  return {
    watch(pid) {
      child.stdin.write(`${pid}\n`);
    },
    async dismiss() {
      child.kill('SIGKILL'); // before its input ends, or it would do its work
      await gone;
    },
  };
}
