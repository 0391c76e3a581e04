import { BODIES } from './bodies.ts';
import { CERTIFICATES } from './certificates.ts';
import { GATES } from './gates.ts';
import { HANDED_ON } from './handed-on.ts';
import { HEADERS } from './headers.ts';
import { HOSTS } from './hosts.ts';
import { METHODS } from './methods.ts';
import { INTERNAL_ENTRY, NETWORKS } from './networks.ts';
import { PAGE_CERTIFICATES } from './page-certificates.ts';
import { PAGES } from './pages.ts';
import { PATHS } from './paths.ts';
import type { EdgeCase } from './request-spec.ts';
import { TOKENS } from './tokens.ts';

/** Everything that the edge must refuse, each with the twin that it must let through. */
export const CASES: readonly EdgeCase[] = [
  ...GATES,
  ...CERTIFICATES,
  ...HOSTS,
  ...HEADERS,
  ...PATHS,
  ...PAGES,
  ...PAGE_CERTIFICATES,
  ...HANDED_ON,
  ...BODIES,
  ...TOKENS,
  ...METHODS,
  ...NETWORKS,
  ...INTERNAL_ENTRY,
];
