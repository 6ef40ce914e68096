'use strict';

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { Client, ServerProcess, until } = require('./support');

let server;
before(async () => { server = await ServerProcess.start('--insecure-ws', '--test-api'); });
after(() => server.stop());

const device = { flag: 'test', name: 'test', version: '1' };
const connect = (room, name, query) => Client.connect(server, room, name, query);

async function joined(room, name, query) {
  const client = await connect(room, name, query);
  client.peers = (await client.join(name)).peers;
  return client;
}

const roomIds = async () => (await server.get('/test/rooms')).body.map(({ id }) => id);

test('the roster is told at join, and then by notifications', async () => {
  const anna = await joined('roster', 'anna');
  assert.deepEqual(anna.peers, []);
  const bert = await joined('roster', 'bert');
  assert.deepEqual(bert.peers, [{ id: 'anna', displayName: 'anna', device }]);
  assert.deepEqual(await anna.notified('newPeer'), { id: 'bert', displayName: 'bert', device });
  assert.deepEqual(await bert.request('changeDisplayName', { displayName: 'Bertram' }), {});
  assert.deepEqual(await anna.notified('peerDisplayNameChanged'),
    { peerId: 'bert', displayName: 'Bertram', oldDisplayName: 'bert' });
  bert.close();
  assert.deepEqual(await anna.notified('peerClosed'), { peerId: 'bert' });
  anna.close();
});

test('one who never joined is not announced', async () => {
  const anna = await joined('quiet', 'anna');
  const bert = await connect('quiet', 'bert');
  bert.close();
  await until('bert is gone', async () => !await server.peer('quiet', 'bert'));
  assert.deepEqual(anna.notifications.filter(({ method }) => method !== 'mediasoup-version'), []);
  anna.close();
});

test('a room closes with its last peer', async () => {
  const anna = await joined('short', 'anna');
  assert.ok((await roomIds()).includes('short'));
  anna.close();
  await until('the room is gone', async () => !(await roomIds()).includes('short'));
});

test('the same peerId again replaces the old peer, in the same room', async () => {
  const old = await joined('replace', 'anna');
  const renewed = await connect('replace', 'anna');
  await old.closed;
  await renewed.join('Anna again');
  await renewed.produce('audio');
  const bert = await joined('replace', 'bert');
  assert.deepEqual(bert.peers.map(({ displayName }) => displayName), ['Anna again']);
  assert.equal((await bert.requested('newConsumer')).peerId, 'anna');
  bert.close();
  renewed.close();
});

test('a newcomer is offered what exists, the others what is new', async () => {
  const anna = await joined('offers', 'anna');
  const producerId = await anna.produce('audio');
  const dataProducerId = await anna.produceData('chat', 1);
  await anna.produceData('bot', 2);
  await anna.produceData('other', 3);
  const bert = await joined('offers', 'bert');
  const consumer = await bert.requested('newConsumer');
  assert.deepEqual(
    { peerId: consumer.peerId, producerId: consumer.producerId, kind: consumer.kind, type: consumer.type,
      appData: consumer.appData, producerPaused: consumer.producerPaused },
    { peerId: 'anna', producerId, kind: 'audio', type: 'simple',
      appData: { source: 'test', peerId: 'anna' }, producerPaused: false });
  assert.ok(consumer.rtpParameters.mid !== undefined && consumer.rtpParameters.encodings.length === 1);
  const chat = await bert.requested('newDataConsumer', ({ label }) => label === 'chat');
  assert.equal(chat.dataProducerId, dataProducerId);
  assert.equal(chat.peerId, 'anna');
  assert.equal((await bert.requested('newDataConsumer', ({ label }) => label === 'bot')).peerId, null);
  await bert.requested('newDataConsumer', ({ label }) => label === 'other');
  assert.equal(bert.requests.length, 4);

  await bert.produceData('chat', 1);
  await bert.produceData('other', 2);
  const videoId = await bert.produce('video');
  assert.equal((await anna.requested('newConsumer')).producerId, videoId);
  await anna.requested('newDataConsumer', ({ label, peerId }) => label === 'chat' && peerId === 'bert');
  await sleep(50);
  assert.deepEqual(anna.requests.map(({ data }) => data.label ?? data.kind).sort(), ['bot', 'chat', 'video']);

  anna.close();
  await bert.notified('consumerClosed', ({ consumerId }) => consumerId === consumer.id);
  await bert.notified('dataConsumerClosed', ({ dataConsumerId }) => dataConsumerId === chat.id);
  bert.close();
});

test('a consumer that the client refuses stays paused', async () => {
  const anna = await joined('refuse', 'anna');
  const bert = await joined('refuse', 'bert');
  bert.answer = new Error('I do not want to consume');
  await anna.produce('audio');
  await bert.requested('newConsumer');
  await sleep(50);
  const { consumers } = await server.peer('refuse', 'bert');
  assert.equal(consumers[0].paused, true);
  anna.close();
  bert.close();
});

test('without rtpCapabilities, sctpCapabilities or a receiving transport nothing is consumed', async () => {
  const anna = await joined('nothing', 'anna');
  await anna.produce('audio');
  await anna.produceData('chat', 1);
  const bert = await connect('nothing', 'bert');
  await bert.createTransport('recv');
  await bert.request('join', { displayName: 'bert', device });
  const carl = await connect('nothing', 'carl');
  const rtpCapabilities = await carl.request('getRouterRtpCapabilities');
  await carl.request('join', { displayName: 'carl', device, rtpCapabilities, sctpCapabilities: {} });
  await sleep(100);
  assert.deepEqual([...bert.requests, ...carl.requests], []);
  for (const client of [anna, bert, carl]) client.close();
});

test('consumerReplicas of the first connection multiplies consumers', async () => {
  const anna = await joined('replicas', 'anna', '&consumerReplicas=2');
  const bert = await joined('replicas', 'bert', '&consumerReplicas=7');
  await anna.produce('audio');
  await until('three consumers', () => bert.requests.filter(({ method }) => method === 'newConsumer').length === 3);
  anna.close();
  bert.close();
});

test('join and produce that cross offer each producer once', async () => {
  for (let round = 0; round < 5; ++round) {
    const room = `cross-${round}`;
    const anna = await joined(room, 'anna');
    const bert = await connect(room, 'bert');
    await Promise.all([anna.produce('audio'), bert.join('bert'), anna.produce('video')]);
    await until('two consumers', () => bert.requests.filter(({ method }) => method === 'newConsumer').length >= 2);
    await sleep(30);
    assert.equal(bert.requests.filter(({ method }) => method === 'newConsumer').length, 2);
    anna.close();
    bert.close();
  }
});

test('the mediasoup version comes first', async () => {
  const { mediasoupVersion } = (await server.get('/test/server')).body;
  const anna = await connect('version', 'anna');
  if (Number(mediasoupVersion.split('.')[1]) >= 14) {
    assert.deepEqual(await anna.notified('mediasoup-version'), { version: mediasoupVersion });
  }
  anna.close();
});
