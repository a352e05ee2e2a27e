-- Number sections, figures, tables and equations, and resolve the references to them.
local stringify = pandoc.utils.stringify
local html, word, numbered, depth = true, false, true, 6
local kinds = {
  fig = { title = 'Figure', prefix = 'Figure', space = '\u{a0}', top = false },
  tbl = { title = 'Table', prefix = 'Table', space = '\u{a0}', top = true },
  eq = { title = 'Equation', prefix = 'Equation', space = '\u{a0}' },
  sec = { title = 'Section', prefix = 'Section', space = '\u{a0}' },
}
local delimiter = ':'
local foreign = { lst = 1, thm = 1, lem = 1, cor = 1, prp = 1, cnj = 1, def = 1, exm = 1, exr = 1, sol = 1, rem = 1,
  alg = 1, nte = 1, tip = 1, wrn = 1, imp = 1, cau = 1, vid = 1, dia = 1 }
local labels, counts, section = {}, {}, { 0, 0, 0, 0, 0, 0 }

local function report(kind, value) io.stderr:write('IPDBOOK\t' .. kind .. '\t' .. value .. '\n') end
local function typst(text) return pandoc.RawBlock('typst', text) end
local function inline(text) return pandoc.RawInline('typst', text) end
local function openxml(text) return pandoc.RawInline('openxml', text) end
local function quoted(text) return '"' .. text:gsub('[\\"]', '\\%0') .. '"' end
local function setting(value, default) return value ~= nil and stringify(value) or default end

local function read_settings(meta)
  local crossref = meta.crossref or {}
  html = stringify(meta['ipdbook-target']) == 'html'
  word = stringify(meta['ipdbook-target']) == 'docx'
  numbered = meta['number-sections'] == true
  depth = tonumber(setting(meta['number-depth'], '6'))
  delimiter = setting(crossref['title-delim'], ':')
  for key, kind in pairs(kinds) do
    kind.title = setting(crossref[key .. '-title'], kind.title)
    kind.prefix = setting(crossref[key .. '-prefix'], kind.prefix)
  end
  for _, custom in ipairs(crossref.custom or {}) do
    local prefix = stringify(custom['reference-prefix'])
    kinds[stringify(custom.key)] = {
      prefix = prefix, title = setting(custom['caption-prefix'], prefix),
      space = custom['space-before-numbering'] == false and '' or '\u{a0}',
      top = setting(custom['caption-location'], 'bottom') == 'top',
    }
  end
end

local function float_kind(id)
  local key = (id or ''):match('^(%a+)%-')
  if key and key ~= 'sec' and key ~= 'eq' and kinds[key] then return key end
end

local function named(id, key, number)
  labels[id] = { key = key, number = number }
end

local function next_number(key)
  counts[key] = (counts[key] or 0) + 1
  return tostring(counts[key])
end

-- floats -----------------------------------------------------------------
local function pictured(block)
  local found = false
  if block.t == 'Para' or block.t == 'Plain' then block:walk { Image = function() found = true end } end
  return found
end

local function scroll(blocks)   -- wide tables and figures scroll inside a box of their own
  local result = pandoc.Blocks {}
  for _, block in ipairs(blocks) do
    local raw = block.t == 'RawBlock' and block.text or ''
    local tabular = block.t == 'Table' or (raw:find('<table', 1, true) and not raw:find('table-scroll', 1, true))
    local box = tabular and 'table-scroll' or pictured(block) and 'figure-scroll'
    result:insert(box and pandoc.Div({ block }, pandoc.Attr('', { box })) or block)
  end
  return result
end

local function html_float(id, key, label, caption, content)
  local text = pandoc.Inlines { pandoc.Span({ pandoc.Str(label .. delimiter) }, pandoc.Attr('', { 'caption-label' })), pandoc.Space() } .. caption
  local block = pandoc.Plain(pandoc.Inlines { pandoc.RawInline('html', '<figcaption>') } .. text
    .. pandoc.Inlines { pandoc.RawInline('html', '</figcaption>') })
  local blocks = pandoc.Blocks { pandoc.RawBlock('html', '<figure id="' .. id .. '" class="float float-' .. key .. '">') }
  if kinds[key].top then blocks:insert(block) end
  blocks:extend(scroll(content))
  if not kinds[key].top then blocks:insert(block) end
  blocks:insert(pandoc.RawBlock('html', '</figure>'))
  return blocks
end

local function typst_float(id, key, label, caption, content)
  local position = kinds[key].top and 'top' or 'bottom'
  local open = '#figure(kind: "quarto-float-' .. key .. '", supplement: [' .. label .. '], numbering: _ => "", '
    .. 'caption: figure.caption(separator: [' .. delimiter .. ' ], position: ' .. position .. ')['
  local whole = not kinds[key].top   -- a figure and its caption stay together; a table may break
  if whole then open = '#block(breakable: false, width: 100%)[' .. open end
  local blocks = pandoc.Blocks { pandoc.Plain(pandoc.Inlines { inline(open) } .. caption .. pandoc.Inlines { inline('])[') }) }
  blocks:extend(content)
  blocks:insert(typst('] <' .. id .. '>' .. (whole and ']' or '')))
  return blocks
