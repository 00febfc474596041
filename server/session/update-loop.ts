import type { DisplayView, ViewUpdate } from '../../src/display/view.js';

/** A protocol's side of the update loop. */
export interface UpdateSink {
  /** Whether the client may be sent pixels now: it asked, it acknowledged, it has read what was sent. */
  hasCredit(): boolean;
  /** Whether something of the protocol's own waits to go out with an update, though the view has nothing. */
  hasNotices?(): boolean;
  /** Encodes and sends one update. Resolves when the bytes are with the transport. */
  paint(update: ViewUpdate): Promise<void>;
  /** `paint` threw: the session cannot go on. */
  onError(error: unknown): void;
}

/**
 * Pulls updates out of a view: whenever there is credit and something is pending, one update is taken, encoded
 * and sent. There is no queue: whatever changes meanwhile merges in the view.
 */
export class UpdateLoop {
  readonly #view: DisplayView;
  readonly #sink: UpdateSink;
  #painting = false;
  #stopped = false;

  constructor(view: DisplayView, sink: UpdateSink) {
    this.#view = view;
    this.#sink = sink;
    view.onChange = () => this.kick();
  }

  /** Something may have become possible: a change, or new credit. Cheap to call too often. */
  kick(): void {
    if (this.#stopped || this.#painting || !this.#isDue) return;
    this.#painting = true;
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#view.close();
  }

  get #isDue(): boolean {
    return (this.#view.isPending || this.#sink.hasNotices?.() === true) && this.#sink.hasCredit();
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopped && this.#isDue) {
        await this.#sink.paint(this.#view.take());
        this.#view.sent();
      }
    } catch (error) {
      if (!this.#stopped) this.#sink.onError(error);
    } finally {
      this.#painting = false;
    }
  }
}
