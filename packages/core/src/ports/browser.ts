export interface BrowserOptions {
  readonly signal?: AbortSignal;
}

export type BrowserResult =
  | { readonly opened: true }
  /** `reason` is a short phrase for a person: "there is no display". */
  | { readonly opened: false; readonly reason: string };

/** Shows a page to the person at this machine. */
export interface Browser {
  /**
   * Shows `url`, or says that it can't. The caller has checked that `url` is https, or http on loopback.
   * Resolves once the page was handed over, not when the person is done with it. Never goes through a shell.
   */
  open(url: URL, options?: BrowserOptions): Promise<BrowserResult>;
}
