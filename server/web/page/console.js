import RFB from './novnc/core/rfb.js';
import { CHORDS, press } from './wall/console/keys.js';
import { setSize, toggleFullScreen } from './wall/console/size.js';
import { SoftKeyboard } from './wall/console/soft-keyboard.js';
import { button } from './wall/dom.js';
import { openMenu } from './wall/menu.js';
import { themeButton } from './wall/theme-button.js';

const byId = (id) => document.getElementById(id);
const login = byId('login');
const keyboard = new SoftKeyboard(() => rfb);
let rfb;
let isFit = true;
// A ticket comes in the fragment, which no server sees or logs, is good for one use, and leaves the address bar at once.
let ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
if (ticket !== null) history.replaceState(null, '', location.pathname + location.search);
let failure = '';
let wasConnected = false;
let wasAsked = false;
/** What was typed after the server had given up waiting for it. */
let belated;

function status(text) {
  byId('status').textContent = text;
}

function connect() {
  wasConnected = false;
  wasAsked = false;
  failure = '';
  status('Connecting …');
  byId('ended').hidden = true;
  // Where many machines are served, the page is told which one to show.
  const machine = new URLSearchParams(location.search).get('machine');
  const url = new URL(machine === null ? 'websockify' : `console/${encodeURIComponent(machine)}`, location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  if (ticket !== null) url.searchParams.set('ticket', ticket);
  ticket = null;
  rfb = new RFB(byId('screen'), url.href, { wsProtocols: ['binary'] });
  rfb.background = 'transparent';
  setSize(rfb, isFit ? 'fit' : 'real');
  rfb.addEventListener('connect', () => {
    wasConnected = true;
    status('');
    rfb.focus();
  });
  rfb.addEventListener('desktopname', (event) => {
    byId('name').textContent = event.detail.name;
    document.title = event.detail.name;
  });
  rfb.addEventListener('credentialsrequired', (event) => {
    wasAsked = true;
    if (belated !== undefined) {
      rfb.sendCredentials(belated);
      belated = undefined;
      return;
    }
    // One machine has one password; where there are many, people have names.
    const named = event.detail.types.includes('username');
    byId('user-field').hidden = !named;
    if (named && byId('user').value === 'vitrine') byId('user').value = '';
    byId('password').value = '';
    if (!login.open) login.showModal();
    byId(named && byId('user').value === '' ? 'user' : 'password').focus();
  });
  rfb.addEventListener('securityfailure', (event) => {
    failure = event.detail.reason || 'the login failed';
  });
  rfb.addEventListener('disconnect', (event) => {
    if (failure !== '' && wasAsked) {
      // Asking again needs a new connection; the server ended this one.
      byId('login-error').textContent = failure;
      connect();
      return;
    }
    rfb = undefined;
    // Whoever is still typing goes on; a new connection is made for what they type.
    if (login.open) return;
    if (!wasConnected) showEnd(failure || 'The machine cannot be reached.');
    else showEnd(event.detail.clean ? 'The session has ended.' : 'The connection was lost.');
  });
}

function showEnd(text) {
  status('');
  byId('ended-reason').textContent = text;
  byId('ended').hidden = false;
  byId('reconnect').focus();
}

/** @param chord one of CHORDS */
function send([, keys]) {
  if (rfb === undefined) return;
  press(rfb, keys);
  rfb.focus();
}

function tools() {
  const tool = (text, icon, on, more = {}) => button({ text, icon, kind: 'plain', on, ...more });
  const chords = () => CHORDS.map((chord) => ({ text: chord[0], run: () => send(chord) }));
  return [
    keyboard.button(),
    tool('Ctrl+Alt+Del', 'keycap', () => send(CHORDS[0]), { class: 'button plain roomy' }),
    tool('Keys', 'keycap', ({ currentTarget }) => openMenu(currentTarget, chords()), {
      label: 'Keys that the browser keeps for itself',
      'aria-haspopup': 'menu',
    }),
    tool('Fit', 'fit', toggleFit, { label: 'Fit the window', 'aria-pressed': 'true' }),
    tool('Full screen', 'screen', fillScreen),
    themeButton(),
  ];
}

function toggleFit({ currentTarget }) {
  isFit = !isFit;
  currentTarget.setAttribute('aria-pressed', String(isFit));
  if (rfb === undefined) return;
  setSize(rfb, isFit ? 'fit' : 'real');
  rfb.focus();
}

async function fillScreen() {
  await toggleFullScreen().catch((error) => status(error.message));
  rfb?.focus();
}

login.querySelector('form').addEventListener('submit', () => {
  byId('login-error').textContent = '';
  const credentials = { username: byId('user').value, password: byId('password').value };
  if (rfb !== undefined) return rfb.sendCredentials(credentials);
  belated = credentials;
  connect();
});
// It is Esc that leaves it without an answer.
login.addEventListener('cancel', () => {
  login.close();
  if (rfb === undefined) return showEnd('Nobody has logged in.');
  wasAsked = false;
  failure = 'Nobody has logged in.';
  rfb.disconnect();
});
byId('reconnect').addEventListener('click', connect);
byId('tools').append(...tools());
byId('stage').append(keyboard.element);

connect();
