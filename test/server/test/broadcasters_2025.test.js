'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client, rtpParameters, sendAudio, until, useServer } = require('./support');

const here = useServer();
const device = { flag: 'broadcaster', name: 'ffmpeg', version: '7' };

async function post(resource, status, body) {
  const response = await here.server.post(resource, body);
  assert.equal(response.status, status, JSON.stringify(response.body));
  return response.body;
}

async function joined(t, room, name) {
  const client = await Client.connect(here.server, room, name);
  t.after(() => client.close());
  client.peers = (await client.join(name)).peers;
  return client;
}

/** A broadcaster that has joined, in a room that somebody keeps open; its transport waits for packets. */
async function broadcaster(room, { joins = true, direction = 'producer' } = {}) {
  await post(`/rooms/${room}/broadcasters`, 201, { peerId: 'caster', displayName: 'Caster', device });
  const url = `/rooms/${room}/broadcasters/caster`;
  const transport = await post(`${url}/transports`, 201, { direction, comedia: true, rtcpMux: true });
  if (joins) assert.equal(await post(`${url}/join`, 200), 'BroadcasterPeer joined');
  const { transportId } = transport;
  const produce = (kind) => post(`${url}/producers`, 201,
    { transportId, kind, rtpParameters: rtpParameters(kind), appData: { source: kind, colour: 'red' } });
  return { url, transport, produce };
}

test('2025: every call names the exact Origin, or it is forbidden', async (t) => {
  await joined(t, 'origins', 'anna');
  const { origin } = here.server;
  const withOrigin = (Origin) => here.server.http('GET', '/rooms/origins', undefined, { Origin });
  assert.equal((await withOrigin(origin)).status, 200);
  const others = [null, origin.replace(/:\d+$/, ''), origin.replace(/\d$/, ''), origin.replace('http', 'https')];
  for (const other of others) {
    const { status, body } = await withOrigin(other);
    assert.deepEqual([status, body], [403, 'ForbiddenError: GOOD TRY!!!'], other);
  }
  const unknownRoom = await here.server.http('GET', '/rooms/none', undefined, { Origin: null });
  assert.equal(unknownRoom.status, 403);
});

test('2025: the page and the test API are for everybody', async () => {
  for (const resource of ['/', '/test/server']) {
    assert.equal((await here.server.http('GET', resource, undefined, { Origin: null })).status, 200);
  }
});

test('2025: a room is not made by naming it', async (t) => {
  const { status, body } = await here.server.get('/rooms/none');
  assert.deepEqual([status, body], [404, "RoomNotFound: Room 'none' doesn't exist"]);
  await joined(t, 'made', 'anna');
  assert.equal((await here.server.get('/rooms/made')).body.routerRtpCapabilities.codecs[0].mimeType, 'audio/opus');
});

test('2025: a broadcaster is announced when it joins, listed, and taken leave of', async (t) => {
  const anna = await joined(t, 'roster', 'anna');
  const { url, transport } = await broadcaster('roster', { joins: false });
  assert.deepEqual(Object.keys(transport), ['transportId', 'ip', 'port']);
  const early = await joined(t, 'roster', 'early');
  assert.deepEqual(early.peers.map(({ peerId }) => peerId), ['anna']);
  await post(`${url}/join`, 200);
  const info = { peerId: 'caster', displayName: 'Caster', device, remoteAddress: '127.0.0.1' };
  const { peer } = await anna.notified('newPeer', (data) => data.peer.peerId === 'caster');
  assert.deepEqual(peer, info);
  const late = await joined(t, 'roster', 'late');
  assert.deepEqual(late.peers.find(({ peerId }) => peerId === 'caster'), info);
  assert.equal(await post(`${url}/join`, 409), 'InvalidStateError: Peer already joined');
  const { status, body } = await here.server.http('DELETE', url);
  assert.deepEqual([status, body], [204, '']);
  assert.deepEqual(await anna.notified('peerClosed'), { peerId: 'caster' });
  assert.equal((await here.server.http('DELETE', url)).status, 404);
});

test('2025: its audio reaches the peers; how loud it is, who dominates and silence are told', async (t) => {
  const anna = await joined(t, 'audio', 'anna');
  const { transport, url, produce } = await broadcaster('audio');
  const { producerId } = await produce('audio');
  const consumer = await anna.requested('newConsumer');
  assert.deepEqual([consumer.peerId, consumer.producerId], ['caster', producerId]);
  assert.deepEqual(consumer.appData, { peerId: 'caster', source: 'audio' });
  // Elected before it has sent anything, as the only one.
  assert.deepEqual(await anna.notified('activeSpeaker'), { peerId: 'caster' });
  const stop = sendAudio(transport);
  assert.deepEqual(await anna.notified('speakingPeers'), { peerVolumes: [{ peerId: 'caster', volume: -10 }] });
  stop();
  await anna.notified('speakingPeers', ({ peerVolumes }) => peerVolumes.length === 0);
  assert.deepEqual(await anna.notified('activeSpeaker', ({ peerId }) => peerId === undefined), {});
  await here.server.http('DELETE', url);
  await anna.notified('consumerClosed', ({ consumerId }) => consumerId === consumer.consumerId);
  const ends = anna.notifications.map(({ method }) => method).filter((method) => /Closed/.test(method));
  assert.deepEqual(ends, ['peerClosed', 'consumerClosed']);
});

