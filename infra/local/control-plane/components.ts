import type { Component } from './component.ts';
import type { Program } from './release.ts';

/** The processes of one control plane, by program: at most one runs of each. */
export interface Components {
  start(program: Program): Promise<void>;
  /** Ends it as a crash would, which is no failure then. Resolves when it is gone. */
  kill(program: Program): Promise<void>;
  stop(program: Program): Promise<void>;
  /** Null while everything that was started runs; then how the first one ended. One that was killed or stopped is no failure. */
  firstFailure(): Promise<string | null>;
  readonly processIds: () => Readonly<Partial<Record<Program, number>>>;
}

export interface ComponentsOptions {
  readonly launch: (program: Program) => Promise<Component>;
  /** Told when one ends that nobody ended. */
  readonly failed: (how: string) => void;
}

export function createComponents({ launch, failed }: ComponentsOptions): Components {
  const running = new Map<Program, Component>();

  /** From here on its end is wanted. */
  function release(program: Program): Component | undefined {
    const component = running.get(program);
    running.delete(program);
    return component;
  }

  return {
    async start(program) {
      if (running.has(program)) throw new Error(`${program} runs already: kill it before it is started again`);
      const component = await launch(program);
      running.set(program, component);
      void component.gone.then(async () => {
        if (running.get(program) === component) failed((await component.ended()) ?? program);
      });
    },
    async kill(program) {
      await release(program)?.kill();
    },
    async stop(program) {
      await release(program)?.stop();
    },
    async firstFailure() {
      for (const component of running.values()) {
        const failure = await component.ended();
        if (failure !== null) return failure;
      }
      return null;
    },
    processIds: () => Object.fromEntries([...running].map(([program, { pid }]) => [program, pid])),
  };
}
