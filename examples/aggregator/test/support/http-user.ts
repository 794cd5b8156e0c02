import type { Answer, HttpReplica, Sent } from './http-replica.js';

const sameOrigin = { 'sec-fetch-site': 'same-origin' };

/** Somebody who keeps cookies and sends forms, and sees every header. */
export class HttpUser {
  readonly cookies = new Map<string, string>();
  readonly #replica: HttpReplica;

  constructor(replica: HttpReplica) {
    this.#replica = replica;
  }

  static async signedIn(replica: HttpReplica, id: string): Promise<HttpUser> {
    const user = new HttpUser(replica);
    await user.send('/sign-in', { form: { user: id }, headers: sameOrigin });
    return user;
  }

  /** Sends all cookies, whatever their path. */
  async send(path: string, sent: Sent = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookie === '' ? {} : { cookie }), ...sent.headers };
    const answer = await this.#replica.send(path, { ...sent, headers });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** As the form on a page does. */
  async submit(path: string, fields: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const form = { form_token: await this.formToken(), ...fields };
    return await this.send(path, { form, headers: sameOrigin });
  }

  async formToken(): Promise<string> {
    const { body } = await this.send('/data');
    return /name="form_token" value="([^"]+)"/.exec(body)?.[1] ?? '';
  }
}
