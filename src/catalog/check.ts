import { createRequire } from 'node:module';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { MachineConfig } from './config.js';
import { type Finding, fieldName } from './finding.js';
import { checkMeaning } from './meaning.js';
import { MACHINE_CONFIG_SCHEMA } from './schema.js';
import { suggest } from './suggest.js';

/** The most that one answer names; a wrong file altogether would fill the screen. */
const MAX_FINDINGS = 20;

let compiled: ValidateFunction<MachineConfig> | undefined;

/** Made when it is needed: a machine's own process, of which a host has many, does without. */
function schema(): ValidateFunction<MachineConfig> {
  if (compiled === undefined) {
    const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
    // Not strict: our own keyword and the union of formats are OpenAPI's matter.
    const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: false });
    compiled = ajv.compile<MachineConfig>(MACHINE_CONFIG_SCHEMA);
  }
  return compiled;
}

/** Checks form and meaning of a definition, from wherever it came. Empty: it is a MachineConfig. */
export function checkConfig(value: unknown): Finding[] {
  const validate = schema();
  if (!validate(value)) {
    // Several keywords complain about one field, but not ten.
    const errors = (validate.errors ?? []).slice(0, 10 * MAX_FINDINGS);
    return inOrder(errors.flatMap(describe)).slice(0, MAX_FINDINGS);
  }
  return checkMeaning(value).slice(0, MAX_FINDINGS);
}

function describe(error: ErrorObject): Finding[] {
  const path = pathOf(error.instancePath);
  switch (error.keyword) {
    case 'additionalProperties': {
      const field = String(error.params.additionalProperty);
      const meant = suggest(field, Object.keys((error.parentSchema?.properties as object | undefined) ?? {}));
      const hint = meant === undefined ? '' : `, did you mean ${meant}?`;
      return [{ path: [...path, field], message: `there is no such field${hint}` }];
    }
    case 'required':
      return [{ path: [...path, String(error.params.missingProperty)], message: 'must be given' }];
    case 'propertyNames':
      return [{ path: [...path, String(error.params.propertyName)], message: 'must be a user name or @GROUP' }];
    default:
      // What is wrong about the name of a property comes a second time as 'propertyNames'.
      if (error.propertyName !== undefined) return [];
      return [{ path, message: `must ${error.parentSchema?.['x-must'] ?? error.message ?? 'be something else'}` }];
  }
}

/** One finding a field: several keywords may complain about the same value. */
function inOrder(findings: readonly Finding[]): Finding[] {
  const byField = new Map(findings.map((finding) => [fieldName(finding.path) + finding.message, finding]));
  return [...byField.values()];
}

/** A JSON pointer's keys. */
function pathOf(pointer: string): (string | number)[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key.replaceAll('~1', '/').replaceAll('~0', '~')));
}
