'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Bot } = require('../src/bot');
const { DIALECTS } = require('../src/dialects');
const { MediaEngine } = require('../src/media_engine');
const { parseOptions } = require('../src/options');
const { Client, PROTOCOLS, ServerProcess, until } = require('./support');

async function serverWith(t, protocol, ...options) {
  const server = await ServerProcess.start('--insecure-ws', '--test-api', '--protocol', protocol, ...options);
  t.after(() => server.stop());
  return server;
}

/** What a client may send, in bits per second; undefined without a limit. */
async function limitOf(client) {
  const answer = await client.request('getTransportStats', { transportId: client.send.id });
  return client.dialect.stats(answer)[0].maxIncomingBitrate;
}

for (const [protocol, answers] of [
  ['2024', ['Anna said me: "hello"', 'Änne said me: ""hi""']],
  ['2025', ["Anna told me: 'hello'", "Änne told me: '\"hi\"'"]],
]) {
  test(`${protocol}: the bot answers text messages, and only those, with the name of who said them`, async () => {
    const engine = await MediaEngine.create(parseOptions([]));
    const router = await engine.createRouter();
    const bot = await Bot.create(router);
    const transport = await router.createDirectTransport();
    const heard = [];
    const ear = await transport.consumeData({ dataProducerId: bot.dataProducer.id });
    ear.on('message', (message) => heard.push(message.toString()));
    const mouth = await transport.produceData({ label: 'bot' });
    const speaker = { displayName: 'Anna', dialect: DIALECTS[protocol] };
    await bot.listenTo(mouth.id, speaker);
    mouth.send('hello');
    mouth.send(Buffer.from('binary'));
    await until('an answer', () => heard.length === 1);
    speaker.displayName = 'Änne';
    mouth.send('"hi"');
    await until('another answer', () => heard.length === 2);
    assert.deepEqual(heard, answers);
    await engine.close();
  });
}

