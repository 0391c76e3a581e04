import { z } from 'zod';

export interface PrometheusAccess {
  /** With the route prefix, without a slash at the end. */
  readonly prometheusUrl: string;
  /** Value of the Authorization header. */
  readonly authorization?: string | undefined;
}

const ANSWER_MS_MAX = 20_000;

const failure = z.object({ status: z.literal('error'), error: z.string() });
const sample = z.tuple([z.number(), z.string()]);
const instantAnswer = z.object({
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('vector'), result: z.array(z.object({ value: sample.optional() })) }),
    z.object({ resultType: z.literal('matrix'), result: z.array(z.object({ values: z.array(sample) })) }),
    z.object({ resultType: z.literal('scalar'), result: sample }),
  ]),
});
const parsedAnswer = z.object({ data: z.unknown() });

/** The query could not be asked, or Prometheus refused it. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused';
}

/** How many samples the query gives now that are numbers: NaN, of a quotient by nothing, tells nobody anything. */
export async function sampleCount(access: PrometheusAccess, query: string): Promise<number> {
  const { data } = instantAnswer.parse(await ask(access, 'query', query));
  switch (data.resultType) {
    case 'scalar':
      return Number.isNaN(Number(data.result[1])) ? 0 : 1;
    case 'vector':
      return data.result.filter(({ value }) => value !== undefined && !Number.isNaN(Number(value[1]))).length;
    case 'matrix':
      return data.result.filter(({ values }) => values.length > 0).length;
  }
}

/** Prometheus's own reading of the query, as a tree. */
export async function parseQuery(access: PrometheusAccess, query: string): Promise<unknown> {
  return parsedAnswer.parse(await ask(access, 'parse_query', query)).data;
}

async function ask(access: PrometheusAccess, path: string, query: string): Promise<unknown> {
  const { prometheusUrl, authorization } = access;
  const response = await fetch(`${prometheusUrl}/api/v1/${path}`, {
    method: 'POST',
    body: new URLSearchParams({ query }),
    headers: authorization === undefined ? {} : { authorization },
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  const text = await response.text();
  if (response.status === 401)
    throw new QueryRefused(`${prometheusUrl} wants a name and a password: give --user and --password-file`);
  const answer = jsonOf(text);
  const refused = failure.safeParse(answer);
  if (refused.success) throw new QueryRefused(refused.data.error);
  if (!response.ok) throw new QueryRefused(`HTTP ${response.status} ${text.slice(0, 200)}`);
  return answer;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new QueryRefused(`no JSON: ${text.slice(0, 200)}`);
  }
}
