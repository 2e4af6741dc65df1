import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Ends processes of ours when this one has died without doing so: killed, crashed, out of memory. */
export interface Guard {
  watch(pid: number): void;
  /** It has ended, and its number may soon be another's. */
  forget(pid: number): void;
  /** Nothing is left to be ended. */
  dismiss(): Promise<void>;
}

// Its input ends when this process does, however that happens; a word and a process id a line are all that is ever written to it.
const script = `
while read -r word pid; do
  case $word in
    watch) pids="$pids $pid " ;;
    forget) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
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
      child.stdin.write(`watch ${pid}\n`);
    },
    forget(pid) {
      child.stdin.write(`forget ${pid}\n`);
    },
    async dismiss() {
      child.kill('SIGKILL'); // before its input ends, or it would do its work
      await gone;
    },
  };
}
