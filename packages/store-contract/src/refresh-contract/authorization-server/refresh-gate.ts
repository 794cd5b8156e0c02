import type { Socket } from 'node:net';

/** `before` the refresh token was taken in: nothing has happened yet · `after` it: the answer is ready to be sent. */
export type RefreshMoment = 'before' | 'after';

/** One refresh that the server does not go on with until it is released. */
export class HeldRefresh {
  readonly moment: RefreshMoment;
  /** Whether the request has come. */
  hasArrived = false;
  /** Whether whoever sent it has hung up. */
  isGone = false;
  readonly #released: Promise<void>;
  #release: () => void = () => undefined;

  constructor(moment: RefreshMoment) {
    this.moment = moment;
    this.#released = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#release();
  }

  async arrive(socket: Socket): Promise<void> {
    const hungUp = (): void => {
      this.isGone = true;
    };
    socket.once('close', hungUp);
    this.isGone = socket.destroyed;
    this.hasArrived = true;
    await this.#released;
    socket.off('close', hungUp);
  }
}

/** Lets the kit act at an exact moment of a refresh. */
export class RefreshGate {
  #next: HeldRefresh | undefined;
  readonly #held = new Set<HeldRefresh>();

  holdNext(moment: RefreshMoment): HeldRefresh {
    this.#next = new HeldRefresh(moment);
    return this.#next;
  }

  /** Waits where this refresh is the one to hold. */
  async pass(moment: RefreshMoment, socket: Socket): Promise<void> {
    const held = this.#next;
    if (held?.moment !== moment) return;
    this.#next = undefined;
    this.#held.add(held);
    await held.arrive(socket);
    this.#held.delete(held);
  }

  /** Ends what waits. */
  close(): void {
    this.#next = undefined;
    for (const held of this.#held) held.release();
  }
}
