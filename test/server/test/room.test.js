'use strict';

const assert = require('node:assert/strict');
const { setTimeout: sleep } = require('node:timers/promises');
const { Client, inEveryDialect, until } = require('./support');

inEveryDialect(({ protocol, here, test }) => {
  const device = { flag: 'test', name: 'test', version: '1' };
  const described = (name) => (protocol === '2024'
    ? { id: name, displayName: name, device }
    : { peerId: name, displayName: name, device, remoteAddress: '127.0.0.1' });
  const connect = (room, name, query) => Client.connect(here.server, room, name, query);

  async function joined(room, name, query) {
    const client = await connect(room, name, query);
    client.peers = (await client.join(name)).peers;
    return client;
  }

  const roomIds = async () => (await here.server.get('/test/rooms')).body.map(({ id }) => id);

  test('the roster is told at join, and then by notifications', async () => {
    const anna = await joined('roster', 'anna');
    assert.deepEqual(anna.peers, []);
    const bert = await joined('roster', 'bert');
    assert.deepEqual(bert.peers, [described('anna')]);
    assert.deepEqual(anna.dialect.newPeer(await anna.notified('newPeer')), described('bert'));
    assert.deepEqual(await bert.act('changeDisplayName', { displayName: 'Bertram' }), {});
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
    await until('bert is gone', async () => !await here.server.peer('quiet', 'bert'));
    assert.deepEqual(anna.notifications.filter(({ method }) => method !== anna.dialect.greeting), []);
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
    const witness = await joined('replace', 'witness');
    const renewed = await connect('replace', 'anna');
    await old.closed;
    await renewed.join('Anna again');
    await renewed.produce('audio');
    const bert = await joined('replace', 'bert');
    assert.deepEqual(bert.peers.map(({ displayName }) => displayName).sort(), ['Anna again', 'witness']);
    assert.equal((await bert.requested('newConsumer')).peerId, 'anna');
    const heard = witness.notifications.map(({ method }) => method).filter((method) => /Peer|peer/.test(method));
    assert.deepEqual(heard, protocol === '2024' ? ['peerClosed', 'newPeer', 'newPeer'] : ['newPeer', 'newPeer']);
    for (const client of [witness, bert, renewed]) client.close();
  });

  test('a newcomer is offered what exists, the others what is new', async () => {
    const anna = await joined('offers', 'anna');
    const producerId = await anna.produce('audio');
    const dataProducerId = await anna.produceData('chat', 1);
    await anna.produceData('bot', 2);
    await anna.produceData('other', 3);
    const { consumerId: idOf, dataConsumerId: dataIdOf } = anna.dialect;
    const bert = await joined('offers', 'bert');
    const consumer = await bert.requested('newConsumer');
    assert.deepEqual(
      { peerId: consumer.peerId, producerId: consumer.producerId, kind: consumer.kind, type: consumer.type,
        appData: consumer.appData, producerPaused: consumer.producerPaused },
      { peerId: 'anna', producerId, kind: 'audio', type: 'simple',
        appData: { source: protocol === '2024' ? 'test' : 'audio', peerId: 'anna' }, producerPaused: false });
    assert.ok(consumer.rtpParameters.mid !== undefined && consumer.rtpParameters.encodings.length === 1);
    const chat = await bert.requested('newDataConsumer', ({ label }) => label === 'chat');
    assert.equal(chat.dataProducerId, dataProducerId);
    assert.equal(chat.peerId, 'anna');
    const bot = await bert.requested('newDataConsumer', ({ label }) => label === 'bot');
    assert.equal(bot.peerId, protocol === '2024' ? null : undefined);
    // By the label newcomers are offered whatever is not for the bot, by the channel only the chat.
    if (protocol === '2024') await bert.requested('newDataConsumer', ({ label }) => label === 'other');

    await bert.produceData('chat', 1);
    await bert.produceData('other', 2);
    const videoId = await bert.produce('video');
    assert.equal((await anna.requested('newConsumer')).producerId, videoId);
    await anna.requested('newDataConsumer', ({ label, peerId }) => label === 'chat' && peerId === 'bert');
    await sleep(50);
    assert.deepEqual(anna.requests.map(({ data }) => data.label ?? data.kind).sort(), ['bot', 'chat', 'video']);
    assert.equal(bert.requests.length, protocol === '2024' ? 4 : 3);

    anna.close();
    await bert.notified('consumerClosed', ({ consumerId }) => consumerId === idOf(consumer));
    await bert.notified('dataConsumerClosed', ({ dataConsumerId }) => dataConsumerId === dataIdOf(chat));
    bert.close();
  });

  test('a consumer that the client refuses stays paused until it is resumed', async () => {
    const anna = await joined('refuse', 'anna');
    const bert = await joined('refuse', 'bert');
    bert.answer = new Error('I do not want to consume');
    await anna.produce('audio');
    await bert.requested('newConsumer');
    await sleep(50);
    const paused = async () => (await here.server.peer('refuse', 'bert')).consumers[0].paused;
    assert.equal(await paused(), true);
    await bert.act('resumeConsumer', { consumerId: bert.dialect.consumerId(bert.requests.at(-1).data) });
    assert.equal(await paused(), false);
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
    const rtpCapabilities = await carl.routerRtpCapabilities();
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
    const { mediasoupVersion } = await here.server.about();
    const anna = await connect('version', 'anna');
    if (protocol === '2025' || Number(mediasoupVersion.split('.')[1]) >= 14) {
      assert.deepEqual(await anna.notified(anna.dialect.greeting), { version: mediasoupVersion });
    }
    anna.close();
  });
});
