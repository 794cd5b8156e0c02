import { person } from '@mcp-oauth/e2e';
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

  /** Begins a login: the page that leads to the authorization server, and where it leads. */
  async begin(server: string): Promise<{ readonly page: Answer; readonly authorizationUrl: URL }> {
    const page = await this.submit(`/servers/${server}/connect`);
    const [, target = ''] = /http-equiv="refresh" content="0; url=([^"]+)"/.exec(page.body) ?? [];
    return { page, authorizationUrl: new URL(target.replaceAll('&amp;', '&')) };
  }

  async connect(server: string): Promise<void> {
    const { authorizationUrl } = await this.begin(server);
    const { pathname, search } = new URL(await person.consent(authorizationUrl));
    const { headers } = await this.send(pathname + search);
    if (headers.location !== `/servers/${server}`) throw new Error(`Led to ${String(headers.location)}.`);
  }

  async formToken(): Promise<string> {
    const { body } = await this.send('/data');
    return /name="form_token" value="([^"]+)"/.exec(body)?.[1] ?? '';
  }
}
