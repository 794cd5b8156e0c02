import { ClientSecretPost, modifyAssertion, None, PrivateKeyJwt } from 'oauth4webapi';
import type { ClientAuth } from 'oauth4webapi';
import type { ClientInformation, PinnedServer } from '../credentials/credentials.js';
import { InvalidConfigError } from '../errors.js';
import type { ClientKeys } from '../registration/client-keys.js';
import { utf8 } from '../session-key/digest.js';
import type { SigningKey } from './signing-key.js';

const SECRET_METHODS = ['client_secret_basic', 'client_secret_post'];

/** Whom a request to an authorization server is made for. */
export interface AuthenticatedRequest {
  readonly server: PinnedServer;
  readonly client: ClientInformation;
  /** The private keys that may sign for it. */
  readonly keys: ClientKeys;
}

/**
 * How a client proves itself at an authorization server (RFC 6749 section 2.3, RFC 7523 section 2.2): as it was registered
 * or configured, else as the server supports it. Nothing is sent where it can't be done.
 *
 * @param methods What this endpoint takes, where the server says so of it alone (RFC 8414 section 2).
 * @throws {InvalidConfigError} its key is missing here, or of a kind that the server doesn't take.
 */
export async function clientAuthentication(
  { client, server, keys }: AuthenticatedRequest,
  methods?: readonly string[],
): Promise<ClientAuth> {
  const { client_id, client_secret } = client;
  const method = atEndpoint(client.token_endpoint_auth_method ?? defaultMethod(client, server), methods);
  switch (method) {
    case 'private_key_jwt': {
      const key = keys.find(client_id, server.issuer);
      if (!key) throw unable(client, server, 'proves itself by a private key, which is not configured here');
      return await privateKeyJwt(key, client, server);
    }
    case 'client_secret_basic':
      // Registered without a secret it is a public client, whatever the answer called it.
      return client_secret === undefined ? None() : clientSecretBasic(client_secret);
    case 'client_secret_post':
      return client_secret === undefined ? None() : ClientSecretPost(client_secret);
    case 'none':
      return None();
    default:
      throw unable(
        client,
        server,
        `is registered for the authentication method ${JSON.stringify(method)}, which is not supported`,
      );
  }
}

/** Never by a key: one that is found by a client's name may be of another session, for another resource. */
function defaultMethod(client: ClientInformation, server: PinnedServer): string {
  if (client.client_secret === undefined) return 'none';
  const supported = server.token_endpoint_auth_methods_supported;
  return (supported && SECRET_METHODS.find((method) => supported.includes(method))) ?? 'client_secret_basic';
}

/** A secret may be shown in either way, as this endpoint takes it. */
function atEndpoint(method: string, methods: readonly string[] | undefined): string {
  if (!methods || methods.includes(method) || !SECRET_METHODS.includes(method)) return method;
  return SECRET_METHODS.find((other) => methods.includes(other)) ?? method;
}

/** With the issuer as its audience: an assertion for one server is of no use at another. */
async function privateKeyJwt(
  signingKey: SigningKey,
  client: ClientInformation,
  server: PinnedServer,
): Promise<ClientAuth> {
  const { key, kid, alg } = await signingKey.imported();
  const name = signedAs(alg, server.token_endpoint_auth_signing_alg_values_supported);
  if (name === undefined) {
    throw unable(client, server, `has a key for ${alg}, and the server takes no signature of that kind`);
  }
  return PrivateKeyJwt(kid === undefined ? { key } : { key, kid }, {
    [modifyAssertion]: (header) => {
      header.alg = name;
    },
  });
}

/** `undefined` where the server doesn't take it. An Ed25519 signature has two names (RFC 8037, RFC 9864). */
function signedAs(alg: string, supported: readonly string[] | undefined): string | undefined {
  const names = alg === 'EdDSA' || alg === 'Ed25519' ? [alg, 'EdDSA', 'Ed25519'] : [alg];
  return supported ? names.find((name) => supported.includes(name)) : alg;
}

function unable(client: ClientInformation, server: PinnedServer, problem: string): InvalidConfigError {
  return new InvalidConfigError(
    `The client ${JSON.stringify(client.client_id)} of ${server.issuer} ${problem}.`,
  );
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
