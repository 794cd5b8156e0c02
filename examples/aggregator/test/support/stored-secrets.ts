import { Redis } from 'ioredis';

const secretMembers = /"(?:access_token|refresh_token|client_secret|codeVerifier)":"([^"]+)"/g;

/** Every token, client secret and verifier that the store holds now, read past the library. */
export async function storedSecrets(url: string): Promise<ReadonlySet<string>> {
  const texts = await storedTexts(url);
  return new Set(texts.flatMap((text) => [...text.matchAll(secretMembers)].map(([, secret = '']) => secret)));
}

export interface StoredGrant {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly client_id: string;
}

/** The tokens of all users. */
export async function storedGrants(url: string): Promise<readonly StoredGrant[]> {
  return (await storedTexts(url)).flatMap((text) => {
    const member = (name: string): string => new RegExp(`"${name}":"([^"]+)"`).exec(text)?.[1] ?? '';
    const access_token = member('access_token');
    return access_token === ''
      ? []
      : [{ access_token, refresh_token: member('refresh_token'), client_id: member('client_id') }];
  });
}

async function storedTexts(url: string): Promise<readonly string[]> {
  const redis = new Redis(url);
  try {
    const keys = await redis.keys('*:r:*');
    return await Promise.all(keys.map(async (key) => (await redis.getBuffer(key))?.toString('latin1') ?? ''));
  } finally {
    redis.disconnect();
  }
}
