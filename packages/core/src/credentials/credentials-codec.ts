import { decodeRecord, encodeRecord } from '../record/record-codec.js';
import type { RecordReader } from '../record/record-codec.js';
import type {
  ClientInformation,
  Credentials,
  DpopBinding,
  Grant,
  LoginMark,
  PinnedServer,
  PrivateJwk,
  RefreshAttempt,
  StepUp,
  TokenRefusal,
  TokenSet,
} from './credentials.js';

/** Of every kind of key that signs (RFC 7518 section 6, RFC 8037 section 2). */
const PRIVATE_JWK_MEMBERS = ['kty', 'crv', 'x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi'];

export function encodeCredentials(credentials: Credentials): Uint8Array {
  return encodeRecord('credentials', credentials);
}

/** @throws {StoreError} */
export function decodeCredentials(value: Uint8Array): Credentials {
  const record = decodeRecord('credentials', value);
  const grant = record.optionalObject('grant');
  const login = record.optionalObject('login');
  return {
    resource: record.text('resource'),
    profile: record.text('profile'),
    epoch: record.text('epoch'),
    issuer: record.optionalText('issuer'),
    grant: grant && readGrant(grant),
    login: login && readLogin(login),
    stepUps: record.optionalObjects('stepUps')?.map(readStepUp),
  };
}

function readGrant(record: RecordReader): Grant {
  const attempt = record.optionalObject('attempt');
  const dpop = record.optionalObject('dpop');
  return {
    grantId: record.text('grantId'),
    generation: record.number('generation'),
    status: record.oneOf('status', ['active', 'reauth_required']),
    reason: record.has('reason')
      ? record.oneOf('reason', [
          'expired',
          'grant_rejected',
          'outcome_unknown',
          'client_rejected',
          'issuer_changed',
        ])
      : undefined,
    server: readServer(record.object('server')),
    client: readClient(record.object('client')),
    resourceIndicator: record.optionalText('resourceIndicator'),
    tokens: readTokens(record.object('tokens')),
    dpop: dpop && readDpop(dpop),
    requestedScope: record.optionalText('requestedScope'),
    attempt: attempt && readAttempt(attempt),
    inDoubt: record.optionalNumber('inDoubt'),
    failures: record.optionalNumber('failures'),
    cooldownUntil: record.optionalNumber('cooldownUntil'),
  };
}

function readTokens(record: RecordReader): TokenSet {
  return {
    access_token: record.text('access_token'),
    token_type: record.oneOf('token_type', ['Bearer', 'DPoP']),
    refresh_token: record.optionalText('refresh_token'),
    scope: record.optionalText('scope'),
    issued_at: record.number('issued_at'),
    expires_at: record.optionalNumber('expires_at'),
  };
}

function readAttempt(record: RecordReader): RefreshAttempt {
  const overtook = record.optionalObject('overtook');
  return {
    id: record.text('id'),
    startedAt: record.number('startedAt'),
    holder: record.optionalText('holder'),
    overtook: overtook && { id: overtook.text('id'), holder: overtook.optionalText('holder') },
  };
}

function readLogin(record: RecordReader): LoginMark {
  const refusal = record.optionalObject('refusal');
  return {
    id: record.text('id'),
    startedAt: record.number('startedAt'),
    holder: record.optionalText('holder'),
    lengthMs: record.optionalNumber('lengthMs'),
    ended: record.has('ended')
      ? record.oneOf('ended', ['denied', 'failed', 'abandoned', 'refused', 'transient'])
      : undefined,
    refusal: refusal && readRefusal(refusal),
  };
}

function readRefusal(record: RecordReader): TokenRefusal {
  return {
    issuer: record.text('issuer'),
    problem: record.text('problem'),
    error: record.optionalText('error'),
    status: record.optionalNumber('status'),
  };
}

function readStepUp(record: RecordReader): StepUp {
  return {
    operation: record.text('operation'),
    scope: record.text('scope'),
    grantId: record.text('grantId'),
    at: record.number('at'),
    deniedAt: record.optionalNumber('deniedAt'),
  };
}

export function readDpop(record: RecordReader): DpopBinding {
  const key = record.optionalObject('key');
  return {
    jkt: record.text('jkt'),
    alg: record.text('alg'),
    key: key && readJwk(key),
    required: record.flag('required') ? true : undefined,
  };
}

function readJwk(record: RecordReader): PrivateJwk {
  const names = PRIVATE_JWK_MEMBERS.filter((name) => record.has(name));
  return Object.fromEntries(names.map((name) => [name, record.text(name)]));
}

export function readServer(record: RecordReader): PinnedServer {
  return {
    issuer: record.text('issuer'),
    token_endpoint: record.text('token_endpoint'),
    revocation_endpoint: record.optionalText('revocation_endpoint'),
    token_endpoint_auth_methods_supported: record.optionalTexts('token_endpoint_auth_methods_supported'),
    token_endpoint_auth_signing_alg_values_supported: record.optionalTexts(
      'token_endpoint_auth_signing_alg_values_supported',
    ),
    revocation_endpoint_auth_methods_supported: record.optionalTexts(
      'revocation_endpoint_auth_methods_supported',
    ),
  };
}

export function readClient(record: RecordReader): ClientInformation {
  return {
    client_id: record.text('client_id'),
    client_secret: record.optionalText('client_secret'),
    client_secret_expires_at: record.optionalNumber('client_secret_expires_at'),
    token_endpoint_auth_method: record.optionalText('token_endpoint_auth_method'),
  };
}
