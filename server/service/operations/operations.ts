import type { Operations } from '../../api/operation-types.js';
import { consoleOperations } from './consoles.js';
import { hostOperations } from './host.js';
import { machineOperations } from './machines.js';
import type { OperationParts } from './parts.js';
import { peopleOperations } from './people.js';
import { sessionOperations } from './sessions.js';
import { snapshotOperations } from './snapshots.js';
import { ticketOperations } from './tickets.js';

/** All that the API can do. */
export function operationsOf(parts: OperationParts): Operations {
  return {
    ...machineOperations(parts),
    ...snapshotOperations(parts),
    ...consoleOperations(parts),
    ...sessionOperations(parts),
    ...peopleOperations(parts),
    ...ticketOperations(parts),
    ...hostOperations(parts),
  };
}
