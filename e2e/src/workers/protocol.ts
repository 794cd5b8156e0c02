/** What a parent tells its worker. */
export type ParentMessage =
  { readonly kind: 'start'; readonly input: unknown } | { readonly kind: 'message'; readonly value: unknown };

/** What a worker tells its parent. */
export type WorkerMessage =
  | { readonly kind: 'message'; readonly value: unknown }
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'failure'; readonly stack: string };
