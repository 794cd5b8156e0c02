/** Frees the connection of an answer that nobody reads. One that broke off meanwhile has none, and that is no news. */
export async function discardBody({ body }: Response): Promise<void> {
  await body?.cancel().catch(() => undefined);
}
