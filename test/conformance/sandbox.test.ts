import { kubectlPath, livingSandbox, quietSandbox, servedSandbox } from './clusters.ts';
import { conformance, livingConformance, servedConformance } from './suite.ts';

const kubectl = await kubectlPath();

conformance('the sandbox', quietSandbox);
livingConformance('the sandbox', livingSandbox);
servedConformance('the sandbox', servedSandbox, { kubectl });
