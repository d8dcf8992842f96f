// No file may import itself by way of others, types included: who reads one could not stop before all.
// Nor may a folder.
export default {
  forbidden: [
    { name: 'no-import-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      ...{ name: 'no-folder-cycles', severity: 'error', scope: 'folder' },
      from: { path: '^(extension|models|shared|webview)' },
      to: { circular: true },
    },
  ],
  options: {
    metrics: true,
    // Imports of types alone count as well.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'node_modules|^dist' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mjs', '.js'] },
  },
};
