/** What the session cookie says, before it is signed. */
export interface SessionValue {
  readonly id: string;
  readonly userId: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export function writeSessionValue({ id, userId, expires }: SessionValue): string {
  return [id, String(expires), userId].join('.');
}

/** The user's id comes last, and is all of the rest: it may have dots in it. */
export function readSessionValue(text: string): SessionValue {
  const [id = '', expires = '', ...userId] = text.split('.');
  return { id, userId: userId.join('.'), expires: Number(expires) };
}
