import { api, at } from '../api.js';
import { ask } from '../dialogs.js';
import { field, h } from '../dom.js';
import { toast } from '../toast.js';

/** Text for the guest that is not typed key by key: a password out of a store, a command. */
export async function sendText(machine, { copied, clipboard }) {
  const text = h('textarea', { name: 'text', rows: '6', required: true, autofocus: true, spellcheck: 'false' });
  const put = h('input', { type: 'checkbox', name: 'clipboard' });
  const result = await ask({
    title: `Text for ${machine}`,
    wide: true,
    fields: [
      field('Text', text),
      field('Put it into the clipboard instead of typing it', put, 'For guests that have an agent for that.'),
      copied !== '' && field('Copied in the guest', h('textarea', { rows: '3', readonly: true }, copied)),
    ].filter(Boolean),
    action: 'Send',
    async submit(values) {
      if (values.clipboard) {
        clipboard(values.text);
        return { untyped: 0 };
      }
      return api.post(at`machines/${machine}/type`, { text: values.text });
    },
  });
  if (result?.untyped > 0)
    toast(`${result.untyped} characters are on no key of a US keyboard and were left out`, 'error');
}
