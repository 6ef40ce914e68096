'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client, inEveryDialect, rtpParameters, until, useServer } = require('./support');

const here = useServer();
let rooms = 0;

async function joined(t, name, room = `messages-${++rooms}`) {
  const client = await Client.connect(here.server, room, name);
  t.after(() => client.close());
  client.room = room;
  await client.join(name);
  return client;
}

/** Two in a room, the second consuming the first one's audio; `fatal` and `ignored` since then. */
async function consuming(t) {
  const anna = await joined(t, 'anna');
  const bert = await joined(t, 'bert', anna.room);
  const producerId = await anna.produce('audio');
  const { consumerId } = await bert.requested('newConsumer');
  const before = await here.server.about();
  const news = async () => {
    const { fatal, ignored } = await here.server.about();
    return { fatal: fatal.slice(before.fatal.length), ignored: ignored.slice(before.ignored.length) };
  };
  return { anna, bert, producerId, consumerId, news };
}

test('2025: what is told, not asked for, is unknown as a request, which is refused twice', async (t) => {
  const client = await joined(t, 'anna');
  const frames = [];
  client.protoo._transport._ws.addEventListener('message', ({ data }) => frames.push(JSON.parse(data)));
  for (const method of ['closeProducer', 'pauseProducer', 'resumeProducer', 'pauseConsumer', 'resumeConsumer',
    'setConsumerPreferredLayers', 'setConsumerPriority', 'requestConsumerKeyFrame', 'changeDisplayName']) {
    await assert.rejects(client.request(method), { code: 500, message: `unknown request method '${method}'` });
  }
  const answers = () => frames.filter(({ errorReason }) => /closeProducer/.test(errorReason));
  await until('the second answer', () => answers().length === 2);
  assert.equal(answers()[0].id, answers()[1].id);
});

test('2025: getRtcStatsUrl answers nothing, restartIce and capabilities are wrapped', async (t) => {
  const client = await joined(t, 'anna');
  assert.deepEqual(await client.request('getRtcStatsUrl'), {});
  assert.deepEqual(Object.keys(await client.request('getRouterRtpCapabilities')), ['routerRtpCapabilities']);
  assert.deepEqual(Object.keys(await client.request('restartIce', { transportId: client.recv.id })), ['iceParameters']);
});

test('2025: a missing appData and an unknown direction are errors in the words of the real server', async (t) => {
  const client = await joined(t, 'anna');
  const missing = (name) =>
    ({ code: 500, message: `Cannot destructure property '${name}' of 'appData' as it is undefined.` });
  await assert.rejects(client.request('createWebRtcTransport'), missing('direction'));
  await assert.rejects(client.request('produce', { transportId: client.send.id }), missing('source'));
  await assert.rejects(client.request('produceData', { transportId: client.send.id }), missing('channel'));
  for (const direction of ['sideways', undefined, 'toString']) {
    await assert.rejects(client.request('createWebRtcTransport', { appData: { direction } }),
      { code: 500, message: `invalid invalid transport direction: ${direction}` });
  }
});

test('2025: of appData only source and channel survive, whatever they are, and the peer is added', async (t) => {
  const anna = await joined(t, 'anna');
  const bert = await joined(t, 'bert', anna.room);
  const transportId = anna.send.id;
  await anna.request('produce', { transportId, kind: 'audio', rtpParameters: rtpParameters('audio'),
    appData: { source: 'gramophone', colour: 'red', peerId: 'eve' } });
  await anna.request('produceData', { transportId, label: 'any', protocol: 'p',
    sctpStreamParameters: { streamId: 1, ordered: true }, appData: { channel: 'chat', colour: 'red', peerId: 'eve' } });
  assert.deepEqual((await bert.requested('newConsumer')).appData, { source: 'gramophone', peerId: 'anna' });
  const { appData, label } = await bert.requested('newDataConsumer', ({ peerId }) => peerId);
  assert.deepEqual([appData, label], [{ channel: 'chat', peerId: 'anna' }, 'any']);
  const unsaid = await anna.request('produce', { transportId, kind: 'video', rtpParameters: rtpParameters('video'), appData: {} });
  const consumer = await bert.requested('newConsumer', ({ producerId }) => producerId === unsaid.producerId);
  assert.deepEqual(consumer.appData, { peerId: 'anna' });
});

