/**
 * What the service has told: machines, who is connected to them, the versions of their pictures. Dispatches 'machine',
 * 'gone', 'sessions' and 'screen' with the machine's name as detail; 'begin' and 'ready' around the first of it all.
 */
export class Store extends EventTarget {
  machines = new Map();
  sessions = new Map();
  versions = new Map();
  isReady = false;
  /** Of the telling that goes on; whoever is not in it is not there any more. */
  #told = new Set();

  /** A stream has begun: everything is told anew. */
  begin() {
    this.#told.clear();
    this.isReady = false;
    this.#tell('begin');
  }

  take(event) {
    switch (event.type) {
      case 'machine':
        this.#told.add(event.machine.name);
        this.machines.set(event.machine.name, event.machine);
        this.#tell('machine', event.machine.name);
        break;
      case 'machine-gone':
        this.#forget(event.name);
        break;
      case 'sessions':
        this.sessions.set(event.machine, event.sessions);
        this.#tell('sessions', event.machine);
        break;
      case 'screen':
        this.versions.set(event.machine, event.version);
        this.#tell('screen', event.machine);
        break;
      case 'ready':
        for (const name of [...this.machines.keys()]) if (!this.#told.has(name)) this.#forget(name);
        this.isReady = true;
        this.#tell('ready');
    }
  }

  /** For somebody else at this browser. */
  clear() {
    for (const name of [...this.machines.keys()]) this.#forget(name);
    this.isReady = false;
  }

  #forget(name) {
    for (const map of [this.machines, this.sessions, this.versions]) map.delete(name);
    this.#tell('gone', name);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
