/** Declared, and refused until an operator supplies a Job template: what they do depends on the operator's own systems. */
export const templateActions = ['failover_database', 'repair_database', 'compact_storage', 'reset_service_mesh', 'apply_manifest', 'custom_script'] as const;

/** Null for any other name. */
export function notEnabled(name: string): string | null {
  if (!templateActions.some((action) => action === name)) return null;
  return `${name} is not enabled: it acts only through a Job template of the operator, and none is supplied`;
}
