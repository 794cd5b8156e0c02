/** @jest-config-loader esbuild-register */
import type { Options } from '@swc/core';
import type { Config } from 'jest';

const swc: Options = {
  swcrc: false,
  sourceMaps: 'inline',
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
};

const folders = {
  core: 'packages/core',
  node: 'packages/node',
  'open-store': 'packages/open-store',
  'storage-encrypted': 'packages/storage-encrypted',
  'storage-fs': 'packages/storage-fs',
  'storage-redis': 'packages/storage-redis',
  'storage-sqlite': 'packages/storage-sqlite',
  'store-contract': 'packages/store-contract',
  'transport-factory': 'packages/transport-factory',
  aggregator: 'examples/aggregator',
  'custom-store': 'examples/custom-store',
  desktop: 'examples/desktop',
  conformance: 'conformance',
  e2e: 'e2e',
  fleet: 'e2e/test/fleet',
  scripts: 'scripts',
};

// scripts/test.mjs runs the contract suites by themselves.
const contracts = process.env.CONTRACTS_APART ? [process.env.CONTRACT_SUITES ?? ''] : [];

// scripts/test.mjs names the tools that are missing here; the tests that need them bear the same name.
const leftOut = (process.env.LEFT_OUT_TESTS ?? '').split(',').filter((tool) => tool !== '');

export default {
  projects: Object.entries(folders).map(([displayName, folder]) => ({
    displayName,
    // Node 20 has no import.meta.dirname under this loader.
    rootDir: process.cwd(),
    roots: [`<rootDir>/${folder}`],
    testMatch: ['**/test/**/*.test.ts'],
    testPathIgnorePatterns: [
      '/node_modules/',
      // A project of its own: its tests use the whole machine, and run when no others do.
      ...(displayName === 'fleet' ? [] : ['/e2e/test/fleet/']),
      ...contracts,
      ...leftOut.map((tool) => `\\.${tool}\\.([a-z]+\\.)*test\\.ts$`),
    ],
    testEnvironment: 'node',
    extensionsToTreatAsEsm: ['.ts'],
    transform: { '^.+\\.ts$': ['@swc/jest', swc as Record<string, unknown>] },
    transformIgnorePatterns: ['/node_modules/'],
    moduleNameMapper: {
      '^@mcp-oauth/e2e$': '<rootDir>/e2e/src/index.ts',
      '^@mcp-oauth/e2e/(postgresql|redis)$': '<rootDir>/e2e/src/$1/index.ts',
      '^@mcp-oauth/([^/]+)$': '<rootDir>/packages/$1/src/index.ts',
      '^@mcp-oauth/([^/]+)/(inversify|opentelemetry|worker|v2|v2/inversify)$':
        '<rootDir>/packages/$1/src/$2.ts',
      '^(\\.{1,2}/.*)\\.js$': '$1',
    },
    modulePathIgnorePatterns: [
      '<rootDir>/packages/[^/]+/dist/',
      '<rootDir>/conformance/dist/',
      '<rootDir>/e2e/dist/',
      '<rootDir>/examples/[^/]+/dist/',
    ],
  })),
  // Many tests start processes of their own: more workers than this starve them.
  maxWorkers: 2,
  testTimeout: 15_000,
  reporters: ['default', '<rootDir>/scripts/testing/counts-reporter.mjs'],
} satisfies Config;
