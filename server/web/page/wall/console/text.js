import { api, at } from '../api.js';
import { ask } from '../dialogs.js';
import { field, h } from '../dom.js';
import { toast } from '../toast.js';

/** Text for the guest that nobody wants to type: a password out of a store, a command. */
export async function sendText(machine) {
  const text = h('textarea', { name: 'text', rows: '6', required: true, autofocus: true, spellcheck: 'false' });
  const result = await ask({
    title: `Text for ${machine}`,
    wide: true,
    fields: [field('Text', text)],
    action: 'Type',
    submit: (values) => api.post(at`machines/${machine}/type`, { text: values.text }),
  });
  if (result?.untyped > 0)
    toast(`${result.untyped} characters are on no key of a US keyboard and were left out`, 'error');
}
