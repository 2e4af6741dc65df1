import { join } from 'node:path';

/** Of the repository: serverless.yml, the stories and the generated files lie below it. */
export const root = join(import.meta.dirname, '../..');
