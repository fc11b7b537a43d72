/**
 * What the schema library finds in a golden file, in words for who wrote the file.
 */
import type { DocumentPath } from './compile.js';

/** One thing that it finds. */
interface SchemaError {
  /** Of the schema. */
  readonly keyword: string;
  /** A JSON pointer into the file. */
  readonly instanceLocation: string;
  readonly error: string;
}

/**
 * Which fault is told: the one that lies deepest, since those above it only say that something within is wrong; of a value
 * that may be of several types, what is wrong with the one that it has.
 *
 * @param errors what the library found, one at least @returns where, and what is wrong there
 */
export function schemaFault(errors: readonly SchemaError[]): { path: DocumentPath; message: string } {
  const faults = errors.filter(({ keyword }) => !STRUCTURE.has(keyword));
  const told = (faults.length > 0 ? faults : errors).reduce((best, error) =>
    weight(error) > weight(best) ? error : best,
  );
  const path = pathOf(told.instanceLocation);
  return { path, message: wording(told, path) };
}

const STRUCTURE = new Set([
  'properties',
  'items',
  'prefixItems',
  '$ref',
  'if',
  'then',
  'else',
  'oneOf',
  'anyOf',
  'allOf',
]);

function weight({ instanceLocation, keyword }: SchemaError): number {
  return 2 * instanceLocation.split('/').length + (keyword === 'type' ? 0 : 1);
}

function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function wording({ keyword, error }: SchemaError, path: DocumentPath): string {
  const what = nameOf(path);
  const [first = '', last = first] = error.match(/\d+/g) ?? [];
  switch (keyword) {
    case 'false':
    case 'additionalProperties':
      return `${what} is not known here`;
    case 'not':
      return `${what}: with taps, tap, steps, ignore and absent belong to each of them`;
    case 'required':
      return `${what}: '${/"(.*)"/.exec(error)?.[1]}' is missing`;
    case 'type': {
      const [is = '', ...wanted] = [...error.matchAll(/"(\w+)"/g)].map(([, type]) => TYPES[type as string] ?? type);
      return `${what}: ${wanted.join(' or ')} belongs here, not ${is}`;
    }
    case 'const':
      return `${what}: ${/"(.*)"/.exec(error)?.[1]} belongs here`;
    case 'pattern':
      return `${what}: a time such as 100ms or 1.5s belongs here`;
    case 'minLength':
      return `${what} is empty`;
    case 'maxLength':
      return `${what} is longer than ${last} characters`;
    case 'minItems':
      return `${what} needs ${last} ${last === '1' ? 'entry' : 'entries'} at least`;
    case 'maxItems':
      return `${what} takes ${last} entries at most`;
    case 'minProperties':
      return `${what} names no field`;
    case 'maxProperties':
      return `${what} names more than ${last} fields`;
    default:
      return `${what}: ${error.replace(/\.$/, '')}`;
  }
}

/** Types as YAML shows them. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'nothing',
};

function nameOf(path: DocumentPath): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  return typeof last === 'number' ? `entry ${last + 1} of '${path.at(-2)}'` : `'${last}'`;
}
