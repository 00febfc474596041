import type { Role } from '../../src/catalog/config.js';

/** JSON Schema, as OpenAPI 3.1 takes it. */
export type Schema = Readonly<Record<string, unknown>>;

/**
 * Who may call. A ticket's holder is a visitor, with a role for its machine, and nothing more.
 * - 'anybody'
 * - 'visitor': whoever is logged in, be it by a ticket
 * - 'user': whoever is logged in as themselves
 * - a role: who has it for the machine in the path
 * - 'host-admin': an administrator
 */
export type Access = 'anybody' | 'visitor' | 'user' | Role | 'host-admin';

/**
 * One thing that can be done, told once: the HTTP route, the OpenAPI document, the command line and the check of rights
 * are made from it.
 */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /api/v1; `{name}` is a parameter. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  /** Parameters in the path are required strings, those of GET and DELETE go into the query, others into a JSON body. */
  readonly params: Readonly<Record<string, Schema>>;
  /** Names of those that must be there, beside the path's. */
  readonly required?: readonly string[];
  /** What comes back: the name of a schema in views, or one of its own. `[]`: a list of it. */
  readonly result: string | Schema;
  /** Other than application/json: 'image/png', 'text/event-stream', … */
  readonly produces?: string;
}
