import { pipeline, type Readable } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { LimitExceededError } from '@mcp-oauth/core';
import { failed } from './network-failure.js';

/** Not deflate: some servers send it without the wrapper that RFC 9110 section 8.4.1.2 asks for. */
export const ACCEPT_ENCODING = 'gzip, br';

// Browsers bear an end without the checksum, so servers that send none are never found out.
const zlib = { finishFlush: constants.Z_SYNC_FLUSH };
const brotli = { finishFlush: constants.BROTLI_OPERATION_FLUSH };

/**
 * The body without its content coding (RFC 9110 section 8.4): at most one, as each may multiply the bytes by a
 * thousand.
 *
 * @throws {LimitExceededError | TypeError}
 */
export function decoded(body: Readable, header: string | null, host: string): Readable {
  const codings = (header ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  const [coding, ...others] = codings;
  if (coding === undefined) return body;
  if (others.length > 0) throw new LimitExceededError(`The answer of ${host}`, 'one content coding');
  // Its errors come out of the last stream, which is read.
  return pipeline(body, decoder(coding, host), () => undefined);
}

function decoder(coding: string, host: string) {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(zlib);
    case 'deflate':
      return createInflate(zlib);
    case 'br':
      return createBrotliDecompress(brotli);
    default:
      throw failed(`${host} answered in a content coding that was not asked for`);
  }
}
