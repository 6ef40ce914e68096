'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { chromium } = require('playwright-core');
const { ServerProcess, until } = require('../../server/test/support');
const { Cosoup } = require('./cosoup');
const { PATIENCE_MS } = require('./patience');
const { Person } = require('./person');

const TEST_TIMEOUT_MS = 120000;

function launchChromium() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: false, // which has no use for root
    args: [
      '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
      '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
    ],
  });
}

/** One test's room and everybody in it. */
class RoomFixture {
  #people = [];
  #folders = [];

  constructor(server, browser, roomId) {
    this.server = server;
    this.browser = browser;
    this.id = roomId;
  }

  /** Someone with a browser; `prepare` as Person.enter() has it. */
  async person(name, prepare) {
    const person = await Person.enter(this.browser, this.server.httpUrl, this.id, name, prepare);
    this.#people.push(person);
    return person;
  }

  /** cosoup-launch with these options. */
  cosoup(name, ...options) {
    const cosoup = new Cosoup(this.server.url, this.id, name, options);
    this.#people.push(cosoup);
    return cosoup;
  }

  /** The server's view of a peer, once it has joined and `holds` is true of it. */
  peer(peerId, what, holds) {
    return until(`${peerId}: ${what}`, async () => {
      const { status } = await this.server.get(`/test/rooms/${this.id}`);
      if (status !== 200) return undefined;
      const peer = await this.server.peer(this.id, peerId);
      return peer?.joined && holds(peer) ? peer : undefined;
    }, PATIENCE_MS);
  }

  folder() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cosoup-browser-'));
    this.#folders.push(folder);
    return folder;
  }

  /** Ends everybody; resolves to what is wrong with how they ended. */
  async close() {
    const faults = await Promise.all(this.#people.map((person) => person.close()));
    for (const folder of this.#folders) fs.rmSync(folder, { recursive: true });
    return faults.flat();
  }

  report() {
    return [...this.#people.map((person) => person.report()),
      `---- the server\n${this.server.stderr}`].join('\n');
  }
}

/**
 * For a file of tests: a room server and a Chromium for all of them. Returns roomTest(title, body), a
 * test in a room of its own; when it fails, what everybody in the room said is printed.
 */
function useRooms(...serverOptions) {
  let server;
  let browser;
  let count = 0;
  before(async () => {
    [server, browser] = await Promise.all(
      [ServerProcess.start('--test-api', ...serverOptions), launchChromium()]);
  });
  after(() => Promise.all([browser?.close(), server?.stop()]));

  return (title, body) => test(title, { timeout: TEST_TIMEOUT_MS }, async () => {
    const room = new RoomFixture(server, browser, `room-${count += 1}`);
    const faults = [];
    try {
      await body(room);
    } catch (error) {
      faults.push(error);
    }
    faults.push(...await room.close());
    if (faults.length === 0) return;
    console.error(`${title}\n${room.report()}`);
    throw faults[0];
  });
}

module.exports = { useRooms };
