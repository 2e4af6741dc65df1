import type { Admitted, ProposedWrite } from './extension.ts';

/** Defaults and validation of the built-in kinds. */
export function builtInAdmission({ object }: ProposedWrite): Admitted {
  return { kind: 'admitted', object };
}
