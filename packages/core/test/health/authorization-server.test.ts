import { at, cut, html, resource, server, testRows } from './rows.js';
import type { Row } from './rows.js';
import { AS, RESOURCE_METADATA, resourceMetadata, SERVER_METADATA, serverMetadata } from './scene.js';

const atTheAuthorizationServer: readonly Row[] = [
  [
    'metadata',
    {},
    'server_metadata',
    'ok',
    /Found at https:\/\/as.example\/.well-known\/oauth-authorization-server/,
  ],
  [
    'no metadata',
    at(SERVER_METADATA, new Response('', { status: 404 })),
    'server_metadata',
    'problem',
    /publishes no metadata/,
  ],
  ['a web page', at(SERVER_METADATA, html), 'server_metadata', 'problem', /is of no use/],
  ['metadata out of reach', at(SERVER_METADATA, cut), 'server_metadata', 'problem', /could not be reached/],
  [
    'an endless document',
    at(SERVER_METADATA, () => new Response('x'.repeat(300_000))),
    'server_metadata',
    'problem',
    /beyond the limit/,
  ],
  ['its own name', {}, 'issuer', 'ok', /speaks for https:\/\/as.example/],
  [
    'another name',
    server({ issuer: 'https://evil.example' }),
    'issuer',
    'problem',
    /names the issuer "https:\/\/evil.example"/,
  ],
  ['all endpoints', {}, 'endpoints', 'ok', /authorization, token, registration\./],
  [
    'every other endpoint',
    server({
      revocation_endpoint: `${AS}/revoke`,
      device_authorization_endpoint: `${AS}/device`,
      pushed_authorization_request_endpoint: `${AS}/par`,
      require_pushed_authorization_requests: true,
      introspection_endpoint: `${AS}/introspect`,
    }),
    'endpoints',
    'ok',
    /revocation, device authorization, pushed authorization requests, introspection\. It takes pushed/,
  ],
  [
    'plain http',
    server({ token_endpoint: 'http://as.example/token' }),
    'endpoints',
    'problem',
    /token_endpoint must not be used: it is plain http/,
  ],
  [
    'no token endpoint',
    server({ token_endpoint: undefined }),
    'endpoints',
    'problem',
    /token_endpoint must not be used: it is missing/,
  ],
  [
    'no code flow',
    server({ response_types_supported: ['token'] }),
    'endpoints',
    'problem',
    /no authorization code flow/,
  ],
  [
    'pushed requests that are required and have no endpoint',
    server({ require_pushed_authorization_requests: true }),
    'endpoints',
    'problem',
    /wants pushed authorization requests and names no endpoint/,
  ],
  [
    'nothing that a code flow needs, for a machine',
    {
      ...server({
        authorization_endpoint: undefined,
        response_types_supported: [],
        require_pushed_authorization_requests: true,
      }),
      settings: { clientId: 'id', clientSecret: 'secret', grant: { type: 'client_credentials' } },
    },
    'endpoints',
    'ok',
    /has endpoints for token/,
  ],
  ['S256', {}, 'pkce', 'ok', /announces PKCE with S256/],
  [
    'no word of PKCE',
    server({ code_challenge_methods_supported: undefined }),
    'pkce',
    'problem',
    /does not announce PKCE with S256/,
  ],
  [
    'plain PKCE',
    server({ code_challenge_methods_supported: ['plain'] }),
    'pkce',
    'problem',
    /It announces "plain"/,
  ],
  [
    'no PKCE for a machine',
    {
      ...server({ code_challenge_methods_supported: undefined }),
      settings: { clientId: 'id', clientSecret: 'secret', grant: { type: 'client_credentials' } },
    },
    'pkce',
    'ok',
    /client_credentials doesn't need/,
  ],
  [
    'the iss parameter',
    server({ authorization_response_iss_parameter_supported: true }),
    'iss_parameter',
    'ok',
    /names itself in its answers, and it is checked/,
  ],
  ['no iss parameter', {}, 'iss_parameter', 'ok', /doesn't announce/],
];

const aboutTheClient: readonly Row[] = [
  ['dynamic registration', {}, 'client', 'ok', /dynamic registration\. A client is registered dynamically/],
  [
    'a pre-registered client',
    { settings: { clientId: 'id' } },
    'client',
    'ok',
    /The configured clientId is used/,
  ],
  [
    'a metadata document',
    {
      ...server({ client_id_metadata_document_supported: true }),
      client: { clientMetadataUrl: 'https://host.example/client.json' },
    },
    'client',
    'ok',
    /client metadata documents, dynamic registration\. This host's client metadata document is used/,
  ],
  ['no way', server({ registration_endpoint: undefined }), 'client', 'problem', /no dynamic registration/],
  ['methods that it can do', {}, 'client_authentication', 'ok', /takes "none", "client_secret_basic"/],
  [
    'no word of methods',
    server({ token_endpoint_auth_methods_supported: undefined }),
    'client_authentication',
    'ok',
    /doesn't say/,
  ],
  [
    'only certificates',
    server({ token_endpoint_auth_methods_supported: ['tls_client_auth'] }),
    'client_authentication',
    'problem',
    /none of which this client can do/,
  ],
  [
    'the method of the configured secret',
    { settings: { clientId: 'id', clientSecret: 'secret' } },
    'client_authentication',
    'ok',
    /This client uses "client_secret_basic"\./,
  ],
  [
    'a secret that is missing',
    {
      ...server({ token_endpoint_auth_methods_supported: ['client_secret_basic'] }),
      settings: { clientId: 'id' },
    },
    'client_authentication',
    'warning',
    /uses "none", which it doesn't announce/,
  ],
  [
    'a method that it does not take',
    { settings: { clientId: 'id', clientSecret: 's', tokenEndpointAuthMethod: 'client_secret_post' } },
    'client_authentication',
    'warning',
    /uses "client_secret_post", which/,
  ],
];

const aboutTokens: readonly Row[] = [
  ['no DPoP', {}, 'dpop', 'ok', /No server offers DPoP: tokens are bearer/],
  [
    'DPoP at the MCP server alone',
    resource({ dpop_signing_alg_values_supported: ['ES256'] }),
    'dpop',
    'ok',
    /mcp.example\/mcp offers DPoP, which is not used: tokens are bearer/,
  ],
  [
    'DPoP that is required and not to be had',
    resource({ dpop_bound_access_tokens_required: true }),
    'dpop',
    'problem',
    /DPoP/,
  ],
  [
    'DPoP at both',
    {
      answers: {
        [RESOURCE_METADATA]: resourceMetadata({ dpop_signing_alg_values_supported: ['ES256'] }),
        [SERVER_METADATA]: serverMetadata({ dpop_signing_alg_values_supported: ['ES256'] }),
      },
    },
    'dpop',
    'ok',
    /takes tokens that are bound to a key \(DPoP\), which a login uses with ES256/,
  ],
  ['the scopes of the metadata', {}, 'scopes', 'ok', /asks for the scopes "read"/],
  ['no scopes', resource({ scopes_supported: undefined }), 'scopes', 'ok', /asks for no scope/],
  [
    'scopes that the server does not list',
    { ...server({ scopes_supported: ['read'] }), settings: { scopes: ['write'] } },
    'scopes',
    'warning',
    /doesn't list "write"/,
  ],
];

testRows([...atTheAuthorizationServer, ...aboutTheClient, ...aboutTokens]);