for (const protocol of PROTOCOLS) {
  test(`${protocol}: --consume-unpaused does not wait for the client`, async (t) => {
    const server = await serverWith(t, protocol, '--consume-unpaused');
    const anna = await Client.connect(server, 'room', 'anna');
    const bert = await Client.connect(server, 'room', 'bert');
    await anna.join();
    await bert.join();
    bert.answer = new Error('no');
    await anna.produce('audio');
    await bert.requested('newConsumer');
    assert.equal((await server.peer('room', 'bert')).consumers[0].paused, false);
  });

  test(`${protocol}: --reject-join, --no-sctp, --ice-tcp-only and --max-incoming-bitrate do what they say`, async (t) => {
    const server = await serverWith(t, protocol, '--reject-join', 'room full', '--no-sctp', '--ice-tcp-only',
      '--max-incoming-bitrate', '700000');
    const anna = await Client.connect(server, 'room', 'anna');
    await assert.rejects(anna.join(), { code: 500, message: 'room full' });
    assert.equal(anna.send.sctpParameters, undefined);
    assert.deepEqual(anna.send.iceCandidates.map(({ protocol: name }) => name), ['tcp']);
    assert.equal(await limitOf(anna), 700000);
  });

  test(`${protocol}: announced address and port replace the real ones in the candidates`, async (t) => {
    const server = await serverWith(t, protocol, '--announced-rtc-port', '5555', '--announced-address', '127.0.0.2', '--pcmu');
    const anna = await Client.connect(server, 'room', 'anna');
    const { codecs } = await anna.routerRtpCapabilities();
    assert.ok(codecs.some(({ mimeType }) => mimeType === 'audio/PCMU'));
    for (const { ip, port } of (await anna.createTransport('send')).iceCandidates) {
      assert.deepEqual([ip, port], ['127.0.0.2', 5555]);
    }
  });

  test(`${protocol}: --codecs offers these codecs only, in this order`, async (t) => {
    const server = await serverWith(t, protocol, '--codecs', 'vp9,h264-high,pcma,h264-mode0');
    const anna = await Client.connect(server, 'room', 'anna');
    const { codecs } = await anna.routerRtpCapabilities();
    const media = codecs.filter(({ mimeType }) => mimeType !== 'video/rtx');
    assert.deepEqual(media.map(({ mimeType }) => mimeType), ['video/VP9', 'video/H264', 'audio/PCMA', 'video/H264']);
    assert.equal(media[1].parameters['profile-level-id'], '640032');
    assert.equal(media[3].parameters['packetization-mode'], 0);
  });

  test(`${protocol}: --rtc-port fixes the media port for all transports`, async (t) => {
    const port = 20000 + (process.pid % 10000);
    const server = await serverWith(t, protocol, '--rtc-port', `${port}`);
    const { rtcPorts } = (await server.get('/test/server')).body;
    const anna = await Client.connect(server, 'room', 'anna');
    const transports = [await anna.createTransport('send'), await anna.createTransport('recv')];
    const candidates = transports.flatMap(({ iceCandidates }) => iceCandidates);
    if (rtcPorts) {
      assert.deepEqual(rtcPorts, { udp: port, tcp: port });
      for (const candidate of candidates) assert.equal(candidate.port, port);
    } else {
      for (const candidate of candidates) assert.ok(candidate.port >= port && candidate.port < port + 100);
    }
  });

  test(`${protocol}: the test API closes peers, notifies, requests and sends raw text`, async (t) => {
    const server = await serverWith(t, protocol);
    const anna = await Client.connect(server, 'room', 'anna');
    const to = { roomId: 'room', peerId: 'anna' };
    await server.post('/test/notify', { ...to, method: 'surprise', data: { a: 1 } });
    assert.deepEqual(await anna.notified('surprise'), { a: 1 });
    anna.answer = { b: 2 };
    const ask = async () => (await server.post('/test/request', { ...to, method: 'question', data: {} })).body;
    assert.deepEqual(await ask(), { ok: true, data: { b: 2 } });
    anna.answer = new Error('no');
    assert.deepEqual(await ask(), { ok: false, errorCode: 403, errorReason: 'no' });
    await server.post('/test/text', { ...to, text: '{"notification":true,"method":"raw"}' });
    await anna.notified('raw');
    assert.equal((await server.post('/test/notify', { roomId: 'room', peerId: 'x' })).status, 404);
    await server.post('/test/rooms/room/peers/anna/close');
    await anna.closed;
  });

  test(`${protocol}: the test API acts on transports, producers and consumers`, async (t) => {
    const server = await serverWith(t, protocol);
    const anna = await Client.connect(server, 'room', 'anna');
    const bert = await Client.connect(server, 'room', 'bert');
    await anna.join();
    await bert.join();
    const producerId = await anna.produce('video');
    const consumerId = bert.dialect.consumerId(await bert.requested('newConsumer'));
    await server.post(`/test/producers/${producerId}/pause`);
    assert.deepEqual(await bert.notified('consumerPaused'), { consumerId });
    await server.post(`/test/producers/${producerId}/resume`);
    await bert.notified('consumerResumed');
    assert.equal((await server.post(`/test/consumers/${consumerId}/close`)).status, 200);
    assert.deepEqual((await server.peer('room', 'bert')).consumers, []);
    await server.post(`/test/transports/${anna.send.id}/close`);
    await until('the producer is gone', async () => (await server.peer('room', 'anna')).producers.length === 0);
    assert.equal((await server.post(`/test/producers/${producerId}/pause`)).status, 404);
    assert.equal((await server.post(`/test/transports/${bert.recv.id}/pause`)).status, 400);
  });

  test(`${protocol}: the test API offers one more consumer of a producer`, async (t) => {
    const server = await serverWith(t, protocol);
    const anna = await Client.connect(server, 'room', 'anna');
    const bert = await Client.connect(server, 'room', 'bert');
    await anna.join();
    await bert.join();
    const producerId = await anna.produce('video');
    const first = bert.dialect.consumerId(await bert.requested('newConsumer'));
    const answer = await server.post('/test/consume', { roomId: 'room', peerId: 'bert', producerId });
    assert.equal(answer.status, 200);
    const another = (offer) => bert.dialect.consumerId(offer) !== first;
    assert.equal((await bert.requested('newConsumer', another)).producerId, producerId);
    assert.equal((await server.peer('room', 'bert')).consumers.length, 2);
    const unknown = await server.post('/test/consume', { roomId: 'room', peerId: 'bert', producerId: 'x' });
    assert.equal(unknown.status, 404);
  });

  test(`${protocol}: the test API offers an echo of a data producer, which ends with it`, async (t) => {
    const server = await serverWith(t, protocol);
    const anna = await Client.connect(server, 'room', 'anna');
    await anna.join();
    const dataProducerId = await anna.produceData('any', 3);
    const reliability = { ordered: false, maxRetransmits: 7 };
    const answer = await server.post('/test/echo', { roomId: 'room', peerId: 'anna', dataProducerId, reliability });
    assert.equal(answer.status, 200);
    const offer = await anna.requested('newDataConsumer', ({ label }) => label === 'echo');
    assert.equal(offer.peerId, protocol === '2024' ? null : undefined);
    assert.equal(offer.sctpStreamParameters.ordered, false);
    assert.equal(offer.sctpStreamParameters.maxRetransmits, 7);
    await server.post(`/test/dataProducers/${dataProducerId}/close`);
    await anna.notified('dataConsumerClosed', ({ dataConsumerId }) => dataConsumerId === anna.dialect.dataConsumerId(offer));
    const unknown = await server.post('/test/echo', { roomId: 'room', peerId: 'anna', dataProducerId: 'x' });
    assert.equal(unknown.status, 404);
    anna.close();
  });

  test(`${protocol}: the incoming bitrate has the limit of its time`, async (t) => {
    const server = await serverWith(t, protocol);
    const anna = await Client.connect(server, 'room', 'anna');
    await anna.join();
    assert.equal(await limitOf(anna), protocol === '2024' ? 1500000 : undefined);
  });
}

test('without --test-api there is no test API', async (t) => {
  const server = await ServerProcess.start('--insecure-ws');
  t.after(() => server.stop());
  assert.equal((await server.get('/test/rooms')).status, 404);
});
