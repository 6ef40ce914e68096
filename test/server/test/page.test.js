'use strict';

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { ServerProcess } = require('./support');

let server;
before(async () => { server = await ServerProcess.start('--insecure-ws'); });
after(() => server.stop());

async function fetched(resource) {
  const response = await fetch(`${server.httpUrl}${resource}`);
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

test('the page is served, whatever its query says', async () => {
  for (const resource of ['/', '/?room=demo&name=Anna']) {
    const { status, type, text } = await fetched(resource);
    assert.equal(status, 200);
    assert.equal(type, 'text/html; charset=utf-8');
    assert.match(text, /^<!DOCTYPE html>/);
  }
});

test('every file that the page names is served with its type', async () => {
  const { text } = await fetched('/');
  const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name);
  assert.deepEqual(files.sort(), ['icon.svg', 'main.js', 'style.css']);
  const served = await Promise.all(files.map((name) => fetched(`/${name}`)));
  assert.deepEqual(served.map(({ type }) => type),
    ['image/svg+xml', 'text/javascript; charset=utf-8', 'text/css']);
  assert.deepEqual(served.filter(({ status, text: content }) => status !== 200 || !content), []);
});

test('nothing else is', async () => {
  for (const resource of ['/index.html', '/room_client.js', '/..%2fsetup.sh', '/package.json']) {
    assert.equal((await fetched(resource)).status, 404);
  }
});
