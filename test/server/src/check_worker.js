'use strict';

// A worker may start and create transports and yet crash in its first DTLS handshake, so the check of a
// new worker binary is a whole handshake.

const { setTimeout: sleep } = require('node:timers/promises');
const { IceDtlsClient } = require('./ice_dtls_client');
const { MediaEngine } = require('./media_engine');
const { parseOptions } = require('./options');

const TIMEOUT_MS = 10000;

async function main() {
  const engine = await MediaEngine.create(parseOptions(['--host', '127.0.0.1']));
  engine.once('died', (error) => {
    console.error(`the worker died: ${error.message}`);
    process.exit(1);
  });
  const transport = await engine.createWebRtcTransport(await engine.createRouter(), {});
  const client = new IceDtlsClient();
  try {
    await transport.connect({ dtlsParameters: client.dtlsParameters });
    await client.start(transport);
    const deadline = Date.now() + TIMEOUT_MS;
    while (transport.dtlsState !== 'connected') {
      const { iceState, dtlsState } = transport;
      if (Date.now() > deadline) throw new Error(`no DTLS session: ICE ${iceState}, DTLS ${dtlsState}`);
      await sleep(20);
    }
  } finally {
    client.close();
    await engine.close();
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
