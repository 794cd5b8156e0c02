import type { StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { redirectUri } from './authorization-url.js';

export async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

/** A public client's plain requests to one strict server. */
export function requestsTo(as: StrictAuthorizationServer) {
  function post(endpoint: string, form: Record<string, string>): Promise<Response> {
    return fetch(`${as.issuer}/${endpoint}`, { method: 'POST', body: new URLSearchParams(form) });
  }

  async function register(metadata: object = {}): Promise<Record<string, unknown>> {
    const response = await fetch(`${as.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        ...metadata,
      }),
    });
    return json(response);
  }

  function grantFor(clientId: string): { access: string; refresh: string } {
    const { tokenResponse } = as.issueGrant(clientId);
    return { access: String(tokenResponse['access_token']), refresh: String(tokenResponse['refresh_token']) };
  }

  const refreshWith = (clientId: string, refreshToken: string) =>
    post('token', { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken });

  return { post, register, grantFor, refreshWith };
}
