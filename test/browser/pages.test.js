'use strict';

// The page among its like, in both dialects.

const assert = require('node:assert/strict');
const { describe } = require('node:test');
const { PROTOCOLS } = require('../server/test/support');
const { useRooms } = require('./support/fixture');
const { sayUntil } = require('./support/say_until');

for (const protocol of PROTOCOLS) {
  describe(`the dialect of ${protocol}`, () => {
    const inRoom = useRooms('--insecure-ws', '--protocol', protocol);
    const roomTest = (title, body) => inRoom(`${protocol}: ${title}`, body);

    roomTest('two pages see each other', async (room) => {
      const [anna, bert] = [await room.person('Anna'), await room.person('Bert')];
      const [annaId, bertId] = [await anna.id(), await bert.id()];
      await anna.framesShown(bertId, 10);
      await bert.framesShown(annaId, 10);
      for (const kind of ['audio', 'video']) await bert.grows(annaId, kind, 'packetsReceived', 20);
    });

    roomTest('chat goes from page to page', async (room) => {
      const anna = await room.person('Anna');
      const bert = await room.person('Bert');
      const question = 'Hello <b>Bert</b> – 你好';
      await sayUntil(bert.reads('Anna', question), () => anna.say(question));
      await sayUntil(anna.reads('Bert', 'Hello Anna'), () => bert.say('Hello Anna'));
    });

    roomTest('a page shows that the other one is muted, unmuted, sends no more and leaves', async (room) => {
      const [anna, bert] = [await room.person('Anna'), await room.person('Bert')];
      const annaId = await anna.id();
      const tile = bert.tile(annaId);
      await bert.framesShown(annaId, 10);
      await anna.press('Mute microphone');
      await tile.getByText('muted').waitFor();
      await anna.press('Unmute microphone');
      await tile.getByText('muted').waitFor({ state: 'hidden' });
      await anna.press('Stop sending');
      await tile.locator('video').waitFor({ state: 'detached' });
      await tile.locator('audio').waitFor({ state: 'detached' });
      await anna.press('Leave');
      await tile.waitFor({ state: 'detached' });
      assert.deepEqual((await room.server.about()).fatal, []);
    });

    roomTest('of one who comes back under the same id there is one tile, with a picture', async (room) => {
      const [anna, bert] = [await room.person('Anna'), await room.person('Bert')];
      const annaId = await anna.id();
      await bert.framesShown(annaId, 10);
      const bytes = Buffer.from(annaId.slice('browser-'.length), 'hex');
      const again = await room.person('Anna', `{
        const { getRandomValues } = crypto;
        crypto.getRandomValues = (array) => array.length === ${bytes.length}
          ? Uint8Array.of(${bytes.join(', ')}) : getRandomValues.call(crypto, array);
      }`);
      assert.equal(await again.id(), annaId);
      await anna.page.getByRole('alert').getByText('the server has ended the connection').waitFor();
      const bertId = await bert.id();
      await again.framesShown(bertId, 10);
      await bert.framesShown(annaId, 10);
      assert.equal(await bert.tile(annaId).count(), 1);
    });

    if (protocol === '2025') {
      roomTest('the bot bids welcome to the one who has come, and to nobody else', async (room) => {
        const heard = ({ dataConsumers }) => dataConsumers.find(({ label }) => label === 'bot')?.stats.messagesSent;
        const anna = await room.person('Anna');
        await anna.reads('Bot', 'Welcome Anna! ☺️');
        // Bert has a channel for Anna's chat, too. If that one comes first, the message comes too early for him.
        const bert = await room.person('Bert');
        await room.peer(await bert.id(), 'has been greeted', (peer) => heard(peer) === 1);
        await room.peer(await anna.id(), 'has not been greeted again', (peer) => heard(peer) === 1);
      });
    }
  });
}

describe('a server with a domain and a certificate', () => {
  const roomTest = useRooms('--protocol', '2025', '--domain', 'localhost');

  roomTest('2025: the page is of the Origin that the server wants, over HTTPS', async (room) => {
    assert.match(room.server.url, /^wss:\/\/localhost:/);
    const [anna, bert] = [await room.person('Anna'), await room.person('Bert')];
    const annaId = await anna.id();
    await bert.framesShown(annaId, 10);
  });
});
