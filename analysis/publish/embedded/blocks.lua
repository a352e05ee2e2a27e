-- Blocks that Quarto knows and pandoc does not: callouts, landscape pages, folded code; images.
local stringify = pandoc.utils.stringify
local html, word = true, false

local function report(kind, value) io.stderr:write('IPDBOOK\t' .. kind .. '\t' .. value .. '\n') end
local function typst(text) return pandoc.RawBlock('typst', text) end
local function openxml(text) return pandoc.RawBlock('openxml', text) end
local function quoted(text) return '"' .. text:gsub('[\\"]', '\\%0') .. '"' end

-- callouts ---------------------------------------------------------------
local function callout_title(div, kind)
  local body = div.content
  if div.attributes.title then
    return pandoc.read(div.attributes.title, 'markdown').blocks[1].content, body
  end
  if body[1] and body[1].t == 'Header' then
    local title = body[1].content
    return title, pandoc.Blocks { table.unpack(body, 2) }
  end
  return pandoc.Inlines { pandoc.Str((kind:gsub('^%l', string.upper))) }, body
end

local function callout(div, kind)
  local title, body = callout_title(div, kind)
  if word then
    return pandoc.Blocks { pandoc.Para { pandoc.Strong(title) }, pandoc.BlockQuote(body) }
  end
  if not html then
    local head = pandoc.Inlines { pandoc.RawInline('typst', '#callout(' .. quoted(kind) .. ', [') }
      .. title .. pandoc.Inlines { pandoc.RawInline('typst', '])[') }
    return pandoc.Blocks { pandoc.Plain(head), pandoc.Div(body), typst(']') }
  end
  local collapse = div.attributes.collapse
  local outer = collapse and 'details' or 'aside'
  local inner = collapse and 'summary' or 'p'
  local open = outer .. (collapse == 'false' and ' open' or '')
  local id = div.identifier ~= '' and (' id=' .. quoted(div.identifier)) or ''
  local head = pandoc.Inlines { pandoc.RawInline('html', '<' .. inner .. ' class="callout-title">') }
    .. title .. pandoc.Inlines { pandoc.RawInline('html', '</' .. inner .. '>') }
  return pandoc.Blocks {
    pandoc.RawBlock('html', '<' .. open .. id .. ' class="callout callout-' .. kind .. '">'),
    pandoc.Plain(head), pandoc.Div(body, pandoc.Attr('', { 'callout-body' })),
    pandoc.RawBlock('html', '</' .. outer .. '>'),
  }
end

-- The section before ends where a landscape one begins; word_sections.py writes out the rest.
local portrait = '<w:p><w:pPr><w:sectPr/></w:pPr></w:p>'
local landscape = '<w:p><w:pPr><w:sectPr><w:pgSz w:orient="landscape"/></w:sectPr></w:pPr></w:p>'

local function div_block(div)
  if not html and #div.content == 0 and div.identifier == '' then return {} end  -- a place for the page
  for _, class in ipairs(div.classes) do
    local kind = class:match('^callout%-(%a+)$')
    if kind then return callout(div, kind) end
  end
  if div.classes:includes('landscape') and word then
    return pandoc.Blocks { openxml(portrait), pandoc.Div(div.content), openxml(landscape) }
  end
  if div.classes:includes('landscape') and not html then
    return pandoc.Blocks { typst('#page(flipped: true)['), pandoc.Div(div.content), typst(']') }
  end
end

local function code_block(code)
  if not code.classes:includes('fold') then return nil end
  code.classes = code.classes:filter(function(class) return class ~= 'fold' end)
  if not html then return code end
  local open = '<details class="code-fold"><summary>Code</summary>'
  return { pandoc.RawBlock('html', open), code, pandoc.RawBlock('html', '</details>') }, false
end

-- images -----------------------------------------------------------------
local root, build = '.', '.'

local function saved(source)   -- an image that a cell wrote into its Markdown, as a file
  local kind, content = pandoc.mediabag.fetch(source)
  local extension = kind and kind:match('svg') and '.svg' or '.' .. ((kind or 'image/png'):match('/(%a+)'))
  local path = build .. '/' .. pandoc.utils.sha1(content) .. extension
  local file = assert(io.open(path, 'wb'))
  file:write(content); file:close()
  return path
end

local function of_a_cell(source) return source:sub(1, #build) == build end

local function located(source)
  if source:match('^data:') then return saved(source) end
  if source:match('^%a[%w+.-]*:') or source:match('^//') then report('remote-image', source); return nil end
  local path = source:match('^/') and source:sub(2) or pandoc.path.normalize(pandoc.path.join { root, source })
  if of_a_cell(source) then path = source end
  if not of_a_cell(source) and (pandoc.path.is_absolute(path) or ('/' .. path):find('/../', 1, true)) then
    report('outside-image', source); return nil
  end
  local file = io.open(path, 'rb')
  if not file then report('missing-image', source); return nil end
  file:close()
  report('image', path)
  return path
end

local function image(element)
  local alt = element.attributes['fig-alt'] or ''
  local as_written = element.src
  if alt == '' then alt = stringify(element.caption) end
  if alt == '' and not of_a_cell(as_written) then report('no-alt', as_written) end
  local path = located(as_written)
  if not path then return pandoc.Str('') end
  element.attributes['fig-alt'] = nil
  element.src = path
  if html then element.attributes.alt = alt; return element end
  if word then element.caption = { pandoc.Str(alt) }; return element end
  local width = element.attributes.width
  width = width and (', width: ' .. width:gsub('px$', 'pt'):gsub('^(%d+)$', '%1pt')) or ''
  return pandoc.RawInline('typst', '#image(' .. quoted('/' .. path) .. width .. ', alt: ' .. quoted(alt) .. ')')
end

local function figure(element)   -- a caption is no description: a figure says what it shows
  element:walk { Image = function(found)
    if (found.attributes['fig-alt'] or '') == '' then report('no-alt', found.src) end
  end }
end

function Pandoc(document)
  html = stringify(document.meta['ipdbook-target']) == 'html'
  word = stringify(document.meta['ipdbook-target']) == 'docx'
  root = stringify(document.meta['ipdbook-folder'])
  build = stringify(document.meta['ipdbook-figures'])
  document = document:walk { Figure = figure }
  return document:walk { Div = div_block, CodeBlock = code_block, Image = image }
end
