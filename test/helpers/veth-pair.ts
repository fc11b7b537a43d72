/**
 * Two hosts of a test's own: network namespaces with a cable and a VXLAN tunnel (VNI 5000) between them. Needs root.
 */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { hasTool } from './tool.js';

/** Whether this machine can make namespaces; under CI=true one that cannot is a failure. */
export function canMakeNamespaces(): boolean {
  if (!hasTool('ip', '-V') || !hasTool('ping', '-V') || !hasTool('tcpdump')) return false;
  const name = `vxt${randomBytes(4).toString('hex')}`;
  if (spawnSync('ip', ['netns', 'add', name], { stdio: 'ignore' }).status === 0) {
    execFileSync('ip', ['netns', 'del', name]);
    return true;
  }
  if (process.env['CI'] === 'true') throw new Error('no network namespace can be made: this suite needs root');
  console.log('not run: no network namespace can be made; run as root');
  return false;
}

/** Does not hold up the tests that run at the same time. */
const runBeside = promisify(execFile);

const SEND = `
import socket, sys
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind(('e0', 0))
for frame in sys.argv[1:]: sender.send(bytes.fromhex(frame))
`;

const TAKE = `
import socket
server = socket.create_server(('192.168.9.2', 5001))
print('ready', flush=True)
connection = server.accept()[0]
while connection.recv(1 << 20): pass
`;
const GIVE = `
import socket
socket.create_connection(('192.168.9.2', 5001)).sendall(bytes(2_000_000))
`;

/** Two hosts; `e0` is the cable's end, `vx0` the tunnel's, in each. */
export class VethPair {
  /** Namespaces of this host and of the other one. */
  readonly here: string;
  readonly there: string;

  constructor() {
    const tag = randomBytes(4).toString('hex');
    this.here = `vxt${tag}a`;
    this.there = `vxt${tag}b`;
    ip('netns', 'add', this.here);
    ip('netns', 'add', this.there);
    ip('-n', this.here, 'link', 'add', 'e0', 'type', 'veth', 'peer', 'name', 'e0', 'netns', this.there);
    for (const [name, own, other] of [
      [this.here, 1, 2],
      [this.there, 2, 1],
    ] as const) {
      const inside = (...args: string[]): void => ip('-n', name, ...args);
      // Without IPv6 nothing is sent but what the test sends.
      run('ip', ['netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1']);
      run('ip', ['netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1']);
      inside('link', 'set', 'lo', 'up');
      inside('addr', 'add', `10.9.0.${own}/24`, 'dev', 'e0');
      inside('link', 'set', 'e0', 'up');
      const tunnel = ['type', 'vxlan', 'id', '5000', 'local', `10.9.0.${own}`, 'remote', `10.9.0.${other}`];
      inside('link', 'add', 'vx0', ...tunnel, 'dstport', '4789', 'noudpcsum');
      inside('addr', 'add', `192.168.9.${own}/24`, 'dev', 'vx0');
      inside('link', 'set', 'vx0', 'up');
    }
  }

  /** Runs `ip` on this host. */
  ip(...args: string[]): void {
    ip('-n', this.here, ...args);
  }

  /** Pings through the tunnel. */
  async ping(count = 1): Promise<void> {
    await runBeside('ip', ['netns', 'exec', this.here, 'ping', '-q', '-c', String(count), '-i', '0.02', '192.168.9.2']);
  }

  /** Pings through the tunnel as fast as answers come. @param len bytes of data */
  async flood(count: number, len = 56): Promise<void> {
    const words = ['-q', '-f', '-c', String(count), '-s', String(len), '192.168.9.2'];
    await runBeside('ip', ['netns', 'exec', this.here, 'ping', ...words]);
  }

  /** Sends frames from the other host, as they are: tags and all. */
  async sendFromThere(frames: readonly Uint8Array[]): Promise<void> {
    const hex = frames.map((bytes) => Buffer.from(bytes).toString('hex'));
    await runBeside('ip', ['netns', 'exec', this.there, 'python3', '-c', SEND, ...hex]);
  }

  /** Sends two megabytes through the tunnel, over TCP. */
  async sendStream(): Promise<void> {
    const server = spawn('ip', ['netns', 'exec', this.there, 'python3', '-c', TAKE], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await once(server.stdout, 'data');
    await runBeside('ip', ['netns', 'exec', this.here, 'python3', '-c', GIVE]);
    if (server.exitCode === null) await once(server, 'exit');
  }

  remove(): void {
    for (const name of [this.here, this.there]) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
  }
}

function ip(...args: string[]): void {
  run('ip', args);
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
