export type JsonFields = Readonly<Record<string, unknown>>;

/** The object that a body is, or `undefined`. The parser's own error quotes the body, so it is not passed on. */
export function jsonObject(body: string): JsonFields | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonFields)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
