import { describe } from 'vitest';
import { scene } from './scene';
import { panelTests } from './suites/panel';

/** What VS Code itself says when its page is loaded anew. */
const RELOADING = [/Long running operations during shutdown/, /Channel has been closed/];

// A VS Code of its own, because it is reloaded.
const editor = scene(() => ({ open: 'shapes.py' }), RELOADING);

describe('circuit panel', () => panelTests(editor));
