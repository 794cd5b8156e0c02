import { differences } from './suite/listed-scenarios.js';
import type { ListedScenarios } from './suite/listed-scenarios.js';

/** Scenarios of one revision that belong together. */
export interface RowSet {
  readonly title: string;
  readonly wire: string;
  readonly scenarios: readonly string[];
}

export interface Row {
  readonly set: RowSet;
  readonly scenario: string;
}

const inBothRevisions = [
  'auth/metadata-default',
  'auth/metadata-var1',
  'auth/metadata-var2',
  'auth/metadata-var3',
  'auth/basic-cimd',
  'auth/scope-from-www-authenticate',
  'auth/scope-from-scopes-supported',
  'auth/scope-omitted-when-undefined',
  'auth/scope-step-up',
  'auth/scope-retry-limit',
  'auth/token-endpoint-auth-basic',
  'auth/token-endpoint-auth-post',
  'auth/token-endpoint-auth-none',
  'auth/pre-registration',
];

export const scored: RowSet = {
  title: 'Scored at 2026-07-28',
  wire: '2026-07-28',
  scenarios: [
    ...inBothRevisions,
    'auth/resource-mismatch',
    'auth/offline-access-scope',
    'auth/offline-access-not-supported',
    'auth/authorization-server-migration',
    'auth/iss-supported',
    'auth/iss-not-advertised',
    'auth/iss-supported-missing',
    'auth/iss-wrong-issuer',
    'auth/iss-unexpected',
    'auth/iss-normalized',
    'auth/metadata-issuer-mismatch',
  ],
};

const suiteAuth: RowSet = {
  title: 'Suite auth at 2025-11-25',
  wire: '2025-11-25',
  scenarios: inBothRevisions,
};

const backCompatibility: RowSet = {
  title: 'Back-compatibility with 2025-03-26',
  wire: '2025-03-26',
  scenarios: ['auth/2025-03-26-oauth-metadata-backcompat', 'auth/2025-03-26-oauth-endpoint-fallback'],
};

const extensions: RowSet = {
  title: 'Extensions at 2026-07-28',
  wire: '2026-07-28',
  scenarios: [
    'auth/client-credentials-jwt',
    'auth/client-credentials-basic',
    'auth/enterprise-managed-authorization',
    'auth/wif-jwt-bearer',
    'auth/dpop',
    'auth/dpop-nonce',
  ],
};

export const rowSets: readonly RowSet[] = [scored, suiteAuth, backCompatibility, extensions];

/** How a client has to end where the suite would also take another way. Elsewhere its calls succeed. */
const refusals: Readonly<Record<string, string>> = {
  'auth/scope-retry-limit': 'step_up_exhausted',
  'auth/resource-mismatch': 'resource_mismatch',
  'auth/iss-supported-missing': 'callback_rejected',
  'auth/iss-wrong-issuer': 'callback_rejected',
  'auth/iss-unexpected': 'callback_rejected',
  'auth/iss-normalized': 'callback_rejected',
  'auth/metadata-issuer-mismatch': 'issuer_mismatch',
};

export function expectedEnding(scenario: string): string {
  return refusals[scenario] ?? 'completed';
}

/** Where the suite has other scenarios than the rows here. */
export function rowDifferences(listed: ListedScenarios): readonly string[] {
  const { applicable } = listed;
  return [
    ...differences('those scored at 2026-07-28', scored.scenarios, listed.scored),
    ...differences('those of revision 2026-07-28', scored.scenarios, applicable.get('2026-07-28')),
    ...differences('those of revision 2025-11-25', suiteAuth.scenarios, applicable.get('2025-11-25')),
    ...differences('those of revision 2025-03-26', backCompatibility.scenarios, applicable.get('2025-03-26')),
    ...differences('the extensions', extensions.scenarios, applicable.get('extension')),
    ...differences('the extensions of 2026-07-28', extensions.scenarios, listed.extensions),
  ];
}
