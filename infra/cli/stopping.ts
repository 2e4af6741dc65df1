const stopMilliseconds = 10_000; // longer than the drain of a watcher whose queue is away

/** Stops what was started; what does not stop in time ends with the process, and that is told. */
export async function stopInTime(stop: () => Promise<void>): Promise<void> {
  const giveUp = setTimeout(() => endProcess(`error: stopping took longer than ${stopMilliseconds / 1_000} s: ended without it`), stopMilliseconds);
  try {
    await stop();
  } finally {
    clearTimeout(giveUp);
  }
}

export function endProcess(why: string): never {
  console.error(why);
  process.exit(1);
}
