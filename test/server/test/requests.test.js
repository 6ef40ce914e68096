'use strict';

const assert = require('node:assert/strict');
const { Client, ServerProcess, inEveryDialect, rtpParameters, until } = require('./support');
const { IceDtlsClient } = require('../src/ice_dtls_client');

const IDS = {
  transport: ['connectWebRtcTransport', 'restartIce', 'produce', 'produceData', 'getTransportStats'],
  producer: ['getProducerStats'],
  consumer: ['getConsumerStats'],
  dataProducer: ['getDataProducerStats'],
  dataConsumer: ['getDataConsumerStats'],
};

/** Requests in 2024 only. */
const OLD_IDS = {
  producer: ['closeProducer', 'pauseProducer', 'resumeProducer'],
  consumer: ['pauseConsumer', 'resumeConsumer', 'setConsumerPreferredLayers', 'setConsumerPriority',
    'requestConsumerKeyFrame'],
};

const NEED_JOIN = {
  2024: ['produce', 'produceData', 'changeDisplayName', ...OLD_IDS.producer, ...OLD_IDS.consumer],
  2025: ['produce', 'produceData'],
};

inEveryDialect(({ protocol, here, test }) => {
  let rooms = 0;
  async function connected(t, name = 'anna', room = `requests-${++rooms}`) {
    const client = await Client.connect(here.server, room, name);
    t.after(() => client.close());
    client.room = room;
    return client;
  }

  async function joined(...args) {
    const client = await connected(...args);
    await client.join();
    return client;
  }

  /** Two in a room; `consumerId` is the second one's consumer of the first one's producer. */
  async function consuming(t, kind) {
    const anna = await joined(t);
    const bert = await joined(t, 'bert', anna.room);
    const producerId = await anna.produce(kind);
    const consumerId = bert.dialect.consumerId(await bert.requested('newConsumer'));
    return { anna, bert, producerId, consumerId };
  }

  test('getRouterRtpCapabilities answers codecs and header extensions', async (t) => {
    const client = await connected(t);
    const { codecs, headerExtensions } = await client.routerRtpCapabilities();
    const names = codecs.filter(({ mimeType }) => !mimeType.endsWith('/rtx')).map(({ mimeType, parameters }) =>
      [mimeType.split('/')[1], parameters['profile-id'] ?? parameters['profile-level-id']].join(' ').trim());
    assert.deepEqual(names, ['opus', 'VP8', 'VP9 0', 'VP9 2', 'H264 4d0032', 'H264 42e01f']);
    assert.ok(headerExtensions.length > 5);
  });

  test('createWebRtcTransport answers ICE, DTLS and, when asked for, SCTP parameters', async (t) => {
    const client = await joined(t);
    const transport = await client.createTransport('send');
    assert.equal(transport.iceParameters.iceLite, true);
    assert.deepEqual(transport.iceCandidates.map(({ protocol: name }) => name), ['udp', 'tcp']);
    assert.equal(transport.dtlsParameters.role, 'auto');
    assert.equal(transport.sctpParameters.port, 5000);
    assert.ok(transport.sctpParameters.OS > 0 && transport.sctpParameters.maxMessageSize > 0);
    const plain = await client.createTransport('send', { sctpCapabilities: undefined });
    assert.equal(plain.sctpParameters, undefined);
    const tcp = await client.createTransport('send', { forceTcp: true });
    assert.deepEqual(tcp.iceCandidates.map(({ protocol: name }) => name), ['tcp']);
  });

  test('join works once', async (t) => {
    const client = await joined(t);
    await assert.rejects(client.join(), { code: 500, message: 'Peer already joined' });
  });

  test('what needs a joined peer says so before join', async (t) => {
    const client = await connected(t);
    for (const method of NEED_JOIN[protocol]) {
      await assert.rejects(client.request(method), { code: 500, message: client.dialect.errors.notJoined }, method);
    }
  });

  test('an unknown id is named in the error', async (t) => {
    const client = await joined(t);
    for (const ids of protocol === '2024' ? [IDS, OLD_IDS] : [IDS]) {
      for (const [thing, methods] of Object.entries(ids)) {
        const message = client.dialect.errors.notFound(thing, 'x');
        for (const method of methods) {
          await assert.rejects(client.request(method, { [`${thing}Id`]: 'x', appData: {} }), { code: 500, message }, method);
        }
      }
    }
  });

  test('an unknown method is refused', async (t) => {
    const client = await joined(t);
    await assert.rejects(client.request('toString'),
      { code: 500, message: client.dialect.errors.unknownRequest('toString') });
  });

  test('connectWebRtcTransport works once and brings ICE and DTLS up', async (t) => {
    const client = await joined(t);
    const probe = new IceDtlsClient();
    t.after(() => probe.close());
    const connect = () => client.request('connectWebRtcTransport',
      { transportId: client.send.id, dtlsParameters: probe.dtlsParameters });
    assert.deepEqual(await connect(), {});
    // mediasoup 3.8 names the method only.
    await assert.rejects(connect(), { code: 500, message: /connect\(\) already called|^ \[method:transport\.connect\]$/ });
    await probe.start(client.send);
    for (;;) {
      const { transports } = await here.server.peer(client.room, 'anna');
      const { direction, iceState, dtlsState } = transports.find(({ id }) => id === client.send.id);
      assert.equal(direction, 'send');
      if (dtlsState === 'connected' && iceState === 'completed') break;
    }
    probe.endDtls();
    await client.closed;
  });

  test('one whose media path breaks before it has joined is closed', async (t) => {
    const witness = await joined(t);
    const client = await connected(t, 'stranger', witness.room);
    const transport = await client.createTransport('send');
    const probe = new IceDtlsClient();
    t.after(() => probe.close());
    await client.request('connectWebRtcTransport',
      { transportId: transport.id, dtlsParameters: probe.dtlsParameters });
    await probe.start(transport);
    await until('DTLS', async () => (await here.server.peer(client.room, 'stranger')).transports[0].dtlsState === 'connected');
    probe.endDtls();
    await client.closed;
    await witness.act('changeDisplayName', { displayName: 'Anna' }); // after which all has been told
    const told = witness.notifications.filter(({ method }) => method === 'peerClosed');
    assert.deepEqual(told.map(({ data }) => data), protocol === '2024' ? [] : [{ peerId: 'stranger' }]);
  });

  test('restartIce answers new ICE parameters', async (t) => {
    const client = await joined(t);
    const answer = await client.request('restartIce', { transportId: client.send.id });
    const iceParameters = protocol === '2024' ? answer : answer.iceParameters;
    assert.notEqual(iceParameters.usernameFragment, client.send.iceParameters.usernameFragment);
    assert.equal(iceParameters.iceLite, true);
  });

  test('produce puts the peer into appData and refuses an unknown codec', async (t) => {
    const client = await joined(t);
    const id = await client.produce('audio');
    const [producer] = (await here.server.peer(client.room, 'anna')).producers;
    assert.equal(producer.id, id);
    assert.equal(producer.appData.peerId, 'anna');
    const parameters = rtpParameters('video');
    parameters.codecs[0] = { ...parameters.codecs[0], mimeType: 'video/AV1' };
    await assert.rejects(client.request('produce',
      { transportId: client.send.id, kind: 'video', rtpParameters: parameters, appData: {} }), { code: 500 });
  });

  test('a producer is paused, resumed and closed, and its consumers hear of it', async (t) => {
    const { anna, bert, producerId, consumerId } = await consuming(t, 'audio');
    const producers = async () => (await here.server.peer(anna.room, 'anna')).producers;
    assert.deepEqual(await anna.act('pauseProducer', { producerId }), {});
    assert.equal((await producers())[0].paused, true);
    assert.deepEqual(await bert.notified('consumerPaused'), { consumerId });
    await anna.act('resumeProducer', { producerId });
    assert.deepEqual(await bert.notified('consumerResumed'), { consumerId });
    assert.deepEqual(await anna.act('closeProducer', { producerId }), {});
    assert.deepEqual(await bert.notified('consumerClosed'), { consumerId });
    assert.deepEqual(await producers(), []);
  });

  test('a consumer is paused, resumed and steered', async (t) => {
    const { bert, consumerId } = await consuming(t, 'video');
    const consumer = async () => (await here.server.peer(bert.room, 'bert')).consumers[0];
    await until('it flows', async () => !(await consumer()).paused);
    assert.deepEqual(await bert.act('pauseConsumer', { consumerId }), {});
    assert.equal((await consumer()).paused, true);
    assert.deepEqual(await bert.act('resumeConsumer', { consumerId }), {});
    assert.equal((await consumer()).paused, false);
    assert.deepEqual(await bert.act('setConsumerPreferredLayers', { consumerId, spatialLayer: 0 }), {});
    assert.deepEqual(await bert.act('setConsumerPriority', { consumerId, priority: 3 }), {});
    assert.equal((await consumer()).priority, 3);
    if (protocol === '2024') {
      await assert.rejects(bert.request('setConsumerPriority', { consumerId, priority: 'high' }), { code: 500 });
    }
    assert.deepEqual(await bert.act('requestConsumerKeyFrame', { consumerId }), {});
    assert.deepEqual((await here.server.about()).fatal, []);
  });

  test('every kind of statistics is an array', async (t) => {
    const { anna, bert, producerId, consumerId } = await consuming(t, 'audio');
    const dataProducerId = await anna.produceData('chat');
    const dataConsumerId = bert.dialect.dataConsumerId(
      await bert.requested('newDataConsumer', ({ label }) => label === 'chat'));
    const answers = [
      await anna.request('getTransportStats', { transportId: anna.send.id }),
      await anna.request('getProducerStats', { producerId }),
      await bert.request('getConsumerStats', { consumerId }),
      await anna.request('getDataProducerStats', { dataProducerId }),
      await bert.request('getDataConsumerStats', { dataConsumerId }),
    ];
    const statistics = answers.map(anna.dialect.stats);
    for (const entries of statistics) assert.ok(Array.isArray(entries));
    assert.equal(statistics[0][0].type, 'webrtc-transport');
    assert.equal(statistics[3][0].label, 'chat');
  });

  const stopThrottle = protocol === '2024' ? 'resetNetworkThrottle' : 'stopNetworkThrottle';

  test('the network throttle needs the secret', async (t) => {
    const client = await joined(t);
    const refusal = protocol === '2024'
      ? { code: 403, message: 'operation not allowed' } : { code: 500, message: 'GO TO HELL 🖕🏼' };
    for (const method of ['applyNetworkThrottle', stopThrottle]) {
      await assert.rejects(client.request(method, { secret: 'wrong' }), refusal);
      await assert.rejects(client.request(method, {}), refusal);
    }
  });

  test('a throttle that cannot be applied is error 500 with the reason', async (t) => {
    process.env.NETWORK_THROTTLE_SECRET = 'sesame';
    // Without PATH there is no tc, so the network of this machine stays as it is.
    const { PATH } = process.env;
    process.env.PATH = '/nonexistent';
    const throttled = await ServerProcess.start('--insecure-ws', '--protocol', protocol);
    process.env.PATH = PATH;
    delete process.env.NETWORK_THROTTLE_SECRET;
    t.after(() => throttled.stop());
    const client = await Client.connect(throttled, 'room', 'anna');
    const limits = protocol === '2024' ? { uplink: 500 } : { options: { up: 500 } };
    await assert.rejects(client.request('applyNetworkThrottle', { secret: 'sesame', ...limits }),
      { code: 500, message: 'cannot throttle: tc is not installed' });
    assert.deepEqual(await client.request(stopThrottle, { secret: 'sesame' }), {});
  });
});
