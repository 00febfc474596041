import { cpus, loadavg } from 'node:os';
import type { Operations } from '../../api/operation-types.js';
import type { HostView } from '../../api/views.js';
import { availableMiB, ksmState } from '../host-memory.js';
import type { OperationParts } from './parts.js';

const AUDIT_LINES = 200;

export function hostOperations(parts: OperationParts): Pick<Operations, 'host.show' | 'host.audit'> {
  const { readAudit } = parts;
  return {
    async 'host.show'() {
      return hostView(parts);
    },
    async 'host.audit'(_caller, { machine, user, limit = AUDIT_LINES }) {
      // Also of a machine that is gone: who deleted it is asked then.
      return readAudit({
        ...(machine === undefined ? {} : { machine }),
        ...(user === undefined ? {} : { user }),
        limit,
      });
    },
  };
}

export function hostView({ service, sessions, addresses, version }: OperationParts): HostView {
  return {
    version,
    pid: process.pid,
    startedAt: service.startedAt.toISOString(),
    ...addresses(),
    memory: {
      totalMiB: service.memory.totalMiB,
      availableMiB: availableMiB(),
      promisedMiB: service.promisedMiB,
      allowedMiB: service.memory.allowedMiB,
    },
    cpus: cpus().length,
    load: loadavg()[0] ?? 0,
    ksm: ksmState(),
    machines: service.machines.length,
    running: service.machines.filter(({ isUp }) => isUp).length,
    sessions: sessions.list().length,
  };
}
