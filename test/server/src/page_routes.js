'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Content } = require('./http_routes');

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files of the page, which lies ready in `directory`; none without a directory. */
function pageRoutes(directory) {
  if (!directory) return { routes: [] };
  const routes = fs.readdirSync(directory).map((name) => {
    const content = new Content(TYPES[path.extname(name)], fs.readFileSync(path.join(directory, name)));
    const route = name === 'index.html' ? '/' : `/${name}`;
    return ['GET', route, () => content];
  });
  return { routes };
}

module.exports = { pageRoutes };
