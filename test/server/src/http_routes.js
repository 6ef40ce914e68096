'use strict';

const { RefusedError } = require('./errors');
const { log } = require('./log');

const MAX_BODY_BYTES = 1000000;

async function readJson(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new RefusedError(413, 'body too large');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return text ? JSON.parse(text) : {};
  } catch (error) {
    throw new RefusedError(400, `invalid JSON: ${error.message}`);
  }
}

function statusOf(error) {
  if (error instanceof RefusedError) return error.code;
  return error instanceof TypeError ? 400 : 500;
}

/** An answer that is neither text nor JSON. */
class Content {
  constructor(type, bytes) {
    this.type = type;
    this.bytes = bytes;
  }
}

function contentOf(body) {
  if (body instanceof Content) return body;
  return typeof body === 'string'
    ? new Content('text/plain', body) : new Content('application/json', JSON.stringify(body ?? {}));
}

function respond(response, status, body) {
  const { type, bytes } = contentOf(body);
  response.writeHead(status, { 'Content-Type': type });
  response.end(bytes);
}

/**
 * A request listener for routes [method, '/path/:name', handler({path, query, body})]. A handler's
 * result is the answer: a string as text, Content as it is, anything else as JSON. Errors answer with
 * their message.
 */
function serveRoutes(routes) {
  const table = routes.map(([method, path, handler]) => ({
    method,
    pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
    handler,
  }));

  async function answer(request) {
    const url = new URL(request.url, 'http://localhost');
    for (const { method, pattern, handler } of table) {
      const match = pattern.exec(url.pathname);
      if (!match || method !== request.method) continue;
      const path = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]));
      return handler({ path, query: Object.fromEntries(url.searchParams), body: await readJson(request) });
    }
    throw new RefusedError(404, `no such resource: ${request.method} ${url.pathname}`);
  }

  return (request, response) => {
    answer(request).then(
      (body) => respond(response, 200, body),
      (error) => {
        log(`HTTP ${request.method} ${request.url}: ${error.message}`);
        respond(response, statusOf(error), error.message);
      });
  };
}

module.exports = { Content, serveRoutes };
