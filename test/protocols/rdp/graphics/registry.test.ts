import { join } from 'node:path';
import { fastPathRegistry } from '../../../../protocols/rdp/fast-path/registry.js';
import { graphicsRegistry } from '../../../../protocols/rdp/graphics/registry.js';
import { inputRegistry } from '../../../../protocols/rdp/input/registry.js';
import { registrySuite } from '../../../wire/registry-suite.js';

const folder = (name: string): string => join(import.meta.dirname, '../../../../protocols/rdp', name);

registrySuite('rdp fast path', fastPathRegistry, folder('fast-path'));
registrySuite('rdp graphics', graphicsRegistry, folder('graphics'));
registrySuite('rdp input', inputRegistry, folder('input'));
