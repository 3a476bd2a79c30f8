-- One request over and over: wrk … -- METHOD PATH [NAME VALUE]…
local request_bytes
local stages = dofile((debug.getinfo(1, "S").source:sub(2):match(".*/") or "./") .. "summary.lua")

function init(args)
  local headers = {}
  for i = 3, #args, 2 do headers[args[i]] = args[i + 1] end
  request_bytes = wrk.format(args[1], args[2], headers)
end

function request() return request_bytes end

done = stages.done
