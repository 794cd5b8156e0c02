import { BlockedAddressError } from '@mcp-oauth/core';
import { at, cut, html, resource, testRows } from './rows.js';
import type { Row } from './rows.js';
import {
  AS,
  MCP,
  RESOURCE_METADATA,
  resourceMetadata,
  unauthorized,
  SERVER_METADATA,
  serverMetadata,
} from './scene.js';

const atTheResource: readonly Row[] = [
  ['a server that asks for a token', {}, 'resource', 'ok', /answers, and asks for a token/],
  ['an open server', at(MCP, Response.json({})), 'resource', 'ok', /answers without a token/],
  [
    'a server that wants a session first',
    at(MCP, new Response('', { status: 400 })),
    'resource',
    'ok',
    /status 400, and asks for none/,
  ],
  ['a server that is away', at(MCP, cut), 'resource', 'problem', /could not be reached/],
  [
    'a server that the host does not let it go to',
    at(MCP, () => Promise.reject(new BlockedAddressError('url', 'mcp.example', 'private'))),
    'resource',
    'problem',
    /The address in the MCP server URL leads to "mcp.example" \(private\)/,
  ],
  ['a server in trouble', at(MCP, new Response('', { status: 503 })), 'resource', 'problem', /status 503/],
  [
    'a wrong address',
    at(MCP, new Response('', { status: 404 })),
    'resource',
    'problem',
    /there is no MCP server/,
  ],
  [
    'a server that has moved',
    at(MCP, new Response('', { status: 307 })),
    'resource',
    'problem',
    /which is not followed/,
  ],
  [
    'a 403 instead of a 401',
    at(MCP, new Response('', { status: 403 })),
    'resource',
    'warning',
    /where 401 would ask/,
  ],
  ['a challenge with an address', {}, 'challenge', 'ok', /names its metadata, "https:\/\/mcp.example/],
  ['a challenge without an address', at(MCP, unauthorized('Bearer')), 'challenge', 'ok', /names no metadata/],
  [
    'a challenge with scopes and an error',
    at(MCP, unauthorized('Bearer scope="a b", error="invalid_token"')),
    'challenge',
    'ok',
    /asks for the scopes "a b", gives the error "invalid_token"/,
  ],
  ['no challenge', at(MCP, unauthorized(null)), 'challenge', 'warning', /has no WWW-Authenticate header/],
  [
    'a malformed challenge',
    at(MCP, unauthorized('Bearer resource_metadata="')),
    'challenge',
    'warning',
    /is malformed/,
  ],
  [
    'a challenge for a password',
    at(MCP, unauthorized('Basic realm="x"')),
    'challenge',
    'warning',
    /asks for "basic"/,
  ],
  ['an open server', at(MCP, Response.json({})), 'challenge', 'unknown', /did not answer 401/],
];

const inItsMetadata: readonly Row[] = [
  ['metadata', {}, 'resource_metadata', 'ok', /Found at .*It speaks for "https:\/\/mcp.example\/mcp"/],
  [
    'metadata of another server',
    resource({ resource: 'https://other.example' }),
    'resource_metadata',
    'problem',
    /speaks for "https:\/\/other.example" instead/,
  ],
  [
    'metadata that names no resource',
    resource({ resource: undefined }),
    'resource_metadata',
    'problem',
    /speaks for "" instead/,
  ],
  ['a web page', at(RESOURCE_METADATA, html), 'resource_metadata', 'problem', /no JSON object/],
  [
    'metadata out of reach',
    at(RESOURCE_METADATA, cut),
    'resource_metadata',
    'problem',
    /could not be reached/,
  ],
  [
    'an unsafe address of it',
    at(MCP, unauthorized('Bearer resource_metadata="file:///etc/passwd"')),
    'resource_metadata',
    'problem',
    /its scheme is file/,
  ],
  [
    'no metadata at all',
    { answers: { [MCP]: unauthorized('Bearer'), [RESOURCE_METADATA]: new Response('', { status: 404 }) } },
    'resource_metadata',
    'warning',
    /publishes no protected resource metadata/,
  ],
  [
    'no metadata of an open server',
    { answers: { [MCP]: Response.json({}), [RESOURCE_METADATA]: new Response('', { status: 404 }) } },
    'resource_metadata',
    'unknown',
    /asks for no login/,
  ],
  [
    'an open server that publishes nothing',
    { answers: { [MCP]: Response.json({}), [RESOURCE_METADATA]: new Response('', { status: 404 }) } },
    'authorization_server',
    'unknown',
    /asks for no login and names no authorization server/,
  ],
  ['one authorization server', {}, 'authorization_server', 'ok', /A login goes to https:\/\/as.example/],
  [
    'no authorization server',
    resource({ authorization_servers: [] }),
    'authorization_server',
    'problem',
    /names no authorization server/,
  ],
  [
    'a useless first one',
    resource({ authorization_servers: ['https://gone.example', AS] }),
    'authorization_server',
    'warning',
    /after others that can't be used: "https:\/\/gone.example"/,
  ],
  [
    'a first one that can not bind tokens, where they have to be bound',
    {
      answers: {
        [RESOURCE_METADATA]: resourceMetadata({
          authorization_servers: ['https://bearer.example', AS],
          dpop_bound_access_tokens_required: true,
        }),
        'https://bearer.example/.well-known/oauth-authorization-server': serverMetadata(
          {},
          'https://bearer.example',
        ),
        [SERVER_METADATA]: serverMetadata({ dpop_signing_alg_values_supported: ['ES256'] }),
      },
    },
    'authorization_server',
    'warning',
    /A login goes to https:\/\/as.example, after others that can't be used: "https:\/\/bearer.example"/,
  ],
  [
    'only useless ones',
    resource({ authorization_servers: ['https://gone.example', 'https://also.example'] }),
    'authorization_server',
    'problem',
    /None of the authorization servers/,
  ],
  [
    'a client of another issuer',
    { settings: { clientId: 'id', issuer: 'https://mine.example' } },
    'authorization_server',
    'problem',
    /"https:\/\/mine.example" is configured as the issuer/,
  ],
  [
    'a configured issuer where none is named',
    { ...resource({ authorization_servers: undefined }), settings: { issuer: AS } },
    'authorization_server',
    'ok',
    /A login goes to https:\/\/as.example/,
  ],
];

testRows([...atTheResource, ...inItsMetadata]);
