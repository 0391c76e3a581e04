import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { isTest, type SourceFile } from './source-tree.ts';
import { isNode, lineAt, parse, type SyntaxNode, walk } from './syntax.ts';

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** By folder of the package: '' is the root, 'packages/domain', 'services/risk-manager'. */
export type Manifests = ReadonlyMap<string, Manifest>;

export const DEPENDENCY_RULES = [
  'domain-is-pure',
  'shared-knows-no-trading',
  'service-imports-service',
  'test-only-package',
  'undeclared',
  'leaves-package',
  'bare-builtin',
  'computed-import',
] as const;
export type DependencyRule = (typeof DEPENDENCY_RULES)[number];

export interface Finding<Rule extends string = string> {
  readonly path: string;
  readonly line: number;
  readonly rule: Rule;
  readonly message: string;
}

interface Import {
  readonly file: SourceFile;
  readonly home: string;
  readonly specifier: string;
  readonly test: boolean;
}

const DOMAIN = 'packages/domain';
const SHARED = 'packages/shared';
const DOMAIN_PACKAGES = new Set(['zod', 'decimal.js']);
const DOMAIN_CRYPTO = [`${DOMAIN}/src/ids/`, `${DOMAIN}/src/events/`];
const ENVELOPE = '@fleet/domain/events/envelope';
const TEST_ONLY = new Set(['@fleet/testkit', '@fleet/exchange-simulator']);
const TEST_ONLY_FOLDERS = ['packages/testkit', 'packages/exchange-simulator'];
const LIBRARIES = new Set(['@fleet/domain', '@fleet/shared', ...TEST_ONLY]);

/**
 * What the imports of these files break. The direction: services -> shared, domain; shared -> the event envelope of
 * the domain; domain -> zod and the decimal library; service -> service never; the testkit and the simulator only
 * into tests, scripts and each other.
 */
export function dependencyFindings(
  files: readonly SourceFile[],
  manifests: Manifests,
): Finding<DependencyRule>[] {
  return files.flatMap((file) => findingsOf(file, manifests));
}

export function homeOf(path: string): string {
  return /^(?:packages|services)\/[^/]+/.exec(path)?.[0] ?? '';
}

function findingsOf(file: SourceFile, manifests: Manifests): Finding<DependencyRule>[] {
  const findings: Finding<DependencyRule>[] = [];
  const home = homeOf(file.path);
  const test = isTest(file.path);
  walk(parse(file), (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return;
    const found =
      specifier === null ? computed(home, test) : judge({ file, home, specifier, test }, manifests);
    if (found === undefined) return;
    findings.push({
      path: file.path,
      line: lineAt(file.text, node.start),
      rule: found[0],
      message: found[1],
    });
  });
  return findings;
}

/** The module a node names: undefined when it names none, null when it is computed at run time. */
function specifierOf(node: SyntaxNode): string | null | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType': {
      const source = node['source'];
      if (!isNode(source)) return undefined;
      return typeof source['value'] === 'string' ? source['value'] : null;
    }
    default:
      return undefined;
  }
}

type Verdict = readonly [DependencyRule, string] | undefined;

function computed(home: string, test: boolean): Verdict {
  if (test || (home !== DOMAIN && home !== SHARED)) return undefined;
  return ['computed-import', 'an import computed at run time cannot be checked: name the module'];
}

function judge(use: Import, manifests: Manifests): Verdict {
  const { specifier } = use;
  if (specifier.startsWith('.')) return judgeRelative(use);
  if (specifier.startsWith('node:')) return judgeBuiltin(use);
  if (builtinModules.includes(specifier)) return ['bare-builtin', `write node:${specifier}`];
  return judgeDirection(use) ?? judgeDeclared(use, manifests);
}

function judgeRelative({ file, home, specifier }: Import): Verdict {
  const target = posix.join(posix.dirname(file.path), specifier);
  // The root (scripts, benches, cross-service tests) stands above all packages.
  if (home === '' ? !target.startsWith('../') : target.startsWith(`${home}/`)) return undefined;
  return [
    'leaves-package',
    `${specifier} leaves ${home || 'the checkout'}: import the other package by its name`,
  ];
}

function judgeBuiltin({ file, home, specifier, test }: Import): Verdict {
  if (home !== DOMAIN || test) return undefined;
  if (specifier === 'node:crypto' && DOMAIN_CRYPTO.some((folder) => file.path.startsWith(folder)))
    return undefined;
  return [
    'domain-is-pure',
    `the domain does not use ${specifier}: hand it the value (node:crypto only in src/ids and src/events)`,
  ];
}

function judgeDirection(use: Import): Verdict {
  const { home, specifier, test } = use;
  const name = packageOf(specifier);
  if (name === ownName(home)) return undefined;
  const isService = name.startsWith('@fleet/') && !LIBRARIES.has(name);
  if (isService && home !== '') {
    return ['service-imports-service', `${name} is a service: talk to it by events, or by HTTP for queries`];
  }
  if (TEST_ONLY.has(name) && home !== '' && !test && !TEST_ONLY_FOLDERS.includes(home)) {
    return ['test-only-package', `${name} is for tests and scripts, not for code that ships`];
  }
  if (home === SHARED && name === '@fleet/domain' && specifier !== ENVELOPE) {
    return ['shared-knows-no-trading', `shared may import ${ENVELOPE} alone: no word of trading in the kit`];
  }
  if (home === DOMAIN && !test && !DOMAIN_PACKAGES.has(name)) {
    return ['domain-is-pure', `the domain imports ${[...DOMAIN_PACKAGES].join(' and ')}, not ${name}`];
  }
  return undefined;
}

/** Tests and the testkit also see what the root declares: the test runner and its companions. */
function judgeDeclared({ home, specifier, test }: Import, manifests: Manifests): Verdict {
  const name = packageOf(specifier);
  const own = manifests.get(home);
  const inTests = test || home === '' || home === 'packages/testkit';
  const declared = [
    own?.dependencies,
    own?.optionalDependencies,
    ...(inTests ? [own?.devDependencies, manifests.get('')?.devDependencies] : []),
  ];
  if (name === ownName(home) || declared.some((list) => list?.[name] !== undefined)) return undefined;
  return ['undeclared', `${name} is not in ${home === '' ? '' : `${home}/`}package.json`];
}

function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function ownName(home: string): string {
  return `@fleet/${home.split('/')[1] ?? ''}`;
}
