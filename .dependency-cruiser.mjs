/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'declared-dependencies-only',
      comment: 'pnpm resolves only what the package.json of the importing package declares.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependency-in-shipped-code',
      comment: 'Whoever installs the package does not get its devDependencies.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer'] },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-imports-only-oauth4webapi',
      comment:
        'No adapter, no MCP SDK, no container, no Node built-in: core runs wherever fetch and crypto are.',
      severity: 'error',
      from: { path: '^packages/core/src/' },
      // Where inversify and OpenTelemetry may be imported are rules of their own, below.
      to: {
        pathNot: ['^packages/core/src/', '(^|/)node_modules/(oauth4webapi|inversify|@opentelemetry/api)/'],
      },
    },
    {
      name: 'oauth4webapi-only-in-core-protocol',
      comment: 'Its errors and their causes carry tokens, so one folder calls it and lets none of them out.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '^packages/core/src/protocol/' },
      to: { path: '(^|/)node_modules/oauth4webapi/' },
    },
    {
      name: 'ports-are-leaves',
      comment: 'Whoever implements a port has to read its file and nothing else.',
      severity: 'error',
      from: { path: '^packages/core/src/ports/' },
      to: { pathNot: '^packages/core/src/ports/' },
    },
    {
      name: 'adapters-do-not-know-each-other',
      severity: 'error',
      from: { path: '^packages/(storage-[^/]+|node|transport-factory|store-contract)/src/' },
      to: { path: '^packages/(storage-|node/|transport-factory/)', pathNot: '^packages/$1/' },
    },
    {
      name: 'inversify-only-in-its-entry-point',
      severity: 'error',
      from: {
        path: '^packages/',
        pathNot: '^packages/[^/]+/(src/(v2/)?(inversify|service-identifiers)\\.ts$|test/)',
      },
      to: { path: '(^|/)node_modules/inversify/' },
    },
    {
      name: 'opentelemetry-only-in-its-entry-point',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/core/(src/opentelemetry\\.ts$|test/opentelemetry/)' },
      to: { path: '(^|/)node_modules/@opentelemetry/' },
    },
    {
      name: 'mcp-sdk-only-in-transport-factory',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/transport-factory/' },
      to: { path: '(^|/)node_modules/@modelcontextprotocol/' },
    },
    {
      name: 'packages-do-not-know-the-applications',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { path: '^(conformance|e2e|examples)/' },
    },
    {
      name: 'entries-of-both-sdks-stay-apart',
      comment: 'Both majors are optional peers: whoever has one of them need not install the other.',
      severity: 'error',
      from: { path: '^packages/transport-factory/src/v2(\\.ts$|/)' },
      to: { path: '^packages/transport-factory/src/(v1/|index\\.ts$|inversify\\.ts$)' },
    },
    {
      name: 'sdk-v1-only-in-its-folder',
      severity: 'error',
      from: { path: '^packages/transport-factory/src/', pathNot: '^packages/transport-factory/src/v1/' },
      to: { path: '(^|/)node_modules/@modelcontextprotocol/sdk/' },
    },
    {
      name: 'sdk-v2-only-in-its-folder',
      severity: 'error',
      from: { path: '^packages/transport-factory/src/', pathNot: '^packages/transport-factory/src/v2/' },
      to: { path: '(^|/)node_modules/@modelcontextprotocol/client/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
};
