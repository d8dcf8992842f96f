import { describe } from 'vitest';
import { scene } from './scene';
import { panelTests } from './suites/panel';

// A VS Code of its own, because it is reloaded.
const editor = scene(() => ({ open: 'shapes.py' }));

describe('circuit panel', () => panelTests(editor));
