import { fileURLToPath } from 'node:url';
import { rdpRegistry } from '../../../../protocols/rdp/registry.js';
import { registrySuite } from '../../../wire/registry-suite.js';

registrySuite('rdp messages', rdpRegistry, fileURLToPath(new URL('../../../../protocols/rdp', import.meta.url)));
