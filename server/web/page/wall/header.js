import { button, h, setText } from './dom.js';
import { mebibytes } from './format.js';
import { icon } from './icons.js';
import { openMenu } from './menu.js';
import { hrefTo } from './router.js';
import { themeButton } from './theme-button.js';

/** The bar at the top: where one can go, how the host is, who one is. */
export class Header {
  #tabs = new Map();
  #host = h('div', { class: 'host' });

  /** @param account menu items */
  constructor({ me, account }) {
    const tabs = [['machines', 'Machines', 'wall']];
    if (me.admin) tabs.push(['users', 'Users', 'people'], ['sessions', 'Sessions', 'eye']);
    if (me.machine === null) tabs.push(['tickets', 'Tickets', 'ticket']);
    if (me.admin) tabs.push(['audit', 'Audit', 'clock']);
    const nav = h('nav', { 'aria-label': 'Pages' });
    for (const [id, text, picture] of tabs) {
      const tab = h('a', { href: hrefTo(id), class: 'tab' }, icon(picture), h('span', {}, text));
      this.#tabs.set(id, tab);
      nav.append(tab);
    }
    const who = button({
      text: me.name,
      icon: 'person',
      label: `${me.name}: account`,
      kind: 'plain who',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      on: (event) => openMenu(event.currentTarget, account),
    });
    this.element = h(
      'header',
      { class: 'top' },
      h(
        'a',
        { class: 'brand', href: hrefTo('machines') },
        h('img', { src: 'icon.svg', alt: '' }),
        h('b', {}, 'vitrine'),
      ),
      nav,
      this.#host,
      h('div', { class: 'row' }, themeButton(), who),
    );
  }

  at(page) {
    for (const [id, tab] of this.#tabs) {
      if (id === page) tab.setAttribute('aria-current', 'page');
      else tab.removeAttribute('aria-current');
    }
  }

  /** Memory promised to running machines, of what may be promised; the processors' load. */
  showHost({ memory: { promisedMiB, allowedMiB, availableMiB, totalMiB }, cpus, load, version }) {
    if (this.#host.firstChild === null) {
      this.#host.append(meter('Memory'), meter('Load'));
    }
    const [forMemory, forLoad] = this.#host.children;
    fill(forMemory, promisedMiB / allowedMiB, `${mebibytes(promisedMiB)} of ${mebibytes(allowedMiB)}`);
    // One that works on each processor is no trouble; as many again that wait for one are.
    fill(forLoad, load / cpus / 2, `${load.toFixed(1)} on ${cpus} CPUs`);
    forMemory.title = `${mebibytes(promisedMiB)} promised to machines, ${mebibytes(allowedMiB)} may be; the host has ${mebibytes(availableMiB)} of ${mebibytes(totalMiB)} left`;
    forLoad.title = `Processes that run or wait, over the last minute; vitrine ${version}`;
  }
}

function meter(name) {
  return h('div', { class: 'meter' }, h('span', {}, name), h('meter', { min: 0, max: 1, 'aria-label': name }), h('b'));
}

function fill(element, part, text) {
  const bar = element.querySelector('meter');
  bar.value = Math.min(1, part);
  element.dataset.level = part > 0.9 ? 'high' : part > 0.75 ? 'warm' : 'calm';
  setText(element.lastChild, text);
}
