'use strict';

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { Client, ServerProcess, rtpParameters, sendAudio, until } = require('./support');

let server;
before(async () => { server = await ServerProcess.start('--insecure-ws', '--test-api', '--protocol', '2024'); });
after(() => server.stop());

async function post(resource, body) {
  const response = await server.post(resource, body);
  assert.equal(response.status, 200, JSON.stringify(response.body));
  return response.body;
}

const withData = { type: 'webrtc', sctpCapabilities: { numStreams: { OS: 16, MIS: 16 } } };
const device = { name: 'ffmpeg', version: '7' };

/** A broadcaster with a plain transport, in a room of its own. */
async function broadcaster(room, more = {}) {
  const { peers } = await post(`/rooms/${room}/broadcasters`,
    { id: 'caster', displayName: 'Caster', device, ...more });
  const url = `/rooms/${room}/broadcasters/caster`;
  const transport = await post(`${url}/transports`, { type: 'plain', rtcpMux: true });
  return { url, peers, transport, transportUrl: `${url}/transports/${transport.id}` };
}

test('2024: GET of a room creates it and answers the RTP capabilities', async () => {
  const { status, body } = await server.get('/rooms/new%20room');
  assert.equal(status, 200);
  assert.equal(body.codecs[0].mimeType, 'audio/opus');
  assert.equal((await server.get('/test/rooms/new%20room')).status, 200);
});

test('2024: a broadcaster is announced, listed, and taken leave of', async () => {
  const anna = await Client.connect(server, 'roster', 'anna');
  await anna.join();
  const { url } = await broadcaster('roster');
  const info = { id: 'caster', displayName: 'Caster', device: { flag: 'broadcaster', ...device } };
  assert.deepEqual(await anna.notified('newPeer'), info);
  const bert = await Client.connect(server, 'roster', 'bert');
  assert.deepEqual((await bert.join()).peers.find(({ id }) => id === 'caster'), info);
  const { status, body } = await server.http('DELETE', url);
  assert.deepEqual([status, body], [200, 'broadcaster deleted']);
  assert.deepEqual(await anna.notified('peerClosed'), { peerId: 'caster' });
  anna.close();
  bert.close();
});

test('2024: its audio reaches the peers, and who speaks is told', async () => {
  const anna = await Client.connect(server, 'audio', 'anna');
  await anna.join();
  const { transport, transportUrl, url } = await broadcaster('audio');
  const { id } = await post(`${transportUrl}/producers`, { kind: 'audio', rtpParameters: rtpParameters('audio') });
  const consumer = await anna.requested('newConsumer');
  assert.deepEqual([consumer.peerId, consumer.producerId, consumer.appData], ['caster', id, {}]);
  const stop = sendAudio(transport);
  const { peerId, volume } = await anna.notified('activeSpeaker');
  assert.equal(peerId, undefined);
  assert.equal(volume, -10);
  await anna.notified('consumerScore', ({ score }) => score.producerScore > 0);
  const { body } = await server.get('/test/rooms/audio');
  const [producer] = body.broadcasters[0].producers;
  assert.equal(producer.mimeType, 'audio/opus');
  assert.ok(producer.stats.packetCount > 0 && producer.stats.byteCount > producer.stats.packetCount);
  stop();
  assert.deepEqual(await anna.notified('activeSpeaker', (data) => data.peerId === null), { peerId: null });
  await server.http('DELETE', url);
  await anna.notified('consumerClosed', ({ consumerId }) => consumerId === consumer.id);
  anna.close();
});

test('2024: it consumes what its capabilities allow', async () => {
  const anna = await Client.connect(server, 'consume', 'anna');
  await anna.join('Anna');
  const producerId = await anna.produce('audio');
  await anna.produce('video');
  const dataProducerId = await anna.produceData('chat');
  const { codecs } = (await server.get('/rooms/consume')).body;
  const { peers, transportUrl, url } = await broadcaster('consume',
    { rtpCapabilities: { codecs: codecs.filter(({ kind }) => kind === 'audio'), headerExtensions: [] } });
  assert.deepEqual(peers.map(({ id, producers }) => ({ id, producers })),
    [{ id: 'anna', producers: [{ id: producerId, kind: 'audio' }] }]);
  const consumer = await post(`${transportUrl}/consume?producerId=${producerId}`);
  assert.deepEqual([consumer.producerId, consumer.kind, consumer.type], [producerId, 'audio', 'simple']);
  const { id } = await post(`${url}/transports`, withData);
  const { streamId } = await post(`${url}/transports/${id}/consume/data`, { dataProducerId });
  assert.equal(typeof streamId, 'number');
  anna.close();
});

test('2024: its data is offered to peers that join later', async () => {
  const { url } = await broadcaster('data');
  const { id } = await post(`${url}/transports`, withData);
  await post(`${url}/transports/${id}/produce/data`,
    { label: 'news', protocol: '', sctpStreamParameters: { streamId: 1, ordered: true }, appData: {} });
  const anna = await Client.connect(server, 'data', 'anna');
  await anna.join();
  assert.equal((await anna.requested('newDataConsumer', ({ label }) => label === 'news')).peerId, 'caster');
  anna.close();
});

test('2024: errors are text: 400 for wrong types, 404 for no such call, else 500', async () => {
  const { transportUrl, url } = await broadcaster('errors');
  const cases = [
    ['/rooms/errors/broadcasters', { id: 'b' }, 400, 'missing body.displayName'],
    ['/rooms/errors/broadcasters', { id: 'caster', displayName: 'b', device }, 500, /"caster" already exists$/],
    [`${url}/transports`, { type: 'pipe' }, 400, 'invalid type'],
    [`${url}/transports/x/connect`, {}, 500, 'transport with id "x" does not exist'],
    [`${transportUrl}/connect`, { dtlsParameters: {} }, 500, /is not a WebRtcTransport/],
    [`${transportUrl}/producers`, { kind: 'audio' }, 400, 'missing body.rtpParameters'],
    [`${transportUrl}/consume?producerId=x`, {}, 500, 'broadcaster does not have rtpCapabilities'],
    [`${url}/nonsense`, {}, 404, /^no such resource/],
  ];
  for (const [resource, request, status, reason] of cases) {
    const response = await server.post(resource, request);
    assert.equal(response.status, status, resource);
    if (reason instanceof RegExp) assert.match(response.body, reason);
    else assert.equal(response.body, reason);
  }
  const invalid = await fetch(`${server.httpUrl}${url}/transports`, { method: 'POST', body: '{' });
  assert.equal(invalid.status, 400);
});

test('2024: a second plain transport answers its RTCP port when RTCP is not multiplexed', async () => {
  const { url } = await broadcaster('rtcp');
  const { ip, port, rtcpPort } = await post(`${url}/transports`, { type: 'plain' });
  assert.equal(ip, '127.0.0.1');
  assert.ok(port > 0 && rtcpPort > 0);
  await until('both transports', async () =>
    (await server.get('/test/rooms/rtcp')).body.broadcasters[0].transports.length === 2);
});
