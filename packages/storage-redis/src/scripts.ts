import { script } from './script.js';

/** Characters of a version, which is the beginning of what a record's key holds. */
export const versionLength = 16;

/** Enough for a client to reconnect and to send again what was not answered. */
const doneNoteMs = 60_000;

/**
 * KEYS: record, index, note. ARGV: expected version or nothing, new version, id, channel, milliseconds to live or
 * nothing, and, unless the record is to be deleted, version and value.
 *
 * Answers a list if it is done, what the record holds if that is another version, nothing if there is no record.
 *
 * The client may send it twice, since a reply can be lost: a write is known by its version, a delete by its note.
 * The note that is removed where nothing is done isn't there: a replica refuses that, so that it never answers with what
 * it has of a record. The index comes first: an id without a record does no harm, a record without an id would outlive a purge. What
 * removes ids of expired records comes last: after a write no other is refused for want of memory.
 */
export const compareAndSetScript = script(`
local held = redis.call('GETRANGE', KEYS[1], 0, ${String(versionLength - 1)})
if held ~= ARGV[1] then
  if held == ARGV[2] or redis.call('EXISTS', KEYS[3]) == 1 then return {1} end
  redis.call('UNLINK', KEYS[3])
  return redis.call('GET', KEYS[1])
end
local id, ttl = ARGV[3], ARGV[5]
if #ARGV < 6 or (ttl ~= '' and tonumber(ttl) <= 0) then
  if redis.call('UNLINK', KEYS[1]) == 0 and #ARGV < 6 then return {1} end
  redis.call('SREM', KEYS[2], id)
  redis.call('SET', KEYS[3], '', 'PX', ${String(doneNoteMs)})
  redis.call('PUBLISH', ARGV[4], '')
  return {1}
end
redis.call('SADD', KEYS[2], id)
if ttl == '' then redis.call('SET', KEYS[1], ARGV[6]) else redis.call('SET', KEYS[1], ARGV[6], 'PX', ttl) end
redis.call('PUBLISH', ARGV[4], '')
if held == '' then
  local base = string.sub(KEYS[1], 1, #KEYS[1] - #id)
  for _, other in ipairs(redis.call('SRANDMEMBER', KEYS[2], 3)) do
    if redis.call('EXISTS', base .. other) == 0 then redis.call('SREM', KEYS[2], other) end
  end
end
return {1}
`);

/** KEYS: index. ARGV: beginning of the channels. The keys of the records share the index's slot. */
export const purgeScript = script(`
local base = string.sub(KEYS[1], 1, -2) .. 'r:'
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if redis.call('UNLINK', base .. id) == 1 then redis.call('PUBLISH', ARGV[1] .. id, '') end
end
redis.call('UNLINK', KEYS[1])
return {1}
`);

/** KEYS: index. ARGV: ids. Removes those without a record: one may have been written again since it was looked for. */
export const forgetScript = script(`
local base = string.sub(KEYS[1], 1, -2) .. 'r:'
for _, id in ipairs(ARGV) do
  if redis.call('EXISTS', base .. id) == 0 then redis.call('SREM', KEYS[1], id) end
end
return {1}
`);
