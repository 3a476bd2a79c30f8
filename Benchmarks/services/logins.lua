-- Logins of several people in turn: wrk … -- FILE, of which a line is an address.
local lines, position = {}, 0
local stages = dofile((debug.getinfo(1, "S").source:sub(2):match(".*/") or "./") .. "summary.lua")

function init(args)
  for line in io.lines(args[1]) do
    local body = string.format('{"email": "%s", "password": "%s"}', line, args[2])
    lines[#lines + 1] = wrk.format("POST", "/auth/login", {["Content-Type"] = "application/json"}, body)
  end
end

function request()
  position = position + 1
  return lines[position % #lines + 1]
end

done = stages.done
