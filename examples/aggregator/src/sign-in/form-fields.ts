import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';

/**
 * The texts of a form that was sent. Files are left out.
 *
 * @throws {HTTPException} 400: the body is not what its type says.
 */
export async function formFields(c: Context): Promise<Readonly<Record<string, string>>> {
  const body = await c.req.parseBody().catch((error: unknown) => {
    // What `formData` throws for a malformed body, by name: its class may be another realm's.
    if (typeof error === 'object' && error !== null && 'name' in error && error.name === 'TypeError')
      throw new HTTPException(400);
    throw error;
  });
  const texts = Object.entries(body).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}
