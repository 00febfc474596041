import type { ServiceEvent } from './views.js';

/** Our events are JSON in one `data:` line; one that is longer than this is not ours. */
const MOST_CHARACTERS = 4 << 20;

/** The events in a stream of server-sent events. */
export async function* eventsIn(stream: AsyncIterable<Buffer>): AsyncGenerator<ServiceEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    if (rest.length > MOST_CHARACTERS) throw new Error('an event without end');
    // The type stands in the event itself, too; comments and `retry:` are not for us.
    for (const line of lines) if (line.startsWith('data:')) yield JSON.parse(line.slice('data:'.length));
  }
}
