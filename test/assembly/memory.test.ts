import { afterEach, describe, expect, test, vi } from 'vitest';
import * as layout from '../../src/assembly/layout.js';
import { COLUMNS, INTERFACE_ID, LINK_TYPE, NANOSECONDS, SECONDS, WINDOW } from '../../src/assembly/layout.js';
import { assemblyMemory, instantiate, memoryOf } from '../../src/assembly/memory.js';
import { FrameBatch } from '../../src/capture/source.js';
import { code } from '../../src/checksum/check.wasm';
import { STRIDE } from '../../src/correlate/identity/plain-record.js';
import {
  ECHO,
  ECHOES_AT,
  KEPT_AT,
  MACS_AT,
  MAX_FLOWS,
  MAX_PAIRED,
  NEXT_KEPT,
  PORT_KINDS_AT,
  ROWS_AT,
  RUN_AT,
  RUN_LEN,
} from '../../src/evidence/plain-layout.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('memory', () => {
  test('is 0, and as long as was asked for', () => {
    const bytes = assemblyMemory(70_000);
    expect(bytes.length).toBe(70_000);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(bytes.byteOffset).toBe(WINDOW);
    expect(memoryOf(bytes)).toBe(bytes.buffer);
  });

  test('is that of the very array, not of a part of it, nor of others', () => {
    expect(memoryOf(assemblyMemory(20).subarray(1))).toBeNull();
    expect(memoryOf(new Uint8Array(20))).toBeNull();
    expect(instantiate(new Uint8Array(20), code)).toBeNull();
  });

  test('is plain where there is no WebAssembly, or no room', () => {
    class Memory {
      constructor() {
        throw new RangeError('WebAssembly.Memory(): could not allocate memory');
      }
    }
    for (const other of [undefined, { Memory }]) {
      vi.stubGlobal('WebAssembly', other);
      const bytes = assemblyMemory(20);
      expect(bytes).toEqual(new Uint8Array(20));
      expect(memoryOf(bytes)).toBeNull();
      vi.unstubAllGlobals();
    }
  });

  test('has no code where the processor lacks what that needs', () => {
    const bytes = assemblyMemory(20);
    class Module {
      constructor() {
        throw new TypeError('WebAssembly.Module(): Wasm SIMD unsupported');
      }
    }
    vi.stubGlobal('WebAssembly', { Module });
    expect(instantiate(bytes, code)).toBeNull();
  });
});

describe('layout', () => {
  test('has the columns of a batch where the batch has them', () => {
    const batch = new FrameBatch(layout.BATCH_CAPACITY, assemblyMemory(1).buffer as ArrayBuffer);
    const places = {
      seconds: SECONDS,
      at: layout.FRAME_AT,
      capturedLen: layout.CAPTURED_LEN,
      wireLen: layout.WIRE_LEN,
      nanoseconds: NANOSECONDS,
      interfaceId: INTERFACE_ID,
      linkType: LINK_TYPE,
    };
    for (const [column, place] of Object.entries(places)) {
      expect(batch[column as keyof typeof places].byteOffset, column).toBe(place);
      expect(batch[column as keyof typeof places].length, column).toBe(layout.BATCH_CAPACITY);
    }
    expect(batch.gso.byteOffset).toBe(layout.GSO);
    expect(batch.gso.byteOffset + batch.gso.length).toBe(layout.SENDER);
    expect(layout.SIZE).toBe(layout.SENDER + layout.BATCH_CAPACITY * 4);
  });

  test('has room for what pairing reads, in front of the bytes', () => {
    expect(layout.RECORDS).toBe(layout.SIZE + layout.BATCH_CAPACITY * 4);
    expect(layout.RECORDS % 16).toBe(0);
    expect(layout.RECORDS + layout.MAX_RECORDS * STRIDE * 4).toBeLessThanOrEqual(WINDOW);
    expect(MAX_PAIRED).toBe(layout.MAX_RECORDS);
  });

  test('has room for tables in front of the columns', () => {
    expect(KEPT_AT + (NEXT_KEPT + 1) * 4).toBeLessThanOrEqual(RUN_AT);
    expect(RUN_AT + RUN_LEN * 4).toBeLessThanOrEqual(MACS_AT);
    expect(ROWS_AT + MAX_FLOWS * 4).toBeLessThanOrEqual(PORT_KINDS_AT);
    expect(ECHOES_AT + MAX_PAIRED * ECHO * 4).toBeLessThanOrEqual(COLUMNS);
  });
});
