'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { Client, ServerProcess, handshake, until } = require('./support');

/** A process that only waits to be collected by its parent has ended. */
function exists(pid) {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} ends the server with 0 and leaves no worker`, async () => {
    const server = await ServerProcess.start('--insecure-ws', '--test-api');
    const client = await Client.connect(server, 'room', 'anna');
    await client.join();
    const { workerPid } = (await server.get('/test/server')).body;
    assert.ok(exists(workerPid));
    assert.equal(await server.stop(signal), 0);
    assert.ok(!exists(workerPid));
    await client.closed;
    assert.equal(server.stdout, '');
  });
}

test('a killed server takes its worker along', async () => {
  const server = await ServerProcess.start('--insecure-ws', '--test-api');
  const { workerPid } = (await server.get('/test/server')).body;
  await server.stop('SIGKILL');
  await until('the worker is gone', () => !exists(workerPid));
});

test('a port in use is one clear line and exit 1', async () => {
  const server = await ServerProcess.start('--insecure-ws');
  const { port } = new URL(server.url);
  await assert.rejects(ServerProcess.start('--insecure-ws', '--port', port),
    new RegExp(`^Error: exit 1: cannot start: 127.0.0.1 port ${port} is already in use\n$`));
  await server.stop();
});

for (const bad of [['--nonsense'], ['--protocol', '2023'], ['--port', 'many'], ['--rtc-port', '70000'], ['word']]) {
  test(`"${bad.join(' ')}" is refused with exit 2`, async () => {
    await assert.rejects(ServerProcess.start(...bad), /exit 2: .*\nTry 'run.sh --help'/);
  });
}

function httpsGet(url, ca) {
  return new Promise((resolve, reject) => {
    https.get(url, { ca, agent: false }, (response) => resolve(response.resume())).on('error', reject);
  });
}

test('the kept certificate verifies the server by address and name', async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'room-server-test-'));
  const server = await ServerProcess.start('--cert-dir', dir);
  const { port } = new URL(server.url);
  assert.match(server.url, /^wss:/);
  const ca = fs.readFileSync(path.join(dir, 'cert.pem'));
  for (const host of ['127.0.0.1', 'localhost']) {
    assert.equal((await httpsGet(`https://${host}:${port}/`, ca)).statusCode, 200);
  }
  await assert.rejects(httpsGet(`https://127.0.0.1:${port}/`), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  await server.stop();
  fs.rmSync(dir, { recursive: true });
});

test('without a kept certificate no file stays behind', async (t) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'room-server-test-'));
  const { TMPDIR } = process.env;
  process.env.TMPDIR = dir;
  t.after(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    fs.rmSync(dir, { recursive: true });
  });
  const server = await ServerProcess.start();
  assert.deepEqual(fs.readdirSync(dir), []);
  await server.stop();
});

const hasIpv6 = Object.values(os.networkInterfaces()).flat().some(({ address }) => address === '::1');
test('it listens on ::1', { skip: !hasIpv6 }, async () => {
  const server = await ServerProcess.start('--insecure-ws', '--host', '::1');
  assert.match(server.url, /^ws:\/\/\[::1\]:\d+$/);
  const client = await Client.connect(server, 'room', 'anna');
  const { iceCandidates } = await client.createTransport('send');
  assert.equal(iceCandidates[0].ip, '::1');
  client.close();
  await server.stop();
});

test('2024: a connection without roomId, peerId or sub-protocol is refused, one without Origin is not', async () => {
  const server = await ServerProcess.start('--insecure-ws', '--protocol', '2024');
  const nameless = '400 Connection request without roomId and/or peerId';
  assert.equal(await handshake(`${server.httpUrl}/?roomId=x`), nameless);
  assert.equal(await handshake(`${server.httpUrl}/?peerId=x`), nameless);
  assert.equal(await handshake(`${server.httpUrl}/?roomId=x&peerId=y`, { 'Sec-WebSocket-Protocol': 'x' }),
    '403 invalid/missing Sec-WebSocket-Protocol');
  assert.equal(await handshake(`${server.httpUrl}/?roomId=x&peerId=y`), '101');
  await server.stop();
});
