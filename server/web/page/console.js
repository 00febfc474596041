import RFB from './novnc/core/rfb.js';

const byId = (id) => document.getElementById(id);
const login = byId('login');
const ended = byId('ended');
let rfb;
// A ticket comes in the fragment, which no server sees or logs, is good for one use, and leaves the address bar at once.
let ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
if (ticket !== null) history.replaceState(null, '', location.pathname + location.search);
let failure = '';
let wasConnected = false;
let wasAsked = false;

function status(text) {
  byId('status').textContent = text;
}

function connect() {
  wasConnected = false;
  wasAsked = false;
  failure = '';
  status('connecting …');
  // Where many machines are served, the page is told which one to show.
  const machine = new URLSearchParams(location.search).get('machine');
  const url = new URL(machine === null ? 'websockify' : `console/${encodeURIComponent(machine)}`, location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  if (ticket !== null) url.searchParams.set('ticket', ticket);
  ticket = null;
  rfb = new RFB(byId('screen'), url.href, { wsProtocols: ['binary'] });
  rfb.scaleViewport = byId('scale').getAttribute('aria-pressed') === 'true';
  rfb.background = 'transparent';
  rfb.addEventListener('connect', () => {
    wasConnected = true;
    status('connected');
    rfb.focus();
  });
  rfb.addEventListener('desktopname', (event) => {
    byId('name').textContent = event.detail.name;
    document.title = event.detail.name;
  });
  rfb.addEventListener('credentialsrequired', (event) => {
    wasAsked = true;
    // One machine has one password; where there are many, people have names.
    const named = event.detail.types.includes('username');
    byId('user').hidden = !named;
    byId('user-label').hidden = !named;
    if (named && byId('user').value === 'vitrine') byId('user').value = '';
    byId('password').value = '';
    if (!login.open) login.showModal();
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
    const text = wasConnected
      ? event.detail.clean
        ? 'The session has ended.'
        : 'The connection was lost.'
      : failure || 'The machine cannot be reached.';
    status(text);
    byId('ended-reason').textContent = text;
    ended.showModal();
  });
}

login.querySelector('form').addEventListener('submit', () => {
  byId('login-error').textContent = '';
  rfb.sendCredentials({ username: byId('user').value, password: byId('password').value });
});
login.addEventListener('cancel', (event) => event.preventDefault());
byId('reconnect').addEventListener('click', () => {
  ended.close();
  connect();
});
byId('cad').addEventListener('click', () => {
  rfb?.sendCtrlAltDel();
  rfb?.focus();
});
byId('scale').addEventListener('click', (event) => {
  const fit = event.currentTarget.getAttribute('aria-pressed') !== 'true';
  event.currentTarget.setAttribute('aria-pressed', String(fit));
  if (rfb) {
    rfb.scaleViewport = fit;
    rfb.clipViewport = !fit;
    rfb.dragViewport = false;
  }
});
byId('fullscreen').addEventListener('click', () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
});

connect();
