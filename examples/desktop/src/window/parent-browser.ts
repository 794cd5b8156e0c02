import type { Browser, BrowserResult } from '@mcp-oauth/core';
import { injectable } from 'inversify';

/** Hands pages to the process that started this one, which has somebody who looks at them. */
@injectable()
export class ParentBrowser implements Browser {
  open(url: URL): Promise<BrowserResult> {
    return new Promise((resolve) => {
      const told = (error: Error | null): void =>
        resolve(
          error
            ? { opened: false, reason: 'the process that started this window is gone' }
            : { opened: true },
        );
      if (process.send) process.send({ open: url.href }, undefined, undefined, told);
      else resolve({ opened: false, reason: 'no process started this window' });
    });
  }
}
