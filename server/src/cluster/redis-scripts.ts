/**
 * The Lua scripts: each is one atomic step of the engine. A script that changes subscriptions or members publishes
 * the changes on the channel's line in the same step, so the line has them in the order in which they happened.
 *
 * All keys of a channel have the prefix `KEYS[1]`, which contains the hash tag of the channel and is also the name of
 * the channel's line. Its suffixes: `:n` hash, node → subscriptions · `:m` hash, user → nodes and member · `:v` the
 * last revision · `:e` hash, the epoch and the offset of the history, its bytes, the time of its oldest event, and the
 * offset at which it was last found empty · `:h` stream, the stored events, whose ids are their offsets · `:k` hash, the
 * subscription count that was last sent · `:r:NODE` text, the number of this node's last call, then for each call whose
 * answer it may not have a line with the call's number and its changes.
 *
 * Numbers that may exceed 2^46 are passed as text, because Lua would round them.
 */

/** By then a lost link is back, or its node has been swept. */
const receiptsKeptMs = 600_000;

/** Shared by the scripts below. */
const library = `
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

-- A user left, or the channel became empty: noted for 10 seconds.
local function goAway(kind, user)
  local one = change(kind, user)
  redis.call('SET', B..':l:'..one[3], one[2], 'PX', 10000)
end

-- The opposite. Says for how many milliseconds the user was away, or the channel empty, where that was noted.
local function comeBack(kind, user)
  local one = change(kind, user)
  local left = redis.call('GET', B..':l:'..one[3])
  if left then one[4] = string.format('%.0f', (one[2] - left) / 1000) end
end

local function say(entry)
  redis.call('SPUBLISH', B, entry)
end

local function setCount(node, count, isQuiet)
  if count > 0 then
    local isNew = redis.call('EXISTS', N) == 0
    redis.call('HSET', N, node, count)
    if isNew and not isQuiet then comeBack('channel_occupied') end
  elseif redis.call('HDEL', N, node) == 1 and redis.call('EXISTS', N) == 0 then
    redis.call('HDEL', E, 'm')
    redis.call('DEL', M)
    goAway('channel_vacated')
  end
end

local function addUser(node, user, member, isQuiet)
  local value = redis.call('HGET', M, user)
  if not value then
    redis.call('HSET', M, user, node..' '..member)
    if not isQuiet then
      say('+'..member)
      comeBack('member_added', user)
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
    say('-'..string.sub(value, space + 1))
    goAway('member_removed', user)
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

/** Stands where a script needs it: each function that a call defines takes time. */
const histories = `
-- The epoch and the newest offset of the history. The epoch begins here where there is none: without events, for those
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
const changing = `${library}
local answered, call, caller = table.remove(ARGV), table.remove(ARGV), table.remove(ARGV)
local R = B..':r:'..caller
local kept = redis.call('GET', R) or ''
if tonumber(string.match(kept, '^%d+') or '0') >= tonumber(call) then
  return redis.error_reply('STALE a later call was carried out before')
end

local function told(waitMs)
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

/**
 * A connection of a node joins. With a token, the answer is published on the node's line of answers, after the
 * entries that the join caused, as `=` and JSON: { t: token, u: 1 if the channel is full, m: members if requested, h:
 * history }.
 *
 * ARGV: node, subscriptions of the node including this one, token or empty, user or empty, member, maximum members, 1
 * if members are requested, and for a channel with history: seed of an epoch, maximum events, ms, kind, epoch,
 * offset, maximum events, ms.
 */
const join = `${changing}
local node, count, token, user, member = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local answer = { t = token }
if user ~= '' and redis.call('HEXISTS', M, user) == 0 and redis.call('HLEN', M) >= tonumber(ARGV[6]) then
  answer.u = 1
else
  setCount(node, count)
  if user ~= '' then addUser(node, user, member) end
  if ARGV[7] == '1' then answer.m = members() end
  if ARGV[8] then
    ${histories}
    answer.h = catchUp(ARGV[8], tonumber(ARGV[9]), tonumber(ARGV[10]), ARGV[11], ARGV[12], tonumber(ARGV[13]), tonumber(ARGV[14]), tonumber(ARGV[15]))
  end
end
if token ~= '' then redis.call('SPUBLISH', B..':node:'..node, '='..cjson.encode(answer)) end
return told()
`;

/** ARGV: node, remaining subscriptions of the node, user whose last connection on the node left, or empty. */
const leave = `${changing}
if ARGV[3] ~= '' then removeUser(ARGV[1], ARGV[3]) end
setCount(ARGV[1], tonumber(ARGV[2]))
return told()
`;

/**
 * Replaces all that a node contributes to a channel; empty values sweep the node. With a token, publishes an answer
 * like that of a join, with the members and the events after a position.
 *
 * ARGV: node, subscriptions, token or empty, JSON list of { user, member, 1 if the engine knew it before }, 1 if the
 * engine lost its data: then known users are not announced again; and the history as for a join.
 */
const contribute = `${changing}
local node, count, isLost = ARGV[1], tonumber(ARGV[2]), ARGV[5] == '1'
local here = {}
setCount(node, count > 0 and count or 0, isLost)
for _, one in ipairs(cjson.decode(ARGV[4])) do
  here[one[1]] = true
  addUser(node, one[1], one[2], isLost and one[3] == 1)
