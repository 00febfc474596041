// Not a module: it runs before the first paint, so that the page does not flash in the other colours.
{
  const KEY = 'vitrine.theme';
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const apply = () => {
    root.dataset.theme = chosen() ?? (dark.matches ? 'dark' : 'light');
  };
  dark.addEventListener('change', apply);
  // Chosen in another tab.
  addEventListener('storage', apply);
  document.addEventListener('vitrine:theme', () => {
    const next = root.dataset.theme === 'dark' ? 'light' : 'dark';
    try {
      // What the system says anyway need not be kept.
      if (next === (dark.matches ? 'dark' : 'light')) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, next);
    } catch {}
    root.dataset.theme = next;
  });
  apply();
}
