import { fileURLToPath } from 'node:url';
import { RFB_REGISTRY } from '../../../protocols/rfb/registry.js';
import { registrySuite } from '../../wire/registry-suite.js';

registrySuite('rfb messages', RFB_REGISTRY, fileURLToPath(new URL('../../../protocols/rfb', import.meta.url)));
