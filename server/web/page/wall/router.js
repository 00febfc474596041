/** Where the page is, in the address's fragment: a link to anything can be sent around, and Back goes back. */

/** '#/machines/desk-1/snapshots' as ['machines', 'desk-1', 'snapshots']. */
export function route() {
  const parts = location.hash.replace(/^#\/?/, '').split('/').filter(Boolean);
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return [];
  }
}

export function hrefTo(...parts) {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

export function go(...parts) {
  location.hash = hrefTo(...parts);
}

/** The same place in another way: it is not one that Back goes to. */
export function replace(...parts) {
  history.replaceState(null, '', hrefTo(...parts));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
