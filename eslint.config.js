import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Rule that forbids imports whose path matches one of the patterns. */
const forbid = (patterns, message) => ({
  'no-restricted-imports': ['error', { patterns: [{ group: patterns, message }] }],
});
const noEditor = ['vscode', '**/extension/**', '**/webview/**'];

const noThreads = {
  selector: "NewExpression[callee.name='Worker']",
  message: 'Threads are started by startThread of models/threads.ts.',
};
const noSessions = {
  selector: "MemberExpression[property.name='InferenceSession']",
  message: 'Sessions are made by createSession of models/engines/session.ts.',
};

const allParts = {
  selector:
    "Property[key.name='run'] > FunctionExpression > Identifier:first-child:not([typeAnnotation])",
  message: 'A command names the parts that it needs, as Needs<…> of command.ts.',
};

export default tseslint.config(
  { ignores: ['dist', 'runs', 'node_modules', 'models/sparse/kernels'] },
  eslint.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': 'off',
      eqeqeq: 'error',
    },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
  },
  {
    files: ['models/**/*.ts'],
    rules: {
      ...forbid(
        [...noEditor, 'onnxruntime-node', '**/onnxRuntime'],
        'models/ knows nothing of the editor, and ONNX Runtime only in engines/, inference/, runtime/ and training/.',
      ),
      'no-restricted-syntax': ['error', noThreads, noSessions],
    },
  },
  {
    files: ['models/**/*.ts'],
    ignores: ['models/cli/output.ts', 'models/cli/main.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'stderr',
          message:
            'What a terminal gets has its controls escaped: say and showLine of cli/output.ts.',
        },
        {
          object: 'process',
          property: 'stdout',
          message: 'Every byte is written or its loss is an error: writeOut of cli/output.ts.',
        },
      ],
    },
  },
  {
    files: ['models/{engines,inference,runtime,training}/**/*.ts'],
    rules: forbid(
      [...noEditor, 'onnxruntime-node'],
      'models/ knows nothing of the editor, and ONNX Runtime by models/onnxRuntime.ts.',
    ),
  },
  {
    files: ['models/onnxRuntime.ts'],
    rules: forbid(noEditor, 'models/ knows nothing of the editor.'),
  },
  { files: ['models/threads.ts'], rules: { 'no-restricted-syntax': ['error', noSessions] } },
  {
    files: ['models/engines/session.ts'],
    rules: { 'no-restricted-syntax': ['error', noThreads] },
  },
  {
    files: ['extension/**/*.ts'],
    rules: forbid(
      [
        'onnxruntime-node',
        ...['cli', 'circuits', 'graph', 'tasks', 'training'].map((name) => `**/models/${name}/**`),
        ...['token', 'token/**', 'file', 'file/**', 'defaults', 'inWorker'].map(
          (path) => `!**/models/circuits/${path}`,
        ),
        '!**/models/tasks/source',
        '**/webview/**',
        '!**/webview/protocol',
      ],
      'The extension works through models/{runtime,inference,transformer,bundles,tokenizer} and circuits/inWorker; ONNX Runtime runs in workers.',
    ),
  },
  {
    files: ['extension/commands/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', allParts] },
  },
  {
    files: ['shared/**/*.ts'],
    rules: forbid(
      [...noEditor, 'onnxruntime-node', 'node:*', '**/models/**'],
      'What both the extension and the page use imports neither.',
    ),
  },
  {
    files: ['webview/**/*.{ts,tsx}'],
    rules: forbid(
      ['vscode', 'onnxruntime-node', 'node:*', '**/extension/**', '**/models/**'],
      'The panel knows the extension by webview/protocol only.',
    ),
  },
  {
    // Parts that unit tests run without an editor.
    files: ['extension/{text,trace}/**/*.ts', 'test/unit/**/*.ts'],
    rules: forbid(['vscode', 'onnxruntime-node'], 'Keep this part usable without the editor.'),
  },
);
