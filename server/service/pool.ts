import { Problem } from '../../src/base/errors.js';
import { OneAtATime } from '../../src/base/one-at-a-time.js';
import type { Catalog } from '../../src/catalog/catalog.js';
import { MACHINE_NAME } from '../../src/catalog/config.js';
import type { MachineEntry } from '../../src/catalog/entry.js';
import { sameName } from './roles.js';

/** A template that whoever has a role for it gets a machine of. */
export function isPool({ config }: MachineEntry): boolean {
  return config?.template === true && config.pool !== undefined;
}

/** Makes each user of a pool a machine of their own, from the pool's template. */
export class Pools {
  readonly #catalog: Catalog;
  readonly #turn = new OneAtATime();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** The machine that `user` has of this pool already. */
  machineOf(template: string, user: string): MachineEntry | undefined {
    return this.#members(template).find(({ config }) => sameName(config?.origin?.user ?? '', user));
  }

  /** The user's machine; made now where there is none. Rejects with Problem where the pool is full. */
  take(template: MachineEntry, user: string): Promise<MachineEntry> {
    return this.#turn.run(async () => {
      const known = this.machineOf(template.name, user);
      if (known !== undefined) return known;
      const pool = template.config?.pool;
      if (pool === undefined) throw new Problem('wrong-state', `${template.name} is not a pool`);
      if (pool.most !== undefined && this.#members(template.name).length >= pool.most) {
        throw new Problem('host-full', `all ${pool.most} machines of ${template.name} are taken`);
      }
      const origin = { template: template.name, user, ...(pool.type === 'ephemeral' ? { ephemeral: true } : {}) };
      return this.#catalog.clone(template.name, this.#nameFor(template.name, user), {
        linked: true,
        change: ({ template: _template, pool: _pool, access: _access, ...config }) => ({
          ...config,
          origin,
          access: { [user]: 'operate' },
        }),
      });
    });
  }

  #members(template: string): MachineEntry[] {
    return this.#catalog
      .entries()
      .filter(({ config }) => config?.origin?.user !== undefined && sameName(config.origin.template, template));
  }

  /** `template-user`, with what cannot stand in a name left out, and numbered where it is taken. */
  #nameFor(template: string, user: string): string {
    const wanted = `${template}-${user}`.replace(/[^A-Za-z0-9._-]/g, '').slice(0, 56);
    const taken = (name: string) => this.#catalog.entries().some((entry) => sameName(entry.name, name));
    for (let i = 1; ; i++) {
      const name = i === 1 ? wanted : `${wanted}-${i}`;
      if (MACHINE_NAME.test(name) && !taken(name)) return name;
    }
  }
}
