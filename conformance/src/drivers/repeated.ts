type ErrorClass = abstract new (...args: never[]) => Error;

export interface HostLogin {
  /** Ends the login that the SDK has begun. */
  readonly logIn: () => Promise<void>;
  /** What the SDK throws where a person has to log in. */
  readonly asked: ErrorClass;
  /** What this library throws where the call only has to be repeated. */
  readonly renewed: ErrorClass;
}

/**
 * A call of a host with an `authProvider`, as both SDKs document it: where a login is asked for, it ends the one that
 * the SDK has begun, and repeats. Nothing bounds that here: it is for the library and the SDK to end it.
 */
export async function repeated<T>(call: () => Promise<T>, { logIn, asked, renewed }: HostLogin): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof asked) await logIn();
      else if (!(error instanceof renewed)) throw error;
    }
  }
}
