/** The identity of a frame that a test builds. */
import { expect } from 'vitest';
import { Identity } from '../../src/correlate/identity/identity.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { frame, type Part } from './frame-builder.js';

export const LINK_SLL2 = 276;

/** @param linkType LINKTYPE_ value of its first part */
export function identityOf(linkType: number, ...parts: Part[]): Identity {
  const bytes = frame(...parts);
  const identity = new Identity();
  const stack = new Dissector().dissect(bytes, 0, bytes.length, bytes.length, linkType);
  expect(identity.read(stack, 0)).toBe(true);
  return identity;
}
