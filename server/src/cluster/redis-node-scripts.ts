/** The Lua scripts that concern nodes and limits, not channels. */

/**
 * A token bucket. KEYS[1]: the bucket, which expires when it is full. ARGV: burst, tokens per second. Returns the
 * milliseconds to wait, or 0.
 */
export const rate = `
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
export const broadcast = `
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', 10000, '*', 'm', ARGV[1])
redis.call('PEXPIRE', KEYS[1], 3600000)
redis.call('SPUBLISH', KEYS[1], id..' '..ARGV[1])
`;

/**
 * The messages that were stored after an id, each with the id, whose first part is its time in milliseconds, and the
 * time now by the same clock. KEYS[1]: the stream. ARGV: the id.
 */
export const missed = `
local t = redis.call('TIME')
local nowMs = string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000))
return { nowMs, redis.call('XRANGE', KEYS[1], '('..ARGV[1], '+') }
`;

/** Releases a lock if the caller still holds it. KEYS[1]: the lock. ARGV: its token. */
export const unlock = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

/**
 * Writes a node's report, and adds to its JSON the time by the clock of Redis. KEYS[1]: hash of reports. ARGV: node,
 * report.
 */
export const report = `
local t = redis.call('TIME')
local atMs = string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000))
redis.call('HSET', KEYS[1], ARGV[1], string.sub(ARGV[2], 1, -2)..',"aliveAtMs":'..atMs..'}')
`;
