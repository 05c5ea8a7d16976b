/** The Lua functions that the scripts of the engine share. `redis-scripts.ts` describes the keys. */

/** After this time a lost link is back, or its node has been swept. */
export const receiptsKeptMs = 600_000;

/** The keys that most scripts use. Definitions take time in each call, so a script includes only what it needs. */
export const library = `
local call, B = redis.call, KEYS[1]
local N, M, V = B..':n', B..':m', B..':v'
`;

/** Sets `members` to the members' JSON. */
export const readMembers = `
local members = call('HVALS', M)
for index, value in ipairs(members) do members[index] = string.sub(value, string.find(value, ' ', 1, true) + 1) end
`;

/** Included only in scripts that need it, because defining functions takes time in each call. */
export const histories = `
local E, H = B..':e', B..':h'

local function timeMs()
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- The epoch and the newest offset of the history. The epoch begins here if there is none: without events, for those
-- that Redis may still keep have offsets of the epoch before.
local function position(seed, ageMs)
  local kept = call('HMGET', E, 'e', 'o')
  if not kept[1] then
    call('DEL', H)
    call('HSET', E, 'e', seed, 'o', '0', 'b', '0')
    kept = { seed, '0' }
  end
  call('PEXPIRE', E, math.max(ageMs, 3600000))
  return kept[1], tonumber(kept[2])
end

-- An event of the stream as { offset, at, frame, except, user, origin }, or nil where it is too old. Events of older
-- versions have no origin.
local function event(entry, oldestMs)
  local f = entry[2]
  if tonumber(f[2]) <= oldestMs then return nil end
  return { string.sub(entry[1], 1, -3), f[2], f[4], f[6], f[8], f[10] }
end

-- The kept events between two offsets, both included, the oldest first.
local function range(from, to, oldestMs)
  local found = {}
  if from > to then return found end
  for _, entry in ipairs(call('XRANGE', H, from..'-0', to..'-0')) do
    found[#found + 1] = event(entry, oldestMs)
  end
  return found
end

-- What somebody who joins gets of the history: see JoinedHistory.
local function catchUp(seed, eventsMax, ageMs, kind, epochThen, offsetThen, wantedMax, wantedAgeMs)
  local epoch, offset = position(seed, ageMs)
  local nowMs = timeMs()
  local answer = { e = epoch, o = string.format('%.0f', offset) }
  if kind == 'recover' then
    local missed = offset - offsetThen
    if epoch ~= epochThen or missed < 0 then
      answer.r = 'unknown_epoch'
      return answer
    end
    local oldest = call('XRANGE', H, offsetThen + 1 ..'-0', '+', 'COUNT', 1)[1]
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
    if #answer.v == 0 and call('HGET', E, 'm') ~= answer.o then
      call('HSET', E, 'm', answer.o)
      answer.f = 1
    end
  end
  return answer
end

`;

/** The keys of recorded departures: of the channel, and of the user in ARGV[5]. */
const departures = ", B..':l:', B..':l:'..ARGV[5]";

/**
 * Shared by the scripts that change subscriptions, members and signed-in users. Their last ARGV are: the calling
 * node, the number of its call, and the number up to which it has all answers. They return text, which costs a node less
 * than a list: nothing, or milliseconds, a space, and the changes as JSON. Or the error STALE if a later call of the node
 * was executed before: a call over a lost connection must not undo a later one.
 */
export const changing = changingScript("");

/** The same for a script whose ARGV[5] is a user, or empty. It reads more keys at once, which costs less. */
export const changingUser = changingScript(departures);

