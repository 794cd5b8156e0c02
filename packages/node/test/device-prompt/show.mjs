// Shows a user code at the terminal and writes down what came of it. Arguments: the file for that, the code.
import { writeFileSync } from 'node:fs';
import { TerminalDevicePrompt } from '../../dist/index.js';

const [file, request] = process.argv.slice(2);
const { verificationUri, verificationUriComplete, expiresInMs, aborted, ...rest } = JSON.parse(request);
const code = {
  ...rest,
  verificationUri: new URL(verificationUri),
  ...(verificationUriComplete && { verificationUriComplete: new URL(verificationUriComplete) }),
  expiresAt: new Date(Date.now() + expiresInMs),
};
const signal = aborted ? AbortSignal.abort(new Error('logged in elsewhere')) : new AbortController().signal;
const prompt = new TerminalDevicePrompt();
const available = prompt.isAvailable();
const error = await prompt.show(code, { signal }).then(
  () => undefined,
  ({ name, message }) => ({ name, message }),
);
writeFileSync(file, JSON.stringify({ available, error }));
