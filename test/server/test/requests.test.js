'use strict';

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { Client, ServerProcess, rtpParameters } = require('./support');
const { IceDtlsClient } = require('../src/ice_dtls_client');

let server;
before(async () => { server = await ServerProcess.start('--insecure-ws', '--test-api'); });
after(() => server.stop());

let rooms = 0;
async function joined(t, name = 'anna', room = `requests-${++rooms}`) {
  const client = await Client.connect(server, room, name);
  t.after(() => client.close());
  client.room = room;
  await client.join();
  return client;
}

/** Two in a room; `consumer` is the second one's consumer of the first one's producer. */
async function consuming(t, kind) {
  const anna = await joined(t);
  const bert = await joined(t, 'bert', anna.room);
  const producerId = await anna.produce(kind);
  const consumer = await bert.requested('newConsumer');
  return { anna, bert, producerId, consumerId: consumer.id };
}

test('getRouterRtpCapabilities answers codecs and header extensions', async (t) => {
  const client = await Client.connect(server, 'caps', 'anna');
  t.after(() => client.close());
  const { codecs, headerExtensions } = await client.request('getRouterRtpCapabilities');
  const names = codecs.filter(({ mimeType }) => !mimeType.endsWith('/rtx')).map(({ mimeType, parameters }) =>
    [mimeType.split('/')[1], parameters['profile-id'] ?? parameters['profile-level-id']].join(' ').trim());
  assert.deepEqual(names, ['opus', 'VP8', 'VP9 0', 'VP9 2', 'H264 4d0032', 'H264 42e01f']);
  assert.ok(headerExtensions.length > 5);
});

test('createWebRtcTransport answers ICE, DTLS and, when asked for, SCTP parameters', async (t) => {
  const client = await joined(t);
  const transport = await client.createTransport('send');
  assert.equal(transport.iceParameters.iceLite, true);
  assert.deepEqual(transport.iceCandidates.map(({ protocol }) => protocol), ['udp', 'tcp']);
  assert.equal(transport.dtlsParameters.role, 'auto');
  assert.equal(transport.sctpParameters.port, 5000);
  assert.ok(transport.sctpParameters.OS > 0 && transport.sctpParameters.maxMessageSize > 0);
  const plain = await client.createTransport('send', { sctpCapabilities: undefined });
  assert.equal(plain.sctpParameters, undefined);
  const tcp = await client.createTransport('send', { forceTcp: true });
  assert.deepEqual(tcp.iceCandidates.map(({ protocol }) => protocol), ['tcp']);
});

test('join works once', async (t) => {
  const client = await joined(t);
  await assert.rejects(client.join(), { code: 500, message: 'Peer already joined' });
});

test('what needs a joined peer says so before join', async (t) => {
  const client = await Client.connect(server, 'early', 'anna');
  t.after(() => client.close());
  for (const method of ['produce', 'closeProducer', 'pauseProducer', 'resumeProducer', 'pauseConsumer',
    'resumeConsumer', 'setConsumerPreferredLayers', 'setConsumerPriority', 'requestConsumerKeyFrame',
    'produceData', 'changeDisplayName']) {
    await assert.rejects(client.request(method), { code: 500, message: 'Peer not yet joined' }, method);
  }
});

test('an unknown id is named in the error', async (t) => {
  const client = await joined(t);
  const cases = {
    transport: ['connectWebRtcTransport', 'restartIce', 'produce', 'produceData', 'getTransportStats'],
    producer: ['closeProducer', 'pauseProducer', 'resumeProducer', 'getProducerStats'],
    consumer: ['pauseConsumer', 'resumeConsumer', 'setConsumerPreferredLayers', 'setConsumerPriority',
      'requestConsumerKeyFrame', 'getConsumerStats'],
    dataProducer: ['getDataProducerStats'],
    dataConsumer: ['getDataConsumerStats'],
  };
  for (const [thing, methods] of Object.entries(cases)) {
    for (const method of methods) {
      await assert.rejects(client.request(method, { [`${thing}Id`]: 'x' }),
        { code: 500, message: `${thing} with id "x" not found` }, method);
    }
  }
});

test('an unknown method is refused', async (t) => {
  const client = await joined(t);
  await assert.rejects(client.request('toString'), { code: 500, message: 'unknown request.method "toString"' });
});

test('connectWebRtcTransport works once and brings ICE and DTLS up', async (t) => {
  const client = await joined(t);
  const probe = new IceDtlsClient();
  t.after(() => probe.close());
  const connect = () => client.request('connectWebRtcTransport',
    { transportId: client.send.id, dtlsParameters: probe.dtlsParameters });
  assert.deepEqual(await connect(), {});
  await assert.rejects(connect(), { code: 500 });
  await probe.start(client.send);
  for (;;) {
    const { transports } = await server.peer(client.room, 'anna');
    const { direction, iceState, dtlsState } = transports.find(({ id }) => id === client.send.id);
    assert.equal(direction, 'send');
    if (dtlsState === 'connected' && iceState === 'completed') break;
  }
  probe.endDtls();
  await client.closed;
});

