'use strict';

// usage: build_page.js DEST: makes of ../page what the server serves: one script, and the other files.

const fs = require('node:fs');
const path = require('node:path');
const esbuild = require('esbuild');

const SOURCES = path.join(__dirname, '..', 'page');
const [destination] = process.argv.slice(2);

esbuild.buildSync({
  entryPoints: [path.join(SOURCES, 'main.js')],
  outdir: destination,
  nodePaths: process.env.NODE_PATH.split(path.delimiter),
  bundle: true,
  platform: 'browser',
  format: 'iife',
  target: 'chrome111',
  logLevel: 'warning',
});
for (const name of fs.readdirSync(SOURCES)) {
  if (!name.endsWith('.js')) fs.copyFileSync(path.join(SOURCES, name), path.join(destination, name));
}
