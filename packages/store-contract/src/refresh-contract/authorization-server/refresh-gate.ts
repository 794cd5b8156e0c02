import type { Socket } from 'node:net';
import { deferred } from '../deferred.js';
import type { Deferred } from '../deferred.js';

/** `before` the refresh token was taken in: nothing has happened yet · `after` it: the answer is ready to be sent. */
export type RefreshMoment = 'before' | 'after';

/** One refresh that the server does not go on with. */
export interface HeldRefresh {
  /** Resolves when the request is here. */
  readonly arrived: Promise<void>;
  /** Resolves when whoever sent it has hung up. */
  readonly gone: Promise<void>;
  release(): void;
}

interface Hold {
  readonly moment: RefreshMoment;
  readonly arrived: Deferred;
  readonly gone: Deferred;
  readonly released: Deferred;
}

/** Lets the kit act at an exact moment of a refresh. */
export class RefreshGate {
  #next: Hold | undefined;
  readonly #held = new Set<Hold>();

  holdNext(moment: RefreshMoment): HeldRefresh {
    const hold = { moment, arrived: deferred(), gone: deferred(), released: deferred() };
    this.#next = hold;
    return {
      arrived: hold.arrived.promise,
      gone: hold.gone.promise,
      release: () => {
        hold.released.resolve();
      },
    };
  }

  /** Waits where this refresh is held. */
  async pass(moment: RefreshMoment, socket: Socket): Promise<void> {
    const hold = this.#next;
    if (hold?.moment !== moment) return;
    this.#next = undefined;
    this.#held.add(hold);
    if (socket.destroyed) hold.gone.resolve();
    else socket.once('close', hold.gone.resolve);
    hold.arrived.resolve();
    await hold.released.promise;
    this.#held.delete(hold);
  }

  /** Ends what waits. */
  close(): void {
    this.#next = undefined;
    for (const hold of this.#held) hold.released.resolve();
  }
}
