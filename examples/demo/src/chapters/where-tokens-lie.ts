import { tokenSecrets } from '../token-secrets.js';
import type { Stage } from '../stage.js';
import { lookInto } from '../token-directory.js';

export async function whereTokensLie(stage: Stage): Promise<void> {
  const { narrator, storeDirectory } = stage;
  narrator.chapter('Where the tokens lie');
  narrator.fact('directory', storeDirectory);
  const directory = await lookInto(storeDirectory, await tokenSecrets(stage));
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
