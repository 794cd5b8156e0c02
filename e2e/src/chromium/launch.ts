import { env } from 'node:process';
import type { Browser } from 'playwright-core';

export interface LaunchOptions {
  /** Whether a signal to this process ends Chromium, and then the process. Default: yes. */
  readonly endsOnSignals?: boolean;
}

/** Starts a real, headless Chromium: the one at `CHROMIUM_PATH`, else `/usr/bin/chromium`. Whoever starts it closes it. */
export async function launchChromium({ endsOnSignals = true }: LaunchOptions = {}): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    handleSIGINT: endsOnSignals,
    handleSIGTERM: endsOnSignals,
    handleSIGHUP: endsOnSignals,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
