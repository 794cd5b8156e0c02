interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** The cookies of one visit to one host: names, values and paths, which is all that one login needs. */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  take(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const [name, value] = splitOnce(pair);
      const attribute = new Map(attributes.map(splitOnce).map(([key, text]) => [key.toLowerCase(), text]));
      const path = attribute.get('path') ?? '/';
      this.#cookies.set(`${name}\n${path}`, { name, value, path });
    }
  }

  header(url: URL): Record<string, string> {
    const cookie = [...this.#cookies.values()]
      .filter(({ path }) => url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, '/')))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    return cookie === '' ? {} : { cookie };
  }
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
