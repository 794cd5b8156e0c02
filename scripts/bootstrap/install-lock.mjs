import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetUpError } from './set-up-error.mjs';

const patienceMs = 15 * 60_000; // an installation with a native build takes one or two
const pollMs = 200;

/**
 * Runs `task` while no other process of this machine does. A holder that died frees its place.
 * @param {string} lock the path of the lock file
 * @param {() => Promise<void>} task
 */
export async function withInstallLock(lock, task) {
  const deadline = performance.now() + patienceMs;
  let announced = false;
  while (!take(lock)) {
    const owner = ownerOf(lock);
    if (owner === undefined) continue;
    if (!isAlive(owner)) free(lock, owner);
    else if (performance.now() > deadline) {
      throw new SetUpError(`process ${owner} still holds ${lock}; end it, or delete that file.`);
    } else {
      if (!announced) console.error(`bootstrap: waiting for process ${owner}, which is doing the same`);
      announced = true;
      await sleep(pollMs);
    }
  }
  try {
    await task();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A link appears together with its content, so nobody ever reads a lock without its owner. @param {string} lock */
function take(lock) {
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(own);
  }
}

/** @param {string} lock @param {number} deadOwner */
function free(lock, deadOwner) {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    // Another process may have freed and taken the lock since we looked: then it gets it back.
    if (ownerOf(aside) !== deadOwner) linkSync(aside, lock);
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** @param {string} path */
function ownerOf(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    if (hasCode(error, 'EPERM')) return true;
    throw error;
  }
}

/** @param {unknown} error @param {string} code */
function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}
