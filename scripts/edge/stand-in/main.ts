// In the place of a program without an image here (Loki): answers 200 to everything, for the way there is tested.
import { createServer } from 'node:http';

createServer((request, response) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ path: request.url, headers: Object.keys(request.headers) }));
}).listen(Number(process.env['STAND_IN_PORT']), '0.0.0.0');
process.once('SIGTERM', () => process.exit(0));
