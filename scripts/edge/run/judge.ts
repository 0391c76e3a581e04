import { type EdgeCase, type Layer, leadsToProgram, type RequestSpec } from '../cases/request-spec.ts';
import type { Evidence } from './evidence.ts';

/** What came of one request, and how much the programs behind have counted meanwhile. */
export interface Outcome {
  /** Absent when no answer came. */
  readonly status?: number;
  readonly body: string;
  /** What the connection ended with instead. */
  readonly problem: string;
  readonly seen: Evidence;
}

/** Which layer the request came to: the last that counted it, or the one that was spoken with. */
export function layerOf(spec: RequestSpec, { status, problem, seen }: Outcome): Layer {
  if (seen.programs > 0) return 'neighbour';
  if (seen.services > 0) return 'service';
  if (spec.from !== 'outside' && !spec.target?.startsWith('http://traefik:'))
    return status === undefined ? 'network' : 'neighbour';
  if (status === undefined && /^ERR_SSL|^EPROTO/.test(problem)) return 'tls';
  return seen.proxy > 0 ? 'oauth2-proxy' : 'traefik';
}

/** Undefined when the request was refused as the case says; else what was different. */
export function refusalFault({ refused }: EdgeCase, spec: RequestSpec, outcome: Outcome): string | undefined {
  const layer = layerOf(spec, outcome);
  const found = `${layer} ${told(outcome)}`;
  if (layer !== refused.by) return `refused by ${refused.by} was expected: ${found}`;
  const statuses = [refused.status ?? []].flat();
  if (statuses.length > 0 && !statuses.includes(outcome.status ?? 0))
    return `status ${statuses.join(' or ')} was expected: ${found}`;
  if (outcome.status !== undefined && outcome.status < 300) return `it was not refused: ${found}`;
  if (refused.code !== undefined && codeOf(outcome.body) !== refused.code)
    return `code ${refused.code} was expected: ${found}`;
  if (refused.alert !== undefined && !outcome.problem.includes(refused.alert))
    return `alert ${refused.alert} was expected: ${found}`;
  return undefined;
}

/** Undefined when the twin passed to where it belongs. */
export function twinFault({ base, passes = 200, noService }: EdgeCase, outcome: Outcome): string | undefined {
  const found = `${layerOf(base, outcome)} ${told(outcome)}`;
  if (outcome.status !== passes) return `the twin should pass with ${passes}: ${found}`;
  const wanted = noService === true ? 0 : 1;
  if (outcome.seen.services !== wanted)
    return `the twin should be counted by ${wanted} service, and ${outcome.seen.services} counted it: ${found}`;
  const programs = leadsToProgram(base) ? 1 : 0;
  if (outcome.seen.programs !== programs)
    return `the twin should come to ${programs} program, and came to ${outcome.seen.programs}: ${found}`;
  return undefined;
}

function codeOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { code?: string }).code;
  } catch {
    return undefined;
  }
}

function told({ status, body, problem }: Outcome): string {
  if (status === undefined) return problem || 'no answer';
  return `${status} ${codeOf(body) ?? JSON.stringify(body.slice(0, 100))}`;
}
