import { isSameIssuer } from '../discovery/issuer.js';
import { listField, textField } from '../discovery/metadata-document.js';
import { IssuerMismatchError, PkceUnsupportedError, quoted, UnsafeUrlError } from '../errors.js';
import type { JsonFields } from '../http/json-object.js';
import { safeUrl } from '../http/safe-url.js';
import type { MachineGrant } from '../machine-login/machine-grant.js';
import { ok, problem, troubled, warning } from './findings.js';
import type { HealthFinding } from './health-report.js';
import type { ServerInspection } from './server-inspection.js';

/** The endpoints that this client uses, as messages call them. */
const endpoints = {
  authorization_endpoint: 'authorization',
  token_endpoint: 'token',
  registration_endpoint: 'registration',
  revocation_endpoint: 'revocation',
  device_authorization_endpoint: 'device authorization',
  pushed_authorization_request_endpoint: 'pushed authorization requests',
} as const;

/** What an authorization server's metadata (RFC 8414) says, each part by itself. */
export function serverMetadataHealth(
  inspection: ServerInspection,
  grant: MachineGrant | undefined,
): readonly HealthFinding[] {
  const { issuer, found, checked } = inspection;
  const remedy = `Tell whoever runs ${issuer}: no login is possible until this is mended.`;
  if (!found.ok) return [troubled('server_metadata', found.trouble, remedy)];
  if (!found.value) return withoutMetadata(inspection, remedy);
  const { fields, url } = found.value;
  const parts = [
    issuerFinding(issuer, fields, remedy),
    endpointsFinding(issuer, fields, grant, remedy),
    pkceFinding(issuer, fields, grant, remedy),
    fields.authorization_response_iss_parameter_supported === true
      ? ok('iss_parameter', `${issuer} names itself in its answers, and it is checked.`)
      : ok(
          'iss_parameter',
          `${issuer} doesn't announce that it names itself in its answers; it is checked where it does.`,
        ),
  ];
  const isExplained = parts.some(({ status }) => status === 'problem');
  const metadata =
    checked && !checked.ok && !isExplained
      ? troubled('server_metadata', checked.trouble, remedy)
      : ok('server_metadata', `Found at ${url.href}.`);
  return [metadata, ...parts];
}

function withoutMetadata({ issuer, checked }: ServerInspection, remedy: string): readonly HealthFinding[] {
  const message = `${issuer} publishes no metadata`;
  if (!checked?.ok) return [problem('server_metadata', `${message}.`, remedy)];
  return [
    warning(
      'server_metadata',
      `${message}, so that the endpoints of MCP 2025-03-26 are tried.`,
      `Tell whoever runs ${issuer}: it should publish some (RFC 8414).`,
    ),
  ];
}

function issuerFinding(issuer: string, fields: JsonFields, remedy: string): HealthFinding {
  const found = textField(fields, 'issuer') ?? '';
  if (isSameIssuer(found, issuer)) return ok('issuer', `The metadata speaks for ${issuer}, as it should.`);
  return problem('issuer', new IssuerMismatchError(issuer, found).message, remedy);
}

function endpointsFinding(
  issuer: string,
  fields: JsonFields,
  grant: MachineGrant | undefined,
  remedy: string,
): HealthFinding {
  const required = grant ? ['token_endpoint'] : ['authorization_endpoint', 'token_endpoint'];
  const wrong: string[] = [];
  const there: string[] = [];
  for (const [name, called] of Object.entries(endpoints)) {
    const value = textField(fields, name);
    if (value === undefined && !required.includes(name)) continue;
    const unsafe = unsafeAddress(value, name);
    if (unsafe === undefined) there.push(called);
    else wrong.push(unsafe);
  }
  if (textField(fields, 'introspection_endpoint') !== undefined) there.push('introspection');
  const responseTypes = listField(fields, 'response_types_supported');
  if (!grant && responseTypes && !responseTypes.includes('code')) {
    wrong.push('It has no authorization code flow.');
  }
  const mustPush = !grant && fields.require_pushed_authorization_requests === true;
  if (mustPush && textField(fields, 'pushed_authorization_request_endpoint') === undefined) {
    wrong.push('It wants pushed authorization requests and names no endpoint for them.');
  }
  if (wrong.length > 0) return problem('endpoints', `${issuer}: ${wrong.join(' ')}`, remedy);
  const pushed = mustPush ? ' It takes pushed authorization requests only.' : '';
  return ok('endpoints', `${issuer} has endpoints for ${there.join(', ')}.${pushed}`);
}

function unsafeAddress(value: string | undefined, name: string): string | undefined {
  try {
    safeUrl(value, name);
    return undefined;
  } catch (error) {
    if (error instanceof UnsafeUrlError) return error.message;
    throw error;
  }
}

function pkceFinding(
  issuer: string,
  fields: JsonFields,
  grant: MachineGrant | undefined,
  remedy: string,
): HealthFinding {
  const methods = listField(fields, 'code_challenge_methods_supported');
  if (methods?.includes('S256')) return ok('pkce', `${issuer} announces PKCE with S256.`);
  if (grant) return ok('pkce', `${issuer} announces no PKCE with S256, which ${grant.type} doesn't need.`);
  const announces = methods && methods.length > 0 ? ` It announces ${methods.map(quoted).join(', ')}.` : '';
  return problem('pkce', new PkceUnsupportedError(issuer).message + announces, remedy);
}
