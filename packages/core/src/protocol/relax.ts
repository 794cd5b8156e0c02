import type { BoundedResponse } from '../http/bounded-request.js';
import { jsonObject } from '../http/json-object.js';
import { MAX_LIFETIME_S } from '../token/token-set.js';
import { ProtocolFailure } from './protocol-failure.js';

type Fields = Record<string, unknown>;

/** How long anybody waits for a person with a device code in any case. */
const DEVICE_CODE_LIFETIME_S = 15 * 60;

/**
 * Every tolerance towards authorization servers in the field, and nowhere else. Each turns one answer that people
 * meet into the answer that the specification asks for, before oauth4webapi judges it.
 */
const tolerances = {
  /** A grant type that nobody asked about carries an ID token; this client uses none and must not fail over one. */
  ignoreIdToken: (body: Fields): void => {
    delete body.id_token;
  },
  /** Serialisers write `null` for what is absent. */
  dropNulls: (body: Fields): void => {
    for (const [name, value] of Object.entries(body)) if (value === null) Reflect.deleteProperty(body, name);
  },
  /** An empty refresh token or secret is none. */
  dropEmptySecrets: (body: Fields): void => {
    for (const name of ['refresh_token', 'client_secret'])
      if (body[name] === '') Reflect.deleteProperty(body, name);
  },
  /** RFC 6749 requires `token_type`; older servers leave it out and mean Bearer. One that binds tokens says so. */
  assumeBearer: (body: Fields): void => {
    body.token_type ??= 'Bearer';
  },
  /** A lifetime that is no number of seconds, or of centuries, tells nothing; the token then lasts until it is refused. */
  dropUnusableLifetime: (body: Fields): void => {
    const seconds =
      typeof body.expires_in === 'string' ? Number.parseFloat(body.expires_in) : body.expires_in;
    if (typeof seconds === 'number' && seconds >= 0 && seconds <= MAX_LIFETIME_S) body.expires_in = seconds;
    else delete body.expires_in;
  },
  /** RFC 7591 requires it beside a secret; several servers leave it out, or write it as text, and mean "never". */
  assumeLastingSecret: (body: Fields): void => {
    const seconds = Number(body.client_secret_expires_at ?? 0);
    body.client_secret_expires_at = Number.isInteger(seconds) && seconds >= 0 ? seconds : 0;
  },
  /** Drafts of RFC 8628 had other names, and one large provider has kept them. */
  readDraftNames: (body: Fields): void => {
    body.verification_uri ??= body.verification_url;
    body.verification_uri_complete ??= body.verification_url_complete;
  },
  /** RFC 8628 requires it; a code without one, or with a senseless one, ends when the server says so. */
  assumeCodeLifetime: (body: Fields): void => {
    body.expires_in = positive(body.expires_in) ?? DEVICE_CODE_LIFETIME_S;
  },
  /** Polling without a pause, or never, is not what anybody means: the default of RFC 8628 then holds. */
  dropUnusableInterval: (body: Fields): void => {
    const seconds = positive(body.interval);
    if (seconds === undefined) delete body.interval;
    else body.interval = seconds;
  },
} as const satisfies Record<string, (body: Fields) => void>;

const byEndpoint = {
  token: [
    tolerances.ignoreIdToken,
    tolerances.dropNulls,
    tolerances.dropEmptySecrets,
    tolerances.assumeBearer,
    tolerances.dropUnusableLifetime,
  ],
  registration: [tolerances.dropNulls, tolerances.dropEmptySecrets, tolerances.assumeLastingSecret],
  pushed_authorization: [],
  device_authorization: [
    tolerances.dropNulls,
    tolerances.readDraftNames,
    tolerances.assumeCodeLifetime,
    tolerances.dropUnusableInterval,
  ],
};

const SUCCESS_STATUS = {
  token: 200,
  registration: 201,
  pushed_authorization: 201,
  device_authorization: 200,
};

/**
 * Rebuilds an answer so that it is judged by its content: any 2xx is success unless the body names an `error`
 * (which some servers send with 200), the content type is JSON if the body is, and a `WWW-Authenticate` beside
 * `invalid_client` (RFC 6749 section 5.2 prescribes it) doesn't hide the body.
 *
 * @throws {ProtocolFailure} for a body that is no JSON object.
 */
export function relaxed(endpoint: keyof typeof byEndpoint, response: BoundedResponse): Response {
  const fields = jsonObject(response.body);
  if (!fields) throw new ProtocolFailure('unreadable', { status: response.status });
  const body = { ...fields };
  const isError = typeof body.error === 'string' || response.status < 200 || response.status > 299;
  if (!isError) for (const tolerate of byEndpoint[endpoint]) tolerate(body);
  const status = isError ? Math.max(response.status, 400) : SUCCESS_STATUS[endpoint];
  return Response.json(body, { status });
}

function positive(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number.parseFloat(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined;
}
