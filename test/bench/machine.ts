import { cpus, loadavg } from 'node:os';

/** What the figures below it depend on. A load above the idle machine's says that others had a share of it. */
export function machineLine(cluster: string): string {
  const [load = 0] = loadavg();
  return `on ${cpus().length} cores with a load of ${load.toFixed(1)} before it began, node ${process.version}, ${cluster}`;
}
