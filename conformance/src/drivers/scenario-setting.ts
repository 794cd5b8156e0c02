import type { MachineGrant } from '@mcp-oauth/core';

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

/** What a host would have been set up with, had somebody registered it at the servers of this scenario. */
export interface ScenarioSetting {
  /** In its configuration. */
  readonly oauth21: Readonly<Record<string, unknown>>;
  /** In its code. */
  readonly grant?: MachineGrant;
}

export function scenarioSetting(context: string | undefined): ScenarioSetting {
  const fields = JSON.parse(context ?? '{}') as ContextFields;
  const { name, client_id: clientId, client_secret: clientSecret } = fields;
  switch (name) {
    case undefined:
      return { oauth21: {} };
    case 'auth/pre-registration':
      return { oauth21: { clientId, clientSecret, issuer: fields.issuer } };
    case 'auth/client-credentials-basic':
      return { oauth21: { clientId, clientSecret, grantType: 'client_credentials' } };
    case 'auth/client-credentials-jwt': {
      const { private_key_pem: privateKey, signing_algorithm: privateKeyAlgorithm } = fields;
      return { oauth21: { clientId, privateKey, privateKeyAlgorithm, grantType: 'client_credentials' } };
    }
    case 'auth/wif-jwt-bearer': {
      const assertion = required(fields, 'valid_jwt');
      return { oauth21: { clientId }, grant: { type: 'jwt_bearer', assertion: () => assertion } };
    }
    case 'auth/enterprise-managed-authorization': {
      const idToken = required(fields, 'idp_id_token');
      const identityProvider = {
        issuer: required(fields, 'idp_issuer'),
        tokenEndpoint: fields.idp_token_endpoint,
        clientId: required(fields, 'idp_client_id'),
      };
      return {
        oauth21: { clientId, clientSecret },
        grant: { type: 'enterprise_managed', identityProvider, idToken: () => idToken },
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
