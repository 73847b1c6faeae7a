-- commit: writes one accepted verb of the review queue, or nothing.
--
-- The next records were computed from the stored ones by the pure functions of state-machine.ts and admission.ts. This script is
-- the fence: between that reading and this writing nobody else may have written. A case's version moves with each accepted verb
-- (claim, release, lapse of the lease, new evidence, ...), so comparing it also proves that the lease token is still the current one.
--
-- Sent under one of two headers (see redis-store.ts), so this file has no #! line of its own:
--   #!lua                   the detector's verbs: refused as a whole when Redis is above maxmemory
--   #!lua flags=allow-oom   people's verbs: always work, or a full Redis would keep people from closing the cases that fill it
--
-- KEYS  1 cases     hash    case id -> "<version> <json>"
--       2 sites     hash    meter id -> "<version> <json>"
--       3 evidence  hash    candidate id -> json of the whole candidate
--       4 log       stream  one entry per accepted verb, field "entry" -> json
--       5 history   list    ids of the log entries of this case
--       6 left      zset    index of the state the case leaves:  member "<case id>\t<lane>\t<region>", score -rank
--       7 entered   zset    index of the state the case enters (may be the same)
-- ARGV  1 case id
--       2 version of the case the verb was computed from; "0" = the case must not exist
--       3 next case, "<version> <json>"
--       4 member to take out of `left`; "" = none
--       5 member to put into `entered`
--       6 its score
--       7 log entry, json
--       8 meter id; "" = the site is not written
--       9 version of the site the verb was computed from; "0" = the site must not exist
--      10 next site, "<version> <json>"
--      11 candidate id; "" = no evidence
--      12 evidence, json
-- Returns 1 = everything was written; 0 = a version has moved on, nothing was written.
-- Guarantee: all or nothing, exactly one log entry with each write; a second run of the same call returns 0.

local function version_of(key, field)
  local stored = redis.call('HGET', key, field)
  if not stored then
    return '0'
  end
  return string.match(stored, '^%d+')
end

if version_of(KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
if ARGV[8] ~= '' and version_of(KEYS[2], ARGV[8]) ~= ARGV[9] then
  return 0
end

-- First, because it alone can fail on its arguments (a score that is no number), and a failed script takes nothing back.
redis.call('ZADD', KEYS[7], ARGV[6], ARGV[5])
if ARGV[4] ~= '' then
  redis.call('ZREM', KEYS[6], ARGV[4])
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if ARGV[8] ~= '' then
  redis.call('HSET', KEYS[2], ARGV[8], ARGV[10])
end
if ARGV[11] ~= '' then
  redis.call('HSET', KEYS[3], ARGV[11], ARGV[12])
end
redis.call('RPUSH', KEYS[5], redis.call('XADD', KEYS[4], '*', 'entry', ARGV[7]))
return 1
