import { ROLES } from '../../src/catalog/config.js';
import type { Schema } from './operation.js';

// What the schemas of requests, answers and events are made of.

export const TEXT: Schema = { type: 'string' };
export const FLAG: Schema = { type: 'boolean' };
export const COUNT: Schema = { type: 'integer', minimum: 0 };
/** What outgrows 32 bits, which is what generators take an integer for. */
export const LONG: Schema = { ...COUNT, format: 'int64' };
export const NUMBER: Schema = { type: 'number', format: 'double', minimum: 0 };
export const TIME: Schema = { type: 'string', format: 'date-time' };
export const RIGHTS: Schema = { type: 'string', enum: ['view', 'control'] };
export const ROLE: Schema = { type: 'string', enum: ROLES };
export const TEXTS: Schema = { type: 'array', items: TEXT };
export const orNull = (schema: Schema): Schema => ({ ...schema, type: [schema.type, 'null'] });
export const refTo = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const listOf = (name: string): Schema => ({ type: 'array', items: refTo(name) });

/** An object that has all of these fields: the compiler sees to it that none of the type's is forgotten. */
export const object = <T>(properties: { readonly [K in keyof T]-?: Schema }, description?: string): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...(description !== undefined && { description }),
});
