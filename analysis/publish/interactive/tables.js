// Tables marked `data-sortable`: sort by a column, filter by text, P value and group.
// A block is a row with the rows of its levels: they move and hide together.
const blocksOf = (body) => {
  const blocks = [];
  for (const row of [...body.rows].filter((each) => !each.querySelector('[scope=rowgroup]'))) {
    const last = blocks.at(-1);
    if (last && row.classList.contains('level') && !last[0].classList.contains('level')) last.push(row);
    else blocks.push([row]);
  }
  return blocks;
};
// The lowest header of each column, whatever spans above it.
const headsOf = (table) => {
  const heads = [];
  const taken = [];
  [...(table.tHead?.rows ?? [])].forEach((row, at) => {
    let column = 0;
    for (const cell of row.cells) {
      while (taken[column] > at) column += 1;
      for (let end = column + cell.colSpan; column < end; column += 1) {
        taken[column] = at + cell.rowSpan;
        heads[column] = cell;
      }
    }
  });
  return heads;
};
const cellText = (row, column) => tidy(row.cells[column]?.textContent ?? '');

const keyOf = (block, column) => {
  const texts = block.map((row) => cellText(row, column)).filter((text) => text && text !== 'Reference');
  const value = column ? texts.map(number).find((each) => each !== null) ?? null : null;
  return { value, text: texts[0] ?? '' };
};
const compare = (a, b, downwards) => {
  if ((a.value === null) !== (b.value === null)) return a.value === null ? 1 : -1; // those without come last
  const order = a.value === null ? a.text.localeCompare(b.text, undefined, { numeric: true }) : a.value - b.value;
  return downwards ? -order : order;
};
const sort = (table, parts, column, downwards) => {
  for (const { body, blocks, rules } of parts) {
    const keyed = blocks.map((block) => ({ block, key: column === null ? null : keyOf(block, column) }));
    if (column !== null) keyed.sort((a, b) => compare(a.key, b.key, downwards));
    const rows = keyed.flatMap(({ block }) => block);
    rows.forEach((row, at) => { // rules stay where they are
      for (const rule of ['thin', 'thick']) row.classList.toggle(rule, rules[at] === rule);
    });
    body.append(...rows);
  }
};

const sorters = (table, heads, parts) => {
  heads.forEach((head, column) => {
    const button = make('button', { type: 'button', className: 'ipd-sort' }, ...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const now = head.ariaSort === 'ascending' ? 'descending' : 'ascending';
      for (const each of heads) each.ariaSort = null;
      head.ariaSort = now;
      sort(table, parts, column, now === 'descending');
      say(`Sorted by ${tidy(head.textContent)}, ${now}`);
    });
  });
};

const filterBar = (table, heads, parts, name) => {
  const ps = heads.flatMap((head, column) => (/^P\b/.test(tidy(head.textContent)) ? [column] : []));
  const groups = parts.map(({ body }) => tidy(body.querySelector('[scope=rowgroup]')?.textContent ?? ''));
  const words = make('input', { type: 'search', autocomplete: 'off' });
  const most = make('input', { type: 'number', min: 0, max: 1, step: 'any', placeholder: 'any' });
  const group = make('select', {}, ...['All', ...new Set(groups)].map((text) => make('option', { textContent: text })));
  const shown = make('span', { className: 'ipd-count', role: 'status' });
  const again = make('button', { type: 'button', textContent: 'Reset' });
  const bar = make('div', { className: 'ipd-bar', role: 'group', ariaLabel: `Filter ${name}` },
    make('label', {}, 'Rows with ', words));
  if (ps.length) bar.append(make('label', {}, 'P at most ', most));
  if (groups.length > 1 && groups.every(Boolean)) bar.append(make('label', {}, 'Part ', group));
  bar.append(again, shown);
  const total = parts.reduce((sum, { blocks }) => sum + blocks.length, 0);
  const filter = () => {
    let count = 0;
    const limit = most.value === '' ? null : Number(most.value);
    parts.forEach(({ body, blocks }, at) => {
      const inGroup = group.value === 'All' || groups[at] === group.value;
      let any = false;
      for (const block of blocks) {
        const text = block.map((row) => tidy(row.textContent)).join(' ').toLowerCase();
        const values = block.flatMap((row) => ps.map((column) => number(cellText(row, column)))).filter((p) => p !== null);
        const keep = inGroup && text.includes(words.value.trim().toLowerCase()) && (limit === null || values.some((p) => p <= limit));
        for (const row of block) row.classList.toggle('ipd-out', !keep);
        any ||= keep;
        count += keep;
      }
      body.classList.toggle('ipd-out', !any);
    });
    table.classList.toggle('ipd-filtered', count < total);
    shown.textContent = count < total ? `${count} of ${total} rows` : '';
  };
  for (const field of [words, most, group]) field.addEventListener('input', filter);
  again.addEventListener('click', () => {
    words.value = most.value = '';
    group.value = 'All';
    for (const head of heads) head.ariaSort = null;
    sort(table, parts, null);
    filter();
  });
  return bar;
};

whenReady(() => {
  for (const table of all('table[data-sortable]')) {
    const heads = headsOf(table);
    const movable = [...table.tBodies].flatMap(blocksOf).flat().every((row) => row.cells.length === heads.length);
    if (!heads.length || !movable || heads.some((head) => head.tagName !== 'TH' || head.colSpan > 1)) continue;
    const parts = [...table.tBodies].map((body) => {
      const blocks = blocksOf(body);
      return { body, blocks, rules: blocks.flat().map((row) => ['thin', 'thick'].find((rule) => row.classList.contains(rule))) };
    });
    const caption = captionOf(floatOf(table));
    const bar = filterBar(table, heads, parts, caption ? nameOf(caption) : 'the table');
    sorters(table, heads, parts);
    (table.closest('.table-scroll') ?? table).before(bar);
  }
});
