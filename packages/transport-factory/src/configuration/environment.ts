/** A variable that a configuration names and the environment doesn't have. */
export interface UnsetVariable {
  readonly unset: string;
}

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** Replaces `${NAME}` and `${NAME:-default}`. */
export function expanded(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): string | UnsetVariable {
  let unset: string | undefined;
  const result = text.replace(REFERENCE, (_match, name: string, fallback: string | undefined) => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined && fallback === undefined) unset ??= name;
    return value ?? fallback ?? '';
  });
  return unset === undefined ? result : { unset };
}
