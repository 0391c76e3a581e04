import { randomBytes } from 'node:crypto';

/** W3C Trace Context, version 00: https://www.w3.org/TR/trace-context/#traceparent-header */
export interface Traceparent {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const PATTERN = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZERO = /^0+$/;
const SAMPLED = 0x01;

/** The header's parts, or undefined when it is absent or breaks the specification. */
export function parseTraceparent(header: string | undefined): Traceparent | undefined {
  const match = header === undefined ? null : PATTERN.exec(header.trim());
  if (match === null) return undefined;
  const [, version = '', traceId = '', spanId = '', flags = '', rest] = match;
  if (version === 'ff' || ZERO.test(traceId) || ZERO.test(spanId)) return undefined;
  if (version === '00' && rest !== undefined) return undefined; // only later versions may append fields
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

export function formatTraceparent(trace: Traceparent): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`;
}

/** A fresh, sampled trace. Random: never in a decision, whose ids derive from content. */
export function newTraceparent(): string {
  return formatTraceparent({ traceId: hex(16), spanId: hex(8), sampled: true });
}

/** A new span of the same trace; a fresh trace when the parent is absent or malformed. */
export function childTraceparent(parent: string | undefined): string {
  const trace = parseTraceparent(parent);
  return trace === undefined ? newTraceparent() : formatTraceparent({ ...trace, spanId: hex(8) });
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
