import type { AuthorizationServerMetadata } from '../discovery/authorization-server.js';
import { quoted } from '../errors.js';
import type { RegistrationWay } from '../registration/client-registration.js';
import { ok, problem, troubled, warning } from './findings.js';
import type { HealthFinding } from './health-report.js';
import type { ServerInspection } from './server-inspection.js';

const OURS = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'];

/** How this client comes by an identifier at an authorization server, and how it proves itself there. */
export function clientHealth({ issuer, checked, way }: ServerInspection): readonly HealthFinding[] {
  if (!checked?.ok || !way) return [];
  const offers = offered(checked.value);
  if (!way.ok) {
    const remedy = checked.value.client_id_metadata_document_supported
      ? 'Publish a client metadata document and configure clientMetadataUrl, or register this client there by hand and configure its clientId.'
      : 'Register this client there by hand and configure its clientId.';
    return [troubled('client', way.trouble, remedy)];
  }
  return [
    ok('client', `${issuer} takes ${offers}. ${used[way.value.kind]}`),
    authenticationFinding(issuer, checked.value, way.value),
  ];
}

const used: Record<RegistrationWay['kind'], string> = {
  pre_registered: 'The configured clientId is used.',
  metadata_document: "This host's client metadata document is used.",
  dynamic: 'A client is registered dynamically, or the one that was is used.',
};

function offered(server: AuthorizationServerMetadata): string {
  const ways = [
    'clients that were registered by hand',
    ...(server.client_id_metadata_document_supported ? ['client metadata documents'] : []),
    ...(server.registration_endpoint === undefined ? [] : ['dynamic registration']),
  ];
  return ways.join(', ');
}

function authenticationFinding(
  issuer: string,
  server: AuthorizationServerMetadata,
  way: RegistrationWay,
): HealthFinding {
  const check = 'client_authentication';
  const methods = server.token_endpoint_auth_methods_supported;
  if (!methods) return ok(check, `${issuer} doesn't say how clients prove themselves.`);
  const takes = `${issuer} takes ${methods.map(quoted).join(', ')}`;
  const common = methods.filter((method) => OURS.includes(method));
  if (way.kind === 'dynamic') {
    return common.length > 0
      ? ok(check, `${takes}.`)
      : problem(
          check,
          `${takes}, none of which this client can do.`,
          'Register this client there by hand, for a method that it can do.',
        );
  }
  const method = methodOf(way.client, common);
  if (methods.includes(method)) return ok(check, `${takes}. This client uses ${quoted(method)}.`);
  return warning(
    check,
    `${takes}. This client uses ${quoted(method)}, which it doesn't announce.`,
    method === 'none'
      ? 'Configure the clientSecret or privateKey that belongs to the clientId.'
      : 'Configure tokenEndpointAuthMethod as the client is registered there.',
  );
}

function methodOf(
  client: {
    readonly client_secret?: string | undefined;
    readonly token_endpoint_auth_method?: string | undefined;
  },
  common: readonly string[],
): string {
  if (client.token_endpoint_auth_method !== undefined) return client.token_endpoint_auth_method;
  if (client.client_secret === undefined) return 'none';
  return common.find((method) => method.startsWith('client_secret_')) ?? 'client_secret_basic';
}
