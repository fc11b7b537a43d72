/**
 * The package as it ships: what it asks for, what it contains, what it does to a machine that installs it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { requireBuilt } from './helpers/built.js';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const manifest = JSON.parse(read('package.json'));
const lock = JSON.parse(read('package-lock.json'));

describe('package.json', () => {
  it('asks for exact versions', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  it('exports what DESIGN promises, and nothing by accident', () => {
    expect(Object.keys(manifest.exports)).toEqual([
      '.',
      './core',
      './reader',
      './vitest',
      './schema/*.json',
      './package.json',
    ]);
    expect(manifest.license).toBe('MIT');
    expect(manifest.type).toBe('module');
    expect(manifest.engines).toEqual({ node: '>=20.19' });
  });

  it('has the scripts that CONTRIBUTING names', () => {
    const names = 'build prepare typecheck lint format test goldens readme bench bench:check ci'.split(' ');
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(names));
  });

  it('runs nothing on the machine of who installs it', () => {
    expect(Object.keys(manifest.scripts)).not.toEqual(expect.arrayContaining([expect.stringMatching(/install$/)]));
  });
});

describe('package-lock.json', () => {
  const packages = Object.entries<{ version?: string; resolved?: string; hasInstallScript?: boolean; dev?: boolean }>(
    lock.packages,
  ).filter(([path]) => path !== '');

  it('names no registry, so that any will do', () => {
    expect(packages.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
  });

  it('has what package.json asks for', () => {
    const { dependencies, devDependencies, optionalDependencies } = lock.packages[''];
    expect({ dependencies, devDependencies, optionalDependencies }).toEqual({
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
      optionalDependencies: manifest.optionalDependencies,
    });
  });

  it('leaves cap out, which compiles: an optional peer', () => {
    expect(packages.map(([path]) => path)).not.toContain('node_modules/cap');
    expect(manifest.peerDependencies.cap).toBe('^0.2.1');
    expect(manifest.peerDependenciesMeta.cap).toEqual({ optional: true });
  });

  it('compiles nothing at run time: no shipped dependency has an install script, save the optional koffi', () => {
    // Its script only checks that the binary in the package for this platform loads; vxdump's own npm ci leaves it out.
    expect(manifest.allowScripts).toEqual({ esbuild: false, koffi: false });
    const scripted = packages.filter(
      ([path, entry]) => entry.hasInstallScript === true && entry.dev !== true && path !== 'node_modules/koffi',
    );
    expect(scripted.map(([path]) => path)).toEqual([]);
  });
});

describe('src', () => {
  it('has no class where private numbers and public fields both have their first value where they are declared', () => {
    // The build would give all of them theirs in the constructor, and a private one was undefined before: see ADR 5.
    const paths = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' });
    const classes = paths
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) =>
        read(`src/${path}`)
          .split(/^(?=(?:export )?class )/m)
          .slice(1),
      )
      .map((text) => text.split('\n}\n')[0] as string);
    expect(classes.length).toBeGreaterThan(100);
    const mixed = classes.filter(
      (text) => /^ {2}#\w+ = [-\dA-Z]/m.test(text) && /^ {2}(readonly )?[a-z]\w*(: [^=(\n]+)? = /m.test(text),
    );
    expect(mixed.map((text) => text.split('\n')[0])).toEqual([]);
  });

  it('has constants only at the top of a module: the build declares them so', () => {
    const paths = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' });
    const sources = paths.filter((path) => path.endsWith('.ts'));
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.filter((path) => /^(export )?(let|var) /m.test(read(`src/${path}`)))).toEqual([]);
  });
});

describe('dist', () => {
  it('shares copies between chunks: what a chunk works with is its own', () => {
    requireBuilt();
    const paths = readdirSync(new URL('dist/', root), { recursive: true, encoding: 'utf8' });
    const chunks = paths.filter((path) => path.endsWith('.js')).map((path) => read(`dist/${path}`));
    const shared = chunks.flatMap((text) => [
      ...text.matchAll(/^export \{([^}]*)\};$/gm),
      ...text.matchAll(/^import \{([^}]*)\} from "\.[^"]*";$/gm),
    ]);
    const names = shared.flatMap(([, clause]) => (clause as string).split(',').map((name) => name.trim()));
    expect(names.length).toBeGreaterThan(200);
    expect(names.filter((name) => !/^\$\w+ as |\$$/.test(name))).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  it('has a row for each dependency, with the version in use, and no other', () => {
    const rows = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \| ([\d.]+) \|/gm)];
    const documented = Object.fromEntries(rows.map(([, name, version]) => [name, version]));
    expect(documented).toEqual({
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.devDependencies,
    });
  });
});

describe('the files', () => {
  it('have an executable command', () => {
    expect(manifest.bin).toEqual({ vxdump: 'bin/vxdump.js' });
    for (const path of ['bin/vxdump.js', 'test/run', '.ci/run']) {
      expect(statSync(new URL(path, root)).mode & 0o111, path).not.toBe(0);
    }
  });

  it('ship what the exports name, and neither tests nor captures', () => {
    const [packed] = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    const shipped: string[] = packed.files.map((file: { path: string }) => file.path);
    expect(shipped).toContain('bin/vxdump.js');
    expect(shipped).toContain('LICENSE');
    for (const path of ['dist/index.js', 'dist/index.d.ts', 'dist/core.js', 'dist/core.d.ts']) {
      if (existsSync(new URL(path.replace('dist/', 'src/').replace(/(\.d)?\.[jt]s$/, '.ts'), root))) {
        expect(shipped).toContain(path);
      }
    }
    expect(shipped.filter((path) => /^(test|fixtures|src)\//.test(path))).toEqual([]);
  });
});
