import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import { StoreError } from '@mcp-oauth/core';

export function homeDirectory(): string {
  let home: string | undefined;
  try {
    home = homedir();
  } catch (error) {
    // No HOME, and a user id that has no entry in the user database: common in containers.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
  }
  if (home !== undefined && isAbsolute(home)) return home;
  throw new StoreError(
    'misconfigured',
    'The token store lies in the home directory, and this user has none. Set HOME, or give a directory.',
  );
}