test('2025: the members of newConsumer and newDataConsumer', async (t) => {
  const { bert } = await consuming(t);
  const consumer = await bert.requested('newConsumer');
  assert.deepEqual(Object.keys(consumer).sort(), ['appData', 'consumerId', 'consumerScore', 'kind', 'peerId',
    'producerId', 'producerPaused', 'rtpParameters', 'transportId', 'type']);
  assert.equal(consumer.transportId, bert.recv.id);
  assert.deepEqual(consumer.consumerScore, { score: 10, producerScore: 0, producerScores: [0] });
  const bot = await bert.requested('newDataConsumer');
  assert.deepEqual(Object.keys(bot).sort(), ['appData', 'dataConsumerId', 'dataProducerId', 'label', 'protocol',
    'sctpStreamParameters', 'transportId']);
  assert.deepEqual([bot.label, bot.appData], ['bot', { channel: 'bot' }]);
});

test('2025: data without a channel that is known goes nowhere, also not to newcomers', async (t) => {
  const anna = await joined(t, 'anna');
  const early = await joined(t, 'early', anna.room);
  for (const [streamId, channel] of [[1, 'news'], [2, undefined], [3, 'bot']]) {
    await anna.request('produceData', { transportId: anna.send.id, label: 'chat', protocol: '',
      sctpStreamParameters: { streamId, ordered: true }, appData: { channel } });
  }
  await anna.produceData('chat', 4);
  const late = await joined(t, 'late', anna.room);
  for (const client of [early, late]) {
    await client.requested('newDataConsumer', ({ protocol }) => protocol === 'p');
    await client.requested('newDataConsumer', ({ peerId }) => peerId === undefined);
    assert.equal(client.requests.length, 2);
  }
});

test('2025: without SCTP there is no data', async (t) => {
  const anna = await joined(t, 'anna');
  const { id: transportId } = await anna.createTransport('send', { sctpCapabilities: undefined });
  await assert.rejects(anna.request('produceData', { transportId, label: 'chat', protocol: '',
    sctpStreamParameters: { streamId: 1, ordered: true }, appData: { channel: 'chat' } }),
  // mediasoup 3.8 names the method only.
  { code: 500, message: /SCTP not enabled and not a direct Transport|^ \[method:transport\.produceData\]$/ });
  const bert = await Client.connect(here.server, anna.room, 'bert');
  t.after(() => bert.close());
  await bert.createTransport('recv', { sctpCapabilities: undefined });
  await bert.request('join', { displayName: 'Bert', device: {}, sctpCapabilities: { numStreams: { OS: 1, MIS: 1 } },
    rtpCapabilities: await bert.routerRtpCapabilities() });
  await anna.produceData('chat', 1);
  await anna.produce('audio');
  await bert.requested('newConsumer');
  assert.deepEqual(bert.requests.map(({ method }) => method), ['newConsumer']);
});

test('2025: a renamed peer is told of, and one who has not joined cannot rename itself', async (t) => {
  const { anna, bert, news } = await consuming(t);
  await anna.protoo.notify('changeDisplayName', { displayName: 'Anna 2' });
  assert.deepEqual(await bert.notified('peerDisplayNameChanged'),
    { peerId: 'anna', displayName: 'Anna 2', oldDisplayName: 'anna' });
  const carl = await Client.connect(here.server, anna.room, 'carl');
  await carl.protoo.notify('changeDisplayName', { displayName: 'Carl' });
  await until('it is ignored', async () => (await news()).ignored.length === 1);
  assert.deepEqual((await news()).ignored, ['carl: changeDisplayName {"displayName":"Carl"}: Peer not joined']);
  carl.close();
});

