/** What the container of the log path's test is told to print; its check looks for the same. */
export type WriterTask =
  | { readonly kind: 'every'; readonly run: string; readonly service: string }
  | {
      readonly kind: 'steady';
      readonly run: string;
      readonly service: string;
      /** Between the first line and the second. */
      readonly waitMs: number;
      readonly everyMs: number;
      readonly padBytes: number;
    };

/** Docker's buffer holds 16 KiB without the newline: this line is the longest that stays whole. */
export const CLOSE_TO_SPLIT_BYTES = 16 * 1024;
export const SPLIT_BYTES = 20_000;

/** Of the error among the lines. */
export const CODE = 'LOG_PATH_REFUSED';

export const ORDER = {
  requestId: 'r-log-path',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  orderId: (run: string): string => `order-${run}`,
  cycle: 4711,
} as const;

/** Texts with a secret or a person in the shapes in which they turn up; each is sent by every way into a line. */
export const PLANTED = [
  'Authorization: Bearer SECRET',
  'postgres://fleet:SECRET@postgres:5432/fleet',
  '{"apiKey":"SECRET","by":"nobody"}',
  'GET /x?signature=SECRET&symbol=BTC',
  'Cookie: _oauth2_proxy=SECRET; other=1',
  '-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----',
  'mail from PERSON refused',
  'xoxb-1234-SECRET',
] as const;

/** Of one text of one run, so that a find says which. */
export function planted(run: string, index: number): { readonly secret: string; readonly person: string } {
  return { secret: `planted${run}secret${index}value`, person: `anna.${run}.${index}@example.com` };
}
