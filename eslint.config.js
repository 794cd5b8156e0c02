import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Packages have named exports only.',
};
const noExportAll = {
  selector: 'ExportAllDeclaration',
  message: 'Name what is exported, so that the public surface can be read.',
};
const noUnrunTest = {
  selector:
    'MemberExpression[object.name=/^(test|it|describe)$/][property.name=/^(only|skip|todo|failing)$/]',
  message: 'Every test runs, always.',
};
const noModuleMock = {
  selector: 'MemberExpression[object.name="jest"][property.name=/mock/i]',
  message: 'Test with real parts, or with fakes at ports.',
};

export default defineConfig(
  { ignores: ['**/dist/', 'coverage/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    rules: {
      'no-control-regex': 'off', // to refuse control characters is what several checks are for
      'no-undef': 'off', // TypeScript's task
      'max-lines': ['error', { max: 300 }],
      'no-restricted-syntax': ['error', noExportAll],
      'no-warning-comments': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-deprecated': [
        'error',
        // Servers with nothing but the old transport are still out there.
        {
          allow: ['@modelcontextprotocol/sdk', '@modelcontextprotocol/client'].map((name) => ({
            from: 'package',
            name: 'SSEClientTransport',
            package: name,
          })),
        },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An async function without await still turns what it throws into a rejection, and ports are asynchronous.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['scripts/**'],
    languageOptions: {
      parserOptions: { project: 'tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    files: ['scripts/**'],
    languageOptions: {
      parserOptions: { project: 'tsconfig.scripts.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // JSON.parse and the like are `any`, and JSDoc has no short way to say better.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // Configurations, and programs that tests start: plain JavaScript, with no types to check by.
    files: ['**/*.{js,mjs}'],
    ignores: ['scripts/**'],
    extends: [tseslint.configs.disableTypeChecked],
  },
  {
    files: ['packages/*/src/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': ['error', noExportAll, noDefaultExport],
    },
  },
  {
    files: ['**/test/**'],
    rules: {
      'no-restricted-syntax': ['error', noExportAll, noUnrunTest, noModuleMock],
      // What a test takes for granted fails the test when it is wrong.
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