test('2025: what concerns nothing that is known, and what is unknown itself, is ignored', async (t) => {
  const { anna, news } = await consuming(t);
  const producers = ['closeProducer', 'pauseProducer', 'resumeProducer'];
  const consumers = ['pauseConsumer', 'resumeConsumer', 'requestConsumerKeyFrame', 'setConsumerPreferredLayers',
    'setConsumerPriority'];
  for (const method of producers) await anna.protoo.notify(method, { producerId: 'x' });
  for (const method of consumers) await anna.protoo.notify(method, { consumerId: 'x' });
  await anna.protoo.notify('join', {});
  await until('all are ignored', async () => (await news()).ignored.length === 9);
  const { fatal, ignored } = await news();
  assert.deepEqual(fatal, []);
  assert.deepEqual(ignored, [
    ...producers.map((method) => `anna: ${method} {"producerId":"x"}: Producer 'x' not found`),
    ...consumers.map((method) => `anna: ${method} {"consumerId":"x"}: Consumer 'x' not found`),
    'anna: join {}: unknown notification',
  ]);
});

const DEADLY = {
  setConsumerPriority: [{ priority: 0 }, { priority: -1 }, { priority: '1' }, {}],
  setConsumerPreferredLayers: [{}, { spatialLayer: null }, { spatialLayer: '0' }, { temporalLayer: 1 },
    { spatialLayer: 0, temporalLayer: '0' }],
};
for (const [method, cases] of Object.entries(DEADLY)) {
  for (const data of cases) {
    test(`2025: ${method} with ${JSON.stringify(data)} would have killed the real server`, async (t) => {
      const { bert, consumerId, news } = await consuming(t);
      await bert.protoo.notify(method, { consumerId, ...data });
      await until('it is in the list', async () => (await news()).fatal.length === 1);
      const [fatal] = (await news()).fatal;
      assert.ok(fatal.startsWith(`bert: ${method} {"consumerId":"${consumerId}"`), fatal);
      assert.ok(here.server.stderr.includes(`FATAL: the demo's server would have died: ${fatal}\n`));
    });
  }
}

test('2025: so would something about a consumer whose producer is just being closed', async (t) => {
  const { anna, bert, news } = await consuming(t);
  const round = async () => {
    const producerId = await anna.produce('video');
    const { consumerId } = await bert.requested('newConsumer', (data) => data.producerId === producerId);
    const closing = anna.protoo.notify('closeProducer', { producerId });
    // Too many for the news of the end to overtake all of them.
    for (let i = 0; i < 20; ++i) await bert.protoo.notify('pauseConsumer', { consumerId });
    await closing;
    await bert.notified('consumerClosed', (data) => data.consumerId === consumerId);
    return (await news()).fatal.some((line) => line.includes(`pauseConsumer {"consumerId":"${consumerId}"}`));
  };
  await until('one comes in between', round);
});

test('2025: layers that are fine harm nobody', async (t) => {
  const { bert, consumerId, news } = await consuming(t);
  for (const layers of [{ spatialLayer: 0 }, { spatialLayer: 1, temporalLayer: 2 },
    { spatialLayer: 0, temporalLayer: null }, { spatialLayer: -1 }]) {
    await bert.act('setConsumerPreferredLayers', { consumerId, ...layers });
  }
  await bert.act('setConsumerPriority', { consumerId, priority: 1 });
  assert.deepEqual(await news(), { fatal: [], ignored: [] });
});

inEveryDialect(({ protocol, here: there, test: testIt }) => {
  testIt('the server says which protocol it speaks and that nothing was fatal', async () => {
    const { protocol: spoken, fatal, ignored } = await there.server.about();
    assert.deepEqual({ spoken, fatal, ignored }, { spoken: protocol, fatal: [], ignored: [] });
  });
});
