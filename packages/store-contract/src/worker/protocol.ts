/** What the kit tells a worker process. */
export type ToWorker =
  | { readonly kind: 'command'; readonly id: number; readonly name: string; readonly input: unknown }
  /** To a command that is running. */
  | { readonly kind: 'message'; readonly id: number; readonly value: unknown };

/** What a worker process tells the kit. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'message'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | {
      readonly kind: 'failure';
      readonly id: number | null;
      readonly message: string;
      readonly code: string | null;
      /** The store was seen to break its contract. */
      readonly isViolation: boolean;
    };
