'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after } = require('node:test');
const { useRooms } = require('./support/fixture');

const certificates = fs.mkdtempSync(path.join(os.tmpdir(), 'cosoup-browser-'));
after(() => fs.rmSync(certificates, { recursive: true }));

const roomTest = useRooms('--cert-dir', certificates);

roomTest('the page works over HTTPS with the certificate of the server', async (room) => {
  const cosoup = room.cosoup('cosoup', '--produce', 'test', '--ca-file', path.join(certificates, 'cert.pem'));
  const anna = await room.person('Anna');
  for (const kind of ['audio', 'video']) {
    await cosoup.event('first-rtp', (event) => event.kind === kind);
  }
  await anna.framesShown('cosoup', 10);
});
