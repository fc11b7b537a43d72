/**
 * One run of each scenario, with its first VTEP, into fixtures/captures: `npm run fixtures`, as root; `-- NAME...` for some.
 * Their rows of goldens.tsv and fixtures/README.md, and their goldens, are rewritten.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'bin/vxdump.js');

function run(command, ...argv) {
  const { status, stdout, stderr } = spawnSync(command, argv, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${argv.join(' ')}: exit ${status}: ${stderr}`);
  return stdout;
}

/** Puts a line in a file of rows, in place of the one that begins alike. */
function putRow(file, start, rest) {
  const path = join(root, 'fixtures', file);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const at = lines.findIndex((line) => line.startsWith(start));
  lines.splice(at < 0 ? lines.length : at, at < 0 ? 0 : 1, `${start}${rest}`);
  writeFileSync(path, `${lines.join('\n')}\n`);
}

const scenarios = JSON.parse(run(process.execPath, program, 'lab', 'list', '--json'));
const wanted = process.argv.slice(2);
for (const { name, title, vteps } of scenarios) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const folder = mkdtempSync(join(tmpdir(), 'vxdump-fixtures-'));
  run(process.execPath, program, 'lab', 'run', name, '--name', 'fixtures', '-o', folder, '--quiet');
  const { captures } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const inputs = captures.map((capture) => {
    const input = `lab-${name}.${capture.host}-${capture.interface}.pcap`;
    copyFileSync(join(folder, capture.file), join(root, 'fixtures/captures', input));
    return input;
  });
  rmSync(folder, { recursive: true });
  putRow('README.md', `| \`lab-${name}.*\` |`, ` ${vteps[0]} | ${title} |`);
  putRow('goldens.tsv', `lab-${name}\t`, [inputs.join(' '), 'analyze {}', `lab-${name}.txt`, '0'].join('\t'));
  run('npm', 'run', '--silent', 'goldens', '--', `lab-${name}`);
  console.log(`${name}: ${inputs.length} captures`);
}
