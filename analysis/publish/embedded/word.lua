-- What pandoc's title block of Word leaves out: the keywords.
local stringify = pandoc.utils.stringify

function Pandoc(document)
  local keywords = pandoc.List(document.meta.keywords or {}):map(stringify)
  if #keywords == 0 then return nil end
  local line = pandoc.Para { pandoc.Strong 'Keywords:', pandoc.Space(), pandoc.Str(table.concat(keywords, '; ')) }
  document.blocks = pandoc.Blocks { line } .. document.blocks
  return document
end
