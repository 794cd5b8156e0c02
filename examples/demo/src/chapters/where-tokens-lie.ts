import { tokenSecrets } from '../token-secrets.js';
import type { Stage } from '../stage.js';
import { lookInto } from '../token-directory.js';
import type { TokenDirectory } from '../token-directory.js';

export async function whereTokensLie(stage: Stage): Promise<void> {
  const { narrator, storeDirectory } = stage;
  narrator.chapter('Where the tokens lie');
  narrator.fact('directory', storeDirectory);
  const directory = await lookUntilStill(stage);
  narrator.say();
  narrator.table([
    ['mode', 'bytes', 'file'],
    ...directory.files.map(({ mode, bytes, path }) => [mode, bytes, path]),
  ]);
  narrator.say();
  narrator.claim('the directory is for its owner alone (700)', directory.mode, '700');
  narrator.claim(
    'every file is for its owner alone (600)',
    directory.files.every(({ mode }) => mode === '600'),
  );
  narrator.claim('one of them holds the tokens', directory.filesWithSecrets, 1);
}

/** A renewal in the background, which a slow machine sees here, moves the tokens to another file meanwhile. */
async function lookUntilStill(stage: Stage): Promise<TokenDirectory> {
  for (let last = ''; ;) {
    const found = await lookInto(stage.storeDirectory, await tokenSecrets(stage));
    const text = JSON.stringify(found);
    if (text === last) return found;
    last = text;
  }
}
