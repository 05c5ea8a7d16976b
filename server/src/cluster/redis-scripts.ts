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
import { broadcast, missed, rate, report, unlock } from "./redis-node-scripts.ts";
import {
  answering,
  changing,
  changingUser,
  histories,
  leaving,
  library,
  readMembers,
  receiptsKeptMs,
} from "./redis-script-library.ts";

/**
 * A connection of a node joins. With a token, the answer is published on the node's line of answers, after the
 * entries that the join caused.
 *
 * ARGV: node, subscriptions of the node including this one, token or empty, line of answers, user or empty, member,
 * maximum members, 1 if members are requested, and for a channel with history: seed of an epoch, maximum events, ms,
 * kind, epoch, offset, maximum events, ms.
 */
const join = `${changingUser}${answering}
local node, token, line, user, member = ARGV[1], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local value, members, total, history
if user ~= '' then
  if ARGV[8] == '1' then
    local all = call('HGETALL', M)
    members, total = {}, #all / 2
    for index = 2, #all, 2 do
      local one = all[index]
      members[index / 2] = string.sub(one, string.find(one, ' ', 1, true) + 1)
      if all[index - 1] == user then value = one end
    end
  else
    value = call('HGET', M, user)
    if not value then total = call('HLEN', M) end
  end
  if not value and total >= tonumber(ARGV[7]) then
    answer(line, token, true)
    return result()
  end
end
occupy(node, ARGV[2])
if user ~= '' then
  addUser(node, user, member, value)
  if members and not value then members[#members + 1] = member end
end
if ARGV[9] then
  ${histories}
  history = catchUp(ARGV[9], tonumber(ARGV[10]), tonumber(ARGV[11]), ARGV[12], ARGV[13], tonumber(ARGV[14]), tonumber(ARGV[15]), tonumber(ARGV[16]))
end
if token ~= '' then answer(line, token, false, members, history) end
return result()
`;

/** ARGV: node, remaining subscriptions of the node, user whose last connection on the node left, or empty. */
const leave = `${changing}${leaving}
if ARGV[3] ~= '' then removeUser(ARGV[1], ARGV[3]) end
if tonumber(ARGV[2]) > 0 then occupy(ARGV[1], ARGV[2]) else removeNode(ARGV[1]) end
return result()
`;

/**
 * Replaces all contributions of a node to a channel; empty values sweep the node. With a token, publishes an answer
 * like that of a join, with the members and the events after a position.
 *
 * ARGV: node, subscriptions, token or empty, line of answers, JSON list of { user, member, 1 if the engine knew it
 * before }, 1 if the engine lost its data: then known users are not announced again; and the history as for a join.
 */
const contribute = `${changing}${leaving}${answering}
local node, count, isLost = ARGV[1], tonumber(ARGV[2]), ARGV[6] == '1'
local here = {}
if count > 0 then occupy(node, ARGV[2], isLost) end
for _, one in ipairs(cjson.decode(ARGV[5])) do
  here[one[1]] = true
  addUser(node, one[1], one[2], call('HGET', M, one[1]), isLost and one[3] == 1)
end
local all = call('HGETALL', M)
for index = 1, #all, 2 do
  if not here[all[index]] then removeUser(node, all[index]) end
end
if count <= 0 then removeNode(node) end
if ARGV[3] ~= '' then
  local history
  if ARGV[7] then
    ${histories}
    history = catchUp(ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10], ARGV[11], tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14]))
  end
  ${readMembers}
  answer(ARGV[4], ARGV[3], false, members, history)
end
return result()
`;

/**
 * Sets a node's subscriptions of an occupied channel and publishes the channel's count when it is due. ARGV: node,
 * subscriptions of the node, 1 if the count is sent, the count above which a channel is large, the milliseconds
 * between two counts of a large channel. Returns the milliseconds until the count must be sent again; 0: never.
 */
