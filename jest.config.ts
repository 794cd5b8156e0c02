/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';
import type { Options } from '@swc/core';

const swc: Options = {
  swcrc: false,
  sourceMaps: 'inline',
  jsc: { target: 'es2022', parser: { syntax: 'typescript' }, keepClassNames: true },
  module: { type: 'es6' },
};

const packages = ['core', 'node', 'storage-fs', 'storage-sqlite', 'transport-factory'].map(
  (name) => [name, `packages/${name}`] as const,
);

export default {
  projects: [...packages, ['e2e', 'e2e'] as const].map(([displayName, folder]) => ({
    displayName,
    // Node 20 has no import.meta.dirname under this loader.
    rootDir: process.cwd(),
    roots: [`<rootDir>/${folder}`],
    testMatch: ['**/test/**/*.test.ts'],
    testEnvironment: 'node',
    extensionsToTreatAsEsm: ['.ts'],
    transform: { '^.+\\.ts$': ['@swc/jest', swc as Record<string, unknown>] },
    transformIgnorePatterns: ['/node_modules/'],
    moduleNameMapper: {
      '^@mcp-oauth/e2e$': '<rootDir>/e2e/src/index.ts',
      '^@mcp-oauth/([^/]+)$': '<rootDir>/packages/$1/src/index.ts',
      '^(\\.{1,2}/.*)\\.js$': '$1',
    },
    modulePathIgnorePatterns: [
      '<rootDir>/packages/[^/]+/dist/',
      '<rootDir>/e2e/dist/',
      '<rootDir>/examples/[^/]+/dist/',
    ],
  })),
  reporters: ['default', '<rootDir>/scripts/jest-closing-line.mjs'],
} satisfies Config;
