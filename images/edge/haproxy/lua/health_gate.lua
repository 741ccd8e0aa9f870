-- A server gets requests only after a health check of its own. HAProxy before 3.1 (`init-state down`) takes one that
-- Docker's name server has just told of for healthy until a first check says otherwise.
local resolved = {}

local function has(flags, wanted)
    for _, flag in pairs(flags) do
        if flag == wanted then return true end
    end
    return false
end

-- The first check of a server that came back is always told of: its health counts from the middle.
core.event_sub({ "SERVER_ADMIN", "SERVER_CHECK" }, function(event, about)
    local name, server = about.proxy_name .. "/" .. about.name, about.reference
    if event == "SERVER_ADMIN" then
        resolved[name] = not has(about.admin.new_admin, "RMAINT")
        if not resolved[name] then server:set_drain() end
    elseif resolved[name] and about.check.result == "PASSED" then
        server:set_ready()
    end
end)

core.register_init(function()
    for _, backend in pairs(core.backends) do
        for _, server in pairs(backend.servers) do server:set_drain() end
    end
end)
