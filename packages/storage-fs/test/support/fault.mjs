import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const promises = createRequire(import.meta.url)('node:fs/promises');
const sync = ['lstatSync', 'statSync', 'readdirSync', 'openSync', 'fstatSync', 'readSync', 'closeSync'];
const async = ['link', 'mkdir', 'open', 'rename', 'unlink', 'rm', 'rmdir', 'readdir', 'lstat', 'utimes'];
const ofHandles = ['writeFile', 'readFile', 'sync', 'stat', 'truncate'];

/** The calls that change or sync something, in the order they ended. */
export const trace = [];
/** What has been done to this process so far. */
export const done = [];
const traced = ['writeFile', 'sync', 'link', 'rename', 'truncate'];

/**
 * Counts the calls to the file system, and before the one that is named kills or stops this process, or lets the
 * call fail. `calls` limits it to some of them. Nothing of the store knows about this.
 *
 * @param {{ at: number, action: 'kill' | 'stop' | string, calls?: readonly string[], after?: boolean }} fault
 */
export async function installFault({ at, action, calls, after = false }) {
  const handle = await promises.open(process.execPath);
  const handles = Object.getPrototypeOf(handle);
  await handle.close();
  let count = 0;
  const fails = (name, call) => {
    if (calls !== undefined && !calls.includes(name)) return undefined;
    if (traced.includes(name)) trace.push(name);
    if (++count !== at) return undefined;
    done.push(action);
    if (action === 'kill') process.kill(process.pid, 'SIGKILL');
    else if (action === 'stop') process.kill(process.pid, 'SIGSTOP');
    else return Object.assign(new Error(`${action}: ${call}`), { code: action, syscall: call, errno: -1 });
    return undefined;
  };
  const wrap = (object, name, isAsync) => {
    const original = object[name];
    object[name] = function (...args) {
      const call = name === 'sync' ? 'fsync' : name;
      if (after) {
        // The call is made, and its answer is lost.
        const made = original.apply(this, args);
        return isAsync
          ? made.then((value) => throwOr(fails(name, call), value))
          : throwOr(fails(name, call), made);
      }
      const error = fails(name, call);
      // The call is not made, and nobody is told.
      if (error?.code === 'pretend') return isAsync ? Promise.resolve() : undefined;
      if (error && isAsync) return Promise.reject(error);
      return throwOr(error, error ? undefined : original.apply(this, args));
    };
  };
  for (const name of sync) wrap(fs, name, false);
  for (const name of async) wrap(promises, name, true);
  for (const name of ofHandles) wrap(handles, name, true);
  syncBuiltinESMExports();
}

function throwOr(error, value) {
  if (error) throw error;
  return value;
}
