/** The import table of ARCHITECTURE.md: data flows one way, no place reaches back. `npm run check` enforces it. */
const only = (from, allowed, why) => ({
  name: `${from.split('/').pop()}-imports`,
  comment: why,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: '^(apps|packages|bpf|prisma|captures|scripts)/', pathNot: `^(${[from, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    only('packages/core', [], 'core is pure logic: it imports no other part'),
    only('packages/replay', ['packages/core'], 'replay feeds core and knows nothing above it'),
    only('apps/capture-agent', ['packages/replay', 'packages/core'], 'the agent may use replay and core'),
    only('apps/web', ['packages/replay', 'packages/core'], 'the workbench may use replay and core'),
    {
      name: 'core-is-pure',
      comment: 'core does no I/O and runs in a browser worker: nothing of Node, nothing from npm',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'replay-is-browser-safe',
      comment: "Only what '@causeway/replay/node' offers may use Node; the rest runs in a browser worker too",
      severity: 'error',
      from: { path: '^packages/replay/src/', pathNot: '^packages/replay/src/(node\\.ts|file/|command/)|\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'replay-entry-leaves-node-out',
      comment: "What '@causeway/replay' offers never reaches the Node half",
      severity: 'error',
      from: { path: '^packages/replay/src/', pathNot: '^packages/replay/src/(node\\.ts|file/|command/)|\\.test\\.ts$' },
      to: { path: '^packages/replay/src/(node\\.ts|file/|command/)' },
    },
    {
      name: 'pages-do-not-reach-the-server',
      comment:
        'Pages speak to the server through the API contract alone, and what makes the answers runs in a browser too',
      severity: 'error',
      from: { path: '^apps/web/src/(api|answers|private|ui|views|app/(?!api/))' },
      to: { path: '^apps/web/src/server/' },
    },
    {
      name: 'answers-are-browser-safe',
      comment: 'Both the server and the worker of private mode make their answers with these',
      severity: 'error',
      from: { path: '^apps/web/src/(api|answers|private)/' },
      to: { path: '^packages/replay/src/(node\\.ts|file/|command/)' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|build|\\.next|generated)/|^apps/web/.*next.*\\.d\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
};
