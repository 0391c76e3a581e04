import { z } from 'zod';

export const FAULT_KINDS = [
  /** 503 before anything is done. */
  'http-503',
  /** No answer, nothing done; the connection is held for `ms`, then cut. */
  'timeout',
  /** Done `ms` later (the time window is judged then). */
  'delay',
  /** Done, then the connection is cut instead of an answer. */
  'drop-answer',
  /** Done, then no answer; the connection is held for `ms`, then cut. */
  'order-accepted-no-answer',
  /** All WebSocket connections are cut now. */
  'disconnect-ws',
] as const;

export const faultSchema = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  /** `POST /api/v3/order`, a path alone, or absent for every endpoint. */
  endpoint: z.string().max(100).optional(),
  /** How many requests it strikes. */
  times: z.int().min(1).max(10_000).default(1),
  ms: z.int().min(0).max(600_000).default(1_000),
});

export type Fault = z.output<typeof faultSchema>;

/** Faults that wait for their requests; tests set them over the control API. */
export class Faults {
  private pending: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.pending.push({ fault, left: fault.times });
  }

  /** The fault that strikes this request, if any; each strike uses one of its times. */
  take(method: string, path: string): Fault | null {
    const found = this.pending.find(({ fault }) => strikes(fault, method, path));
    if (found === undefined) return null;
    found.left -= 1;
    this.pending = this.pending.filter(({ left }) => left > 0);
    return found.fault;
  }
}

function strikes({ endpoint }: Fault, method: string, path: string): boolean {
  return endpoint === undefined || endpoint === path || endpoint === `${method} ${path}`;
}
