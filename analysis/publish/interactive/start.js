// What the other scripts share. The page is whole before any of them starts.
const all = (query, from = document) => [...from.querySelectorAll(query)];
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const starts = [];
const whenReady = (start) => starts.push(start);
addEventListener('DOMContentLoaded', () => {
  document.documentElement.classList.add('ipd-scripted');
  document.body.append(status);
  for (const start of starts) start();
});

// A sentence for those who hear the page.
const status = make('p', { className: 'ipd-heard', role: 'status' });
const say = (text) => { status.textContent = text; };

const tidy = (text) => text.replace(/\s+/g, ' ').trim();
// The first number of a cell: "−10.7 (−14.1 to −7.4)" is -10.7, "<0.001" comes before 0.001.
const number = (text) => {
  const found = text.replace(/\u2212/g, '-').replace(/(\d)[\s,](?=\d{3})/g, '$1').match(/([<>≥]?)\s*(-?\d*\.?\d+)/);
  return found ? Number(found[2]) + ({ '<': -1e-9, '>': 1e-9 }[found[1]] ?? 0) : null;
};

// The float that a table or figure stands in: the element with the label, in both engines.
const floatOf = (element) => element.closest('figure')?.closest('[id]:not(figcaption)') ?? null;
const captionOf = (float) => float?.querySelector('figcaption') ?? null;
const captionText = (caption) => {
  const copy = caption.cloneNode(true);
  for (const each of all('.ipd-tools, .anchor, .anchorjs-link', copy)) each.remove();
  return tidy(copy.textContent);
};
const nameOf = (caption) => captionText(caption).match(/^[^:.]*?\d+/)?.[0] ?? 'this item';

// What must be seen before it can be jumped to: `revealers` of other scripts, then folded text.
const revealers = [];
const reveal = (id) => {
  const target = id && document.getElementById(decodeURIComponent(id));
  if (!target) return null;
  for (const each of revealers) each(target);
  for (let fold = target.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
  return target;
};
whenReady(() => {
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (link) reveal(link.hash.slice(1));
  }, { capture: true });
  const follow = () => reveal(location.hash.slice(1))?.scrollIntoView();
  addEventListener('hashchange', follow);
  addEventListener('load', () => setTimeout(follow));
});
