// Choices: of the tables and figures of a group (`.choice` with attributes such as `outcome="Pain"`), show those chosen.
// A group is a `.chooser` and the choices from there to the next. All are shown at first, in print, and without scripts.
const facetsOf = (choice) => Object.fromEntries([...choice.attributes]
  .filter(({ name }) => name.startsWith('data-')).map(({ name, value }) => [name.slice(5), value]));
const inWords = (name) => name.charAt(0).toUpperCase() + name.slice(1);

const groupsOf = () => {
  const groups = [];
  for (const element of all('.chooser, .choice')) {
    if (element.matches('.chooser')) groups.push({ place: element, choices: [] });
    else groups.at(-1)?.choices.push({ element, facets: facetsOf(element) });
  }
  return groups.filter(({ choices }) => choices.length > 1);
};
const kindsOf = (choices) => [['table', 'tables'], ['img', 'figures']]
  .filter(([query]) => choices.some(({ element }) => element.querySelector(`figure ${query}`)))
  .map(([, kinds]) => kinds).join(' and ');
// Sections that hold choices of one group only: they go when all of their choices go.
const sectionsOf = (place, choices) => {
  const own = new Set([place, ...choices.map(({ element }) => element)]);
  const above = choices.flatMap(({ element }) => {
    const found = [];
    for (let section = element.closest('section'); section; section = section.parentElement.closest('section')) found.push(section);
    return found;
  });
  return [...new Set(above)].filter((section) => all('.chooser, .choice', section).every((each) => own.has(each)));
};

const choose = ({ place, choices }) => {
  const names = [...new Set(choices.flatMap(({ facets }) => Object.keys(facets)))];
  const fields = new Map(names.map((name) => {
    const values = [...new Set(choices.map(({ facets }) => facets[name]).filter(Boolean))];
    return [name, make('select', {}, ...['All', ...values].map((text) => make('option', { textContent: text })))];
  }));
  const sections = sectionsOf(place, choices);
  const kinds = kindsOf(choices);
  const count = make('span', { className: 'ipd-count', role: 'status' });
  const everything = make('button', { type: 'button', textContent: 'Show all' });
  const bar = make('div', { className: 'ipd-bar ipd-chooser', role: 'group', ariaLabel: `Choose ${kinds} to show` },
    make('strong', { textContent: `Show ${kinds} for` }),
    ...names.map((name) => make('label', {}, `${inWords(name)} `, fields.get(name))), everything, count);
  const misfits = ({ facets }) => names.filter((name) => !['All', facets[name]].includes(fields.get(name).value));
  const fits = (choice) => !misfits(choice).length;
  const update = () => {
    const shown = new Set(choices.filter(fits).map(({ element }) => element));
    for (const { element } of choices) element.classList.toggle('ipd-out', !shown.has(element));
    for (const section of sections) section.classList.toggle('ipd-out', ![...shown].some((element) => section.contains(element)));
    count.textContent = shown.size < choices.length ? `${shown.size} of ${choices.length} shown` : `All ${choices.length} shown`;
  };
  const showAll = () => { for (const field of fields.values()) field.value = 'All'; update(); };
  const select = (choice) => {
    for (const name of misfits(choice)) fields.get(name).value = choice.facets[name] ?? 'All';
    update();
  };
  for (const field of fields.values()) {
    field.addEventListener('input', () => {
      if (!choices.some(fits)) for (const other of fields.values()) if (other !== field) other.value = 'All';
      update();
    });
  }
  everything.addEventListener('click', showAll);
  revealers.push((target) => { // what a link leads to is chosen; of a section, its first choice
    const choice = choices.find(({ element }) => element.contains(target))
      ?? choices.find(({ element }) => target.closest('.ipd-out')?.contains(element));
    if (choice) select(choice);
  });
  place.append(bar);
  // It stays when the section that it was written in goes.
  if (sections.some((section) => section.contains(place) && !choices.every(({ element }) => section.contains(element)))) sections[0].before(place);
  update();
};
whenReady(() => { for (const group of groupsOf()) choose(group); });
