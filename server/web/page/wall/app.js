import { accountMenu } from './account.js';
import { api, logins } from './api.js';
import { ConsolePanel } from './console/panel.js';
import { h } from './dom.js';
import { Drawer } from './drawer/drawer.js';
import { EventLine } from './events.js';
import { Header } from './header.js';
import { auditPage } from './host/audit.js';
import { createMachine } from './host/create.js';
import { sessionsPage } from './host/sessions.js';
import { ticketsPage } from './host/tickets.js';
import { usersPage } from './host/users.js';
import { login } from './login.js';
import { replace, route } from './router.js';
import { Store } from './store.js';
import { cover } from './thumbnail.js';
import { Wall } from './wall.js';

const HOST_MS = 5_000;
const PAGES = { users: usersPage, sessions: sessionsPage, tickets: ticketsPage, audit: auditPage };

const root = document.getElementById('app');
const store = new Store();
const line = new EventLine(store, (isUp) => {
  banner.hidden = isUp;
});
const banner = h(
  'div',
  { class: 'banner', role: 'alert', hidden: true },
  'The service cannot be reached. Trying again …',
);
document.body.prepend(banner);

let me;
let header;
let page;
let drawer;
let panel;
let hostTimer;

/** Whoever is logged in already, or logs in now. */
async function enter(reason) {
  for (;;) {
    try {
      me = await api.get('me');
      break;
    } catch (problem) {
      if (problem.code === 'unauthenticated') await login(root, reason);
      else await new Promise((resolve) => setTimeout(resolve, HOST_MS));
    }
  }
  const out = async () => {
    await api.post('logout');
    location.reload();
  };
  header = new Header({ me, account: accountMenu(me, { out }) });
  root.replaceChildren(header.element, h('main'));
  line.start();
  show();
  void watchHost();
  // Some forty files, and nobody waits for them yet.
  const whenIdle = window.requestIdleCallback ?? setTimeout;
  whenIdle(() => void import('../novnc/core/rfb.js').catch(() => {}));
}

logins.addEventListener('ended', () => {
  if (me === undefined) return;
  leave();
  void enter('Your login has ended. Log in to go on.');
});

/** Takes everything down that is somebody's. */
function leave() {
  me = undefined;
  clearTimeout(hostTimer);
  line.stop();
  page?.close();
  drawer?.close();
  panel?.close();
  for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  for (const menu of document.querySelectorAll('.menu')) menu.hidePopover();
  page = drawer = panel = undefined;
  coverRoot(false);
  store.clear();
  banner.hidden = true;
}

async function watchHost() {
  const mine = me;
  if (!document.hidden) {
    // A ticket's holder is not told of the host, but has to know as well whether it is there.
    const question = me.machine === null ? 'host' : 'me';
    const answer = await api.get(question).catch(({ code }) => code);
    if (me !== mine) return;
    if (answer === 'unreachable') line.doubt();
    else if (answer.memory !== undefined) header.showHost(answer);
  }
  hostTimer = setTimeout(watchHost, HOST_MS);
}

/** Draws what the address says. */
function show() {
  if (me === undefined) return;
  const [name = 'machines', machine, part] = route();
  const wanted = name in PAGES && (me.admin || name === 'tickets') && me.machine === null ? name : 'machines';
  if (page?.name !== wanted) {
    page?.close();
    page =
      wanted === 'machines'
        ? new Wall({ store, me, create: () => createMachine(store) })
        : PAGES[wanted]({ store, me });
    page.name = wanted;
    root.querySelector('main').replaceChildren(page.element);
  }
  header.at(wanted);
  const isConsole = wanted === 'machines' && machine !== undefined && part === 'console';
  showDrawer(wanted === 'machines' && !isConsole ? machine : undefined, part);
  showConsole(isConsole ? machine : undefined);
  document.title = machine === undefined ? 'vitrine' : `${machine} – vitrine`;
}

function showDrawer(machine, part) {
  if (drawer?.machine !== machine) {
    const before = drawer?.machine;
    drawer?.close();
    returnFocus(before);
    drawer = machine === undefined ? undefined : new Drawer({ machine, store, me });
    if (drawer !== undefined) {
      root.append(drawer.element);
      drawer.focus();
    }
  }
  drawer?.showPart(part);
  root.classList.toggle('with-drawer', drawer !== undefined);
}

function showConsole(machine) {
  if (panel?.machine === machine) return;
  const before = panel?.machine;
  panel?.close();
  panel = machine === undefined ? undefined : new ConsolePanel({ machine, store, me });
  coverRoot(panel !== undefined);
  if (panel !== undefined) document.body.append(panel.element);
  else returnFocus(before);
}

/** Nothing behind a console can be reached by Tab, and nobody sees it. */
function coverRoot(isSo) {
  root.inert = isSo;
  cover(isSo);
}

/** What had the focus is gone: it goes back to where one came from. */
function returnFocus(machine) {
  if (machine !== undefined && document.activeElement === document.body) page?.focus?.(machine);
}

window.addEventListener('hashchange', show);
// What a page could not be told while the service was away, or has missed.
store.addEventListener('ready', () => page?.refresh?.());
document.addEventListener('keydown', (event) => {
  const isTyping = event.target.closest?.('input, textarea, select, dialog, .console') !== null;
  if (event.key === '/' && !isTyping && page?.focusSearch !== undefined) {
    event.preventDefault();
    page.focusSearch();
  }
  const isElsewhere = event.target.closest?.('dialog, .console, .menu') !== null;
  if (event.key === 'Escape' && drawer !== undefined && !isElsewhere) replace('machines');
});

await enter();
