export interface RedirectPromptRequest {
  /** What the person opens, on any machine. */
  readonly authorizationUrl: URL;
  /** By when, where the server has the request and keeps it for a while only (RFC 9126 section 2.2). */
  readonly expiresAt?: Date;
  /** The MCP server that the login is for. */
  readonly resource: string;
  /** Why the last answer was not taken, where there was one. */
  readonly rejected?: string;
  /** Ends the prompt; its promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Asks a person who has no browser on this machine to log in elsewhere and to paste the address they end on. */
export interface RedirectPrompt {
  /** Whether somebody is there to be asked. `false` in a pipe and in CI. */
  isAvailable(): boolean;
  /** Resolves with what was pasted, as it is. The caller checks it like a callback. */
  ask(request: RedirectPromptRequest): Promise<string>;
}
