-- Keep what the target format shows: conditional content, and raw text of that format only.
local target = 'html'

local function names_target(name)
  name = name:gsub('[:+].*$', ''):gsub('^html[45]$', 'html'):gsub('^pdf$', 'typst'):gsub('^openxml$', 'docx')
  return name == target
end

local function shown(element)
  local visible = element.classes:includes('content-visible')
  local hidden = element.classes:includes('content-hidden')
  if not (visible or hidden) then return nil end
  local when, unless = element.attributes['when-format'], element.attributes['unless-format']
  local hit = not (when and not names_target(when)) and not (unless and names_target(unless))
  return visible == hit
end

local function keep(element)
  local show = shown(element)
  if show == false then return {} end
  if show then return element.content end
end

local function only_target(raw)
  if target == 'docx' and raw.t == 'RawBlock' and raw.format == 'html' and raw.text:find('<table', 1, true) then
    return pandoc.read(raw.text, 'html').blocks   -- as Quarto does
  end
  if not names_target(raw.format) then return {} end
end

local filter = { traverse = 'topdown', Div = keep, Span = keep, RawBlock = only_target, RawInline = only_target }

function Pandoc(document)
  target = pandoc.utils.stringify(document.meta['ipdbook-target'])
  return document:walk(filter):walk(filter)   -- what a kept div held is new to the second walk
end
