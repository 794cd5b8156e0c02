import { jsonReply, type Reply } from '../http/message.js';
import type { Assertions } from './assertions.js';
import type { StrictBehaviour } from './behaviour.js';
import type { RegisteredClient } from './clients.js';
import type { Family } from './grants.js';
import { OAuthRefusal } from './refusal.js';

export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const idJag = 'urn:ietf:params:oauth:token-type:id-jag';
const idTokenType = 'urn:ietf:params:oauth:token-type:id_token';

const knownScopes = ['mcp:tools', 'mcp:admin'];

type About = Pick<Family, 'subject' | 'scope' | 'resource'>;

/** Grants that no person takes part in. Each says what its tokens are about. */
export class MachineGrants {
  readonly #assertions: Assertions;
  readonly #behaviour: StrictBehaviour;

  constructor(assertions: Assertions, behaviour: StrictBehaviour) {
    this.#assertions = assertions;
    this.#behaviour = behaviour;
  }

  /** RFC 6749 section 4.4: for confidential clients alone. */
  clientCredentials(form: URLSearchParams, client: RegisteredClient): About {
    if (client.authenticationMethod === 'none') throw new OAuthRefusal('unauthorized_client');
    return {
      subject: client.clientId,
      scope: this.#scope(form),
      resource: form.get('resource') ?? undefined,
    };
  }

  /** RFC 7523 section 2.1. An ID-JAG also says which client may use it, and where. */
  async jwtBearer(form: URLSearchParams, client: RegisteredClient): Promise<About> {
    const { trustedIssuers, singleUseAssertions } = this.#behaviour;
    const said = await this.#assertions.verify(
      form.get('assertion') ?? '',
      trustedIssuers,
      singleUseAssertions,
    );
    const resource = form.get('resource') ?? undefined;
    const fits =
      (said.clientId === undefined || said.clientId === client.clientId) &&
      (said.resource === undefined || resource === undefined || said.resource === resource);
    if (!fits) throw new OAuthRefusal('invalid_grant');
    return { subject: said.subject, scope: this.#scope(form), resource: said.resource ?? resource };
  }

  /** RFC 8693, for an ID-JAG alone: the answer is no access token. */
  async exchange(form: URLSearchParams, client: RegisteredClient): Promise<Reply> {
    const [audience, resource] = [form.get('audience'), form.get('resource')];
    const isAsked =
      form.get('requested_token_type') === idJag &&
      form.get('subject_token_type') === idTokenType &&
      audience !== null &&
      resource !== null;
    if (!isAsked) throw new OAuthRefusal('invalid_request');
    const subject = await this.#assertions.subjectOf(form.get('subject_token') ?? '', client.clientId);
    const { identityAssertionTtl, clientsElsewhere } = this.#behaviour;
    const claims = { sub: subject, aud: audience, resource, client_id: clientsElsewhere[audience] };
    return jsonReply(200, {
      access_token: await this.#assertions.idJag(claims, identityAssertionTtl),
      issued_token_type: idJag,
      token_type: 'N_A',
      expires_in: identityAssertionTtl,
    });
  }

  #scope(form: URLSearchParams): string {
    const scope = form.get('scope') ?? this.#behaviour.defaultScope;
    if (!scope.split(' ').every((name) => knownScopes.includes(name)))
      throw new OAuthRefusal('invalid_scope');
    return scope;
  }
}
