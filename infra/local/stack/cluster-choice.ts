/** The sandbox in this process, or a real control plane beside it. */
export const clusterChoices = ['sandbox', 'real'] as const;
export type ClusterChoice = (typeof clusterChoices)[number];
