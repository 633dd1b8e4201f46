/** Which way imports may point. Types alone may point anywhere: they leave nothing behind at run time. */
const pure = '^src/(apps|backups|clean|compare|facts|fleet|packages|plan|reboot|services|shell|show|stages|traffic)/'
const upper = '^src/(action|announce|cli|demo|modes|report)/'
const notTypes = { dependencyTypesNot: ['type-only'] }
const io = '^(node:)?(child_process|cluster|dgram|dns|fs|fs/promises|http|http2|https|net|tls|worker_threads)$'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Two files that need each other at run time are one file, or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: notTypes },
    },
    {
      name: 'product-never-needs-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts|bench|examples)/' },
    },
    {
      name: 'product-ships-only-dependencies',
      comment: 'What the bundle holds is a dependency, not a tool of development.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'planning-is-pure',
      comment: 'These take data and return data. Files, sockets and processes belong to the edges.',
      severity: 'error',
      from: { path: pure },
      to: { path: `${io}|^(node_modules/)?(ssh2|node-ssh|@actions/|@octokit/)` },
    },
    {
      name: 'pages-are-pure',
      comment: 'The site is made from events and history; who publishes it is not its business.',
      severity: 'error',
      from: { path: '^src/site/' },
      to: { path: `${io}|^(node_modules/)?(ssh2|node-ssh|@actions/|@octokit/)|^src/(announce|action|host)/`, ...notTypes },
    },
    {
      name: 'planning-knows-no-engine',
      comment: 'inputs, file, facts, plan, engine, events, projections: data flows one way.',
      severity: 'error',
      from: { path: pure },
      to: { path: `^src/(engine|journal)/|${upper}`, ...notTypes },
    },
    {
      name: 'engine-knows-no-projection',
      comment: 'The engine tells what happens as events; who shows them is not its business.',
      severity: 'error',
      from: { path: '^src/(engine|host|checks|config|journal)/' },
      to: { path: upper, ...notTypes },
    },
    {
      name: 'ssh-only-in-host',
      comment: 'The demo has SSH servers of its own to be the other side.',
      severity: 'error',
      from: { pathNot: '^(src/(host|demo)/|test/)' },
      to: { path: '^(node_modules/)?(ssh2|node-ssh)', ...notTypes },
    },
    {
      name: 'processes-only-in-host',
      comment: 'A child of the runner gets a clean environment: one place sees to that.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(host|demo)/' },
      to: { path: '^(node:)?child_process$' },
    },
    {
      name: 'workflow-commands-only-in-action',
      comment: 'What the runner reads as a command is written by one folder.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/action/' },
      to: { path: '^(node_modules/)?@actions/core', ...notTypes },
    },
    {
      name: 'imports-resolve',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.lab)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
}
