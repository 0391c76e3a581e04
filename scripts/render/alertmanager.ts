import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigFault } from '@fleet/shared/config';
import { isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';

/** Receivers that a fleet can do without, and the secret that each needs. */
const OPTIONAL = { 'second-channel': 'slack_alerts_webhook', deadman: 'deadman_url' } as const;
const LOST = {
  'second-channel': 'critical alerts go to the notification manager alone',
  deadman: "the dead-man's switch is not armed: nobody notices when this host is gone",
} as const;

type Optional = keyof typeof OPTIONAL;

/** What is wrong with a template that somebody has changed: Alertmanager itself reads it only after everything stopped. */
export function alertmanagerFaults(text: string, source: string): readonly ConfigFault[] {
  const document = parseDocument(text);
  const action = 'take it from the repository again, or correct it';
  const [error] = document.errors;
  if (error !== undefined) {
    const name = `${source}:${error.linePos?.[0].line ?? 1}`;
    return [{ name, problem: `is not valid YAML: ${error.message.split('\n')[0]}`, action }];
  }
  return [['receivers'], ['route', 'routes']]
    .filter((path) => !isSeq(document.getIn(path)))
    .map((path) => ({ name: source, problem: `has no list ${path.join('.')}`, action }));
}

/**
 * The configuration of Alertmanager without the receivers (and their routes) whose secret is missing or empty: an empty
 * address must not stop the start, and must not fail at every alert either. `warnings` says what is lost by it.
 */
export function alertmanagerFile(text: string, secretsDir: string, warnings: string[]): string {
  const document = parseDocument(text);
  for (const [receiver, secret] of Object.entries(OPTIONAL) as [Optional, string][]) {
    if (isFilled(join(secretsDir, secret))) continue;
    warnings.push(`${secret} is empty: ${LOST[receiver]}`);
    drop(document.getIn(['receivers']) as YAMLSeq<YAMLMap>, 'name', receiver);
    const routes = document.getIn(['route', 'routes']) as YAMLSeq<YAMLMap>;
    // The alert that only that receiver takes must not reach people every few minutes.
    if (receiver === 'deadman') silenceRoute(routes, document.createNode('nobody'));
    else drop(routes, 'receiver', receiver);
  }
  if (!isFilled(join(secretsDir, OPTIONAL.deadman)))
    (document.getIn(['receivers']) as YAMLSeq).add(document.createNode({ name: 'nobody' }));
  return document.toString({ lineWidth: 0 });
}

function drop(items: YAMLSeq<YAMLMap>, key: string, value: string): void {
  items.items = items.items.filter((item) => item.get(key) !== value);
}

function silenceRoute(routes: YAMLSeq<YAMLMap>, nobody: unknown): void {
  for (const route of routes.items) if (route.get('receiver') === 'deadman') route.set('receiver', nobody);
}

function isFilled(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').trim() !== '';
  } catch {
    return false;
  }
}
