// Choices: of several tables or figures (`.choice` with attributes such as `outcome="Pain"`), show those chosen.
// All are shown at first, in print, and without scripts.
const facetsOf = (choice) => Object.fromEntries([...choice.attributes]
  .filter(({ name }) => name.startsWith('data-')).map(({ name, value }) => [name.slice(5), value]));
const inWords = (name) => name.charAt(0).toUpperCase() + name.slice(1);

whenReady(() => {
  const place = document.querySelector('.chooser');
  const choices = all('.choice').map((element) => ({ element, facets: facetsOf(element) }));
  if (!place || choices.length < 2) return;
  const names = [...new Set(choices.flatMap(({ facets }) => Object.keys(facets)))];
  const fields = new Map(names.map((name) => {
    const values = [...new Set(choices.map(({ facets }) => facets[name]).filter(Boolean))];
    return [name, make('select', {}, ...['All', ...values].map((text) => make('option', { textContent: text })))];
  }));
  const count = make('span', { className: 'ipd-count', role: 'status' });
  const everything = make('button', { type: 'button', textContent: 'Show all' });
  const bar = make('div', { className: 'ipd-bar ipd-chooser', role: 'group', ariaLabel: 'Choose what is shown' },
    make('strong', { textContent: 'Show tables and figures for' }),
    ...names.map((name) => make('label', {}, `${inWords(name)} `, fields.get(name))), everything, count);
  const fits = ({ facets }) => names.every((name) => ['All', facets[name]].includes(fields.get(name).value));
  const sections = [...new Set(choices.flatMap(({ element }) => {
    const above = [];
    for (let section = element.closest('section'); section; section = section.parentElement.closest('section')) above.push(section);
    return above;
  }))];
  const update = () => {
    const shown = new Set(choices.filter(fits).map(({ element }) => element));
    for (const { element } of choices) element.classList.toggle('ipd-out', !shown.has(element));
    for (const section of sections) section.classList.toggle('ipd-out', ![...shown].some((element) => section.contains(element)));
    count.textContent = shown.size < choices.length ? `${shown.size} of ${choices.length} shown` : `All ${choices.length} shown`;
  };
  const showAll = () => { for (const field of fields.values()) field.value = 'All'; update(); };
  for (const field of fields.values()) {
    field.addEventListener('input', () => {
      if (!choices.some(fits)) for (const other of fields.values()) if (other !== field) other.value = 'All';
      update();
    });
  }
  everything.addEventListener('click', showAll);
  revealers.push((target) => { if (target.closest('.ipd-out')) showAll(); });
  place.append(bar);
  if (sections.length) sections.at(0).before(place); // stays when the section it was written in is out
  update();
});
