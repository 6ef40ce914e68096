'use strict';

const assert = require('node:assert/strict');
const { ServerProcess } = require('../server/test/support');
const { useRooms } = require('./support/fixture');
const { sayUntil } = require('./support/say_until');

const roomTest = useRooms('--insecure-ws');

/** Anna's page, with cosoup receiving all she sends. */
async function annaWithCosoup(room, ...options) {
  const cosoup = room.cosoup('cosoup', ...options);
  const anna = await room.person('Anna');
  for (const kind of ['audio', 'video']) {
    await cosoup.event('first-rtp', (event) => event.kind === kind);
  }
  return { anna, cosoup };
}

roomTest('chat goes from a browser to cosoup and back', async (room) => {
  const cosoup = room.cosoup('cosoup', '--name', 'Ms Cosoup', '--chat');
  const anna = await room.person('Anna');
  const question = 'Hello – 你好';
  const { peer, label } = await sayUntil(cosoup.event('message', ({ text }) => text === question),
    () => anna.say(question));
  assert.equal(peer, await anna.id());
  assert.equal(label, 'chat');
  const answer = 'Grüße <b>aus</b> C++';
  await sayUntil(anna.reads('Ms Cosoup', answer), () => cosoup.say(answer));
});

roomTest('cosoup is told that a browser mutes and unmutes', async (room) => {
  const { anna, cosoup } = await annaWithCosoup(room);
  const peer = await anna.id();
  const ofAnna = (kind) => (event) => event.peer === peer && event.kind === kind;
  const sends = { audio: ['Mute microphone', 'Unmute microphone'], video: ['Turn camera off', 'Turn camera on'] };
  for (const [kind, [mute, unmute]] of Object.entries(sends)) {
    await anna.press(mute);
    const { id } = await cosoup.event('consumer-paused', ofAnna(kind));
    const packetsBefore = await packetsTo(room, id);
    await anna.press(unmute);
    await cosoup.event('consumer-resumed', ofAnna(kind));
    await room.peer('cosoup', `${kind} goes on`, ({ consumers }) =>
      consumers.find((consumer) => consumer.id === id).stats.packetCount > packetsBefore + 20);
  }
  assert.equal(cosoup.count('consumer-paused'), 2);
  assert.equal(cosoup.count('consumer-resumed'), 2);
});

async function packetsTo(room, consumerId) {
  const { consumers } = await room.server.peer(room.id, 'cosoup');
  return consumers.find(({ id }) => id === consumerId).stats.packetCount;
}

roomTest('a browser shows that cosoup is muted and unmuted', async (room) => {
  const { anna } = await annaWithCosoup(room, '--produce', 'test');
  const { producers } = await room.peer('cosoup', 'sends', (peer) => peer.producers.length === 2);
  const act = (kind, action) =>
    room.server.post(`/test/producers/${producers.find((each) => each.kind === kind).id}/${action}`);
  const tile = anna.tile('cosoup');
  await anna.framesShown('cosoup', 10);
  assert.equal(await tile.getByText('muted').isVisible(), false);

  await act('audio', 'pause');
  await tile.getByText('muted').waitFor();
  await act('audio', 'resume');
  await tile.getByText('muted').waitFor({ state: 'hidden' });

  await act('video', 'pause');
  await tile.locator('video').waitFor({ state: 'hidden' });
  await act('video', 'resume');
  await tile.locator('video').waitFor();
  await anna.framesShown('cosoup', 10);
});

roomTest('cosoup is told that a browser stops sending, sends again and leaves', async (room) => {
  const { anna, cosoup } = await annaWithCosoup(room);
  const peer = await anna.id();
  const [audio, video] = await Promise.all(['audio', 'video'].map((kind) =>
    cosoup.event('consuming', (event) => event.kind === kind)));
  await anna.press('Stop sending');
  for (const { id } of [audio, video]) await cosoup.event('consumer-closed', (event) => event.id === id);
  await anna.press('Start sending');
  for (const { id, kind } of [audio, video]) {
    const again = await cosoup.event('consuming', (event) => event.kind === kind && event.id !== id);
    await cosoup.event('first-rtp', (event) => event.id === again.id);
  }
  await anna.press('Leave');
  await cosoup.event('peer-left', (event) => event.peer.id === peer);
  assert.equal(cosoup.count('consumer-closed'), 4);
});

for (const [how, signal] of [['leaves', 'SIGINT'], ['dies', 'SIGKILL']]) {
  roomTest(`the tile of a cosoup that ${how} goes away`, async (room) => {
    const { anna, cosoup } = await annaWithCosoup(room, '--produce', 'test', '--name', 'Ms Cosoup');
    const tile = anna.tile('cosoup');
    await tile.getByText('Ms Cosoup').waitFor();
    await anna.framesShown('cosoup', 10);
    await cosoup.stop(signal);
    await tile.waitFor({ state: 'detached' });
  });
}

roomTest('a browser that is put out by the server can join again', async (room) => {
  const { anna, cosoup } = await annaWithCosoup(room, '--produce', 'test');
  await room.server.post(`/test/rooms/${room.id}/peers/${await anna.id()}/close`);
  await anna.page.getByRole('alert').getByText('the server has ended the connection').waitFor();
  await anna.press('Join');
  await anna.framesShown('cosoup', 10);
  const peer = await anna.id();
  for (const kind of ['audio', 'video']) {
    await cosoup.event('consuming', (event) => event.peer === peer && event.kind === kind);
  }
});

roomTest('a browser without camera and microphone sees, and after a click hears, the others', async (room) => {
  const cosoup = room.cosoup('cosoup', '--produce', 'test');
  await cosoup.event('joined');
  const anna = await room.person('Anna', () => {
    const missing = async () => { throw new DOMException('Requested device not found', 'NotFoundError'); };
    Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia: missing } });
  });
  // Chromium plays sound by itself only to those who have touched the page or lend it the microphone.
  await anna.untouched("document.querySelector('.tile .unblock')");
  assert.ok(await anna.untouched("document.querySelector('audio').paused"));
  await anna.press('Play');
  await anna.untouched("!document.querySelector('audio').paused");
  await anna.framesShown('cosoup', 10);
  await anna.page.getByRole('status').getByText('Requested device not found').waitFor();
  const { producers } = await room.peer(await anna.id(), 'has joined', () => true);
  assert.deepEqual(producers, []);
});

roomTest('a browser comes back by itself when the server does', async (room) => {
  const anna = await room.person('Anna');
  const id = await anna.id();
  await room.peer(id, 'sends', ({ producers }) => producers.length === 2);
  await anna.press('Mute microphone');
  const { port } = new URL(room.server.url);
  await room.server.stop('SIGKILL');
  await anna.page.getByRole('status').getByText('trying again').waitFor();
  const renewed = await ServerProcess.start('--insecure-ws', '--test-api', '--port', port);
  try {
    room.server = renewed;
    const { producers } = await room.peer(id, 'sends again, muted as before', (peer) =>
      peer.producers.length === 2 && peer.producers.some(({ paused }) => paused));
    assert.deepEqual(producers.map(({ kind, paused }) => [kind, paused]).sort(),
      [['audio', true], ['video', false]]);
  } finally {
    await renewed.stop();
  }
});
