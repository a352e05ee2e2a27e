// Forest plots: a row of the picture is highlighted and read out in figures, with a link to its model.
const readOut = (row) => {
  const heads = [...row.closest('table').tHead.rows[0].cells].map((cell) => tidy(cell.textContent));
  const cells = [...row.cells].map((cell) => tidy(cell.textContent));
  const said = heads.slice(1, -1).map((head, at) => (cells[at + 1] ? `${head}: ${cells[at + 1]}` : '')).filter(Boolean);
  return [make('strong', { textContent: cells[0] }), said.length ? `. ${said.join('; ')}. ` : '. ',
    make('a', { href: `#${row.id}`, textContent: cells.at(-1) && cells.length > 1 ? 'Its row and model' : 'Its row' })];
};

const alive = (picture, rows) => {
  const name = rows[0].closest('.table-scroll').ariaLabel;
  const plot = make('span', { className: 'ipd-plot', tabIndex: 0 });
  plot.setAttribute('role', 'group');
  plot.setAttribute('aria-roledescription', 'plot with rows');
  plot.ariaLabel = `${name}: arrow keys move from row to row, Enter opens the model`;
  const light = make('span', { className: 'ipd-light', hidden: true });
  const out = make('p', { className: 'ipd-readout', role: 'status' });
  const hint = 'Point at a row, or move to the plot and use the arrow keys, to read it in figures.';
  const box = picture.closest('.figure-scroll') ?? picture.parentElement;
  const frame = make('div', { className: 'ipd-frame' });
  box.classList.add('ipd-plot-scroll');
  picture.replaceWith(plot);
  plot.append(picture, light);
  box.replaceWith(frame);
  frame.append(box, out);
  let current = -1;
  const show = (at) => {
    if (at === current) return;
    current = at;
    light.hidden = at < 0;
    out.classList.toggle('ipd-said', at >= 0);
    if (at < 0) { out.replaceChildren(hint); return; }
    light.style.top = `${rows[at].dataset.top}%`;
    light.style.height = `${rows[at].dataset.height}%`;
    out.replaceChildren(...readOut(rows[at]));
  };
  const under = (event) => {
    const drawn = picture.getBoundingClientRect();
    const y = 100 * (event.clientY - drawn.top) / drawn.height;
    const at = rows.findIndex(({ dataset }) => y >= Number(dataset.top) && y < Number(dataset.top) + Number(dataset.height));
    if (at >= 0) show(at);
  };
  plot.addEventListener('pointermove', under);
  plot.addEventListener('pointerdown', under);
  plot.addEventListener('focus', () => { if (current < 0 && plot.matches(':focus-visible')) show(0); });
  plot.addEventListener('keydown', (event) => {
    const to = { ArrowDown: Math.min(current + 1, rows.length - 1), ArrowUp: Math.max(current - 1, 0),
      Home: 0, End: rows.length - 1, Escape: -1 }[event.key];
    if (to !== undefined) { event.preventDefault(); show(to); }
    if (event.key === 'Enter') out.querySelector('a')?.click();
  });
  out.replaceChildren(hint);
};

whenReady(() => {
  for (const details of all('details.plot-rows')) {
    const rows = all('tr[data-plot]', details);
    for (const name of new Set(rows.map((row) => row.dataset.plot))) {
      const picture = document.querySelector(`img[data-plot="${name}"]`);
      if (picture) alive(picture, rows.filter((row) => row.dataset.plot === name));
    }
  }
});
