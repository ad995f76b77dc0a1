/**
 * Who may import whom (DESIGN: core <- compiler, diagnostics, conditions <- gate, delivery, consent, ingestion, rollout <- leaves <- compose).
 * Each folder names the folders that it may reach besides itself; everything else is refused. Types count, too.
 */
const RULING = ['core', 'diagnostics', 'conditions', 'compiler']
const DECIDING = [...RULING, 'administration', 'consent', 'engine', 'gate', 'delivery', 'ingestion', 'rollout']

/** @type {Record<string, readonly string[]>} */
const MAY_IMPORT = {
  core: [],
  diagnostics: ['core'],
  conditions: ['core', 'diagnostics'],
  compiler: ['core', 'diagnostics', 'conditions'],
  administration: ['core'],
  consent: [...RULING, 'administration'],
  engine: ['core'],
  gate: [...RULING, 'administration', 'consent'],
  delivery: [...RULING, 'administration', 'consent', 'engine', 'gate'],
  ingestion: [...RULING, 'administration', 'consent', 'engine', 'gate', 'delivery'],
  rights: [...RULING, 'administration', 'consent', 'engine', 'gate', 'delivery'],
  explain: [...RULING, 'consent', 'gate'],
  rollout: [...RULING, 'administration'],
  doctor: ['core'],
  store: ['core'],
  'providers/twilio': ['core', 'delivery'],
  'providers/sendgrid': ['core', 'delivery'],
  'providers/sandbox': [],
  http: [...DECIDING, 'rights', 'explain'],
  preview: [...RULING, 'administration', 'consent', 'gate', 'delivery'],
}

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
      name: `${folder.replace('/', '-')}-imports`,
      comment: `src/${folder} may import ${allowed.length === 0 ? 'nothing of Segue but itself' : allowed.join(', ')}. Move the shared part inward, or pass it in from src/compose.ts.`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^(src|workers)/', pathNot: [folder, ...allowed].map((name) => `^src/${name}/`) },
    })),
    {
      name: 'core-is-pure',
      comment: 'core runs inside the Temporal sandbox and in every simulator: no Node, no packages but @noble/hashes and temporal-polyfill.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: ['^src/core/', 'node_modules/@noble/hashes/', 'node_modules/temporal-polyfill/'] },
    },
    {
      name: 'workflows-see-core-only',
      comment: 'Workflow code is replayed for months: it sees core, the protocol and the Temporal workflow API, nothing else.',
      severity: 'error',
      from: { path: '^workers/workflows/' },
      to: { pathNot: ['^workers/workflows/', '^workers/protocol\\.ts$', '^src/core/', 'node_modules/@temporalio/workflow/'] },
    },
    {
      name: 'only-the-root-composes',
      comment: 'compose.ts and the command line are the only places that pick stores, providers and the engine.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/compose', '^src/cli/'] },
      to: { path: '^(workers/|src/compose|src/cli/)' },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'A package that is not in package.json is there by accident.',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
}
