/**
 * The JSON Schema of a golden file. schema/golden.json, which editors use, is this; a test compares the two.
 */
const name = { type: 'string', minLength: 1, maxLength: 200 };
const because = { type: 'string', minLength: 1, maxLength: 2000 };
const count = { type: 'integer', minimum: 0, maximum: 10_000_000 };
const value = {
  description:
    'A value, $name, range a..b, prefix 10.0.0.0/8 or 02:42:0a; a list means any of them; or a value that was seen.',
  if: { type: 'object' },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
  then: {
    description: 'A value that a field had in an earlier frame that matches, ignored or not; any while there was none.',
    type: 'object',
    required: ['seen', 'in'],
    additionalProperties: false,
    properties: {
      seen: {
        description: 'A field, or several.',
        type: ['string', 'array'],
        maxLength: 200,
        minItems: 1,
        maxItems: 10,
        items: { type: 'string', maxLength: 200 },
      },
      in: { $ref: '#/$defs/match' },
    },
  },
  else: {
    oneOf: [
      { type: ['string', 'integer'], maxLength: 200 },
      { type: 'array', minItems: 1, maxItems: 100, items: { type: ['string', 'integer'], maxLength: 200 } },
    ],
  },
};
const match = { type: 'object', minProperties: 1, maxProperties: 50, additionalProperties: value };
const ref = (definition: string) => ({ $ref: `#/$defs/${definition}` });
const tap = {
  tap: { ...name, description: 'A role (overlay, underlay) or a tap’s name; without it any capture.' },
  ignore: {
    type: 'array',
    maxItems: 100,
    description: 'Expected noise: counted and reported.',
    items: {
      if: { type: 'object' },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
      then: {
        type: 'object',
        required: ['match'],
        additionalProperties: false,
        properties: { match: ref('match'), because: ref('because') },
      },
      else: { type: 'string', description: 'A protocol.' },
    },
  },
  steps: { type: 'array', minItems: 1, maxItems: 1000, items: ref('step') },
  absent: {
    type: 'array',
    maxItems: 100,
    description: 'Frames that must not be there.',
    items: {
      type: 'object',
      required: ['match'],
      additionalProperties: false,
      properties: { match: ref('match'), because: ref('because') },
    },
  },
};

/** Schema `vxdump.golden/1`. */
export const GOLDEN_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'vxdump.golden/1',
  description: 'A golden sequence: the frames that a tap is to see.',
  type: 'object',
  required: ['schema', 'name'],
  additionalProperties: false,
  properties: {
    schema: { const: 'vxdump.golden/1' },
    name,
    description: { type: 'string', maxLength: 2000 },
    pairs: { const: 'complete', description: 'Every overlay frame has its encapsulation.' },
    taps: {
      type: 'array',
      minItems: 1,
      maxItems: 16,
      description: 'Several taps in one file; names bind across them.',
      items: { type: 'object', required: ['tap', 'steps'], additionalProperties: false, properties: tap },
    },
    ...tap,
  },
  if: { type: 'object', required: ['taps'] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
  then: {
    not: {
      anyOf: [{ required: ['steps'] }, { required: ['tap'] }, { required: ['ignore'] }, { required: ['absent'] }],
    },
  },
  else: { required: ['steps'] },
  $defs: {
    because,
    match,
    frame: {
      type: 'object',
      required: ['name', 'match'],
      additionalProperties: false,
      properties: {
        name,
        match: ref('match'),
        because: ref('because'),
        optional: { type: 'boolean' },
        within: {
          type: 'string',
          pattern: '^\\d{1,9}(\\.\\d{1,9})?(s|ms|us|ns)$',
          description: 'The longest time since the frame before: 100ms.',
        },
      },
    },
    step: {
      if: { type: 'object', required: ['repeat'] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
      then: {
        type: 'object',
        required: ['repeat', 'steps'],
        additionalProperties: false,
        properties: {
          repeat: {
            type: 'object',
            additionalProperties: false,
            properties: { min: count, max: { ...count, minimum: 1 } },
          },
          steps: { type: 'array', minItems: 1, maxItems: 1000, items: ref('step') },
        },
      },
      else: {
        if: { type: 'object', required: ['unordered'] },
        // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
        then: {
          type: 'object',
          additionalProperties: false,
          properties: { unordered: { type: 'array', minItems: 2, maxItems: 30, items: ref('frame') } },
        },
        else: ref('frame'),
      },
    },
  },
} as const;

/** The first line of a golden file: where an editor finds the schema, for a file beside node_modules. */
export const EDITOR_LINE = '# yaml-language-server: $schema=node_modules/vxdump/schema/golden.json';