end
local all = redis.call('HGETALL', M)
for index = 1, #all, 2 do
  if not here[all[index]] then removeUser(node, all[index]) end
end
if ARGV[3] ~= '' then
  local answer = { t = ARGV[3], m = members() }
  if ARGV[6] then
    ${histories}
    answer.h = catchUp(ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9], ARGV[10], tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13]))
  end
  redis.call('SPUBLISH', B..':node:'..node, '='..cjson.encode(answer))
end
return told()
`;

/**
 * Sets a node's subscriptions of an occupied channel and publishes the channel's count when it is due. ARGV: node,
 * subscriptions of the node, 1 if the count is sent, the count above which a channel is large, the milliseconds
 * between two counts of a large channel. Returns the milliseconds until the count must be sent again; 0: never.
 */
const count = `${changing}
local node, mine = ARGV[1], tonumber(ARGV[2])
if mine > 0 and redis.call('HEXISTS', N, node) == 1 then redis.call('HSET', N, node, mine) end
if ARGV[3] ~= '1' then return told() end
local total = 0
for _, one in ipairs(redis.call('HVALS', N)) do total = total + tonumber(one) end
local last = redis.call('HMGET', K, 'c', 'l')
if last[1] == tostring(total) then return told() end
if last[2] then
  local left = redis.call('PTTL', K)
  if left > 0 then return told(left) end
end
redis.call('DEL', K)
if total > tonumber(ARGV[4]) then
  redis.call('HSET', K, 'c', total, 'l', '1')
  redis.call('PEXPIRE', K, ARGV[5])
elseif total > 0 then
  redis.call('HSET', K, 'c', total)
  redis.call('PEXPIRE', K, 3600000)
end
say('#'..total)
change('subscription_count', tostring(total))
return told()
`;

/**
 * Stores an event and publishes it on the line. ARGV: header of the entry, frame, maximum events, milliseconds, maximum
 * bytes. Returns text, which costs a node less than a list: epoch, offset, events dropped for the byte limit. It does
 * not use the library, whose functions would take a third of its time. A sixteenth more events than the maximum may be
 * stored, so that not every publish removes one; readers do not see them.
 */
const publish = `
local E, H, call = KEYS[1]..':e', KEYS[1]..':h', redis.call
local header, frame = ARGV[1], ARGV[2]
local eventsMax, ageMs, bytesMax = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local except, user, node, sequence = string.match(header, '^(.-)\\t(.-)\\t(.-)\\t(.*)$')
local time = call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = call('HMGET', E, 'e', 'o', 'b', 't')
local epoch = kept[1]
if not epoch then
  call('DEL', H)
  epoch = string.sub(node, 1, 8)..'.'..sequence
