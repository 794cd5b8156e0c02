import { ClientSecretPost, None } from 'oauth4webapi';
import type { ClientAuth } from 'oauth4webapi';
import type { ClientInformation, PinnedServer } from '../credentials/credentials.js';
import { InvalidConfigError } from '../errors.js';
import { utf8 } from '../session-key/digest.js';

/** How this client proves itself: as registered, else as the server supports it (RFC 6749 section 2.3). */
export function clientAuthentication(client: ClientInformation, server: PinnedServer): ClientAuth {
  if (client.client_secret === undefined) return None();
  const method = client.token_endpoint_auth_method ?? supportedMethod(server);
  switch (method) {
    case 'client_secret_basic':
      return clientSecretBasic(client.client_secret);
    case 'client_secret_post':
      return ClientSecretPost(client.client_secret);
    case 'none':
      return None();
    default:
      throw new InvalidConfigError(
        `The client ${JSON.stringify(client.client_id)} is registered at ${server.issuer} for the authentication ` +
          `method ${JSON.stringify(method)}, which is not supported.`,
      );
  }
}

function supportedMethod(server: PinnedServer): string {
  const supported = server.token_endpoint_auth_methods_supported;
  if (!supported || supported.includes('client_secret_basic')) return 'client_secret_basic';
  return supported.includes('client_secret_post') ? 'client_secret_post' : 'client_secret_basic';
}

/**
 * RFC 6749 section 2.3.1. The engine's own encodes unreserved characters too, which is correct, but servers that
 * don't decode then see another secret; left as they are, both kinds of server read the same.
 */
function clientSecretBasic(secret: string): ClientAuth {
  return (_server, client, _body, headers) => {
    const credentials = `${formEncoded(client.client_id)}:${formEncoded(secret)}`;
    headers.set('authorization', `Basic ${btoa(String.fromCharCode(...utf8(credentials)))}`);
  };
}

function formEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+');
}
