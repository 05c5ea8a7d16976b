/** The Lua functions that the scripts of the engine share. `redis-scripts.ts` describes the keys. */

/** After this time a lost link is back, or its node has been swept. */
export const receiptsKeptMs = 600_000;

/** Shared by the scripts below. */
export const library = `
local B = KEYS[1]
local N, M, V, E, H, K = B..':n', B..':m', B..':v', B..':e', B..':h', B..':k'
local changes = {}

local function nowUs()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end

-- Grows with each change, also after the channel was empty and all else about it was forgotten.
local function nextRevision()
  local now, last = nowUs(), tonumber(redis.call('GET', V) or '0')
  local revision = string.format('%.0f', last >= now and last + 1 or now)
  redis.call('SET', V, revision, 'PX', 3600000)
  return revision
end

local function change(kind, value)
  local one = { kind, nextRevision(), value or '' }
  changes[#changes + 1] = one
  return one
end

-- A user left, or the channel became empty: recorded for 10 seconds.
local function recordDeparture(kind, user)
  local one = change(kind, user)
  redis.call('SET', B..':l:'..one[3], one[2], 'PX', 10000)
end

-- A user arrived, or the channel became occupied. Adds how many milliseconds the absence lasted, if the departure is recorded.
local function recordArrival(kind, user)
  local one = change(kind, user)
  local left = redis.call('GET', B..':l:'..one[3])
  if left then one[4] = string.format('%.0f', (one[2] - left) / 1000) end
end

local function publish(entry)
  redis.call('SPUBLISH', B, entry)
end

local function setCount(node, count, isQuiet)
  if count > 0 then
    local isNew = redis.call('EXISTS', N) == 0
    redis.call('HSET', N, node, count)
    if isNew and not isQuiet then recordArrival('channel_occupied') end
  elseif redis.call('HDEL', N, node) == 1 and redis.call('EXISTS', N) == 0 then
    redis.call('HDEL', E, 'm')
    redis.call('DEL', M)
    recordDeparture('channel_vacated')
  end
end

local function addUser(node, user, member, isQuiet)
  local value = redis.call('HGET', M, user)
  if not value then
    redis.call('HSET', M, user, node..' '..member)
    if not isQuiet then
      publish('+'..member)
      recordArrival('member_added', user)
    end
    return
  end
  local space = string.find(value, ' ', 1, true)
  local nodes = string.sub(value, 1, space - 1)
  if not string.find(','..nodes..',', ','..node..',', 1, true) then
    redis.call('HSET', M, user, nodes..','..node..string.sub(value, space))
  end
end

local function removeUser(node, user)
  local value = redis.call('HGET', M, user)
  if not value then return end
  local space = string.find(value, ' ', 1, true)
  local others, isHere = {}, false
  for one in string.gmatch(string.sub(value, 1, space - 1), '[^,]+') do
    if one == node then isHere = true else others[#others + 1] = one end
  end
  if not isHere then return end
  if #others > 0 then
    redis.call('HSET', M, user, table.concat(others, ',')..string.sub(value, space))
  else
    redis.call('HDEL', M, user)
    publish('-'..string.sub(value, space + 1))
    recordDeparture('member_removed', user)
  end
end

local function members()
  local found = {}
  for index, value in ipairs(redis.call('HVALS', M)) do
    found[index] = string.sub(value, string.find(value, ' ', 1, true) + 1)
  end
  return found
end

`;

/** Included only in scripts that need it, because defining functions takes time in each call. */
export const histories = `
-- The epoch and the newest offset of the history. The epoch begins here if there is none: without events, for those
-- that Redis may still keep have offsets of the epoch before.
local function position(seed, ageMs)
  local kept = redis.call('HMGET', E, 'e', 'o')
  if not kept[1] then
    redis.call('DEL', H)
    redis.call('HSET', E, 'e', seed, 'o', '0', 'b', '0')
    kept = { seed, '0' }
  end
  redis.call('PEXPIRE', E, math.max(ageMs, 3600000))
  return kept[1], tonumber(kept[2])
end

-- An event of the stream as { offset, at, frame, except, user }, or nil where it is too old.
local function event(entry, oldestMs)
  local f = entry[2]
  if tonumber(f[2]) <= oldestMs then return nil end
  return { string.sub(entry[1], 1, -3), f[2], f[4], f[6], f[8] }
end

-- The kept events between two offsets, both included, the oldest first.
local function range(from, to, oldestMs)
  local found = {}
  if from > to then return found end
  for _, entry in ipairs(redis.call('XRANGE', H, from..'-0', to..'-0')) do
    found[#found + 1] = event(entry, oldestMs)
  end
  return found
end

-- What somebody who joins gets of the history: see JoinedHistory.
local function catchUp(seed, eventsMax, ageMs, kind, epochThen, offsetThen, wantedMax, wantedAgeMs)
  local epoch, offset = position(seed, ageMs)
  local nowMs = math.floor(nowUs() / 1000)
  local answer = { e = epoch, o = string.format('%.0f', offset) }
  if kind == 'recover' then
    local missed = offset - offsetThen
    if epoch ~= epochThen or missed < 0 then
      answer.r = 'unknown_epoch'
      return answer
    end
    local oldest = redis.call('XRANGE', H, offsetThen + 1 ..'-0', '+', 'COUNT', 1)[1]
    if missed > 0 and (missed > eventsMax or not oldest or oldest[1] ~= (offsetThen + 1)..'-0' or not event(oldest, nowMs - ageMs)) then
      answer.r = 'expired'
    elseif missed > wantedMax then
      answer.r = 'too_many'
    else
      answer.v = range(offsetThen + 1, offset, nowMs - ageMs)
      -- The clock of Redis may have been set back, or Redis may have lost some.
      if #answer.v < missed then answer.v, answer.r = nil, 'expired' end
    end
  elseif kind == 'rewind' then
    local count = math.min(wantedMax, eventsMax)
    answer.v = range(math.max(1, offset - count + 1), offset, nowMs - math.min(ageMs, wantedAgeMs))
    if #answer.v == 0 and redis.call('HGET', E, 'm') ~= answer.o then
      redis.call('HSET', E, 'm', answer.o)
      answer.f = 1
    end
  end
  return answer
end

`;

/**
 * Shared by the scripts that change subscriptions, members and signed-in users. Their last ARGV are: the calling
 * node, the number of its call, and the number up to which it has all answers. They return { the changes as JSON or
 * nothing, milliseconds }, or the error STALE if a later call of the node was executed before: a call over a lost
 * connection must not undo a later one.
 */
export const changing = `${library}
local answered, call, caller = table.remove(ARGV), table.remove(ARGV), table.remove(ARGV)
local R = B..':r:'..caller
local kept = redis.call('GET', R) or ''
if tonumber(string.match(kept, '^%d+') or '0') >= tonumber(call) then
  return redis.error_reply('STALE a later call was carried out before')
end

local function result(waitMs)
  local open, text = call, false
  for number, one in string.gmatch(kept, '\\n(%d+) ([^\\n]*)') do
    if tonumber(number) > tonumber(answered) then open = open..'\\n'..number..' '..one end
  end
  if #changes > 0 then
    text = cjson.encode(changes)
    open = open..'\\n'..call..' '..text
  end
  redis.call('SET', R, open, 'PX', ${receiptsKeptMs})
  return { text, waitMs or 0 }
end
`;
