export interface PasteExpectation {
  readonly redirectUri: string;
  readonly state: string;
  readonly bareCodeAllowed: boolean;
}

/** Reads what a person pasted as the address they ended on, or says what is wrong with it. Nothing of it is repeated. */
export function pastedCallback(text: string, expected: PasteExpectation): URL | { readonly problem: string } {
  const pasted = text.trim();
  const redirect = new URL(expected.redirectUri);
  const url = URL.parse(pasted);
  if (url && /^https?:$/.test(url.protocol)) {
    if (url.origin === redirect.origin && url.pathname === redirect.pathname) return url;
    return { problem: `That is not the address after the login. It begins with ${expected.redirectUri}.` };
  }
  if (pasted === '') return { problem: 'Nothing was pasted.' };
  if (!expected.bareCodeAllowed || !/^[\x21-\x7e]{4,2048}$/.test(pasted)) {
    return { problem: `Paste the whole address after the login. It begins with ${expected.redirectUri}.` };
  }
  redirect.searchParams.set('code', pasted);
  redirect.searchParams.set('state', expected.state);
  return redirect;
}
