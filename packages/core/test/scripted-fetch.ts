import { OAuthHttp } from '../src/http/oauth-http.js';

export type Answer = Response | (() => Response | Promise<Response>);

export interface SentRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A `fetch` that knows some addresses, and answers 404 to all others. */
export class ScriptedFetch {
  readonly sent: SentRequest[] = [];
  readonly http: OAuthHttp;
  readonly #answers: ReadonlyMap<string, Answer>;

  constructor(answers: Readonly<Record<string, Answer>>, now: () => number = Date.now) {
    this.#answers = new Map(Object.entries(answers));
    this.http = new OAuthHttp(this.fetch, { now, monotonic: () => performance.now() });
  }

  readonly fetch = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const { href } = new URL(url);
    const { body } = init;
    this.sent.push({
      url: href,
      method: init.method ?? 'GET',
      headers: new Headers(init.headers),
      body: typeof body === 'string' ? body : body instanceof URLSearchParams ? body.toString() : '',
    });
    const answer = this.#answers.get(href) ?? new Response('', { status: 404 });
    return answer instanceof Response ? answer.clone() : await answer();
  };

  get urls(): readonly string[] {
    return this.sent.map(({ url }) => url);
  }
}
