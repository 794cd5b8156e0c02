import { closeSync, openSync, readSync } from 'node:fs';
import { asFileError } from './database-file.js';
import { APPLICATION_ID, foreignDatabase } from './schema.js';

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/**
 * Looks at the file before SQLite does, since opening the database of a running application may already move its log
 * into it. What the header leaves open is decided by `prepareDatabase`.
 *
 * The offsets: https://www.sqlite.org/fileformat2.html#the_database_header
 *
 * @throws {StoreError} `misconfigured` where the file is the database of another application.
 */
export function assertNotForeign(path: string): void {
  const header = readHeader(path);
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC) return;
  const applicationId = header.readUInt32BE(68);
  if (applicationId === APPLICATION_ID) return;
  // A new database of ours has neither an id nor a second page before its log was moved into it for the first time.
  const hasTables = header.readUInt32BE(28) > 1 && header.readUInt32BE(24) === header.readUInt32BE(92);
  if (applicationId !== 0 || hasTables) throw foreignDatabase(path);
}

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openToRead(path);
  try {
    return header.subarray(0, readSync(file, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

function openToRead(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw asFileError(error, path);
  }
}
