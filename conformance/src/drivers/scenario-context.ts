import type { SessionSettings } from '@mcp-oauth/core';

/** What the suite tells a client beforehand (`MCP_CONFORMANCE_CONTEXT`), by scenario. */
interface ContextFields {
  readonly name?: string;
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly issuer?: string;
  readonly private_key_pem?: string;
  readonly signing_algorithm?: string;
  readonly valid_jwt?: string;
  readonly idp_client_id?: string;
  readonly idp_id_token?: string;
  readonly idp_issuer?: string;
  readonly idp_token_endpoint?: string;
}

/** What a host would have in its configuration, had somebody registered it at the servers of this scenario. */
export function settingsFrom(context: string | undefined): SessionSettings {
  const fields = JSON.parse(context ?? '{}') as ContextFields;
  const { name, client_id: clientId, client_secret: clientSecret } = fields;
  switch (name) {
    case undefined:
      return {};
    case 'auth/pre-registration':
      return { clientId, clientSecret, issuer: fields.issuer };
    case 'auth/client-credentials-basic':
      return { clientId, clientSecret, grant: { type: 'client_credentials' } };
    case 'auth/client-credentials-jwt':
      return {
        clientId,
        privateKey: { key: required(fields, 'private_key_pem'), alg: fields.signing_algorithm },
        grant: { type: 'client_credentials' },
      };
    case 'auth/wif-jwt-bearer': {
      const assertion = required(fields, 'valid_jwt');
      return { clientId, grant: { type: 'jwt_bearer', assertion: () => assertion } };
    }
    case 'auth/enterprise-managed-authorization': {
      const idToken = required(fields, 'idp_id_token');
      return {
        clientId,
        clientSecret,
        grant: {
          type: 'enterprise_managed',
          identityProvider: {
            issuer: required(fields, 'idp_issuer'),
            tokenEndpoint: fields.idp_token_endpoint,
            clientId: required(fields, 'idp_client_id'),
          },
          idToken: () => idToken,
        },
      };
    }
    default:
      throw new Error(`The suite gives a context for ${name}, and no driver knows what to do with it.`);
  }
}

function required(fields: ContextFields, name: keyof ContextFields): string {
  const value = fields[name];
  if (value === undefined) throw new Error(`The context of ${fields.name ?? ''} has no ${name}.`);
  return value;
}