end
local offset = string.format('%.0f', (kept[2] or 0) + 1)
call('XADD', H, offset..'-0', 'a', string.format('%.0f', nowMs), 'f', frame, 'x', except, 'u', user)
local length, bytes, oldestMs, dropped = call('XLEN', H), (kept[3] or 0) + #frame + 150, tonumber(kept[4] or nowMs), 0
-- The events before may have expired with the stream, and their bytes are still counted.
if length == 1 then bytes, oldestMs = #frame + 150, nowMs end
if length > eventsMax + math.floor(eventsMax / 16) or bytes > bytesMax or nowMs - oldestMs > ageMs + ageMs / 16 then
  local isDone = false
  while length > 0 and not isDone do
    local page, gone = call('XRANGE', H, '-', '+', 'COUNT', math.min(500, math.max(0, length - eventsMax) + 1)), {}
    for _, one in ipairs(page) do
      local atMs = tonumber(one[2][2])
      local isOver = length > eventsMax or nowMs - atMs >= ageMs
      if not isOver and bytes <= bytesMax then
        isDone, oldestMs = true, atMs
        break
      end
      if not isOver then dropped = dropped + 1 end
      gone[#gone + 1] = one[1]
      bytes, length = bytes - #one[2][4] - 150, length - 1
    end
    if #gone > 0 then call('XDEL', H, unpack(gone)) end
  end
end
call('HSET', E, 'e', epoch, 'o', offset, 'b', string.format('%.0f', bytes), 't', string.format('%.0f', oldestMs))
call('PEXPIRE', E, math.max(ageMs, 3600000))
call('PEXPIRE', H, ageMs)
call('SPUBLISH', KEYS[1], 'E'..header..'\\t'..epoch..'\\t'..offset..'\\n'..frame)
return epoch..' '..offset..' '..dropped
`;

/**
 * Reads a page of the history. ARGV: direction, first offset or empty, limit, maximum events, milliseconds. Returns
 * JSON: { e: epoch, o: offset, v: events, n: time in ms }, or nothing if there is no history. One event more than the limit means
 * that there is a next page.
 */
const history = `${library}${histories}
local kept = redis.call('HMGET', E, 'e', 'o')
if not kept[1] then return false end
local offset, limit = tonumber(kept[2]), tonumber(ARGV[3])
local nowMs = math.floor(nowUs() / 1000)
local oldestMs = nowMs - tonumber(ARGV[5])
local first = math.max(1, offset - tonumber(ARGV[4]) + 1)
local answer = { e = kept[1], o = kept[2], v = {}, n = nowMs }
local command, from, to = 'XRANGE', first, '+'
if ARGV[1] == 'forwards' then
  if ARGV[2] ~= '' then from = math.max(first, tonumber(ARGV[2])) end
  from = string.format('%.0f-0', from)
else
  command, from, to = 'XREVRANGE', '+', string.format('%.0f-0', first)
  if ARGV[2] ~= '' then from = ARGV[2]..'-0' end
end
-- Too old ones stand at the beginning of the stream: reading forwards they are passed over.
while #answer.v <= limit do
  local page = redis.call(command, H, from, to, 'COUNT', limit + 1)
  for _, entry in ipairs(page) do
    local one = event(entry, oldestMs)
    if one and #answer.v <= limit then answer.v[#answer.v + 1] = one end
  end
  if #page <= limit then break end
  local last = string.sub(page[#page][1], 1, -3)
  from = command == 'XRANGE' and string.format('%.0f-0', tonumber(last) + 1) or string.format('%.0f-0', tonumber(last) - 1)
end
return cjson.encode(answer)
`;

/** Returns { subscriptions, users }. */
const counts = `${library}
local total = 0
for _, one in ipairs(redis.call('HVALS', N)) do total = total + tonumber(one) end
return { total, redis.call('HLEN', M) }
`;

/** Returns the members, each as JSON. */
const membersOf = `${library}
return members()
`;

/**
 * A user's first connection on a node, or its last. KEYS[1]: set of the user's nodes. ARGV: node, 1 or 0, 1 if
 * watchers are notified.
 */
const user = `${changing}
local wasOnline = redis.call('EXISTS', B) == 1
redis.call(ARGV[2] == '1' and 'SADD' or 'SREM', B, ARGV[1])
local isOnline = redis.call('EXISTS', B) == 1
if wasOnline ~= isOnline then
  if isOnline then comeBack('user_online') else goAway('user_offline') end
  if ARGV[3] == '1' then say((isOnline and '1' or '0')..changes[1][2]) end
end
return told()
`;

/**
 * Returns what is stored of a node's calls whose answers it may not have, or nothing. ARGV: node, number of this call.
 */
const unanswered = `
local R = KEYS[1]..':r:'..ARGV[1]
local kept = redis.call('GET', R) or ''
redis.call('SET', R, ARGV[2]..(string.match(kept, '\\n.*') or ''), 'PX', ${receiptsKeptMs})
return kept
`;

/** Returns { 1 if the user is online, revision of the last change }. */
const userState = `${library}
return { redis.call('EXISTS', B), redis.call('GET', V) or '0' }
`;

/**
 * A token bucket. KEYS[1]: the bucket, which expires when it is full. ARGV: burst, tokens per second. Returns the
 * milliseconds to wait, or 0.
 */
const rate = `
local burst, perSecond = tonumber(ARGV[1]), tonumber(ARGV[2])
local t = redis.call('TIME')
local nowMs = t[1] * 1000 + math.floor(t[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 't', 'a')
local tokens = math.min(burst, tonumber(kept[1] or burst) + math.max(0, nowMs - tonumber(kept[2] or nowMs)) * perSecond / 1000)
local waitMs = 0
if tokens >= 1 then tokens = tokens - 1 else waitMs = math.ceil((1 - tokens) * 1000 / perSecond) end
redis.call('HSET', KEYS[1], 't', tostring(tokens), 'a', string.format('%.0f', nowMs))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst * 1000 / perSecond) + 1000)
return waitMs
`;

/**
 * Publishes a message to all nodes and stores it for an hour. KEYS[1]: the stream, which has the name of the Redis
 * channel. ARGV: the envelope.
 */
const broadcast = `
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', 10000, '*', 'm', ARGV[1])
redis.call('PEXPIRE', KEYS[1], 3600000)
redis.call('SPUBLISH', KEYS[1], id..' '..ARGV[1])
`;

/** Releases a lock if the caller still holds it. KEYS[1]: the lock. ARGV: its token. */
const unlock = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

const changingScripts = { join, leave, contribute, count, user } as const;

export const redisScripts = {
  ...changingScripts,
  ...{ rate, unlock, broadcast, publish, history, counts, membersOf, userState, unanswered },
} as const;

export type RedisScript = keyof typeof redisScripts;
export type ChangingScript = keyof typeof changingScripts;
