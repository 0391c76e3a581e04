// In the place of a program behind the edge: it answers at once, in two pieces with a pause for as long as the test wants
// (`?hold`), without an end (`?flood`), or with 500 (`?fault`). The port after its own says what it has seen, and takes orders.
import { createServer, type ServerResponse } from 'node:http';

const port = Number(process.env['PORT']);
const FLOOD = 'x'.repeat(65_536);

let seen = 0;
/** Bytes that a client has not read yet count too. */
let flooded = 0;
const held = new Set<ServerResponse>();
const stuck = new Set<ServerResponse>();

createServer((request, response) => {
  seen += 1;
  const { searchParams } = new URL(request.url ?? '/', 'http://any');
  response.setHeader('Content-Type', 'text/event-stream');
  request.resume();
  if (searchParams.has('fault')) response.writeHead(500).end('fault\n\n');
  else if (searchParams.has('hold')) hold(response);
  else if (searchParams.has('flood')) flood(response);
  else response.end('whole\n\n');
}).listen(port, '0.0.0.0');

createServer((request, response) => {
  if (request.method === 'POST') {
    for (const one of held) one.end('last\n\n');
    held.clear();
  }
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ seen, held: held.size, stuck: stuck.size, flooded }));
}).listen(port + 1, '0.0.0.0');
process.once('SIGTERM', () => process.exit(0));

function hold(response: ServerResponse): void {
  response.write('first\n\n');
  held.add(response);
  response.once('close', () => held.delete(response));
}

/** Writes as long as the other end takes it. */
function flood(response: ServerResponse): void {
  const write = (): void => {
    stuck.delete(response);
    flooded += FLOOD.length;
    if (response.write(FLOOD)) setImmediate(write);
    else stuck.add(response);
  };
  response.on('drain', write);
  response.once('close', () => {
    response.off('drain', write);
    stuck.delete(response);
  });
  write();
}
