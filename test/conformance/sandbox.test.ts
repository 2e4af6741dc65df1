import { livingSandbox, quietSandbox } from './clusters.ts';
import { conformance, livingConformance } from './suite.ts';

conformance('the sandbox', quietSandbox);
livingConformance('the sandbox', livingSandbox);
