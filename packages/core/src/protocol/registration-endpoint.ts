import {
  allowInsecureRequests,
  customFetch,
  dynamicClientRegistrationRequest,
  processDynamicClientRegistrationResponse,
} from 'oauth4webapi';
import type { ClientInformation } from '../credentials/credentials.js';
import type { BoundedResponse } from '../http/bounded-request.js';
import { jsonObject } from '../http/json-object.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { quoted, RegistrationError } from '../errors.js';
import type { ClientMetadata } from '../registration/client-metadata.js';
import { judged, ProtocolFailure } from './protocol-failure.js';
import { relaxed } from './relax.js';

const TIMEOUT_MS = 30_000;
const MAX_CLIENT_ID_LENGTH = 4_096;

/**
 * Registers this client (RFC 7591 section 3).
 *
 * @throws {RegistrationError} with the server's own words, which no secret of ours can be in.
 * @throws {TransientError}
 */
export async function registerClient(
  http: OAuthHttp,
  server: { readonly issuer: string; readonly registration_endpoint: string },
  metadata: ClientMetadata & { readonly redirect_uris: readonly string[] },
): Promise<ClientInformation> {
  let answer: BoundedResponse | undefined;
  try {
    const registered = await judged(async () =>
      processDynamicClientRegistrationResponse(
        await dynamicClientRegistrationRequest(
          server,
          { ...metadata, redirect_uris: [...metadata.redirect_uris] },
          {
            [customFetch]: async (url, init) => {
              answer = await http.send(url, init, { field: 'registration_endpoint', timeoutMs: TIMEOUT_MS });
              return relaxed('registration', answer);
            },
            [allowInsecureRequests]: server.registration_endpoint.startsWith('http:'),
          },
        ),
      ),
    );
    return clientInformation(server.issuer, registered, metadata.redirect_uris);
  } catch (error) {
    if (!(error instanceof ProtocolFailure)) throw error;
    const words = answer && description(answer.body);
    const status = error.status === undefined ? '' : ` with status ${String(error.status)}`;
    const problem =
      error.kind === 'refused'
        ? `the server answered ${quoted(error.error ?? 'error')}${words ? `: ${quoted(words)}` : ''}`
        : `the server's answer${status} is no registration`;
    throw new RegistrationError(server.issuer, problem, error.error);
  }
}

function clientInformation(
  issuer: string,
  registered: Readonly<Record<string, unknown>>,
  redirectUris: readonly string[],
): ClientInformation {
  const { client_id, client_secret, client_secret_expires_at, token_endpoint_auth_method, redirect_uris } =
    registered;
  if (typeof client_id !== 'string' || client_id === '' || client_id.length > MAX_CLIENT_ID_LENGTH) {
    throw new RegistrationError(issuer, 'the server gave no usable client_id');
  }
  // A server may drop redirect URIs that it doesn't like, or answer with somebody else's.
  if (Array.isArray(redirect_uris) && !redirectUris.every((uri) => redirect_uris.includes(uri))) {
    throw new RegistrationError(issuer, 'the server did not take our redirect URIs');
  }
  return {
    client_id,
    client_secret: typeof client_secret === 'string' ? client_secret : undefined,
    client_secret_expires_at:
      typeof client_secret_expires_at === 'number' ? client_secret_expires_at : undefined,
    token_endpoint_auth_method:
      typeof token_endpoint_auth_method === 'string' ? token_endpoint_auth_method : undefined,
  };
}

/** `error_description` (RFC 7591 section 3.2.2): a person can't mend a refused registration without it. */
function description(body: string): string | undefined {
  const text = jsonObject(body)?.['error_description'];
  return typeof text === 'string' ? text : undefined;
}
