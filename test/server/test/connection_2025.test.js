'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client, ServerProcess, handshake, until, useServer } = require('./support');

const here = useServer('--domain', 'localhost', '--join-deadline', '1');

const shake = (headers, query = '?roomId=x&peerId=y', path = '/') =>
  handshake(`http://127.0.0.1:${new URL(here.server.url).port}${path}${query}`, headers);

const ours = { Origin: 'http://localhost' };
// One emoji of two characters beyond the basic plane, of each half the lower byte.
const notWelcome = '403 GO TO HELL =\x95<\xfc';

test('2025: a connection without Origin, or with another scheme or host, is refused with 403', async () => {
  const others = ['https://localhost', 'http://127.0.0.1', 'http://localhost.evil.test', 'ws://localhost', 'localhost', 'null'];
  assert.equal(await shake({}), notWelcome);
  for (const Origin of others) assert.equal(await shake({ Origin }), notWelcome, Origin);
  assert.equal(await shake({ 'Sec-WebSocket-Origin': 'http://localhost' }), notWelcome);
});

test('2025: the port of the Origin and the path of the URL do not count', async () => {
  for (const Origin of ['http://localhost', 'http://localhost:1', 'http://LOCALHOST:65535']) {
    assert.equal(await shake({ Origin }), '101', Origin);
  }
  assert.equal(await shake(ours, '?roomId=x&peerId=y', '/any/path'), '101');
});

test('2025: who is refused is not in the log', async () => {
  const before = here.server.stderr.length;
  await shake({});
  await shake(ours, '?roomId=logged&peerId=later');
  await until('the next one is', () => here.server.stderr.slice(before).includes('room logged: peer later connected'));
  assert.doesNotMatch(here.server.stderr.slice(before), /refused|403|HELL/);
});

test('2025: a connection without roomId, peerId or sub-protocol, or with pipe transports, is refused', async () => {
  for (const query of ['', '?roomId=x', '?peerId=x', '?roomId=&peerId=x']) {
    assert.equal(await shake(ours, query), '400 Missing roomId and/or peerId', query);
  }
  assert.equal(await shake({ ...ours, 'Sec-WebSocket-Protocol': 'other' }), '403 invalid/missing Sec-WebSocket-Protocol');
  assert.equal((await shake(ours, '?roomId=x&peerId=y&usePipeTransports=true')).slice(0, 3), '500');
  assert.equal(await shake(ours, '?roomId=x&peerId=y&usePipeTransports=1'), '101');
});

test('2025: the address that is printed is that of the domain, from which a page is allowed', () => {
  assert.equal(new URL(here.server.url).hostname, 'localhost');
});

test('2025: without --domain the address is the domain, with TLS the Origin is https', async (t) => {
  const server = await ServerProcess.start();
  t.after(() => server.stop());
  const [{ rejectUnauthorized }, url] = [{ rejectUnauthorized: false }, `${server.httpUrl}/?roomId=x&peerId=y`];
  assert.match(url, /^https:\/\/127\.0\.0\.1:/);
  assert.equal(await handshake(url, { Origin: 'https://127.0.0.1' }, { rejectUnauthorized }), '101');
  assert.equal(await handshake(url, { Origin: 'http://127.0.0.1' }, { rejectUnauthorized }), notWelcome);
  assert.equal(await handshake(url, { Origin: 'https://localhost' }, { rejectUnauthorized }), notWelcome);
});

test('2025: who does not join in time is closed with 4000, unannounced; who joins stays', async () => {
  const anna = await Client.connect(here.server, 'deadline', 'anna');
  await anna.join();
  const bert = await Client.connect(here.server, 'deadline', 'bert');
  await bert.createTransport('send');
  await bert.closed; // and not `disconnected`, which protoo-client makes of anything but 4000
  assert.equal((await here.server.peer('deadline', 'anna')).joined, true);
  assert.deepEqual(anna.notifications.map(({ method }) => method), ['mediasoupVersion']);
  anna.close();
});

test('2025: --join-deadline 0 gives all the time of the world', async (t) => {
  const server = await ServerProcess.start('--insecure-ws', '--test-api', '--join-deadline', '0');
  t.after(() => server.stop());
  const slow = await Client.connect(server, 'slow', 'anna');
  const quick = await Client.connect(here.server, 'slow', 'anna');
  await quick.closed;
  await slow.join();
});

test('2025: consumerReplicas that are no number leave no consumer at all', async () => {
  const anna = await Client.connect(here.server, 'replicas', 'anna', '&consumerReplicas=many');
  const bert = await Client.connect(here.server, 'replicas', 'bert');
  await anna.join();
  await bert.join();
  await anna.produce('audio');
  await anna.produceData('chat', 1);
  await bert.requested('newDataConsumer', ({ label }) => label === 'chat');
  assert.deepEqual(bert.requests.filter(({ method }) => method === 'newConsumer'), []);
  anna.close();
  bert.close();
});

test('2025: --sctp-always needs no sctpCapabilities', async (t) => {
  const server = await ServerProcess.start('--insecure-ws', '--test-api', '--sctp-always');
  t.after(() => server.stop());
  const anna = await Client.connect(server, 'room', 'anna');
  const { sctpParameters } = await anna.createTransport('recv', { sctpCapabilities: undefined });
  assert.equal(sctpParameters.port, 5000);
  await anna.request('join', { displayName: 'Anna', device: { flag: 'x', name: 'x' } });
  assert.equal((await anna.requested('newDataConsumer')).label, 'bot');
});
