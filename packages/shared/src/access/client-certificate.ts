import { X509Certificate } from 'node:crypto';

export interface ClientCertificate {
  /** SHA-256 of the DER form, lower-case hex. */
  readonly fingerprint: string;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** Node refuses more than 16 KiB of headers anyhow. */
const CHARACTERS_MAX = 16_384;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The leaf of `X-Forwarded-Tls-Client-Cert`: its first element, base64 of the DER form, bare or URL-escaped, with or
 * without the PEM lines around it. Undefined when it is none. Who signed it is the edge's to verify, not ours.
 */
export function readClientCertificate(header: string): ClientCertificate | undefined {
  const base64 = bareBase64((header.split(',')[0] ?? '').trim());
  if (base64 === undefined || base64.length > CHARACTERS_MAX || !BASE64.test(base64)) return undefined;
  try {
    const parsed = new X509Certificate(Buffer.from(base64, 'base64'));
    const [validFrom, validTo] = [Date.parse(parsed.validFrom), Date.parse(parsed.validTo)];
    if (Number.isNaN(validFrom) || Number.isNaN(validTo)) return undefined;
    return {
      fingerprint: parsed.fingerprint256.replaceAll(':', '').toLowerCase(),
      validFrom,
      validTo,
    };
  } catch {
    return undefined;
  }
}

/** A plus sign stays one: base64 knows no spaces, so none can have been meant. */
function bareBase64(element: string): string | undefined {
  let text = element;
  if (element.includes('%')) {
    try {
      text = decodeURIComponent(element);
    } catch {
      return undefined;
    }
  }
  return text.replaceAll(/-----(BEGIN|END) CERTIFICATE-----/g, '').replaceAll(/\s/g, '');
}
