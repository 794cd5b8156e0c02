/**
 * Tells whether the process that holds a lease still lives, so that its death is noticed at once and not only
 * after the lease ran out. Optional: without it the lease alone decides.
 */
export interface ProcessIdentity {
  /** Names this process, short and without a secret. Never names another one, also not after a restart of the machine. */
  readonly self: string;
  /** `undefined`: can't tell, for a process of another machine or container. */
  isAlive(holder: string): boolean | undefined;
}