test('restartIce answers the new ICE parameters themselves', async (t) => {
  const client = await joined(t);
  const iceParameters = await client.request('restartIce', { transportId: client.send.id });
  assert.notEqual(iceParameters.usernameFragment, client.send.iceParameters.usernameFragment);
  assert.equal(iceParameters.iceLite, true);
});

test('produce puts the peer into appData and refuses an unknown codec', async (t) => {
  const client = await joined(t);
  const id = await client.produce('audio');
  const [producer] = (await server.peer(client.room, 'anna')).producers;
  assert.equal(producer.id, id);
  assert.deepEqual(producer.appData, { source: 'test', peerId: 'anna' });
  const parameters = rtpParameters('video');
  parameters.codecs[0] = { ...parameters.codecs[0], mimeType: 'video/AV1' };
  await assert.rejects(client.request('produce',
    { transportId: client.send.id, kind: 'video', rtpParameters: parameters }), { code: 500 });
});

test('a producer is paused, resumed and closed, and its consumers hear of it', async (t) => {
  const { anna, bert, producerId, consumerId } = await consuming(t, 'audio');
  const producers = async () => (await server.peer(anna.room, 'anna')).producers;
  assert.deepEqual(await anna.request('pauseProducer', { producerId }), {});
  assert.equal((await producers())[0].paused, true);
  assert.deepEqual(await bert.notified('consumerPaused'), { consumerId });
  await anna.request('resumeProducer', { producerId });
  assert.deepEqual(await bert.notified('consumerResumed'), { consumerId });
  assert.deepEqual(await anna.request('closeProducer', { producerId }), {});
  assert.deepEqual(await bert.notified('consumerClosed'), { consumerId });
  assert.deepEqual(await producers(), []);
});

test('a consumer is paused, resumed and steered', async (t) => {
  const { bert, consumerId } = await consuming(t, 'video');
  const consumer = async () => (await server.peer(bert.room, 'bert')).consumers[0];
  await bert.notified('consumerScore', (data) => data.consumerId === consumerId);
  assert.equal((await consumer()).paused, false);
  assert.deepEqual(await bert.request('pauseConsumer', { consumerId }), {});
  assert.equal((await consumer()).paused, true);
  assert.deepEqual(await bert.request('resumeConsumer', { consumerId }), {});
  assert.equal((await consumer()).paused, false);
  assert.deepEqual(await bert.request('setConsumerPreferredLayers', { consumerId, spatialLayer: 0 }), {});
  assert.deepEqual(await bert.request('setConsumerPriority', { consumerId, priority: 3 }), {});
  assert.equal((await consumer()).priority, 3);
  await assert.rejects(bert.request('setConsumerPriority', { consumerId, priority: 'high' }), { code: 500 });
  assert.deepEqual(await bert.request('requestConsumerKeyFrame', { consumerId }), {});
});

test('every kind of statistics is an array', async (t) => {
  const { anna, bert, producerId, consumerId } = await consuming(t, 'audio');
  const dataProducerId = await anna.produceData('chat');
  const { id: dataConsumerId } = await bert.requested('newDataConsumer', ({ label }) => label === 'chat');
  const statistics = [
    await anna.request('getTransportStats', { transportId: anna.send.id }),
    await anna.request('getProducerStats', { producerId }),
    await bert.request('getConsumerStats', { consumerId }),
    await anna.request('getDataProducerStats', { dataProducerId }),
    await bert.request('getDataConsumerStats', { dataConsumerId }),
  ];
  for (const entries of statistics) assert.ok(Array.isArray(entries));
  assert.equal(statistics[0][0].type, 'webrtc-transport');
  assert.equal(statistics[3][0].label, 'chat');
});

test('the network throttle needs the secret', async (t) => {
  const client = await joined(t);
  for (const method of ['applyNetworkThrottle', 'resetNetworkThrottle']) {
    await assert.rejects(client.request(method, { secret: 'wrong' }), { code: 403, message: 'operation not allowed' });
  }
});

test('a throttle that cannot be applied is error 500 with the reason', async (t) => {
  process.env.NETWORK_THROTTLE_SECRET = 'sesame';
  // Without PATH there is no tc, so the network of this machine stays as it is.
  const { PATH } = process.env;
  process.env.PATH = '/nonexistent';
  const throttled = await ServerProcess.start('--insecure-ws');
  process.env.PATH = PATH;
  delete process.env.NETWORK_THROTTLE_SECRET;
  t.after(() => throttled.stop());
  const client = await Client.connect(throttled, 'room', 'anna');
  await assert.rejects(client.request('applyNetworkThrottle', { secret: 'sesame', uplink: 500 }),
    { code: 500, message: 'cannot throttle: tc is not installed' });
  assert.deepEqual(await client.request('resetNetworkThrottle', { secret: 'sesame' }), {});
});
