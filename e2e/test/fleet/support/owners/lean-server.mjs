// Authorization servers and the MCP servers that they guard, as small as they can be, so that a million requests measure
// the client. A login needs no page: whoever opens the authorization URL says who they are. Refresh tokens rotate, and a
// spent one ends its family.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { runWorker } from '@mcp-oauth/e2e/worker';

const json = { 'content-type': 'application/json' };

/** How often the same identity has to be seen at two replicas, in milliseconds, to count as at once. */
const AT_ONCE_MS = 20;

class LeanServer {
  counts = {
    ...{ requests: 0, refused: 0, stepUps: 0, atOnce: 0 },
    ...{ registrations: 0, logins: 0, refreshes: 0, reused: 0, revocations: 0, badRequests: 0 },
  };
  #families = [];
  #codes = new Map();
  #lastSeen = new Map();
  #lifetime;
  #clients = new Map();

  constructor(lifetime) {
    this.#lifetime = lifetime;
  }

  /** An MCP server at `origin`: says whom the token was issued to, and for which server. */
  resource(origin, issuer) {
    const resource = `${origin}/mcp`;
    const metadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`;
    const challenge = `Bearer resource_metadata="${metadataUrl}", scope="read"`;
    const metadata = JSON.stringify({ resource, authorization_servers: [issuer] });
    return (request, response) => {
      request.resume();
      if (request.url.startsWith('/.well-known/')) return response.writeHead(200, json).end(metadata);
      const family = this.#familyOf(request.headers.authorization);
      if (!family) {
        this.counts.refused++;
        return response.writeHead(401, { 'www-authenticate': challenge }).end();
      }
      const needed = request.headers['x-needs'];
      if (needed && !family.scope.includes(needed)) {
        this.counts.stepUps++;
        const insufficient = `${challenge.replace('"read"', `"${needed}"`)}, error="insufficient_scope"`;
        return response.writeHead(403, { 'www-authenticate': insufficient }).end();
      }
      this.counts.requests++;
      this.#see(family.identity, request.headers['x-replica']);
      const { identity } = family;
      return response.writeHead(200, json).end(JSON.stringify({ identity, resource: family.resource }));
    };
  }

  /** An authorization server at `issuer`. */
  authorizationServer(issuer) {
    const metadata = JSON.stringify({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/register`,
      revocation_endpoint: `${issuer}/revoke`,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
      authorization_response_iss_parameter_supported: true,
    });
    return async (request, response) => {
      const url = new URL(request.url, issuer);
      if (url.pathname.startsWith('/.well-known/')) return response.writeHead(200, json).end(metadata);
      if (url.pathname === '/authorize') return this.#authorize(issuer, url, request, response);
      const body = await text(request);
      if (url.pathname === '/register') return this.#register(JSON.parse(body), response);
      const form = new URLSearchParams(body);
      const client = this.#clients.get(form.get('client_id'));
      if (!client) return this.#refuse(response, 'invalid_client', 401);
      if (url.pathname === '/revoke') return this.#revoke(form, response);
      if (form.get('grant_type') === 'refresh_token') return this.#refresh(form, response);
      return this.#exchange(issuer, form, response);
    };
  }

  #register(metadata, response) {
    const clientId = `client-${++this.counts.registrations}`;
    this.#clients.set(clientId, metadata.redirect_uris);
    const body = { client_id: clientId, redirect_uris: metadata.redirect_uris };
    response.writeHead(201, json).end(JSON.stringify({ ...body, token_endpoint_auth_method: 'none' }));
  }

  #authorize(issuer, url, request, response) {
    const asked = Object.fromEntries(url.searchParams);
    const identity = Buffer.from(request.headers['x-person'], 'base64url').toString('utf8');
    const code = `code-${Math.random().toString(36).slice(2)}${this.#codes.size}`;
    this.#codes.set(code, { ...asked, issuer, identity });
    const back = new URL(asked.redirect_uri);
    for (const [name, value] of Object.entries({ code, state: asked.state, iss: issuer }))
      back.searchParams.set(name, value);
    response.writeHead(302, { location: back.href }).end();
  }

  #exchange(issuer, form, response) {
    const asked = this.#codes.get(form.get('code'));
    this.#codes.delete(form.get('code'));
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const matches =
      asked?.issuer === issuer &&
      asked.code_challenge === challenge &&
      asked.client_id === form.get('client_id') &&
      asked.redirect_uri === form.get('redirect_uri') &&
      asked.resource === form.get('resource');
    if (!matches) return this.#refuse(response, 'invalid_grant', 400);
    this.counts.logins++;
    const { identity, resource, client_id: client, scope = '' } = asked;
    const id = this.#families.push({ identity, resource, client, scope, generation: 0, ended: false }) - 1;
    return this.#issue(id, response);
  }

  #refresh(form, response) {
    const [, id, generation] = (form.get('refresh_token') ?? '').split('.');
    const family = this.#families[id];
    if (!family || family.ended || family.client !== form.get('client_id'))
      return this.#refuse(response, 'invalid_grant', 400);
    if (family.generation !== Number(generation)) {
      family.ended = true;
      this.counts.reused++;
      return this.#refuse(response, 'invalid_grant', 400);
    }
    this.counts.refreshes++;
    return this.#issue(id, response);
  }

  #issue(id, response) {
    const family = this.#families[id];
    const expires_in = this.#lifetime();
    const until = Date.now() + expires_in * 1_000;
    const refresh_token = `r.${id}.${++family.generation}`;
    const body = { access_token: `a.${id}.${until}`, refresh_token, token_type: 'Bearer', expires_in };
    response.writeHead(200, json).end(JSON.stringify({ ...body, scope: family.scope }));
  }

  #revoke(form, response) {
    const family = this.#families[(form.get('token') ?? '').split('.')[1]];
    if (family && !family.ended) {
      family.ended = true;
      this.counts.revocations++;
    }
    response.writeHead(200).end();
  }

  #familyOf(authorization) {
    const [kind, id, until] = (authorization ?? '').slice('Bearer '.length).split('.');
    const family = this.#families[id];
    return kind === 'a' && family && !family.ended && Number(until) > Date.now() ? family : undefined;
  }

  #refuse(response, error, status) {
    this.counts.badRequests++;
    response.writeHead(status, json).end(JSON.stringify({ error }));
  }

  #see(identity, replica) {
    const now = Date.now();
    const last = this.#lastSeen.get(identity);
    if (!last) this.#lastSeen.set(identity, { replica, now });
    else {
      if (last.replica !== replica && now - last.now <= AT_ONCE_MS) this.counts.atOnce++;
      last.replica = replica;
      last.now = now;
    }
  }
}

async function text(request) {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}

function listen() {
  const server = createServer({ keepAliveTimeout: 60_000 });
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
      resolve({ server, origin: `http://127.0.0.1:${server.address().port}` });
    });
  });
}

runWorker(async ({ shortLived, shortSeconds }, channel) => {
  const lean = new LeanServer(() => (Math.random() < shortLived ? shortSeconds : 3_600));
  const issuers = [await listen(), await listen()];
  const resources = [await listen(), await listen(), await listen()];
  for (const { server, origin } of issuers) server.on('request', lean.authorizationServer(origin));
  for (const [index, { server, origin }] of resources.entries())
    server.on('request', lean.resource(origin, issuers[index % issuers.length].origin));
  channel.send(resources.map(({ origin }) => `${origin}/mcp`));
  await channel.receive();
  for (const { server } of [...issuers, ...resources]) {
    server.close();
    server.closeAllConnections();
  }
  return lean.counts;
});
