// Asks at the terminal and writes down what came of it. Arguments: the file for that, the request, ms until it aborts.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { TerminalPrompt } from '../../dist/index.js';

// A daemon that outlives its terminal.
process.on('SIGHUP', String);
const [file, request, abortMs] = process.argv.slice(2);
const { authorizationUrls, goodForMs, ...rest } = JSON.parse(request);
if (goodForMs !== undefined) rest.expiresAt = new Date(Date.now() + goodForMs);
const abort = new AbortController();
const terminal = [0, 1, 2].find((fd) => isatty(fd));
const mode = () =>
  spawnSync('stty', ['-g'], { stdio: [terminal ?? 'ignore', 'pipe', 'ignore'] }).stdout.toString();

const before = mode();
if (abortMs !== undefined) setTimeout(() => abort.abort(new Error('logged in elsewhere')), Number(abortMs));
const prompt = new TerminalPrompt();
const available = prompt.isAvailable();
const answers = await Promise.all(
  authorizationUrls.map((url) =>
    prompt
      .ask({ ...rest, authorizationUrl: new URL(url), signal: abort.signal })
      .catch(({ name, message }) => ({ name, message })),
  ),
);
const restored = mode() === before;
writeFileSync(file, JSON.stringify({ available, answers, restored }));
