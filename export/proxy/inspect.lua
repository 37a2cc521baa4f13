-- Copyright 2026 The snas_tf Authors.
-- SPDX-License-Identifier: Apache-2.0
--
-- What haproxy.cfg asks of a request's body: how deep its JSON is nested, and which model a gRPC message names.
-- Each function leaves its variable unset where it cannot tell, and the configuration then refuses the request.

local DEEPEST = 8
local MOST_BYTES = 2000000

local find, byte_at = string.find, string.byte

-- The greatest number of brackets and braces that are open at once outside of strings, counted as the server's parser
-- meets them; DEEPEST + 1 stands for all that is more. What is no JSON may be counted too deep, never too shallow: up to
-- the first mistake both read alike, and there the server stops.
local function depth_of(json)
  local depth, deepest, at = 0, 0, 1
  while true do
    local found = find(json, "[^%d,%s]", at)  -- behind what pixels mostly are
    if not found then return deepest end
    local byte = byte_at(json, found)
    at = found + 1
    if byte == 34 then  -- a string: go behind its end, the next quote with an even number of backslashes before it
      local escapes
      repeat
        found = find(json, '"', at, true)
        if not found then return deepest end  -- it never ends, so nothing is nested behind it
        escapes = 0
        while found - 1 - escapes >= at and byte_at(json, found - 1 - escapes) == 92 do
          escapes = escapes + 1
        end
        at = found + 1
      until escapes % 2 == 0
    elseif byte == 91 or byte == 123 then
      depth = depth + 1
      if depth > deepest then deepest = depth end
      if depth > DEEPEST then return depth end
    elseif (byte == 93 or byte == 125) and depth > 0 then
      depth = depth - 1
    end
  end
end

core.register_action("json_depth", { "http-req" }, function(txn)
  local body = txn.f:req_body()
  if body and #body > 0 and #body == txn.f:req_body_size() and #body <= MOST_BYTES then
    txn:set_var("txn.json_depth", depth_of(body))
  end
end)

-- A number in protobuf's variable length, and where the next byte is; nothing if it does not end.
local function varint(message, at)
  local number = 0
  for shift = 0, 63, 7 do
    local byte = byte_at(message, at)
    if not byte then return end
    at = at + 1
    number = number | (byte & 127) << shift
    if byte < 128 then return number, at end
  end
end

-- Contents of the one field 1 of a protobuf message, nothing if there is none, or more than one, or no message.
local function field_1(message)
  local at, found = 1, nil
  while at <= #message do
    local tag, size
    tag, at = varint(message, at)
    if not tag then return end
    local kind = tag & 7
    if kind == 0 then
      size, at = varint(message, at)
      if not size then return end
    elseif kind == 1 then
      at = at + 8
    elseif kind == 5 then
      at = at + 4
    elseif kind == 2 then
      size, at = varint(message, at)
      if not size or size < 0 or size > #message - at + 1 then return end
      if (tag & 0xffffffff) >> 3 == 1 then  -- as the server's parser, which drops what is beyond 32 bits
        if found then return end  -- protobuf would merge the two
        found = message:sub(at, at + size - 1)
      end
      at = at + size
    else
      return
    end
  end
  if at == #message + 1 then return found end
end

core.register_action("grpc_model", { "http-req" }, function(txn)
  local body = txn.f:req_body()
  -- One message: a byte that says it is not compressed, four for its length, and it.
  if not body or #body < 5 or #body > MOST_BYTES or byte_at(body, 1) ~= 0 then return end
  if string.unpack(">I4", body, 2) ~= #body - 5 then return end
  local spec = field_1(body:sub(6))
  local name = spec and field_1(spec)
  if name then txn:set_var("txn.grpc_model", name) end
end)
