import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../../', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

interface PackedPackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** What importing one module came to: nothing, or the error's code and message. */
export interface ImportOutcome {
  readonly code?: string;
  readonly message?: string;
}

/** The packages as they would be published, installed beside what they must have and nothing that they may have. */
export class PackedPackages {
  readonly #directory: string;
  readonly #packages: readonly PackedPackage[];

  private constructor(directory: string, packages: readonly PackedPackage[]) {
    this.#directory = directory;
    this.#packages = packages;
  }

  static async install(): Promise<PackedPackages> {
    const directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-packed-'));
    const packages = await publishedPackages();
    await mkdir(join(directory, 'tarballs'));
    const sources = packages.map(({ folder }) => `./${folder}`);
    const destination = ['--pack-destination', join(directory, 'tarballs')];
    const options = { cwd: root, shell: process.platform === 'win32' };
    const { stdout } = await run(
      'npm',
      ['pack', '--json', '--loglevel=error', ...destination, ...sources],
      options,
    );
    const packed = Object.values(JSON.parse(stdout) as Record<string, { name: string; filename: string }>);
    const installed = new PackedPackages(directory, packages);
    for (const { name, filename } of packed) await installed.#extract(name, filename);
    for (const { folder, manifest } of packages)
      for (const dependency of requiredBy(manifest)) await installed.#link(folder, dependency);
    return installed;
  }

  /** Their names, or the addresses of those that have such an entry. */
  entries(entry = ''): readonly string[] {
    return this.#packages
      .filter(({ manifest }) => `.${entry}` in manifest.exports)
      .map(({ manifest }) => `${manifest.name}${entry}`);
  }

  /** Installs what a package may have. */
  async add(dependency: string): Promise<void> {
    for (const { folder, manifest } of this.#packages)
      if (manifest.peerDependenciesMeta?.[dependency]?.optional) await this.#link(folder, dependency);
  }

  /** Takes away what {@link add} has installed. */
  async without(dependency: string): Promise<void> {
    await rm(this.#pathOf(dependency));
  }

  /** Imports each in a process of its own. */
  async import(specifiers: readonly string[]): Promise<readonly ImportOutcome[]> {
    return Promise.all(specifiers.map((specifier) => this.#import(specifier)));
  }

  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #import(specifier: string): Promise<ImportOutcome> {
    const script = `import(${JSON.stringify(specifier)}).then(
      () => console.log('{}'),
      ({ code, message }) => console.log(JSON.stringify({ code, message })),
    )`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: this.#directory,
    });
    return JSON.parse(stdout) as ImportOutcome;
  }

  async #extract(name: string, tarball: string): Promise<void> {
    const target = this.#pathOf(name);
    await mkdir(target, { recursive: true });
    await run('tar', ['-xzf', join('tarballs', tarball), '-C', target, '--strip-components=1'], {
      cwd: this.#directory,
    });
  }

  async #link(folder: string, dependency: string): Promise<void> {
    const target = this.#pathOf(dependency);
    if (existsSync(target)) return;
    await mkdir(dirname(target), { recursive: true });
    const source = await realpath(join(root, folder, 'node_modules', dependency));
    await symlink(source, target, 'junction');
  }

  #pathOf(name: string): string {
    return join(this.#directory, 'node_modules', name);
  }
}

async function publishedPackages(): Promise<readonly PackedPackage[]> {
  const packages: PackedPackage[] = [];
  for (const name of await readdir(join(root, 'packages'))) {
    const folder = `packages/${name}`;
    const file = join(root, folder, 'package.json');
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
    if (manifest.private !== true) packages.push({ folder, manifest });
  }
  return packages;
}

/** What npm installs with it: other packages of this project are there, packed. */
function requiredBy({ dependencies, peerDependencies, peerDependenciesMeta }: Manifest): readonly string[] {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys(dependencies ?? {}), ...peers].filter((name) => !name.startsWith('@mcp-oauth/'));
}
