-- In the PDF, hang the numbers of the reference list (runs after citeproc).
local function part(block, class)
  local found
  block:walk { Span = function(span) if span.classes:includes(class) then found = span.content end end }
  return found
end

local function entry(div)
  if not div.classes:includes('csl-entry') then return nil end
  local mark, text = part(div, 'csl-left-margin'), part(div, 'csl-right-inline')
  if not (mark and text) then return nil end
  local open = pandoc.Inlines { pandoc.RawInline('typst', '#reference[') }
  local middle = pandoc.Inlines { pandoc.RawInline('typst', '][') }
  div.content = { pandoc.Plain(open .. mark .. middle .. text .. pandoc.Inlines { pandoc.RawInline('typst', ']') }) }
  return div
end

function Pandoc(document)
  if FORMAT:match('typst') then return document:walk { Div = entry } end
end
