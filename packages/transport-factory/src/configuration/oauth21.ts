import { z } from 'zod';
import { strict } from './strict-object.js';
import { urlProblem } from './url-problem.js';

interface Texts {
  /** A text with its variables filled in. */
  readonly required: z.ZodType<string>;
  /** The same, where an empty one counts as absent. */
  readonly optional: z.ZodOptional<z.ZodType<string | undefined>>;
}

/** What a configuration says of this host as a client of one server's authorization server. */
export function oauth21Schema({ required, optional }: Texts) {
  const scopes = z
    .array(required, 'expected a list of texts')
    .transform((list): readonly string[] | undefined => (list.length > 0 ? list : undefined));
  const port = z
    .int('expected a port number')
    .min(1, 'expected a port from 1 to 65535')
    .max(65_535, 'expected a port from 1 to 65535');
  // Compared letter by letter (RFC 8414 section 3.3): it stays as it was written.
  const issuer = optional.superRefine((value, context) => {
    if (value === undefined) return;
    const parsed = URL.parse(value);
    const problem = !parsed ? 'is no URL' : (urlProblem(parsed) ?? issuerProblem(parsed));
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });
  const method = z.enum(
    ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    `expected 'none', 'client_secret_basic', 'client_secret_post' or 'private_key_jwt'`,
  );
  const privateKey = optional.transform((value, context) => {
    if (value === undefined) return undefined;
    // What keeps the lines of a variable apart, where it can hold only one.
    const pem = value.replaceAll('\\n', '\n').trim();
    const problem = keyProblem(pem);
    if (problem === undefined) return pem;
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  });
  return strict({
    scopes: scopes.optional(),
    callbackPort: port.optional(),
    issuer: issuer.optional(),
    clientId: optional,
    clientSecret: optional,
    tokenEndpointAuthMethod: method.optional(),
    privateKey: privateKey.optional(),
    privateKeyId: optional,
    privateKeyAlgorithm: optional,
    grantType: z.literal('client_credentials', `expected 'client_credentials'`).optional(),
  }).superRefine((settings, context) => {
    const problem = combinationProblem(settings);
    if (problem) context.addIssue({ code: 'custom', path: [problem.key], message: problem.message });
  });
}

type Settings = Readonly<Record<string, unknown>>;

interface Problem {
  readonly key: string;
  readonly message: string;
}

const missing = (key: string, beside: string): Problem => ({ key, message: `is missing beside ${beside}` });

function combinationProblem(settings: Settings): Problem | undefined {
  const { clientId, clientSecret, privateKey, tokenEndpointAuthMethod: method } = settings;
  const aboutClient = ['clientSecret', 'privateKey', 'tokenEndpointAuthMethod'].find((key) => settings[key]);
  if (aboutClient !== undefined && !clientId) return missing('clientId', aboutClient);
  const aboutKey = ['privateKeyId', 'privateKeyAlgorithm'].find((key) => settings[key]);
  if (aboutKey !== undefined && !privateKey) return missing('privateKey', aboutKey);
  if (method === 'private_key_jwt' && !privateKey) return missing('privateKey', method);
  if ((method === 'client_secret_basic' || method === 'client_secret_post') && !clientSecret)
    return missing('clientSecret', method);
  if (settings['grantType'] && clientId && (method === 'none' || (!clientSecret && !privateKey))) {
    return {
      key: 'grantType',
      message: 'needs a client that can prove itself, by clientSecret or privateKey',
    };
  }
  return undefined;
}

/** RFC 8414 section 2. */
function issuerProblem({ search, hash }: URL): string | undefined {
  return search === '' && hash === '' ? undefined : 'must have no query and no fragment';
}

function keyProblem(pem: string): string | undefined {
  const [, kind] = /^-----BEGIN ([A-Z ]+)-----\s[\sA-Za-z0-9+/=]+-----END \1-----$/.exec(pem) ?? [];
  if (kind === 'PRIVATE KEY') return undefined;
  if (kind?.endsWith(' PRIVATE KEY') && kind !== 'ENCRYPTED PRIVATE KEY')
    return 'must be PKCS#8: convert it with `openssl pkcs8 -topk8 -nocrypt`';
  if (kind === 'ENCRYPTED PRIVATE KEY') return 'must not be encrypted';
  return 'is no PKCS#8 PEM text (BEGIN PRIVATE KEY)';
}