function changingScript(alsoRead: string): string {
  return `${library}
local answered, number, caller = table.remove(ARGV), table.remove(ARGV), table.remove(ARGV)
local R = B..':r:'..caller
local kept = call('MGET', R, V${alsoRead})
local calls, revision, newest, changes = kept[1] or '', nil, nil, {}
if calls ~= '' and tonumber(string.match(calls, '^%d+')) >= tonumber(number) then
  return redis.error_reply('STALE a later call was carried out before')
end

-- The revision grows with each change, also after the channel was empty and all else about it was forgotten.
local function change(kind, value)
  local last = revision or tonumber(kept[2] or '0')
  if not revision then
    local t = call('TIME')
    newest = t[1]..string.sub('000000'..t[2], -6)
    revision = tonumber(newest)
  end
  if revision <= last then
    revision = last + 1
    newest = string.format('%.0f', revision)
  end
  local one = { kind, newest, value or '' }
  changes[#changes + 1] = one
  return one
end

-- A user arrived, or the channel became occupied. Adds how many milliseconds the absence lasted, if the departure is recorded.
local function recordArrival(kind, user)
  local one, left = change(kind, user), nil
  ${alsoRead === "" ? "left = call('GET', B..':l:'..one[3])" : "left = kept[user and 4 or 3]"}
  if left then one[4] = string.format('%.0f', (one[2] - left) / 1000) end
end

local function publish(entry)
  call('SPUBLISH', B, entry)
end

local function occupy(node, count, isQuiet)
  if call('HSET', N, node, count) == 1 and call('HLEN', N) == 1 and not isQuiet then recordArrival('channel_occupied') end
end

-- The value is the user's value in the hash of members.
local function addUser(node, user, member, value, isQuiet)
  if not value then
    call('HSET', M, user, node..' '..member)
    if not isQuiet then
      publish('+'..member)
      recordArrival('member_added', user)
    end
    return
  end
  local space = string.find(value, ' ', 1, true)
  local nodes = string.sub(value, 1, space - 1)
  if not string.find(','..nodes..',', ','..node..',', 1, true) then
    call('HSET', M, user, nodes..','..node..string.sub(value, space))
  end
end

local function result(waitMs)
  local open, text = number, ''
  if calls ~= '' then
    for one, what in string.gmatch(calls, '\\n(%d+) ([^\\n]*)') do
      if tonumber(one) > tonumber(answered) then open = open..'\\n'..one..' '..what end
    end
  end
  if revision then
    text = cjson.encode(changes)
    open = open..'\\n'..number..' '..text
    call('SET', V, newest, 'PX', 3600000)
  end
  call('SET', R, open, 'PX', ${receiptsKeptMs})
  if waitMs then return string.format('%.0f ', waitMs)..text end
  return text == '' and text or '0 '..text
end

`;
}

/** Included in the changing scripts by which a node, a user or a member may leave. */
export const leaving = `
-- A user left, or the channel became empty: recorded for 10 seconds.
local function recordDeparture(kind, user)
  local one = change(kind, user)
  call('SET', B..':l:'..one[3], one[2], 'PX', 10000)
end

local function removeNode(node)
  if call('HDEL', N, node) == 1 and call('EXISTS', N) == 0 then
    call('HDEL', B..':e', 'm')
    call('DEL', M)
    recordDeparture('channel_vacated')
  end
end

local function removeUser(node, user)
  local value = call('HGET', M, user)
  if not value then return end
  local space = string.find(value, ' ', 1, true)
  local others, isHere = {}, false
  for one in string.gmatch(string.sub(value, 1, space - 1), '[^,]+') do
    if one == node then isHere = true else others[#others + 1] = one end
  end
  if not isHere then return end
  if #others > 0 then
    call('HSET', M, user, table.concat(others, ',')..string.sub(value, space))
  else
    call('HDEL', M, user)
    publish('-'..string.sub(value, space + 1))
    recordDeparture('member_removed', user)
  end
end

`;

/**
 * Publishes an answer on the node's line of answers: the channel's key, and in the next line an entry `=` with JSON:
 * { t: token, u: 1 if the channel is full, m: members if requested, h: history }.
 */
export const answering = `
local function answer(line, token, isFull, members, history)
  local text = { B, '\\n={"t":"', token, '"' }
  if isFull then text[#text + 1] = ',"u":1' end
  if members then text[#text + 1] = ',"m":['..table.concat(members, ',')..']' end
  if history then text[#text + 1] = ',"h":'..cjson.encode(history) end
  text[#text + 1] = '}'
  call('SPUBLISH', line, table.concat(text))
end

`;
