import { randomInt } from 'node:crypto';
import { canary } from '../canary.js';
import { nowMs } from '../http/clock.js';
import { jsonReply, textReply, type ReceivedRequest, type Reply } from '../http/message.js';
import type { StrictBehaviour } from './behaviour.js';
import type { ClientRegistry, RegisteredClient } from './clients.js';
import { decided } from './decision.js';
import type { Family } from './grants.js';
import { OAuthRefusal } from './refusal.js';
import type { RequestNote } from './request-log.js';

export const deviceCodeGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** Neither vowels, so that no words come of it, nor what looks like something else (RFC 8628 section 6.1). */
const userCodeLetters = 'BCDFGHJKLMNPQRSTVWXZ';
const slowDownMs = 5_000;
/** A timer of the client may fire a little early. */
const toleranceMs = 100;

interface DeviceCode {
  readonly id: string;
  readonly userCode: string;
  readonly clientId: string;
  readonly scope: string;
  readonly resource: string | undefined;
  readonly expiresAt: number;
  intervalMs: number;
  polledAt: number;
  decision: 'pending' | 'denied' | Pick<Family, 'subject' | 'scope' | 'resource'>;
  used: boolean;
}

/** Logins on another device (RFC 8628), by codes that are good once and for a while. */
export class DeviceCodes {
  readonly #codes = new Map<string, DeviceCode>();
  readonly #issuer: string;
  readonly #clients: ClientRegistry;
  readonly #behaviour: StrictBehaviour;

  constructor(issuer: string, clients: ClientRegistry, behaviour: StrictBehaviour) {
    this.#issuer = issuer;
    this.#clients = clients;
    this.#behaviour = behaviour;
  }

  secrets(): readonly string[] {
    return [...this.#codes.keys()];
  }

  /** The device authorization endpoint (section 3.1). */
  async authorize(request: ReceivedRequest, note: RequestNote): Promise<Reply> {
    const form = new URLSearchParams(request.body);
    if (new Set(form.keys()).size !== [...form.keys()].length) throw new OAuthRefusal('invalid_request');
    const client = await this.#clients.authenticate(request, form, note);
    if (!client.grantTypes.includes(deviceCodeGrant)) throw new OAuthRefusal('unauthorized_client');
    const { deviceInterval, deviceCodeTtl, defaultScope, deviceResponse } = this.#behaviour;
    const deviceCode = canary('device');
    const code: DeviceCode = {
      id: `device-${String(this.#codes.size + 1)}`,
      userCode: newUserCode(),
      clientId: client.clientId,
      scope: form.get('scope') ?? defaultScope,
      resource: form.get('resource') ?? undefined,
      expiresAt: nowMs() + deviceCodeTtl * 1000,
      intervalMs: deviceInterval * 1000,
      polledAt: nowMs(),
      decision: 'pending',
      used: false,
    };
    this.#codes.set(deviceCode, code);
    note.scope = code.scope;
    if (code.resource !== undefined) note.resource = code.resource;
    note.issued = [code.id];
    const page = `${this.#issuer}/device`;
    return jsonReply(
      200,
      deviceResponse({
        device_code: deviceCode,
        user_code: code.userCode,
        verification_uri: page,
        verification_uri_complete: `${page}?user_code=${code.userCode}`,
        expires_in: Math.ceil(deviceCodeTtl),
        interval: deviceInterval,
      }),
    );
  }

  /** The page that the person opens on their other device. Decides without showing anything. */
  async decide(request: ReceivedRequest, note: RequestNote): Promise<Reply> {
    const userCode = request.url.searchParams.get('user_code') ?? '';
    const code = [...this.#codes.values()].find((candidate) => candidate.userCode === userCode);
    if (code?.decision !== 'pending' || code.expiresAt <= nowMs()) {
      note.outcome = 'unknown_user_code';
      return textReply(400, 'This code is not known, or no longer good.');
    }
    const { clientId, scope, resource } = code;
    const parameters = request.url.searchParams;
    const decision = await decided(this.#behaviour, request, { clientId, scope, resource, parameters });
    if ('error' in decision) {
      code.decision = 'denied';
      return textReply(200, 'The device was not connected.');
    }
    code.decision = { subject: decision.user, scope: decision.scope ?? scope, resource };
    return textReply(200, 'The device is connected.');
  }

  /** What the person granted (section 3.5). Whoever polls too fast has to slow down for good. */
  redeem(
    form: URLSearchParams,
    client: RegisteredClient,
    note: RequestNote,
  ): Exclude<DeviceCode['decision'], string> {
    const code = this.#codes.get(form.get('device_code') ?? '');
    note.presented = code?.id ?? 'unknown';
    if (code?.clientId !== client.clientId || code.used) throw new OAuthRefusal('invalid_grant');
    const resource = form.get('resource');
    if (resource !== null && resource !== code.resource) throw new OAuthRefusal('invalid_target');
    const isEarly = nowMs() < code.polledAt + code.intervalMs - toleranceMs;
    code.polledAt = nowMs();
    if (code.expiresAt <= nowMs()) throw new OAuthRefusal('expired_token');
    if (isEarly) {
      code.intervalMs += slowDownMs;
      throw new OAuthRefusal('slow_down');
    }
    if (code.decision === 'denied') throw new OAuthRefusal('access_denied');
    if (code.decision === 'pending') throw new OAuthRefusal('authorization_pending');
    code.used = true;
    return code.decision;
  }
}

function newUserCode(): string {
  const letters = Array.from({ length: 8 }, () => userCodeLetters[randomInt(userCodeLetters.length)] ?? '');
  return `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}`;
}
