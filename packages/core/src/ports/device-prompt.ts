/** What a person needs to log in on another device (RFC 8628 section 3.2). */
export interface UserCode {
  /** The URL of the MCP server, for the question. */
  readonly resource: string;
  readonly issuer: string;
  /** As the server wrote it: it is made to be read and typed. */
  readonly userCode: string;
  /** Where to type it. */
  readonly verificationUri: URL;
  /** The same with the code in it, for a link or a QR code; where the server has it. */
  readonly verificationUriComplete?: URL | undefined;
  readonly expiresAt: Date;
}

/** Shows a person how to log in on another device. */
export interface DevicePrompt {
  /** Whether anybody would see it. Never shows anything itself. */
  isAvailable(): boolean;
  /** Shows it, and resolves as soon as it stands there. `signal` aborts when the login has ended, one way or another. */
  show(code: UserCode, options: { readonly signal: AbortSignal }): void | Promise<void>;
}
