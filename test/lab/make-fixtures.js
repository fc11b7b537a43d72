/**
 * One run of each scenario, with its first VTEP, into fixtures/captures: `npm run fixtures`, as root. Rows of goldens.tsv and
 * fixtures/README.md are added where they are missing; the goldens are rewritten.
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

/** Adds a line to a file of rows, unless it is there. */
function addRow(file, row) {
  const path = join(root, 'fixtures', file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(`${row}\n`)) writeFileSync(path, `${text.trimEnd()}\n${row}\n`);
}

const scenarios = JSON.parse(run(process.execPath, program, 'lab', 'list', '--json'));
for (const { name, title, vteps } of scenarios) {
  const folder = mkdtempSync(join(tmpdir(), 'vxdump-fixtures-'));
  run(process.execPath, program, 'lab', 'run', name, '--name', 'fixtures', '-o', folder, '--quiet');
  const { captures } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const inputs = captures.map((capture) => {
    const input = `lab-${name}.${capture.host}-${capture.interface}.pcap`;
    copyFileSync(join(folder, capture.file), join(root, 'fixtures/captures', input));
    return input;
  });
  rmSync(folder, { recursive: true });
  addRow('README.md', `| \`lab-${name}.*\` | ${vteps[0]} | ${title} |`);
  addRow('goldens.tsv', [`lab-${name}`, inputs.join(' '), 'analyze {}', `lab-${name}.txt`, '0'].join('\t'));
  console.log(`${name}: ${inputs.length} captures`);
}
run('npm', 'run', '--silent', 'goldens');
