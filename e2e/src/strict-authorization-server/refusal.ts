import { jsonReply, type Reply } from '../http/message.js';

/** The server says no, in the words of RFC 6749 section 5.2 and RFC 7591 section 3.2.2. */
export class OAuthRefusal extends Error {
  readonly error: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(error: string, status = 400, headers: Record<string, string> = {}) {
    super(error);
    this.error = error;
    this.status = status;
    this.headers = headers;
  }

  reply(): Reply {
    return jsonReply(this.status, { error: this.error }, this.headers);
  }
}
