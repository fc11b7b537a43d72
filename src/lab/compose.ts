/**
 * Hypervisors as containers of a compose project. Docker's own bridge is the wire, so that it cannot be given a fault, and
 * kernel settings stand in the compose file, so that no container is privileged.
 */
import { fileURLToPath } from 'node:url';
import { VxdumpError } from '../errors.js';
import type { Placement } from './placement.js';
import { LAB_FILES, type Scenario } from './scenario.js';
import { hostsOf } from './topology.js';

const BUILD_SECONDS = 900;

/** Containers. @param composeArgv what runs Compose: `docker compose`, or `docker-compose` */
export function compose(lab: string, composeArgv: readonly string[]): Placement {
  const container = (node: string): string => `vxdump-${lab}-${node}`;
  const inside = (node: string, argv: readonly string[]): string[] => ['docker', 'exec', container(node), ...argv];
  const file = fileURLToPath(new URL('docker/compose.yaml', LAB_FILES));
  const project = (...words: string[]): string[] => [
    ...['env', `VXDUMP_LAB=${lab}`],
    ...[...composeArgv, '-p', `vxdump-${lab}`, '-f', file, ...words],
  ];
  return {
    inside,
    folder: () => '/run/openvswitch',
    settings: () => null,
    // Through the container's stdout, so that it needs no folder of this machine.
    writes: (node, name, argv, output) => ({
      argv: [
        ...['sh', '-c', 'exec "$@" >"$0"', output],
        ...inside(node, ['sh', '-c', 'echo $$ >"/run/$0.pid"; exec "$@"', name, ...argv, '-']),
      ],
      signal: inside(node, ['sh', '-c', 'kill -"$1" "$(cat "/run/$0.pid")"', name]),
    }),
    nodes: (scenario) => {
      refuse(scenario);
      const hosts = hostsOf(scenario);
      const up = ['up', '-d', '--no-build', ...hosts.map(({ name }) => name)];
      return [
        {
          // The image stays: Docker makes it once.
          title: 'image',
          lanes: [[{ do: 'command', title: 'compose build', argv: project('build', 'hv1'), seconds: BUILD_SECONDS }]],
        },
        {
          title: 'containers',
          lanes: [
            [
              {
                do: 'command',
                title: 'compose up',
                argv: project(...up),
                undo: project('down', '-v', '-t', '0'),
                piecemeal: true,
              },
            ],
          ],
        },
        {
          // The tunnel's end gets the address that Docker gave to eth0.
          title: 'addresses',
          lanes: hosts.map(({ name }) => [
            { do: 'command', title: `${name}: free eth0`, argv: inside(name, ['ip', 'addr', 'flush', 'dev', 'eth0']) },
          ]),
        },
      ];
    },
  };
}

function refuse({ name, wire, underlay, arpIgnore, networks }: Scenario): void {
  if (wire === null && underlay === 'ipv4' && arpIgnore && networks.length === 1) return;
  throw new VxdumpError('E_LAB_SCENARIO', `${name} cannot be built with Docker: use --runtime netns`);
}
