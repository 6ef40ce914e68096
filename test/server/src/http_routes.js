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
  return text ? JSON.parse(text) : {};
}

function statusOf(error) {
  if (error instanceof RefusedError) return error.code;
  return error instanceof TypeError || error instanceof SyntaxError ? 400 : 500;
}

/** An answer that is neither text nor JSON. */
class Content {
  constructor(type, bytes) {
    this.type = type;
    this.bytes = bytes;
  }
}

/** An answer with a status of its own. */
class Answer {
  /** `body` as serveRoutes() has it; none at all when it is undefined. */
  constructor(status, body, headers = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

function contentOf(body) {
  if (body instanceof Content) return body;
  return typeof body === 'string'
    ? new Content('text/plain; charset=utf-8', body) : new Content('application/json', JSON.stringify(body ?? {}));
}

function respond(response, result) {
  const { status, body, headers } = result instanceof Answer ? result : new Answer(200, result ?? {});
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const { type, bytes } = contentOf(body);
  response.writeHead(status, { ...headers, 'Content-Type': type });
  response.end(bytes);
}

const plainError = (error) => new Answer(statusOf(error), error.message);

function compile({ routes, guard = () => {}, wordError = plainError }) {
  return routes.map(([method, path, handler]) => ({
    method,
    pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
    handler,
    guard,
    wordError,
  }));
}

/**
 * A request listener for groups {routes, guard, wordError} of routes [method, '/path/:name',
 * handler({path, query, body, url, remoteAddress})]. A handler's result is the answer: a string as text,
 * Content and Answer as they are, anything else as JSON. guard(headers), if given, throws for whom it keeps
 * out; wordError(error), if given, makes the Answer of an error, which else has its message.
 */
function serveRoutes(groups) {
  const table = groups.flatMap(compile);

  function find({ method }, { pathname }) {
    for (const route of table) {
      const match = route.method === method && route.pattern.exec(pathname);
      if (!match) continue;
      const names = Object.entries(match.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]);
      return { ...route, path: Object.fromEntries(names) };
    }
    throw new RefusedError(404, `no such resource: ${method} ${pathname}`);
  }

  async function answer(request) {
    const url = new URL(request.url, 'http://localhost');
    let wordError = plainError;
    try {
      const route = find(request, url);
      ({ wordError } = route);
      route.guard(request.headers);
      return await route.handler({
        path: route.path,
        query: Object.fromEntries(url.searchParams),
        body: await readJson(request),
        url: url.pathname,
        remoteAddress: request.socket.remoteAddress,
      });
    } catch (error) {
      log(`HTTP ${request.method} ${request.url}: ${error.message}`);
      return wordError(error);
    }
  }

  return (request, response) => answer(request).then((result) => respond(response, result));
}

module.exports = { Answer, Content, serveRoutes };