end

-- Word: captions whose numbers are SEQ fields, inside bookmarks that REF fields point to.
local bookmarks = 100000   -- pandoc counts its own from one

local function escaped(text) return (text:gsub('[&<>"]', { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;' })) end

local function bookmark_name(id)   -- letters, digits and underscores, at most 40
  local name = id:gsub('[^%w]', '_')
  return #name > 36 and name:sub(1, 28) .. pandoc.utils.sha1(id):sub(1, 8) or name
end

local function bookmarked(name, content)
  bookmarks = bookmarks + 1
  return '<w:bookmarkStart w:id="' .. bookmarks .. '" w:name="' .. name .. '"/>' .. content
    .. '<w:bookmarkEnd w:id="' .. bookmarks .. '"/>'
end

local function run(text, bold)
  return '<w:r>' .. (bold and '<w:rPr><w:b/><w:bCs/></w:rPr>' or '') .. '<w:t xml:space="preserve">' .. escaped(text) .. '</w:t></w:r>'
end

local function numbered_caption(id, key, caption)
  local kind, number = kinds[key], labels[id].number
  local field = '<w:fldSimple w:instr=" SEQ ' .. kind.title:gsub('[^%w]+', '_') .. ' \\* ARABIC ">' .. run(number, true) .. '</w:fldSimple>'
  local name = bookmark_name(id)
  local label = bookmarked(name, run(kind.title .. kind.space, true) .. bookmarked(name .. '_no', field))
  return pandoc.Inlines { openxml(label .. run(delimiter .. ' ', true)) } .. caption
end

local function styled(block, style)
  return pandoc.Div({ block }, pandoc.Attr('', {}, { ['custom-style'] = style }))
end

local function word_float(id, key, _, caption, content)
  local above = kinds[key].top
  local text = styled(pandoc.Para(numbered_caption(id, key, caption)), above and 'Table Caption' or 'Image Caption')
  local body = pandoc.Blocks {}
  for _, block in ipairs(content) do
    body:insert(pictured(block) and styled(block, above and 'Figure' or 'Captioned Figure') or block)
  end
  return above and pandoc.Blocks { text } .. body or body .. pandoc.Blocks { text }
end

local function reference_field(name, text)
  local function mark(kind) return '<w:r><w:fldChar w:fldCharType="' .. kind .. '"/></w:r>' end
  return openxml(mark('begin') .. '<w:r><w:instrText xml:space="preserve"> REF ' .. name .. ' \\h \\* MERGEFORMAT </w:instrText></w:r>'
    .. mark('separate') .. run(text) .. mark('end'))
end

local function word_link(citation, id)
  local label, name = labels[id], bookmark_name(id)
  local kind = kinds[label.key]
  local number = reference_field(name .. '_no', label.number)
  if citation.mode == 'SuppressAuthor' then return pandoc.Inlines { number } end
  if #citation.prefix > 0 then return citation.prefix .. pandoc.Inlines { pandoc.Str('\u{a0}'), number } end
  if kind.prefix == kind.title and label.key ~= 'eq' then
    return pandoc.Inlines { reference_field(name, kind.prefix .. kind.space .. label.number) }
  end
  return pandoc.Inlines { pandoc.Str(kind.prefix .. kind.space), number }
end

local function float(id, key, caption, content)
  local number = next_number(key)
  named(id, key, number)
  local label = kinds[key].title .. kinds[key].space .. number
  return (html and html_float or word and word_float or typst_float)(id, key, label, caption, content)
end

local function ruled(blocks)   -- pandoc's own tables get the rules of a three-line table
  if html or word then return blocks end
  return pandoc.Blocks { typst('#ruled[') } .. blocks .. pandoc.Blocks { typst(']') }
end

local function without_captions(blocks)
  return blocks:walk { Figure = function(figure) return figure.content end,
    Table = function(t) t.caption = { long = {} }; t.identifier = ''; return t end }
end

-- one pass in the order of the document ------------------------------------
local function header(element)
  if element.classes:includes('unnumbered') or not numbered or element.level > depth then return nil end
  section[element.level] = section[element.level] + 1
  for level = element.level + 1, 6 do section[level] = 0 end
  local number = table.concat(section, '.', 1, element.level)
  named(element.identifier, 'sec', number)
  element.content = pandoc.Inlines { pandoc.Span(pandoc.Str(number), pandoc.Attr('', { 'section-number' })), pandoc.Space() }
    .. element.content
  return element, false
end

local function div(element)
  local key = float_kind(element.identifier)
  if not key then return nil end
  local last = element.content[#element.content]
  if not last or last.t ~= 'Para' or #element.content < 2 then report('no-caption', element.identifier); return nil end
  local body = pandoc.Blocks { table.unpack(element.content, 1, #element.content - 1) }
  local tables = body:find_if(function(block) return block.t == 'Table' end)
  body = without_captions(body)
  return float(element.identifier, key, last.content, tables and ruled(body) or body), false
end

local function figure(element)
  local key = float_kind(element.identifier)
  if not key then return nil end
  return float(element.identifier, key, pandoc.utils.blocks_to_inlines(element.caption.long), element.content), false
end

local function tables(element)
  local key = float_kind(element.identifier)
  local caption = pandoc.utils.blocks_to_inlines(element.caption.long)
  if key then
    local id = element.identifier
    return float(id, key, caption, ruled(without_captions(pandoc.Blocks { element }))), false
  end
  return html and scroll { element } or ruled(pandoc.Blocks { element }), false
end

local function raw_table(element)
  if html and element.text:find('<table', 1, true) then return scroll { element }, false end
end

local function equation(element)
  local last = element.content[#element.content]
  local id = last and last.t == 'Str' and last.text:match('^{#(eq%-[^%s}]+)}$')
  local math = element.content[1]
  if not id or math.t ~= 'Math' then return nil end
  local number = next_number('eq')
  named(id, 'eq', number)
  if html then
    local tag = pandoc.Span({ pandoc.Str('(' .. number .. ')') }, pandoc.Attr('', { 'equation-number' }))
    return pandoc.Div({ pandoc.Plain { math, tag } }, pandoc.Attr(id, { 'equation' })), false
  end
  if word then
    local mark = bookmarked(bookmark_name(id) .. '_no', run(number))
    local tab = openxml('<w:r><w:tab/></w:r>')
    return styled(pandoc.Para { tab, pandoc.Math('InlineMath', math.text), tab, openxml(run('(') .. mark .. run(')')) },
      'Numbered Equation'), false
  end
  local body = pandoc.write(pandoc.Pandoc { pandoc.Para { math } }, 'typst'):gsub('%s+$', '')
  return typst('#[#set math.equation(alt: ' .. quoted((math.text:gsub('%s+', ' '))) .. ', numbering: _ => "(' .. number
    .. ')")\n' .. body .. ' <' .. id .. '>]'), false
end

local function math(element)   -- a screen reader of the PDF hears the TeX source
  if html or word then return nil end
  local alt = quoted((element.text:gsub('%s+', ' ')))
  return pandoc.Inlines { inline('#[#set math.equation(alt: ' .. alt .. ');'), element, inline(']') }
end

-- references ----------------------------------------------------------------
local function target(citation)
  local id = citation.id:sub(1, 1):lower() .. citation.id:sub(2)
  local key = id:match('^(%a+)%-')
  return (kinds[key] or foreign[key]) and id or nil
end

local function link(citation, id)
  local label = labels[id]
  if not label then report('unresolved', citation.id); return pandoc.Str('?' .. id) end
  local kind = kinds[label.key]
  local text = pandoc.Inlines { pandoc.Str(kind.prefix .. kind.space .. label.number) }
  if citation.mode == 'SuppressAuthor' then text = pandoc.Inlines { pandoc.Str(label.number) }
  elseif #citation.prefix > 0 then text = citation.prefix .. pandoc.Inlines { pandoc.Str('\u{a0}' .. label.number) } end
  return pandoc.Link(text, '#' .. id, '', pandoc.Attr('', { 'crossref' }))
end

local function cite(element)
  local result, others = pandoc.Inlines {}, 0
  for position, citation in ipairs(element.citations) do
    local id = target(citation)
    if not id then others = others + 1 else
      if position > 1 then result:extend { pandoc.Str(','), pandoc.Space() } end
      if word and labels[id] and labels[id].key ~= 'sec' then result:extend(word_link(citation, id))
      else result:insert(link(citation, id)) end
    end
  end
  if others == #element.citations then return nil end
  if others > 0 then report('mixed', element.citations[1].id) end
  return result
end

-- what is wrong with the whole -------------------------------------------------
local function check_ids(document)
  local seen = {}
  local function see(element)
    local id = element.identifier
    if id ~= '' and seen[id] then report('duplicate', id) end
    seen[id] = true
  end
  document:walk { Header = see, Div = see, Span = see, Figure = see, Table = see, CodeBlock = see,
    Str = function(str)
      local id = str.text:match('^{#([^%s}]+)}$')
      if id then see { identifier = id } end
    end }
end

local function check_citations(document)
  local known = {}
  for _, reference in ipairs(pandoc.utils.references(document)) do known[stringify(reference.id)] = true end
  document:walk { Cite = function(element)
    for _, citation in ipairs(element.citations) do
      if not known[citation.id] then report('unknown-citation', citation.id) end
    end
  end }
end

function Pandoc(document)
  read_settings(document.meta)
  check_ids(document)
  document = document:walk { traverse = 'topdown', Header = header, Div = div, Figure = figure, Table = tables,
    RawBlock = raw_table, Para = equation }
  document = document:walk { Math = math }
  document = document:walk { Cite = cite }
  check_citations(document)
  document.meta.crossref = nil
  return document
end
