"""Scripts: what the server does in one step, so that nobody writes in between.

Keys and values are arguments, never part of a script.
"""

from __future__ import annotations

__all__ = ["ADD_HASH", "ADD_TEXT", "REMOVE_HASH", "REMOVE_TEXT", "UPDATE_HASH", "UPDATE_TEXT"]

_EXPIRE = """
local function expire(key, ttl)
  if ttl ~= '' then redis.call('PEXPIRE', key, ttl) end
end
"""

_COMPARE = """
local function compare(key, at, count)
  if redis.call('EXISTS', key) == 0 then return 'gone' end
  for number = 1, count do
    local held = redis.call('HGET', key, ARGV[at])
    if ARGV[at + 1] == '0' then
      if held then return 'changed' end
    elseif held ~= ARGV[at + 2] then
      return 'changed'
    end
    at = at + 3
  end
  return nil
end
"""

# KEYS: the key. ARGV: time to live, then fields and values.
ADD_HASH = (
    _EXPIRE
    + """
if redis.call('EXISTS', KEYS[1]) == 1 then return {'taken'} end
for at = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1]) end
expire(KEYS[1], ARGV[1])
return {'done', redis.call('HGETALL', KEYS[1])}
"""
)

# KEYS: the key, and the one that it is to have. ARGV: time to live, how many fields are compared,
# each of these with a mark and its value, how many are set, each with its value, then those
# that go.
UPDATE_HASH = (
    _EXPIRE
    + _COMPARE
    + """
local count = tonumber(ARGV[2])
local refused = compare(KEYS[1], 3, count)
if refused then return {refused} end
if KEYS[1] ~= KEYS[2] then
  if redis.call('EXISTS', KEYS[2]) == 1 then return {'taken'} end
  redis.call('RENAME', KEYS[1], KEYS[2])
end
local at = 3 + 3 * count
local sets = tonumber(ARGV[at])
at = at + 1
for number = 1, sets do
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  at = at + 2
end
for gone = at, #ARGV do redis.call('HDEL', KEYS[2], ARGV[gone]) end
expire(KEYS[2], ARGV[1])
return {'done', redis.call('HGETALL', KEYS[2])}
"""
)

# KEYS: the key. ARGV: how many fields are compared, each with a mark and its value.
REMOVE_HASH = (
    _COMPARE
    + """
local refused = compare(KEYS[1], 2, tonumber(ARGV[1]))
if refused then return {refused} end
redis.call('DEL', KEYS[1])
return {'done'}
"""
)

# KEYS: the key. ARGV: time to live, the text.
ADD_TEXT = (
    _EXPIRE
    + """
if redis.call('EXISTS', KEYS[1]) == 1 then return {'taken'} end
redis.call('SET', KEYS[1], ARGV[2])
expire(KEYS[1], ARGV[1])
return {'done', ARGV[2]}
"""
)

# KEYS: the key, and the one that it is to have. ARGV: time to live, the text before and after.
UPDATE_TEXT = (
    _EXPIRE
    + """
local held = redis.call('GET', KEYS[1])
if not held then return {'gone'} end
if held ~= ARGV[2] then return {'changed'} end
if KEYS[1] ~= KEYS[2] then
  if redis.call('EXISTS', KEYS[2]) == 1 then return {'taken'} end
  redis.call('RENAME', KEYS[1], KEYS[2])
end
redis.call('SET', KEYS[2], ARGV[3], 'KEEPTTL')
expire(KEYS[2], ARGV[1])
return {'done', ARGV[3]}
"""
)

# KEYS: the key. ARGV: the text.
REMOVE_TEXT = """
local held = redis.call('GET', KEYS[1])
if not held then return {'gone'} end
if held ~= ARGV[1] then return {'changed'} end
redis.call('DEL', KEYS[1])
return {'done'}
"""
