import { z } from 'zod';
import { expanded } from './environment.js';
import { oauth21Schema } from './oauth21.js';
import { strict } from './strict-object.js';
import { urlProblem } from './url-problem.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The `mcpServers` configuration that people already have. Every text may name environment variables.
 *
 * No message repeats a value: it may be a secret.
 */
export function serverSchema(env: Environment) {
  const text = z.string('expected a text').transform((value, context) => {
    const result = expanded(value, env);
    if (typeof result === 'string') return result;
    context.addIssue({ code: 'custom', message: `the environment variable ${result.unset} is not set` });
    return z.NEVER;
  });
  const required = text.refine((value) => value !== '', 'must not be empty');
  // People's files have keys that they mean to fill in later.
  const optional = text.transform((value) => (value === '' ? undefined : value)).optional();
  const headerValue = required.refine((value) => /^[\x20-\x7e]+$/.test(value), 'must be printable ASCII');
  const headerName = required.refine(
    (value) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value),
    'is no header name',
  );
  const url = required.transform((value, context) => {
    const parsed = URL.parse(value);
    const problem = !parsed ? 'is no URL' : urlProblem(parsed);
    if (parsed && problem === undefined) return parsed.href;
    context.addIssue({ code: 'custom', message: problem ?? 'is no URL' });
    return z.NEVER;
  });
  const oauth21 = oauth21Schema({ required, optional });
  const auth = z.discriminatedUnion(
    'type',
    [
      strict({ type: z.literal('oauth'), oauth21: oauth21.optional() }),
      strict({ type: z.literal('bearer'), token: headerValue }),
      strict({ type: z.literal('basic'), username: required, password: text }),
      strict({ type: z.literal('apiKey'), key: headerValue, header: headerName.optional() }),
    ],
    { error: `expected one of 'oauth', 'bearer', 'basic', 'apiKey'` },
  );
  const stdio = strict({
    type: z.literal('stdio', `expected 'stdio' beside command`).optional(),
    transport: z.literal('stdio', `expected 'stdio' beside command`).optional(),
    command: required,
    args: z.array(text, 'expected a list of texts').readonly().optional(),
    env: z.record(z.string(), text).optional(),
    cwd: optional,
  }).transform(({ transport: _, ...config }) => ({ ...config, type: 'stdio' as const }));
  const kind = z
    .enum(['http', 'streamable-http', 'sse'], `expected 'http', 'streamable-http' or 'sse'`)
    .transform((name) => (name === 'sse' ? ('sse' as const) : ('http' as const)))
    .optional();
  const http = strict({
    type: kind,
    transport: kind,
    url,
    headers: z.record(headerName, headerValue).optional(),
    auth: auth.optional(),
  })
    .refine(({ type, transport }) => !type || !transport || type === transport, {
      path: ['transport'],
      message: 'differs from type',
    })
    .transform(({ transport, ...config }) => ({ ...config, type: config.type ?? transport ?? 'http' }));
  return { stdio, http };
}

export type StdioServerConfig = z.output<ReturnType<typeof serverSchema>['stdio']>;
type ParsedHttpServerConfig = z.output<ReturnType<typeof serverSchema>['http']>;
export type HttpServerConfig = Omit<ParsedHttpServerConfig, 'type'> & {
  /** Default `http`: streamable HTTP. */
  readonly type?: ParsedHttpServerConfig['type'];
};
export type AuthConfig = NonNullable<HttpServerConfig['auth']>;
export type OAuth21Config = NonNullable<Extract<AuthConfig, { type: 'oauth' }>['oauth21']>;
/** One server of a configuration, checked and with its variables filled in. */
export type McpServerConfig = StdioServerConfig | HttpServerConfig;
