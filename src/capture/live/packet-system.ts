/**
 * The system calls of a packet socket, through koffi: the one file that imports it. It is an optional dependency with
 * prebuilt binaries; where it is not there, `loadPacketSystem` says so.
 */
import { VxdumpError } from '../../errors.js';

/** A call failed; `errno` says why. */
export class SystemError extends Error {
  readonly errno: number;

  constructor(call: string, errno: number, text: string) {
    super(`${call}: ${text}`);
    this.name = 'SystemError';
    this.errno = errno;
  }
}

/** Tells when a descriptor has something to read, or an error. */
export interface Readiness {
  /** Waits for it, once. @param callback called in a turn of the event loop of its own */
  start(callback: () => void): void;
  stop(): void;
}

/** What a packet socket needs of the system. Every call throws `SystemError`. */
export interface PacketSystem {
  socket(family: number, type: number, protocol: number): number;
  setOption(fd: number, level: number, option: number, value: Uint8Array): void;
  /** @returns `len` bytes */
  getOption(fd: number, level: number, option: number, len: number): Uint8Array;
  /** Attaches a classic BPF program: eight bytes an instruction. */
  attachFilter(fd: number, program: Uint8Array): void;
  bind(fd: number, address: Uint8Array): void;
  /** The address that a socket is bound to, 20 bytes. */
  boundTo(fd: number): Uint8Array;
  /** An interface's index; 0 where there is none of that name. */
  interfaceIndex(name: string): number;
  close(fd: number): void;
  /** Maps the descriptor's memory. It is unmapped once nobody holds the buffer any more: reading it never crashes. */
  map(fd: number, len: number): ArrayBuffer;
  readiness(fd: number): Readiness;
}

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/** @throws E_LIVE where koffi is not there, or does not load */
export async function loadPacketSystem(): Promise<PacketSystem> {
  if (process.platform !== 'linux') throw new VxdumpError('E_LIVE', 'packet sockets are of Linux only');
  const koffi = await import('koffi').catch((cause: unknown) => {
    throw new VxdumpError('E_LIVE', 'koffi is not installed: npm install koffi', cause);
  });
  const libc = koffi.load(null);
  const fprog = koffi.struct({ len: 'uint16', filter: 'void *' });
  const socket = libc.func('int socket(int family, int type, int protocol)');
  const setsockopt = libc.func('int setsockopt(int fd, int level, int option, void *value, uint32 len)');
  const setFilter = libc.func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(fprog), 'uint32']);
  const getsockopt = libc.func('int getsockopt(int fd, int level, int option, void *value, _Inout_ uint32 *len)');
  const bind = libc.func('int bind(int fd, void *address, uint32 len)');
  const getsockname = libc.func('int getsockname(int fd, void *address, _Inout_ uint32 *len)');
  const nametoindex = libc.func('uint32 if_nametoindex(const char *name)');
  const close = libc.func('int close(int fd)');
  const mmap = libc.func('void *mmap(void *at, size_t len, int protection, int flags, int fd, int64 offset)');
  const munmap = libc.func('int munmap(void *at, size_t len)');
  const strerror = libc.func('const char *strerror(int errno)');

  const check = (call: string, result: number): number => {
    if (result >= 0) return result;
    const errno = koffi.errno();
    throw new SystemError(call, errno, strerror(errno));
  };
  const unmap = new FinalizationRegistry<{ at: unknown; len: number }>(({ at, len }) => munmap(at, len));
  return {
    socket: (family, type, protocol) => check('socket', socket(family, type, protocol)),
    setOption: (fd, level, option, value) => {
      check(`setsockopt ${option}`, setsockopt(fd, level, option, value, value.length));
    },
    getOption: (fd, level, option, len) => {
      const value = new Uint8Array(len);
      check(`getsockopt ${option}`, getsockopt(fd, level, option, value, [len]));
      return value;
    },
    attachFilter: (fd, program) => {
      const value = { len: program.length / 8, filter: program };
      check('attach filter', setFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, value, koffi.sizeof(fprog)));
    },
    bind: (fd, address) => {
      check('bind', bind(fd, address, address.length));
    },
    boundTo: (fd) => {
      const address = new Uint8Array(20);
      check('getsockname', getsockname(fd, address, [address.length]));
      return address;
    },
    interfaceIndex: (name) => nametoindex(name),
    close: (fd) => {
      check('close', close(fd));
    },
    map: (fd, len) => {
      const at = mmap(null, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      if (koffi.address(at) === MAP_FAILED) check('mmap', -1);
      const buffer = koffi.view(at, len);
      unmap.register(buffer, { at, len });
      return buffer;
    },
    readiness: (fd) => {
      // Held here for as long as it is polled: collected, it would end the capture in silence.
      let handle: { close(): void } | null = null;
      const stop = (): void => {
        handle?.close();
        handle = null;
      };
      return {
        start: (callback) => {
          stop();
          // An exception may not leave the callback, which libuv calls: the work has a turn of its own.
          handle = koffi.node.poll(fd, { readable: true }, () => {
            stop();
            setImmediate(callback);
          });
        },
        stop,
      };
    },
  };
}