const count = `${changing}
local node, mine, K = ARGV[1], tonumber(ARGV[2]), B..':k'
if mine > 0 and call('HEXISTS', N, node) == 1 then call('HSET', N, node, mine) end
if ARGV[3] ~= '1' then return result() end
local total = 0
for _, one in ipairs(call('HVALS', N)) do total = total + tonumber(one) end
local last = call('HMGET', K, 'c', 'l')
if last[1] == tostring(total) then return result() end
if last[2] then
  local left = call('PTTL', K)
  if left > 0 then return result(left) end
end
call('DEL', K)
if total > tonumber(ARGV[4]) then
  call('HSET', K, 'c', total, 'l', '1')
  call('PEXPIRE', K, ARGV[5])
elseif total > 0 then
  call('HSET', K, 'c', total)
  call('PEXPIRE', K, 3600000)
end
publish('#'..total)
change('subscription_count', tostring(total))
return result()
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
local origin = string.sub(node, 1, 8)..'.'..sequence
if not epoch then
  call('DEL', H)
  epoch = origin
end
local offset = string.format('%.0f', (kept[2] or 0) + 1)
call('XADD', H, offset..'-0', 'a', string.format('%.0f', nowMs), 'f', frame, 'x', except, 'u', user, 'o', origin)
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
 * Reads a page of the history. ARGV: direction, first offset or empty, limit, maximum events, milliseconds, first and
 * last time in ms. Returns JSON: { e: epoch, o: offset, v: events, n: time in ms }, or nothing if there is no history.
 * One event more than the limit means that there is a next page.
 */
const history = `${library}${histories}
local kept = call('HMGET', E, 'e', 'o')
if not kept[1] then return false end
local offset, limit = tonumber(kept[2]), tonumber(ARGV[3])
local nowMs = timeMs()
local oldestMs = math.max(nowMs - tonumber(ARGV[5]), tonumber(ARGV[6]) - 1)
local newestMs = tonumber(ARGV[7])
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
-- Events of other times stand at the ends of the stream: they are passed over.
while #answer.v <= limit do
  local page = call(command, H, from, to, 'COUNT', limit + 1)
  for _, entry in ipairs(page) do
    local one = event(entry, oldestMs)
    if one and tonumber(one[2]) <= newestMs and #answer.v <= limit then answer.v[#answer.v + 1] = one end
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
for _, one in ipairs(call('HVALS', N)) do total = total + tonumber(one) end
return { total, call('HLEN', M) }
`;

/** Returns the members, each as JSON. */
const membersOf = `${library}${readMembers}
return members
`;

/** Returns the users who are members through a node. ARGV: node. */
const membersVia = `${library}
local found, all = {}, call('HGETALL', M)
for index = 1, #all, 2 do
  local nodes = string.match(all[index + 1], '^[^ ]*')
  if string.find(','..nodes..',', ','..ARGV[1]..',', 1, true) then found[#found + 1] = all[index] end
end
return found
`;

/**
 * A user's first connection on a node, or its last. KEYS[1]: set of the user's nodes. ARGV: node, 1 or 0, 1 if
 * watchers are notified.
 */
const user = `${changing}${leaving}
local wasOnline = call('EXISTS', B) == 1
call(ARGV[2] == '1' and 'SADD' or 'SREM', B, ARGV[1])
local isOnline = call('EXISTS', B) == 1
if wasOnline ~= isOnline then
  if isOnline then recordArrival('user_online') else recordDeparture('user_offline') end
  if ARGV[3] == '1' then publish((isOnline and '1' or '0')..changes[1][2]) end
end
return result()
`;

/**
 * Returns the stored changes of a node's calls whose answers it may not have received, or nothing. ARGV: node, number of
 * this call.
 */
const unanswered = `
local R = KEYS[1]..':r:'..ARGV[1]
local kept = redis.call('GET', R) or ''
redis.call('SET', R, ARGV[2]..(string.match(kept, '\\n.*') or ''), 'PX', ${receiptsKeptMs})
return kept
`;

/** Returns { 1 if the user is online, revision of the last change }. */
const userState = `${library}
return { call('EXISTS', B), call('GET', V) or '0' }
`;

const changingScripts = { join, leave, contribute, count, user } as const;

export const redisScripts = {
  ...changingScripts,
  rate,
  unlock,
  broadcast,
  missed,
  publish,
  history,
  counts,
  membersOf,
  membersVia,
  userState,
  unanswered,
  report,
} as const;

export type RedisScript = keyof typeof redisScripts;
export type ChangingScript = keyof typeof changingScripts;