test('2025: it is told who produces what, and consumes what it can', async (t) => {
  const anna = await joined(t, 'consume', 'anna');
  const { url, transport, produce } = await broadcaster('consume', { direction: 'consumer' });
  const producerId = await anna.produce('video');
  const own = await produce('audio');
  const { peerProducersInfos } = (await here.server.get(`${url}/peerProducersInfos`)).body;
  assert.deepEqual(peerProducersInfos.map(({ peerId, producers }) => [peerId, producers.map((each) => each.producerId)]),
    [['anna', [producerId]], ['caster', [own.producerId]]]);
  const [{ kind, source, consumableCodecs }] = peerProducersInfos[0].producers;
  assert.deepEqual([kind, source], ['video', 'video']);
  assert.deepEqual(consumableCodecs.map(({ mimeType }) => mimeType), ['video/VP8']);
  assert.ok(!('rtcpFeedback' in consumableCodecs[0]));

  const { routerRtpCapabilities: rtpCapabilities } = (await here.server.get('/rooms/consume')).body;
  const { transportId } = transport;
  const { consumerId } = await post(`${url}/consumers`, 201, { transportId, producerId, rtpCapabilities, paused: true });
  const paused = async () => {
    const { body } = await here.server.get('/test/rooms/consume');
    return body.broadcasters[0].consumers.find(({ id }) => id === consumerId).paused;
  };
  assert.equal(await paused(), true);
  assert.equal(await post(`${url}/consumers/${consumerId}/resume`, 200), 'Consumer resumed');
  assert.equal(await paused(), false);
  for (const wrong of [{ rtpCapabilities: { codecs: [] } }, { rtpCapabilities, producerId: 'x' }, {}]) {
    const refusal = await post(`${url}/consumers`, 409, { transportId, producerId, ...wrong });
    assert.equal(refusal, `UnsupportedError: cannot consume Producer '${wrong.producerId ?? producerId}'`);
  }
});

test('2025: a transport that does not wait for packets is connected', async (t) => {
  await joined(t, 'connect', 'anna');
  const { url } = await broadcaster('connect');
  const { transportId, rtcpPort } = await post(`${url}/transports`, 201, { direction: 'consumer', rtcpMux: false });
  assert.ok(rtcpPort > 0);
  const connect = `${url}/transports/${transportId}/connect`;
  assert.equal(await post(connect, 200, { ip: '127.0.0.1', port: 9, rtcpPort: 9 }), 'PlainTransport connected');
});

test('2025: errors are text with their status and name', async (t) => {
  await joined(t, 'errors', 'anna');
  const { url, transport, produce } = await broadcaster('errors', { joins: false });
  const { transportId } = transport;
  const base = '/rooms/errors/broadcasters';
  const cases = [
    [`${base}/nobody/join`, {}, 404, "PeerNotFound: BroadcastPeer 'nobody' doesn't exist"],
    [`${url}/transports`, { direction: 'up' }, 400, 'TypeError: invalid invalid transport direction: up'],
    [`${url}/transports/x/connect`, {}, 404, "TransportNotFound: PlainTransport 'x' not found"],
    [`${url}/producers`, { transportId }, 409, 'InvalidStateError: BroadcasterPeer not joined'],
    [`${url}/consumers`, { transportId }, 409, 'InvalidStateError: BroadcasterPeer not joined'],
    [`${url}/consumers/x/resume`, {}, 409, 'InvalidStateError: BroadcasterPeer not joined'],
  ];
  const check = async ([resource, request, status, reason]) =>
    assert.deepEqual(await here.server.post(resource, request), { status, body: reason }, resource);
  for (const each of cases) await check(each);
  assert.equal((await here.server.get(`${url}/peerProducersInfos`)).status, 409);
  await post(`${url}/join`, 200);
  await check([`${url}/producers`, { transportId, kind: 'audio' }, 400,
    "TypeError: Cannot destructure property 'source' of 'appData' as it is undefined."]);
  await check([`${url}/producers`, { transportId: 'x', appData: {} }, 404, "TransportNotFound: PlainTransport 'x' not found"]);
  await check([`${url}/consumers/x/resume`, {}, 404, "ConsumerNotFound: Consumer 'x' not found"]);
  await produce('audio');
  const broken = await fetch(`${here.server.httpUrl}${url}/transports`,
    { method: 'POST', body: '{', headers: { Origin: here.server.origin } });
  assert.equal(broken.status, 500);
  assert.match(await broken.text(), /^SyntaxError: /);
});

test('2025: what has been created is where the answer says, whatever its name', async (t) => {
  await joined(t, 'location', 'anna');
  const headers = { 'Origin': here.server.origin, 'Content-Type': 'application/json' };
  const creation = await fetch(`${here.server.httpUrl}/rooms/location/broadcasters`,
    { method: 'POST', headers, body: JSON.stringify({ peerId: '电视 / 1', displayName: 'TV', device }) });
  assert.equal(creation.status, 201);
  await post(`${creation.headers.get('location')}/join`, 200);
});

test('2025: an id belongs to the last one that has taken it, peer or broadcaster', async (t) => {
  const anna = await joined(t, 'ids', 'anna');
  const victim = await joined(t, 'ids', 'caster');
  await broadcaster('ids');
  await victim.closed;
  await until('the broadcaster only', async () => {
    const { body } = await here.server.get('/test/rooms/ids');
    return body.peers.length === 1 && body.broadcasters.length === 1;
  });
  await joined(t, 'ids', 'caster');
  const { body } = await here.server.get('/test/rooms/ids');
  assert.deepEqual([body.peers.length, body.broadcasters.length], [2, 0]);
  assert.deepEqual(anna.notifications.filter(({ method }) => method === 'peerClosed'), []);
});
