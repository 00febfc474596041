import { UserError } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';

export interface Interruption {
  /** Aborted when the end is asked for. */
  readonly signal: AbortSignal;
  /** Resolves then. */
  readonly asked: Promise<undefined>;
  release(): void;
}

/** Ctrl-C (or a service's SIGTERM) once asks for the end; twice does not wait for it. */
export function interruption(log: Logger): Interruption {
  const controller = new AbortController();
  let resolve: (value: undefined) => void;
  const asked = new Promise<undefined>((r) => {
    resolve = r;
  });
  const handle = (name: string): void => {
    if (controller.signal.aborted) process.exit(1);
    log.info({ signal: name }, 'stopping; once more kills');
    controller.abort(new UserError('stopped before it had started'));
    resolve(undefined);
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, handle);
  return {
    signal: controller.signal,
    asked,
    release: () => {
      for (const name of names) process.off(name, handle);
    },
  };
}
