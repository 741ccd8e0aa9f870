-- A file switches the maintenance page on, its content is what people are told; see /usr/bin/maintenance.
local FILE, MAP, MILLISECONDS = "/var/lib/edge/maintenance", "/etc/haproxy/maintenance.map", 500
local USUAL = "The platform is being worked on and will be back soon. Nothing is lost."
local MISSING = { [2] = true, [20] = true }
local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
local told

-- What the file says; nil when there is none. One that cannot be read is there all the same.
local function notice()
    local file, _, code = io.open(FILE)
    if not file then return not MISSING[code] and USUAL or nil end
    local text = (file:read(500) or ""):gsub("%c", " "):match("^%s*(.-)%s*$")
    file:close()
    return text ~= "" and text or USUAL
end

local function look()
    local text = notice()
    if text == told then return end
    told = text
    if text then
        core.set_map(MAP, "text", text)
        core.set_map(MAP, "html", (text:gsub('[&<>"]', ENTITIES)))
    else
        core.del_map(MAP, "text")
        core.del_map(MAP, "html")
    end
end

core.register_init(look)
core.register_task(function()
    while true do
        core.msleep(MILLISECONDS)
        look()
    end
end)
