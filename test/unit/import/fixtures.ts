/** Where the models of another project are, for the tests beside this file. */
import { fileURLToPath } from 'node:url';
import type { Control } from '../../../models/import/openaiWeights';

export const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url));

/** Reports to nobody and goes on. */
export const silent: Control = { progress: () => undefined, pause: () => Promise.resolve() };
