import type { RawData, WebSocket } from 'ws';

/** A reader that falls this far behind is cut: it must connect again and catch up by REST. */
const BUFFERED_BYTES_MAX = 32 * 1024 * 1024;

export function sendJson(socket: WebSocket, message: unknown): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > BUFFERED_BYTES_MAX) socket.terminate();
  else socket.send(JSON.stringify(message));
}

/** The JSON object of a message, or null when it is none. */
export function readJsonObject(data: RawData): Readonly<Record<string, unknown>> | null {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    const object = typeof value === 'object' && value !== null && !Array.isArray(value);
    return object ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
