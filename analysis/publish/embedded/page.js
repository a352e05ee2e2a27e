'use strict';
(() => {
  const root = document.documentElement;
  const one = (query, from = document) => from.querySelector(query);
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  root.classList.add('scripted');

  // Light and dark: the switch works without a script; here its state is kept.
  const theme = one('#theme');
  const kept = { get: () => { try { return localStorage.getItem('ipdbook-theme'); } catch { return null; } },
    set: (value) => { try { localStorage.setItem('ipdbook-theme', value); } catch { /* private window */ } } };
  theme.checked = kept.get() === 'switched';
  theme.addEventListener('change', () => kept.set(theme.checked ? 'switched' : 'system'));

  // Deep links.
  for (const heading of all('main section[id] > :is(h2, h3, h4, h5):first-child')) {
    const id = heading.parentElement.id;
    heading.append(make('a', { className: 'anchor', href: `#${id}`, textContent: '#', ariaLabel: 'Link to this section' }));
  }

  // The section being read, in the contents.
  const entries = new Map(all('#contents ul a[href^="#"]').map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
  const sections = all('main section[id]').filter((section) => entries.has(section.id));
  let current = null;
  const follow = () => {
    const above = sections.filter((section) => section.getClientRects().length && section.getBoundingClientRect().top < 140);
    const entry = above.length ? entries.get(above[above.length - 1].id) : null;
    if (entry === current) return;
    current?.removeAttribute('aria-current');
    entry?.setAttribute('aria-current', 'location');
    current = entry;
  };
  let waiting = false;
  addEventListener('scroll', () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; follow(); });
  }, { passive: true });
  follow();
  const menu = one('#menu');
  for (const link of entries.values()) link.addEventListener('click', () => { if (menu) menu.checked = false; });

  // What is wider than the page says so, and can be scrolled by keyboard.
  const kindOf = (box) => (box.matches('.table-scroll') ? 'table' : box.matches('pre') ? 'code'
    : one('math', box) ? 'equation' : 'figure');
  const hint = () => {
    for (const box of all('.table-scroll, .figure-scroll, .ipd-plot-scroll, .equation, main pre, main p:has(> math)')) {
      const kind = kindOf(box);
      const wide = box.scrollWidth > box.clientWidth + 1;
      const note = box.previousElementSibling?.classList.contains('scroll-hint') ? box.previousElementSibling : null;
      if (!wide) { note?.remove(); continue; }
      box.tabIndex = 0;
      if (!box.hasAttribute('role')) box.setAttribute('role', 'group');
      if (!box.hasAttribute('aria-label')) box.setAttribute('aria-label', `Wide ${kind}, scrolls sideways`);
      if (!note && /table|figure/.test(kind)) box.before(make('p', { className: 'scroll-hint', textContent: `Wide ${kind}: scroll sideways →` }));
    }
  };
  addEventListener('resize', hint);
  addEventListener('load', () => {
    hint();
    if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  });

  // Search.
  const field = one('#search');
  const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const blocks = all('main :is(p, li, td, th, figcaption, h1, h2, h3, h4, h5, dt, dd)')
    .filter((block) => !one(':is(p, li, td, th)', block) && !block.classList.contains('scroll-hint'))
    .map((block) => ({ block, text: block.textContent.replace(/\s+/g, ' ').trim() }));
  const show = (event, block) => {
    event.preventDefault();
    if (menu) menu.checked = false;
    for (const details of all('details')) if (details.contains(block)) details.open = true;
    block.scrollIntoView({ block: 'center' });
    block.classList.add('found');
    setTimeout(() => block.classList.remove('found'), 2500);
  };
  const result = ({ block, text }, sought) => {
    const at = plain(text).indexOf(sought);
    const section = block.closest('section[id], figure[id]');
    const link = make('a', { href: section ? `#${section.id}` : '#content' });
    link.append((at > 30 ? '… ' : '') + text.slice(Math.max(0, at - 30), at),
      make('mark', { textContent: text.slice(at, at + sought.length) }), text.slice(at + sought.length, at + sought.length + 60));
    link.addEventListener('click', (event) => show(event, block));
    const item = make('li', {});
    item.append(link);
    return item;
  };
  field?.addEventListener('input', () => {
    const sought = plain(field.value.trim());
    const found = sought.length < 2 ? [] : blocks.filter((each) => plain(each.text).includes(sought));
    one('#hits').replaceChildren(...found.slice(0, 30).map((each) => result(each, sought)));
    one('#hit-count').textContent = sought.length < 2 ? '' : `${found.length} found`;
  });
  addEventListener('keydown', (event) => {
    if (event.key === '/' && field && !/INPUT|TEXTAREA/.test(document.activeElement.tagName)) {
      event.preventDefault();
      field.focus();
    }
  });

  // Cards: what a citation, a reference or a note points to.
  const card = one('#card');
  let timer = 0;
  const preview = (target) => {
    const shown = /^(SECTION|H\d)$/.test(target.tagName) ? one('h2, h3, h4, h5', target) ?? target : target;
    const copy = shown.cloneNode(true);
    for (const each of all('.ipd-tools, .ipd-bar, .ipd-readout, .ipd-light', copy)) each.remove();
    for (const each of [copy, ...all('[id]', copy)]) each.removeAttribute('id');
    for (const each of all('a, button, [tabindex]', copy)) each.tabIndex = -1;
    return copy;
  };
  const open = (link) => {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    clearTimeout(timer);
    card.replaceChildren(preview(target));
    card.hidden = false;
    link.setAttribute('aria-describedby', 'card');
    const box = link.getBoundingClientRect();
    const left = Math.max(16, Math.min(box.left, root.clientWidth - card.offsetWidth - 16));
    const bar = one('.masthead').offsetHeight;
    const below = innerHeight - box.bottom > Math.min(card.scrollHeight + 12, box.top - bar);
    card.style.maxHeight = `${Math.min(420, (below ? innerHeight - box.bottom : box.top - bar) - 16)}px`;
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${(below ? box.bottom + 6 : box.top - card.offsetHeight - 6) + scrollY}px`;
  };
  const close = () => {
    card.hidden = true;
    for (const link of all('[aria-describedby="card"]')) link.removeAttribute('aria-describedby');
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(close, 220); };
  for (const link of all('main :is(a[role="doc-biblioref"], a.footnote-ref, a.crossref)')) {
    link.addEventListener('mouseenter', () => open(link));
    link.addEventListener('focus', () => open(link));
    link.addEventListener('mouseleave', later);
    link.addEventListener('blur', later);
    link.addEventListener('click', close);
  }
  card.addEventListener('mouseenter', () => clearTimeout(timer));
  card.addEventListener('mouseleave', later);
  addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
})();
