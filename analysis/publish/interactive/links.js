// Links to every table and figure, and copies of them; names for the regions that tables stand in.
const copy = async (text, button) => {
  let done = true;
  try { await navigator.clipboard.writeText(text); } catch {
    const area = make('textarea', { value: text, className: 'ipd-heard', readOnly: true });
    document.body.append(area);
    area.select();
    done = document.execCommand('copy');
    area.remove();
    button.focus();
  }
  say(done ? 'Copied' : 'This browser does not allow copying: select the text and copy it by hand.');
  const label = button.textContent;
  if (label === 'Copied') return;
  button.textContent = done ? 'Copied' : 'Not allowed';
  setTimeout(() => { button.textContent = label; }, 2000);
};

// Tab-separated, as spreadsheets paste it. What a spreadsheet would take for a formula is marked as text.
const plainCell = (cell) => {
  const text = tidy(cell.innerText ?? cell.textContent);
  return /^[=+@-]/.test(text) ? `'${text}` : text;
};
const asText = (table, caption) => {
  const rows = all('tr', table).filter((row) => !row.closest('.ipd-out'));
  const lines = rows.map(() => []);
  rows.forEach((row, at) => {
    let column = 0;
    for (const cell of row.cells) {
      while (lines[at][column] !== undefined) column += 1; // taken by a cell from above
      for (let down = 0; down < cell.rowSpan && at + down < rows.length; down += 1) {
        for (let right = 0; right < cell.colSpan; right += 1) {
          lines[at + down][column + right] = down || right ? '' : plainCell(cell);
        }
      }
    }
  });
  return [...(caption ? [captionText(caption)] : []), ...lines.map((line) => line.join('\t'))].join('\n');
};

const tools = (caption) => {
  const float = floatOf(caption);
  if (!float || caption.querySelector('.ipd-tools')) return;
  const name = nameOf(caption);
  const box = make('span', { className: 'ipd-tools' });
  const button = (text, label, act) => {
    const made = make('button', { type: 'button', textContent: text, ariaLabel: label });
    made.addEventListener('click', () => act(made));
    box.append(made);
  };
  box.append(make('a', { href: `#${float.id}`, textContent: 'Link', ariaLabel: `Link to ${name}` }));
  button('Copy link', `Copy link to ${name}`, (made) => copy(`${location.href.split('#')[0]}#${float.id}`, made));
  const table = float.querySelector('table');
  if (table) button('Copy table', `Copy table: ${name}`, (made) => copy(asText(table, caption), made));
  caption.append(box);
};

whenReady(() => {
  for (const caption of all('figure figcaption')) {
    const text = captionText(caption);
    for (const box of all('.table-scroll', caption.closest('figure'))) box.ariaLabel = text;
    for (const table of all('table', caption.closest('figure'))) if (!table.caption) table.ariaLabel = text;
    tools(caption);
  }
});
