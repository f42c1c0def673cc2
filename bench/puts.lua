-- puts.lua - bulk puts over etcd's JSON gateway by wrk: what the gateway takes at most.
--
-- usage: OPS=COUNT PREFIX=PREFIX wrk -t1 -c8 -d5s -s puts.lua URL
--
-- Posts transactions of OPS puts (128, etcd's default limit), which are made before the
-- clock starts, so that no client's work is measured. Values have 102 bytes; the keys
-- under PREFIX (bench/faker) are written again and again. Prints keys a second and how
-- many replies were HTTP errors.

local ops = tonumber(os.getenv("OPS")) or 128
local prefix = os.getenv("PREFIX") or "bench/faker"
local BODIES = 200

local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- base64 of a text whose length is a multiple of three, so that there is no padding.
local function base64(text)
  return (text:gsub("...", function(three)
    local a, b, c = three:byte(1, 3)
    local number = (a * 256 + b) * 256 + c
    local digits = ""
    for _ = 1, 4 do
      local digit = number % 64
      digits = DIGITS:sub(digit + 1, digit + 1) .. digits
      number = (number - digit) / 64
    end
    return digits
  end))
end

-- A key such as bench/faker/00000007, with as many zeros as make whole groups of three.
local function key(index)
  local width = 8 + (-(#prefix + 1 + 8)) % 3
  return prefix .. "/" .. string.format("%0" .. width .. "d", index)
end

local function body(number)
  local value = base64(string.rep("x", 102))
  local puts = {}
  for i = 0, ops - 1 do
    puts[#puts + 1] = string.format(
      '{"requestPut":{"key":"%s","value":"%s"}}', base64(key(number * ops + i)), value)
  end
  return '{"success":[' .. table.concat(puts, ",") .. "]}"
end

local bodies = {}
for number = 0, BODIES - 1 do
  bodies[number] = body(number)
end

local sent = 0
function request()
  sent = sent + 1
  return wrk.format("POST", "/v3/kv/txn", nil, bodies[sent % BODIES])
end

function done(summary)
  local seconds = summary.duration / 1e6
  print(string.format("%.0f keys/s, %d HTTP errors",
    summary.requests * ops / seconds, summary.errors.status))
end
