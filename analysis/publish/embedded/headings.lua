-- On a page the title is the only first-level heading: the sections come one level below it.
function Header(element)
  if FORMAT:match('html') then
    element.level = math.min(element.level + 1, 6)
    return element
  end
end
