/** The part of a package.json that the checks read. */
export interface PackageManifest {
  name?: string;
  exports?: Record<string, string>;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export type Layer = 'apps' | 'modules' | 'core' | 'ui' | 'engines' | 'tools' | 'tests';

export interface Workspace {
  /** From the root: `modules/chat`, `core`. */
  folder: string;
  layer: Layer;
  /** Last part of the folder: `chat`. */
  shortName: string;
  /** As others import it: `@liaison/chat`. */
  packageName: string;
  manifest: PackageManifest;
  /** Name and version of everything declared, whichever way. */
  declared: ReadonlyMap<string, string>;
}

const WORKSPACE_MANIFEST = /^((?:(apps|modules|engines)\/[^/]+)|(?:core|ui|tools|tests))\/package\.json$/;

export function declaredIn(manifest: PackageManifest): Map<string, string> {
  return new Map(
    Object.entries({
      ...manifest.peerDependencies,
      ...manifest.optionalDependencies,
      ...manifest.devDependencies,
      ...manifest.dependencies,
    }),
  );
}

export function readWorkspaces(paths: readonly string[], text: (path: string) => string): Workspace[] {
  const workspaces: Workspace[] = [];
  for (const path of paths) {
    const match = WORKSPACE_MANIFEST.exec(path);
    const folder = match?.[1];
    if (folder === undefined) continue;
    const manifest = JSON.parse(text(path)) as PackageManifest;
    workspaces.push({
      folder,
      layer: (match?.[2] ?? folder) as Layer,
      shortName: folder.slice(folder.lastIndexOf('/') + 1),
      packageName: manifest.name ?? '',
      manifest,
      declared: declaredIn(manifest),
    });
  }
  return workspaces;
}

/** `@scope/name/deep/path` → `@scope/name`; `name/deep` → `name`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}
